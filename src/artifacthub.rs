//! The annotations of Chart.yaml that Artifact Hub reads, with the places of what stands inside their block scalars.
//!
//! Follows Artifact Hub's Helm tracker (`internal/tracker/source/helm/helm.go`): any annotation that it cannot read makes it leave
//! the whole chart version out of the listing.

use std::borrow::Cow;
use std::sync::Arc;

use crate::chart::{Chart, Metadata};
use crate::text::{Location, Sources, Span};
use crate::yaml::{Entry, Mapping, Node, Style, Value, embedded};

mod change;
mod keyed;
mod license;
mod record;
mod repair;
mod shape;

pub use change::KINDS;
pub use license::is_license;
pub use record::is_reference;
pub use shape::CATEGORIES;

/// What every annotation of Artifact Hub starts with.
pub const PREFIX: &str = "artifacthub.io/";

/// Annotations that Artifact Hub reads, without the prefix.
pub const KNOWN: [&str; 16] = [
    "alternativeName",
    "category",
    "changes",
    "containsSecurityUpdates",
    "crds",
    "crdsExamples",
    "images",
    "license",
    "links",
    "maintainers",
    "operator",
    "operatorCapabilities",
    "prerelease",
    "recommendations",
    "screenshots",
    "signKey",
];

/// Whether something says that a chart is for Artifact Hub: an annotation, or a file of Artifact Hub's beside it or above.
pub fn is_listed(chart: &Chart) -> bool {
    let annotations = chart.metadata.as_ref().and_then(|metadata| metadata.root().get("annotations")?.as_map());
    let mut names = annotations.map(Mapping::effective).unwrap_or_default().into_iter();
    names.any(|(name, _)| name.starts_with(PREFIX)) || chart.repository.is_some() || chart.package.is_some()
}

/// Something that Artifact Hub cannot read.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The annotation, and the item and field in it: `changes[2].kind`.
    pub subject: String,
    /// Where, inside a block scalar too.
    pub location: Location,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// What must have been meant, where that is certain and can be written there.
    pub meant: Option<Meant>,
    /// Whether the text may be fine and only a limit of ours was reached.
    pub is_limit: bool,
}

/// What a fault can be mended with.
#[derive(Debug, Clone)]
pub enum Meant {
    /// The scalar should say this.
    Text(Node, String),
    /// The kind of a change should be another word, in a text that says no place of its own for it.
    Kind {
        /// The whole text.
        within: Location,
        /// The word that stands there.
        old: String,
        /// The right one.
        new: String,
        /// How many changes have the wrong one.
        count: usize,
    },
    /// What is written here should be a text, in quotes.
    Quoted(Location),
}

impl Fault {
    fn new(location: Location, message: impl Into<String>) -> Self {
        let (subject, message) = (String::new(), message.into());
        Self { subject, location, message, help: None, meant: None, is_limit: false }
    }

    fn meant(self, node: &Node, text: impl Into<String>) -> Self {
        Self { meant: Some(Meant::Text(node.clone(), text.into())), ..self }
    }

    /// The same about a part of what it was about: the fault of a field becomes that of its item, then of the annotation.
    fn within(self, part: impl std::fmt::Display) -> Self {
        Self { subject: format!("{part}{}", self.subject), ..self }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// The annotations of one Chart.yaml.
#[derive(Debug, Clone)]
pub struct Annotations<'a> {
    root: &'a Node,
    text: Arc<str>,
}

/// One annotation of Artifact Hub's.
#[derive(Debug, Clone, Copy)]
pub struct Annotation<'a> {
    /// Its name without the prefix.
    pub name: &'a str,
    /// Key and value.
    pub entry: &'a Entry,
}

/// A custom resource definition that `artifacthub.io/crds` lists.
#[derive(Debug, Clone)]
pub struct CrdEntry {
    /// `kind`.
    pub kind: String,
    /// The group, from `name` (`<plural>.<group>`); none where `name` has no dot.
    pub group: Option<String>,
    /// `version`.
    pub version: Option<String>,
    /// The scalars of `name` and `version`.
    pub written: (Option<Node>, Option<Node>),
    /// Where the entry stands: its `kind`.
    pub location: Location,
}

impl<'a> Annotations<'a> {
    /// The annotations of a chart's metadata, whose text is one of the sources.
    pub fn of(metadata: &'a Metadata, sources: &Sources) -> Self {
        Self { root: metadata.root(), text: Arc::clone(&sources.get(metadata.source).text) }
    }

    fn chart_name(&self) -> &str {
        self.root.get("name").and_then(Node::scalar_text).unwrap_or_default()
    }

    /// The images that `artifacthub.io/images` lists, each with its place; none where there is no such list.
    pub fn images(&self) -> Vec<(String, Location)> {
        let image = |item: &Node| Some((item.get("image")?.scalar_text()?.to_owned(), item.get("image")?.location));
        self.list("images").iter().filter_map(image).collect()
    }

    /// The list in an annotation, where items can be written to it: it stands in a literal block.
    pub fn writable(&self, name: &str) -> Option<Node> {
        let annotation = self.get(name).filter(|annotation| annotation.entry.value.style == Style::Literal)?;
        let list = self.block(annotation).ok()?;
        let is_placed = embedded::is_placed(&annotation.entry.value, &self.text);
        (list.as_seq().is_some() && is_placed).then_some(list)
    }

    /// The entries of `artifacthub.io/maintainers`; none where there is no such list.
    pub fn maintainers(&self) -> Vec<Node> {
        self.list("maintainers")
    }

    /// The entries of an annotation that holds a list; none where there is no such list.
    pub fn entries(&self, name: &str) -> Vec<Node> {
        self.list(name)
    }

    /// The entries of `artifacthub.io/changes`; none where there is no such list.
    pub fn changes(&self) -> Vec<Node> {
        self.list("changes")
    }

    /// Every annotation of Artifact Hub's, in file order; of a repeated one the last.
    pub fn all(&self) -> Vec<Annotation<'a>> {
        let mapping = self.root.get("annotations").and_then(Node::as_map);
        let entries = mapping.map(crate::yaml::Mapping::effective).unwrap_or_default();
        let ours = |(_, entry): (Cow<'_, str>, &'a Entry)| {
            let name = entry.key.as_str()?.strip_prefix(PREFIX)?;
            Some(Annotation { name, entry })
        };
        entries.into_iter().filter_map(ours).collect()
    }

    /// An annotation by its name without the prefix.
    pub fn get(&self, name: &str) -> Option<Annotation<'a>> {
        self.all().into_iter().find(|annotation| annotation.name == name)
    }

    /// The YAML inside an annotation; null where it is empty.
    ///
    /// # Errors
    /// Where it is not YAML.
    pub fn block(&self, annotation: Annotation<'_>) -> Result<Node, Box<Fault>> {
        let value = &annotation.entry.value;
        if value.as_str().is_none() {
            // Helm hands a bare scalar on as text, which is then read as YAML again.
            let is_scalar = value.scalar_text().is_some();
            return Ok(if is_scalar { value.clone() } else { Node::null(value.location) });
        }
        match embedded::documents(value, &self.text) {
            Ok(documents) => {
                Ok(documents.into_iter().next().map_or_else(|| Node::null(value.location), |document| document.root))
            }
            Err(error) => Err(Box::new(Fault {
                subject: String::new(),
                location: clamped(error.location, value.location),
                message: format!("`{PREFIX}{}` is not YAML: {}", annotation.name, error.message),
                meant: repair::unquoted(value, &self.text, error.location).map(Meant::Quoted),
                help: Some("put texts with `: `, ` #` or a leading `{}[]&*!|>%@` in quotes".into()),
                is_limit: error.is_limit,
            })),
        }
    }

    /// The entries of `artifacthub.io/crds` that have a kind; none where there is no such list.
    pub fn crds(&self) -> Vec<CrdEntry> {
        self.list("crds").iter().filter_map(crd_entry).collect()
    }

    /// The objects of `artifacthub.io/crdsExamples`; none where there is no such list.
    pub fn crd_examples(&self) -> Vec<Node> {
        self.list("crdsExamples")
    }

    fn list(&self, name: &str) -> Vec<Node> {
        let block = self.get(name).and_then(|annotation| self.block(annotation).ok());
        block.and_then(|block| block.as_seq().map(<[Node]>::to_vec)).unwrap_or_default()
    }

    /// Whether what stands in an annotation can be read under another name that is not there yet.
    pub fn can_be(&self, annotation: Annotation<'_>, name: &str) -> bool {
        self.get(name).is_none() && shape::faults(self, Annotation { name, ..annotation }).is_empty()
    }

    /// Everything that Artifact Hub cannot read, in file order.
    pub fn faults(&self) -> Vec<Fault> {
        self.all().into_iter().flat_map(|annotation| shape::faults(self, annotation)).collect()
    }
}

impl<'a> Annotation<'a> {
    /// The value as Helm hands it on: a string always, so that `true` without quotes is `true`, and `yes` too.
    pub fn text(&self) -> Cow<'a, str> {
        let value = &self.entry.value;
        match &value.value {
            Value::Null | Value::Seq(_) | Value::Map(_) => "".into(),
            Value::String(text) => Cow::Borrowed(text),
            Value::Bool(..) | Value::Int(..) | Value::Uint(..) | Value::Float(..) => value.key_text(),
        }
    }
}

/// A place inside a value; what is missing at its very end would lie on the line after it.
fn clamped(location: Location, value: Location) -> Location {
    let end = value.span.end.saturating_sub(1).max(value.span.start);
    let span = Span { start: location.span.start.min(end), end: location.span.end.min(value.span.end) };
    if location.span.start > end { Location::new(value.source, Span { end: value.span.end, ..span }) } else { location }
}

fn crd_entry(node: &Node) -> Option<CrdEntry> {
    let kind = node.entry("kind")?;
    let text = |key: &str| node.get(key).and_then(Node::scalar_text).map(str::to_owned);
    Some(CrdEntry {
        kind: kind.value.as_str()?.to_owned(),
        group: text("name").and_then(|name| name.split_once('.').map(|(_, group)| group.to_owned())),
        version: text("version"),
        written: (node.get("name").cloned(), node.get("version").cloned()),
        location: kind.value.location,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source};
    use crate::yaml::Document;

    fn faults(annotation: &str) -> Vec<String> {
        let sources = Sources::new();
        let text = format!("name: a\nannotations:\n  artifacthub.io/{annotation}\n");
        let source = sources.add(Source::new("Chart.yaml", Address::Rendered, text.as_str()));
        let metadata = Metadata { source, document: Document::parse(source, &text).expect("valid YAML") };
        let faults = Annotations::of(&metadata, &sources).faults();
        let shown = |fault: Fault| format!("{} {}: {}", sources.start(fault.location), fault.subject, fault.message);
        faults.into_iter().map(shown).collect()
    }

    #[test]
    fn what_artifact_hub_reads_is_silent() {
        let cases = [
            "category: database",
            "prerelease: \"true\"",
            "prerelease: false",
            "operator: yes",
            "operatorCapabilities: Full Lifecycle",
            "changes: \"\"",
            "changes: |\n    - Some text\n    - 12",
            "changes: |\n    - kind: Added\n      description: x\n      links:\n        - name: a\n          url: b",
            "changes: |\n    - description: no kind",
            "crds: |\n    - kind: A",
            "crdsExamples: |\n    - just a text",
            "images: |\n    - image: alpine\n    - name: b\n      image: localhost:5000/a/b:1.2\n      whitelisted: true\n      platforms: [linux/amd64]",
            "links: |\n    - name: a\n      url: 1",
            "maintainers: |\n    - name: a",
            "signKey: |\n    fingerprint: A\n    url: https://example.com",
            "license: anything",
            "someday: [1]",
            "alternativeName: my-a",
            "changes: |\n    - description: x\n      description: y",
        ];
        for case in cases {
            assert_eq!(faults(case), [""; 0], "{case}");
        }
    }

    #[test]
    fn what_artifact_hub_cannot_read_is_named_with_its_place_inside_the_block() {
        let cases: [(&str, &str); 31] = [
            (
                "changes: |\n    - kind: added\n      description: x\n    - a text",
                "6:7 changes[1]: a change in `artifacthub.io/changes` is a string where others are mappings",
            ),
            (
                "category: databases",
                "3:28 category: `artifacthub.io/category` is `databases`, which Artifact Hub does not know",
            ),
            ("category: \"\"", "3:28 category: `artifacthub.io/category` is ``, which Artifact Hub does not know"),
            ("prerelease: \"yes\"", "3:30 prerelease: `artifacthub.io/prerelease` is `yes`, not `true` or `false`"),
            (
                "operatorCapabilities: Level 4",
                "3:40 operatorCapabilities: `artifacthub.io/operatorCapabilities` is `Level 4`, which Artifact Hub does not know",
            ),
            (
                "changes: |\n    - kind: fix\n      description: x",
                "4:13 changes[0].kind: `fix` is no kind of change that Artifact Hub knows",
            ),
            (
                "changes: |\n    - kind: added",
                "4:7 changes[0].description: a change in `artifacthub.io/changes` has no `description`",
            ),
            (
                "changes: |\n    - a text\n    - fixed: a thing",
                "5:7 changes[1]: a change in `artifacthub.io/changes` is a mapping, not a text",
            ),
            ("changes: |\n    - \"\"", "4:7 changes[0]: a change in `artifacthub.io/changes` is empty"),
            ("changes: |\n    -", "4:6 changes[0]: a change in `artifacthub.io/changes` is null, not a text"),
            (
                "changes: |\n    - description: x\n      links:\n        - name: a",
                "6:11 changes[0].links: a link in `artifacthub.io/changes` has no `url`",
            ),
            ("changes: |\n    - `a` is new", "4:7 changes: `artifacthub.io/changes` is not YAML"),
            ("crds: |\n    kind: A", "4:5 crds: `artifacthub.io/crds` holds a mapping, not a list"),
            (
                "crdsExamples: examples/a.yaml",
                "3:32 crdsExamples: `artifacthub.io/crdsExamples` holds a string, not a list",
            ),
            ("images: |\n    - name: a", "4:7 images[0].image: an item of `artifacthub.io/images` has no `image`"),
            (
                "images: |\n    - image: Foo/bar",
                "4:14 images[0].image: `Foo/bar` in `artifacthub.io/images` is no image reference",
            ),
            (
                "images: |\n    - image: a/b@sha256:12",
                "4:14 images[0].image: `a/b@sha256:12` in `artifacthub.io/images` is no image reference",
            ),
            (
                "links: |\n    - https://example.com",
                "4:7 links[0]: an item of `artifacthub.io/links` is a string, not a mapping",
            ),
            ("links: |\n    - name: [a]", "4:13 links[0].name: `name` in `artifacthub.io/links` is a list, not a text"),
            ("signKey: \"\"", "3:27 signKey: `artifacthub.io/signKey` holds null, not a mapping"),
            ("images: 1234", "3:26 images: `artifacthub.io/images` holds a number, not a list"),
            ("changes: 1.5", "3:27 changes: `artifacthub.io/changes` holds a number, not a list"),
            ("links: true", "3:25 links: `artifacthub.io/links` holds a boolean, not a list"),
            (
                "images: |\n    - image: a/b\n      image: a/c",
                "5:7 images[0].image: the key `image` stands twice in an item of `artifacthub.io/images`",
            ),
            (
                "crds: |\n    - kind: A\n      kind: B",
                "5:7 crds[0].kind: the key `kind` stands twice in an item of `artifacthub.io/crds`",
            ),
            (
                "crdsExamples: |\n    - spec: {most: .inf}",
                "4:20 crdsExamples[0].spec.most: `.inf` in `artifacthub.io/crdsExamples` is a number that JSON cannot hold",
            ),
            ("crds: |\n    - 1: A", "4:7 crds[0].1: the key `1` in `artifacthub.io/crds` is a number, not a text"),
            (
                "images: |\n    - image: 'a/b:'",
                "4:14 images[0].image: `a/b:` in `artifacthub.io/images` is no image reference",
            ),
            (
                "images: |\n    - image: h:x/b",
                "4:14 images[0].image: `h:x/b` in `artifacthub.io/images` is no image reference",
            ),
            (
                "alternativeName: other",
                "3:35 alternativeName: `artifacthub.io/alternativeName` is `other`, which neither holds the name `a` nor",
            ),
            ("signKey: |\n    fingerprint: A", "3:3 signKey: `artifacthub.io/signKey` has no `url`"),
        ];
        for (case, expected) in cases {
            let found = faults(case);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{case}: {found:#?}");
        }
    }
}
