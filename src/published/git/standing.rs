//! Where HEAD stands, and so which earlier state a chart is judged by.

use std::sync::Arc;

use super::branch::{Branch, branch, unrelated};
use super::point::Point;
use super::request::{Request, failure, given};
use crate::finding::{Failure, FailureKind};
use crate::source::git::{Error, Line, Repository, Revision};

/// Where HEAD stands.
#[derive(Debug)]
pub(super) enum Standing {
    /// In no repository.
    Nowhere,
    /// Before any commit, or at the first where that one is judged.
    Beginning {
        /// What there is, to follow "at".
        words: String,
    },
    /// At a revision whose parent counts.
    Point(Arc<Point>),
    /// Where a base was named.
    Base {
        /// The base.
        point: Arc<Point>,
        /// Down from what is judged; none before the first commit.
        head: Option<Line>,
    },
    /// On a branch that is to be merged.
    Fork {
        /// The last commit that the release branch has in common with it.
        base: Arc<Point>,
        /// The release branch's tip, where it has gone on: what others have released in the meantime.
        tip: Option<Arc<Point>>,
        /// The release branch down from the base.
        line: Line,
    },
    /// On the branch that releases are made from.
    Line {
        /// Down from HEAD, or from where it was before the push that is judged.
        line: Line,
        /// The push that is judged.
        pushed: Pushed,
        /// What the line is of.
        words: String,
        /// Why less is known than might be.
        reservation: Option<String>,
    },
}

/// What is known of the push that a run is for.
#[derive(Debug)]
pub(super) enum Pushed {
    /// Nothing: the run is for no push.
    Untold,
    /// It began at this state.
    From(Arc<Point>),
    /// It began nowhere, or at a commit that is gone: a new branch, or a forced push.
    FromUnknown,
}

impl Standing {
    pub(super) fn words(&self) -> Option<String> {
        match self {
            Self::Nowhere => None,
            Self::Beginning { words } | Self::Line { words, .. } => Some(words.clone()),
            Self::Point(point) | Self::Base { point, .. } | Self::Fork { base: point, .. } => {
                Some(point.words().to_owned())
            }
        }
    }
}

/// Where HEAD stands: at exactly `--base`; else on a branch that left the release branch, or on the release branch itself. A revision that is
/// judged is on a branch in a pull request, and else after its first parent.
pub(super) fn resolve(repository: Option<&Repository>, request: &Request<'_>) -> Result<Standing, Box<Failure>> {
    match (repository, given(request.base), given(request.at)) {
        (None, None, _) => Ok(Standing::Nowhere),
        (None, Some(name), _) => Err(Box::new(without_repository(name))),
        (Some(repository), Some(name), at) => named(repository, name, at).map_err(|error| failure(&error)),
        (Some(repository), None, Some(at)) => at_revision(repository, at, request),
        (Some(repository), None, None) => on_branch(repository, request),
    }
}

fn without_repository(name: &str) -> Failure {
    let message = format!("there is no git repository in which `{name}` could be looked up");
    Failure::new(FailureKind::Git, message).help("leave `--base` out, or run inside the repository")
}

fn named(repository: &Repository, name: &str, at: Option<&str>) -> Result<Standing, Error> {
    let revision = repository.commit(name)?;
    let head = at.map_or_else(|| repository.head(), |at| repository.commit(at).map(Some))?.map(Line::new);
    let words = format!("`{name}` (`{}`)", revision.short());
    Ok(Standing::Base { point: Point::new(revision, words), head })
}

/// The state before a pull request, where the revision is one of its commits; else that before the commit.
fn at_revision(repository: &Repository, name: &str, request: &Request<'_>) -> Result<Standing, Box<Failure>> {
    let wrong = |error: Error| failure(&error);
    if given(request.target_branch).is_some() && !request.is_tag {
        let head = repository.commit(name).map_err(wrong)?;
        if let Some(branch) = branch(repository, &head, request).map_err(wrong)? {
            let base = shared(repository, &head, &branch, name)?;
            if base.id() != head.id() {
                return Ok(fork(base, branch));
            }
        }
    }
    before(repository, name).map_err(wrong)
}

/// The last commit that a branch has in common with what is judged.
fn shared(repository: &Repository, head: &Revision, branch: &Branch, name: &str) -> Result<Revision, Box<Failure>> {
    let base = repository.merge_base(head, &branch.tip).map_err(|error| failure(&error))?;
    base.ok_or_else(|| {
        let why = format!("`{name}` (`{}`) shares no history with it", head.short());
        Box::new(unrelated(branch, &why))
    })
}

/// The state before a commit.
fn before(repository: &Repository, name: &str) -> Result<Standing, Error> {
    let commit = repository.commit(name)?;
    Ok(match repository.first_parent(&commit)? {
        None => Standing::Beginning { words: format!("nothing: `{}` is a root commit", commit.short()) },
        Some(parent) => {
            let words = format!("the parent commit `{}`", parent.short());
            Standing::Point(Point::new(parent, words))
        }
    })
}

/// What is said where no remote has a branch.
const ALONE: &str = "there is no remote branch to compare with; the charts are judged along the history of HEAD";

fn on_branch(repository: &Repository, request: &Request<'_>) -> Result<Standing, Box<Failure>> {
    let wrong = |error: Error| failure(&error);
    let Some(head) = repository.head().map_err(wrong)? else {
        return Ok(Standing::Beginning { words: "nothing: there is no commit yet".into() });
    };
    if request.is_tag {
        return Ok(line(&head, Pushed::Untold, None));
    }
    let Some(branch) = branch(repository, &head, request).map_err(wrong)? else {
        return pushed(repository, &head, request, Some(ALONE.to_owned()));
    };
    let base = shared(repository, &head, &branch, "HEAD")?;
    if base.id() == head.id() { pushed(repository, &head, request, None) } else { Ok(fork(base, branch)) }
}

/// On the release branch, as a push left it.
fn pushed(
    repository: &Repository,
    head: &Revision,
    request: &Request<'_>,
    reservation: Option<String>,
) -> Result<Standing, Box<Failure>> {
    let Some(name) = given(request.pushed_from) else { return Ok(line(head, Pushed::Untold, reservation)) };
    let Ok(before) = repository.commit(name) else { return Ok(line(head, Pushed::FromUnknown, reservation)) };
    let base = repository.merge_base(head, &before).map_err(|error| failure(&error))?;
    let pushed = match base {
        // The same push again, or nothing pushed.
        Some(base) if base.id() == head.id() => Pushed::Untold,
        Some(base) if base.id() == before.id() => {
            let words = format!("the state before the push, `{}`", before.short());
            Pushed::From(Point::new(before, words))
        }
        _ => Pushed::FromUnknown,
    };
    Ok(line(head, pushed, reservation))
}

fn line(head: &Revision, pushed: Pushed, reservation: Option<String>) -> Standing {
    let (start, words) = match &pushed {
        Pushed::From(before) => (before.revision().clone(), before.words().to_owned()),
        _ => (head.clone(), format!("the releases that end at `{}`", head.short())),
    };
    Standing::Line { line: Line::new(start), pushed, words, reservation }
}

fn fork(base: Revision, branch: Branch) -> Standing {
    let is_ahead = branch.tip.id() != base.id();
    let tip_words = format!("the tip of `{}` (`{}`)", branch.name, branch.tip.short());
    let tip = is_ahead.then(|| Point::new(branch.tip, tip_words));
    let words = format!("the merge-base `{}` with `{}`", base.short(), branch.name);
    Standing::Fork { line: Line::new(base.clone()), base: Point::new(base, words), tip }
}
