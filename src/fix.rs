//! Fixes applied: chosen from a report, laid over the files in memory, and judged again until nothing is left to fix.
//!
//! A fix that brings up something else is taken back. Nothing is written here before all is known; [`disk`] does that, in one step for
//! each file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::finding::{Failure, FailureKind, Fix, Report, Safety, Status, Verdict};
use crate::text::Sources;
use choose::{Choice, Round};
use files::Files;
use tested::Tested;

mod choose;
pub mod diff;
pub mod disk;
mod draft;
mod files;
pub mod harm;
pub mod pin;
mod taken;
mod tested;
mod why;

pub use disk::Territory;
pub use draft::Draft;
pub use why::Why;

/// Bytes of files, by their absolute paths without links in them.
pub type Texts = BTreeMap<PathBuf, Arc<[u8]>>;

/// Rounds of fixing and judging after which no less is left to fix; what takes more does not come to an end.
const ROUNDS: usize = 100;
/// Rounds that are taken back, since they brought up something else; fixes that are left then are not tried.
const TRIES: usize = 400;

/// Which fixes are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those that mean the same but for what the finding is about.
    Safe,
    /// Those too that may change more.
    Unsafe,
}

impl Reach {
    /// Whether a fix is applied.
    pub fn holds(self, fix: &Fix) -> bool {
        let is_safe_enough = match fix.safety {
            Safety::Safe => true,
            Safety::Unsafe => self == Self::Unsafe,
            Safety::DisplayOnly => false,
        };
        is_safe_enough && !fix.edits.is_empty()
    }
}

/// A fix and the finding it was for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Applied {
    /// `path:line:column`, as it was when the fix was applied.
    pub at: String,
    /// The first file that it edits, with a colon behind it.
    pub file: String,
    /// What it does.
    pub title: String,
    /// The finding's rule.
    pub rule: String,
}

/// A fix that could not be applied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// The file, as reports name it.
    pub path: String,
    /// Why it is left alone.
    pub why: Why,
}

/// A file that fixes change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it lies, without links.
    pub path: PathBuf,
    /// Its path in reports.
    pub shown: String,
    /// What it holds.
    pub before: Arc<[u8]>,
    /// What it should hold.
    pub after: Arc<[u8]>,
}

/// What fixing came to. Nothing is written yet.
#[derive(Debug)]
pub struct Mended {
    /// What was found before.
    pub before: Report,
    /// What is found once the changes are written.
    pub after: Report,
    /// The fixes, in the order of rounds and places.
    pub applied: Vec<Applied>,
    /// Files that fixes would change and that are left alone.
    pub refused: Vec<Refused>,
    /// The files, by path.
    pub changes: Vec<Change>,
}

/// Judges, fixes and judges again until nothing is left to fix. `judge` gets the files that have other bytes than the disk.
///
/// # Errors
/// What `judge` refuses. Where fixing does not come to an end, nothing is changed and the report has a failure that says so.
pub fn mend<E>(
    mut judge: impl FnMut(&Texts) -> Result<Report, E>,
    reach: Reach,
    territory: &Territory,
    sources: &Sources,
) -> Result<Mended, E> {
    let before = judge(&Texts::new())?;
    let mut files = Files::new(territory);
    let mut applied = vec![];
    let mut after = before.clone();
    let mut known = BTreeSet::new();
    let mut choice = Choice::new(reach);
    let mut course = Course { rounds: 0, tries: 0, fewest: offered(&before, reach) };
    while course.rounds < ROUNDS {
        let Round { fixes, refused, uncovers, mends } = choose::round(&after, &choice, &mut files, sources);
        if fixes.is_empty() && choice.tries_again() {
            continue;
        }
        if fixes.is_empty() {
            return Ok(Mended { before, after, applied, refused, changes: files.changes() });
        }
        let texts = files.texts();
        if !known.insert(texts.clone()) {
            applied.extend(fixes);
            break;
        }
        let next = judge(&texts)?;
        // Of several fixes, two may have got in each other's way.
        let round = Tested { is_one: fixes.len() == 1, uncovers, reach, mends: &mends };
        if let Some(harm) = round.harm(&after, &next, &files, sources) {
            files.take_back();
            known.remove(&texts);
            choice.narrow(&fixes, &harm.said(sources));
            course.tries += 1;
            if course.tries == TRIES {
                let after = failing(after, untried());
                return Ok(Mended { before, after, applied, refused, changes: files.changes() });
            }
            continue;
        }
        choice.widen();
        applied.extend(fixes);
        after = next;
        course.goes_on(offered(&after, reach));
    }
    let last = applied.last().map(|fix: &Applied| format!(": `{}` changes {} again", fix.rule, fix.at));
    let message = format!("fixing does not come to an end within {ROUNDS} rounds{}", last.unwrap_or_default());
    let failure =
        Failure::new(FailureKind::Limit, message).help("nothing was changed; leave the rule out with `--ignore`");
    let after = failing(before.clone(), failure);
    Ok(Mended { before, after, applied: vec![], refused: vec![], changes: vec![] })
}

/// Whether one fix of a report can be applied by itself, mends what it is for and brings up nothing else.
///
/// # Errors
/// What `judge` refuses.
pub fn holds<E>(
    judge: impl FnOnce(&Texts) -> Result<Report, E>,
    before: &Report,
    fix: &Fix,
    territory: &Territory,
    sources: &Sources,
) -> Result<bool, E> {
    let mut files = Files::new(territory);
    let Ok(placed) = choose::placed(fix, &mut files, sources) else { return Ok(false) };
    let placed = [placed];
    if files.misfit(&placed, sources).is_some() {
        return Ok(false);
    }
    files.settle(&placed, sources);
    let after = judge(&files.texts())?;
    let reach = if fix.safety == Safety::Safe { Reach::Safe } else { Reach::Unsafe };
    let first = before.findings.iter().find(|finding| finding.fix.as_ref() == Some(fix));
    let mends: Vec<String> = first.iter().map(|finding| finding.fingerprint.clone()).collect();
    let tested = Tested { is_one: true, uncovers: fix.uncovers, reach, mends: &mends };
    Ok(tested.harm(before, &after, &files, sources).is_none())
}

/// How far fixing is.
struct Course {
    /// Rounds after which no less was left.
    rounds: usize,
    /// Rounds that were taken back.
    tries: usize,
    /// The fewest fixes that were left after a round.
    fewest: usize,
}

impl Course {
    /// Counts a round after which so many fixes are left.
    fn goes_on(&mut self, left: usize) {
        self.rounds += usize::from(left >= self.fewest);
        self.fewest = self.fewest.min(left);
    }
}

/// How many fixes a report offers that a reach holds.
fn offered(report: &Report, reach: Reach) -> usize {
    let open = report.findings.iter().filter(|finding| finding.status == Status::Open);
    open.filter(|finding| finding.fix.as_ref().is_some_and(|fix| reach.holds(fix))).count()
}

fn failing(mut report: Report, failure: Failure) -> Report {
    report.failures.push(failure);
    report.verdict = report.verdict.max(Verdict::Undecided);
    report
}

fn untried() -> Failure {
    let message = format!("{TRIES} tries to fix brought up something else each; not every fix that is left was tried");
    Failure::new(FailureKind::Limit, message).help("fix rule by rule, with `--select`")
}

/// How many fixes of open findings are offered that a reach leaves out.
pub fn withheld(report: &Report, reach: Reach) -> usize {
    let open = report.findings.iter().filter(|finding| finding.status == Status::Open);
    let fixes = open.filter_map(|finding| finding.fix.as_ref());
    let beyond = fixes.filter(|fix| !reach.holds(fix) && Reach::Unsafe.holds(fix));
    beyond.map(|fix| &fix.edits).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests;
