//! Whether fixes that were laid over files do what they are for, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::Reach;
use super::files::Files;
use super::harm::{self, Harm};
use crate::finding::{Finding, Report, Status};
use crate::text::Sources;

/// Fixes that were laid over files.
pub(super) struct Tested<'a> {
    /// Whether it is a single one.
    pub(super) is_one: bool,
    /// Whether one of them mends what went unread before.
    pub(super) uncovers: bool,
    pub(super) reach: Reach,
    /// The fingerprints of the findings that they are for.
    pub(super) mends: &'a [String],
}

impl Tested<'_> {
    /// What keeps them from being applied: that one does not do what it is for, or what they brought up, but for what the next round takes
    /// away, and what was so before and could not be seen.
    pub(super) fn harm<'r>(
        &self,
        before: &Report,
        after: &'r Report,
        files: &Files<'_>,
        sources: &Sources,
    ) -> Option<Harm<'r>> {
        let beside = || if self.is_one { None } else { fresh(before, after) };
        self.standing(before, after).or_else(beside).or_else(|| self.brought(before, after, files, sources))
    }

    /// A finding that stands although it was mended, and that no further fix is for.
    fn standing<'r>(&self, before: &Report, after: &'r Report) -> Option<Harm<'r>> {
        // Of several findings with one fingerprint, so many may stand.
        let mut spare: BTreeMap<&str, isize> = self.mends.iter().map(|fingerprint| (&**fingerprint, 0)).collect();
        for fingerprint in self.mends {
            *spare.entry(fingerprint).or_default() -= 1;
        }
        for finding in open(before) {
            spare.entry(&*finding.fingerprint).and_modify(|count| *count += 1);
        }
        for finding in open(after).filter(|finding| !self.is_fixable(finding)) {
            if let Some(count) = spare.get_mut(&*finding.fingerprint) {
                *count -= 1;
                if *count < 0 {
                    return Some(Harm::Standing(finding));
                }
            }
        }
        None
    }

    fn brought<'r>(
        &self,
        before: &Report,
        after: &'r Report,
        files: &Files<'_>,
        sources: &Sources,
    ) -> Option<Harm<'r>> {
        let Self { is_one, uncovers, .. } = *self;
        // One that writes again what was there leads nowhere.
        let is_next = |finding: &Finding| {
            self.is_fixable(finding) && !finding.fix.as_ref().is_some_and(|fix| files.undoes(fix, sources))
        };
        let seen: BTreeSet<&str> =
            before.findings.iter().filter(|_| uncovers).map(|finding| &*finding.fingerprint).collect();
        let was_so = |finding: &Finding| {
            let is_new = !seen.contains(&*finding.fingerprint);
            uncovers && is_new && !finding.labels().any(|at| files.wrote(at, sources))
        };
        // Of two that could be mended and not both, the other may be left without a fix.
        let fixable: BTreeSet<&str> = before
            .findings
            .iter()
            .filter(|finding| self.is_fixable(finding))
            .map(|finding| &*finding.fingerprint)
            .collect();
        let total = |report: &Report, rule: &str| report.findings.iter().filter(|finding| finding.rule == rule).count();
        let is_left = |finding: &Finding| {
            fixable.contains(&*finding.fingerprint) && total(after, &finding.rule) < total(before, &finding.rule)
        };
        harm::brought(before, after, |finding| is_one && (is_next(finding) || was_so(finding) || is_left(finding)))
    }

    /// Whether a fix is offered that may be applied.
    fn is_fixable(&self, finding: &Finding) -> bool {
        finding.fix.as_ref().is_some_and(|fix| self.reach.holds(fix))
    }
}

/// Of several fixes, one may bring up what another takes away.
fn fresh<'r>(before: &Report, after: &'r Report) -> Option<Harm<'r>> {
    let known: BTreeSet<&str> = before.findings.iter().map(|finding| &*finding.fingerprint).collect();
    let is_of_change = |finding: &Finding| after.rule(&finding.rule).is_some_and(|rule| rule.is_of_change);
    let is_new = |finding: &&Finding| !known.contains(&*finding.fingerprint) && !is_of_change(finding);
    open(after).find(is_new).map(Harm::Finding)
}

fn open(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| finding.status == Status::Open)
}
