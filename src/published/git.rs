//! Which commit a run compares with, and the chart as it was there.
//!
//! Environment and configuration come in as data ([`Request`]); every answer that cannot be given is a [`Failure`].

use std::sync::Arc;

use super::Comparison;
use crate::chart::Chart;
use crate::finding::{Failure, FailureKind};
use crate::source::Tree;
use crate::source::git::{Error, Repository, Revision};

mod branch;
pub(super) mod charts;
mod point;

use branch::{Branch, branch, no_branch, unrelated};
use point::Point;

/// What decides the base. Empty texts count as absent, as CI systems set variables that do not apply to nothing.
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
}

/// What charts are compared with. Shared between threads.
#[derive(Debug)]
pub struct Baselines {
    base: Base,
}

#[derive(Debug)]
enum Base {
    /// No git.
    Inapplicable,
    /// Nothing was before.
    Root { baseline: String },
    /// The release branch itself: its tip for a chart that differs from it, else the commit before.
    Tip { tip: Box<Point>, before: Box<Base> },
    Commit {
        base: Box<Point>,
        /// The branch's tip, where it is ahead of the base: what others have released in the meantime.
        tip: Option<Box<Point>>,
    },
}

impl Baselines {
    /// Finds the base: exactly `--base`; else the first parent of `--at`; else the merge-base of HEAD with the release branch, and where
    /// that is HEAD itself and nothing is uncommitted, HEAD's first parent.
    ///
    /// # Errors
    /// A failure of kind git with the words that mend it.
    pub fn resolve(repository: Option<&Repository>, request: &Request<'_>) -> Result<Self, Box<Failure>> {
        let base = match (repository, given(request.base)) {
            (None, None) => Base::Inapplicable,
            (None, Some(name)) => return Err(Box::new(without_repository(name))),
            (Some(repository), Some(name)) => exactly(repository, name).map_err(|error| failure(&error))?,
            (Some(repository), None) => match given(request.at) {
                Some(at) => before(repository, at).map_err(|error| failure(&error))?,
                None => branch_base(repository, request)?,
            },
        };
        Ok(Self { base })
    }

    /// Everything as it was at the base; none where there was nothing.
    pub fn tree(&self) -> Option<&Arc<dyn Tree>> {
        self.base.tree()
    }

    /// The chart against its earlier state. `chart` lies in the same repository, its path relative to the root.
    ///
    /// # Errors
    /// A failure of kind git where the earlier state cannot be read.
    pub fn compare(&self, chart: &Chart) -> Result<Comparison, Box<Failure>> {
        self.base.compare(chart)
    }
}

impl Base {
    fn tree(&self) -> Option<&Arc<dyn Tree>> {
        match self {
            Self::Commit { base, .. } => Some(base.tree()),
            Self::Tip { before, .. } => before.tree(),
            Self::Inapplicable | Self::Root { .. } => None,
        }
    }

    fn compare(&self, chart: &Chart) -> Result<Comparison, Box<Failure>> {
        match self {
            Base::Inapplicable => {
                Ok(Comparison::Inapplicable { reason: "there is no git repository around the chart".into() })
            }
            Base::Root { baseline } => Ok(Comparison::New { baseline: baseline.clone() }),
            Base::Tip { tip, before } => match tip.compare(chart)? {
                same if same.is_identical() => before.compare(chart),
                other => Ok(other),
            },
            Base::Commit { base, tip } => {
                let first = base.compare(chart)?;
                match tip {
                    Some(tip) if is_other_release(&first, chart) => {
                        let second = tip.compare(chart)?;
                        let is_taken = second.is_changed() && second.has_version(chart.version());
                        Ok(if is_taken { second } else { first })
                    }
                    _ => Ok(first),
                }
            }
        }
    }
}

/// Whether the chart is new or changed under a version that the base does not have: then the branch may have used it meanwhile.
fn is_other_release(first: &Comparison, chart: &Chart) -> bool {
    matches!(first, Comparison::New { .. }) || first.is_changed() && !first.has_version(chart.version())
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn failure(error: &Error) -> Box<Failure> {
    let failure = error.failure();
    let message = format!("the charts cannot be compared with an earlier state: {}", failure.message);
    Box::new(Failure { message, ..failure })
}

fn without_repository(name: &str) -> Failure {
    let message = format!("there is no git repository in which `{name}` could be looked up");
    Failure::new(FailureKind::Git, message).help("leave `--base` out, or run inside the repository")
}

fn exactly(repository: &Repository, name: &str) -> Result<Base, Error> {
    let revision = repository.commit(name)?;
    let baseline = format!("`{name}` (`{}`)", revision.short());
    Ok(Base::Commit { base: Box::new(Point::new(revision, baseline)), tip: None })
}

/// The state before a commit.
fn before(repository: &Repository, name: &str) -> Result<Base, Error> {
    parent(repository, &repository.commit(name)?)
}

fn parent(repository: &Repository, commit: &Revision) -> Result<Base, Error> {
    Ok(match repository.first_parent(commit)? {
        None => Base::Root { baseline: format!("nothing: `{}` is a root commit", commit.short()) },
        Some(parent) => {
            let baseline = format!("the parent commit `{}`", parent.short());
            Base::Commit { base: Box::new(Point::new(parent, baseline)), tip: None }
        }
    })
}

fn branch_base(repository: &Repository, request: &Request<'_>) -> Result<Base, Box<Failure>> {
    let branch = branch(repository, request).map_err(|error| failure(&error))?;
    let head = repository.head().map_err(|error| failure(&error))?;
    match (head, branch) {
        (None, None) => Ok(Base::Root { baseline: "nothing: there is no commit yet".into() }),
        (Some(_), None) => Err(Box::new(no_branch(repository))),
        (None, Some(branch)) => Err(Box::new(unrelated(&branch, "there is no commit yet"))),
        (Some(head), Some(branch)) => {
            let found = fork(repository, &head, &branch).map_err(|error| failure(&error))?;
            let why = || format!("`HEAD` (`{}`) shares no history with it", head.short());
            found.ok_or_else(|| Box::new(unrelated(&branch, &why())))
        }
    }
}

/// The base on a branch; none where it shares no history with HEAD.
fn fork(repository: &Repository, head: &Revision, branch: &Branch) -> Result<Option<Base>, Error> {
    let Some(base) = repository.merge_base(head, &branch.tip)? else { return Ok(None) };
    if base.id() == head.id() {
        let baseline = format!("the merge-base `{}` with `{}`", head.short(), branch.name);
        let tip = Box::new(Point::new(head.clone(), baseline));
        return Ok(Some(Base::Tip { tip, before: Box::new(parent(repository, head)?) }));
    }
    let is_ahead = branch.tip.id() != base.id();
    let tip_words = format!("the tip of `{}` (`{}`)", branch.name, branch.tip.short());
    let tip = is_ahead.then(|| Box::new(Point::new(branch.tip.clone(), tip_words)));
    let baseline = format!("the merge-base `{}` with `{}`", base.short(), branch.name);
    Ok(Some(Base::Commit { base: Box::new(Point::new(base, baseline)), tip }))
}
