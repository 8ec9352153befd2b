//! Which version of which chart a deployment asks for, and deployments of charts that are not in the repository.

use super::glob::{self, Flavour, Glob};
use super::{Deployment, Own, Problem, text};
use crate::profile::Profile;
use crate::render::KubeVersion;
use crate::template::go::semver::Version;
use crate::text::Location;
use crate::yaml::{Entry, Mapping, Node};

/// The version that a deployment asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The version, range, tag or revision as it is written; empty where none is.
    pub version: String,
    /// `sha256:…`, where content is asked for and not a version.
    pub digest: String,
    /// Whether it is a revision of a git repository.
    pub is_git: bool,
    /// Where: its value, else what should have it.
    pub at: Location,
}

impl Pin {
    /// The pin of a field.
    pub(super) fn of(node: &Node, field: &str, is_git: bool) -> Self {
        let version = text(node, field).unwrap_or("").to_owned();
        let at = node.get(field).map_or(node.location, |value| value.location);
        Self { version, digest: String::new(), is_git, at }
    }

    /// That of an address of a git repository, which has the revision in it: `git::https://…?ref=v1.0.0`.
    pub(super) fn of_address(address: &str, at: Location) -> Self {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let revision = query.split('&').find_map(|part| part.strip_prefix("ref="));
        Self { version: revision.unwrap_or_default().to_owned(), digest: String::new(), is_git: true, at }
    }
}

/// A chart that is not in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Where it is published: `oci://…`, an index URL, or a git repository; empty where that is not said.
    pub repository: String,
    /// Its name there, or its path in the git repository.
    pub name: String,
    /// The file of its package, where that is named and no version: `repository` is the folder that it lies in.
    pub file: Option<String>,
}

/// A deployment of such a chart.
#[derive(Debug, Clone)]
pub struct Release {
    /// The file that declares it.
    pub file: String,
    /// The chart.
    pub chart: Remote,
    /// How it is deployed; its chart's folder is empty.
    pub deployment: Deployment,
    /// Values that lie in the chart, in the order in which they come.
    pub inside: Vec<Inside>,
}

impl Release {
    /// Where its values name the folder of a chart of the repository as a source: what a chart makes of them may be a deployment of that one.
    pub fn names_source(&self, folder: &str, own: &Own) -> Option<Location> {
        let profile = &self.deployment.profile;
        profile.own_values.iter().chain(&profile.values).find_map(|root| source_in(root, folder, own))
    }

    pub(super) fn new(file: &str, chart: Remote, deployment: Deployment) -> Self {
        Self { file: file.to_owned(), chart, deployment, inside: vec![] }
    }
}

/// A values file that lies in a chart which is not in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// Where it is named.
    pub at: Location,
    /// Its path in the chart.
    pub path: String,
    /// How many of the values of the deployment come before it.
    pub before: usize,
    /// Whether it counts as empty where it is not there.
    pub is_optional: bool,
}

/// Fields that name where a source of a deployment comes from.
const SOURCES: [&str; 3] = ["repoURL", "sourceRef", "chartRef"];
/// Fields of a source that name the folder of a chart.
const FOLDERS: [&str; 2] = ["path", "chart"];

/// Where a source of values is a folder: at `path`, or at `chart` of Flux, beside the field that says where it comes from; a pattern is each
/// folder that it fits.
fn source_in(node: &Node, folder: &str, own: &Own) -> Option<Location> {
    if let Some(text) = node.as_str() {
        let value = |line: &str| {
            let line = line.trim_start().trim_start_matches("- ");
            FOLDERS.iter().find_map(|field| line.strip_prefix(field)?.strip_prefix(':').map(str::to_owned))
        };
        let is_source = SOURCES.iter().any(|field| text.contains(field));
        return text
            .lines()
            .filter(|_| is_source)
            .filter_map(value)
            .any(|value| is_folder(&value, folder))
            .then_some(node.location);
    }
    let entries = node.as_map().map(Mapping::entries).unwrap_or_default();
    // An address that is filled in later may be of any repository.
    let is_elsewhere = |address: &str| !address.contains(['{', '$']) && own.is_other(address);
    let is_source = entries.iter().any(|entry| SOURCES.contains(&&*entry.key.key_text()))
        && !text(node, "repoURL").is_some_and(is_elsewhere);
    let of_entry = |entry: &Entry| {
        let names = is_source && FOLDERS.contains(&&*entry.key.key_text());
        let value = entry.value.scalar_text().filter(|value| names && is_folder(value, folder));
        value.map(|_| entry.value.location).or_else(|| source_in(&entry.value, folder, own))
    };
    entries.iter().find_map(of_entry).or_else(|| node.as_seq()?.iter().find_map(|item| source_in(item, folder, own)))
}

/// Whether a value names a folder of the repository; `.` is the repository itself.
fn is_folder(value: &str, folder: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']).trim_start_matches("./").trim_end_matches('/');
    let is_it = if folder.is_empty() { value == "." } else { value == folder };
    is_it || (glob::is_pattern(value) && Glob::new(value, Flavour::Names).is_ok_and(|glob| glob.matches(folder)))
}

/// What Helm refuses of the names under which a chart is deployed.
pub(super) fn refused(profile: &Profile) -> Option<Problem> {
    let at = profile.found_at?;
    let release = profile.release.as_deref().filter(|release| !release.is_empty() && !is_release(release));
    let release = release.map(|release| format!("Helm refuses the name `{release}` of a release"));
    let version = profile.helm.kube_version.as_deref().filter(|version| KubeVersion::parse(version).is_none());
    let version = || version.map(|version| format!("Helm refuses `{version}` as a version of Kubernetes"));
    let namespace = profile.namespace.as_deref().filter(|name| !name.is_empty() && !is_label(name));
    let namespace = || namespace.map(|namespace| format!("no namespace can be called `{namespace}`"));
    release.or_else(version).or_else(namespace).map(|message| Problem::new(at, message))
}

/// Whether a text is the name of a release: at most 53 letters, each part between dots as a label of DNS.
fn is_release(name: &str) -> bool {
    name.len() <= 53 && name.split('.').all(is_label)
}

/// Whether a text is a label of DNS.
fn is_label(text: &str) -> bool {
    let is_inner = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    let is_edged = text.starts_with('-') || text.ends_with('-');
    !text.is_empty() && text.len() <= 63 && text.bytes().all(is_inner) && !is_edged
}

impl Remote {
    pub(super) fn new(repository: &str, name: &str) -> Self {
        Self { repository: repository.trim_end_matches('/').to_owned(), name: name.to_owned(), file: None }
    }

    /// The chart in the package at an address, and its version, if the name of the file has one; none of any other address.
    pub(super) fn packaged(url: &str) -> Option<(Self, String)> {
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        let (folder, file) = url.rsplit_once('/').filter(|_| is_web)?;
        let stem = file.strip_suffix(".tgz")?;
        let starts = stem.match_indices('-').map(|(at, _)| at);
        let version_at = starts.into_iter().find(|at| Version::parse(&stem[at + 1..]).is_ok());
        let (name, version) = version_at.map_or((stem, ""), |at| (&stem[..at], &stem[at + 1..]));
        Some((Self { file: Some(file.to_owned()), ..Self::new(folder, name) }, version.to_owned()))
    }

    /// The chart behind the whole address of one in a registry.
    pub(super) fn at(url: &str) -> Self {
        let (parent, name) = url.trim_end_matches('/').rsplit_once('/').unwrap_or(("", url));
        Self::new(parent, name)
    }
}
