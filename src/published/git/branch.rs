//! The branch that releases are made from.

use super::request::{Request, given};
use crate::finding::{Failure, FailureKind};
use crate::source::git::{Error, Repository, Revision};

/// A branch that releases are made from.
pub(super) struct Branch {
    /// As it is named in messages.
    pub(super) name: String,
    /// Its last commit.
    pub(super) tip: Revision,
}

/// The first branch that is named or there; none where no remote has one. A name that was given must exist: another branch would be another
/// base.
pub(super) fn branch(repository: &Repository, head: &Revision, request: &Request<'_>) -> Result<Option<Branch>, Error> {
    if let Some(name) = given(request.configured) {
        let tip = repository.commit(name)?;
        return Ok(Some(Branch { name: name.to_owned(), tip }));
    }
    if let Some(name) = given(request.target_branch) {
        return target_branch(repository, head, name).map(Some);
    }
    for remote in remotes(repository) {
        for name in ["HEAD", "main", "master"] {
            let name = format!("{remote}/{name}");
            if let Some(tip) = repository.reference(&format!("refs/remotes/{name}"))? {
                return Ok(Some(Branch { name, tip }));
            }
        }
    }
    Ok(None)
}

/// The names of all remotes, `origin` first; it may have been fetched without being one.
fn remotes(repository: &Repository) -> Vec<String> {
    let mut remotes = repository.remotes();
    remotes.push("origin".to_owned());
    remotes.sort_by_key(|name| (name != "origin", name.clone()));
    remotes.dedup();
    remotes
}

/// The branch that a change is to be merged into. Where it was not fetched and HEAD is the merge that the CI system made, the branch is its
/// first parent.
fn target_branch(repository: &Repository, head: &Revision, name: &str) -> Result<Branch, Error> {
    let remote = format!("origin/{name}");
    match repository.reference(&format!("refs/remotes/{remote}"))? {
        Some(tip) => Ok(Branch { name: remote, tip }),
        None => match repository.commit(name) {
            Ok(tip) => Ok(Branch { name: name.to_owned(), tip }),
            Err(Error::UnknownRevision { shallow, .. }) => match repository.merged_into(head)? {
                Some(tip) => Ok(Branch { name: format!("{name}, the first parent of HEAD"), tip }),
                None => Err(Error::UnknownRevision { name: remote, shallow }),
            },
            Err(error) => Err(error),
        },
    }
}

/// The failure where a branch has no commit in common with what is judged.
pub(super) fn unrelated(branch: &Branch, why: &str) -> Failure {
    let message = format!("the charts cannot be compared with `{}`: {why}", branch.name);
    Failure::new(FailureKind::Git, message).help(format!("name what was released last: `--base {}`, say", branch.name))
}
