//! Where the value that an image's tag comes from goes besides: a digest behind the tag would go there too.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Cause, ImageUse, object};
use crate::render::{Rendered, Spread};
use crate::text::{Location, Sources};
use crate::yaml::{KeyPath, Node, Value};

/// Functions that ask of a value no more than whether there is one.
const PLAIN: [&str; 6] = ["and", "default", "empty", "if", "not", "or"];

/// What the values of images' tags are besides, in a rendering.
#[derive(Debug)]
pub struct Elsewhere<'r> {
    rendered: &'r Rendered,
    spread: Spread<'r>,
    sources: &'r Sources,
    /// What was found of a value and the tag that it holds.
    known: RefCell<HashMap<(Location, String, String), Option<String>>>,
}

impl<'r> Elsewhere<'r> {
    /// Those of a rendering.
    pub fn of(rendered: &'r Rendered, sources: &'r Sources) -> Self {
        let images = |object: &crate::render::Object<'_>| {
            object::images(object.root).iter().map(|found| found.node.location).collect()
        };
        Self { rendered, spread: Spread::of(rendered, images), sources, known: RefCell::default() }
    }

    /// What a value that a digest would be appended to is besides, in words that follow its name; none where no more than images take it.
    pub fn of_image(&self, used: &ImageUse) -> Option<String> {
        let path = appended_to(used)?;
        let telling = if used.image.tag.is_empty() { &used.written } else { &used.image.tag };
        let key = (used.at, path.to_string(), telling.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let found = self.printed(used.at, path, telling).or_else(|| self.compared(used.at, path));
        self.known.borrow_mut().insert(key, found.clone());
        found
    }

    fn printed(&self, at: Location, path: &KeyPath, telling: &str) -> Option<String> {
        let holds = |node: &Node| node.scalar_text().is_some_and(|text| text.contains(telling));
        let (object, node) = self.spread.scalars(at, path).find(|(_, node)| holds(node))?;
        let path = find(object.root, &KeyPath::default(), &|other| other.location == node.location)?;
        Some(format!("stands at `{path}` of `{}` too", object.label()))
    }

    /// A condition that asks more of the value than whether it is set.
    fn compared(&self, at: Location, path: &KeyPath) -> Option<String> {
        self.rendered.record.decided_by(at, path).into_iter().find_map(|at| {
            let text = self.sources.get(at.source).slice(at.span).split_whitespace().collect::<Vec<_>>().join(" ");
            (!is_plain(&text)).then(|| format!("is compared by `{}` too", text.replace('`', "\"")))
        })
    }
}

/// The key path of the value that a digest would be appended to.
pub fn appended_to(used: &ImageUse) -> Option<&KeyPath> {
    match used.cause {
        Cause::Tag => used.tag_path.as_ref(),
        Cause::Whole if !used.path.0.is_empty() => Some(&used.path),
        _ => None,
    }
}

fn is_plain(condition: &str) -> bool {
    let words = condition.split([' ', '(', ')', '|']).filter(|word| !word.is_empty());
    let is_name = |word: &str| word.starts_with(|letter: char| letter.is_ascii_alphabetic());
    words.filter(|word| is_name(word)).all(|word| PLAIN.contains(&word))
}

/// The path of the first scalar that fits.
fn find(node: &Node, path: &KeyPath, fits: &dyn Fn(&Node) -> bool) -> Option<KeyPath> {
    match &node.value {
        Value::Map(mapping) => {
            mapping.effective().into_iter().find_map(|(key, entry)| find(&entry.value, &path.key(&key), fits))
        }
        Value::Seq(items) => items.iter().enumerate().find_map(|(index, item)| find(item, &path.index(index), fits)),
        _ => fits(node).then(|| path.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn a_condition_is_plain_where_it_asks_for_no_more_than_whether_a_value_is_set() {
        for plain in
            [".Values.image.tag", "and .Values.image.tag (not $x)", ".Values.image.tag | default .Chart.AppVersion"]
        {
            assert!(is_plain(plain), "{plain}");
        }
        for other in ["eq .Values.image.tag \"latest\"", "not (semverCompare \">=1\" .Values.image.tag)"] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
