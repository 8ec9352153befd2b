//! Applications of Argo CD, written out or made by an ApplicationSet, and the deployments of charts that they are.

use super::declared::Declared;
use super::files::Files;
use super::kustomize::Kustomizations;
use super::path::join;
use super::{Deployment, Discovered, Pin, Problem, Release, Remote, applicationset, fields, items, text};
use crate::helm::Major;
use crate::profile::{Helm, Profile};
use crate::yaml::Node;

mod environment;
mod kustomize;
mod overrides;
mod parameters;
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
    /// Every source of the Application.
    all: &'a [Node],
    environment: Environment<'a>,
    problems: Vec<Problem>,
}

/// Adds the deployments of an object, if it is an Application or an ApplicationSet.
pub(super) fn discover(argo: Argo<'_>, declared: &Declared, found: &mut Discovered) {
    match text(&declared.root, "kind") {
        Some("Application") => argo.application(declared, &[], found),
        Some("ApplicationSet") => {
            for made in applicationset::applications(argo.files, declared, found) {
                let application = Declared { root: made.root, ..declared.clone() };
                argo.application(&application, &made.problems, found);
            }
        }
        _ => {}
    }
}

impl Argo<'_> {
    fn application(self, declared: &Declared, open: &[Problem], found: &mut Discovered) {
        let root = &declared.root;
        let Some(spec) = root.get("spec") else { return };
        let dry = spec.get("sourceHydrator").and_then(|hydrator| hydrator.get("drySource"));
        let single = dry.or_else(|| spec.get("source")).map(std::slice::from_ref).unwrap_or_default();
        let sources = if items(spec, "sources").is_empty() { single } else { items(spec, "sources") };
        for source in sources {
            let mut problems = open.to_vec();
            if let Some(problem) = outside(source).or_else(|| self.gone(source)) {
                found.unresolved(None, &declared.profile_name(), problem);
                continue;
            }
            let placed = self.source(declared, sources, source, &mut problems);
            if let Some(chart) = self.chart_of(&placed.node, found, declared) {
                found.deployments.push(self.deployment(placed, Some(&chart), problems));
            } else if let Some(folder) = self.kustomization_of(&placed.node) {
                found.unresolved.extend(self.changes_others(&placed.node, &folder).map(Into::into));
                kustomize::deployments(self, placed, &folder, &problems, found);
                found.deployed_overlays.insert(folder);
            } else if let Some(folder) = self.base_of(&placed.node) {
                found.deployed_bases.insert(folder);
            } else if let Some(chart) = self.remote(&placed.node) {
                let deployment = self.deployment(placed, None, problems);
                found.releases.push(Release { file: declared.file.clone(), chart, deployment });
            }
        }
    }

    fn source<'d>(
        self,
        declared: &'d Declared,
        all: &'d [Node],
        source: &'d Node,
        problems: &mut Vec<Problem>,
    ) -> Source<'d> {
        let node = overrides::laid_over(self.files, source, declared.name(), problems);
        let environment = Environment::of(declared, source);
        Source { application: declared, node, all, environment, problems: vec![] }
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
        let is_plain = source
            .get("directory")
            .is_some_and(|directory| directory.as_map().is_some_and(|map| !map.entries.is_empty()));
        let path = join("", text(source, "path")?).filter(|_| !is_plain)?;
        self.files.counts(&path).then_some(path)
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
        let message = || format!("`path: {folder}` is not in this repository, which `repoURL` names");
        (!self.files.is_folder(&folder)).then(|| Problem::new(path.location, message()))
    }

    /// Where options of an Application may change other deployments: those that lie below its kustomization.
    fn changes_others(self, source: &Node, folder: &str) -> Option<Problem> {
        const KINDS: [&str; 4] = ["Application", "ApplicationSet", "HelmRelease", "Kustomization"];
        let options = source.get("kustomize")?;
        let is_meant = |patch: &&Node| match patch.get("target").and_then(|target| text(target, "kind")) {
            Some(kind) => KINDS.contains(&kind),
            None => KINDS.iter().any(|kind| text(patch, "patch").is_some_and(|patch| patch.contains(kind))),
        };
        let patch = items(options, "patches").iter().find(is_meant).or_else(|| items(options, "components").first())?;
        let message = || format!("this may change the deployments that lie in `{folder}`, which is not followed");
        self.files.speaks_below(folder).then(|| Problem::new(patch.location, message()))
    }

    /// A kustomization that a source deploys as it is though others build on it, so that it counts by itself.
    fn base_of(self, source: &Node) -> Option<String> {
        let is_other = text(source, "repoURL").is_some_and(|url| self.files.search.own.is_other(url));
        let folder = join("", text(source, "path")?).filter(|_| !is_other)?;
        self.kustomizations.get(&folder)?;
        (!self.kustomizations.roots().contains(&folder.as_str())).then_some(folder)
    }

    fn kustomization_of(self, source: &Node) -> Option<String> {
        source.get("kustomize").filter(|options| options.as_map().is_some_and(|map| !map.entries.is_empty()))?;
        join("", text(source, "path")?).filter(|folder| self.kustomizations.get(folder).is_some())
    }

    fn deployment(self, mut source: Source<'_>, chart: Option<&str>, mut problems: Vec<Problem>) -> Deployment {
        let is_made = problems.is_empty();
        let helm = source.node.get("helm").cloned();
        let profile = source.profile(self.files, helm.as_ref());
        let mut profile = Profile { helm: helm.as_ref().map(arguments).unwrap_or_default(), ..profile };
        if let Some(helm) = &helm {
            profile.values = values::read(self.files, &mut source, helm, chart);
            profile.set = parameters::read(self.files, &mut source, helm, chart);
            source.problems.extend(unknown_version(helm));
        }
        // What is wrong with parts of an Application that could not be made in full is no second cause.
        if is_made {
            problems.append(&mut source.problems);
        }
        problems.extend(source.application.problems.iter().cloned());
        problems.extend(fields::of("Application").problems_below(&source.node, "spec.source"));
        let is_published = text(&source.node, "chart").is_some_and(|name| !name.is_empty())
            || text(&source.node, "repoURL").is_some_and(|url| url.starts_with("oci://"));
        let pin = (is_published || chart.is_none()).then(|| Pin::of(&source.node, "targetRevision", !is_published));
        Deployment::new(chart.unwrap_or_default(), profile, pin, problems)
    }
}

/// What is wrong with a `path` that leads out of the repository, which Argo CD refuses.
fn outside(source: &Node) -> Option<Problem> {
    let path = source.get("path")?;
    let written = path.scalar_text()?;
    let message = || format!("`path: {written}` leads out of the repository");
    join("", written).is_none().then(|| Problem::new(path.location, message()))
}

impl Source<'_> {
    /// The profile without its values.
    fn profile(&mut self, files: &Files<'_>, helm: Option<&Node>) -> Profile {
        let root = &self.application.root;
        let namespace = root
            .get("spec")
            .and_then(|spec| spec.get("destination"))
            .and_then(|destination| text(destination, "namespace"));
        let own = helm.and_then(|helm| text(helm, "namespace")).filter(|own| !own.is_empty());
        let namespace = own.or(namespace).map(str::to_owned);
        let name = self.application.name();
        let release =
            helm.and_then(|helm| text(helm, "releaseName")).filter(|release| !release.is_empty()).unwrap_or(name);
        let (production, decided_by) = files.search.is_production(&self.application.ways(), name, namespace.as_deref());
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
        api_versions: items(helm, "apiVersions").iter().filter_map(Node::scalar_text).map(str::to_owned).collect(),
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
