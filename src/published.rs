//! Earlier states of a chart that a release is compared with.

/// How a chart compares with an earlier state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The release rules do not apply: no git repository, say.
    Inapplicable {
        /// Why, in lower case.
        reason: String,
    },
    /// Looking failed; a [`Failure`](crate::finding::Failure) of the run says why.
    Failed,
    /// The chart did not exist there.
    New {
        /// The baseline in words: ``merge-base `1a2b3c4` with `origin/main` ``.
        baseline: String,
    },
    /// The chart existed.
    Existing {
        /// The baseline in words.
        baseline: String,
        /// `version` of its Chart.yaml there, where it could be read.
        version: Option<String>,
        /// Packaged files that differ, sorted by path; Chart.yaml only where its meaning differs.
        differences: Vec<Difference>,
    },
}

/// A packaged file that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Path below the chart's folder.
    pub path: String,
    /// How it differs.
    pub kind: DifferenceKind,
}

/// How a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// Only the new state has it.
    Added,
    /// Only the old state has it.
    Removed,
    /// Both have it, with other content.
    Changed {
        /// Lines added and removed, where both are text.
        lines: Option<usize>,
    },
}
