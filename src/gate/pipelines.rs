//! What the pipelines of a repository do with charts, where a rule asks: facts about the repository, said once.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::place::Place;
use super::plan::{Plan, Planned};
use crate::finding::{Failure, FailureKind, Skipped};
use crate::image::is_path_component;
use crate::pipeline::{self, Kind, Notice, Notices, Sent};
use crate::rule::{Fact, Target};
use crate::source::Tree;
use crate::source::git::Repository;
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

/// Looks at the pipelines of each repository whose charts are judged, which have these names.
pub(super) fn pipelines(plan: &Plan<'_>, names: &[Option<&str>], sources: &Sources) -> Pipelines {
    let mut found = Pipelines::default();
    let mut seen = BTreeSet::new();
    for (index, planned) in plan.charts.iter().enumerate() {
        if !is_asked(plan, planned) || !seen.insert(planned.place) {
            continue;
        }
        let notices = notices(plan, planned, sources);
        let failed = |kind: FailureKind, reason: &dyn std::fmt::Display| {
            Failure::new(kind, format!("cannot tell what pipelines do with charts: {reason}"))
        };
        found.failures.extend(notices.unread.iter().map(|reason| failed(FailureKind::Read, reason)));
        found.failures.extend(notices.over.iter().map(|over| failed(FailureKind::Limit, over)));
        for notice in &notices.found {
            let Some(kind) = notice.kind.name() else {
                found.skipped.push(untold(notice, sources));
                continue;
            };
            found.facts.push((index, fact(notice.clone(), kind)));
        }
        let charts = plan.charts.iter().zip(names).enumerate();
        let here = charts.filter(|(_, (other, _))| other.place == planned.place && other.release.is_none());
        let own: Vec<(usize, &str)> = here.filter_map(|(index, (_, name))| name.map(|name| (index, name))).collect();
        let is_told = |sent: &&Sent| notices.over.is_none() && sent.target.starts_with("oci://");
        let sent = notices.sent.iter().filter(is_told);
        found.facts.extend(sent.flat_map(|sent| unnamable(sent, &own)));
    }
    found
}

/// Whether a chart is one with which the pipelines of its repository are judged.
fn is_asked(plan: &Plan<'_>, planned: &Planned) -> bool {
    let is_on = || plan.policy(planned).on.iter().any(|on| on.rule.target == Target::Pipeline);
    !plan.places[planned.place].is_archive && is_on()
}

/// What the pipelines of a chart's repository do.
fn notices(plan: &Plan<'_>, planned: &Planned, sources: &Sources) -> Arc<Notices> {
    let place = &plan.places[planned.place];
    let look = |(_, remotes): &(Address, Vec<String>), tree: &Arc<dyn Tree>, sources: &Sources| {
        Arc::new(pipeline::notices(tree, sources, remotes))
    };
    let kept = &plan.session.keep.pipelines;
    kept.ask((place.tree.address(""), remotes(place)), &place.tree, sources, look).answer
}

fn remotes(place: &Place) -> Vec<String> {
    place.repository.as_ref().map(Repository::addresses).unwrap_or_default()
}

/// Where some charts alone are judged: keeps one of each repository whose pipelines concern the run, since what they do is said with a chart.
pub(super) fn keep_one(
    plan: &Plan<'_>,
    kept: &mut Vec<Planned>,
    sources: &Sources,
    is_concerned: impl Fn(&Planned, &Notices) -> bool,
) {
    let mut seen: BTreeSet<usize> =
        kept.iter().filter(|planned| is_asked(plan, planned)).map(|planned| planned.place).collect();
    for planned in &plan.charts {
        if is_asked(plan, planned)
            && seen.insert(planned.place)
            && is_concerned(planned, &notices(plan, planned, sources))
        {
            kept.push(planned.clone());
        }
    }
}

/// Whether pipelines do something else than they did in an earlier tree of the same place.
pub(super) fn differ(place: &Place, earlier: &Arc<dyn Tree>, notices: &Notices, sources: &Sources) -> bool {
    let texts = sources.part();
    let was = pipeline::notices(earlier, &texts, &remotes(place));
    texts.keep(&BTreeSet::new());
    let said = |notices: &Notices| {
        let found = notices.found.iter().map(|notice| (notice.subject.clone(), notice.message.clone()));
        let sent = notices.sent.iter().map(|sent| (sent.package.clone(), sent.target.clone()));
        let said = (found.collect::<BTreeSet<_>>(), sent.collect::<BTreeSet<_>>());
        (said, notices.unread.clone(), notices.over.is_some())
    };
    said(&was) != said(notices)
}

/// Whether something is said of pipelines.
pub(super) fn is_said(notices: &Notices) -> bool {
    let is_fact = |notice: &Notice| notice.kind.name().is_some();
    notices.found.iter().any(is_fact) || !notices.unread.is_empty() || notices.over.is_some()
}

/// Charts with names that no registry takes and that are pushed to one, each with what is to be said of it.
fn unnamable<'c>(sent: &'c Sent, charts: &'c [(usize, &'c str)]) -> impl Iterator<Item = (usize, Fact)> + 'c {
    let file = sent.package.rsplit('/').next().unwrap_or_default();
    let is_any = charts.len() == 1 && file.contains(['*', '$', '{']);
    let is_sent = move |name: &str| is_any || file.strip_prefix(name).is_some_and(|version| version.starts_with('-'));
    let is_refused = |name: &str| !is_path_component(name) && !name.is_empty() && !name.contains('/');
    let refused = charts.iter().filter(move |(_, name)| is_refused(name) && is_sent(name));
    refused.map(|(index, name)| {
        let notice = Notice {
            kind: Kind::Target,
            at: sent.at,
            subject: format!("{} {name}", sent.target),
            message: format!("the chart's name `{name}` cannot be part of a path in `{}`", sent.target),
            help: "name the chart in lower-case letters and digits, with single `-`, `.` or `_` between them"
                .to_owned(),
        };
        (*index, fact(notice, "target"))
    })
}

/// A notice as rules judge it; none of what is not known.
pub fn of_pipeline(notice: Notice) -> Option<Fact> {
    notice.kind.name().map(|kind| fact(notice, kind))
}

fn fact(notice: Notice, kind: &'static str) -> Fact {
    let Notice { at, subject, message, help, .. } = notice;
    Fact { kind, at, related: vec![], subject, message, help }
}

fn untold(notice: &Notice, sources: &Sources) -> Skipped {
    let place = format!("{}:{}", sources.get(notice.at.source).path, sources.start(notice.at).line);
    Skipped::all(format!("{place}: {}", notice.message))
}
