//! Which chart of the repository a HelmRelease deploys.

use super::objects::Objects;
use super::{SOURCES, from_root};
use crate::gitops::declared::Declared;
use crate::gitops::files::Files;
use crate::gitops::{Pin, Problem, Remote, fields, text};
use crate::yaml::Node;

/// The kinds of that group.
pub(super) const KINDS: [&str; 6] =
    ["HelmChart", "HelmRepository", "OCIRepository", "GitRepository", "Bucket", "ExternalArtifact"];

/// A chart as a release names it.
pub(super) struct Origin {
    /// Where it is.
    pub(super) place: Place,
    /// The version that is asked for; none where the chart is taken from a folder of the repository.
    pub(super) pin: Option<Pin>,
    /// `chart.spec` of the release or of a HelmChart, with `valuesFiles`; none where an OCIRepository is named directly.
    pub(super) template: Option<Node>,
    /// Whether it comes from a git repository, whose root `valuesFiles` start from.
    pub(super) is_git: bool,
    /// What of its source is not followed.
    pub(super) problems: Vec<Problem>,
}

/// Where a chart is.
pub(super) enum Place {
    /// In a folder of the repository.
    Here(String),
    /// Elsewhere.
    Remote(Remote),
}

impl Origin {
    /// The same with what of its source is not followed.
    fn of_source(mut self, kind: &str, source: &Node) -> Self {
        self.problems.extend(fields::of(kind).problems(source));
        self
    }

    /// The chart's folder, where it is in the repository.
    pub(super) fn folder(&self) -> Option<&str> {
        match &self.place {
            Place::Here(folder) => Some(folder),
            Place::Remote(_) => None,
        }
    }
}

/// The chart; none where it lies here and is not to be judged.
///
/// # Errors
/// Why it cannot be told, where it may be one of this repository.
pub(super) fn of(files: &Files<'_>, objects: &Objects<'_>, release: &Declared) -> Result<Option<Origin>, Problem> {
    let search = files.search;
    let spec = release.root.get("spec");
    let both = ["chart", "chartRef"].map(|field| spec.and_then(|spec| spec.get(field)).filter(|node| !node.is_null()));
    if let [Some(_), Some(reference)] = both {
        let message = "the API server refuses a HelmRelease with both `chart` and `chartRef`";
        return Err(lacking(reference, message));
    }
    if let Some(template) = spec.and_then(|spec| spec.get("chart")).and_then(|chart| chart.get("spec")) {
        return from_template(files, objects, template, release);
    }
    let Some(reference) = spec.and_then(|spec| spec.get("chartRef")) else {
        return Err(lacking(spec.unwrap_or(&release.root), "a HelmRelease needs `chart.spec` or `chartRef`"));
    };
    let (kind, name) = (text(reference, "kind").unwrap_or(""), text(reference, "name").unwrap_or(""));
    let object = match objects.find((kind, SOURCES), reference, release) {
        Ok(object) => object,
        // A source that is not here may be of any chart that is published, or of none.
        Err(_) if search.published.is_empty() && kind != "HelmChart" => {
            let pin =
                Some(Pin { version: String::new(), digest: String::new(), is_git: false, at: reference.location });
            return Ok(Some(Origin {
                place: Place::Remote(Remote::new("", name)),
                pin,
                template: None,
                is_git: false,
                problems: vec![],
            }));
        }
        Err(message) => return Err(Problem::new(reference.location, message)),
    };
    let Some(spec) = object.root.get("spec") else { return Err(lacking(&object.root, &needs_spec(kind))) };
    if kind == "HelmChart" {
        let from = from_template(files, objects, spec, object)?;
        return Ok(from.map(|from| from.of_source(kind, &object.root)));
    }
    let remote = Remote::at(text(spec, "url").unwrap_or(""));
    let folder = search.published_chart(&remote.repository, &remote.name);
    let place = folder.map(str::to_owned).map_or(Place::Remote(remote), Place::Here);
    let origin = Origin { place, pin: Some(pin(spec)), template: None, is_git: false, problems: vec![] };
    Ok(Some(origin.of_source(kind_of(kind), &object.root)))
}

/// What is wrong with an object that lacks what decides.
fn lacking(node: &Node, message: &str) -> Problem {
    Problem::new(node.location, message.to_owned())
}

fn needs_spec(kind: &str) -> String {
    format!("the {kind} needs a `spec`")
}

/// What the `ref` of an OCIRepository asks for: a digest counts over a range, and a range over a tag.
fn pin(spec: &Node) -> Pin {
    let Some(reference) = spec.get("ref") else { return Pin::of(spec, "ref", false) };
    let is_set = |field: &&str| text(reference, field).is_some_and(|text| !text.is_empty());
    let field = ["semver", "tag"].into_iter().find(is_set).unwrap_or("tag");
    let digest = text(reference, "digest").unwrap_or("").to_owned();
    Pin { digest, ..Pin::of(reference, field, false) }
}

/// The branch that the `ref` of a GitRepository asks for, or another revision by any name; `master` where it says nothing.
pub(super) fn branch(spec: &Node) -> &str {
    let fields = ["commit", "name", "semver", "tag", "branch"];
    let reference = spec.get("ref");
    let said = reference.and_then(|reference| fields.iter().find_map(|field| text(reference, field)));
    said.unwrap_or("master")
}

/// The revision that the `ref` of a GitRepository asks for, in the order in which its fields count.
fn git_pin(spec: &Node) -> Pin {
    let Some(reference) = spec.get("ref") else { return Pin::of(spec, "ref", true) };
    let is_set = |field: &&str| text(reference, field).is_some_and(|text| !text.is_empty());
    let field = ["commit", "name", "semver", "tag", "branch"].into_iter().find(is_set).unwrap_or("branch");
    let pin = Pin::of(reference, field, true);
    if field == "branch" && !pin.version.is_empty() {
        return Pin { version: format!("refs/heads/{}", pin.version), ..pin };
    }
    pin
}

fn kind_of(kind: &str) -> &str {
    if kind == "ExternalArtifact" { kind } else { "OCIRepository" }
}

fn from_template(
    files: &Files<'_>,
    objects: &Objects<'_>,
    template: &Node,
    release: &Declared,
) -> Result<Option<Origin>, Problem> {
    let search = files.search;
    let name = text(template, "chart").unwrap_or("");
    let is_named = |field: &str| template.get(field).is_some_and(|value| !value.is_null());
    if !is_named("chart") {
        return Err(lacking(template, "the chart needs a name or a path: `chart`"));
    }
    let Some(source) = template.get("sourceRef").filter(|_| is_named("sourceRef")) else {
        return Err(lacking(template, "the chart needs a `sourceRef`"));
    };
    let kind = text(source, "kind").unwrap_or("");
    let origin = |place, is_git, pin| Origin { place, pin, template: Some(template.clone()), is_git, problems: vec![] };
    let version = || Some(Pin::of(template, "version", false));
    if kind != "HelmRepository" {
        // As with Argo CD, a path that leads to a chart of this repository means it.
        let at = template.get("chart").map_or(template.location, |chart| chart.location);
        let path = files.place(&from_root(name).map_err(|message| Problem::new(at, message))?);
        if files.counts(&path) {
            return Ok(Some(origin(Place::Here(path), true, None)));
        }
        let named = objects.find((kind, SOURCES), source, release);
        let named = named.ok().filter(|_| kind == "GitRepository").and_then(|object| object.root.get("spec"));
        let own = named.filter(|spec| search.own.is(text(spec, "url").unwrap_or(""), branch(spec)));
        // A folder that is here and is no chart to be judged is one that was not named.
        let is_here =
            search.paths.iter().any(|known| known.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/')));
        if own.is_some() && !is_here {
            let message = format!("the chart `{path}` is not in this repository, which the GitRepository names");
            return Err(Problem::new(at, message));
        }
        let pin = named.map_or(Pin { version: String::new(), digest: String::new(), is_git: true, at }, git_pin);
        return Ok((!is_here).then(|| origin(Place::Remote(Remote::new("", &path)), true, Some(pin))));
    }
    let is_ours = search.charts.values().any(|chart| chart == name);
    match objects.find((kind, SOURCES), source, release) {
        Ok(repository) => {
            let url = repository.root.get("spec").and_then(|spec| text(spec, "url")).unwrap_or("");
            let folder = search.published_chart(url, name);
            let place = folder.map(str::to_owned).map_or_else(|| Place::Remote(Remote::new(url, name)), Place::Here);
            Ok(Some(origin(place, false, version()).of_source(kind, &repository.root)))
        }
        Err(message) if is_ours => Err(Problem::new(source.location, message)),
        Err(_) => Ok(Some(origin(Place::Remote(Remote::new("", name)), false, version()))),
    }
}
