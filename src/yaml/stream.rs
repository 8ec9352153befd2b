//! Where Helm 4 cuts a values file into documents: at each line that begins with `---`, before anything is read as YAML
//! (`YAMLReader` in `apimachinery/pkg/util/yaml/decoder.go`). Of each part it reads the first document alone.

use super::Error;
use crate::text::{Location, SourceId, Span};

/// What a line that is a separator begins with.
const SEPARATOR: &str = "---";
/// What a line that ends a document begins with.
const END: &str = "...";

/// Refuses what is YAML as a whole and no longer is once it is cut, and what Helm would not read.
pub(super) fn check(source: SourceId, text: &str) -> Result<(), Error> {
    let (mut offset, mut part) = (0, Part::Empty);
    for line in text.split_inclusive('\n') {
        let at = Location::new(source, Span::new(offset, offset + line.trim_end().len()));
        offset += line.len();
        part = part.behind(line).map_err(|message| Error { message, location: at, is_limit: false })?;
    }
    Ok(())
}

/// How far a part was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Nothing but comments so far.
    Empty,
    /// Its document has begun.
    Begun,
    /// Its document was ended.
    Ended,
}

impl Part {
    /// What it is behind a further line; why Helm does not take that line.
    fn behind(self, line: &str) -> Result<Self, String> {
        if let Some(behind) = line.strip_prefix(SEPARATOR).map(str::trim) {
            if behind.is_empty() || behind.starts_with('#') {
                return Ok(Self::Empty);
            }
            return Err(format!("more than a comment stands behind `{SEPARATOR}`, which Helm 4 refuses in values"));
        }
        let is_end =
            line.strip_prefix(END).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        let is_blank = line.trim().is_empty() || line.trim().starts_with('#');
        match self {
            Self::Empty if is_end => {
                Err(format!("`{END}` ends a document that has not begun, which Helm 4 refuses in values"))
            }
            Self::Empty if line.starts_with('%') => {
                Err("a directive stands here, which Helm 4 refuses in values".to_owned())
            }
            Self::Ended if !is_blank && !is_end => {
                Err(format!("this stands behind `{END}`, where Helm reads no values: write `{SEPARATOR}` instead"))
            }
            Self::Begun if is_end => Ok(Self::Ended),
            Self::Empty if !is_blank => Ok(Self::Begun),
            _ => Ok(self),
        }
    }
}
