//! Patterns for paths, in the ways in which Argo CD and Flux read them. They become regular expressions, which take no longer than
//! pattern times path.

use regex::Regex;

/// Which tool's pattern it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// Go's `path.Match`: no star goes beyond a name.
    Names,
    /// `doublestar`: `**` stands for any folders, `{a,b}` for one of several.
    Folders,
    /// `git ls-files`: a star goes beyond names.
    Anything,
    /// Go's `path.Match` as Flux has changed it for texts: slashes are letters like others.
    Text,
    /// `gobwas/glob` without separators, as Argo CD has it for the files of a folder: a star goes beyond names, `{a,b}` is one of several.
    Letters,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct Glob(Regex);

/// Whether a path has signs of a pattern in it.
pub(super) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// The folder that a pattern names before its first sign.
pub(super) fn fixed(pattern: &str) -> &str {
    let fixed = pattern.split(['*', '?', '[', '{', '\\']).next().unwrap_or("");
    super::path::folder(fixed)
}

impl Glob {
    /// # Errors
    /// In words, for what is no pattern or one too large.
    pub(super) fn new(pattern: &str, flavour: Flavour) -> Result<Self, String> {
        let wrong = || format!("`{pattern}` is no pattern of paths");
        let expression = translated(pattern, flavour).ok_or_else(wrong)?;
        Regex::new(&format!("(?s)^{expression}$")).map(Self).map_err(|_| wrong())
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

impl Flavour {
    fn crosses_names(self) -> bool {
        matches!(self, Self::Anything | Self::Text | Self::Letters)
    }

    fn has_alternatives(self) -> bool {
        matches!(self, Self::Folders | Self::Letters)
    }

    /// What begins a class of letters that are not wanted.
    fn negates(self, letter: char) -> bool {
        letter == '^' || letter == '!' && matches!(self, Self::Folders | Self::Anything)
    }
}

/// How many bytes from the start of a text a pattern takes: the least that is something, or the most. What is no pattern takes none.
///
/// # Errors
/// In words, where the pattern is larger than is followed.
pub(super) fn at_start(pattern: &str, text: &str, is_longest: bool) -> Result<usize, String> {
    let Some(expression) = translated(pattern, Flavour::Text) else { return Ok(0) };
    // Without its flag a star takes as little as it may.
    let flags = if is_longest { "s" } else { "sU" };
    let regex = Regex::new(&format!("(?{flags})^{expression}"))
        .map_err(|_| format!("the pattern `{pattern}` cannot be followed"))?;
    let first = || text.chars().next().map_or(0, char::len_utf8);
    Ok(regex.find(text).map_or(0, |found| if found.is_empty() { first() } else { found.end() }))
}

fn translated(pattern: &str, flavour: Flavour) -> Option<String> {
    let mut out = String::new();
    let mut letters = pattern.chars().peekable();
    let mut alternatives = 0;
    let mut at_start = true;
    while let Some(letter) = letters.next() {
        let starts_name = std::mem::replace(&mut at_start, letter == '/');
        match letter {
            '*' if flavour.crosses_names() => out.push_str(".*"),
            '*' if flavour == Flavour::Folders && starts_name && letters.peek() == Some(&'*') => {
                letters.next();
                match letters.peek() {
                    None => out.push_str(".*"),
                    Some('/') => {
                        letters.next();
                        at_start = true;
                        out.push_str("(?:.*/)?");
                    }
                    Some(_) => out.push_str("[^/]*"),
                }
            }
            '*' => out.push_str("[^/]*"),
            '?' if flavour.crosses_names() => out.push('.'),
            '?' => out.push_str("[^/]"),
            '[' if flavour == Flavour::Letters => out.push_str(&range(&mut letters)?),
            '[' => out.push_str(&class(&mut letters, flavour)?),
            '\\' if flavour == Flavour::Letters && letters.peek().is_none() => {}
            '\\' => out.push_str(&regex::escape(&letters.next()?.to_string())),
            '{' if flavour.has_alternatives() => {
                alternatives += 1;
                out.push_str("(?:");
            }
            '}' if alternatives > 0 => {
                alternatives -= 1;
                out.push(')');
            }
            ',' if alternatives > 0 => out.push('|'),
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    if flavour == Flavour::Letters {
        // What is open at the end counts as closed.
        out.push_str(&")".repeat(std::mem::take(&mut alternatives)));
    }
    (alternatives == 0).then_some(out)
}

/// One range of letters, or a list of letters, behind its `[`, as `gobwas/glob` reads them.
fn range(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let sign = if letters.next_if_eq(&'!').is_some() { "^" } else { "" };
    let first = letters.next()?;
    if letters.next_if_eq(&'-').is_some() {
        let last = letters.next()?;
        let is_range = letters.next() == Some(']') && first <= last;
        return is_range.then(|| format!("[{sign}{}-{}]", escaped(first), escaped(last)));
    }
    let (mut inner, mut next) = (String::new(), Some(first));
    loop {
        match next? {
            ']' => break,
            '\\' => inner.push_str(&escaped(letters.next()?)),
            letter => inner.push_str(&escaped(letter)),
        }
        next = letters.next();
    }
    (!inner.is_empty()).then(|| format!("[{sign}{inner}]"))
}

/// A class of letters behind its `[`.
fn class(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, flavour: Flavour) -> Option<String> {
    let is_negated = letters.next_if(|next| flavour.negates(*next)).is_some();
    let mut inner = String::new();
    loop {
        match letters.next()? {
            ']' if !inner.is_empty() => break,
            '-' => inner.push('-'),
            '\\' => inner.push_str(&regex::escape(&letters.next()?.to_string())),
            letter => inner.push_str(&escaped(letter)),
        }
    }
    let sign = if is_negated { "^" } else { "" };
    Some(if flavour.crosses_names() { format!("[{sign}{inner}]") } else { format!("[[{sign}{inner}]&&[^/]]") })
}

fn escaped(letter: char) -> String {
    if letter.is_alphanumeric() { letter.to_string() } else { format!("\\{letter}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(flavour: Flavour, pattern: &str, path: &str) -> bool {
        Glob::new(pattern, flavour).expect("a pattern").matches(path)
    }

    #[test]
    fn each_tool_has_stars_of_its_own() {
        use Flavour::{Anything, Folders, Names};
        assert!(
            found(Names, "apps/*", "apps/web") && !found(Names, "apps/*", "apps/web/a") && !found(Names, "**", "a/b")
        );
        assert!(
            found(Anything, "apps/*.json", "apps/web/a.json") && found(Anything, "apps/**/c.json", "apps/a/c.json")
        );
        for path in ["a/c.yaml", "a/b/c.yaml", "a/b/b/c.yaml"] {
            assert!(found(Folders, "a/**/c.yaml", path), "{path}");
        }
        assert!(found(Folders, "a/{b,c}/*.y?ml", "a/c/x.yaml") && !found(Folders, "a/*.yaml", "a/b/c.yaml"));
        assert!(
            found(Folders, "envs/[!p]*.yaml", "envs/dev.yaml") && !found(Folders, "envs/[!p]*.yaml", "envs/prod.yaml")
        );
        assert!(found(Names, "[!p]*", "!dev") && !found(Names, "[!p]*", "dev") && found(Names, "[^p]*", "dev"));
        assert!(found(Anything, "a[^b]c", "a/c") && !found(Folders, "a[^b]c", "a/c"));
        assert!(Glob::new("a[", Folders).is_err() && Glob::new("{a", Folders).is_err());
    }

    #[test]
    fn files_of_a_folder_are_matched_as_gobwas_does() {
        let is_found = |pattern, path| found(Flavour::Letters, pattern, path);
        for (pattern, path) in [
            ("*.yaml", "a/b.yaml"),
            ("{dev,a/*}.yaml", "a/b.yaml"),
            ("{a,{b,c}}", "c"),
            ("{a", "a"),
            ("a}", "a}"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "/x"),
            ("[^a]x", "^x"),
            ("[a.]x", ".x"),
            ("a?c", "a/c"),
            ("a\\*", "a*"),
        ] {
            assert!(is_found(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in
            [("*.yaml", "a.yml"), ("[a-c]x", "dx"), ("[^a]x", "bx"), ("a\\*", "ab"), ("{a,b}", "a,b"), ("a", "b/a")]
        {
            assert!(!is_found(pattern, path), "{pattern} {path}");
        }
        for none in ["[a-cx]", "[]", "[c-a]", "[a", "e[[a*"] {
            assert!(Glob::new(none, Flavour::Letters).is_err(), "{none}");
        }
    }

    #[test]
    fn stars_do_not_multiply() {
        let pattern = format!("{}b", "*a".repeat(200));
        assert!(!found(Flavour::Names, &pattern, &"a".repeat(4_000)));
        assert!(!found(Flavour::Folders, &"**/".repeat(200), &"a/".repeat(2_000).replace("//", "/")[..3_999]));
    }
}
