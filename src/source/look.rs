//! A cheap look at a file's bytes: which words stand in it.

use memchr::memmem;

/// What is looked for in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// Groups of words: one of each must be there.
    words: &'static [&'static [&'static str]],
    /// Whether texts in UTF-16 are looked through as well.
    wide: bool,
}

impl Look {
    /// A look for one word of each group.
    pub const fn at(words: &'static [&'static [&'static str]]) -> Self {
        Self { words, wide: false }
    }

    /// The same in texts that are written in UTF-16, too.
    #[must_use]
    pub const fn or_wide(self) -> Self {
        Self { wide: true, ..self }
    }

    /// Whether the words are there.
    pub fn sees(self, data: &[u8]) -> bool {
        let is_there = |data: &[u8]| {
            self.words.iter().all(|group| group.iter().any(|word| memmem::find(data, word.as_bytes()).is_some()))
        };
        if self.wide && is_wide(data) { is_there(&narrow(data)) } else { is_there(data) }
    }
}

/// Whether a text begins as one in UTF-16 does.
pub fn is_wide(data: &[u8]) -> bool {
    data.starts_with(&[0xFE, 0xFF]) || data.starts_with(&[0xFF, 0xFE])
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
    fn utf_16_is_looked_through_where_that_is_asked() {
        let look = Look::at(&[&["argoproj.io/"]]);
        let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain("argoproj.io/v1".bytes().flat_map(|b| [b, 0])).collect();
        assert!(look.or_wide().sees(&wide));
        assert!(!look.sees(&wide));
    }
}
