//! What edits bring up that was not there before them.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Failure, Finding, Report, Status};
use crate::text::Sources;

/// Something that edits brought up.
#[derive(Debug, Clone, Copy)]
pub enum Harm<'r> {
    /// Something wrong with a chart.
    Finding(&'r Finding),
    /// Something that can be checked no longer.
    Failure(&'r Failure),
}

impl Harm<'_> {
    /// What it is and where, in a few words.
    pub fn said(self, sources: &Sources) -> String {
        match self {
            Self::Finding(Finding { rule, message, primary, .. }) => {
                format!("`{rule}` at {}: {message}", sources.seen(primary.location))
            }
            Self::Failure(Failure { message, location: Some(at), .. }) => {
                format!("at {} that something cannot be checked: {message}", sources.seen(*at))
            }
            Self::Failure(Failure { message, .. }) => format!("that something cannot be checked: {message}"),
        }
    }
}

/// What a later report has that an earlier one has not, but for what is no harm. Differences from an earlier state come with every edit.
pub fn brought<'r>(before: &Report, after: &'r Report, is_harmless: impl Fn(&Finding) -> bool) -> Option<Harm<'r>> {
    if after.failures.len() > before.failures.len() {
        let new = after.failures.iter().find(|failure| !before.failures.contains(failure));
        return new.or(after.failures.last()).map(Harm::Failure);
    }
    let (known, now) = (counted(before, &is_harmless), counted(after, &is_harmless));
    let more = now.into_iter().find(|(about, found)| {
        let is_of_change = after.rule(about.0).is_some_and(|rule| rule.is_of_change);
        !is_of_change && known.get(about).is_none_or(|before| found.len() > before.len())
    });
    let (about, found) = more?;
    let seen: BTreeSet<&str> = known.get(&about).into_iter().flatten().map(|finding| &*finding.fingerprint).collect();
    let new = found.iter().find(|finding| !seen.contains(&*finding.fingerprint));
    new.or(found.last()).copied().map(Harm::Finding)
}

/// What a finding is about: its rule, chart and profile.
type About<'r> = (&'r str, Option<&'r str>, Option<&'r str>);

/// The open findings, by what they are about.
fn counted(report: &Report, is_harmless: impl Fn(&Finding) -> bool) -> BTreeMap<About<'_>, Vec<&Finding>> {
    let mut counted: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.status == Status::Open) {
        if !is_harmless(finding) {
            let about = (&*finding.rule, finding.chart.as_deref(), finding.profile.as_deref());
            counted.entry(about).or_default().push(finding);
        }
    }
    counted
}
