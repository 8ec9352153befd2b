//! A chart as Helm would package it, with the files around it that a release gate looks at.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::{Failure, Fix, Label};
use crate::source::Tree;
use crate::text::{Location, SourceId};
use crate::yaml::{Document, Node};

mod beside;
pub mod dependency;
pub mod discover;
mod gather;
pub mod ignore;
pub mod load;
mod metadata;
pub mod package;
mod provenance;
mod read;
mod repair;
mod shape;
mod spelling;
mod strict;
pub mod values_file;
pub mod version;

pub use beside::{Misled, Unfollowed};
pub use dependency::Declared;
pub use discover::{Discovery, Found, Headless, discover};
pub use load::{load, load_files};
pub use metadata::sanitized;
pub use shape::{Stray, strays};
pub use strict::{Loose, loose};
pub use version::Version;

/// A chart, from whatever tree it was loaded.
#[derive(Debug, Clone)]
pub struct Chart {
    /// The tree it lies in: the repository, the folder or the archive.
    pub tree: Arc<dyn Tree>,
    /// Its folder in the tree, `""` for the tree's root.
    pub folder: String,
    /// Its path in reports; `.` for the repository root.
    pub path: String,
    /// Every file that Helm would package, `.helmignore` applied, sorted by path; those of sub-charts stand where Helm writes
    /// them, unpacked below `charts/<name>/`.
    pub files: Vec<File>,
    /// Chart.yaml, where it is a mapping.
    pub metadata: Option<Metadata>,
    /// requirements.yaml, where charts of apiVersion v1 declare what they depend on.
    pub requirements: Option<YamlFile>,
    /// values.yaml, where it is packaged and each of its documents is a mapping or empty. Helm merges its documents.
    pub values: Option<YamlFile>,
    /// Every other `values*.yaml`, `values*.yml` and `values*.json` beside it, packaged or not, sorted by path; none of a sub-chart.
    pub values_files: Vec<YamlFile>,
    /// The bytes of values.schema.json as text.
    pub schema: Option<TextFile>,
    /// Files below `templates/`, partials and NOTES.txt included.
    pub templates: Vec<TextFile>,
    /// YAML files below `crds/`; Helm installs them as they are.
    pub crds: Vec<YamlFile>,
    /// YAML files below `examples/`, packaged or not, and those of JSON that hold objects; none of a sub-chart.
    pub examples: Vec<YamlFile>,
    /// Chart.lock (or requirements.lock of apiVersion v1).
    pub lock: Option<YamlFile>,
    /// artifacthub-pkg.yml (or .yaml) beside Chart.yaml; none of a sub-chart.
    pub package: Option<YamlFile>,
    /// artifacthub-repo.yml (or .yaml) beside Chart.yaml, else at the repository root; none of a sub-chart.
    pub repository: Option<YamlFile>,
    /// Files of these two kinds whose other name is there too, and counts alone.
    pub passed_over: Vec<SourceId>,
    /// Sub-charts in `charts/`, folders and archives, in the order Helm loads them.
    pub dependencies: Vec<Chart>,
    /// Charts that it takes by `file://`, as they lie in the tree; those that `charts/` has too do not count ([`Chart::parts`]).
    pub beside: Vec<Chart>,
    /// What it takes by `file://` and what leads to no chart.
    pub unfollowed: Vec<Unfollowed>,
    /// Charts for dependencies that neither `charts/` nor `file://` gives. Loading leaves it empty: see [`crate::dependency`].
    pub fetched: Vec<Chart>,
    /// What their repositories have of the charts in `charts/`, by the paths of these. Loading leaves it empty, too.
    pub originals: BTreeMap<String, Original>,
    /// Whether `helm package` publishes the repository itself, as `.helmignore` does not hide the `.git` that lies in the folder.
    pub packs_git: bool,
    /// What `.helmignore` hides, those of sub-charts in folders with it; empty for a sub-chart.
    pub hidden: Vec<Hidden>,
    /// What the author can mend; each becomes a finding.
    pub problems: Vec<Problem>,
    /// What kept chartgate from reading the chart whole.
    pub failures: Vec<Failure>,
}

/// What a repository has under the version that a chart in `charts/` has: what a dependency build would put in its place.
#[derive(Debug, Clone)]
pub enum Original {
    /// The same package, byte by byte.
    Same,
    /// A package of other bytes.
    Package(Box<Chart>),
    /// None: that version is not out.
    Absent,
}

/// A packaged file.
#[derive(Debug, Clone)]
pub struct File {
    /// Path in the package, below the chart's folder.
    pub path: String,
    /// Path it was read from, as it is reported; a link's own path, not its target's.
    pub shown: String,
    /// Its bytes, a leading UTF-8 byte order mark removed as Helm does.
    pub data: Arc<[u8]>,
}

/// A file that `.helmignore` leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// Path below the chart's folder.
    pub path: String,
    /// The pattern that hides it.
    pub by: Location,
}

/// A file that is text.
#[derive(Debug, Clone)]
pub struct TextFile {
    /// Path below the chart's folder.
    pub path: String,
    /// Its text in the run's sources.
    pub source: SourceId,
    /// The text.
    pub text: Arc<str>,
    /// Whether all of it is text, and no bytes had to be replaced.
    pub is_whole: bool,
}

/// A file of YAML documents.
#[derive(Debug, Clone)]
pub struct YamlFile {
    /// Path below the chart's folder; above it for a repository's artifacthub-repo.yml (`../artifacthub-repo.yml`).
    pub path: String,
    /// Its text in the run's sources.
    pub source: SourceId,
    /// Its documents; empty where it could not be parsed (a [`Problem`] says why).
    pub documents: Vec<Document>,
}

impl Chart {
    /// The same with other values of its own.
    pub(crate) fn with_values(&self, root: &Node) -> Self {
        let source = root.location.source;
        let document = Document { source, root: root.clone() };
        let values = YamlFile { path: "values.yaml".to_owned(), source, documents: vec![document] };
        Self { values: Some(values), ..self.clone() }
    }
}

impl YamlFile {
    /// The root of the first document.
    pub fn root(&self) -> Option<&Node> {
        self.documents.first().map(|document| &document.root)
    }
}

/// Chart.yaml.
#[derive(Debug, Clone)]
pub struct Metadata {
    /// Its text in the run's sources.
    pub source: SourceId,
    /// Its document; the root is a mapping.
    pub document: Document,
}

impl Metadata {
    /// The whole mapping.
    pub fn root(&self) -> &Node {
        &self.document.root
    }

    /// A field's value as Helm reads it into a string: numbers and booleans as they are written; none where absent or null.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.root().get(field)?.scalar_text()
    }

    /// The place of a field, for a label: its value, else the start of the file.
    pub fn place(&self, field: &str) -> Location {
        let start = Location::new(self.source, crate::text::Span::default());
        self.root().entry(field).map_or(start, |entry| entry.value.location)
    }
}

/// What is wrong with a chart's files before any rule looks; each kind is a native rule of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The rule that reports it.
    pub kind: ProblemKind,
    /// Where; the start of an empty text of the right path where there is no text to point into.
    pub location: Location,
    /// What it is about, in a way that survives moved lines: a path below the chart's folder, with a key path behind it.
    pub subject: String,
    /// Another place that explains it.
    pub related: Option<Label>,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// A change that resolves it.
    pub fix: Option<Fix>,
}

/// The kinds of [`Problem`], each named as the rule that reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// `chart-invalid`: no Chart.yaml, or one that Helm cannot load.
    ChartInvalid,
    /// `yaml-invalid`: another YAML file of the chart that does not parse or has the wrong shape.
    YamlInvalid,
    /// `crd-invalid`: a file in crds/ that is not YAML or not a CustomResourceDefinition.
    CrdInvalid,
    /// `yaml-key-duplicate`: a key stands twice and the first is silently void.
    YamlKeyDuplicate,
    /// `symlink-outside`: a link leads out of the chart and its target is packaged.
    SymlinkOutside,
    /// `symlink-broken`: a link leads nowhere, in a circle, or out of the repository.
    SymlinkBroken,
    /// `file-too-large`: Helm refuses the file or the chart.
    FileTooLarge,
    /// `helmignore-invalid`: a pattern that Helm refuses.
    HelmignoreInvalid,
    /// `archive-invalid`: a packaged chart or sub-chart that Helm refuses.
    ArchiveInvalid,
    /// `provenance-invalid`: the provenance file beside a package is another's.
    ProvenanceInvalid,
}

impl Chart {
    /// `name` of Chart.yaml.
    pub fn name(&self) -> Option<&str> {
        self.metadata.as_ref()?.text("name")
    }

    /// `version` of Chart.yaml.
    pub fn version(&self) -> Option<&str> {
        self.metadata.as_ref()?.text("version")
    }

    /// `appVersion` of Chart.yaml.
    pub fn app_version(&self) -> Option<&str> {
        self.metadata.as_ref()?.text("appVersion")
    }

    /// The chart and all that it is made with, each before its own.
    pub fn with_dependencies(&self) -> Vec<&Self> {
        let mut charts = vec![self];
        let mut next = 0;
        while let Some(chart) = charts.get(next).copied() {
            charts.extend(chart.parts());
            next += 1;
        }
        charts
    }

    /// A packaged file by its path below the chart's folder.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|index| &self.files[index])
    }
}
