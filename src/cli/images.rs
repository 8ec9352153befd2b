//! `chartgate images`: what would run under each profile, and the line that makes it so.

use serde::Serialize;

use super::args::{Color, ImagesArgs, Table, VersionArgs};
use super::environment::Environment;
use super::exit;
use super::output::Output;
use super::refusal::refused;
use crate::extract::ImageUse;
use crate::gate::{ProfileChoice, Request, Survey};
use crate::report::human;
use crate::rule::ProfileView;
use crate::text::printable::Printable;
use crate::text::{Location, Sources};

pub(super) fn run(arguments: &ImagesArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let look = environment.look(color, false);
    let sources = Sources::new();
    let request = Request {
        charts: arguments.state.charts(&arguments.paths, &VersionArgs::default()),
        profiles: ProfileChoice {
            names: arguments.profile.clone(),
            values: arguments.values.clone(),
            production: false,
        },
        ..Request::default()
    };
    let survey = match environment.session(arguments.offline).survey(&request, &sources) {
        Ok(survey) => survey,
        Err(error) => return refused(&error, &sources, look, output),
    };
    let rows = rows(&survey, &sources);
    output.print(&match arguments.format {
        Table::Table => table(&rows),
        Table::Json => Printable::json(&rows),
    });
    let mut is_whole = true;
    for failure in &survey.failures {
        output.complain(&human::failure(failure, &sources, look));
        is_whole = false;
    }
    for (chart, view, error) in failed(&survey) {
        let place = error.at.last().map(|at| crate::finding::Label::new(*at, ""));
        let message = format!("`{chart}` does not render under `{}`: {}", view.profile.name, error.message);
        output.complain(&human::message("error", &message, place.as_ref(), None, &sources, look));
        is_whole = false;
    }
    if is_whole { exit::PASS } else { exit::UNDECIDED }
}

/// Profiles under which a chart does not render: their images are not in the list.
fn failed(survey: &Survey) -> Vec<(&str, &ProfileView, &crate::render::Error)> {
    let views = survey.charts.iter().flat_map(|chart| chart.views.iter().map(move |view| (chart.path.as_str(), view)));
    views.filter_map(|(chart, view)| Some((chart, view, view.rendered.as_ref()?.as_ref().err()?))).collect()
}

/// An image of a chart under a profile; the wire form of `--format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    chart: String,
    profile: String,
    production: bool,
    image: String,
    registry: String,
    repository: String,
    tag: String,
    digest: String,
    used_by: Vec<String>,
    /// The line to change, and the key path there.
    at: Place,
    key: String,
    /// Every value that takes part.
    set_by: Vec<Place>,
    /// The template line that names it.
    template: Option<Place>,
}

#[derive(Serialize)]
struct Place {
    path: String,
    line: usize,
    column: usize,
}

fn place(at: Location, sources: &Sources) -> Place {
    let start = sources.start(at);
    Place { path: sources.path(at), line: start.line, column: start.column }
}

fn rows(survey: &Survey, sources: &Sources) -> Vec<Row> {
    let mut rows = vec![];
    for chart in &survey.charts {
        for view in &chart.views {
            rows.extend(view.images.iter().map(|used| row(&chart.path, view, used, sources)));
        }
    }
    rows
}

fn row(chart: &str, view: &ProfileView, used: &ImageUse, sources: &Sources) -> Row {
    Row {
        chart: chart.to_owned(),
        profile: view.profile.name.clone(),
        production: view.profile.production,
        image: used.image.to_string(),
        registry: used.image.registry.clone(),
        repository: used.image.repository.clone(),
        tag: used.image.tag.clone(),
        digest: used.image.digest.clone(),
        used_by: std::iter::once(&used.owner).chain(&used.also).cloned().collect(),
        at: place(used.at, sources),
        key: used.path.to_string(),
        set_by: used.set_by.iter().map(|at| place(*at, sources)).collect(),
        template: used.template.map(|at| place(at, sources)),
    }
}

/// Two lines an image, below a heading for each chart and profile.
fn table(rows: &[Row]) -> Printable {
    let mut text = Printable::default();
    let mut heading = String::new();
    for row in rows {
        let production = if row.production { ", production" } else { "" };
        let of_row = format!("{}  profile {}{production}", row.chart, row.profile);
        if heading != of_row {
            if !text.is_empty() {
                text.push(&Printable::line(""));
            }
            text.push(&Printable::line(&of_row));
            heading = of_row;
        }
        let Place { path, line, column } = &row.at;
        let users = row.used_by.join(", ").replace('`', "");
        text.push(&Printable::line(format!("  {}", row.image)));
        text.push(&Printable::line(format!("      {path}:{line}:{column} {}  {users}", row.key)));
    }
    text
}
