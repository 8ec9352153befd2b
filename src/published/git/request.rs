//! What decides which earlier state counts.

use crate::finding::Failure;
use crate::source::git::Error;

/// What decides the earlier state. Empty texts count as absent, as CI systems set variables that do not apply to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// `--base`: compare with exactly this revision.
    pub base: Option<&'a str>,
    /// `--at`: the revision that is judged; none for the working tree.
    pub at: Option<&'a str>,
    /// `published.base` of the configuration.
    pub configured: Option<&'a str>,
    /// The branch that the CI system merges into, without the remote's name.
    pub target_branch: Option<&'a str>,
    /// The commit that the branch was at before the push that the CI system runs for.
    pub pushed_from: Option<&'a str>,
    /// Whether the run is for a tag, whose commit is a release whatever branch it is on.
    pub is_tag: bool,
}

/// A text that says something.
pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// The failure of a repository in which an earlier state was looked for.
pub(super) fn failure(error: &Error) -> Box<Failure> {
    let failure = error.failure();
    let message = format!("the charts cannot be compared with an earlier state: {}", failure.message);
    Box::new(Failure { message, ..failure })
}
