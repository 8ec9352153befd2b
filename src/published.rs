//! Earlier states of a chart that a release is compared with.

use std::cmp::Ordering;
use std::fmt::{self, Debug};
use std::sync::Arc;

use crate::chart::Version;
use crate::finding::{ComparedWith, Failure, PublishedState};
use crate::network;
use crate::source::Tree;
use crate::text::Location;

pub mod compare;
pub mod folder;
pub mod git;
pub mod index;
pub mod oci;
pub mod places;
pub mod tags;

pub use crate::network::Head;
pub use places::Places;

/// A place where releases are published. It is only read, and what it cannot answer is a [`Failure`], never "absent".
pub trait Published: Debug + Send + Sync {
    /// The place in words, without credentials: `oci://ghcr.io/acme/charts`.
    fn place(&self) -> String;

    /// The versions of a chart that are out, as Chart.yaml writes them (`+`, not a tag's `_`), in no order.
    ///
    /// # Errors
    /// A failure that says whose fault it is: not authorised, no network, a server's error, an answer that cannot be read.
    fn versions(&self, chart: &str) -> Result<Vec<String>, Box<Failure>>;

    /// What is known of a release without reading its package; none where that version is not out.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    fn head(&self, chart: &str, version: &str) -> Result<Option<Head>, Box<Failure>> {
        let release = self.open(chart, version)?;
        Ok(release.map(|release| Head { place: release.place, digest: release.digest }))
    }

    /// One release; none where that version is not out.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    fn open(&self, chart: &str, version: &str) -> Result<Option<Release>, Box<Failure>>;
}

/// A version of a chart as it was published.
#[derive(Debug, Clone)]
pub struct Release {
    /// Where it lies, in words: `oci://ghcr.io/acme/charts/agents:1.2.0`.
    pub place: String,
    /// The packaged chart, or the chart's folder in a revision.
    pub tree: Arc<dyn Tree>,
    /// The chart's folder in the tree; empty for its root.
    pub folder: String,
    /// The digest of the package (`sha256:…`), where the place knows it.
    pub digest: Option<String>,
}

impl From<network::Release> for Release {
    fn from(release: network::Release) -> Self {
        Self { place: release.place, tree: Arc::new(release.archive), folder: String::new(), digest: release.digest }
    }
}

/// How a chart compares with an earlier state.
#[derive(Debug, Clone)]
pub enum Comparison {
    /// The release rules do not apply: no git repository, say.
    Inapplicable {
        /// Why, in lower case.
        reason: String,
    },
    /// Looking failed; a [`Failure`] of the run says why.
    Failed,
    /// The chart did not exist there.
    New {
        /// The baseline in words, to follow "at": ``the merge-base `1a2b3c4d5e` with `origin/main` ``.
        baseline: String,
    },
    /// The chart existed.
    Existing {
        /// The baseline in words.
        baseline: String,
        /// `version` of its Chart.yaml there, where it could be read.
        version: Option<String>,
        /// `appVersion` there, as Helm reads it.
        app_version: Option<String>,
        /// Packaged files that differ, sorted by path; Chart.yaml only where its meaning differs.
        differences: Vec<Difference>,
        /// The chart as it was.
        earlier: Earlier,
    },
}

/// What is known of a chart's earlier releases. Fetched before any rule looks, and only as far as a rule that is on asks ([`Depth`]).
#[derive(Debug, Clone)]
pub struct History {
    /// The chart against the state that its version is judged by: this very version as it was published, else what git has before it.
    pub own: Comparison,
    /// The chart against its last release, from which changes are measured: the published one of its own version, else of the greatest version
    /// below its own; in git the one before. [`Comparison::New`] where it is the first.
    pub last: Comparison,
    /// The versions that are out; none where nobody looked: no place that lists them is asked, the chart's own version is out already,
    /// or no rule asked.
    pub versions: Option<Versions>,
}

impl History {
    /// Where one state is all that is known.
    pub fn of(own: Comparison) -> Self {
        Self { last: own.clone(), own, versions: None }
    }

    /// The same where nobody knows under which versions the earlier states went out: what their files say is no version.
    #[must_use]
    pub fn without_versions(self) -> Self {
        let unversioned = |comparison| match comparison {
            Comparison::Existing { baseline, app_version, differences, earlier, .. } => {
                Comparison::Existing { baseline, version: None, app_version, differences, earlier }
            }
            other => other,
        };
        Self { own: unversioned(self.own), last: unversioned(self.last), versions: None }
    }

    /// The states that the chart was compared with, for the report.
    pub fn compared_with(&self) -> Vec<ComparedWith> {
        let mut all: Vec<ComparedWith> = [&self.own, &self.last].into_iter().filter_map(Comparison::with).collect();
        all.dedup();
        all
    }
}

/// The versions of a chart that are out.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    /// The place that has them, in words.
    pub place: String,
    /// As Chart.yaml writes them, lowest first, each once.
    pub all: Vec<Version>,
}

/// What a release is meant to be: where and as what the chart is to go out, as far as configuration and environment say.
#[derive(Debug, Clone, Default)]
pub struct Intent {
    /// `published.oci`, as written, and where.
    pub oci: Option<(String, Location)>,
    /// `published.tags`, as written, and where.
    pub tags: Option<(String, Location)>,
    /// The git tag that the run is for.
    pub tag: Option<ReleaseTag>,
    /// When a change raises the version.
    pub bump: Bump,
}

/// When the version of a chart is raised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bump {
    /// With every change of what is packaged.
    #[default]
    EveryChange,
    /// When a release is made: until then the chart goes on under the version that was released last.
    AtRelease,
}

impl Intent {
    /// Whether a chart may go on under its last version, since it is not released by this run.
    pub fn awaits_release(&self, chart: &str) -> bool {
        self.bump == Bump::AtRelease && self.tagged(chart).is_none()
    }
}

/// The git tag that a release is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTag {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// Whether it was named for this very run, and not found in a CI system's variables.
    pub is_named: bool,
}

/// How far back a place is asked; each step costs a registry more than the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Nothing.
    #[default]
    Nothing,
    /// Whether the chart's own version is out, and with which content.
    Own,
    /// The versions that are out.
    Versions,
    /// The content of the last release.
    Last,
}

/// Where the earlier state of a chart can be read whole.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// What holds it.
    pub tree: Arc<dyn Tree>,
    /// The chart's folder in the tree; empty for its root.
    pub folder: String,
}

impl Comparison {
    /// The state that was compared with; none where nothing was.
    fn with(&self) -> Option<ComparedWith> {
        let (place, version, state) = match self {
            Self::Inapplicable { .. } | Self::Failed => return None,
            Self::New { baseline } => (baseline, &None, PublishedState::Absent),
            Self::Existing { baseline, version, .. } if self.is_identical() => {
                (baseline, version, PublishedState::Identical)
            }
            Self::Existing { baseline, version, .. } => (baseline, version, PublishedState::Different),
        };
        Some(ComparedWith { place: place.clone(), version: version.clone(), state })
    }

    /// Whether the chart existed with other content.
    pub fn is_changed(&self) -> bool {
        matches!(self, Self::Existing { differences, .. } if !differences.is_empty())
    }

    /// Whether the chart existed with the same content.
    pub fn is_identical(&self) -> bool {
        matches!(self, Self::Existing { differences, .. } if differences.is_empty())
    }

    /// Whether the chart existed under a version; build metadata and Helm's loose ways of writing one do not count.
    pub fn has_version(&self, version: Option<&str>) -> bool {
        let Self::Existing { version: earlier, .. } = self else { return false };
        earlier.as_deref().zip(version).is_some_and(|(earlier, version)| is_same_version(earlier, version))
    }

    /// Whether the chart existed under a greater version.
    pub fn is_above(&self, version: Option<&str>) -> bool {
        let Self::Existing { version: earlier, .. } = self else { return false };
        order(earlier.as_deref(), version) == Some(Ordering::Greater)
    }
}

/// Whether two texts are one version to Helm: build metadata and loose ways of writing one do not count.
pub fn is_same_version(left: &str, right: &str) -> bool {
    left == right || order(Some(left), Some(right)) == Some(Ordering::Equal)
}

/// The order of two texts, where both are versions.
fn order(left: Option<&str>, right: Option<&str>) -> Option<Ordering> {
    Some(Version::parse(left?)?.cmp(&Version::parse(right?)?))
}

/// A packaged file that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Path below the chart's folder.
    pub path: String,
    /// How it differs.
    pub kind: DifferenceKind,
}

/// How a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// Only the new state has it.
    Added,
    /// Only the old state has it.
    Removed,
    /// Both have it, with other content.
    Changed {
        /// Lines added and removed, where both are text.
        lines: Option<usize>,
    },
}

impl fmt::Display for DifferenceKind {
    /// In a word or two, to follow the path.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added => formatter.write_str("added"),
            Self::Removed => formatter.write_str("removed"),
            Self::Changed { lines: None } => formatter.write_str("binary"),
            Self::Changed { lines: Some(1) } => formatter.write_str("1 line"),
            Self::Changed { lines: Some(lines) } => write!(formatter, "{lines} lines"),
        }
    }
}
