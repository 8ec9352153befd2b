//! Where Helm 4 cuts a values file into documents: at each line that begins with `---`, before anything is read as YAML
//! (`YAMLReader` in `apimachinery/pkg/util/yaml/decoder.go`).

use super::Error;
use crate::text::{Location, SourceId, Span};

/// What a line that is a separator begins with.
const SEPARATOR: &str = "---";

/// Refuses what is YAML as a whole and no longer is once it is cut.
pub(super) fn check(source: SourceId, text: &str) -> Result<(), Error> {
    let refused = |at: usize, length: usize, message: String| {
        Err(Error { message, location: Location::new(source, Span::new(at, at + length)), is_limit: false })
    };
    let (mut offset, mut is_first) = (0, true);
    for line in text.split_inclusive('\n') {
        let at = offset;
        offset += line.len();
        let written = line.trim();
        if let Some(behind) = line.strip_prefix(SEPARATOR).map(str::trim) {
            if !behind.is_empty() && !behind.starts_with('#') {
                let message =
                    format!("more than a comment stands behind `{SEPARATOR}`, which Helm 4 refuses in values");
                return refused(at, line.trim_end().len(), message);
            }
            is_first = true;
        } else if is_first && line.starts_with('%') {
            let message = "a directive stands here, which Helm 4 refuses in values";
            return refused(at, written.len(), message.to_owned());
        } else if !written.is_empty() && !written.starts_with('#') {
            is_first = false;
        }
    }
    Ok(())
}
