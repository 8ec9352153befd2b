//! Charts under a version that a pipeline sets, as `helm package --version` does it: their files carry a placeholder.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Error;
use crate::chart::Version;
use crate::source::{Error as SourceError, FILE_LIMIT, Overlay, Tree, join};
use crate::text::{Address, Source, Sources};
use crate::yaml::Document;

/// What is set in place of what Chart.yaml says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versioned {
    /// `version`.
    pub version: Option<String>,
    /// `appVersion`.
    pub app_version: Option<String>,
}

impl Versioned {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.version.is_none() && self.app_version.is_none()
    }
}

/// The tree of a chart with what is set in its Chart.yaml. A Chart.yaml that cannot be read or is no mapping stays as it is, which
/// loading the chart says.
///
/// # Errors
/// Where the version is none.
pub(super) fn versioned(given: &Versioned, tree: Arc<dyn Tree>, folder: &str) -> Result<Arc<dyn Tree>, Error> {
    if let Some(version) = given.version.as_ref().filter(|version| Version::parse(version).is_none()) {
        return Err(Error::usage(format!("`{version}` is no version"), "write it as `1.2.3`"));
    }
    let path = join(folder, "Chart.yaml");
    let data = match tree.read(&path, FILE_LIMIT) {
        Ok(data) => data,
        Err(error @ SourceError::Unreadable { .. }) => {
            return Err(Error::usage(error.to_string(), error.remedy()));
        }
        Err(_) => return Ok(tree),
    };
    let Ok(text) = String::from_utf8(data) else { return Ok(tree) };
    let keys = [("version", &given.version), ("appVersion", &given.app_version)];
    let set = keys.into_iter().fold(text, |text, (key, value)| match value {
        Some(value) => with(&text, key, value),
        None => text,
    });
    Ok(Arc::new(Overlay::new(tree, BTreeMap::from([(path, Arc::from(set.into_bytes()))]))))
}

/// A mapping in block style with the value of a key replaced, or the key added where there is none; every other byte stays.
fn with(text: &str, key: &str, value: &str) -> String {
    let sources = Sources::new();
    let id = sources.add(Source::new("Chart.yaml", Address::Rendered, text));
    let quoted = serde_json::Value::from(value).to_string();
    match Document::parse(id, text) {
        Ok(document) if document.root.as_map().is_some() => match document.root.get(key) {
            Some(node) => {
                let span = node.location.span.range();
                format!("{}{quoted}{}", &text[..span.start], &text[span.end..])
            }
            None => format!("{key}: {quoted}\n{text}"),
        },
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::with;

    #[test]
    fn a_value_is_replaced_where_it_stands_and_added_where_it_does_not() {
        for (text, expected) in [
            ("version: 0.0.0 # set by the pipeline\nname: a\n", "version: \"1.2.3\" # set by the pipeline\nname: a\n"),
            ("name: a\nversion: '0.0.0'\n", "name: a\nversion: \"1.2.3\"\n"),
            ("name: a\n", "version: \"1.2.3\"\nname: a\n"),
            ("- a\n", "- a\n"),
        ] {
            assert_eq!(with(text, "version", "1.2.3"), expected);
        }
    }
}
