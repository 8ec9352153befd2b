//! Path patterns of the configuration: `*` and `?` within a folder, `**` across folders.

use std::fmt;

use crate::source::{below, join};

/// A pattern over `/`-separated paths, relative to the folder of the file that it stands in.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    /// That folder as reports name it; `""` for their root.
    folder: String,
    matcher: regex::Regex,
}

impl Pattern {
    /// Reads a pattern of a file in a folder. A leading `./` and a trailing `/` mean nothing.
    ///
    /// # Errors
    /// A sentence on what is wrong with it.
    pub fn new(text: &str, folder: &str) -> Result<Self, String> {
        if text.starts_with('/') || text.split('/').any(|part| part == "..") {
            return Err(format!("`{text}` leads out of the configuration's folder"));
        }
        if text.starts_with('!') {
            return Err(format!("`{text}` leaves nothing out: a pattern names what counts, and `!` is no part of it"));
        }
        let matcher = regex::Regex::new(&format!("^{}$", translate(trim(text))));
        let matcher = matcher.map_err(|_| format!("`{text}` is too long for a pattern"))?;
        Ok(Self { text: text.to_owned(), folder: folder.to_owned(), matcher })
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
        let text = trim(&self.text);
        let fixed = match text.find(['*', '?']) {
            Some(wildcard) => text[..wildcard].rfind('/').map_or("", |slash| &text[..slash]),
            None => text,
        };
        join(&self.folder, fixed)
    }

    /// Whether it names one path alone.
    pub fn is_literal(&self) -> bool {
        !self.text.contains(['*', '?'])
    }

    /// The pattern with its folder, as reports name it.
    pub fn whole(&self) -> String {
        join(&self.folder, trim(&self.text))
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
    fn a_pattern_cannot_leave_its_folder() {
        assert!(Pattern::new("../x", "").is_err() && Pattern::new("/x", "").is_err());
    }

    #[test]
    fn a_pattern_cannot_leave_out() {
        assert!(Pattern::new("!charts/web", "").is_err() && Pattern::new("charts/!web", "").is_ok());
    }
}
