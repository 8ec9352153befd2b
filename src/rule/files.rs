//! Files outside the chart model that rules' parameters name. They are read before any rule looks, because a check reads nothing.

use std::collections::BTreeMap;

use crate::chart::{Chart, TextFile};
use crate::finding::{Failure, FailureKind};
use crate::source::{Error, FILE_LIMIT};
use crate::text::{Source, Sources};

/// Files by the path that named them; none behind a path at which nothing stands.
#[derive(Debug, Clone, Default)]
pub struct Files(BTreeMap<String, Option<TextFile>>);

impl Files {
    /// Reads files of the chart's tree; paths are relative to the chart's folder.
    ///
    /// What cannot be read becomes a failure; its path is then unknown to [`Files::get`].
    pub fn read<'a>(
        chart: &Chart,
        sources: &Sources,
        paths: impl IntoIterator<Item = &'a str>,
    ) -> (Self, Vec<Failure>) {
        let mut files = Self::default();
        let mut failures = vec![];
        for path in paths {
            if files.0.contains_key(path) {
                continue;
            }
            match text(chart, sources, path) {
                Ok(file) => _ = files.0.insert(path.to_owned(), file),
                Err(reason) => failures.push(
                    Failure::new(FailureKind::Read, reason)
                        .of_chart(&chart.path)
                        .help("see the rule's parameter `files`"),
                ),
            }
        }
        (files, failures)
    }

    /// The file of a path: none where nothing stands, and nothing at all where it could not be read.
    pub fn get(&self, path: &str) -> Option<Option<&TextFile>> {
        self.0.get(path).map(Option::as_ref)
    }
}

fn text(chart: &Chart, sources: &Sources, path: &str) -> Result<Option<TextFile>, String> {
    let whole = joined(&chart.folder, path).ok_or_else(|| format!("`{path}` leads out of the repository"))?;
    let bytes = match chart.tree.read(&whole, FILE_LIMIT) {
        Ok(bytes) => bytes,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let text = String::from_utf8(bytes).map_err(|_| format!("`{path}` is not UTF-8"))?;
    let source = sources.add(Source::new(chart.tree.shown(&whole), chart.tree.address(&whole), text));
    Ok(Some(TextFile { path: path.to_owned(), source, text: sources.get(source).text.clone() }))
}

/// A path below the tree's root, `.` and `..` resolved; none where it leads out of it.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn a_path_resolves_below_the_root_and_never_above_it() {
        assert_eq!(joined("charts/a", "../../README.md").as_deref(), Some("README.md"));
        assert_eq!(joined("", "./docs/./x.md").as_deref(), Some("docs/x.md"));
        assert_eq!(joined("charts", "../../x"), None);
    }
}
