//! What edits bring up that was not there before them.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Failure, Finding, Report, Status};
use crate::text::Sources;

/// What is wrong with edits.
#[derive(Debug, Clone, Copy)]
pub enum Harm<'r> {
    /// They bring up something wrong with a chart.
    Finding(&'r Finding),
    /// They bring up something that can be checked no longer.
    Failure(&'r Failure),
    /// They leave what they are for.
    Standing(&'r Finding),
}

impl Harm<'_> {
    /// What they would do, as words behind `would`.
    pub fn said(self, sources: &Sources) -> String {
        let finding = |Finding { rule, message, primary, .. }: &Finding| {
            format!("`{rule}` at {}: {message}", sources.seen(primary.location))
        };
        match self {
            Self::Finding(found) => format!("bring up {}", finding(found)),
            Self::Failure(Failure { message, location: Some(at), .. }) => {
                format!("bring up at {} that something cannot be checked: {message}", sources.seen(*at))
            }
            Self::Failure(Failure { message, .. }) => {
                format!("bring up that something cannot be checked: {message}")
            }
            Self::Standing(found) => format!("leave {}", finding(found)),
        }
    }
}

/// What a later report has that an earlier one has not, but for what is no harm. Differences from an earlier state come with every edit.
pub fn brought<'r>(before: &Report, after: &'r Report, is_harmless: impl Fn(&Finding) -> bool) -> Option<Harm<'r>> {
    if let Some(new) = failed(before, after) {
        return Some(Harm::Failure(new));
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

/// A failure that was not there before. Edits move places, and messages may name them in digits.
fn failed<'r>(before: &Report, after: &'r Report) -> Option<&'r Failure> {
    let known = |failure: &Failure| {
        let words: String = failure.message.chars().filter(|letter| !letter.is_ascii_digit()).collect();
        (failure.kind, words, failure.chart.clone(), failure.profile.clone(), failure.path.clone())
    };
    let mut left: Vec<_> = before.failures.iter().map(known).collect();
    let mut new = after.failures.iter().filter(|failure| {
        let place = left.iter().position(|each| *each == known(failure));
        place.map(|place| left.swap_remove(place)).is_none()
    });
    new.next()
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

#[cfg(test)]
mod tests {
    use super::{Harm, brought};
    use crate::finding::{Failure, FailureKind, Report};

    fn report(messages: &[&str]) -> Report {
        let failures = messages.iter().map(|message| Failure::new(FailureKind::Read, *message));
        Report::of_nothing(failures.collect(), vec![])
    }

    #[test]
    fn a_failure_that_comes_as_another_goes_is_harm() {
        let before = report(&["line 3: a", "b"]);
        let harm = |after: &[&str]| match brought(&before, &report(after), |_| false) {
            Some(Harm::Failure(failure)) => Some(failure.message.clone()),
            _ => None,
        };
        assert_eq!(harm(&["b", "line 4: a"]), None, "an edit moves lines");
        assert_eq!(harm(&["b"]), None);
        assert_eq!(harm(&["line 3: a", "c"]).as_deref(), Some("c"));
        assert_eq!(harm(&["b", "b"]).as_deref(), Some("b"));
    }
}
