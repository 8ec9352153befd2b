//! Paths inside a repository, as GitOps files write them relative to their own folder.

use crate::source::normal;

/// `relative` as seen from `folder`, or from the root where it begins with `/`; `None` where it leads out of the repository.
pub(super) fn join(folder: &str, relative: &str) -> Option<String> {
    normal(if relative.starts_with('/') { "" } else { folder }, relative)
}

/// The folder of a path; `""` at the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a reference leads over the network.
pub(super) fn is_remote(reference: &str) -> bool {
    const STARTS: [&str; 4] = ["git@", "git::", "github.com/", "github.com:"];
    let has_scheme = reference.contains("://") || reference.contains("?ref=");
    has_scheme || STARTS.iter().any(|start| reference.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_its_folder_and_stays_in_the_repository() {
        assert_eq!(join("a/b/c", "../../x/./y.yaml").as_deref(), Some("a/x/y.yaml"));
        assert_eq!(join("a/b", "/x").as_deref(), Some("x"));
        assert_eq!(join("a", "../.."), None);
    }

    #[test]
    fn what_kustomize_clones_is_remote() {
        let remote = [
            "https://x/y",
            "git@x:y/z",
            "github.com/a/b",
            "github.com:a/b.git/c?ref=main",
            "git::x",
            "x.org/a/b?ref=v1",
        ];
        assert!(remote.iter().all(|each| is_remote(each)));
        assert!(!["../base", "github/x", "a/b.git"].iter().any(|each| is_remote(each)));
    }
}
