//! What the pipelines of a repository do with charts, where a rule asks: facts about the repository, said once.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::plan::Plan;
use crate::finding::{Failure, FailureKind, Skipped};
use crate::pipeline::{self, Kind, Notice};
use crate::rule::{Fact, Target};
use crate::source::Tree;
use crate::text::{Address, Sources};

/// What pipelines are found to do.
#[derive(Debug, Default)]
pub(super) struct Pipelines {
    /// Each with the index of a chart of its repository.
    pub facts: Vec<(usize, Fact)>,
    /// What depends on something that is not followed.
    pub skipped: Vec<Skipped>,
    /// Files that could not be read.
    pub failures: Vec<Failure>,
}

/// Looks at the pipelines of each repository whose charts are judged.
pub(super) fn pipelines(plan: &Plan<'_>, sources: &Sources) -> Pipelines {
    let mut found = Pipelines::default();
    let mut seen = BTreeSet::new();
    for (index, planned) in plan.charts.iter().enumerate() {
        let place = &plan.places[planned.place];
        let is_asked = plan.policy(planned).on.iter().any(|on| on.rule.target == Target::Pipeline);
        if !is_asked || place.is_archive || !seen.insert(planned.place) {
            continue;
        }
        let remotes = place.repository.as_ref().map(crate::source::git::Repository::addresses).unwrap_or_default();
        let kept = &plan.session.keep.pipelines;
        let look = |(_, remotes): &(Address, Vec<String>), tree: &Arc<dyn Tree>, sources: &Sources| {
            Arc::new(pipeline::notices(tree, sources, remotes))
        };
        let notices = kept.ask((place.tree.address(""), remotes), &place.tree, sources, look).answer;
        let failed = |kind: FailureKind, reason: &dyn std::fmt::Display| {
            Failure::new(kind, format!("what pipelines do with charts cannot be told: {reason}"))
        };
        found.failures.extend(notices.unread.iter().map(|reason| failed(FailureKind::Read, reason)));
        found.failures.extend(notices.over.iter().map(|over| failed(FailureKind::Limit, over)));
        for notice in &notices.found {
            let Some(kind) = kind(notice.kind) else {
                found.skipped.push(untold(notice, sources));
                continue;
            };
            found.facts.push((index, fact(notice.clone(), kind)));
        }
    }
    found
}

/// The kind of a fact; none where nothing is known for certain.
fn kind(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Ungated => Some("ungated"),
        Kind::Permissions => Some("permissions"),
        Kind::PullRequest => Some("pull-request"),
        Kind::Target => Some("target"),
        Kind::Untold => None,
    }
}

/// A notice as rules judge it; none of what is not known.
pub fn of_pipeline(notice: Notice) -> Option<Fact> {
    kind(notice.kind).map(|kind| fact(notice, kind))
}

fn fact(notice: Notice, kind: &'static str) -> Fact {
    let Notice { at, subject, message, help, .. } = notice;
    Fact { kind, at, related: vec![], subject, message, help }
}

fn untold(notice: &Notice, sources: &Sources) -> Skipped {
    let place = format!("{}:{}", sources.get(notice.at.source).path, sources.start(notice.at).line);
    Skipped::all(format!("{place}: {}", notice.message))
}
