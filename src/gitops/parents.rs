//! Objects that charts of the repository make: an app of apps is rendered as it is deployed, and what comes out is read as GitOps files are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::declared::Declared;
use super::files::{Files, Read};
use super::{Discovered, Problem};
use crate::chart::values_file::production_word;
use crate::chart::{self, Chart};
use crate::dependency;
use crate::kustomize::{self, edit};
use crate::profile::{Profile, beside};
use crate::render::{self, Cache, KubeVersion, Object, Options, Overrides, Rendered};
use crate::text::{Location, Sources};
use crate::yaml::{Entry, Mapping, Node, Value};

/// Charts that make charts that make charts.
const DEEPEST: usize = 8;
/// More objects than any platform makes.
const MOST: usize = 5_000;

/// Charts whose templates speak of GitOps objects, and how far they were followed.
pub(super) struct Parents {
    folders: Vec<String>,
    /// Those that were rendered as they are deployed, or for want of that as they stand.
    followed: BTreeSet<String>,
    /// Deployments that were rendered already, by all that decides about them.
    done: BTreeSet<String>,
    /// Those that nothing deploys, each with the charts that it deploys as it stands; none before anything asks.
    waiting: Option<BTreeMap<String, BTreeSet<String>>>,
    depth: usize,
    count: usize,
    cache: Cache,
}

impl Parents {
    pub(super) fn of(files: &Files<'_>, found: &mut Discovered) -> Self {
        let mut folders = vec![];
        for folder in files.parents() {
            let chart = chart::load(files.search.tree, folder, files.search.sources);
            // A chart that is judged says itself what of it cannot be read, and that it does not render.
            let is_judged = files.search.charts.contains_key(folder);
            let problems = if is_judged { vec![] } else { unread(files, &chart) };
            // What cannot be read does not render either, which is no second cause.
            if problems.is_empty() {
                folders.push(folder.clone());
            }
            let lacking = if is_judged { vec![] } else { lacking(&chart, files.search.sources) };
            for problem in problems.into_iter().chain(lacking) {
                found.unresolved(None, "", problem);
            }
        }
        Self {
            folders,
            followed: BTreeSet::new(),
            done: BTreeSet::new(),
            waiting: None,
            depth: 0,
            count: 0,
            cache: Cache::default(),
        }
    }

    /// What the charts make as they are deployed that no earlier call made.
    pub(super) fn made(&mut self, files: &Files<'_>, found: &mut Discovered) -> Vec<Declared> {
        let mut all = vec![];
        for folder in self.folders.clone() {
            let here = found.deployments.iter().filter(|each| each.chart == folder);
            let deployed: Vec<_> =
                here.map(|each| (each.profile.clone(), each.read.clone(), each.problems.is_empty())).collect();
            if !deployed.is_empty() {
                self.followed.insert(folder.clone());
            }
            let followed = deployed.into_iter().filter(|(.., is_followed)| *is_followed);
            let new = followed.filter(|(profile, ..)| self.done.insert(key(&folder, profile)));
            let profiles: Vec<_> = new.map(|(profile, read, _)| (profile, read)).collect();
            if !profiles.is_empty() {
                all.extend(self.under(files, &folder, profiles, found));
            }
        }
        self.bounded(all, found)
    }

    /// A chart that nothing deploys, which may deploy others of the kind and is deployed by none of them. `charts` tells which charts
    /// declared objects deploy.
    pub(super) fn outermost(
        &mut self,
        files: &Files<'_>,
        charts: &dyn Fn(Vec<Declared>) -> BTreeSet<String>,
    ) -> Option<String> {
        let mut waiting = self.waiting.take().unwrap_or_else(|| {
            let open = self.folders.iter().filter(|folder| !self.followed.contains(*folder));
            let made = |folder: &String| {
                let chart = chart::load(files.search.tree, folder, files.search.sources);
                let made = self.under(files, folder, profiles(&chart), &mut Discovered::default());
                // What is more than may be made is said where it is followed.
                let charts = if made.len() > MOST { BTreeSet::new() } else { charts(made) };
                (folder.clone(), charts)
            };
            open.map(made).collect()
        });
        waiting.retain(|folder, _| !self.followed.contains(folder));
        let is_deployed = |folder: &String| waiting.iter().any(|(by, charts)| by != folder && charts.contains(folder));
        let deploys = |folder: &&String| waiting[*folder].iter().any(|chart| waiting.contains_key(chart));
        let mut outer = waiting.keys().filter(|folder| !is_deployed(folder));
        let first = outer.clone().find(deploys).or_else(|| outer.next()).or_else(|| waiting.keys().next()).cloned();
        self.waiting = Some(waiting);
        first
    }

    /// Follows a chart that nothing deploys as it stands.
    pub(super) fn follow(&mut self, files: &Files<'_>, folder: &str, found: &mut Discovered) -> Vec<Declared> {
        self.followed.insert(folder.to_owned());
        let chart = chart::load(files.search.tree, folder, files.search.sources);
        let made = self.under(files, folder, profiles(&chart), found);
        self.bounded(made, found)
    }

    /// What a chart makes under profiles.
    fn under(
        &self,
        files: &Files<'_>,
        folder: &str,
        profiles: Vec<(Profile, Read)>,
        found: &mut Discovered,
    ) -> Vec<Declared> {
        let chart = chart::load(files.search.tree, folder, files.search.sources);
        let is_judged = files.search.charts.contains_key(folder);
        let mut all = vec![];
        for (profile, read) in profiles {
            match self.rendered(files, &chart, &profile) {
                Ok(rendered) => {
                    let read = Arc::new(rests_on(files, folder, &profile, read));
                    let objects: Vec<Object<'_>> = rendered.objects().collect();
                    match built(&objects, &profile) {
                        Ok(made) => all.extend(
                            made.iter().filter_map(|(object, root)| declared(folder, &profile, object, root, &read)),
                        ),
                        Err(_) if is_judged => {}
                        Err(problem) => found.unresolved(None, &profile.name, problem),
                    }
                }
                Err(_) if is_judged => {}
                Err(problem) => found.unresolved(None, &profile.name, problem),
            }
        }
        all
    }

    /// What was made, where the bounds are not reached.
    fn bounded(&mut self, made: Vec<Declared>, found: &mut Discovered) -> Vec<Declared> {
        self.depth += usize::from(!made.is_empty());
        self.count += made.len();
        let Some(first) = made.first().filter(|_| self.depth > DEEPEST || self.count > MOST) else { return made };
        let message = format!(
            "charts make deployments of charts in a circle, more than {DEEPEST} levels deep, or more than {MOST} objects"
        );
        found.unresolved(None, "", Problem::new(first.root.location, message));
        vec![]
    }

    fn rendered(&self, files: &Files<'_>, chart: &Chart, profile: &Profile) -> Result<Rendered, Problem> {
        let sources = files.search.sources;
        let defaults = Options::default();
        let helm = profile.helm.major.or(files.search.helm).unwrap_or_default();
        let served = served(profile).iter().copied();
        let options = Options {
            helm,
            served_to: helm,
            kube_version: KubeVersion::of(helm),
            release: profile.release.clone().unwrap_or(defaults.release.clone()),
            namespace: profile.namespace.clone().unwrap_or(defaults.namespace.clone()),
            api_versions: profile.helm.api_versions.iter().cloned().chain(served.map(str::to_owned)).collect(),
            ..defaults
        };
        let at = |setting: &crate::profile::Setting| setting.at.or(profile.found_at);
        let set =
            profile.set.iter().filter_map(|setting| Some((setting.expression.clone(), setting.form, at(setting)?)));
        let overrides = Overrides { files: profile.values.iter().collect(), set: set.collect() };
        let rendered = render::render(chart, &overrides, &options, sources, &self.cache.of_chart());
        rendered.map_err(|error| {
            let fallback = || chart.metadata.as_ref().map(|metadata| metadata.place("name"));
            let at = error.at.last().copied().or_else(fallback);
            let at = at.unwrap_or_else(|| files.beginning(&crate::source::join(&chart.folder, "Chart.yaml")));
            Problem::new(at, format!("`{}`, which makes deployments, does not render: {}", chart.path, error.message))
        })
    }
}

/// What the cluster of whoever deploys a parent serves for certain: the tool's own kinds.
fn served(profile: &Profile) -> &'static [&'static str] {
    const ARGOCD: &[&str] = &[
        "argoproj.io/v1alpha1",
        "argoproj.io/v1alpha1/AppProject",
        "argoproj.io/v1alpha1/Application",
        "argoproj.io/v1alpha1/ApplicationSet",
    ];
    const FLUX: &[&str] = &[
        "helm.toolkit.fluxcd.io/v2",
        "helm.toolkit.fluxcd.io/v2/HelmRelease",
        "kustomize.toolkit.fluxcd.io/v1",
        "kustomize.toolkit.fluxcd.io/v1/Kustomization",
        "source.toolkit.fluxcd.io/v1",
    ];
    match (profile.found_at, profile.is_templated) {
        (None, _) => &[],
        (Some(_), true) => ARGOCD,
        (Some(_), false) => FLUX,
    }
}

/// The files that decide about what a parent makes: its own, those of its profile, and those that its own deployment rests on.
fn rests_on(files: &Files<'_>, folder: &str, profile: &Profile, mut read: Read) -> Read {
    let places = profile.values.iter().map(|values| values.location);
    read.extend(places.map(|place| files.search.sources.path(place)));
    read.extend(files.below(folder).iter().map(|path| files.search.tree.shown(path)));
    read
}

/// All that decides about what a parent makes, and what that is for.
fn key(folder: &str, profile: &Profile) -> String {
    let values: Vec<String> = profile.values.iter().map(|root| root.to_json().to_string()).collect();
    let set: Vec<_> = profile.set.iter().map(|setting| (&setting.expression, setting.form)).collect();
    let build = profile.build.as_ref().map(kustomize::Build::places);
    format!(
        "{folder} {} {:?} {:?} {:?} {set:?} {values:?} {build:?}",
        profile.production, profile.release, profile.namespace, profile.helm
    )
}

/// The profiles that a parent is rendered under which nothing deploys: its production values files, else its own values. Each with the files
/// that its deployment rests on.
fn profiles(chart: &Chart) -> Vec<(Profile, Read)> {
    let files: Vec<Profile> = beside(chart).profiles.into_iter().filter(|profile| profile.production).collect();
    let found = if files.is_empty() { vec![Profile::defaults()] } else { files };
    found.into_iter().map(|profile| (profile, Read::new())).collect()
}

/// What of a chart cannot be read, and may make deployments.
fn unread(files: &Files<'_>, chart: &Chart) -> Vec<Problem> {
    let beginning = || files.beginning(&crate::source::join(&chart.folder, "Chart.yaml"));
    let say = |message: &str, at: Option<Location>| {
        let message = format!("`{}`, which may make deployments, cannot be read: {message}", chart.path);
        Problem::new(at.unwrap_or_else(beginning), message)
    };
    let failures = chart.failures.iter().map(|failure| say(&failure.message, failure.location));
    let lost = chart.values_files.iter().filter(|file| file.root().is_none() && production_word(&file.path).is_some());
    let values = lost.flat_map(|file| chart.problems.iter().filter(|problem| problem.location.source == file.source));
    failures.chain(values.map(|problem| say(&problem.message, Some(problem.location)))).collect()
}

/// The charts that a chart is made with and that are not here: theirs may be the deployments.
fn lacking(chart: &Chart, sources: &Sources) -> Vec<Problem> {
    let lists_sources = chart.values.as_ref().is_some_and(|file| sources.get(file.source).text.contains("repoURL"));
    let lacks = if lists_sources { dependency::lacking(chart) } else { vec![] };
    let say = |lack: &dependency::Lack<'_>| {
        Problem::new(
            lack.at,
            format!("`{}`, which makes deployments, is not whole: {}", chart.path, lack.problem(chart)),
        )
    };
    lacks.iter().map(say).collect()
}

/// What a chart makes, each object as kustomize leaves it where that comes after Helm.
fn built<'o, 'r>(objects: &'o [Object<'r>], profile: &Profile) -> Result<Vec<(&'o Object<'r>, Node)>, Problem> {
    let Some(build) = &profile.build else {
        return Ok(objects.iter().map(|object| (object, object.root.clone())).collect());
    };
    let roots: Vec<&Node> = objects.iter().map(|object| object.root).collect();
    let made = build
        .objects(&roots)
        .map_err(|error| Problem::new(error.at, format!("kustomize cannot build what makes deployments: {error}")))?;
    // What is written out beside the chart is read as a file of its own.
    Ok(made.into_iter().filter_map(|each| Some((objects.get(each.rendered?)?, each.root))).collect())
}

/// A rendered object as one that is declared, with the places of the values that made it.
fn declared(folder: &str, profile: &Profile, object: &Object<'_>, root: &Node, read: &Arc<Read>) -> Option<Declared> {
    let version = object.api_version();
    super::files::WORDS.iter().any(|word| version.contains(word)).then(|| Declared {
        path: crate::source::join(folder, "Chart.yaml"),
        file: crate::source::join(folder, "Chart.yaml"),
        root: traced(root, object),
        above: profile.above.iter().cloned().chain([profile.name.clone()]).collect(),
        beside: Arc::new(vec![]),
        problems: vec![],
        read: Arc::clone(read),
    })
}

/// The node with every part at the line of the value that it was printed from, else at its template's.
fn traced(node: &Node, object: &Object<'_>) -> Node {
    let value = match &node.value {
        Value::Seq(items) => Value::Seq(items.iter().map(|item| traced(item, object)).collect()),
        Value::Map(mapping) => {
            let entry = |entry: &Entry| Entry {
                key: Node { location: place(&entry.key, object), ..entry.key.clone() },
                value: traced(&entry.value, object),
                merged: entry.merged,
            };
            Value::Map(Arc::new(Mapping { entries: mapping.entries.iter().map(entry).collect() }))
        }
        value => value.clone(),
    };
    Node { location: place(node, object), ..edit::with_value(node, value) }
}

fn place(node: &Node, object: &Object<'_>) -> Location {
    // What kustomize has changed stands in its own lines.
    if node.location.source != object.root.location.source {
        return node.location;
    }
    let origins = object.origins(node.location);
    let is_scalar = !matches!(node.value, Value::Seq(_) | Value::Map(_));
    let printed = origins.printed.iter().rfind(|origin| !origin.is_absent).filter(|_| is_scalar);
    printed.map(|origin| origin.location).or_else(|| origins.line()).unwrap_or(node.location)
}
