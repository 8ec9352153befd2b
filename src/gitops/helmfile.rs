//! Helmfiles that are plain YAML: each release of a chart of the repository, or of one that is published.

use std::collections::BTreeSet;

use super::files::Files;
use super::glob::{Flavour, Glob};
use super::path::{folder, is_remote, join};
use super::{Deployment, Discovered, Pin, Problem, Release, Remote, fields, text};
use crate::profile::{Helm, Profile};
use crate::yaml::Node;
use state::State;

mod state;
mod unnamed;
mod values;

/// Adds the deployments of every helmfile.
pub(super) fn discover(files: &Files<'_>, found: &mut Discovered) {
    let mut open: Vec<String> = files.search.paths.iter().filter(|path| is_helmfile(path)).cloned().collect();
    open.extend(unnamed::helmfiles(files));
    let mut known = BTreeSet::new();
    while let Some(path) = open.pop() {
        if !known.insert(path.clone()) {
            continue;
        }
        let (state, read) = files.recorded(|| state::of(files, &path));
        match state {
            Ok(Some(state)) => {
                let helmfile = Helmfile { files, path: &path, state: &state };
                files.deploying(found, |found| {
                    files.reads_all(read);
                    if !helmfile.add(found) {
                        found.say("", helmfile.strange());
                    }
                });
                open.extend(helmfile.others(found));
            }
            Err(_) if is_surely_elsewhere(files, &path) => files.note_template(&path),
            Err(problem) => found.unresolved.push(problem.into()),
            Ok(None) => {}
        }
    }
}

/// Whether a helmfile is a template that surely deploys no chart of the repository: every chart in it is one of a repository that it names, or
/// has an address.
fn is_surely_elsewhere(files: &Files<'_>, path: &str) -> bool {
    let Ok((_, source)) = files.text(path) else { return false };
    let aliases: BTreeSet<&str> = written(&source.text, "name:").collect();
    let is_published =
        |chart: &str| chart.contains("://") || chart.split_once('/').is_some_and(|(alias, _)| aliases.contains(alias));
    let mut charts = written(&source.text, "chart:").peekable();
    let is_template = source.text.contains("{{");
    is_template && !files.search.charts.is_empty() && charts.peek().is_some() && charts.all(is_published)
}

/// What stands behind a key in a text that is no YAML, wherever the key stands.
fn written<'t>(text: &'t str, key: &str) -> impl Iterator<Item = &'t str> {
    text.split(key).skip(1).map(|rest| {
        let value = rest.trim_start().split(['\n', ',', '}']).next().unwrap_or_default();
        let value = value.split(" #").next().unwrap_or_default();
        value.trim().trim_matches(['"', '\''])
    })
}

fn is_helmfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let bare = name.strip_suffix(".gotmpl").unwrap_or(name);
    let is_in_folder = folder(path).rsplit('/').next() == Some("helmfile.d");
    matches!(bare, "helmfile.yaml" | "helmfile.yml" | "helmfile")
        || (is_in_folder && (bare.ends_with(".yaml") || bare.ends_with(".yml")))
}

/// Whether helmfile takes a file for one where its folder is named.
fn is_state(path: &str) -> bool {
    let bare = path.strip_suffix(".gotmpl").unwrap_or(path);
    bare.ends_with(".yaml") || bare.ends_with(".yml")
}

struct Helmfile<'a, 's> {
    files: &'a Files<'s>,
    path: &'a str,
    state: &'a State,
}

/// Where the chart of a release is.
enum ChartPlace {
    Here(String),
    /// Where it is published, with the version that is asked for.
    Published(Remote, Pin),
    /// In a folder that is no chart to be judged.
    Unnamed,
}

impl Helmfile<'_, '_> {
    /// What keeps a helmfile from being read from which no release came.
    fn strange(&self) -> Vec<Problem> {
        let root = &self.state.root;
        if root.as_map().is_none() && !root.is_null() {
            let message = format!("helmfile refuses `{}`, which is {}, not a mapping", self.path, root.kind());
            return vec![Problem::new(root.location, message)];
        }
        fields::of("Helmfile").strange_by_name(root)
    }

    /// Adds the deployments of its releases; whether there are any.
    fn add(&self, found: &mut Discovered) -> bool {
        let root = &self.state.root;
        let table = fields::of("Helmfile");
        let mut is_any = false;
        let mut of_file = self.state.problems.clone();
        of_file.extend(edit_without_releases(root).map(|rest| table.problems(&rest)).unwrap_or_default());
        of_file.extend(templated(root, &["kubeVersion", "namespace"]));
        of_file.extend(table.mistyped(root, ""));
        for node in root.items("releases").iter().filter(|node| node.as_map().is_some()) {
            if node.get("installed").and_then(Node::as_bool) == Some(false) {
                continue;
            }
            let mut problems = of_file.clone();
            problems.extend(table.problems_below(node, "releases"));
            problems.extend(templated(node, &DECISIVE));
            match self.chart(node) {
                Ok(ChartPlace::Unnamed) => {}
                Ok(ChartPlace::Here(chart)) => {
                    is_any = true;
                    let deployment = self.deployment(node, chart, None, problems);
                    found.deployments.push(deployment);
                }
                Ok(ChartPlace::Published(chart, pin)) => {
                    is_any = true;
                    let search = self.files.search;
                    let here = search.published_chart(&chart.repository, &chart.name).filter(|_| !pin.is_git);
                    let folder = here.unwrap_or_default().to_owned();
                    let deployment = self.deployment(node, folder, Some(pin), problems);
                    match here {
                        Some(_) => found.deployments.push(deployment),
                        None => found.releases.push(Release::new(self.path, chart, deployment)),
                    }
                }
                Err(problem) => found.unresolved.push(problem.into()),
            }
        }
        is_any
    }

    /// The helmfiles that this one brings along under other names.
    fn others(&self, found: &mut Discovered) -> Vec<String> {
        let mut paths = vec![];
        for item in self.state.root.items("helmfiles") {
            let reference = item.scalar_text().or_else(|| text(item, "path")).unwrap_or("");
            if let Some(inherited) = item.get("inherits").filter(|_| !item.items("inherits").is_empty()) {
                let message = format!("what `{reference}` inherits of this helmfile is not followed");
                found.unresolved.push(Problem::new(inherited.location, message).into());
            }
            let wanted =
                join(folder(self.path), reference).filter(|_| !is_remote(reference) && !reference.contains("::"));
            let matching = wanted.and_then(|wanted| {
                let glob = Glob::new(&wanted, Flavour::Names).ok()?;
                let all = self.files.search.paths.iter();
                let is_in_folder = |path: &str| folder(path) == wanted && is_state(path);
                Some(all.filter(|path| glob.matches(path) || is_in_folder(path)).cloned().collect())
            });
            match matching {
                Some::<Vec<String>>(matching) if !matching.is_empty() => paths.extend(matching),
                _ => {
                    let message = format!("the helmfile `{reference}` is not in this repository");
                    found.unresolved.push(Problem::new(item.location, message).into());
                }
            }
        }
        paths
    }

    /// The chart that a release names: by a path, an address, or an alias of `repositories`.
    fn chart(&self, node: &Node) -> Result<ChartPlace, Problem> {
        let written = node.get("chart").filter(|chart| chart.scalar_text().is_some());
        let at = written.map_or(node.location, |chart| chart.location);
        let wrong = |message: String| Problem::new(at, message);
        let reference = written.and_then(Node::scalar_text).unwrap_or("");
        if reference.is_empty() {
            let inherited = node.get("inherit").or_else(|| self.state.root.get("defaultInherit"));
            return Err(inherited.map_or_else(
                || wrong("the release names no chart".to_owned()),
                |from| {
                    Problem::new(from.location, "the chart of a release that is inherited is not followed".to_owned())
                },
            ));
        }
        if reference.contains("{{") {
            return Err(wrong(format!("`chart: {reference}` is made by a template")));
        }
        let pin = || Pin::of(node, "version", false);
        if reference.starts_with("oci://") {
            return Ok(ChartPlace::Published(Remote::at(reference), pin()));
        }
        if let Some((chart, version)) = Remote::packaged(reference) {
            return Ok(ChartPlace::Published(chart, Pin { version, digest: String::new(), is_git: false, at }));
        }
        if is_remote(reference) || reference.contains("::") {
            return Ok(ChartPlace::Published(Remote::new(reference, reference), Pin::of_address(reference, at)));
        }
        let named = reference.split_once('/').and_then(|(alias, name)| Some((self.repository(alias)?, name)));
        if let Some((repository, name)) = named {
            return Ok(ChartPlace::Published(Remote::new(&repository, name), pin()));
        }
        let chart = join(folder(self.path), reference)
            .map(|chart| self.files.place(&chart))
            .ok_or_else(|| wrong(format!("`chart: {reference}` leads out of the repository")))?;
        if self.files.counts(&chart) {
            return Ok(ChartPlace::Here(chart));
        }
        // Of a folder of manifests, or a kustomization, helmfile makes a chart of its own.
        if self.files.charts().any(|known| known == chart) || self.files.is_folder(&chart) {
            return Ok(ChartPlace::Unnamed);
        }
        match reference.split_once('/').filter(|(alias, _)| !alias.starts_with('.')) {
            Some((_, name)) => Ok(ChartPlace::Published(Remote::new("", name), pin())),
            None => Err(wrong(format!("the chart `{chart}` is not in this repository"))),
        }
    }

    /// The address behind an alias.
    fn repository(&self, alias: &str) -> Option<String> {
        let named = self.state.root.items("repositories").iter().find(|node| text(node, "name") == Some(alias))?;
        let url = text(named, "url")?;
        let is_registry = named.get("oci").and_then(Node::as_bool) == Some(true);
        Some(if is_registry && !url.contains("://") { format!("oci://{url}") } else { url.to_owned() })
    }

    fn deployment(&self, node: &Node, chart: String, pin: Option<Pin>, mut problems: Vec<Problem>) -> Deployment {
        let root = &self.state.root;
        let namespace = text(root, "namespace").filter(|over| !over.is_empty()).or_else(|| text(node, "namespace"));
        let name = text(node, "name").unwrap_or("");
        let (production, decided_by) = self.files.search.is_production(&[self.path], name, namespace);
        let version = text(node, "kubeVersion").or_else(|| text(root, "kubeVersion"));
        let own = node.items("apiVersions");
        let api_versions = if own.is_empty() { root.items("apiVersions") } else { own };
        let values = values::read(self.files, self.path, root, node, &mut problems);
        let profile = Profile {
            name: folder(self.path).to_owned(),
            production,
            decided_by,
            values: values.roots,
            set: values.set,
            namespace: namespace.map(str::to_owned),
            release: Some(name.to_owned()),
            found_at: Some(node.location),
            helm: Helm {
                kube_version: version.filter(|version| !version.is_empty()).map(str::to_owned),
                api_versions: api_versions.iter().filter_map(Node::scalar_text).map(str::to_owned).collect(),
                skips_schema: skips_schema(root, node),
                ..Helm::default()
            },
            ..Profile::default()
        };
        Deployment::new(chart, profile, pin, problems)
    }
}

/// Fields of a release that are known or not followed, beside its chart and its values.
const DECISIVE: [&str; 7] =
    ["apiVersions", "installed", "kubeVersion", "name", "namespace", "skipSchemaValidation", "version"];

/// What of some fields a template makes, each at its line.
fn templated<'n>(node: &'n Node, fields: &'n [&str]) -> impl Iterator<Item = Problem> + 'n {
    let texts = fields.iter().filter_map(|field| Some((field, node.get(field)?))).flat_map(|(field, value)| {
        let items = value.as_seq().unwrap_or(std::slice::from_ref(value));
        items.iter().map(move |item| (field, item))
    });
    texts.filter_map(|(field, item)| {
        let written = item.as_str().filter(|text| text.contains("{{"))?;
        Some(Problem::new(item.location, format!("`{field}: {written}` is made by a template")))
    })
}

/// Whether values need not meet the schema: the release's word, else that of `helmDefaults`.
fn skips_schema(root: &Node, node: &Node) -> bool {
    let said = |node: &Node| node.get("skipSchemaValidation").and_then(Node::as_bool);
    said(node).or_else(|| root.get("helmDefaults").and_then(said)) == Some(true)
}

/// The helmfile without its releases, each of which is looked at by itself.
fn edit_without_releases(root: &Node) -> Option<Node> {
    root.as_map().map(|_| crate::kustomize::edit::without(root, "releases"))
}
