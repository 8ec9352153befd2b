//! `chartgate check --explain-profiles`: which profiles were found, from which lines, what decided about production, and what was not
//! followed.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::gate::{Survey, Surveyed};
use crate::gitops::{PassedOver, Release, Unresolved};
use crate::kustomize::Build;
use crate::profile::Profile;
use crate::text::printable::Printable;
use crate::text::{Location, Sources};

/// What is said; the wire form of `--format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProfilesWire<'a> {
    charts: Vec<WireChart<'a>>,
    /// Deployments of charts that are not in the repository.
    elsewhere: Vec<WireRelease<'a>>,
    /// What may be about any chart.
    not_followed: Vec<WireUnresolved<'a>>,
    /// Files of no chart that are there to make deployments and make none.
    passed_over: Vec<WirePassedOver<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireChart<'a> {
    path: &'a str,
    profiles: Vec<WireProfile<'a>>,
    not_followed: Vec<WireUnresolved<'a>>,
    passed_over: Vec<WirePassedOver<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireProfile<'a> {
    name: &'a str,
    production: bool,
    decided_by: &'a str,
    declared_at: Option<WirePlace>,
    release: Option<&'a str>,
    namespace: Option<&'a str>,
    values: Vec<WirePlace>,
    set: Vec<&'a str>,
    images: Vec<WireImage<'a>>,
    beside: BTreeSet<String>,
}

#[derive(Serialize)]
struct WirePlace {
    path: String,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct WireImage<'a> {
    name: &'a str,
    at: WirePlace,
}

#[derive(Serialize)]
struct WireUnresolved<'a> {
    profile: Option<&'a str>,
    reason: &'a str,
    at: WirePlace,
}

#[derive(Serialize)]
struct WireRelease<'a> {
    path: &'a str,
    chart: &'a str,
    repository: &'a str,
    version: Option<&'a str>,
    production: bool,
    at: Option<WirePlace>,
}

#[derive(Serialize)]
struct WirePassedOver<'a> {
    path: &'a str,
    reason: &'a str,
}

/// The same for programs.
pub(super) fn json(survey: &Survey, sources: &Sources) -> Printable {
    Printable::json(&wire(survey, sources))
}

/// The profiles of every chart, and what could not be followed, for people.
pub(super) fn explained(survey: &Survey, sources: &Sources) -> Printable {
    let wire = wire(survey, sources);
    let mut lines = vec![];
    for chart in &wire.charts {
        lines.push(chart.path.to_owned());
        lines.extend(chart.profiles.iter().flat_map(WireProfile::lines));
        lines.extend(chart.not_followed.iter().map(|each| format!("  {}", each.line())));
        let passed_over = chart.passed_over.iter();
        lines.extend(passed_over.map(|each| format!("  {}", each.line())));
    }
    lines.extend(wire.elsewhere.iter().map(WireRelease::line));
    lines.extend(wire.not_followed.iter().map(WireUnresolved::line));
    lines.extend(wire.passed_over.iter().map(WirePassedOver::line));
    lines.into_iter().map(Printable::line).collect()
}

fn wire<'a>(survey: &'a Survey, sources: &Sources) -> ProfilesWire<'a> {
    let chart = |chart: &'a Surveyed| WireChart {
        path: &chart.path,
        profiles: chart.views.iter().map(|view| profile(&view.profile, sources)).collect(),
        not_followed: chart.unresolved.iter().map(|each| unresolved(each, sources)).collect(),
        passed_over: chart.passed_over.iter().map(|(path, reason)| WirePassedOver { path, reason }).collect(),
    };
    ProfilesWire {
        charts: survey.charts.iter().map(chart).collect(),
        elsewhere: survey.elsewhere.iter().map(|(path, release)| self::release(path, release, sources)).collect(),
        not_followed: survey.unresolved.iter().map(|each| unresolved(each, sources)).collect(),
        passed_over: survey.passed_over.iter().map(passed_over).collect(),
    }
}

fn passed_over(PassedOver { path, reason }: &PassedOver) -> WirePassedOver<'_> {
    WirePassedOver { path, reason }
}

fn profile<'a>(profile: &'a Profile, sources: &Sources) -> WireProfile<'a> {
    let builds = || profile.build.iter();
    let overrides = builds().flat_map(Build::overrides);
    let written = builds().flat_map(Build::written);
    WireProfile {
        name: &profile.name,
        production: profile.production,
        decided_by: &profile.decided_by,
        declared_at: profile.found_at.map(|at| place(at, sources)),
        release: profile.release.as_deref(),
        namespace: profile.namespace.as_deref(),
        values: profile.values.iter().map(|root| place(root.location, sources)).collect(),
        set: profile.set.iter().map(|setting| setting.expression.as_str()).collect(),
        images: overrides.map(|over| WireImage { name: &over.name, at: place(over.at, sources) }).collect(),
        beside: written.map(|document| sources.seen_path(document.root.location.source)).collect(),
    }
}

fn release<'a>(path: &'a str, release: &'a Release, sources: &Sources) -> WireRelease<'a> {
    let pin = release.deployment.pin.as_ref();
    WireRelease {
        path,
        chart: &release.chart.name,
        repository: &release.chart.repository,
        version: pin.map(|pin| pin.version.as_str()).filter(|version| !version.is_empty()),
        production: release.deployment.profile.production,
        at: pin.map(|pin| place(pin.at, sources)),
    }
}

fn unresolved<'a>(each: &'a Unresolved, sources: &Sources) -> WireUnresolved<'a> {
    WireUnresolved { profile: each.profile.as_deref(), reason: &each.message, at: place(each.at, sources) }
}

fn place(at: Location, sources: &Sources) -> WirePlace {
    let start = sources.start(at);
    WirePlace { path: sources.seen_path(at.source), line: start.line, column: start.column }
}

impl WireProfile<'_> {
    fn lines(&self) -> Vec<String> {
        let kind = if self.production { "production" } else { "not production" };
        let mut lines = vec![format!("  {}", self.name), format!("    {kind}: {}", self.decided_by)];
        let mut line = |name: &str, value: &str| lines.push(format!("    {name}: {value}"));
        if let Some(at) = &self.declared_at {
            line("declared at", &at.shown());
        }
        self.release.iter().for_each(|release| line("release", release));
        self.namespace.iter().for_each(|namespace| line("namespace", namespace));
        self.values.iter().for_each(|at| line("values", &at.shown()));
        self.set.iter().for_each(|expression| line("set", expression));
        self.images.iter().for_each(|image| line("images", &format!("{} ({})", image.name, image.at.shown())));
        self.beside.iter().for_each(|path| line("beside the chart", path));
        lines
    }
}

impl WireRelease<'_> {
    fn line(&self) -> String {
        let version = self.version.map_or_else(String::new, |version| format!(" {version}"));
        let from = if self.repository.is_empty() { "somewhere" } else { self.repository };
        let kind = if self.production { "production" } else { "not production" };
        format!("not here: {}{version} from {from} ({}, {kind})", self.chart, self.path)
    }
}

impl WireUnresolved<'_> {
    fn line(&self) -> String {
        let of = self.profile.map_or_else(String::new, |profile| format!(" `{profile}`"));
        format!("not followed{of}: {} ({})", self.reason, self.at.shown())
    }
}

impl WirePassedOver<'_> {
    fn line(&self) -> String {
        format!("no profile: {} ({})", self.path, self.reason)
    }
}

impl WirePlace {
    fn shown(&self) -> String {
        format!("{}:{}:{}", self.path, self.line, self.column)
    }
}
