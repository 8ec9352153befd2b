//! Where people stand who read paths: what they read they can type there.

use std::path::{Component, Path, PathBuf};

/// A folder in which somebody reads paths, in the folder that reports' paths begin at.
#[derive(Debug, Clone)]
pub struct Stand {
    root: PathBuf,
    folder: PathBuf,
}

impl Stand {
    /// In a folder at or below the root; both absolute and without links.
    pub fn new(root: &Path, folder: &Path) -> Self {
        Self { root: root.to_owned(), folder: folder.to_owned() }
    }

    /// A path of reports as it is typed there.
    pub(super) fn typed(&self, path: &str) -> Option<String> {
        self.path(&self.root.join(path))
    }

    /// A file as it is typed there; none where it lies outside of the root.
    pub(super) fn path(&self, file: &Path) -> Option<String> {
        file.strip_prefix(&self.root).ok()?;
        let alike = |(one, other): &(Component<'_>, Component<'_>)| one == other;
        let common = self.folder.components().zip(file.components()).take_while(alike).count();
        let up = self.folder.components().skip(common).map(|_| "..".into());
        let down = file.components().skip(common).map(|part| part.as_os_str().to_string_lossy());
        let parts: Vec<_> = up.chain(down).collect();
        Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_folder_that_somebody_stands_in() {
        let stand = Stand::new(Path::new("/repo"), Path::new("/repo/charts/web"));
        for (file, typed) in [
            ("/repo/charts/web/values.yaml", Some("values.yaml")),
            ("/repo/charts/web", Some(".")),
            ("/repo/charts/webs/Chart.yaml", Some("../webs/Chart.yaml")),
            ("/repo/Chart.yaml", Some("../../Chart.yaml")),
            ("/repository/Chart.yaml", None),
            ("/elsewhere/values.yaml", None),
        ] {
            assert_eq!(stand.path(Path::new(file)).as_deref(), typed, "{file}");
        }
        let at_root = Stand::new(Path::new("/repo"), Path::new("/repo"));
        assert_eq!(at_root.path(Path::new("/repo/a/b.yaml")).as_deref(), Some("a/b.yaml"));
    }
}
