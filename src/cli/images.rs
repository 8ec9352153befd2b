//! `chartgate images`: what would run under each profile, and the line that makes it so.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::args::{Color, ImagesArgs, Table, VersionArgs};
use super::environment::Environment;
use super::exit;
use super::output::Output;
use super::refusal::refused;
use crate::extract::ImageUse;
use crate::gate::{ProfileChoice, Request, Survey};
use crate::image::{self, ImageRef};
use crate::network::oci::image::{Depth, Found, Image};
use crate::report::human;
use crate::rule::ProfileView;
use crate::text::printable::Printable;
use crate::text::{Date, Location, Sources};

pub(super) fn run(arguments: &ImagesArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let look = environment.look(color, false);
    let is_json = matches!(arguments.format, Table::Json);
    let sources = if is_json { Sources::new() } else { environment.sources() };
    let request = Request {
        charts: arguments.state.charts(&arguments.paths, &VersionArgs::default()),
        profiles: ProfileChoice {
            names: arguments.profile.clone(),
            values: arguments.values.clone(),
            production: false,
        },
        ..Request::default()
    };
    let session = environment.session(arguments.offline);
    let survey = match session.survey(&request, &sources) {
        Ok(survey) => survey,
        Err(error) => return refused(&error, &sources, look, output),
    };
    let answers = if arguments.resolve {
        session.resolve(&survey.trust, &images_of(&survey), Depth::Age)
    } else {
        Answers::new()
    };
    let rows = rows(&survey, &answers, &sources);
    output.print(&match arguments.format {
        Table::Table => table(&rows, environment.today, &sources),
        Table::Json => Printable::json(&rows),
    });
    let mut is_whole = true;
    for failure in answers.values().filter_map(|answer| answer.as_ref().err()) {
        output.complain(&human::failure(failure, &sources, look));
        is_whole = false;
    }
    for failure in survey.gaps() {
        output.complain(&human::failure(&failure, &sources, look));
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
struct ImageRow {
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
    /// What the registry has, where it was asked and answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<Resolved>,
}

/// An image as its registry has it.
#[derive(Serialize)]
#[serde(untagged)]
enum Resolved {
    Here {
        digest: String,
        /// Empty where the registry does not say.
        platforms: Vec<String>,
        /// When it was built, as RFC 3339 has it; null where it does not say.
        created: Option<String>,
    },
    /// Null.
    Absent,
}

type Answers = BTreeMap<ImageRef, Found>;

fn images_of(survey: &Survey) -> BTreeSet<ImageRef> {
    let views = survey.charts.iter().flat_map(|chart| &chart.views);
    let whole = views.flat_map(ProfileView::all_images).filter(|used| image::problem(&used.written).is_none());
    whole.map(|used| used.image.clone()).collect()
}

#[derive(Serialize)]
struct Place {
    path: String,
    line: usize,
    column: usize,
}

fn place(at: Location, sources: &Sources) -> Place {
    let start = sources.start(at);
    Place { path: sources.seen_path(at.source), line: start.line, column: start.column }
}

fn rows(survey: &Survey, answers: &Answers, sources: &Sources) -> Vec<ImageRow> {
    let mut rows = vec![];
    for chart in &survey.charts {
        for view in &chart.views {
            rows.extend(view.all_images().into_iter().map(|used| row(&chart.path, view, (used, answers), sources)));
        }
    }
    rows
}

fn row(chart: &str, view: &ProfileView, (used, answers): (&ImageUse, &Answers), sources: &Sources) -> ImageRow {
    let answer = answers.get(&used.image).and_then(|answer| answer.as_ref().ok());
    let here = |image: &Image| Resolved::Here {
        digest: image.digest.clone(),
        platforms: image.platforms.clone(),
        created: image.created.clone(),
    };
    ImageRow {
        resolved: answer.map(|found| found.as_ref().map_or(Resolved::Absent, here)),
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
        key: used.value_path().to_string(),
        set_by: used.set_by.iter().map(|at| place(*at, sources)).collect(),
        template: used.template.map(|at| place(at, sources)),
    }
}

/// Two lines an image, below a heading for each chart and profile.
fn table(rows: &[ImageRow], today: Date, sources: &Sources) -> Printable {
    let mut text = Printable::default();
    let mut heading = String::new();
    for row in rows {
        let production = if row.production { ", production" } else { "" };
        let of_row = format!("{}  profile {}{production}", sources.typed(&row.chart), row.profile);
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
        match &row.resolved {
            None => {}
            Some(Resolved::Absent) => text.push(&Printable::line("      not in its registry")),
            Some(Resolved::Here { digest, platforms, created }) => {
                text.push(&Printable::line(format!("      {digest} {}", platforms.join(" "))));
                text.extend(created.as_ref().map(|created| Printable::line(format!("      {}", age(created, today)))));
            }
        }
    }
    text
}

/// Days after which nobody believes that an image was built then: builds that are to be the same every day name the beginning of time.
const LONG_AGO: u64 = 15_000;

/// When an image was built, and how long ago that is.
fn age(created: &str, today: Date) -> String {
    let day = created.split('T').next().unwrap_or(created);
    match day.parse().ok().and_then(|date: Date| today.days_since(date)).filter(|days| *days < LONG_AGO) {
        Some(0) => format!("built {day}, today"),
        Some(1) => format!("built {day}, 1 day ago"),
        Some(days) => format!("built {day}, {days} days ago"),
        None => format!("built {day}"),
    }
}
