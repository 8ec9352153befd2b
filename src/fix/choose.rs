//! The fixes of one round: whole ones, none of which gets in the way of another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::Why;
use super::files::{Files, Placed, shifted};
use super::taken::Taken;
use super::{Applied, Reach, Refused};
use crate::finding::{Finding, Fix, Report, Status};
use crate::text::edit::Edit;
use crate::text::{Address, Sources, Span};

/// What one round does.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// The fixes that were applied.
    pub(super) fixes: Vec<Applied>,
    /// Files that fixes would change and that are left alone.
    pub(super) refused: Vec<Refused>,
    /// Whether one of the fixes mends what goes unread as it is.
    pub(super) uncovers: bool,
    /// The fingerprints of the findings that the fixes are for.
    pub(super) mends: Vec<String>,
}

/// Which of the fixes that are offered a round takes.
#[derive(Debug)]
pub(super) struct Choice {
    reach: Reach,
    /// Most fixes of a round: fewer where one of them is known to do harm.
    most: usize,
    /// Fixes that bring up something else or do nothing, each with what it would do.
    harmful: BTreeMap<Named, String>,
    /// All of them, while some are tried together: what each of two does alone, both together may not do.
    again: Option<BTreeMap<Named, String>>,
    /// The tries that are left, each with the fix that it leaves out; none before the first.
    tries: Option<Vec<Option<Named>>>,
}

/// A fix by its rule and title.
type Named = (String, String);

/// Most harmful fixes that are tried with one of them left out.
const FEW: usize = 8;

impl Choice {
    pub(super) fn new(reach: Reach) -> Self {
        Self { reach, most: usize::MAX, harmful: BTreeMap::new(), again: None, tries: None }
    }

    /// After a round that brought up something: looks for the one fix that is to blame.
    pub(super) fn narrow(&mut self, fixes: &[Applied], harm: &str) {
        if let Some(again) = self.again.take() {
            self.harmful = again;
            return;
        }
        self.most = (fixes.len() / 2).max(1);
        if let [only] = fixes {
            self.harmful.insert((only.rule.clone(), only.title.clone()), harm.to_owned());
        }
    }

    /// After a round that did none.
    pub(super) fn widen(&mut self) {
        self.most = self.most.saturating_mul(2);
        (self.again, self.tries) = (None, None);
    }

    /// Where nothing else is left: whether the fixes that do harm one by one are to be tried together, all of them, then all but one.
    pub(super) fn tries_again(&mut self) -> bool {
        if self.harmful.len() < 2 {
            return false;
        }
        let harmful = &self.harmful;
        let tries = self.tries.get_or_insert_with(|| {
            let few = harmful.keys().rev().filter(|_| (3..=FEW).contains(&harmful.len()));
            few.cloned().map(Some).chain([None]).collect()
        });
        let Some(left_out) = tries.pop() else { return false };
        let mut kept = self.harmful.clone();
        kept.retain(|fix, _| left_out.as_ref() == Some(fix));
        self.again = Some(std::mem::replace(&mut self.harmful, kept));
        self.most = usize::MAX;
        true
    }

    /// What harm a fix does, where that is known.
    fn harm(&self, finding: &Finding, fix: &Fix) -> Option<&String> {
        let of = |(rule, title): &Named| (rule, title) == (&finding.rule, &fix.title);
        self.harmful.iter().find_map(|(named, harm)| of(named).then_some(harm))
    }
}

/// Applies the fixes of a report that can be applied together.
pub(super) fn round(report: &Report, choice: &Choice, files: &mut Files<'_>, sources: &Sources) -> Round {
    let mut broken = BTreeSet::new();
    loop {
        let (mut round, placed) = chosen(report, choice, &broken, files, sources);
        if let Some(misfit) = files.misfit(&placed, sources) {
            broken.insert(placed[misfit].clone());
            continue;
        }
        files.settle(&placed, sources);
        round.refused.sort();
        round.refused.dedup();
        return round;
    }
}

/// The fixes whose places do not touch each other, but for those that are known to break a file.
fn chosen(
    report: &Report,
    choice: &Choice,
    broken: &BTreeSet<Placed>,
    files: &mut Files<'_>,
    sources: &Sources,
) -> (Round, Vec<Placed>) {
    let (mut round, mut all) = (Round::default(), vec![]);
    let (mut taken, mut seen) = (Taken::default(), BTreeSet::new());
    for (finding, fix) in report.findings.iter().filter_map(|finding| offered(finding, choice.reach)) {
        let refused = |why: Why| Refused { path: sources.seen_path(fix.edits[0].location.source), why };
        if let Some(harm) = choice.harm(finding, fix) {
            round.refused.push(refused(Why::Harms(fix.title.clone(), harm.clone())));
            continue;
        }
        if round.fixes.len() >= choice.most {
            break;
        }
        match placed(fix, files, sources) {
            Err(refused) => round.refused.push(refused),
            Ok(placed) if broken.contains(&placed) => round.refused.push(refused(Why::Breaks(fix.title.clone()))),
            Ok(placed) => {
                if seen.insert(placed.clone()) && taken.take(&placed, &finding.rule) {
                    round.fixes.push(applied(finding, fix, sources));
                    round.uncovers |= fix.uncovers;
                    round.mends.push(finding.fingerprint.clone());
                    all.push(placed);
                }
            }
        }
    }
    (round, all)
}

fn applied(finding: &Finding, fix: &Fix, sources: &Sources) -> Applied {
    let (found, edited) = (finding.primary.location, fix.edits[0].location);
    let at = sources.seen(if found.source == edited.source { found } else { edited });
    let file = format!("{}:", sources.seen_path(fix.edits[0].location.source));
    Applied { at, file, title: fix.title.clone(), rule: finding.rule.clone() }
}

fn offered(finding: &Finding, reach: Reach) -> Option<(&Finding, &Fix)> {
    let fix = finding.fix.as_ref().filter(|_| finding.status == Status::Open)?;
    reach.holds(fix).then_some((finding, fix))
}

/// The edits of a fix by file; none where one of the files must be left alone.
pub(super) fn placed(fix: &Fix, files: &mut Files<'_>, sources: &Sources) -> Result<Placed, Refused> {
    let mut placed: BTreeMap<PathBuf, Vec<(Span, String)>> = BTreeMap::new();
    for Edit { location, content } in &fix.edits {
        let source = sources.get(location.source);
        let refused = |why: Why| Refused { path: sources.seen_path(location.source), why };
        let Address::Disk(path) = &source.address else { return Err(refused(Why::NoFile)) };
        let shift = files.admit(path, location.source, &source).map_err(refused)?;
        let span = shifted(location.span, shift);
        placed.entry(path.clone()).or_default().push((span, content.clone()));
    }
    Ok(placed.into_iter().collect())
}
