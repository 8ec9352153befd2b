//! Charts that kustomize inflates: `helmCharts`, their older spelling, and `generators` of that kind.

use crate::gitops::fields;
use crate::gitops::files::Files;
use crate::gitops::path::{folder, is_remote, join};
use crate::gitops::{Deployment, Discovered, Pin, Problem, Release, Remote, text};
use crate::kustomize::edit;
use crate::profile::{Helm, Profile};
use crate::yaml::{Node, Value};

/// A chart with the arguments that kustomize gives to Helm.
#[derive(Debug, Clone)]
pub(in crate::gitops) struct Inflation {
    /// Its entry, with fields as `helmCharts` has them.
    pub(in crate::gitops) node: Node,
    /// The kustomization that has the entry.
    pub(in crate::gitops) path: String,
    /// `helmGlobals.chartHome`.
    home: String,
    /// The namespace of the kustomization, or of the next one around it that has any.
    namespace: Option<String>,
}

/// Every inflation of a kustomization.
pub(super) fn of(
    files: &Files<'_>,
    path: &str,
    root: &Node,
    namespace: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Vec<Inflation> {
    let globals = root.get("helmGlobals").and_then(|globals| text(globals, "chartHome"));
    let older = root.items("helmChartInflationGenerator");
    let home = globals.or_else(|| older.iter().rev().find_map(|old| text(old, "chartHome"))).unwrap_or("");
    let inflation = |node: Node, home: &str| Inflation {
        node,
        path: path.to_owned(),
        home: if home.is_empty() { "charts".to_owned() } else { home.to_owned() },
        namespace: namespace.map(str::to_owned),
    };
    let mut found: Vec<Inflation> = root.items("helmCharts").iter().map(|node| inflation(node.clone(), home)).collect();
    found.extend(older.iter().map(|old| inflation(renamed(old), home)));
    for item in root.items("generators") {
        for node in generators(files, folder(path), item, problems) {
            // A generator of its own has the globals among its fields, and no kustomization's namespace.
            let home = text(&node, "chartHome").unwrap_or("").to_owned();
            found.push(Inflation { namespace: None, ..inflation(node, &home) });
        }
    }
    found
}

/// An entry of `helmChartInflationGenerator` with the names of `helmCharts`.
fn renamed(old: &Node) -> Node {
    const NAMES: [(&str, &str); 6] = [
        ("chartName", "name"),
        ("chartRepoUrl", "repo"),
        ("values", "valuesFile"),
        ("valuesLocal", "valuesInline"),
        ("valuesMerge", "valuesMerge"),
        ("releaseName", "releaseName"),
    ];
    let entries =
        NAMES.iter().filter_map(|(from, to)| old.get(from).map(|value| edit::entry(to, value.clone(), value.location)));
    edit::mapping(entries.collect(), old.location)
}

/// The inflations that an entry of `generators` is or names.
fn generators(files: &Files<'_>, here: &str, item: &Node, problems: &mut Vec<Problem>) -> Vec<Node> {
    let documents = match super::steps::plugin(files, here, item) {
        Ok(documents) => documents,
        Err(problem) => {
            problems.push(problem);
            return vec![];
        }
    };
    let mut found = vec![];
    for document in &documents {
        let kind = text(&document.root, "kind").unwrap_or("");
        if text(&document.root, "apiVersion") == Some("builtin") && kind == "HelmChartInflationGenerator" {
            let known = fields::of("Kustomization");
            let unknown = edit::entries(&document.root).into_iter().filter(|entry| {
                let key = entry.key.key_text();
                let is_known = known.class(&format!("helmCharts.{key}")).is_some()
                    || known.class(&format!("helmGlobals.{key}")).is_some();
                !is_known && !["apiVersion", "kind", "metadata"].contains(&&*key)
            });
            problems.extend(unknown.map(|entry| {
                Problem::new(entry.key.location, format!("`{}` of a generator is not followed", entry.key.key_text()))
            }));
            found.push(document.root.clone());
        } else if !makes_secrets(files, here, &document.root) {
            problems.push(Problem::new(document.root.location, format!("the generator `{kind}` is not followed")));
        }
    }
    found
}

/// Whether a generator surely makes nothing but Secrets, whose data are not read: `ksops`, of files that say that they are such.
fn makes_secrets(files: &Files<'_>, here: &str, generator: &Node) -> bool {
    let is_ksops = text(generator, "kind") == Some("ksops")
        && text(generator, "apiVersion").is_some_and(|version| version.starts_with("viaduct.ai/"));
    let is_secret = |item: &Node| {
        let documents = super::steps::from_file(files, here, item);
        documents.is_ok_and(|all| all.iter().all(|each| text(&each.root, "kind") == Some("Secret")))
    };
    is_ksops && generator.items("files").iter().all(is_secret)
}

impl Inflation {
    /// Folder of the repository's chart that it renders: the one that lies where kustomize looks, else the one that is published there.
    pub(in crate::gitops) fn chart(&self, files: &Files<'_>) -> Option<String> {
        match (self.committed(files), self.remote(files)) {
            (Some(local), _) => Some(local).filter(|local| files.counts(local)),
            (None, Some(remote)) => files.search.published_chart(&remote.repository, &remote.name).map(str::to_owned),
            (None, None) => None,
        }
    }

    /// Where kustomize looks for the chart before it pulls one, and where it leaves what it pulls.
    fn local(&self) -> Option<String> {
        let name = text(&self.node, "name")?;
        let filled = |field| text(&self.node, field).filter(|text: &&str| !text.is_empty());
        let home = join(folder(&self.path), &self.home)?;
        match (filled("repo"), filled("version")) {
            (Some(_), Some(version)) => join(&home, &format!("{name}-{version}/{name}")),
            _ => join(&home, name),
        }
    }

    /// The folder of the chart that lies there.
    fn committed(&self, files: &Files<'_>) -> Option<String> {
        let is_chart =
            |local: &String| files.search.charts.contains_key(local) || files.charts().any(|chart| chart == local);
        self.local().map(|local| files.place(&local)).filter(is_chart)
    }

    /// The chart that it names and that is not in the repository.
    pub(in crate::gitops) fn remote(&self, files: &Files<'_>) -> Option<Remote> {
        let name = text(&self.node, "name")?;
        let repository = text(&self.node, "repo").filter(|repository| !repository.is_empty())?;
        self.committed(files).is_none().then(|| Remote::new(repository, name))
    }

    /// What is wrong with a chart that it takes from a folder of the repository where none is.
    pub(in crate::gitops) fn lost(&self, files: &Files<'_>) -> Option<Problem> {
        let Some(name) = self.node.get("name").filter(|name| name.as_str().is_some_and(|name| !name.is_empty())) else {
            return Some(Problem::new(self.node.location, "kustomize refuses a chart without a `name`".to_owned()));
        };
        let Some(folder) = self.local() else {
            let message = format!("the chart `{}` leads out of the repository", name.scalar_text().unwrap_or(""));
            return Some(Problem::new(name.location, message));
        };
        let message = || format!("the chart `{folder}` is not in this repository");
        self.committed(files).is_none().then(|| Problem::new(name.location, message()))
    }

    /// Adds the deployment that it is: of a chart of the repository, or of one that is not here. `overlay` is the folder of the kustomization
    /// that is deployed by itself.
    pub(in crate::gitops) fn add(
        &self,
        files: &Files<'_>,
        chart: Option<String>,
        (profile, overlay): (Profile, Option<String>),
        problems: Vec<Problem>,
        found: &mut Discovered,
    ) {
        let remote = self.remote(files);
        let pin = remote.is_some().then(|| Pin::of(&self.node, "version", false));
        let here = chart.clone().unwrap_or_default();
        let deployment = Deployment { overlay, ..Deployment::new(here, profile, pin, problems) };
        match (chart, remote) {
            (None, Some(chart)) => found.releases.push(Release::new(&self.path, chart, deployment)),
            _ => found.deployments.push(deployment),
        }
    }

    /// The name of the release; none where Helm is left to make one, which always is the same.
    pub(in crate::gitops) fn release(&self) -> Option<&str> {
        let named = |field| text(&self.node, field).filter(|name: &&str| !name.is_empty());
        named("nameTemplate").or_else(|| named("releaseName"))
    }

    /// The name by which people know what is deployed.
    pub(in crate::gitops) fn called(&self) -> &str {
        self.release().or_else(|| text(&self.node, "name")).unwrap_or("")
    }

    /// The namespace that Helm renders with: its own, else that of the kustomizations around it.
    pub(in crate::gitops) fn namespace(&self) -> Option<&str> {
        text(&self.node, "namespace").filter(|namespace| !namespace.is_empty()).or(self.namespace.as_deref())
    }

    /// What else kustomize tells Helm.
    pub(in crate::gitops) fn helm(&self, problems: &mut Vec<Problem>) -> Helm {
        let is_set = |field: &str| self.node.get(field).and_then(Node::as_bool) == Some(true);
        let filled =
            |field: &str| self.node.get(field).filter(|node| node.as_str().is_some_and(|text| !text.is_empty()));
        let name = self.node.get("name").filter(|name| {
            let file = join("", name.scalar_text().unwrap_or(""));
            file.is_none_or(|file| file.contains('/'))
        });
        problems.extend(name.map(|name| {
            let message = "kustomize refuses a `name` in a folder of its own: it writes a file of that name";
            Problem::new(name.location, message.to_owned())
        }));
        if let Some(template) = filled("nameTemplate").filter(|_| filled("releaseName").is_some()) {
            let message = "Helm refuses `releaseName` beside `nameTemplate`".to_owned();
            problems.push(Problem::new(template.location, message));
        }
        if let Some(template) =
            self.node.get("nameTemplate").filter(|node| node.as_str().is_some_and(|text| text.contains("{{")))
        {
            problems
                .push(Problem::new(template.location, "a release name made by a template is not followed".to_owned()));
        }
        Helm {
            major: None,
            kube_version: text(&self.node, "kubeVersion").filter(|version| !version.is_empty()).map(str::to_owned),
            api_versions: self
                .node
                .items("apiVersions")
                .iter()
                .filter_map(Node::scalar_text)
                .map(str::to_owned)
                .collect(),
            skips_hooks: is_set("skipHooks"),
            skips_tests: is_set("skipTests"),
            skips_schema: false,
        }
    }

    /// The values in the order in which Helm lays them over each other.
    pub(in crate::gitops) fn values(
        &self,
        files: &Files<'_>,
        chart: Option<&str>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Node> {
        let here = folder(&self.path);
        let before = problems.len();
        let mut read = |file: &Node| or_said(value_file(files, here, file), file, problems).unwrap_or_default();
        let named = self.node.get("valuesFile").filter(|file| file.scalar_text().is_some_and(|text| !text.is_empty()));
        // The chart's own values are below all others anyway; only where they win do they have to be laid over them.
        let own = chart.and_then(|chart| join(chart, "values.yaml"));
        let named =
            named.filter(|file| own.is_none() || file.scalar_text().and_then(|reference| join(here, reference)) != own);
        let is_own = named.is_none();
        let named = named.map(&mut read).unwrap_or_default();
        let further: Vec<Node> = self.node.items("additionalValuesFiles").iter().flat_map(&mut read).collect();
        let inline =
            self.node.get("valuesInline").filter(|inline| inline.as_map().is_some_and(|map| !map.entries().is_empty()));
        let how = text(&self.node, "valuesMerge").unwrap_or("override");
        if !["", "merge", "override", "replace"].contains(&how) {
            problems.push(Problem::new(self.node.location, format!("kustomize refuses `valuesMerge: {how}`")));
        }
        let Some(inline) = inline else { return named.into_iter().chain(further).collect() };
        // What kustomize merges it reads itself, and no more than a first document.
        let first = named.into_iter().next();
        if how == "replace" || problems.len() != before {
            return std::iter::once(inline.clone()).chain(further).collect();
        }
        if !is_own && first.as_ref().is_none_or(|first| first.as_map().is_none()) {
            let message = "kustomize refuses to merge `valuesInline` with a file that holds no mapping".to_owned();
            problems.push(Problem::new(inline.location, message));
        }
        let own = own.filter(|path| is_own && files.is_file(path));
        // Where it is no part of what is merged, the chart says itself that it cannot be read.
        let own = own.and_then(|path| match how {
            "merge" => or_said(files.values(&path), &self.node, problems),
            _ => files.values(&path).ok(),
        });
        let file = first.as_ref().or(own.as_ref());
        problems.extend(file.filter(|_| how != "merge").and_then(super::doubled));
        problems.extend(file.and_then(|file| unlike(inline, file)));
        let first = match how {
            "merge" => file.map_or_else(|| Some(inline.clone()), |file| merged(file, Some(inline))),
            _ => merged(inline, first.as_ref()),
        };
        first.into_iter().chain(further).collect()
    }
}

/// What was read, or a problem at a node that says why it was not.
fn or_said<T>(read: Result<T, String>, at: &Node, problems: &mut Vec<Problem>) -> Option<T> {
    read.map_err(|message| problems.push(Problem::new(at.location, message))).ok()
}

fn value_file(files: &Files<'_>, here: &str, file: &Node) -> Result<Vec<Node>, String> {
    let reference = file.scalar_text().unwrap_or("");
    if is_remote(reference) {
        return Err(format!("the values file `{reference}` is not in this repository"));
    }
    let path = join(here, reference).filter(|_| !reference.starts_with('/'));
    files.layers(&path.ok_or_else(|| format!("`{reference}` leads out of the repository"))?)
}

/// What is wrong with values written out at a place where a file has values of another form: kyaml merges none of these.
fn unlike(inline: &Node, file: &Node) -> Option<Problem> {
    let form = |node: &Node| (node.as_map().is_some(), node.as_seq().is_some());
    let message = || format!("kustomize refuses to merge {} with a file that has {} here", inline.kind(), file.kind());
    match (inline.as_map(), file.as_map()) {
        _ if inline.is_null() || file.is_null() => None,
        _ if form(inline) != form(file) => Some(Problem::new(inline.location, message())),
        (Some(inline), Some(file)) => {
            let entries = inline.effective();
            entries.into_iter().find_map(|(key, entry)| unlike(&entry.value, &file.entry(&key)?.value))
        }
        _ => None,
    }
}

/// `over` over `below` as kyaml merges them: mappings merge, a null removes the key, lists and the rest replace.
fn merged(over: &Node, below: Option<&Node>) -> Option<Node> {
    let below = below.filter(|below| !below.is_null());
    match (&over.value, below) {
        (Value::Null, _) => None,
        (Value::Map(_), below) => {
            // What was there first stays what the rest is laid over.
            let first = || edit::mapping(vec![], below.map_or(over.location, |below| below.location));
            let below = below.filter(|below| below.as_map().is_some()).cloned().unwrap_or_else(first);
            Some(edit::over(&below, over, |below, over| merged(over, below)))
        }
        _ => Some(over.clone()),
    }
}
