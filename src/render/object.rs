//! Objects as the API server gets them: every manifest, and in place of a list what it holds.

use super::origin::Origins;
use super::{Manifest, Rendered};
use crate::text::Location;
use crate::yaml::{Entry, Mapping, Node, Value};

/// An object of a rendering: a manifest, or an item of one that is a list.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// The manifest that it is, or that holds it.
    pub manifest: &'a Manifest,
    /// Its content. An item of a `ConfigMapList` that leaves out what it is has `apiVersion` and `kind` of the list.
    pub root: &'a Node,
    /// Its position among what a list holds.
    pub position: Option<usize>,
}

impl<'a> Object<'a> {
    /// `apiVersion`, empty where there is none.
    pub fn api_version(&self) -> &'a str {
        self.field("apiVersion")
    }

    /// The group of `apiVersion`, empty for Kubernetes' core.
    pub fn group(&self) -> &'a str {
        self.api_version().split_once('/').map_or("", |(group, _)| group)
    }

    /// `kind`, empty where there is none.
    pub fn kind(&self) -> &'a str {
        self.field("kind")
    }

    /// `metadata.name`, empty where there is none.
    pub fn name(&self) -> &'a str {
        self.metadata("name").and_then(Node::scalar_text).unwrap_or("")
    }

    /// `metadata.namespace`, where it is said.
    pub fn namespace(&self) -> Option<&'a str> {
        self.metadata("namespace").and_then(Node::scalar_text).filter(|namespace| !namespace.is_empty())
    }

    /// A field of `metadata`.
    pub fn metadata(&self, key: &str) -> Option<&'a Node> {
        self.root.get("metadata").and_then(|metadata| metadata.get(key))
    }

    /// `Kind/name`.
    pub fn label(&self) -> String {
        format!("{}/{}", self.kind(), self.name())
    }

    /// What names it in a way that survives moved lines.
    pub fn subject(&self) -> String {
        let unnamed = self.position.filter(|_| self.name().is_empty());
        let position = unnamed.map(|position| format!("[{position}]")).unwrap_or_default();
        let namespace = self.namespace().unwrap_or("");
        format!("{} {namespace} {}{position}", self.manifest.path, self.label())
    }

    /// What led to a part of it; nothing for one that kustomize brought.
    pub fn origins(&self, part: Location) -> Origins {
        if self.manifest.printed_at(part) { self.manifest.origins(part.span) } else { Origins::default() }
    }

    fn field(&self, key: &str) -> &'a str {
        self.root.get(key).and_then(Node::scalar_text).unwrap_or("")
    }
}

impl Rendered {
    /// Every object once, in the order of the manifests; documents that hold none are left out.
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        self.manifests.iter().flat_map(Manifest::objects).filter(|object| object.root.as_map().is_some())
    }
}

impl Manifest {
    /// Whether it is a list of objects.
    pub fn is_list(&self) -> bool {
        self.items.is_some()
    }

    /// What the manifest holds: itself, or the items of a list, which may be anything.
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        let root = &self.document.root;
        let own = (self.items.is_none() && !root.is_null()).then_some(Object { manifest: self, root, position: None });
        let items = self.items.as_deref().unwrap_or_default().iter().enumerate();
        let items = items.map(|(position, root)| Object { manifest: self, root, position: Some(position) });
        own.into_iter().chain(items)
    }
}

/// What a list holds, lists inside it resolved; none for what is no list. By its `items` alone, as `k8s.io/cli-runtime` tells lists.
pub(super) fn items(root: &Node) -> Option<Box<[Node]>> {
    root.get("items").filter(|items| items.is_null() || items.as_seq().is_some())?;
    let mut found = vec![];
    flatten(root, &mut found);
    Some(found.into())
}

fn flatten(root: &Node, found: &mut Vec<Node>) {
    match root.get("items") {
        Some(items) if items.is_null() => {}
        Some(Node { value: Value::Seq(items), .. }) => {
            items.iter().for_each(|item| flatten(&typed(item, root), found));
        }
        _ => found.push(root.clone()),
    }
}

/// An item with the type that its list gives to those without one.
fn typed(item: &Node, list: &Node) -> Node {
    let Some(mapping) = item.as_map().filter(|mapping| !has_type(mapping)) else { return item.clone() };
    let kind = list.entry("kind").and_then(|entry| {
        let kind = entry.value.as_str()?.strip_suffix("List").filter(|kind| !kind.is_empty())?;
        Some(Entry { value: Node { value: Value::String(kind.into()), ..entry.value.clone() }, ..entry.clone() })
    });
    let Some((kind, version)) = kind.zip(list.entry("apiVersion").cloned()) else { return item.clone() };
    let entries = mapping.entries().iter().cloned().chain([version, kind]).collect();
    Node { value: Value::Map(Mapping::new(entries).into()), ..item.clone() }
}

fn has_type(mapping: &Mapping) -> bool {
    ["apiVersion", "kind"].iter().all(|key| mapping.entry(key).is_some())
}
