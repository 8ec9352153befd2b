//! Keys as Go's JSON decoder matches them with the fields of a type: in any case.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::shape::Shape;
use crate::yaml::{Entry, Mapping, Node, Value};

/// The same value with every key that stands for a field spelled as the field. Of several spellings of one field the one that comes
/// last in the order of bytes counts, since Helm turns the file into JSON with sorted keys first.
pub(super) fn canonical(node: &Node, shape: &Shape) -> Node {
    let value = match (shape, &node.value) {
        (Shape::Record(fields), Value::Map(mapping)) => Value::Map(Arc::new(record(mapping, fields))),
        (Shape::List(shape), Value::Seq(items)) => {
            Value::Seq(items.iter().map(|item| canonical(item, shape)).collect::<Vec<_>>().into())
        }
        _ => return node.clone(),
    };
    Node { value, ..node.clone() }
}

fn record(mapping: &Mapping, fields: &[(&str, Shape)]) -> Mapping {
    let spellings: Vec<(Option<usize>, String)> = mapping
        .entries()
        .iter()
        .map(|entry| {
            let key = entry.key.key_text().into_owned();
            (fields.iter().position(|(name, _)| name.eq_ignore_ascii_case(&key)), key)
        })
        .collect();
    let mut winners: BTreeMap<usize, &str> = BTreeMap::new();
    for (field, key) in &spellings {
        if let Some(field) = field {
            let known = winners.entry(*field).or_insert(key);
            *known = (*known).max(key.as_str());
        }
    }
    let entries = mapping.entries().iter().zip(&spellings).filter_map(|(entry, (field, key))| {
        let Some(field) = field else { return Some(entry.clone()) };
        let (name, shape) = &fields[*field];
        let others = mapping.entries().iter().zip(&spellings).filter(|(_, (other, _))| *other == Some(*field));
        (winners.get(field) == Some(&key.as_str())).then(|| Entry {
            key: Node { value: Value::String(Arc::from(*name)), ..entry.key.clone() },
            value: match shape {
                Shape::Map(_) => united(&entry.value, others.map(|(other, (_, key))| (key.as_str(), &other.value))),
                shape => canonical(&entry.value, shape),
            },
            merged: entry.merged,
        })
    });
    entries.collect::<Mapping>()
}

/// What Go makes of a mapping that stands under several spellings of its key: all that they have, the last by bytes before the others.
fn united<'a>(winner: &Node, spellings: impl Iterator<Item = (&'a str, &'a Node)>) -> Node {
    let mut spellings: Vec<(&str, &Node)> = spellings.collect();
    spellings.sort_by_key(|(key, _)| *key);
    let mappings: Vec<&Mapping> = spellings.iter().filter_map(|(_, node)| node.as_map()).collect();
    if mappings.len() < 2 || winner.as_map().is_none() {
        return winner.clone();
    }
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for mapping in mappings {
        entries.extend(mapping.effective().into_iter().map(|(key, entry)| (key.into_owned(), entry.clone())));
    }
    Node { value: Value::Map(Arc::new(entries.into_values().collect())), ..winner.clone() }
}

#[cfg(test)]
mod tests {
    use super::super::shape::METADATA;
    use super::canonical;
    use crate::text::{Address, Source, Sources};
    use crate::yaml::{Document, Node};

    #[test]
    fn keys_count_in_any_case_and_the_last_by_bytes_of_several() {
        let text = "Name: web\nappVersion: '1'\nappversion: '2'\nOther: x\nMaintainers: [{NAME: Ann}]\n";
        let source = Sources::new().add(Source::new("Chart.yaml", Address::Rendered, text));
        let root = canonical(&Document::parse(source, text).expect("valid").root, &METADATA);
        let field = |name: &str| root.get(name).and_then(Node::scalar_text).map(str::to_owned);
        let maintainer = root.get("maintainers").and_then(Node::as_seq).and_then(|list| list[0].get("name"));
        assert_eq!(field("name").as_deref(), Some("web"));
        assert_eq!(field("appVersion").as_deref(), Some("2"));
        assert_eq!(field("Other").as_deref(), Some("x"));
        assert_eq!(maintainer.and_then(Node::scalar_text), Some("Ann"));
    }

    #[test]
    fn mappings_under_several_spellings_are_one() {
        let text = "annotations: {a: '1', b: '1'}\nAnnotations: {b: '2', c: '2'}\n";
        let source = Sources::new().add(Source::new("Chart.yaml", Address::Rendered, text));
        let root = canonical(&Document::parse(source, text).expect("valid").root, &METADATA);
        let value = |name: &str| root.get("annotations")?.get(name)?.scalar_text();
        assert_eq!([value("a"), value("b"), value("c")], [Some("1"), Some("1"), Some("2")]);
    }
}
