//! Which repositories of other users the environment calls safe (git-config(1): `safe.directory`, `GIT_CONFIG_COUNT`). The library reads
//! the setting from files alone, and a container may have none.
#![expect(clippy::disallowed_methods, reason = "git's own variables are part of its configuration")]

use std::path::Path;

/// Whether the variables name a folder as safe, as they do for git itself.
pub(super) fn is_named(folder: &Path) -> bool {
    let text = |name: String| std::env::var(name).ok();
    let count = text("GIT_CONFIG_COUNT".to_owned()).and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
    let pairs = (0..count)
        .map_while(|at| Some((text(format!("GIT_CONFIG_KEY_{at}"))?, text(format!("GIT_CONFIG_VALUE_{at}"))?)));
    covers(pairs, folder)
}

fn covers(pairs: impl Iterator<Item = (String, String)>, folder: &Path) -> bool {
    let named = pairs.filter(|(key, _)| key.eq_ignore_ascii_case("safe.directory"));
    // An empty value takes back those before it.
    named.fold(false, |is_safe, (_, value)| match value.as_str() {
        "" => false,
        "*" => true,
        value => is_safe || names(value, folder),
    })
}

fn names(value: &str, folder: &Path) -> bool {
    match value.strip_suffix("/*") {
        Some(above) => folder.starts_with(above) && folder != Path::new(above),
        None => folder == Path::new(value),
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, covers};

    #[test]
    fn a_folder_is_safe_by_name_from_above_or_with_all_others() {
        for (values, is_safe) in [
            (vec!["/work"], true),
            (vec!["/*"], true),
            (vec!["*"], true),
            (vec!["*", ""], false),
            (vec!["", "/work/"], true),
            (vec!["/work/*"], false),
            (vec!["/workshop", "work", "."], false),
            (vec![], false),
        ] {
            let pairs = values.iter().map(|value| ("Safe.Directory".to_owned(), (*value).to_owned()));
            assert_eq!(covers(pairs, Path::new("/work")), is_safe, "{values:?}");
        }
        let other = [("core.worktree".to_owned(), "*".to_owned())];
        assert!(!covers(other.into_iter(), Path::new("/work")));
    }
}
