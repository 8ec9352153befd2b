//! Strategic merges (kyaml's `merge2`): mappings merge, lists of Kubernetes' own kinds merge by key, anything else replaces.

use super::{Error, Spend, edit};
use crate::yaml::{Entry, Node, Value};

/// Lists whose items Kubernetes tells apart by a key, with the keys that may be it.
const KEYED: [(&str, &[&str]); 16] = [
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("volumes", &["name"]),
    ("env", &["name"]),
    ("imagePullSecrets", &["name"]),
    ("secrets", &["name"]),
    ("webhooks", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("hostAliases", &["ip"]),
    ("ownerReferences", &["uid"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("ports", &["containerPort", "port", "protocol"]),
    ("resourceClaims", &["name"]),
    ("podIPs", &["ip"]),
];

/// Keys that are compared in the time of a step.
const KEYS_PER_STEP: usize = 16;

/// The object with a patch merged into it; none where the patch deletes it.
pub(super) fn merged(below: &Node, patch: &Node, spend: Spend<'_>) -> Result<Option<Node>, Error> {
    let group = super::id::Id::of(below).group;
    let is_builtin = !group.contains('.') || group.ends_with(".k8s.io");
    Merge { is_builtin, spend }.node(Some(below), patch, "")
}

struct Merge<'s> {
    /// Whether the object is of a kind whose lists Kubernetes describes.
    is_builtin: bool,
    /// What comparing costs: each part of a patch looks at all that is there.
    spend: Spend<'s>,
}

/// What `$patch` says.
#[derive(Debug, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

impl Merge<'_> {
    fn node(&self, below: Option<&Node>, patch: &Node, key: &str) -> Result<Option<Node>, Error> {
        let below = below.filter(|below| !below.is_null());
        let is_same_kind = below.is_none_or(|below| below.is_null() || shape(below) == shape(patch));
        match &patch.value {
            Value::Null => Ok(None),
            _ if !is_same_kind => {
                let below = below.map_or("nothing", Node::kind);
                Err(Error::refused(patch.location, format!("a patch of `{key}` is {}, not {below}", patch.kind())))
            }
            Value::Map(_) => self.map(below, patch),
            Value::Seq(items) => self.list(below, patch, items, key),
            _ => Ok(Some(patch.clone())),
        }
    }

    fn map(&self, below: Option<&Node>, patch: &Node) -> Result<Option<Node>, Error> {
        let below = match directive(patch)? {
            Directive::Delete => return Ok(None),
            Directive::Replace => None,
            Directive::Merge => below,
        };
        let mut entries: Vec<Entry> = below.map(edit::entries).unwrap_or_default();
        for over in edit::entries(patch) {
            let key = over.key.key_text().into_owned();
            if key == "$patch" {
                continue;
            }
            if key.starts_with('$') {
                return Err(Error::ours(over.key.location, format!("`{key}` in a patch is not followed")));
            }
            (self.spend)(entries.len() / KEYS_PER_STEP)?;
            let at = entries.iter().position(|entry| entry.key.key_text() == key);
            let merged = self.node(at.map(|at| &entries[at].value), &over.value, &key)?;
            match (at, merged) {
                (Some(at), Some(value)) => entries[at].value = value,
                (Some(at), None) => _ = entries.remove(at),
                (None, Some(value)) => entries.push(Entry { value, ..over }),
                (None, None) => {}
            }
        }
        let shell = below.unwrap_or(patch);
        Ok(Some(edit::with_value(shell, edit::mapping(entries, shell.location).value)))
    }

    fn list(&self, below: Option<&Node>, patch: &Node, items: &[Node], key: &str) -> Result<Option<Node>, Error> {
        let keyed = KEYED.iter().find(|(name, _)| self.is_builtin && *name == key);
        let is_of_maps = items.iter().all(|item| item.as_map().is_some());
        let Some((_, keys)) = keyed.filter(|_| is_of_maps) else { return Ok(Some(patch.clone())) };
        let is_bare = |item: &Node| item.as_map().is_some_and(|mapping| mapping.entries().len() == 1);
        for item in items.iter().filter(|item| is_bare(item)) {
            match directive(item)? {
                Directive::Delete => return Ok(None),
                Directive::Replace => {
                    let rest: Vec<Node> = items.iter().filter(|item| item.get("$patch").is_none()).cloned().collect();
                    return Ok(Some(edit::with_value(patch, Value::Seq(rest.into()))));
                }
                Directive::Merge => {}
            }
        }
        let mut rest: Vec<Node> = below.and_then(Node::as_seq).unwrap_or_default().to_vec();
        let mut front = vec![];
        for (index, item) in items.iter().enumerate() {
            (self.spend)(index + rest.len())?;
            // Of items with one key in a patch, the first alone counts.
            if items[..index].iter().any(|before| same_item(before, item, keys)) {
                continue;
            }
            if item.get("$patch").is_none() && keys.iter().all(|key| item.get(key).is_none()) {
                let message = format!("an item of `{key}` in a patch, without `{}`, is not followed", keys[0]);
                return Err(Error::ours(item.location, message));
            }
            let at = rest.iter().position(|known| same_item(known, item, keys));
            match at.map(|at| rest.remove(at)) {
                // What would take the place of an item loses it to that again.
                Some(old) if directive(item)? == Directive::Replace => front.push(old),
                old => front.extend(self.node(old.as_ref(), item, key)?),
            }
        }
        // Of items with one key that were there before, the last takes the place of all.
        for item in rest {
            (self.spend)(front.len())?;
            match front.iter().position(|known| same_item(known, &item, keys)) {
                Some(at) => front[at] = item,
                None => front.push(item),
            }
        }
        Ok(Some(edit::with_value(below.unwrap_or(patch), Value::Seq(front.into()))))
    }
}

fn shape(node: &Node) -> u8 {
    match node.value {
        Value::Map(_) => 0,
        Value::Seq(_) => 1,
        _ => 2,
    }
}

fn directive(patch: &Node) -> Result<Directive, Error> {
    let Some(node) = patch.get("$patch") else { return Ok(Directive::Merge) };
    match node.scalar_text() {
        Some("merge") => Ok(Directive::Merge),
        Some("replace") => Ok(Directive::Replace),
        Some("delete") => Ok(Directive::Delete),
        _ => Err(Error::refused(node.location, "`$patch` is none of `merge`, `replace` and `delete`")),
    }
}

/// Whether two items of a list are the same by the keys that both of them have.
fn same_item(left: &Node, right: &Node, keys: &[&str]) -> bool {
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::scalar_text).map(str::to_owned);
    let mut shared = keys.iter().filter_map(|key| Some((text(left, key)?, text(right, key)?))).peekable();
    let first = keys.iter().find(|key| right.get(key).is_some());
    shared.peek().is_some()
        && first.is_some_and(|key| left.get(key).is_some())
        && shared.all(|(left, right)| left == right)
}
