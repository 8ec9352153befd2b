//! What Helm reads of a rendered document: its kind, its names, and what makes it a hook.

use crate::values::text_of;
use crate::yaml::{Node, Value};

/// What Helm reads of a document (`SimpleHead`).
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) hook: Option<Hook>,
}

impl Head {
    /// Reads the head; the node that does not fit is an error.
    pub(super) fn read(root: &Node) -> Result<Self, &Node> {
        if root.is_null() {
            return Ok(Self::default());
        }
        mapping(root)?;
        text(root, "apiVersion")?;
        let kind = text(root, "kind")?.unwrap_or_default();
        let Some(metadata) = root.get("metadata").filter(|metadata| !metadata.is_null()) else {
            return Ok(Self { kind, ..Self::default() });
        };
        mapping(metadata)?;
        let name = text(metadata, "name")?.unwrap_or_default();
        let namespace = metadata.get("namespace").and_then(Node::scalar_text).map(str::to_owned);
        let hook = metadata.get("annotations").map_or(Ok(None), Hook::read)?;
        Ok(Self { kind, name, namespace, hook })
    }
}

fn mapping(node: &Node) -> Result<(), &Node> {
    node.as_map().map(|_| ()).ok_or(node)
}

fn text<'n>(node: &'n Node, key: &str) -> Result<Option<String>, &'n Node> {
    match node.get(key) {
        Some(found) if !found.is_null() => text_of(found).map(|text| Some(text.into_owned())).ok_or(found),
        _ => Ok(None),
    }
}

/// What the annotations of a hook say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hook {
    /// When it runs: `pre-install`, `test`, ….
    pub events: Vec<String>,
    /// Its place among the hooks of an event.
    pub weight: i64,
    /// When it is deleted: `hook-succeeded`, ….
    pub delete_policies: Vec<String>,
}

/// Events that Helm knows; a hook for any other is left out.
pub const EVENTS: [&str; 10] = [
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
    "test-success",
];

impl Hook {
    /// Whether Helm knows none of its events, and leaves it out.
    pub(super) fn is_unknown(&self) -> bool {
        self.events.iter().any(|event| !EVENTS.contains(&event.as_str()))
    }

    fn read(annotations: &Node) -> Result<Option<Self>, &Node> {
        let entries = match &annotations.value {
            Value::Null => return Ok(None),
            Value::Map(mapping) => mapping.effective(),
            _ => return Err(annotations),
        };
        if let Some((_, entry)) =
            entries.iter().find(|(_, entry)| matches!(entry.value.value, Value::Seq(_) | Value::Map(_)))
        {
            return Err(&entry.value);
        }
        let get = |key: &str| text(annotations, key);
        let Some(events) = get("helm.sh/hook")?.or_else(|| annotations.get("helm.sh/hook").map(|_| String::new()))
        else {
            return Ok(None);
        };
        let weight = get("helm.sh/hook-weight")?.and_then(|weight| weight.parse().ok()).unwrap_or_default();
        let delete_policies = get("helm.sh/hook-delete-policy")?.map(|policies| words(&policies)).unwrap_or_default();
        Ok(Some(Self { events: words(&events), weight, delete_policies }))
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(',').map(|word| word.trim().to_lowercase()).collect()
}
