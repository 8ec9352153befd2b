//! Where the references of a schema lead inside it.

use std::collections::HashMap;

use serde_json::Value as Json;

/// What a schema's references can name.
#[derive(Debug)]
pub(super) struct Refs<'s> {
    root: &'s Json,
    /// Schemas by `$id`.
    ids: HashMap<&'s str, Vec<&'s Json>>,
    /// Schemas by `$anchor` and `$dynamicAnchor`, wherever they stand.
    anchors: HashMap<&'s str, Vec<&'s Json>>,
}

impl<'s> Refs<'s> {
    pub(super) fn of(root: &'s Json) -> Self {
        let mut refs = Self { root, ids: HashMap::new(), anchors: HashMap::new() };
        refs.gather(root);
        refs
    }

    fn gather(&mut self, schema: &'s Json) {
        match schema {
            Json::Array(items) => items.iter().for_each(|item| self.gather(item)),
            Json::Object(entries) => {
                for (key, value) in entries {
                    match (key.as_str(), value.as_str()) {
                        ("$id" | "id", Some(id)) => self.ids.entry(id).or_default().push(schema),
                        ("$anchor" | "$dynamicAnchor", Some(name)) => {
                            self.anchors.entry(name).or_default().push(schema);
                        }
                        _ => self.gather(value),
                    }
                }
            }
            _ => {}
        }
    }

    /// Every schema that a reference may lead to: more than one where names repeat or a base decides, which is not followed here.
    pub(super) fn targets(&self, reference: &str) -> Vec<&'s Json> {
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let mut bases: Vec<&'s Json> = match address {
            "" => std::iter::once(self.root).chain(self.ids.values().flatten().copied()).collect(),
            address => self.named(address),
        };
        let fragment = decoded(fragment);
        if fragment.is_empty() {
            // `#` is the root of whatever resource it stands in.
            return bases;
        }
        if fragment.starts_with('/') {
            bases.retain_mut(|base| base.pointer(&fragment).map(|found| *base = found).is_some());
            return bases;
        }
        self.anchors
            .get(fragment.as_str())
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .chain(self.named(reference))
            .collect()
    }

    /// The root, and whatever has a `$dynamicAnchor` or `$recursiveAnchor`: where a dynamic reference may lead.
    pub(super) fn dynamic(&self, reference: &str) -> Vec<&'s Json> {
        let mut targets = self.targets(reference);
        targets.push(self.root);
        targets
    }

    /// Schemas whose `$id` ends in the same name: a base may stand before it.
    fn named(&self, address: &str) -> Vec<&'s Json> {
        let last = |id: &str| id.trim_end_matches('#').rsplit('/').next().unwrap_or_default().to_owned();
        let wanted = last(address);
        self.ids.iter().filter(|(id, _)| last(id) == wanted).flat_map(|(_, schemas)| schemas.iter().copied()).collect()
    }
}

/// The name that references may use for a schema.
pub(super) fn anchor(schema: &Json) -> Option<&str> {
    schema.get("$anchor").or(schema.get("$dynamicAnchor"))?.as_str()
}

/// The fragment of a reference that stays in the document.
pub(super) fn inside(root: &Json, reference: &str) -> Option<String> {
    let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let own = root.get("$id").or(root.get("id")).and_then(Json::as_str).unwrap_or_default();
    let is_own = address.is_empty() || address == own.trim_end_matches('#');
    is_own.then(|| decoded(fragment))
}

/// A fragment without percent signs.
fn decoded(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%');
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
