//! A dependency that has to be looked for outside of the tree, and what is said where it is not found.

use std::collections::HashSet;

use super::lock::pinned;
use super::{Holdings, Why, is_range};
use crate::chart::{Chart, Declared};
use crate::finding::{Failure, FailureKind};
use crate::template::go::semver::Version;
use crate::text::Location;
use crate::text::veil::without_user;
use crate::values::dependency::is_compatible;

/// A dependency that lies in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The chart's name.
    pub name: String,
    /// The repository as it is written.
    pub repository: String,
    /// The range of versions.
    pub range: String,
    /// The version that the lock pins.
    pub pinned: Option<String>,
    /// The one version that the range admits, where it is written out.
    pub exact: Option<String>,
    /// The place of the declaration.
    pub at: Location,
    /// The path of the chart that declares it, `""` or ending in `/`.
    pub folder: String,
    /// The same as people type it.
    pub path: String,
    /// Whether a deployment asks for it, and no chart.
    pub is_release: bool,
}

/// What no path can hold, in the place of that of the chart that asks.
const ANY: &str = "\0";

impl Wanted {
    /// A declaration as a question; none where it lacks a name or a repository.
    pub fn new(owner: &Chart, declared: &Declared<'_>, pinned: Option<&str>) -> Option<Self> {
        let range = declared.version.unwrap_or_default();
        let folder = if owner.path == "." { String::new() } else { format!("{}/", owner.path) };
        Some(Self {
            name: declared.name?.to_owned(),
            repository: declared.repository?.to_owned(),
            range: range.to_owned(),
            pinned: pinned.map(str::to_owned),
            exact: semver::Version::parse(range).is_ok().then(|| range.to_owned()),
            at: declared.place("name"),
            folder,
            path: owner.path.clone(),
            is_release: false,
        })
    }

    /// What a deployment asks for: a chart of a repository, at a version or in a range of them, the newest where it names none.
    pub fn release(name: &str, repository: &str, version: &str, at: Location) -> Self {
        let is_one = Version::parse(version).is_ok() || !(version.is_empty() || is_range(version));
        Self {
            name: name.to_owned(),
            repository: repository.to_owned(),
            range: if version.is_empty() { "*".to_owned() } else { version.to_owned() },
            pinned: None,
            exact: is_one.then(|| version.to_owned()),
            at,
            folder: String::new(),
            path: String::new(),
            is_release: true,
        }
    }

    fn what(&self) -> String {
        let from = without_user(&self.repository);
        if self.is_release {
            return format!("the chart `{}` from `{from}`", self.name);
        }
        format!("the dependency `{}` from `{from}`", self.name)
    }

    fn failure(&self, kind: FailureKind, message: String, help: String) -> Failure {
        Failure::new(kind, message).at(self.at).help(help)
    }

    /// The same for whichever chart asks first: what it is told is told to all.
    pub(super) fn of_any(&self) -> Self {
        Self { path: ANY.to_owned(), ..self.clone() }
    }

    /// A failure that any chart may be told, at this declaration.
    pub(super) fn placed(&self, failure: Failure) -> Failure {
        let help = failure.help.map(|help| help.replace(ANY, &self.path));
        Failure { location: Some(self.at), help, ..failure }
    }

    /// Nobody may be asked.
    pub(super) fn unasked(&self, why: &str) -> Failure {
        let message = format!("{} is neither in `charts/` nor in a cache, {why}", self.what());
        self.failure(FailureKind::Render, message, format!("run `helm dependency build {}` before", self.path))
    }

    /// Nobody may be asked for the chart of a deployment.
    pub(super) fn unfetched(&self) -> Failure {
        let message = format!("{} is in no cache, and `--offline` asks nobody", self.what());
        self.failure(FailureKind::Network, message, "leave `--offline` out, or run without it once".to_owned())
    }

    /// The lock does not say which version.
    pub(super) fn unpinned(&self) -> Failure {
        let message = format!("{} is not in `charts/`, and no lock pins its version", self.what());
        let help = format!(
            "run `helm dependency build {0}` before, commit the lock that `chartgate deps {0} --update` writes, or set `dependencies.fetch: always`",
            self.path
        );
        self.failure(FailureKind::Render, message, help)
    }

    /// The user's Helm does not know the alias.
    pub(super) fn unnamed(&self) -> Failure {
        let message = format!("{} cannot be looked for: Helm's repositories.yaml does not name it", self.what());
        let name = self.repository.trim_start_matches("alias:").trim_start_matches('@');
        self.failure(
            FailureKind::Render,
            message,
            format!("run `helm repo add {name} URL`, or write the address itself"),
        )
    }

    /// The repository has no version that fits.
    pub(super) fn unfit(&self, place: &str) -> Failure {
        let message = format!("{} has no version in `{}` at {place}", self.what(), self.range);
        self.failure(FailureKind::Network, message, "write a range that admits a version which is out".to_owned())
    }

    /// The repository lacks the version.
    pub(super) fn absent(&self, version: &str, place: &str) -> Failure {
        let message = format!("{} is not out as `{version}` at {place}", self.what());
        let help = format!("run `chartgate deps {} --update`, or mend `version` or `repository`", self.path);
        self.failure(FailureKind::Network, message, help)
    }

    /// What was found is not the chart.
    pub(super) fn broken(&self, reason: &str) -> Failure {
        let message = format!("the package of {} cannot be used: {reason}", self.what());
        self.failure(FailureKind::Network, message, "ask whoever keeps the repository".to_owned())
    }

    /// Asking failed.
    pub(super) fn failed(&self, failure: Failure) -> Failure {
        let message = format!("{} cannot be fetched: {}", self.what(), failure.message);
        Failure { message, location: Some(self.at), ..failure }
    }
}

/// Whatever a chart takes from repositories and lacks, each once.
pub(super) fn wanted(chart: &Chart) -> Vec<Wanted> {
    let all = chart.declared();
    let has = Holdings::new(chart, &all);
    let (mut found, mut known): (Vec<Wanted>, _) = (vec![], HashSet::new());
    for declared in all.iter().filter(|declared| has.why(declared) == Some(Why::Elsewhere)) {
        let range = declared.version.unwrap_or_default();
        let version = pinned(chart, declared).filter(|version| !is_range(range) || is_compatible(range, version));
        let Some(one) = Wanted::new(chart, declared, version) else { continue };
        if known.insert((one.name.clone(), one.repository.clone(), one.range.clone())) {
            found.push(one);
        }
    }
    found
}
