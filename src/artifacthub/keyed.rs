//! Keys and numbers inside annotations that JSON has no form for, and keys that stand twice.

use super::{Fault, Meant, PREFIX};
use crate::yaml::{KeyPath, Node, Style, Value};

/// Levels that are looked into; deeper than any annotation goes.
const DEPTH: usize = 64;

/// Every key that a later one of the same mapping repeats, at the later one.
pub(super) fn repeated(annotation: &str, root: &Node) -> Vec<Fault> {
    let mut faults = vec![];
    walk(root, &KeyPath::default(), 0, &mut |node, path| {
        let Value::Map(mapping) = &node.value else { return };
        for (_, again) in mapping.duplicates() {
            let key = again.key.key_text();
            let message = format!("the key `{key}` stands twice in an item of `{PREFIX}{annotation}`");
            let fault = Fault::new(again.key.location, message).help("keep one of the two");
            faults.push(fault.within(path.key(&key)));
        }
    });
    faults
}

/// Every key that is a number, a boolean or null, and every number without end: the record cannot be written as JSON then.
pub(super) fn not_json(annotation: &str, items: &[Node]) -> Vec<Fault> {
    let mut faults = vec![];
    for (index, item) in items.iter().enumerate() {
        walk(item, &KeyPath::default().index(index), 0, &mut |node, path| {
            if let Value::Float(number, _) = &node.value
                && !number.is_finite()
            {
                let written = node.key_text();
                let message = format!("`{written}` in `{PREFIX}{annotation}` is a number that JSON cannot hold");
                faults
                    .push(Fault::new(node.location, message).help("write a number, or a text in quotes").within(path));
            }
            let Value::Map(mapping) = &node.value else { return };
            for entry in mapping.entries().iter().filter(|entry| !is_text(&entry.key)) {
                let key = entry.key.key_text();
                let kind = if is_date(&key) { "a date" } else { entry.key.kind() };
                let message = format!("the key `{key}` in `{PREFIX}{annotation}` is {kind}, not a text");
                let fault =
                    Fault::new(entry.key.location, message).help(format!("write the key in quotes: `\"{key}\"`"));
                let fault = Fault { meant: Some(Meant::Quoted(entry.key.location)), ..fault };
                faults.push(fault.within(path.key(&key)));
            }
        });
    }
    faults
}

/// A key as the parser of Artifact Hub sees it, to which `yes` and `on` are texts.
fn is_text(key: &Node) -> bool {
    match &key.value {
        Value::String(text) => key.style != Style::Plain || !is_date(text),
        Value::Bool(_, written) => !matches!(&**written, "true" | "True" | "TRUE" | "false" | "False" | "FALSE"),
        _ => false,
    }
}

/// Whether a plain text is a day, which the parser of Artifact Hub makes a time of.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_of =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.as_slice(), [year, month, day] if year.len() == 4 && is_of(year, 4) && is_of(month, 2) && is_of(day, 2))
}

fn walk(node: &Node, path: &KeyPath, depth: usize, visit: &mut dyn FnMut(&Node, &KeyPath)) {
    if depth > DEPTH {
        return;
    }
    visit(node, path);
    match &node.value {
        Value::Map(mapping) => {
            for (key, entry) in mapping.effective() {
                walk(&entry.value, &path.key(&key), depth + 1, visit);
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &path.index(index), depth + 1, visit);
            }
        }
        _ => {}
    }
}
