//! `--fix` and `--diff` of `chartgate check`.

use std::path::{Path, PathBuf};

use super::args::CheckArgs;
use super::baseline::{Around, Asked};
use super::environment::Environment;
use super::exit;
use super::output::{self, Output};
use super::refusal::refused;
use crate::finding::Report;
use crate::fix::{self, Change, Mended, Reach, Refused, Territory, Texts, diff};
use crate::gate::{Charts, Request};
use crate::report::{Look, Screen, human, open};
use crate::text::Sources;
use crate::text::printable::Printable;

/// What the command line asks to be done with fixes.
#[derive(Debug)]
pub(super) struct Mending {
    reach: Reach,
    /// Whether they are only shown.
    is_shown: bool,
    territory: Territory,
    look: Look,
}

impl Mending {
    /// What the arguments ask for; none where they ask for no fixes.
    ///
    /// # Errors
    /// Where a packaged chart is named, which nothing can be written to.
    pub(super) fn of(arguments: &CheckArgs, environment: &Environment) -> Result<Option<Self>, String> {
        if !arguments.fix && !arguments.diff {
            return Ok(None);
        }
        let disk = |path: &PathBuf| environment.working_dir.join(path);
        let is_package = |path: &&PathBuf| {
            let is_metadata = path.file_name().is_some_and(|name| name == "Chart.yaml");
            !is_metadata && output::is_file(&disk(path))
        };
        if let Some(path) = arguments.paths.iter().find(is_package) {
            let shown = path.display();
            return Err(format!(
                "`{shown}` is a packaged chart, which cannot be fixed; fix the folder it is made from"
            ));
        }
        Ok(Some(Self {
            reach: if arguments.unsafe_fixes { Reach::Unsafe } else { Reach::Safe },
            is_shown: arguments.diff,
            territory: Territory::new(&environment.working_dir, &arguments.paths),
            look: environment.look(super::Color::Auto, arguments.quiet),
        }))
    }

    /// Fixes and says what is left; `tell` writes the report with what was fixed, and says whether all of it was written.
    pub(super) fn run(
        &self,
        around: &Around<'_>,
        baseline: Option<&Asked>,
        sources: &Sources,
        output: &mut Output,
        tell: impl Fn(&Report, &Printable, &mut Output) -> bool,
    ) -> u8 {
        let mut judge = |texts: &Texts| {
            let charts = Charts { unsaved: texts.clone(), ..around.request.charts.clone() };
            let request = Request { charts, ..around.request.clone() };
            let mut report = around.session.check(&request, sources)?;
            if let Some(baseline) = baseline {
                baseline.apply(&mut report, sources, around, output);
            }
            Ok(report)
        };
        let mended = match fix::mend(&mut judge, self.reach, &self.territory, sources) {
            Ok(mended) => mended,
            Err(error) => return refused(&error, sources, self.look, output),
        };
        if self.is_shown {
            return self.show(&mended, sources, output);
        }
        let left = self.territory.write(&mended.changes, false);
        let report = if left.is_empty() { Ok(mended.after.clone()) } else { judge(&Texts::new()) };
        let report = match report {
            Ok(report) => report,
            Err(error) => return refused(&error, sources, self.look, output),
        };
        let unwritten: Vec<&Path> = left.iter().map(|(change, _)| change.path.as_path()).collect();
        let mut refused = mended.refused.clone();
        refused.extend(left.iter().map(|(change, why)| Refused { path: change.shown.clone(), why: why.clone() }));
        let is_whole = tell(&report, &self.said(&mended, &unwritten, &refused, &report), output);
        exit::code(&report, is_whole)
    }

    /// Prints the patch, and what people want to know beside it where it does not get in the way.
    fn show(&self, mended: &Mended, sources: &Sources, output: &mut Output) -> u8 {
        let (patch, unprinted) = diff::patch(&mended.changes);
        output.print(&Printable::document(patch));
        for failure in &mended.after.failures {
            output.complain(&human::failure(failure, sources, Look { screen: Screen::Plain, ..self.look }));
        }
        let (fixed, files) = (mended.applied.len(), mended.changes.len());
        let mut said: Printable = mended.refused.iter().chain(&unprinted).map(alone).collect();
        let counts = format!("{} in {} would be fixed", counted(fixed, "finding"), counted(files, "file"));
        said.push(&Printable::line(format!("{counts}, {}", self.rest(&mended.after))));
        if !self.look.quiet {
            output.complain(&said);
        }
        // No file was touched: what counts is what the files say.
        exit::code(&mended.before, true)
    }

    /// What was fixed, what was left alone, and what remains.
    fn said(&self, mended: &Mended, unwritten: &[&Path], refused: &[Refused], report: &Report) -> Printable {
        let mut said = Printable::default();
        let written: Vec<&Change> =
            mended.changes.iter().filter(|change| !unwritten.contains(&change.path.as_path())).collect();
        let is_written = |at: &str| {
            let of = |change: &&Change| at.strip_prefix(&change.shown).is_some_and(|rest| rest.starts_with(':'));
            !mended.changes.iter().filter(|change| unwritten.contains(&change.path.as_path())).any(|change| of(&change))
        };
        let fixed: Vec<_> = mended.applied.iter().filter(|fix| is_written(&fix.file)).collect();
        if !self.look.quiet {
            said.extend(
                fixed.iter().map(|fix| Printable::line(format!("fixed {}: {} ({})", fix.at, fix.title, fix.rule))),
            );
        }
        said.extend(refused.iter().map(alone));
        if !self.look.quiet {
            let counts = format!("{} in {} fixed", counted(fixed.len(), "finding"), counted(written.len(), "file"));
            said.push(&Printable::line(format!("{counts}, {}", self.rest(report))));
        }
        said
    }

    /// What remains once fixes are applied.
    fn rest(&self, report: &Report) -> String {
        let withheld = fix::withheld(report, self.reach);
        let more = match withheld {
            0 => String::new(),
            1 => "; 1 more fix may change more than what was found: `--unsafe-fixes`".to_owned(),
            count => format!("; {count} more fixes may change more than what was found: `--unsafe-fixes`"),
        };
        format!("{} left{more}", open(report))
    }
}

fn alone(refused: &Refused) -> Printable {
    Printable::line(format!("left `{}` alone: {}", refused.path, refused.why))
}

fn counted(count: usize, name: &str) -> String {
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}
