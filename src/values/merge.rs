//! Values over each other as nodes: each layer costs what it says, however much lies below it.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::yaml::{Entry, Mapping, Node, Value};

/// Layers over `base`, the last wins: mappings merge, a null removes the key, anything else replaces (Helm's `CoalesceTables`).
pub fn merged<'n>(base: &Node, layers: impl IntoIterator<Item = &'n Node>) -> Node {
    merged_with_size(base, layers).0
}

/// The same with the bytes of it that no layer shares.
pub fn merged_with_size<'n>(base: &Node, layers: impl IntoIterator<Item = &'n Node>) -> (Node, usize) {
    let (mut whole, mut table) = (base.clone(), None);
    for layer in layers {
        if layer.as_map().is_some() && whole.as_map().is_some() {
            table.get_or_insert_with(|| Table::of(&whole)).lay(layer);
        } else if !layer.is_null() {
            whole = layer.clone();
            table = None;
        }
    }
    let mut entries = 0;
    let node = table.map_or(whole, |table| table.into_node(&mut entries));
    (node, entries * size_of::<Entry>())
}

/// A mapping that others are being laid over.
struct Table {
    /// Every key that was there, with its entry and what is being merged in the place of its value; none where a null removed it.
    entries: IndexMap<String, Option<(Entry, Option<Table>)>>,
    /// The mapping that came last.
    shell: Node,
}

impl Table {
    fn of(node: &Node) -> Self {
        let entries = node.as_map().map(Mapping::effective).unwrap_or_default();
        let entries = entries.into_iter().map(|(key, entry)| (key.into_owned(), Some((entry.clone(), None))));
        Self { entries: entries.collect(), shell: node.clone() }
    }

    fn lay(&mut self, above: &Node) {
        for (key, over) in above.as_map().map(Mapping::effective).unwrap_or_default() {
            match self.entries.get_mut(&*key) {
                Some(slot @ Some(_)) if over.value.is_null() => *slot = None,
                Some(Some((entry, table))) if over.value.as_map().is_some() && entry.value.as_map().is_some() => {
                    table.get_or_insert_with(|| Self::of(&entry.value)).lay(&over.value);
                    *entry = Entry { key: over.key.clone(), value: over.value.clone(), merged: false };
                }
                Some(slot) => *slot = Some((over.clone(), None)),
                None => _ = self.entries.insert(key.into_owned(), Some((over.clone(), None))),
            }
        }
        self.shell = above.clone();
    }

    /// The whole; `made` counts the entries of mappings that are nobody else's.
    fn into_node(self, made: &mut usize) -> Node {
        *made += self.entries.len();
        let settled = |(entry, table): (Entry, Option<Self>)| match table {
            Some(table) => Entry { value: table.into_node(made), ..entry },
            None => entry,
        };
        let entries = self.entries.into_values().flatten().map(settled).collect();
        Node { value: Value::Map(Arc::new(Mapping::new(entries))), ..self.shell }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    fn node(text: &str) -> Node {
        let source = Sources::new().add(Source::new("values.yaml", Address::Rendered, text));
        Document::parse(source, text).expect("valid").root
    }

    #[test]
    fn mappings_merge_nulls_remove_and_the_rest_replaces() {
        let base = node("image: {tag: a, digest: d}\nlist: [1, 2]\ngone: x\nkept: 1\n");
        let overlay = node("image: {tag: b}\nlist: [3]\ngone: null\nnew: {a: 1}\n");
        let expected = "image: {tag: b, digest: d}\nlist: [3]\nkept: 1\nnew: {a: 1}\n";
        assert_eq!(merged(&base, [&overlay]).to_json(), node(expected).to_json());
    }

    #[test]
    fn every_layer_counts_in_its_turn() {
        let layers =
            ["a: {b: 1, c: {d: 1}}\n", "a: {c: {e: 2}, b: null}\n", "null\n", "a: {b: 3, c: {d: null}}\n", "x: null\n"];
        let layers: Vec<Node> = layers.iter().map(|layer| node(layer)).collect();
        let found = merged(&layers[0], &layers[1..]);
        assert_eq!(found.to_json(), node("a: {c: {e: 2}, b: 3}\nx: null\n").to_json());
        let one_by_one = layers[1..].iter().fold(layers[0].clone(), |below, above| merged(&below, [above]));
        assert_eq!(found.to_json(), one_by_one.to_json());
        for whole in ["1\n", "[a]\n"] {
            let whole = node(whole);
            assert_eq!(merged(&layers[0], [&whole]).to_json(), whole.to_json());
            assert_eq!(merged(&whole, [&layers[0]]).to_json(), layers[0].to_json());
        }
    }
}
