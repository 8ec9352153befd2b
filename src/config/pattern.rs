//! Path patterns of the configuration: `*` and `?` within a folder, `**` across folders.

use std::fmt;

use crate::source::{below, join};

/// A pattern over `/`-separated paths, relative to the folder of the file that it stands in.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    /// The folder that `path` counts from, as reports name it; `""` for their root.
    folder: String,
    /// The pattern without `./` and `../` before it.
    path: String,
    matcher: regex::Regex,
}

impl Pattern {
    /// Reads a pattern of a file in a folder. A leading `./` and a trailing `/` mean nothing; leading `../` lead as far as the root.
    ///
    /// # Errors
    /// A sentence on what is wrong with it.
    pub fn new(text: &str, folder: &str) -> Result<Self, String> {
        let (mut folder, mut path) = (folder, trim(text));
        while let Some(rest) = path.strip_prefix("..").filter(|rest| !folder.is_empty() && is_end(rest)) {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
            path = trim(rest.trim_start_matches('/'));
        }
        if text.starts_with('/') || path.split('/').any(|part| part == "..") {
            return Err(format!("`{text}` leads out of the folder that paths count from"));
        }
        if text.starts_with('!') {
            return Err(format!("`{text}` leaves nothing out: a pattern names what counts, and `!` is no part of it"));
        }
        let matcher = regex::Regex::new(&format!("^{}$", translate(path)));
        let matcher = matcher.map_err(|_| format!("`{text}` is too long for a pattern"))?;
        Ok(Self { text: text.to_owned(), folder: folder.to_owned(), path: path.to_owned(), matcher })
    }

    /// Whether the pattern names this path, as reports name it.
    pub fn matches(&self, path: &str) -> bool {
        self.relative(path).is_some_and(|path| self.matcher.is_match(path))
    }

    /// Whether the pattern names this path or a folder above it.
    pub fn covers(&self, path: &str) -> bool {
        let Some(path) = self.relative(path) else { return false };
        let names = |path: &str| self.matcher.is_match(path);
        let mut ends = path.match_indices('/').map(|(end, _)| end);
        names(path) || names("") || ends.any(|end| names(&path[..end]))
    }

    /// The part before the first wildcard, whole folders only, as reports name it: the path itself where the pattern has none.
    pub fn fixed(&self) -> String {
        let fixed = match self.path.find(['*', '?']) {
            Some(wildcard) => self.path[..wildcard].rfind('/').map_or("", |slash| &self.path[..slash]),
            None => &self.path,
        };
        join(&self.folder, fixed)
    }

    /// Whether it names one path alone.
    pub fn is_literal(&self) -> bool {
        !self.text.contains(['*', '?'])
    }

    /// The pattern with its folder, as reports name it.
    pub fn whole(&self) -> String {
        join(&self.folder, &self.path)
    }

    /// The folder that it counts from, as reports name it; `""` for their root.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// What it would name from the root, and how to write that from its folder; none where it counts from the root.
    pub fn from_root(&self) -> Option<(Self, String)> {
        let is_here = !self.folder.is_empty() && !self.text.split('/').any(|part| part == "..");
        let upwards = || format!("{}{}", "../".repeat(self.folder.split('/').count()), self.path);
        let written = below(&self.path, &self.folder).map_or_else(upwards, str::to_owned);
        is_here.then(|| Some((Self::new(&self.path, "").ok()?, written))).flatten()
    }

    /// Whether another pattern is the same in the same folder.
    pub fn is(&self, other: &Self) -> bool {
        self.whole() == other.whole()
    }

    /// A path of reports as seen from the pattern's folder, `""` for that folder; none for a path outside it.
    fn relative<'a>(&self, path: &'a str) -> Option<&'a str> {
        let path = if path == "." { "" } else { path };
        if path == self.folder { Some("") } else { below(path, &self.folder) }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pattern({:?})", self.text)
    }
}

/// Whether a part of a path ends before this.
fn is_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

fn trim(pattern: &str) -> &str {
    let trimmed = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
    if trimmed == "." { "" } else { trimmed }
}

fn translate(pattern: &str) -> String {
    let mut expression = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let (piece, taken) = match first {
            '*' if rest.starts_with("**/") => ("(?:.*/)?".to_owned(), 3),
            '*' if rest.starts_with("**") => (".*".to_owned(), 2),
            '*' => ("[^/]*".to_owned(), 1),
            '?' => ("[^/]".to_owned(), 1),
            other => (regex::escape(other.encode_utf8(&mut [0; 4])), other.len_utf8()),
        };
        expression.push_str(&piece);
        rest = &rest[taken..];
    }
    expression
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn one_star_stays_in_its_folder_and_two_cross_folders() {
        let matches = |pattern: &str, path: &str| Pattern::new(pattern, "").expect("a pattern").matches(path);
        assert!(matches("charts/*", "charts/agents"));
        assert!(matches("./charts/*/", "charts/agents"));
        assert!(!matches("charts/*", "charts/agents/templates"));
        assert!(matches("charts/**", "charts/agents/templates/a.yaml"));
        assert!(matches("**/Chart.yaml", "Chart.yaml") && matches("**/Chart.yaml", "a/b/Chart.yaml"));
        assert!(matches("a.b?", "a.bé") && !matches("a.b", "axb"));
        assert!(matches(".", ""));
    }

    #[test]
    fn a_folder_covers_what_lies_in_it() {
        let covers = |pattern: &str, path: &str| Pattern::new(pattern, "").expect("a pattern").covers(path);
        assert!(covers("charts/agents", "charts/agents/Chart.yaml") && covers("charts/*", "charts/agents/crds/a.yaml"));
        assert!(!covers("charts/agents", "charts/agents-two/Chart.yaml"));
        assert!(covers(".", "charts/agents"));
    }

    #[test]
    fn a_pattern_is_relative_to_the_folder_of_its_file() {
        let pattern = Pattern::new("charts/*", "ops").expect("a pattern");
        assert!(pattern.matches("ops/charts/a") && !pattern.matches("charts/a") && !pattern.matches("opsx/charts/a"));
        assert!(pattern.covers("ops/charts/a/Chart.yaml") && !pattern.covers("ops"));
        assert_eq!(
            (pattern.fixed().as_str(), Pattern::new(".", "ops").expect("a pattern").fixed().as_str()),
            ("ops/charts", "ops")
        );
        assert!(
            Pattern::new(".", "ops").expect("a pattern").covers("ops/a")
                && Pattern::new(".", "").expect("a pattern").matches(".")
        );
    }

    #[test]
    fn a_pattern_leads_upwards_as_far_as_the_root() {
        for (text, folder, path) in [("../x", "ops", "x"), ("./../../x/*", "a/b", "x/y"), ("..", "ops/a", "ops")] {
            assert!(Pattern::new(text, folder).is_ok_and(|pattern| pattern.matches(path)), "{text}");
        }
        for (text, folder) in [("../x", ""), ("/x", ""), ("../../x", "ops"), ("a/../x", "ops"), ("..x/../y", "ops")] {
            assert!(Pattern::new(text, folder).is_err(), "{text}");
        }
    }

    #[test]
    fn a_pattern_cannot_leave_out() {
        assert!(Pattern::new("!charts/web", "").is_err() && Pattern::new("charts/!web", "").is_ok());
    }
}
