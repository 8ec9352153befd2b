//! Objects that charts of the repository make: an app of apps is rendered as it is deployed, and what comes out is read as GitOps files are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::declared::Declared;
use super::files::{Files, Read};
use super::{Configured, Discovered, Expression, Fetched, PassedOver, Problem, Unresolved, rendering};
use crate::chart::values_file::production_word;
use crate::chart::{self, Chart};
use crate::dependency;
use crate::kustomize::{self, edit};
use crate::profile::{Helm, Profile, Setting, beside};
use crate::render::{Cache, Object};
use crate::text::{Location, Source, Sources};
use crate::values::set::Form;
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
    /// How many levels of charts led here.
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

    /// What fetched charts make.
    pub(super) fn fetched(
        &mut self,
        files: &Files<'_>,
        fetched: &[Fetched<'_>],
        found: &mut Discovered,
    ) -> Vec<Declared> {
        let mut all = vec![];
        for Fetched { release, tree } in fetched {
            let chart = chart::load(tree, "", files.search.sources);
            if speaks(&chart, files.search.sources) {
                let file = release.file.as_str();
                let deployment = &release.deployment;
                let given = vec![Given::new(deployment.profile.clone(), deployment.read.clone())];
                all.extend(self.under(files, &Parent { chart: &chart, file }, given, found));
            }
        }
        self.bounded(all, found)
    }

    /// What the charts make as they are deployed or configured that no earlier call made.
    pub(super) fn made(&mut self, files: &Files<'_>, found: &mut Discovered) -> Vec<Declared> {
        let (mut all, mut open) = (vec![], vec![]);
        for folder in self.folders.clone() {
            let here = found.deployments.iter().enumerate().filter(|(_, each)| each.chart == folder);
            let mut given = configured(files, &folder);
            let is_any = !given.is_empty() || here.clone().next().is_some();
            if is_any {
                self.followed.insert(folder.clone());
            }
            given.retain(|each| self.done.insert(key(&folder, &each.profile)));
            for (index, each) in here.filter(|(_, each)| each.problems.is_empty()) {
                if self.done.insert(key(&folder, &each.profile)) {
                    given.push(Given::new(each.profile.clone(), each.read.clone()));
                    open.push(index);
                }
            }
            if !given.is_empty() && all.len() + self.count <= MOST {
                let chart = chart::load(files.search.tree, &folder, files.search.sources);
                all.extend(self.under(files, &Parent::here(&chart), given, found));
            }
        }
        let said = found.unresolved.len();
        let made = self.bounded(all, found);
        // What they make is not known, and so they are not judged either: there may be thousands.
        for Unresolved { at, message, .. } in &found.unresolved[said..] {
            for index in &open {
                found.deployments[*index].problems.push(Problem::new(*at, message.clone()));
            }
        }
        made
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
                let made = self.under(files, &Parent::here(&chart), as_it_stands(&chart), &mut Discovered::default());
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
        // What it makes begins anew: nothing that was followed before leads to it.
        self.depth = 0;
        let chart = chart::load(files.search.tree, folder, files.search.sources);
        let made = self.under(files, &Parent::here(&chart), as_it_stands(&chart), found);
        self.bounded(made, found)
    }

    /// What a chart makes under profiles.
    fn under(
        &self,
        files: &Files<'_>,
        parent: &Parent<'_>,
        given: Vec<Given>,
        found: &mut Discovered,
    ) -> Vec<Declared> {
        let is_judged = files.search.charts.contains_key(&parent.chart.folder) || parent.is_fetched();
        let mut all = vec![];
        for Given { profile, read, test } in given {
            // What is more than may be made is said of the first.
            if all.len() + self.count > MOST {
                break;
            }
            match rendering::rendered(files, parent.chart, &profile, &self.cache.of_chart()) {
                Ok(rendered) => {
                    let read = Arc::new(rests_on(files, parent, &profile, read));
                    let objects: Vec<Object<'_>> = rendered.objects().collect();
                    match built(&objects, &profile) {
                        Ok(made) => {
                            let beside = Arc::new(config_maps(&made));
                            let one = |(object, root): &(&Object<'_>, Node)| {
                                let one = declared(&parent.file(), &profile, object, root, &read)?;
                                Some(Declared { test: test.clone(), beside: Arc::clone(&beside), ..one })
                            };
                            all.extend(made.iter().filter_map(one));
                        }
                        Err(_) if is_judged => {}
                        Err(problem) => found.unresolved(None, &profile.name, problem),
                    }
                }
                Err(error) if is_judged => {
                    // What is wrong with it is said where it is judged.
                    let Problem { at, message, .. } = rendering::unrendered(files, parent.chart, &error);
                    let first = message.lines().next().unwrap_or_default().to_owned();
                    let path = files.search.sources.path(at);
                    found.passed_over.insert(PassedOver { path, reason: first });
                }
                Err(error) => {
                    let problem = rendering::unrendered(files, parent.chart, &error);
                    found.unresolved(None, &profile.name, problem);
                }
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
}

/// A chart that makes deployments.
struct Parent<'a> {
    chart: &'a Chart,
    /// The file that deploys it, where it is fetched.
    file: &'a str,
}

impl<'a> Parent<'a> {
    /// A chart of the repository.
    fn here(chart: &'a Chart) -> Self {
        Self { chart, file: "" }
    }

    fn is_fetched(&self) -> bool {
        !self.file.is_empty()
    }

    /// The file that declares what it makes.
    fn file(&self) -> String {
        if self.is_fetched() { self.file.to_owned() } else { crate::source::join(&self.chart.folder, "Chart.yaml") }
    }
}

/// A profile that a parent is rendered under.
struct Given {
    profile: Profile,
    /// The files that its deployment rests on.
    read: Read,
    /// Why what comes of it is no production, where that is known.
    test: Option<String>,
}

impl Given {
    fn new(profile: Profile, read: Read) -> Self {
        Self { profile, read, test: None }
    }
}

/// The profiles that configurations give to a chart. What of their files cannot be read is said where the chart is judged.
fn configured(files: &Files<'_>, folder: &str) -> Vec<Given> {
    let of_chart = files.search.configured.iter().filter(|each| each.chart == folder);
    let given = |each: &Configured| {
        let (values, read) = files.recorded(|| each.values.iter().map(|path| files.layers(path)).collect::<Vec<_>>());
        let values = values.into_iter().collect::<Result<Vec<_>, _>>().ok()?;
        let profile = Profile {
            name: each.name.clone(),
            production: each.production,
            values: values.into_iter().flatten().collect(),
            set: each.set.iter().map(|expression| typed(files, expression)).collect(),
            namespace: each.namespace.clone(),
            release: each.release.clone(),
            helm: Helm { major: each.helm, ..Helm::default() },
            ..Profile::default()
        };
        let test = format!("the configuration does not say `production: true` of `{}`", each.name);
        Some(Given { test: (!each.production).then_some(test), ..Given::new(profile, read) })
    };
    of_chart.filter_map(given).collect()
}

/// An expression at its line of the configuration.
fn typed(files: &Files<'_>, Expression { text, path, address, whole, span }: &Expression) -> Setting {
    let source = Source::new(path.as_str(), address.clone(), Arc::clone(whole));
    let at = Location::new(files.search.sources.add(source), *span);
    Setting { expression: text.clone(), form: Form::Typed, at: Some(at) }
}

/// Whether a chart may make deployments: its templates or those of its sub-charts speak of such objects, or its values of sources.
fn speaks(chart: &Chart, sources: &Sources) -> bool {
    let holds = |source, words: &[&str]| {
        let text = Arc::clone(&sources.get(source).text);
        words.iter().any(|word| text.contains(word))
    };
    let lists_sources = chart.values.as_ref().is_some_and(|file| holds(file.source, &["repoURL"]));
    let is_template = chart.templates.iter().any(|template| {
        holds(template.source, &super::files::WORDS) || super::files::NAMES.sees(template.text.as_bytes())
    });
    lists_sources || is_template || chart.dependencies.iter().any(|part| speaks(part, sources))
}

/// The files that decide about what a parent makes: its own, those of its profile, and those that its own deployment rests on.
fn rests_on(files: &Files<'_>, parent: &Parent<'_>, profile: &Profile, mut read: Read) -> Read {
    let places = profile.values.iter().map(|values| values.location);
    read.extend(places.map(|place| files.search.sources.path(place)));
    if !parent.is_fetched() {
        read.extend(files.below(&parent.chart.folder).iter().map(|path| files.search.tree.shown(path)));
    }
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

/// The profiles that a parent is rendered under which nothing deploys: its production values files, else its own values.
fn as_it_stands(chart: &Chart) -> Vec<Given> {
    let files: Vec<Profile> = beside(chart).profiles.into_iter().filter(|profile| profile.production).collect();
    let found = if files.is_empty() { vec![Profile::defaults()] } else { files };
    found.into_iter().map(|profile| Given::new(profile, Read::new())).collect()
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

/// The ConfigMaps that a chart makes beside its deployments.
fn config_maps(made: &[(&Object<'_>, Node)]) -> Vec<Node> {
    let maps = made.iter().filter(|(_, root)| super::text(root, "kind") == Some("ConfigMap"));
    maps.map(|(object, root)| traced(root, object)).collect()
}

/// A rendered object as one that is declared, with the places of the values that made it.
fn declared(file: &str, profile: &Profile, object: &Object<'_>, root: &Node, read: &Arc<Read>) -> Option<Declared> {
    let version = object.api_version();
    super::files::WORDS.iter().any(|word| version.contains(word)).then(|| Declared {
        above: profile.above.iter().cloned().chain([profile.name.clone()]).collect(),
        ..Declared::new(file, traced(root, object), &Arc::default(), read)
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
            Value::Map(Arc::new(mapping.entries().iter().map(entry).collect::<Mapping>()))
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
