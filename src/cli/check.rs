//! `chartgate check`: asks the gate, prints its report, and exits with its verdict.

use std::path::Path;

use super::args::{CheckArgs, Color, Threshold};
use super::environment::{Environment, Github};
use super::output::{self, Destination, Output};
use super::{exit, profiles, rules};
use crate::config::FailOn;
use crate::finding::{Label, Report, Verdict};
use crate::gate::{self, Request, Versioned};
use crate::network::Options;
use crate::published::ReleaseTag;
use crate::report::summary::Statement;
use crate::report::{Format, Look, github, human, render};
use crate::text::Sources;

/// What `--files` says where no chart is left.
const NONE_CONCERNED: &str = "pass: no chart packages or reads these files\n";
/// What `--changed` says where no chart is left.
const NONE_CHANGED: &str = "pass: no chart differs from the base, nor does what it is judged by\n";

pub(super) fn run(arguments: CheckArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let destinations = match destinations(&arguments.format, environment.github.is_some()) {
        Ok(destinations) => destinations,
        Err(message) => {
            output.complain(&format!("error: {message}\n"));
            return exit::USAGE;
        }
    };
    let page = |rule: &str| rules::page(rule);
    let look = environment.look(color, arguments.quiet, &page);
    let sources = Sources::new();
    let quiet = arguments.quiet;
    if arguments.explain_profiles {
        return explain_profiles(&request(arguments, environment), &sources, look, output);
    }
    let (attest, is_of_changed) = (arguments.attest.clone(), arguments.changed);
    let judged = match attest.as_ref().map_or(Ok(None), |_| environment.source_date()) {
        Ok(time) => judge(&request(arguments, environment), attest.as_deref(), time, &sources),
        Err(message) => {
            output.complain(&format!("error: {message}\n"));
            return exit::USAGE;
        }
    };
    let (report, statement) = match judged {
        Ok(judged) => judged,
        Err(error) => {
            output.complain(&explained(&error, &sources, Look { screen: crate::report::Screen::Plain, ..look }));
            return exit::USAGE;
        }
    };
    let nothing = if is_of_changed { NONE_CHANGED } else { NONE_CONCERNED };
    let is_told = tell(&report, &sources, &destinations, look, nothing, environment, output);
    let is_whole = attested(attest.as_deref(), statement.as_ref(), environment, output) && is_told;
    if environment.is_watched && !quiet {
        output.complain(&format!("took {:.2} s\n", environment.elapsed()));
    }
    match report.verdict {
        Verdict::Fail => exit::FAIL,
        Verdict::Pass if is_whole => exit::PASS,
        Verdict::Pass | Verdict::Undecided => exit::UNDECIDED,
    }
}

/// The report, and the verdict as a statement where one is to be written.
fn judge(
    request: &Request,
    attest: Option<&Path>,
    time: Option<u64>,
    sources: &Sources,
) -> Result<(Report, Option<Statement>), gate::Error> {
    if attest.is_none() {
        return gate::check(request, sources).map(|report| (report, None));
    }
    let (report, evidence) = gate::check_with_evidence(request, sources)?;
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
    match output::write(&environment.working_dir.join(file), &statement.text()) {
        Ok(()) => true,
        Err(error) => {
            output.complain(&format!("error: cannot write `{}`: {error}\n", file.display()));
            false
        }
    }
}

fn explain_profiles(request: &Request, sources: &Sources, look: Look<'_>, output: &mut Output) -> u8 {
    match gate::survey(request, sources) {
        Ok(survey) => {
            output.print(&profiles::explained(&survey, sources));
            let failures = survey.failures.iter().map(|failure| {
                let label = failure.location.map(|at| Label::new(at, ""));
                human::message("failure", &failure.message, label.as_ref(), failure.help.as_deref(), sources, look)
            });
            let said: String = failures.collect();
            output.complain(&said);
            if said.is_empty() { exit::PASS } else { exit::UNDECIDED }
        }
        Err(error) => {
            output.complain(&explained(&error, sources, look));
            exit::USAGE
        }
    }
}

/// Where to write: what was asked for, and what goes to standard output where nothing asked does.
fn destinations(asked: &[Destination], in_actions: bool) -> Result<Vec<Destination>, String> {
    let mut destinations = asked.to_vec();
    match asked.iter().filter(|destination| destination.file.is_none()).count() {
        0 => {
            let format = if in_actions { Format::Github } else { Format::Human };
            destinations.push(Destination { format, file: None });
            Ok(destinations)
        }
        1 => Ok(destinations),
        _ => Err("only one format can go to standard output; write the others as `--format FORMAT=FILE`".to_owned()),
    }
}

fn request(arguments: CheckArgs, environment: &Environment) -> Request {
    let fail_on = arguments.fail_on.map(|threshold| match threshold {
        Threshold::Never => FailOn::Never,
        Threshold::Info => FailOn::Info,
        Threshold::Warning => FailOn::Warning,
        Threshold::Error => FailOn::Error,
    });
    let named = arguments.tag.filter(|tag| !tag.is_empty()).map(|name| ReleaseTag { name, is_named: true });
    let tag = named.or_else(|| environment.tag.clone().map(|name| ReleaseTag { name, is_named: false }));
    Request {
        working_dir: environment.working_dir.clone(),
        paths: arguments.paths,
        files: arguments.files,
        changed: arguments.changed,
        source: arguments.source,
        config: arguments.config,
        profiles: arguments.profile,
        values: arguments.values,
        production: arguments.production,
        select: arguments.select,
        ignore: arguments.ignore,
        fail_on,
        versioned: Versioned { version: arguments.chart_version, app_version: arguments.app_version },
        base: arguments.base,
        policy_from: arguments.policy_from,
        at: arguments.at,
        git_dir: arguments.git_dir,
        target_branch: environment.target_branch.clone(),
        pushed_from: environment.pushed_from.clone(),
        today: environment.today,
        network: Options { offline: arguments.offline, ..environment.network.clone() },
        dependencies: environment.dependencies.clone(),
        offline: arguments.offline,
        tag,
    }
}

/// Why nothing was judged, each fault with its place.
pub(super) fn explained(error: &gate::Error, sources: &Sources, look: Look<'_>) -> String {
    match error {
        gate::Error::Usage { message, help } => human::message("error", message, None, Some(help), sources, look),
        gate::Error::Config(errors) => {
            let one = |error: &crate::config::Error| {
                let label = Label::new(error.at, "");
                human::message("error", &error.message, Some(&label), error.help.as_deref(), sources, look)
            };
            errors.iter().map(one).collect()
        }
    }
}

/// Writes the report everywhere; false where a place could not be written.
fn tell(
    report: &Report,
    sources: &Sources,
    destinations: &[Destination],
    look: Look<'_>,
    nothing: &str,
    environment: &Environment,
    output: &mut Output,
) -> bool {
    let mut is_whole = true;
    let mut keep = |written: std::io::Result<()>, path: &Path, output: &mut Output| {
        if let Err(error) = written {
            output.complain(&format!("error: cannot write `{}`: {error}\n", path.display()));
            is_whole = false;
        }
    };
    for Destination { format, file } in destinations {
        match file {
            None if report.charts.is_empty() && *format != Format::Json => output.print(nothing),
            None => output.print(&render(*format, report, sources, look)),
            Some(file) => {
                let look = Look { screen: crate::report::Screen::Plain, unicode: true, ..look };
                let path = environment.working_dir.join(file);
                keep(output::write(&path, &render(*format, report, sources, look)), file, output);
            }
        }
    }
    if let Some(Github { summary, outputs }) = &environment.github {
        if let Some(file) = summary {
            keep(output::append(file, &github::markdown(report, sources)), file, output);
        }
        if let Some(file) = outputs {
            keep(output::append(file, &github::outputs(report)), file, output);
        }
    }
    is_whole
}
