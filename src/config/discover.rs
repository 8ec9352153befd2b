//! Finds the configuration file that counts for a chart: the nearest one upwards, to the tree's root.

use std::collections::BTreeMap;

use crate::source::{self, Tree, join};

/// The names a configuration file may have. A folder has one of them, since a second one would count for nothing.
pub const NAMES: [&str; 4] = [".chartgate.yaml", ".chartgate.yml", "chartgate.yaml", "chartgate.yml"];

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

/// Why it cannot be told which configuration counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A file of such a name is there and cannot be read.
    #[error(transparent)]
    Unread(#[from] source::Error),
    /// A folder has two.
    #[error("`{first}` and `{second}` are both there, and only one of them can count")]
    Two {
        /// Path of the one below the tree's root.
        first: String,
        /// Path of the other.
        second: String,
    },
}

impl Error {
    /// The words that mend it.
    pub fn help(&self) -> String {
        match self {
            Self::Unread(_) => "make the configuration readable".to_owned(),
            Self::Two { first, second } => format!("put into `{first}` what counts, and remove `{second}`"),
        }
    }
}

/// The configuration file nearest to a folder, looking upwards from it.
///
/// # Errors
/// Where a file of such a name is there and cannot be read, or a folder has two.
pub fn nearest(tree: &dyn Tree, folder: &str) -> Result<Option<Found>, Error> {
    Search::default().nearest(tree, folder)
}

/// Searches for many folders of one tree: those above them are looked into once.
#[derive(Debug, Default)]
pub struct Search {
    /// What each folder above another one has.
    known: BTreeMap<String, Option<Found>>,
}

impl Search {
    /// As [`nearest`], in the same tree each time.
    ///
    /// # Errors
    /// As [`nearest`].
    pub fn nearest(&mut self, tree: &dyn Tree, folder: &str) -> Result<Option<Found>, Error> {
        let mut found = of_folder(tree, folder)?;
        let root = (!folder.is_empty()).then_some("");
        for above in source::upwards(folder).skip(1).chain(root) {
            if found.is_some() {
                break;
            }
            found = match self.known.get(above) {
                Some(known) => known.clone(),
                None => self.known.entry(above.to_owned()).or_insert(of_folder(tree, above)?).clone(),
            };
        }
        Ok(found)
    }
}

/// The configuration file in a folder.
///
/// # Errors
/// As [`nearest`].
pub fn of_folder(tree: &dyn Tree, folder: &str) -> Result<Option<Found>, Error> {
    let mut found: Option<Found> = None;
    for path in NAMES.map(|name| join(folder, name)) {
        match (tree.read(&path, LIMIT), &found) {
            (Err(source::Error::NotFound { .. }), _) => tree.confirm_absent(&path)?,
            (Err(error), _) => return Err(error.into()),
            (Ok(_), Some(Found { path: first, .. })) => return Err(Error::Two { first: first.clone(), second: path }),
            (Ok(data), None) => found = Some(Found { path, folder: folder.to_owned(), data }),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::source::{Entry, Error as SourceError};
    use crate::text::Address;

    #[derive(Debug)]
    struct Files(BTreeMap<&'static str, &'static str>);

    impl Tree for Files {
        fn list(&self, _: &str) -> Result<Vec<Entry>, SourceError> {
            Ok(vec![])
        }

        fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, SourceError> {
            let text = self.0.get(path).ok_or_else(|| SourceError::NotFound { path: path.to_owned() })?;
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
    fn the_nearest_file_upwards_counts() {
        let tree = Files(BTreeMap::from([
            (".chartgate.yaml", "a"),
            ("charts/chartgate.yaml", "b"),
            ("charts/x/.chartgate.yml", "c"),
        ]));
        let path = |folder| nearest(&tree, folder).expect("readable").map(|found| found.path);
        assert_eq!(path("charts/x").as_deref(), Some("charts/x/.chartgate.yml"));
        assert_eq!(path("charts/y/z").as_deref(), Some("charts/chartgate.yaml"));
        assert_eq!(path("other").as_deref(), Some(".chartgate.yaml"));
        assert_eq!(nearest(&Files(BTreeMap::new()), "a/b"), Ok(None));
    }

    #[test]
    fn two_in_one_folder_are_an_error() {
        let tree = Files(BTreeMap::from([("a/.chartgate.yml", "a"), ("a/chartgate.yaml", "b")]));
        let error = nearest(&tree, "a/b").expect_err("there are two");
        assert_eq!(
            error.to_string(),
            "`a/.chartgate.yml` and `a/chartgate.yaml` are both there, and only one of them can count"
        );
    }
}
