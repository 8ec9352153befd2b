//! `chartgate changed`: the charts that a pipeline has to look at.

use serde::Serialize;

use super::args::{ChangedArgs, Color, List, VersionArgs};
use super::environment::Environment;
use super::exit;
use super::output::{self, Output};
use super::refusal::refused;
use crate::gate::{self, Changes, PolicyChoice, PolicySource, Request};
use crate::report::human;
use crate::text::Sources;
use crate::text::printable::Printable;

pub(super) fn run(arguments: &ChangedArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let look = environment.look(color, false);
    let is_json = matches!(arguments.format, List::Json);
    let sources = if is_json { Sources::new() } else { environment.sources() };
    let request = Request {
        charts: arguments.state.charts(&arguments.paths, &VersionArgs::default()),
        policy: PolicyChoice { from: PolicySource::of(arguments.config.clone(), None), ..PolicyChoice::default() },
        base: arguments.base.clone(),
        ..Request::default()
    };
    let changes = match environment.session(arguments.offline).changed(&request, &sources) {
        Ok(changes) => changes,
        Err(error) => return refused(&error, &sources, look, output),
    };
    // A list that lacks a chart would let it go out unjudged: none is better.
    if !changes.failures.is_empty() {
        for failure in &changes.failures {
            output.complain(&human::failure(failure, &sources, look));
        }
        return exit::UNDECIDED;
    }
    for reason in &changes.unasked {
        output.complain(&Printable::line(format!("note: {reason}")));
    }
    let rows = rows(&changes);
    output.print(&match arguments.format {
        List::Human => listed(&changes, &sources),
        List::Json => Printable::json_line(&rows),
    });
    let file = environment.github.as_ref().and_then(|github| github.outputs.as_ref());
    let line = || format!("charts={}", Printable::json_line(&rows));
    match file.map(|file| output::append(file, &line())) {
        Some(Err(error)) => {
            output.refuse(format!("cannot write the step's outputs: {error}"));
            exit::UNDECIDED
        }
        _ => exit::PASS,
    }
}

/// A chart; the wire form of `--format json`.
#[derive(Serialize)]
struct ChangedRow<'a> {
    name: &'a str,
    path: &'a str,
    version: &'a str,
}

fn rows(changes: &Changes) -> Vec<ChangedRow<'_>> {
    let each = changes.charts.iter();
    each.map(|chart| ChangedRow {
        name: chart.name.as_deref().unwrap_or_default(),
        path: &chart.path,
        version: chart.version.as_deref().unwrap_or_default(),
    })
    .collect()
}

fn listed(changes: &Changes, sources: &Sources) -> Printable {
    if changes.charts.is_empty() {
        return Printable::line(match changes.looked_at {
            1 => "the chart has not changed".to_owned(),
            charts => format!("none of {charts} charts has changed"),
        });
    }
    let line = |chart: &gate::Changed| {
        let (name, version) = (chart.name.as_deref().unwrap_or("?"), chart.version.as_deref().unwrap_or("?"));
        Printable::line(format!("{} {name} {version}", sources.typed(&chart.path)))
    };
    changes.charts.iter().map(line).collect()
}
