//! What readers of Chart.yaml refuse that take every key and every type as they are written, as chart-testing does.

use super::shape::{METADATA, Shape};
use crate::text::{Location, Sources};
use crate::yaml::{Entry, KeyPath, Node, Value};

/// A key or a value that Helm takes for what it is not.
#[derive(Debug, Clone)]
pub struct Loose {
    /// Where it stands.
    pub location: Location,
    /// Its path from the root of the file.
    pub path: KeyPath,
    /// What it is, to follow the path: `is a number, not a string`.
    pub problem: String,
    /// What to type.
    pub help: String,
}

/// Every such key and value of Chart.yaml.
pub fn loose(root: &Node, sources: &Sources) -> Vec<Loose> {
    let mut found = vec![];
    look(&METADATA, root, &KeyPath::default(), sources, &mut found);
    found
}

fn look(shape: &Shape, node: &Node, path: &KeyPath, sources: &Sources, found: &mut Vec<Loose>) {
    match (shape, &node.value) {
        (Shape::Record(fields), Value::Map(mapping)) => {
            for entry in mapping.entries() {
                let name = entry.key.key_text();
                let path = path.key(&name);
                let Some((name, shape)) = fields.iter().find(|(known, _)| *known == name) else { continue };
                found.extend(written(entry, name, &path, sources));
                look(shape, &entry.value, &path, sources, found);
            }
        }
        (Shape::List(shape), Value::Seq(items)) => {
            for (index, item) in items.iter().enumerate() {
                let path = path.index(index);
                if item.is_null() {
                    found.push(other(item, path));
                } else {
                    look(shape, item, &path, sources, found);
                }
            }
        }
        (Shape::Map(shape), Value::Map(mapping)) => {
            for (key, entry) in mapping.effective() {
                look(shape, &entry.value, &path.key(&key), sources, found);
            }
        }
        // A number is an `appVersion` to them, too; what reads as another one is another rule's.
        (Shape::Text, _) if path.to_string() == "appVersion" => {}
        (Shape::Text, Value::Bool(..) | Value::Int(..) | Value::Uint(..) | Value::Float(..)) => {
            found.push(other(node, path.clone()));
        }
        _ => {}
    }
}

/// A key in another case of letters than its field has.
fn written(entry: &Entry, name: &str, path: &KeyPath, sources: &Sources) -> Option<Loose> {
    let location = entry.key.location;
    let source = sources.get(location.source);
    let given = source.slice(location.span).trim_matches(['"', '\'']);
    let is_other = given != name && given.eq_ignore_ascii_case(name);
    let (problem, help) = (format!("is written `{given}`"), format!("write `{name}`"));
    is_other.then(|| Loose { location, path: path.clone(), problem, help })
}

fn other(node: &Node, path: KeyPath) -> Loose {
    let problem = format!("is {}, not a string", node.kind());
    Loose { location: node.location, path, problem, help: "put it in quotes".to_owned() }
}
