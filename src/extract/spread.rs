//! Where the value that an image's tag comes from goes besides: a digest behind the tag would go there too.

use super::{Cause, ImageUse, object};
use crate::render::{Object, Rendered};
use crate::text::{Location, Sources, Span};
use crate::yaml::{KeyPath, Node, Value};

/// Functions that ask of a value no more than whether there is one.
const PLAIN: [&str; 6] = ["and", "default", "empty", "if", "not", "or"];

/// What a value that a digest would be appended to is besides, in words that follow its name; none where no more than images take it.
pub fn elsewhere(used: &ImageUse, rendered: &Rendered, sources: &Sources) -> Option<String> {
    let path = appended_to(used)?;
    rendered
        .objects()
        .find_map(|object| printed(&object, used, path))
        .or_else(|| compared(rendered, (used.at, path), sources))
}

/// The key path of the value that a digest would be appended to.
pub fn appended_to(used: &ImageUse) -> Option<&KeyPath> {
    match used.cause {
        Cause::Tag => used.tag_path.as_ref(),
        Cause::Whole if !used.path.0.is_empty() => Some(&used.path),
        _ => None,
    }
}

fn printed(object: &Object<'_>, used: &ImageUse, path: &KeyPath) -> Option<String> {
    let spans = object.manifest.printed_from(used.at, path);
    if spans.is_empty() {
        return None;
    }
    let images: Vec<Span> = object::images(object.root).iter().map(|found| found.node.location.span).collect();
    let telling = if used.image.tag.is_empty() { &used.written } else { &used.image.tag };
    let holds = |node: &Node| {
        let span = node.location.span;
        spans.iter().any(|part| part.start < span.end && span.start < part.end)
            && !images.contains(&span)
            && node.scalar_text().is_some_and(|text| text.contains(telling.as_str()))
    };
    let at = find(object.root, &KeyPath::default(), &holds)?;
    Some(format!("stands at `{at}` of `{}` too", object.label()))
}

/// A condition that asks more of the value than whether it is set.
fn compared(rendered: &Rendered, value: (Location, &KeyPath), sources: &Sources) -> Option<String> {
    let mut conditions = rendered.record.decided_by(value).into_iter();
    conditions.find_map(|at| {
        let text = sources.get(at.source).slice(at.span).split_whitespace().collect::<Vec<_>>().join(" ");
        (!is_plain(&text)).then(|| format!("is compared by `{}` too", text.replace('`', "\"")))
    })
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
