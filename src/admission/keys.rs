//! Keys that stand twice in one mapping of a rendered object.

use crate::yaml::path::Trail;
use crate::yaml::{Entry, KeyPath, Node, Value};

/// Every entry that repeats an earlier one, with that one and the path.
pub fn duplicates(root: &Node) -> Vec<(&Entry, &Entry, KeyPath)> {
    let mut found = vec![];
    look(root, &Trail::Root, &mut found);
    found
}

fn look<'a>(node: &'a Node, path: &Trail<'_>, found: &mut Vec<(&'a Entry, &'a Entry, KeyPath)>) {
    match &node.value {
        Value::Map(mapping) => {
            for (void, winner) in mapping.duplicates() {
                found.push((winner, void, path.key(&winner.key.key_text()).to_path()));
            }
            for (key, entry) in mapping.effective() {
                look(&entry.value, &path.key(&key), found);
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                look(item, &path.index(index), found);
            }
        }
        _ => {}
    }
}
