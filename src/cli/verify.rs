//! `chartgate verify`: whether a chart is what a verdict file says was judged, under the same policy.

use super::args::{Color, StateArgs, VerifyArgs};
use super::environment::Environment;
use super::exit;
use super::output::Output;
use super::refusal::refused;
use crate::gate::{Evidence, PolicyChoice, PolicySource, Request};
use crate::report::attestation::Statement;
use crate::report::{Look, human};
use crate::source::{Dir, FILE_LIMIT, Home, Tree};
use crate::text::Sources;
use crate::text::printable::Printable;

pub(super) fn run(arguments: &VerifyArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let look = environment.look(color, false);
    let sources = Sources::new();
    let from = PolicySource::of(arguments.config.clone(), arguments.policy_from.clone());
    let request = Request {
        charts: StateArgs::default().charts(&arguments.charts, &arguments.versions),
        policy: PolicyChoice { from, ..PolicyChoice::default() },
        ..Request::default()
    };
    let (evidence, failures) = match environment.session(arguments.offline).identify(&request, &sources) {
        Ok(identified) => identified,
        Err(error) => return refused(&error, &sources, look, output),
    };
    let statement = statement(arguments, environment);
    for failure in &failures {
        output.complain(&human::failure(failure, &sources, look));
    }
    match statement {
        Err(message) => {
            output.complain(&human::message("failure", &message, None, Some(HELP), &sources, look));
            exit::UNDECIDED
        }
        Ok(_) if !failures.is_empty() => exit::UNDECIDED,
        Ok(statement) => compare(&statement, &evidence, arguments, look, output),
    }
}

const HELP: &str = "write it with `chartgate check --attest FILE`";

fn statement(arguments: &VerifyArgs, environment: &Environment) -> Result<Statement, String> {
    let shown = arguments.file.display();
    let home = Home::new(&environment.working_dir);
    let at = home.absolute(&arguments.file);
    let name = at.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let read = at.parent().ok_or_else(|| "it is a folder".to_owned()).and_then(|folder| {
        let folder = Dir::folder(folder).map_err(|error| error.to_string())?.within(home.boundary(&arguments.file));
        folder.read(&name, FILE_LIMIT).map_err(|error| error.to_string())
    });
    let read = read.and_then(|data| String::from_utf8(data).map_err(|_| "it is not UTF-8".to_owned()));
    let read = read.and_then(|text| Statement::read(&text).map_err(|error| error.to_string()));
    read.map_err(|reason| format!("cannot read the verdict file `{shown}`: {reason}"))
}

fn compare(statement: &Statement, evidence: &Evidence, arguments: &VerifyArgs, look: Look, output: &mut Output) -> u8 {
    let sources = Sources::new();
    let mismatches = statement.mismatches(evidence);
    for mismatch in &mismatches {
        let message = format!("`{}` does not vouch for this: {mismatch}", arguments.file.display());
        let help = "run `chartgate check --attest` again on what is to go out";
        output.complain(&human::message("error", &message, None, Some(help), &sources, look));
    }
    if !mismatches.is_empty() {
        return exit::FAIL;
    }
    for chart in &evidence.charts {
        output.print(&Printable::line(format!("pass: `{}` is what was judged, by the same rules", chart.path)));
    }
    exit::PASS
}
