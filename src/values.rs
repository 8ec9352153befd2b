//! Values laid over values, as Helm coalesces them; every node keeps the place that set it.

use std::sync::Arc;

use crate::yaml::{Entry, Mapping, Node, Value};

/// `overlay` over `base`: mappings merge, a null removes the key, anything else replaces (Helm's `CoalesceTables`).
pub fn merge(base: &Node, overlay: &Node) -> Node {
    let (Value::Map(below), Value::Map(above)) = (&base.value, &overlay.value) else {
        return if overlay.is_null() { base.clone() } else { overlay.clone() };
    };
    let mut entries: Vec<Entry> = vec![];
    for (key, entry) in below.effective() {
        match above.entry(&key) {
            None => entries.push(entry.clone()),
            Some(over) if over.value.is_null() => {}
            Some(over) => entries.push(merged_entry(entry, over)),
        }
    }
    for (key, over) in above.effective() {
        if below.entry(&key).is_none() {
            entries.push(over.clone());
        }
    }
    Node { value: Value::Map(Arc::new(Mapping { entries })), location: overlay.location, style: overlay.style }
}

fn merged_entry(below: &Entry, above: &Entry) -> Entry {
    if below.value.as_map().is_some() && above.value.as_map().is_some() {
        Entry { key: above.key.clone(), value: merge(&below.value, &above.value), merged: false }
    } else {
        above.clone()
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
        let merged = merge(&base, &overlay).to_json();
        assert_eq!(merged, node("image: {tag: b, digest: d}\nlist: [3]\nkept: 1\nnew: {a: 1}\n").to_json());
    }
}
