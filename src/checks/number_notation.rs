//! `number-notation`: a number that YAML made float reaches a text in another notation than it was written.

use std::collections::BTreeSet;

use super::part::deployed;
use super::{edits, texts};
use crate::finding::{Label, Safety};
use crate::render::{Object, Origin};
use crate::rule::{Context, Findings};
use crate::text::Location;
use crate::yaml::path::Trail;
use crate::yaml::{KeyPath, Node, Step, Value};
use anchors::Anchors;
use notation::Number;
use printed::Printed;

mod anchors;
mod notation;
mod printed;

/// A number, what became of it, and where.
struct Changed<'a> {
    object: Object<'a>,
    /// Where it is written.
    place: Location,
    /// Its path in the values.
    value: KeyPath,
    path: KeyPath,
    rendered: Location,
    written: String,
    printed: String,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let anchors = Anchors::new(context.sources);
    for (view, rendered) in deployed(context) {
        let mut found = vec![];
        for object in rendered.objects() {
            look(object, object.root, &Trail::Root, &anchors, &mut found);
        }
        let mut said = BTreeSet::new();
        for changed in found {
            let place = changed.place;
            if !said.insert(place) {
                continue;
            }
            let (object, field) = (changed.object.label(), changed.path.to_string());
            let args = [
                ("number", changed.written.as_str()),
                ("printed", &changed.printed),
                ("object", &object),
                ("field", &field),
            ];
            let help = format!("put it in quotes: `\"{}\"`", changed.written);
            let subject = format!("{} {}", changed.object.subject(), changed.value);
            let quoted = format!("\"{}\"", changed.written);
            let fix = edits::word(context, place, (&changed.written, &quoted), format!("write `{quoted}`"));
            let fix = fix.map(|fix| fix.with(Safety::Unsafe));
            let reported = findings.report(Label::new(place, ""), subject, &args).help(help).fix(fix);
            let template = changed.object.origins(changed.rendered).line();
            let reported = match template {
                Some(template) => reported.related(Label::new(template, "printed here")),
                None => reported,
            };
            reported.related(Label::new(changed.rendered, "as rendered")).profile(&view.profile.name);
        }
    }
}

fn look<'a>(object: Object<'a>, node: &Node, path: &Trail<'_>, anchors: &Anchors<'_>, found: &mut Vec<Changed<'a>>) {
    match &node.value {
        Value::Map(mapping) => {
            for (key, entry) in mapping.effective() {
                let inner = path.key(&key);
                match entry.value.as_str() {
                    // A variable says by its name what its value is.
                    Some(text) if key == "value" && is_version(node.get("name").and_then(Node::as_str)) => {
                        of_text(object, text, entry.value.location, (&inner, true), anchors, found);
                    }
                    _ => look(object, &entry.value, &inner, anchors, found),
                }
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                look(object, item, &path.index(index), anchors, found);
            }
        }
        Value::String(text) => {
            let text = texts::decoded(object, text, path);
            of_text(object, &text, node.location, (path, names_version(path)), anchors, found);
        }
        // A number that a field wants may have lost digits on its way.
        Value::Int(..) | Value::Uint(..) => {
            if let Some(text) = node.scalar_text().filter(|text| text.len() >= notation::EXACT) {
                of_text(object, text, node.location, (path, false), anchors, found);
            }
        }
        _ => {}
    }
}

fn of_text<'a>(
    object: Object<'a>,
    text: &str,
    at: Location,
    (path, is_version): (&Trail<'_>, bool),
    anchors: &Anchors<'_>,
    found: &mut Vec<Changed<'a>>,
) {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return;
    }
    let text = Printed::new(text);
    for origin in object.origins(at).printed.into_iter().filter(|origin| !origin.is_absent) {
        let place = anchors.value(origin.location);
        let source = anchors.sources.get(place.source);
        let Some(number) = Number::read(source.slice(place.span).trim()) else { continue };
        let is_version = is_version || is_of_version(&origin);
        if let Some(printed) = number.changed(&text, is_version) {
            let (written, value) = (number.written.to_owned(), origin.path);
            found.push(Changed { object, place, value, path: path.to_path(), rendered: at, written, printed });
        }
    }
}

/// Whether a field holds a version, to which a zero at the end makes a difference.
fn names_version(path: &Trail<'_>) -> bool {
    matches!(path, Trail::Key(_, key) if *key == "image" || *key == "tag" || is_version(Some(key)))
}

/// Whether a value is a version by its name: `appVersion`, `image.tag`.
fn is_of_version(origin: &Origin) -> bool {
    let key = origin.path.0.iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    });
    let is_tag =
        |key: &str| matches!(key, "tag" | "TAG") || ["Tag", "_tag", "-tag"].iter().any(|end| key.ends_with(end));
    key.is_some_and(|key| is_tag(key) || is_version(Some(key)))
}

/// Whether a name is that of a version.
fn is_version(name: Option<&str>) -> bool {
    let end = name.and_then(|name| name.get(name.len().checked_sub("version".len())?..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("version"))
}
