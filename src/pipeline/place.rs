//! Where a script stands in the repository, and which of its files the paths in it name.

use crate::source::normal;

/// Ways to name the root of the repository.
const ROOTS: [&str; 6] = [
    "$(git rev-parse --show-toplevel)",
    "$CI_PROJECT_DIR",
    "$CI_WORKSPACE",
    "$GITHUB_WORKSPACE",
    "${{github.workspace}}",
    "${{env.GITHUB_WORKSPACE}}",
];
/// Ways to name the folder that a script runs in.
const CURRENT: [&str; 2] = ["$(pwd)", "$PWD"];
/// Parts of what names the folder that a script lies in.
const OWN: [&str; 3] = ["dirname", "BASH_SOURCE", "${0"];

/// Bytes of the longest path of a folder that is followed.
const LONGEST: usize = 512;

/// Where a script stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The folder that it runs in.
    pub folder: String,
    /// The folder that its file lies in.
    pub home: String,
    /// Whether it may run in another folder, which is not known.
    pub is_lost: bool,
    /// The folder before, for `cd -`.
    was: String,
}

impl Place {
    /// In a folder, with the file in another.
    pub(super) fn new(folder: impl Into<String>, home: impl Into<String>) -> Self {
        let folder = folder.into();
        Self { home: home.into(), is_lost: false, was: folder.clone(), folder }
    }

    /// Steps of following a path from here.
    pub(super) fn weight(&self) -> usize {
        8 + self.folder.len() / 2
    }

    /// Goes to a folder as `cd` does.
    pub(super) fn go(&mut self, to: Option<&str>) {
        let found = match to {
            Some("-") => Some(self.was.clone()),
            Some(to) if is_guessed(to) => None,
            Some(to) => self.path(to),
            None => None,
        };
        let found = found.filter(|folder| folder.len() <= LONGEST);
        self.is_lost = found.is_none() || (self.is_lost && to.is_some_and(|to| !to.starts_with('$')));
        if let Some(found) = found {
            self.was = std::mem::replace(&mut self.folder, found);
        }
    }

    /// The path of the repository that a word names; none where it leads out, or to where nobody knows.
    pub(super) fn path(&self, word: &str) -> Option<String> {
        let braced = unbraced(word);
        if let Some(rest) = ROOTS.iter().find_map(|root| braced.strip_prefix(root)) {
            return below("", rest);
        }
        if let Some(rest) = CURRENT.iter().find_map(|current| braced.strip_prefix(current)) {
            return below(&self.folder, rest);
        }
        if !word.starts_with('$') {
            let is_known = !word.starts_with(['/', '~']) && !word.contains('$');
            return normal(&self.folder, word).filter(|_| is_known);
        }
        // `$(dirname "$0")/lib.sh`, and variables, which mostly hold as much.
        below(
            &self.home,
            &word[word.rfind(['}', ')']).map_or_else(|| word.find('/').unwrap_or(word.len()), |end| end + 1)..],
        )
    }
}

/// Whether a word that is no path begins with a variable of which nothing is known.
fn is_guessed(word: &str) -> bool {
    let braced = unbraced(word);
    let is_known = ROOTS.iter().chain(&CURRENT).any(|known| braced.starts_with(known));
    word.starts_with('$') && !is_known && !OWN.iter().any(|part| word.contains(part))
}

/// `${NAME}` at the beginning as `$NAME`.
fn unbraced(word: &str) -> String {
    let parts = word.strip_prefix("${").and_then(|rest| rest.split_once('}'));
    match parts {
        Some((name, rest)) if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
            format!("${name}{rest}")
        }
        _ => word.to_owned(),
    }
}

/// A path below a folder, as it is written behind the folder.
fn below(folder: &str, rest: &str) -> Option<String> {
    let is_path = rest.is_empty() || rest.starts_with('/');
    normal(folder, rest).filter(|_| is_path && !rest.contains('$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_followed_as_far_as_it_is_named() {
        let after = |ways: &[&str]| {
            let mut place = Place::new("a", "hack");
            for way in ways {
                place.go(Some(way));
            }
            (place.folder, place.is_lost)
        };
        for (ways, folder, is_lost) in [
            (&["b"][..], "a/b", false),
            (&["b", ".."], "a", false),
            (&["b", "-"], "a", false),
            (&["$(dirname \"$0\")"], "hack", false),
            (&["${0%/*}/.."], "", false),
            (&["$(dirname \"${BASH_SOURCE[0]}\")/x"], "hack/x", false),
            (&["${GITHUB_WORKSPACE}/c"], "c", false),
            (&["$X"], "a", true),
            (&["$X", "b"], "a/b", true),
            (&["$X", "$(git rev-parse --show-toplevel)"], "", false),
            (&["/tmp"], "a", true),
            (&["../.."], "a", true),
        ] {
            assert_eq!(after(ways), (folder.to_owned(), is_lost), "{ways:?}");
        }
    }
}
