//! `chartgate check`: asks the gate, prints its report, and exits with its verdict.

use std::path::{Path, PathBuf};

use super::args::{CheckArgs, Color, Threshold};
use super::baseline::{self, Around};
use super::environment::{Environment, Github};
use super::fix::Mending;
use super::output::{self, Destination, Output};
use super::refusal::refused;
use super::{exit, profiles, settings};
use crate::config::FailOn;
use crate::finding::Report;
use crate::gate::{self, PolicyChoice, PolicySource, ProfileChoice, Request, Selection, Session, Survey};
use crate::report::attestation::Statement;
use crate::report::html::{self, Images};
use crate::report::{self, Format, Look, Screen, github, human, markdown, render, statistics};
use crate::text::Sources;
use crate::text::printable::Printable;

/// What `--files` says where no chart is left.
const NONE_CONCERNED: &str = "pass: no chart packages or reads these files";
/// What `--changed` says where no chart is left.
const NONE_CHANGED: &str = "pass: no chart differs from the base, nor does what it is judged by";

pub(super) fn run(arguments: CheckArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let (session, timings) = environment.timed_session(arguments.offline, arguments.timings);
    let code = asked(&session, arguments, color, environment, output).unwrap_or_else(|message| {
        output.refuse(message);
        exit::USAGE
    });
    output.complain(&timings.as_deref().map(report::timings).unwrap_or_default());
    code
}

/// Does what the arguments ask for.
///
/// # Errors
/// In words, where they do not fit together.
fn asked(
    session: &Session,
    arguments: CheckArgs,
    color: Color,
    environment: &Environment,
    output: &mut Output,
) -> Result<u8, String> {
    let destinations = destinations(&arguments, environment)?;
    let is_json = destinations.iter().any(|destination| destination.format == Format::Json);
    let look = environment.look(color, arguments.quiet);
    let is_listing = arguments.is_listing();
    let sources = if is_listing && is_json { Sources::new() } else { environment.sources() };
    let mending = Mending::of(&arguments, environment)?;
    if is_listing {
        fits(&destinations)?;
    }
    if arguments.show_settings {
        return Ok(settings::run(session, &request(arguments), (is_json, look), &sources, output));
    }
    if arguments.explain_profiles {
        let form = if is_json { profiles::json } else { profiles::explained };
        return Ok(explain_profiles(session, &request(arguments), form, &sources, look, output));
    }
    let (attest, baseline) = (arguments.attest.clone(), baseline::Asked::of(&arguments));
    let nothing = if arguments.changed { NONE_CHANGED } else { NONE_CONCERNED };
    let (quiet, statistics) = (arguments.quiet, arguments.statistics);
    let request = request(arguments);
    let around = Around { session, request: &request, environment };
    let destinations = destinations.as_slice();
    if let Some(mending) = mending {
        let told = |report: &Report, fixed: &Printable, output: &mut Output| {
            let told = Telling { report, images: None, statistics, nothing, look, sources: &sources };
            told.tell(destinations, fixed, environment, output)
        };
        return Ok(mending.run(&around, baseline.as_ref(), &sources, output, told));
    }
    let time = attest.as_ref().map_or(Ok(None), |_| environment.source_date())?;
    let (mut report, statement) = match judge(session, &request, attest.as_deref(), time, &sources) {
        Ok(judged) => judged,
        Err(error) => return Ok(refused(&error, &sources, look, output)),
    };
    if let Some(baseline) = baseline {
        baseline.apply(&mut report, &sources, &around, output);
    }
    let shows_images = destinations.iter().any(|destination| destination.format == Format::Html);
    let images = match shows_images.then(|| session.survey(&request, &sources)).transpose() {
        Ok(survey) => survey.map(|survey| Images::of(&survey, &sources)),
        Err(error) => return Ok(refused(&error, &sources, look, output)),
    };
    let told = Telling { report: &report, images, statistics, nothing, look, sources: &sources };
    let is_told = told.tell(destinations, &Printable::default(), environment, output);
    let is_whole = attested(attest.as_deref(), statement.as_ref(), environment, output) && is_told;
    if environment.is_watched && !quiet {
        output.complain(&Printable::line(format!("took {:.2} s", environment.elapsed())));
    }
    Ok(exit::code(&report, is_whole))
}

/// The report, and the verdict as a statement where one is to be written.
fn judge(
    session: &Session,
    request: &Request,
    attest: Option<&Path>,
    time: Option<u64>,
    sources: &Sources,
) -> Result<(Report, Option<Statement>), gate::Error> {
    if attest.is_none() {
        return session.check(request, sources).map(|report| (report, None));
    }
    let (report, evidence) = session.check_with_evidence(request, sources)?;
    let statement = evidence.map(|evidence| Statement::new(&report, &evidence, time));
    Ok((report, statement))
}

/// Writes the verdict file; false where it could not be written.
fn attested(
    file: Option<&Path>,
    statement: Option<&Statement>,
    environment: &Environment,
    output: &mut Output,
) -> bool {
    let (Some(file), Some(statement)) = (file, statement) else { return true };
    match output::write(&environment.working_dir, file, &statement.text()) {
        Ok(()) => true,
        Err(error) => {
            output.refuse(format!("cannot write `{}`: {error}", file.display()));
            false
        }
    }
}

fn explain_profiles(
    session: &Session,
    request: &Request,
    form: fn(&Survey, &Sources) -> Printable,
    sources: &Sources,
    look: Look,
    output: &mut Output,
) -> u8 {
    match session.survey(request, sources) {
        Ok(survey) => {
            output.print(&form(&survey, sources));
            let failures = survey.failures.iter().map(|failure| human::failure(failure, sources, look));
            let said: Printable = failures.collect();
            output.complain(&said);
            if said.is_empty() { exit::PASS } else { exit::UNDECIDED }
        }
        Err(error) => refused(&error, sources, look, output),
    }
}

/// Settings and profiles are told in two forms, on standard output.
fn fits(destinations: &[Destination]) -> Result<(), String> {
    let is_told = |format: Format| matches!(format, Format::Human | Format::Concise | Format::Json);
    match destinations.iter().find(|destination| destination.file.is_some() || !is_told(destination.format)) {
        Some(Destination { file: Some(_), .. }) => {
            Err("settings and profiles go to standard output: write `--format json` and `> FILE`".to_owned())
        }
        Some(other) => {
            Err(format!("settings and profiles have no form `{}`: write `human` or `json`", other.format.name()))
        }
        None => Ok(()),
    }
}

/// Where to write: what was asked for, and what goes to standard output where nothing asked does.
fn destinations(arguments: &CheckArgs, environment: &Environment) -> Result<Vec<Destination>, &'static str> {
    if matches!(arguments.fail_on, Some(Threshold::New)) && arguments.baseline.is_none() {
        return Err("`--fail-on new` needs `--baseline FILE`, which says what is not new");
    }
    let mut destinations = arguments.format.clone();
    let place = |file: &PathBuf| output::named(&environment.working_dir.join(file));
    let files: Vec<PathBuf> =
        destinations.iter().filter_map(|destination| destination.file.as_ref().map(place)).collect();
    if (1..files.len()).any(|index| files[..index].contains(&files[index])) {
        return Err("two formats cannot go to one file");
    }
    let is_taken = |file: &Option<PathBuf>| file.as_ref().is_some_and(|file| files.contains(&place(file)));
    if is_taken(&arguments.attest) || is_taken(&arguments.baseline) {
        return Err("a format cannot go to the file of `--attest` or `--baseline`");
    }
    match destinations.iter().filter(|destination| destination.file.is_none()).count() {
        0 => {
            // Settings and profiles are listed, and nothing of them is marked in a change.
            let is_marking = environment.github.is_some() && !arguments.is_listing();
            let format = if is_marking { Format::Github } else { Format::Human };
            destinations.push(Destination { format, file: None });
            Ok(destinations)
        }
        1 => Ok(destinations),
        _ => Err("only one format can go to standard output; write the others as `--format FORMAT=FILE`"),
    }
}

fn request(arguments: CheckArgs) -> Request {
    let fail_on = arguments.fail_on.map(|threshold| match threshold {
        Threshold::Never => FailOn::Never,
        Threshold::Info | Threshold::New => FailOn::Info,
        Threshold::Warning => FailOn::Warning,
        Threshold::Error => FailOn::Error,
    });
    let (paths, selection) = match (arguments.files, arguments.changed) {
        (true, _) => (vec![], Selection::Files(arguments.paths)),
        (false, true) => (arguments.paths, Selection::Changed),
        (false, false) => (arguments.paths, Selection::All),
    };
    let from = PolicySource::of(arguments.config, arguments.policy_from);
    Request {
        charts: arguments.state.charts(&paths, &arguments.versions),
        selection,
        profiles: ProfileChoice {
            names: arguments.profile,
            values: arguments.values,
            production: arguments.production,
        },
        policy: PolicyChoice {
            from,
            select: arguments.select,
            ignore: arguments.ignore,
            resolve: arguments.resolve,
            fail_on,
        },
        base: arguments.base,
        tag: arguments.tag,
        fetch: arguments.fetch,
        source: arguments.source,
    }
}

/// A report with all that is needed to say it.
struct Telling<'a> {
    report: &'a Report,
    images: Option<Images>,
    statistics: bool,
    /// What is said where there was nothing to judge.
    nothing: &'a str,
    look: Look,
    sources: &'a Sources,
}

impl Telling<'_> {
    /// Writes the report everywhere, with what was fixed behind it where people read it; false where a place could not be written.
    fn tell(
        &self,
        destinations: &[Destination],
        fixed: &Printable,
        environment: &Environment,
        output: &mut Output,
    ) -> bool {
        let mut is_whole = true;
        let mut keep = |written: std::io::Result<()>, path: &Path, output: &mut Output| {
            if let Err(error) = written {
                output.refuse(format!("cannot write `{}`: {error}", path.display()));
                is_whole = false;
            }
        };
        for Destination { format, file } in destinations {
            match file {
                None => {
                    let mut said = self.said(*format, self.look);
                    let is_for_people = matches!(format, Format::Human | Format::Concise);
                    if is_for_people {
                        said.push(fixed);
                    } else {
                        output.complain(fixed);
                    }
                    output.print(&said);
                }
                Some(file) => {
                    let look = Look { screen: Screen::Plain, unicode: true, ..self.look };
                    keep(
                        output::write(&environment.working_dir, file, self.said(*format, look).as_str()),
                        file,
                        output,
                    );
                }
            }
        }
        if let Some(Github { summary, outputs }) = &environment.github {
            if let Some(file) = summary {
                keep(output::append(file, markdown::job_summary(self.report, self.sources).as_str()), file, output);
            }
            if let Some(file) = outputs {
                keep(output::append(file, &github::outputs(self.report)), file, output);
            }
        }
        is_whole
    }

    fn said(&self, format: Format, look: Look) -> Printable {
        let is_for_people = matches!(format, Format::Human | Format::Concise | Format::Github);
        if is_for_people && self.report.charts.is_empty() && self.report.failures.is_empty() {
            let reasons = report::skipped(self.report).map(Printable::line);
            return std::iter::once(Printable::line(self.nothing)).chain(reasons).collect();
        }
        let mut text = match format {
            Format::Html => html::page(self.report, self.images.as_ref(), self.sources),
            format => render(format, self.report, self.sources, look),
        };
        if self.statistics && matches!(format, Format::Human | Format::Concise) {
            text.push(&statistics(self.report));
        }
        text
    }
}
