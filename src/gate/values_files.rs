//! Values files of profiles, each read once for a chart, however many profiles name it.

use std::collections::BTreeMap;

use crate::source::{Error as SourceError, FILE_LIMIT, Tree};
use crate::text::{Source, Sources};
use crate::yaml::{Document, Node};

/// Values in all these files of a chart together: each takes a hundred bytes until the chart is judged.
const VALUES_LIMIT: usize = 2_000_000;

/// Why values are not there.
#[derive(Debug, Clone)]
pub(super) enum Unread {
    /// There is no such file.
    Absent,
    /// It is none of values, which is said.
    Wrong(String),
    /// It and those before it hold more than is read, which is said.
    TooMuch(String),
}

/// The values files of a tree.
pub(super) struct ValuesFiles<'a> {
    tree: &'a dyn Tree,
    sources: &'a Sources,
    known: BTreeMap<String, Result<Vec<Node>, Unread>>,
    /// Values that may still be read; none once there were too many.
    left: Option<usize>,
}

impl<'a> ValuesFiles<'a> {
    pub(super) fn new(tree: &'a dyn Tree, sources: &'a Sources) -> Self {
        Self { tree, sources, known: BTreeMap::new(), left: Some(VALUES_LIMIT) }
    }

    /// The roots of a values file, as Helm 4 lays them over each other.
    ///
    /// # Errors
    /// Why there are none.
    pub(super) fn read(&mut self, path: &str) -> Result<Vec<Node>, Unread> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let read = self.within_limit(path);
        self.known.insert(path.to_owned(), read.clone());
        read
    }

    fn within_limit(&mut self, path: &str) -> Result<Vec<Node>, Unread> {
        let left = self.left.ok_or_else(too_much)?;
        let roots = read(self.tree, path, self.sources)?;
        self.left = left.checked_sub(roots.iter().map(Node::weight).sum());
        self.left.map(|_| roots).ok_or_else(too_much)
    }
}

fn too_much() -> Unread {
    Unread::TooMuch(format!("the values files of the chart's profiles hold more than {VALUES_LIMIT} values together"))
}

/// The roots of a values file, as Helm 4 lays them over each other.
fn read(tree: &dyn Tree, path: &str, sources: &Sources) -> Result<Vec<Node>, Unread> {
    let data = tree.read(path, FILE_LIMIT).map_err(|error| match error {
        SourceError::NotFound { .. } => Unread::Absent,
        error => Unread::Wrong(error.to_string()),
    })?;
    let text = String::from_utf8(data).map_err(|_| Unread::Wrong(format!("the values file `{path}` is not UTF-8")))?;
    let id = sources.add(Source::new(tree.shown(path), tree.address(path), text));
    let documents = Document::parse_values(id, &sources.get(id).text);
    let documents = documents.map_err(|error| {
        let place = sources.start(error.location);
        Unread::Wrong(format!("the values file `{path}` is not YAML: {error} (line {})", place.line))
    })?;
    let values = |root: Node| match &root {
        root if !root.is_null() && root.as_map().is_none() => {
            Err(Unread::Wrong(format!("the values file `{path}` is {}, not a mapping", root.kind())))
        }
        _ => Ok(root),
    };
    documents.into_iter().map(|document| values(document.root)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    #[test]
    fn a_file_is_held_once_and_all_of_them_have_a_bound() {
        let file = |text: &str| text.as_bytes().into();
        let files =
            [("a.yaml", file("a: { b: 1 }\n")), ("b.yaml", file("a: [1, 2, 3, 4]\n")), ("c.yaml", file("{}\n"))];
        let tree = Memory::new("", files.map(|(path, data)| (path.to_owned(), data)).into());
        let sources = Sources::new();
        let mut files = ValuesFiles { left: Some(8), ..ValuesFiles::new(&tree, &sources) };
        let mut map = || {
            let roots = files.read("a.yaml").expect("it is there");
            std::ptr::from_ref(roots[0].as_map().expect("a mapping"))
        };
        assert_eq!(map(), map());
        assert!(matches!(files.read("none.yaml"), Err(Unread::Absent)));
        for path in ["b.yaml", "c.yaml"] {
            assert!(matches!(files.read(path), Err(Unread::TooMuch(_))), "{path}");
        }
        assert!(files.read("a.yaml").is_ok(), "what was read is there");
    }
}
