//! Custom resource definitions: what a chart's `crds/` declares, and whether an object is one that the API server would take.

use crate::chart::{Chart, ProblemKind};
use crate::schema::Unknown;
use crate::text::Location;
use crate::yaml::Node;

mod check;
mod definitions;
mod read;

pub use check::judge;
pub use definitions::{CustomKind, Definitions};

/// A text with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The text.
    pub text: String,
    /// Where it is written.
    pub location: Location,
}

/// A custom resource definition.
#[derive(Debug, Clone)]
pub struct Crd {
    /// `metadata.name`; Kubernetes wants `<plural>.<group>`.
    pub name: Option<Name>,
    /// `spec.group`.
    pub group: Name,
    /// `spec.names.kind`.
    pub kind: Name,
    /// Every version, in file order; at least one.
    pub versions: Vec<Version>,
}

/// A version of a [`Crd`].
#[derive(Debug, Clone)]
pub struct Version {
    /// `v1alpha1`, say.
    pub name: Name,
    /// Whether the API server answers for it.
    pub served: bool,
    /// `openAPIV3Schema`, where there is one.
    pub schema: Option<Node>,
    /// What becomes of fields that the schema does not name; `preserveUnknownFields` of v1beta1 keeps them.
    pub unknown: Unknown,
    /// Whether `status` is a subresource; a new object's status is then dropped before anything judges it.
    pub has_status: bool,
}

/// Why an object is not a custom resource definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Where.
    pub location: Location,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Crd {
    /// Reads a document's root.
    ///
    /// # Errors
    /// The first thing that keeps it from being a custom resource definition.
    pub fn read(root: &Node) -> Result<Self, Defect> {
        read::crd(root)
    }

    /// A version by its name.
    pub fn version(&self, name: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.name.text == name)
    }

    /// Versions that the API server answers for.
    pub fn served(&self) -> impl Iterator<Item = &Version> {
        self.versions.iter().filter(|version| version.served)
    }
}

/// The definitions among some objects and what lists of them hold; those that cannot be read are left out.
pub fn among<'a>(roots: impl Iterator<Item = &'a Node>) -> impl Iterator<Item = Crd> {
    let is_one = |root: &&Node| root.get("kind").and_then(Node::as_str) == Some("CustomResourceDefinition");
    roots.flat_map(objects).filter(is_one).filter_map(|root| Crd::read(root).ok())
}

/// An object, or those that a list holds.
pub fn objects(root: &Node) -> Vec<&Node> {
    let is_list = root.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"));
    match root.get("items").and_then(Node::as_seq).filter(|_| is_list) {
        Some(items) => items.iter().flat_map(objects).collect(),
        None => vec![root],
    }
}

/// The custom resource definitions in the chart's own `crds/`, those left out that are none.
pub fn own(chart: &Chart) -> Vec<Crd> {
    let documents = chart.crds.iter().flat_map(|file| &file.documents);
    documents
        .filter(|document| !document.root.is_null())
        .filter_map(|document| Crd::read(&document.root).ok())
        .collect()
}

/// Those of the chart and of its sub-charts.
pub fn shipped(chart: &Chart) -> Vec<Crd> {
    let mut found = own(chart);
    for dependency in chart.parts() {
        found.extend(shipped(dependency));
    }
    found
}

/// Whether a chart may define more than what [`shipped`] finds: in templates, whose outcome only a render could say, in files
/// that could not be read, or in sub-charts that are not there.
pub fn may_have_more(chart: &Chart) -> bool {
    let unread = chart.problems.iter().any(|problem| problem.kind == ProblemKind::CrdInvalid);
    let templated = chart.templates.iter().any(|template| template.text.contains("CustomResourceDefinition"));
    let absent = !chart.unreachable_dependencies().is_empty() || !chart.failures.is_empty();
    unread || templated || absent || chart.parts().any(may_have_more)
}

/// Whether a template or another file of a chart or of its sub-charts names the kind of a definition, whether it is rendered or not.
pub fn is_named(chart: &Chart) -> bool {
    let is_yaml = |path: &str| [".yaml", ".yml"].iter().any(|end| path.ends_with(end));
    let is_kind = |line: &str| {
        let kind = line.trim().strip_prefix("kind:").map(|kind| kind.trim().trim_matches(['"', '\'']));
        kind == Some("CustomResourceDefinition")
    };
    let files = chart.files.iter().filter(|file| is_yaml(&file.path));
    files.filter_map(|file| std::str::from_utf8(&file.data).ok()).any(|text| text.lines().any(is_kind))
}
