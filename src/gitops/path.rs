//! Paths inside a repository, as GitOps files write them relative to their own folder.

/// `relative` as seen from `folder`, without `.` and `..`; `None` where it leads out of the repository.
pub(super) fn join(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = if relative.starts_with('/') { vec![] } else { split(folder).collect() };
    for part in split(relative) {
        match part {
            "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a path; `""` at the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a reference leads over the network.
pub(super) fn is_remote(reference: &str) -> bool {
    reference.contains("://") || reference.starts_with("git@") || reference.starts_with("github.com/")
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
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
}
