//! Deployments of charts that a repository's GitOps files declare; each becomes a profile.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::profile::{Profile, words};
use crate::source::{FILE_LIMIT, Tree};
use crate::text::{Location, Source, Sources};
use crate::yaml::{Document, Node};

mod applicationset;
mod argocd;
mod flux;
mod kustomize;
mod path;

/// What to look for, and where.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// The repository.
    pub tree: &'a dyn Tree,
    /// Every file of the repository that could matter, sorted.
    pub paths: &'a [String],
    /// Name of each chart of the repository by its folder.
    pub charts: &'a BTreeMap<String, String>,
    /// Where the charts are published (`oci://…` or an index URL), to know them by repository and name.
    pub published: &'a [String],
    /// Words of a path, name or namespace that keep a deployment from being production.
    pub test_words: &'a [String],
    /// Takes the texts that are read.
    pub sources: &'a Sources,
    /// Whether to read kustomizations.
    pub kustomize: bool,
    /// Whether to read Argo CD Applications and ApplicationSets.
    pub argocd: bool,
    /// Whether to read Flux's HelmReleases.
    pub flux: bool,
}

/// A deployment of one of the charts.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Folder of the chart.
    pub chart: String,
    /// The profile it makes.
    pub profile: Profile,
}

/// Something a GitOps file says that cannot be followed without a cluster or the network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unresolved {
    /// Folder of the chart that it surely is about, if known.
    pub chart: Option<String>,
    /// Where.
    pub at: Location,
    /// What, in lower case.
    pub message: String,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Discovered {
    /// By chart and profile name.
    pub deployments: Vec<Deployment>,
    /// What could not be followed.
    pub unresolved: Vec<Unresolved>,
}

/// Every deployment of the charts that the repository declares.
pub fn discover(search: &Search<'_>) -> Discovered {
    let mut found = Discovered::default();
    if search.kustomize {
        kustomize::discover(search, &mut found);
    }
    let speaking = Speaking::of(search);
    if search.argocd {
        argocd::discover(search, &speaking.argocd, &mut found);
    }
    if search.flux {
        flux::discover(search, &speaking.flux, &mut found);
    }
    for deployment in &mut found.deployments {
        if deployment.profile.name.is_empty() {
            ".".clone_into(&mut deployment.profile.name);
        }
    }
    name_apart(&mut found.deployments);
    found
        .deployments
        .sort_by(|left, right| (&left.chart, &left.profile.name).cmp(&(&right.chart, &right.profile.name)));
    found.unresolved.sort();
    found.unresolved.dedup();
    found
}

/// The YAML files that speak of a tool's objects at all: of a large repository few, and only they are parsed.
struct Speaking<'a> {
    argocd: Vec<&'a str>,
    flux: Vec<&'a str>,
}

impl<'a> Speaking<'a> {
    /// Looks through each file once for both, side by side, as a repository may have thousands.
    fn of(search: &Search<'a>) -> Self {
        let speaks = |path: &'a String| {
            let text = search.text(path)?;
            let argocd = search.argocd && argocd::is_spoken_of(&text);
            let flux = search.flux && flux::is_spoken_of(&text);
            (argocd || flux).then_some((path.as_str(), argocd, flux))
        };
        let wanted = search.argocd || search.flux;
        let paths = if wanted { search.paths } else { &[] };
        let spoken: Vec<_> = paths.par_iter().filter(|path| is_yaml(path)).filter_map(speaks).collect();
        let argocd = spoken.iter().filter(|(_, argocd, _)| *argocd).map(|(path, ..)| *path).collect();
        let flux = spoken.iter().filter(|(.., flux)| *flux).map(|(path, ..)| *path).collect();
        Self { argocd, flux }
    }
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// Two deployments that one folder declares get their release names behind the folder's.
fn name_apart(deployments: &mut [Deployment]) {
    let mut count: BTreeMap<(String, String), usize> = BTreeMap::new();
    for deployment in deployments.iter() {
        *count.entry((deployment.chart.clone(), deployment.profile.name.clone())).or_default() += 1;
    }
    for deployment in deployments {
        let key = (deployment.chart.clone(), deployment.profile.name.clone());
        if count[&key] > 1 {
            let release = deployment.profile.release.as_deref().unwrap_or("release");
            deployment.profile.name = format!("{}/{release}", deployment.profile.name);
        }
    }
}

impl Search<'_> {
    /// A file's text; none where it cannot be read.
    fn text(&self, path: &str) -> Option<String> {
        String::from_utf8(self.tree.read(path, FILE_LIMIT).ok()?).ok()
    }

    /// The YAML documents of a file; none where it cannot be read or is not YAML, a template say.
    fn documents(&self, path: &str) -> Option<Vec<Document>> {
        self.parse(path, self.text(path)?)
    }

    fn parse(&self, path: &str, text: String) -> Option<Vec<Document>> {
        let address = self.tree.address(path);
        let id = self.sources.add(Source::new(self.tree.shown(path), address, text));
        Document::parse_all(id, &self.sources.get(id).text).ok()
    }

    /// The root of a values file; an `Err` says in words why there is none.
    fn values(&self, path: &str) -> Result<Node, String> {
        let data = self.tree.read(path, FILE_LIMIT).map_err(|error| error.to_string())?;
        let text = String::from_utf8(data).map_err(|_| format!("`{path}` is not UTF-8"))?;
        let id = self.sources.add(Source::new(self.tree.shown(path), self.tree.address(path), text));
        let document = Document::parse(id, &self.sources.get(id).text).map_err(|error| format!("`{path}`: {error}"))?;
        Ok(document.root)
    }

    /// The chart of the repository that a published location and a name speak of.
    fn published_chart(&self, repository: &str, name: &str) -> Option<&str> {
        let wanted = bare(repository);
        let is_ours = self.published.iter().any(|published| {
            let published = bare(published);
            wanted == published || wanted == format!("{published}/{name}")
        });
        let mut named = self.charts.iter().filter(|(_, chart)| is_ours && *chart == name);
        named.next().map(|(folder, _)| folder.as_str())
    }

    /// Whether a deployment is production, and the words that say why.
    fn is_production(&self, path: &str, name: &str, namespace: Option<&str>) -> (bool, String) {
        let parts = [("path", path), ("name", name), ("namespace", namespace.unwrap_or(""))];
        for (part, text) in parts {
            if let Some(word) = words(text).find(|word| self.test_words.contains(word)) {
                return (false, format!("the word `{word}` in its {part} `{text}`"));
            }
        }
        (true, "no word of its path, name or namespace says that it is for testing".to_owned())
    }
}

/// A repository URL without scheme and trailing slash, for comparing.
fn bare(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.trim_end_matches('/')
}

/// The text of a field.
fn text<'a>(node: &'a Node, field: &str) -> Option<&'a str> {
    node.get(field)?.scalar_text()
}

/// The items of a list field; empty where it is absent.
fn items<'a>(node: &'a Node, field: &str) -> &'a [Node] {
    node.get(field).and_then(Node::as_seq).unwrap_or_default()
}

#[cfg(test)]
mod tests;
