//! Lays the text of one configuration over that of another, once as values and once as nodes with their places.
//!
//! Mappings are joined key by key, and of all else the later counts, but for the lists to which each file adds.

use std::sync::Arc;

use serde_yaml::Value as Plain;

use crate::yaml::{Entry, Mapping, Node, Value};

/// Lists at the top to which a file adds.
const ADDED: [&str; 3] = ["schemas", "suppress", "overrides"];
/// Keys that are read file by file.
pub(super) const OWN: [&str; 2] = ["extends", "rules"];

/// A configuration's value without what is read file by file, over another.
pub(super) fn values(below: Plain, above: Plain) -> Plain {
    let (Plain::Mapping(mut whole), Plain::Mapping(above)) = (below, above) else { return Plain::Null };
    for (key, value) in above.into_iter().filter(|(key, _)| !OWN.iter().any(|own| key == *own)) {
        let known = whole.remove(&key);
        let value = match (known, value) {
            (Some(Plain::Sequence(known)), Plain::Sequence(more)) if ADDED.iter().any(|added| key == *added) => {
                Plain::Sequence(known.into_iter().chain(more).collect())
            }
            (Some(known), value) => joined(known, value),
            (None, value) => value,
        };
        whole.insert(key, value);
    }
    Plain::Mapping(whole)
}

fn joined(below: Plain, above: Plain) -> Plain {
    let (mut whole, above) = match (below, above) {
        (Plain::Mapping(whole), Plain::Mapping(above)) => (whole, above),
        (_, above) => return above,
    };
    for (key, value) in above {
        let value = match whole.remove(&key) {
            Some(known) => joined(known, value),
            None => value,
        };
        whole.insert(key, value);
    }
    Plain::Mapping(whole)
}

/// The same for nodes. What is said of a key has the place of the file that counts.
pub(super) fn nodes(below: &Node, above: &Node) -> Node {
    join(below, above, &|key, below, above| match (below.as_seq(), above.as_seq()) {
        (Some(known), Some(more)) if ADDED.contains(&key) => {
            let items: Vec<Node> = known.iter().chain(more).cloned().collect();
            Node { value: Value::Seq(items.into()), ..above.clone() }
        }
        _ => below_top(below, above),
    })
}

fn below_top(below: &Node, above: &Node) -> Node {
    join(below, above, &|_, below, above| below_top(below, above))
}

fn join(below: &Node, above: &Node, both: &dyn Fn(&str, &Node, &Node) -> Node) -> Node {
    let (Some(known), Some(more)) = (below.as_map(), above.as_map()) else { return above.clone() };
    let mut entries: Vec<Entry> = vec![];
    for (key, entry) in known.effective() {
        entries.push(match more.entry(&key) {
            Some(later) => Entry { value: both(&key, &entry.value, &later.value), ..later.clone() },
            None => entry.clone(),
        });
    }
    let is_new = |entry: &&Entry| known.entry(&entry.key.key_text()).is_none();
    entries.extend(more.effective().into_iter().map(|(_, entry)| entry).filter(is_new).cloned());
    Node { value: Value::Map(Arc::new(Mapping::new(entries))), ..above.clone() }
}
