//! A cheap look at a file's bytes: which words stand in it.

use memchr::{memchr, memmem};

/// What is looked for in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// Groups of words: one of each must be there.
    words: &'static [&'static [&'static str]],
    /// Other groups, which do in their place.
    or: &'static [&'static [&'static str]],
    /// Whether texts in UTF-16 are looked through as well.
    wide: bool,
}

impl Look {
    /// A look for one word of each group.
    pub const fn at(words: &'static [&'static [&'static str]]) -> Self {
        Self { words, or: &[], wide: false }
    }

    /// The same where other groups do as well.
    #[must_use]
    pub const fn or(self, or: &'static [&'static [&'static str]]) -> Self {
        Self { or, ..self }
    }

    /// The same in texts that are written in UTF-16, too.
    #[must_use]
    pub const fn or_wide(self) -> Self {
        Self { wide: true, ..self }
    }

    /// Whether the words are there, written as they are or with the escapes of JSON and YAML.
    pub fn sees(self, data: &[u8]) -> bool {
        if self.wide && is_wide(data) {
            return self.sees_plain(&narrow(data));
        }
        self.sees_plain(data) || unescaped(data).is_some_and(|data| self.sees_plain(&data))
    }

    fn sees_plain(self, data: &[u8]) -> bool {
        let has = |groups: &[&[&str]]| {
            groups.iter().all(|group| group.iter().any(|word| memmem::find(data, word.as_bytes()).is_some()))
        };
        has(self.words) || (!self.or.is_empty() && has(self.or))
    }
}

/// Whether a text begins as one in UTF-16 does.
pub fn is_wide(data: &[u8]) -> bool {
    data.starts_with(&[0xFE, 0xFF]) || data.starts_with(&[0xFF, 0xFE])
}

/// A text with the ASCII that is escaped as YAML's double quotes and JSON allow it: `\/`, `\x2f`, `\u002f`, and a line that goes on behind a
/// backslash. None where nothing is escaped.
fn unescaped(data: &[u8]) -> Option<Vec<u8>> {
    memchr(b'\\', data)?;
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let behind = &rest[at + 1..];
        let (byte, taken) = match behind.first() {
            Some(b'x') => (ascii(behind, 2), 3),
            Some(b'u') => (ascii(behind, 4), 5),
            Some(b'U') => (ascii(behind, 8), 9),
            Some(b'\r' | b'\n') => (None, behind.iter().take_while(|byte| byte.is_ascii_whitespace()).count()),
            Some(other) => (Some(*other), 1),
            None => (None, 0),
        };
        out.extend(byte);
        rest = behind.get(taken..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// The ASCII of so many hexadecimal digits behind a letter.
fn ascii(behind: &[u8], digits: usize) -> Option<u8> {
    let text = std::str::from_utf8(behind.get(1..=digits)?).ok()?;
    u8::from_str_radix(text, 16).ok().filter(u8::is_ascii)
}

/// The text of UTF-16, as far as it is ASCII.
fn narrow(data: &[u8]) -> Vec<u8> {
    data.iter().filter(|byte| byte.is_ascii() && **byte != 0).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_of_each_group_must_be_there() {
        let look = Look::at(&[&["Application", "HelmRelease"], &["argoproj.io/"]]);
        assert!(look.sees(b"apiVersion: argoproj.io/v1alpha1\nkind: Application\n"));
        assert!(!look.sees(b"apiVersion: argoproj.io/v1alpha1\nkind: AppProject\n"));
        assert!(!look.sees(b"kind: HelmRelease\n"));
    }

    #[test]
    fn words_may_be_escaped() {
        let look = Look::at(&[&["argoproj.io/"]]);
        for text in [
            r#"{"apiVersion": "argoproj.io\/v1alpha1"}"#,
            r#"apiVersion: "argoproj\u002eio/v1alpha1""#,
            r#"apiVersion: "argoproj\x2Eio\U0000002Fv1alpha1""#,
            "apiVersion: \"argo\\\n  proj.io/v1alpha1\"",
        ] {
            assert!(look.sees(text.as_bytes()), "{text}");
        }
        for text in [r"a: \", r"a: \u", r"a: \u00e9 argoproj.io", r"argoproj\u012eio/"] {
            assert!(!look.sees(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn other_groups_do_in_the_place_of_the_first() {
        let look = Look::at(&[&["argoproj.io/"]]).or(&[&["releases:"], &["chart:"]]);
        assert!(look.sees(b"apiVersion: argoproj.io/v1alpha1\n"));
        assert!(look.sees(b"releases: [{chart: a}]\n"));
        assert!(!look.sees(b"releases: []\n"));
        assert!(!Look::at(&[&["argoproj.io/"]]).sees(b"a: 1\n"));
    }

    #[test]
    fn utf_16_is_looked_through_where_that_is_asked() {
        let look = Look::at(&[&["argoproj.io/"]]);
        let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain("argoproj.io/v1".bytes().flat_map(|b| [b, 0])).collect();
        assert!(look.or_wide().sees(&wide));
        assert!(!look.sees(&wide));
    }
}
