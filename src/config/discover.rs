//! Finds the configuration file that counts for a chart: the nearest one upwards, to the tree's root.

use crate::source::{Error, Tree};

/// The names a configuration file may have; the first that a folder has counts.
pub const NAMES: [&str; 2] = [".chartgate.yaml", "chartgate.yaml"];

/// Largest configuration file, in bytes.
pub const LIMIT: u64 = 1024 * 1024;

/// A configuration file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path below the tree's root.
    pub path: String,
    /// Its folder below the tree's root, `""` for the root.
    pub folder: String,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// The configuration file nearest to a folder, looking upwards from it.
///
/// # Errors
/// Where a file of such a name is there and cannot be read.
pub fn nearest(tree: &dyn Tree, folder: &str) -> Result<Option<Found>, Error> {
    let mut folder = folder;
    loop {
        for name in NAMES {
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            match tree.read(&path, LIMIT) {
                Ok(data) => return Ok(Some(Found { path, folder: folder.to_owned(), data })),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        if folder.is_empty() {
            return Ok(None);
        }
        folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::source::Entry;
    use crate::text::Address;

    #[derive(Debug)]
    struct Files(BTreeMap<&'static str, &'static str>);

    impl Tree for Files {
        fn list(&self, _: &str) -> Result<Vec<Entry>, Error> {
            Ok(vec![])
        }

        fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, Error> {
            let text = self.0.get(path).ok_or_else(|| Error::NotFound { path: path.to_owned() })?;
            Ok(text.as_bytes().to_vec())
        }

        fn address(&self, _: &str) -> Address {
            Address::Rendered
        }

        fn shown(&self, path: &str) -> String {
            path.to_owned()
        }
    }

    #[test]
    fn the_nearest_file_upwards_counts_and_the_hidden_one_first() {
        let tree = Files(BTreeMap::from([
            (".chartgate.yaml", "a"),
            ("charts/chartgate.yaml", "b"),
            ("charts/x/.chartgate.yaml", "c"),
            ("charts/x/chartgate.yaml", "d"),
        ]));
        let path = |folder| nearest(&tree, folder).expect("readable").map(|found| found.path);
        assert_eq!(path("charts/x").as_deref(), Some("charts/x/.chartgate.yaml"));
        assert_eq!(path("charts/y/z").as_deref(), Some("charts/chartgate.yaml"));
        assert_eq!(path("other").as_deref(), Some(".chartgate.yaml"));
        assert_eq!(nearest(&Files(BTreeMap::new()), "a/b"), Ok(None));
    }
}
