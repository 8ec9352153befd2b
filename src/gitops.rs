//! Deployments of charts that a repository's GitOps files declare; each becomes a profile.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::helm::Major;
use crate::profile::{Profile, test_word};
use crate::source::Tree;
use crate::text::{Address, Sources, Span};
use crate::yaml::Node;
use declared::World;
use files::{Files, Read};
use kustomize::Kustomizations;

mod applicationset;
mod argocd;
mod course;
mod declared;
mod discovered;
mod environments;
pub mod fields;
mod files;
mod fleet;
mod flux;
mod folders;
mod foreign;
mod glob;
mod helmfile;
mod kustomize;
mod leads;
mod overlays;
mod parents;
mod path;
mod release;
mod rendering;
mod steps;
mod terraform;

pub use discovered::{Discovered, PassedOver, Problem, Unresolved};
pub use release::{Inside, Pin, Release, Remote};

/// A tool that deploys charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// Argo CD: Applications and ApplicationSets.
    Argocd,
    /// Fleet: `fleet.yaml`.
    Fleet,
    /// Flux: HelmReleases.
    Flux,
    /// helmfile.
    Helmfile,
    /// kustomize: `helmCharts`.
    Kustomize,
    /// Terraform: `helm_release`.
    Terraform,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 6] =
        [Self::Argocd, Self::Fleet, Self::Flux, Self::Helmfile, Self::Kustomize, Self::Terraform];
}

/// What to look for, and where.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// The repository.
    pub tree: &'a Arc<dyn Tree>,
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
    /// The tools whose files are read.
    pub tools: &'a [Tool],
    /// Whether values files count that only their paths speak for.
    pub by_name: bool,
    /// The Helm that the tools carry, where that is told.
    pub helm: Option<Major>,
    /// Where this repository itself lies.
    pub own: &'a Own,
    /// The profiles that configurations give to charts.
    pub configured: &'a [Configured],
}

/// A profile that a configuration gives to a chart, under which that may make deployments of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// Folder of the chart.
    pub chart: String,
    /// Its name.
    pub name: String,
    /// Whether production rules apply.
    pub production: bool,
    /// Values files, as paths of the repository; the last wins.
    pub values: Vec<String>,
    /// `helm --set` expressions.
    pub set: Vec<Expression>,
    /// Namespace that it is installed into.
    pub namespace: Option<String>,
    /// Release name.
    pub release: Option<String>,
    /// The Helm that installs it.
    pub helm: Option<Major>,
}

/// A `helm --set` expression of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The expression.
    pub text: String,
    /// The path of the configuration in reports.
    pub path: String,
    /// Where the configuration was read from.
    pub address: Address,
    /// The whole configuration, which is no file of the search.
    pub whole: Arc<str>,
    /// Where the expression stands in it.
    pub span: Span,
}

/// A deployed chart that was fetched.
pub struct Fetched<'a> {
    /// What deploys it.
    pub release: &'a Release,
    /// The chart.
    pub tree: Arc<dyn Tree>,
}

/// How others call the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// The addresses of its remotes.
    pub addresses: Vec<String>,
    /// The branches that they call `HEAD`.
    pub branches: Vec<String>,
}

impl Own {
    /// Whether an address and a revision surely mean this repository, as it is deployed.
    fn is(&self, address: &str, revision: &str) -> bool {
        let is_head = matches!(revision, "" | "HEAD") || self.branches.iter().any(|branch| branch == revision);
        is_head && !address.is_empty() && self.names(address)
    }

    /// Whether an address surely means another repository.
    pub fn is_other(&self, address: &str) -> bool {
        !(address.is_empty() || self.addresses.is_empty() || self.names(address))
    }

    fn names(&self, address: &str) -> bool {
        self.addresses.iter().any(|own| place(own) == place(address))
    }
}

/// Host and path of a git address, whatever way leads there: `git@github.com:acme/shop.git` is `https://github.com/acme/shop`.
fn place(address: &str) -> String {
    let (rest, is_url) = address.split_once("://").map_or((address, false), |(_, rest)| (rest, true));
    let path_at = rest.find('/').unwrap_or(rest.len());
    let rest = rest[..path_at].rfind('@').map_or(rest, |at| &rest[at + 1..]);
    let rest = if is_url { rest.to_owned() } else { rest.replacen(':', "/", 1) };
    let rest = rest.trim_end_matches('/');
    rest.strip_suffix(".git").unwrap_or(rest).to_lowercase()
}

/// A deployment of one of the charts.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Folder of the chart.
    pub chart: String,
    /// The profile it makes.
    pub profile: Profile,
    /// The version that it asks for; none where the chart is taken from a folder.
    pub pin: Option<Pin>,
    /// What of it cannot be followed: with any of these, what the profile says is not what is deployed.
    pub problems: Vec<Problem>,
    /// The files that decide about it, as reports name them.
    pub read: Read,
    /// The folder of the kustomization that it is by itself: it is none where an object of a tool deploys that.
    overlay: Option<String>,
}

impl Deployment {
    fn new(chart: impl Into<String>, profile: Profile, pin: Option<Pin>, mut problems: Vec<Problem>) -> Self {
        if problems.is_empty() {
            problems.extend(release::refused(&profile));
        }
        Self { chart: chart.into(), profile, pin, problems, read: Read::new(), overlay: None }
    }
}

/// Every deployment of the charts that the repository declares.
pub fn discover(search: &Search<'_>) -> Discovered {
    let mut found = Discovered::default();
    let files = Files::new(search);
    let speaks = search.reads(Tool::Argocd) || search.reads(Tool::Flux);
    let mut spoken = if speaks { files.spoken() } else { vec![] };
    let kustomizations = Kustomizations::read(&files);
    if speaks {
        spoken.extend(files.spoken_in(&kustomizations.gathered()));
    }
    if search.reads(Tool::Terraform) {
        let templates = terraform::templates(&files);
        spoken.retain(|each| !templates.contains(each.path));
    }
    let unread = kustomizations.unread.iter().chain(kustomizations.strange()).cloned();
    found.say("", unread.chain(kustomizations.circles()));
    let world = World::new(&files, &kustomizations, spoken, &mut found);
    found.say("", kustomizations.gone(&files, &|path| world.written.contains_key(path)));
    let mut found = course::followed(&world, found);
    if search.by_name {
        environments::discover(&files, &mut found);
    }
    for folder in std::mem::take(&mut found.deployed_bases) {
        kustomize::deployments::of_base(&files, &kustomizations, &folder, &mut found);
    }
    found.as_deployed();
    found.keep(search);
    found.passed_over.extend(files.templates());
    found.finish(search.sources);
    found
}

/// The first of some files that looks as if a tool deployed charts by it.
pub fn sign<'p>(tree: &dyn Tree, paths: impl Iterator<Item = &'p str>) -> Option<&'p str> {
    paths.take(SIGNS).find(|path| is_sign(tree, path))
}

/// All such files.
pub fn signs<'p>(tree: &dyn Tree, paths: impl Iterator<Item = &'p str>) -> Vec<&'p str> {
    paths.take(SIGNS).filter(|path| is_sign(tree, path)).collect()
}

fn is_sign(tree: &dyn Tree, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_named = ["fleet.yaml", "helmfile.yaml", "helmfile.yaml.gotmpl"].contains(&name);
    let is_template = path.starts_with("templates/") || path.contains("/templates/");
    !is_template && (is_named || files::deploys(tree, path))
}

/// Bytes of a text in which variables are filled in, at most: a value may stand in it thousands of times.
const FILLED: usize = 4_000_000;

/// Whether a text has become longer than is followed.
///
/// # Errors
/// That, in words.
fn within(length: usize) -> Result<(), String> {
    if length > FILLED { Err(format!("what is filled in makes more than {FILLED} bytes")) } else { Ok(()) }
}

/// Most files that are looked through for one.
const SIGNS: usize = 20_000;

/// The deployments that fetched charts make, and what those make in turn.
pub fn made(search: &Search<'_>, fetched: &[Fetched<'_>]) -> Discovered {
    let files = Files::new(search);
    let mut spoken = files.spoken();
    let kustomizations = Kustomizations::read(&files);
    spoken.extend(files.spoken_in(&kustomizations.gathered()));
    let world = World::new(&files, &kustomizations, spoken, &mut Discovered::default());
    let mut found = course::made(&world, fetched);
    for folder in std::mem::take(&mut found.deployed_bases) {
        kustomize::deployments::of_base(&files, &kustomizations, &folder, &mut found);
    }
    found.keep(search);
    found
}

impl Search<'_> {
    /// Whether the files of a tool are read.
    fn reads(&self, tool: Tool) -> bool {
        self.tools.contains(&tool)
    }

    /// The chart of the repository that a published location and a name speak of.
    fn published_chart(&self, repository: &str, name: &str) -> Option<&str> {
        let wanted = bare(repository);
        // The chart's name may begin with folders of the address.
        let (folder, last) = name.trim_matches('/').rsplit_once('/').unwrap_or(("", name));
        let whole = format!("{wanted}/{folder}");
        let is_ours = self
            .published
            .iter()
            .map(|published| bare(published))
            .any(|published| whole.trim_end_matches('/') == published || wanted == format!("{published}/{name}"));
        let mut named = self.charts.iter().filter(|(_, chart)| is_ours && *chart == last);
        named.next().map(|(folder, _)| folder.as_str())
    }

    /// Whether a deployment is production, and the words that say why.
    fn is_production(&self, paths: &[&str], name: &str, namespace: Option<&str>) -> (bool, String) {
        let paths = paths.iter().map(|path| ("path", *path));
        let parts = paths.chain([("name", name), ("namespace", namespace.unwrap_or(""))]);
        for (part, text) in parts {
            if let Some(word) = test_word(text, self.test_words) {
                return (false, format!("the word `{word}` in its {part} `{text}`"));
            }
        }
        (true, "no word of its path, name or namespace says that it is for testing".to_owned())
    }
}

/// A repository URL without scheme and trailing slash, and its host in lower case, for comparing.
fn bare(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    host.to_lowercase() + path
}

/// The text of a field.
fn text<'a>(node: &'a Node, field: &str) -> Option<&'a str> {
    node.get(field)?.scalar_text()
}

#[cfg(test)]
mod tests;
