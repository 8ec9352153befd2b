//! `--baseline` and `--update-baseline` of `chartgate check`.

use std::path::{Path, PathBuf};

use super::args::CheckArgs;
use super::environment::Environment;
use super::output::{self, Output};
use crate::baseline::{self, Baseline, Entry, LOOSENED, UNUSED};
use crate::finding::{Failure, FailureKind, Report, Verdict};
use crate::gate::{Request, Session};
use crate::source::Home;
use crate::text::printable::Printable;
use crate::text::{Address, Source, Sources};

/// What the command line says of a baseline.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    file: PathBuf,
    update: bool,
    /// What the run looks at.
    scope: Scope,
}

/// What a run looks at: only there, what is not found is gone.
#[derive(Debug, Clone)]
struct Scope {
    /// Whether every chart is named, and no file.
    names_all: bool,
    /// Whether rules are picked on the command line.
    picks_rules: bool,
    /// The profiles that are named; none where all are judged.
    profiles: Option<Vec<String>>,
}

impl Scope {
    fn of(arguments: &CheckArgs) -> Self {
        let picks_profiles = !arguments.profile.is_empty() || !arguments.values.is_empty();
        Self {
            names_all: arguments.paths.is_empty() && !arguments.files && !arguments.changed,
            picks_rules: !arguments.select.is_empty() || !arguments.ignore.is_empty(),
            profiles: picks_profiles.then(|| arguments.profile.clone()),
        }
    }

    /// Whether a run would have found again what an entry is about; `is_whole` is whether it was of the whole repository.
    fn covers(&self, entry: &Entry, report: &Report, is_whole: bool) -> bool {
        let is_its = |chart: &Option<String>| chart.is_none() || *chart == entry.chart;
        let is_unread = report.failures.iter().any(|failure| is_its(&failure.chart));
        let is_judged = || report.charts.iter().any(|chart| entry.chart.as_ref() == Some(&chart.path));
        let is_on = !self.picks_rules || report.rule(&entry.rule).is_some();
        let sees = |names: &Vec<String>| entry.profile.as_ref().is_none_or(|profile| names.contains(profile));
        let is_seen = self.profiles.as_ref().is_none_or(sees);
        !is_unread && is_on && is_seen && (is_whole || is_judged())
    }

    /// Whether the run is of the whole repository: from a folder in it, charts beside that are not looked at.
    fn is_whole(&self, working_dir: &Path) -> bool {
        let home = Home::new(working_dir);
        self.names_all && home.root() == home.working_dir()
    }
}

/// What the report was made of.
pub(super) struct Around<'a> {
    pub(super) session: &'a Session,
    pub(super) request: &'a Request,
    pub(super) environment: &'a Environment,
}

impl Asked {
    pub(super) fn of(arguments: &CheckArgs) -> Option<Self> {
        let file = arguments.baseline.clone()?;
        Some(Self { file, update: arguments.update_baseline, scope: Scope::of(arguments) })
    }

    /// Reads the baseline, or writes it anew, and applies it to the report.
    pub(super) fn apply(&self, report: &mut Report, sources: &Sources, surroundings: &Around<'_>, output: &mut Output) {
        let Around { session, request, environment } = surroundings;
        let path = environment.working_dir.join(&self.file);
        let (known, text) = match read(session.policy_file(request, &self.file)) {
            Ok(Some(read)) => read,
            Ok(None) if self.update => (Baseline::default(), String::new()),
            Ok(None) => return self.fail(report, "it does not exist", "write it with `--update-baseline`"),
            Err(reason) => {
                return self.fail(report, &reason, "remove the file, and write it anew with `--update-baseline`");
            }
        };
        if self.update {
            return self.update(&known, report, sources, environment, output);
        }
        let mut gone = known.apply(report).gone;
        let is_whole = self.scope.is_whole(&environment.working_dir);
        gone.retain(|entry| self.scope.covers(entry, report, is_whole));
        self.compare(report, sources, surroundings);
        let level = report.rule(UNUSED).map(|rule| rule.level);
        if let Some(level) = level.filter(|_| !gone.is_empty()) {
            let shown = self.file.to_string_lossy().replace('\\', "/");
            let source = sources.add(Source::new(shown, Address::Disk(path), text));
            report.findings.extend(Baseline::unused(&gone, level, source, sources));
            baseline::judge(report);
        }
    }

    /// Says which findings a change adds to the baseline, as it says of everything that asks less.
    fn compare(&self, report: &mut Report, sources: &Sources, Around { session, request, environment }: &Around<'_>) {
        let Some(level) = report.rule(LOOSENED).map(|rule| rule.level) else { return };
        let [now, before] = match session.policy_file_before(request, &self.file) {
            Ok(Some(states)) => states.map(|data| read(Ok(Some(data))).ok().flatten()),
            Ok(None) => return,
            Err(reason) => return self.fail(report, &reason, "make it readable in both states"),
        };
        // What is no baseline is said where it is used.
        let (Some((now, text)), Some((before, _))) = (now, before) else { return };
        let added = now.beyond(&before);
        if !added.is_empty() {
            let shown = self.file.to_string_lossy().replace('\\', "/");
            let path = environment.working_dir.join(&self.file);
            let source = sources.add(Source::new(shown, Address::Disk(path), text));
            report.findings.push(Baseline::grown(&added, level, source, sources));
            baseline::judge(report);
        }
    }

    fn update(
        &self,
        known: &Baseline,
        report: &mut Report,
        sources: &Sources,
        environment: &Environment,
        output: &mut Output,
    ) {
        if !report.failures.is_empty() {
            let message =
                format!("the baseline `{}` is not written: not everything could be checked", self.file.display());
            report.failures.push(Failure::new(FailureKind::Read, message).help("mend the other failures first"));
            report.verdict = report.verdict.max(Verdict::Undecided);
            return;
        }
        let mut new = Baseline::of(report, sources);
        let mut gone = known.apply(&mut report.clone()).gone;
        // What was found where this run did not look is there still.
        let is_whole = self.scope.is_whole(&environment.working_dir);
        let is_left = |entry: &mut Entry| !self.scope.covers(entry, report, is_whole);
        new = new.with(gone.extract_if(.., is_left).collect());
        let gone = gone.len();
        let added = new.len() + gone - known.len();
        if let Err(error) = output::write(&environment.working_dir, &self.file, &new.text()) {
            return self.fail(report, &format!("cannot write it: {error}"), "choose another file");
        }
        new.apply(report);
        let (file, count) = (self.file.display(), new.len());
        let plural = if count == 1 { "" } else { "s" };
        let line = format!("wrote `{file}`: {count} finding{plural}, {added} of them new, {gone} gone");
        output.complain(&Printable::line(line));
    }

    /// A baseline that cannot be read must not hide what it lists, nor let a run pass.
    fn fail(&self, report: &mut Report, reason: &str, help: &str) {
        let shown = self.file.display().to_string();
        let message = format!("cannot use the baseline `{shown}`: {reason}");
        report.failures.push(Failure::new(FailureKind::Read, message).at_path(shown).help(help));
        report.failures.sort();
        report.verdict = report.verdict.max(Verdict::Undecided);
    }
}

/// The baseline in a file, with its text; none where there is no such file.
fn read(data: Result<Option<Vec<u8>>, String>) -> Result<Option<(Baseline, String)>, String> {
    let Some(data) = data? else { return Ok(None) };
    let text = String::from_utf8(data).map_err(|_| "it is not UTF-8".to_owned())?;
    let baseline = Baseline::read(&text).map_err(|error| error.to_string())?;
    Ok(Some((baseline, text)))
}
