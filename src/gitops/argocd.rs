//! Applications of Argo CD, written out or made by an ApplicationSet, and the deployments of charts that they are.

use std::sync::Arc;

use super::declared::Declared;
use super::files::Files;
use super::kustomize::Kustomizations;
use super::overlays::Decided;
use super::path::join;
use super::{Deployment, Discovered, Inside, Pin, Problem, Release, Remote, applicationset, fields, text};
use crate::helm::Major;
use crate::kustomize::edit;
use crate::profile::{Helm, Profile};
use crate::yaml::Node;

mod directory;
mod environment;
mod kind;
mod kustomize;
mod overrides;
mod parameters;
mod references;
mod values;

use environment::Environment;

/// What Applications are read with.
#[derive(Clone, Copy)]
pub(super) struct Argo<'a> {
    pub(super) files: &'a Files<'a>,
    pub(super) kustomizations: &'a Kustomizations,
}

/// A source of an Application, with all that decides about it.
struct Source<'a> {
    application: &'a Declared,
    /// The source with what files of the repository lay over it.
    node: Node,
    /// The field of the Application that the source stands in.
    part: &'static str,
    /// Every source of the Application.
    all: &'a [Node],
    environment: Environment<'a>,
    problems: Vec<Problem>,
}

/// Adds the deployments of an object, if it is an Application or an ApplicationSet.
pub(super) fn discover(argo: Argo<'_>, declared: &Declared, found: &mut Discovered) {
    match text(&declared.root, "kind") {
        Some("Application") => _ = argo.application(declared, &[], found),
        Some("ApplicationSet") => {
            let mut is_any = false;
            let is_preview = applicationset::is_preview(&declared.root);
            let test = is_preview.then(|| "a `pullRequest` generator makes previews".to_owned());
            for made in applicationset::applications(argo.files, declared, found) {
                let test = test.clone().or_else(|| declared.test.clone());
                let application = Declared { root: made.root, test, ..declared.clone() };
                // What one Application reads, the others do not rest on.
                argo.files.deploying_apart(found, |found| {
                    made.files.iter().for_each(|file| argo.files.reads(file));
                    is_any |= argo.application(&application, &made.problems, found);
                });
            }
            if !is_any {
                let strange = fields::of("ApplicationSet").strange(&declared.root, "");
                found.say(&declared.profile_name(), strange);
            }
        }
        _ => {}
    }
}

/// The fields that say what an Application deploys.
const SOURCES: [&str; 3] = ["source", "sources", "sourceHydrator"];

impl Argo<'_> {
    /// Adds the deployments of an Application; whether there are any.
    fn application(self, declared: &Declared, open: &[Problem], found: &mut Discovered) -> bool {
        let root = &declared.root;
        let (part, sources) = sources(root);
        let mut problems = open.to_vec();
        problems.extend(around_sources(root));
        problems.extend(references::refused(sources));
        let count = |found: &Discovered| found.deployments.len() + found.releases.len();
        let before = count(found);
        for source in sources {
            self.deploy(declared, (part, sources, source), problems.clone(), found);
        }
        let is_any = count(found) > before;
        if !is_any {
            let strange = strange(root);
            let is_mute = strange.is_empty() && sources.is_empty();
            let lacking = is_mute.then(|| {
                Problem::new(root.get("spec").unwrap_or(root).location, "an Application needs a `source`".to_owned())
            });
            found.say(&declared.profile_name(), strange.into_iter().chain(lacking));
        }
        is_any
    }

    fn deploy(
        self,
        declared: &Declared,
        (part, sources, source): (&'static str, &[Node], &Node),
        mut problems: Vec<Problem>,
        found: &mut Discovered,
    ) {
        if let Some(problem) = nowhere(source).or_else(|| outside(source)).or_else(|| self.gone(source)) {
            found.unresolved(None, &declared.profile_name(), problem);
            return;
        }
        let placed = self.source(declared, (part, sources, source), &mut problems);
        if let Some(problem) = kind::told(&placed.node).err().or_else(|| self.unbuilt(&placed.node)) {
            found.unresolved(None, &declared.profile_name(), problem);
            return;
        }
        if let Some(chart) = self.chart_of(&placed.node, found, declared) {
            found.deployments.push(self.deployment(placed, Some(&chart), problems).0);
        } else if let Some(folder) = self.kustomization_of(&placed.node) {
            found.unresolved.extend(self.changes_others(&placed.node, &folder).map(Into::into));
            // Where the Application reads another repository, the kustomization here is a copy, and stays what it is.
            if self.built(&placed.node).is_some() {
                found.overlays.deployed(folder.clone(), true, self.decided(&placed));
                found.changed_bases.insert(folder.clone());
            }
            kustomize::deployments(self, placed, &folder, &problems, found);
        } else if let Some(folder) = self.built(&placed.node) {
            found.overlays.deployed(folder.clone(), false, self.decided(&placed));
            // Others build on it, and so it counts by itself only as it is deployed so.
            if !self.kustomizations.roots().contains(&folder.as_str()) {
                found.deployed_bases.insert(folder);
            }
        } else if let Some(chart) = self.remote(&placed.node) {
            let (deployment, inside) = self.deployment(placed, None, problems);
            found.releases.push(Release { inside, ..Release::new(&declared.file, chart, deployment) });
        } else {
            directory::note(self, &placed, found);
        }
    }

    fn source<'d>(
        self,
        declared: &'d Declared,
        (part, all, source): (&'static str, &'d [Node], &'d Node),
        problems: &mut Vec<Problem>,
    ) -> Source<'d> {
        let node = self.followed(overrides::laid_over(self.files, source, declared, problems));
        let environment = Environment::of(declared, source);
        Source { application: declared, node, part, all, environment, problems: vec![] }
    }

    /// The source with a path through links as the path that they lead to.
    fn followed(self, source: Node) -> Node {
        let Some(path) = source.get("path").filter(|path| path.scalar_text().is_some()).cloned() else { return source };
        let written = path.scalar_text().and_then(|path| join("", path)).unwrap_or_default();
        let followed = self.files.place(&written);
        if followed == written { source } else { edit::with(&source, "path", edit::text(followed, path.location)) }
    }

    /// Folder of the repository's chart that a source renders.
    fn chart_of(self, source: &Node, found: &mut Discovered, declared: &Declared) -> Option<String> {
        let search = self.files.search;
        let url = text(source, "repoURL").unwrap_or("");
        let named = text(source, "chart").filter(|name| !name.is_empty());
        if url.starts_with("oci://") && text(source, "path").is_some_and(|path| matches!(path, "." | "./" | "")) {
            let (parent, name) = url.trim_end_matches('/').rsplit_once('/')?;
            return search.published_chart(parent, name).map(str::to_owned);
        }
        if let Some(name) = named {
            let chart = search.published_chart(url, name)?.to_owned();
            if url.starts_with("oci://") {
                let message = "Argo CD takes a `repoURL` with `oci://` for the whole path of the chart and does not look at `chart`".to_owned();
                let at = source.entry("chart").map_or(source.location, |entry| entry.key.location);
                found.unresolved(Some(&chart), &declared.profile_name(), Problem::new(at, message));
                return None;
            }
            return Some(chart);
        }
        let path = join("", text(source, "path")?)?;
        let is_helm = match kind::told(source) {
            Ok(Some(tool)) => matches!(tool, "helm" | "plugin"),
            // Of a folder with both Argo CD builds the kustomization.
            _ => self.kustomizations.get(&path).is_none(),
        };
        (is_helm && self.files.counts(&path)).then_some(path)
    }

    /// What is wrong with options of kustomize for a chart that has no kustomization.
    fn unbuilt(self, source: &Node) -> Option<Problem> {
        let options = source.entry("kustomize").filter(|_| kind::told(source).ok().flatten() == Some("kustomize"))?;
        let path = join("", text(source, "path")?)?;
        let is_lost = self.files.counts(&path) && self.kustomizations.get(&path).is_none();
        let message = || format!("Argo CD builds `{path}` with kustomize for this, and there is no kustomization");
        is_lost.then(|| Problem::new(options.key.location, message()))
    }

    /// The chart that a source renders and that is not in the repository: a published one, or what a git repository has at a path that
    /// is not here.
    fn remote(self, source: &Node) -> Option<Remote> {
        let url = text(source, "repoURL").unwrap_or("");
        let is_root = text(source, "path").is_none_or(|path| matches!(path, "." | "./" | ""));
        match (text(source, "chart").filter(|name| !name.is_empty()), text(source, "path")) {
            (None, _) if url.starts_with("oci://") && is_root => Some(Remote::at(url)),
            // Argo CD knows registries without their scheme.
            (Some(name), _) if !url.contains("://") && !url.contains("{{") => Some(of_registry(url, name)),
            (Some(name), _) => Some(Remote::new(url, name)),
            (None, Some(path)) => {
                let folder = join("", path)?;
                (!self.files.is_folder(&folder)).then(|| Remote::new(url, &folder))
            }
            (None, None) => None,
        }
    }

    /// What is wrong with a path of this very repository where nothing is: Argo CD cannot deploy it.
    fn gone(self, source: &Node) -> Option<Problem> {
        let path = source.get("path")?;
        let is_chart = text(source, "chart").is_some_and(|name| !name.is_empty());
        let [url, revision] = ["repoURL", "targetRevision"].map(|field| text(source, field).unwrap_or(""));
        if is_chart || !self.files.search.own.is(url, revision) {
            return None;
        }
        let folder = join("", path.scalar_text().filter(|written| !written.contains("{{"))?)?;
        let folder = self.files.place(&folder);
        let message = || format!("`path: {folder}` is not in this repository, which `repoURL` names");
        (!self.files.is_folder(&folder)).then(|| Problem::new(path.location, message()))
    }

    /// Where options of an Application may change other deployments: those that lie below its kustomization, or that it gathers.
    fn changes_others(self, source: &Node, folder: &str) -> Option<Problem> {
        const KINDS: [&str; 4] = ["Application", "ApplicationSet", "HelmRelease", "Kustomization"];
        let options = source.get("kustomize")?;
        let is_meant = |patch: &&Node| match patch.get("target").and_then(|target| text(target, "kind")) {
            Some(kind) => KINDS.contains(&kind),
            None => KINDS.iter().any(|kind| text(patch, "patch").is_some_and(|patch| patch.contains(kind))),
        };
        let patch = options.items("patches").iter().find(is_meant).or_else(|| options.items("components").first())?;
        let message = || format!("this may change the deployments that lie in `{folder}`, which is not followed");
        let gathers = || self.kustomizations.files(folder).into_iter().any(|file| self.files.speaks_of_any(file));
        (self.files.speaks_below(folder) || gathers()).then(|| Problem::new(patch.location, message()))
    }

    /// The folder of a kustomization of this repository that a source deploys.
    fn built(self, source: &Node) -> Option<String> {
        let is_other = text(source, "repoURL").is_some_and(|url| self.files.search.own.is_other(url));
        let folder = join("", text(source, "path")?).filter(|_| !is_other)?;
        self.kustomizations.get(&folder).map(|_| folder)
    }

    /// The folder of a kustomization that a source has options for, whatever repository it names.
    fn kustomization_of(self, source: &Node) -> Option<String> {
        kind::told(source).ok().flatten().filter(|tool| *tool == "kustomize")?;
        join("", text(source, "path")?).filter(|folder| self.kustomizations.get(folder).is_some())
    }

    /// What an Application says of a kustomization that it deploys.
    fn decided(self, source: &Source<'_>) -> Decided {
        let (production, why) = source.application.is_production(self.files.search, source.namespace().as_deref());
        Decided { production, why, read: Arc::clone(&source.application.read) }
    }

    /// The deployment of a source, and the values that lie in a chart which is not here.
    fn deployment(
        self,
        mut source: Source<'_>,
        chart: Option<&str>,
        mut problems: Vec<Problem>,
    ) -> (Deployment, Vec<Inside>) {
        let is_made = problems.is_empty();
        let mut inside = vec![];
        let helm = source.node.get("helm").cloned();
        let profile = source.profile(self.files, helm.as_ref());
        let mut profile = Profile { helm: helm.as_ref().map(arguments).unwrap_or_default(), ..profile };
        if let Some(helm) = &helm {
            let given = values::read(self.files, &mut source, helm, chart);
            (profile.values, inside) = (given.roots, given.inside);
            profile.set = parameters::read(self.files, &mut source, helm, chart);
            source.problems.extend(unknown_version(helm));
        }
        // What is wrong with parts of an Application that could not be made in full is no second cause.
        if is_made {
            problems.append(&mut source.problems);
        }
        problems.extend(source.application.problems.iter().cloned());
        problems.extend(fields::of("Application").problems_below(&source.node, source.part));
        let is_published = text(&source.node, "chart").is_some_and(|name| !name.is_empty())
            || text(&source.node, "repoURL").is_some_and(|url| url.starts_with("oci://"));
        let pin = (is_published || chart.is_none()).then(|| Pin::of(&source.node, "targetRevision", !is_published));
        (Deployment::new(chart.unwrap_or_default(), profile, pin, problems), inside)
    }
}

/// The sources of an Application, and the field that they stand in.
fn sources(root: &Node) -> (&'static str, &[Node]) {
    let Some(spec) = root.get("spec") else { return ("spec.source", &[]) };
    let several = spec.items("sources");
    if !several.is_empty() {
        return ("spec.sources", several);
    }
    if let Some(dry) = spec.get("sourceHydrator").and_then(|hydrator| hydrator.get("drySource")) {
        return ("spec.sourceHydrator.drySource", std::slice::from_ref(dry));
    }
    let source = spec.get("source").filter(|source| !source.is_null());
    ("spec.source", source.map(std::slice::from_ref).unwrap_or_default())
}

/// What is not followed of an Application beside its sources, each of which is looked at by itself, and what is refused of all of it.
fn around_sources(root: &Node) -> Vec<Problem> {
    let without = |spec: &Node| SOURCES.iter().fold(spec.clone(), |spec, field| edit::without(&spec, field));
    let bare = root.get("spec").filter(|spec| spec.as_map().is_some()).map(without);
    let bare = bare.map_or_else(|| root.clone(), |spec| edit::with(root, "spec", spec));
    let table = fields::of("Application");
    table.unfollowed_below(&bare, "").into_iter().chain(table.mistyped(root, "")).collect()
}

/// Why an Application that gave no deployment could not be read.
fn strange(root: &Node) -> Vec<Problem> {
    fields::of("Application").strange(root, "")
}

/// What is wrong with a source that says nothing of where it is.
fn nowhere(source: &Node) -> Option<Problem> {
    let is_there = |field| text(source, field).is_some_and(|text| !text.is_empty());
    let is_placed = ["path", "chart", "ref"].into_iter().any(is_there);
    let is_read = source.as_map().is_some() && fields::of("Application").mistyped(source, "spec.source").is_empty();
    let message = || "a `source` needs a `path` or a `chart`".to_owned();
    (is_read && !is_placed).then(|| Problem::new(source.location, message()))
}

/// What is wrong with a `path` that Argo CD refuses.
fn outside(source: &Node) -> Option<Problem> {
    let path = source.get("path")?;
    let written = path.scalar_text()?;
    let refused = |why: &str| Problem::new(path.location, format!("`path: {written}` {why}"));
    if written.starts_with('/') {
        return Some(refused("is absolute, which Argo CD refuses"));
    }
    join("", written).is_none().then(|| refused("leads out of the repository"))
}

impl Source<'_> {
    /// The namespace that the Application deploys into.
    fn namespace(&self) -> Option<String> {
        let destination = self.application.root.get("spec").and_then(|spec| spec.get("destination"));
        destination.and_then(|destination| text(destination, "namespace")).map(str::to_owned)
    }

    /// The profile without its values.
    fn profile(&mut self, files: &Files<'_>, helm: Option<&Node>) -> Profile {
        let own = helm.and_then(|helm| text(helm, "namespace")).filter(|own| !own.is_empty());
        let namespace = own.map(str::to_owned).or_else(|| self.namespace());
        let name = self.application.name();
        let release =
            helm.and_then(|helm| text(helm, "releaseName")).filter(|release| !release.is_empty()).unwrap_or(name);
        let (production, decided_by) = self.application.is_production(files.search, namespace.as_deref());
        Profile {
            name: self.application.profile_name(),
            production,
            decided_by,
            above: self.application.ways().into_iter().map(str::to_owned).collect(),
            namespace,
            release: Some(release.to_owned()),
            found_at: Some(self.node.location),
            is_templated: true,
            ..Profile::default()
        }
    }
}

/// What is wrong with a `version` that is no Helm of today.
fn unknown_version(helm: &Node) -> Option<Problem> {
    let version = helm.get("version").filter(|version| version.scalar_text().is_some_and(|text| !text.is_empty()))?;
    let written = version.scalar_text().unwrap_or_default();
    let message = || format!("`version: {written}` names neither Helm 3 nor Helm 4");
    Major::read(written).is_none().then(|| Problem::new(version.location, message()))
}

/// What else an Application tells Helm.
fn arguments(helm: &Node) -> Helm {
    let is_set = |field: &str| helm.get(field).and_then(Node::as_bool) == Some(true);
    Helm {
        major: text(helm, "version").and_then(Major::read),
        kube_version: text(helm, "kubeVersion").filter(|version| !version.is_empty()).map(str::to_owned),
        api_versions: helm.items("apiVersions").iter().filter_map(Node::scalar_text).map(str::to_owned).collect(),
        skips_hooks: false,
        skips_tests: is_set("skipTests"),
        skips_schema: is_set("skipSchemaValidation"),
    }
}

/// A chart of a registry that Argo CD knows without its scheme; the chart's name may begin with the folders above it.
fn of_registry(url: &str, name: &str) -> Remote {
    match name.rsplit_once('/') {
        Some((folder, name)) => Remote::new(&format!("oci://{url}/{folder}"), name),
        None => Remote::new(&format!("oci://{url}"), name),
    }
}
