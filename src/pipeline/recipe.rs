//! Commands that makefiles and their like have run, one by one.

use super::command::Mode;

/// Commands that are run one behind the other, each in a shell of its own, until one fails.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Recipe {
    /// The commands.
    pub lines: Vec<Line>,
    /// What their shells do with a failure.
    pub mode: Mode,
    /// What else may belong to it, in words.
    pub untold: Option<String>,
}

/// A command of a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The script.
    pub text: String,
    /// Whether its failure is passed over.
    pub may_fail: bool,
}

impl Line {
    /// A command whose failure counts, unless `-` stands before it. Other marks of makefiles are left out.
    pub(super) fn marked(text: &str) -> Self {
        let bare = text.trim_start_matches(['@', '-', '+', ' ']);
        let marks = &text[..text.len() - bare.len()];
        Self { text: bare.to_owned(), may_fail: marks.contains('-') }
    }

    /// A command whose failure counts.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), may_fail: false }
    }
}
