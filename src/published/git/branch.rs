//! The branch that releases are made from.

use super::{Request, given};
use crate::finding::{Failure, FailureKind};
use crate::source::git::{Error, Repository, Revision};

/// A branch that releases are made from.
pub(super) struct Branch {
    /// As it is named in messages.
    pub(super) name: String,
    /// Its last commit.
    pub(super) tip: Revision,
}

/// The first branch that is named or there. A name that was given must exist: another branch would be another base.
pub(super) fn branch(repository: &Repository, request: &Request<'_>) -> Result<Option<Branch>, Error> {
    if let Some(name) = given(request.configured) {
        let tip = repository.commit(name)?;
        return Ok(Some(Branch { name: name.to_owned(), tip }));
    }
    if let Some(name) = given(request.target_branch) {
        return target_branch(repository, name).map(Some);
    }
    for name in ["origin/HEAD", "origin/main", "origin/master"] {
        let found = repository.reference(&format!("refs/remotes/{name}"))?;
        if let Some(tip) = found {
            return Ok(Some(Branch { name: name.to_owned(), tip }));
        }
    }
    Ok(None)
}

fn target_branch(repository: &Repository, name: &str) -> Result<Branch, Error> {
    let remote = format!("origin/{name}");
    match repository.reference(&format!("refs/remotes/{remote}"))? {
        Some(tip) => Ok(Branch { name: remote, tip }),
        None => match repository.commit(name) {
            Ok(tip) => Ok(Branch { name: name.to_owned(), tip }),
            Err(Error::UnknownRevision { shallow, .. }) => Err(Error::UnknownRevision { name: remote, shallow }),
            Err(error) => Err(error),
        },
    }
}

/// The failure where no branch is there.
pub(super) fn no_branch(repository: &Repository) -> Failure {
    let message = "the charts cannot be compared with an earlier state: there is none of the branches \
         `origin/HEAD`, `origin/main` and `origin/master`";
    let help = if repository.is_shallow() {
        "fetch the whole history (`fetch-depth: 0` for actions/checkout), or run `git fetch origin main`; or name what was \
         released last: `--base REV`, or `published.base` in .chartgate.yaml"
    } else {
        "run `git fetch origin main`; or name what was released last: `--base HEAD~1`, say, or `published.base: main` in \
         .chartgate.yaml"
    };
    Failure::new(FailureKind::Git, message).help(help)
}

/// The failure where a branch has no commit in common with what is judged.
pub(super) fn unrelated(branch: &Branch, why: &str) -> Failure {
    let message = format!("the charts cannot be compared with `{}`: {why}", branch.name);
    Failure::new(FailureKind::Git, message).help(format!("name what was released last: `--base {}`, say", branch.name))
}
