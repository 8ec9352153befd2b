//! `number-notation`: a number that YAML made float reaches a text in another notation than it was written.

use std::collections::BTreeSet;

use super::edits;
use super::part::seen;
use crate::finding::{Label, Safety};
use crate::render::{Object, Origin};
use crate::rule::{Context, Findings};
use crate::text::{Location, Sources};
use crate::yaml::path::Trail;
use crate::yaml::{KeyPath, Node, Value};

/// A number, what became of it, and where.
struct Changed<'a> {
    object: Object<'a>,
    origin: Origin,
    path: KeyPath,
    rendered: Location,
    written: String,
    printed: String,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in seen(context) {
        let mut found = vec![];
        for object in rendered.objects() {
            look(object, object.root, &Trail::Root, context.sources, &mut found);
        }
        let mut said = BTreeSet::new();
        for changed in found {
            let place = changed.origin.location;
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
            let subject = format!("{} {}", changed.object.subject(), changed.origin.path);
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

fn look<'a>(object: Object<'a>, node: &Node, path: &Trail<'_>, sources: &Sources, found: &mut Vec<Changed<'a>>) {
    match &node.value {
        Value::Map(mapping) => {
            for (key, entry) in mapping.effective() {
                let inner = path.key(&key);
                match entry.value.as_str() {
                    // A variable says by its name what its value is.
                    Some(text) if key == "value" && is_version(node.get("name").and_then(Node::as_str)) => {
                        of_text(object, text, entry.value.location, (&inner, true), sources, found);
                    }
                    _ => look(object, &entry.value, &inner, sources, found),
                }
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                look(object, item, &path.index(index), sources, found);
            }
        }
        Value::String(text) => {
            of_text(object, text, node.location, (path, names_version(path)), sources, found);
        }
        _ => {}
    }
}

fn of_text<'a>(
    object: Object<'a>,
    text: &str,
    at: Location,
    (path, is_version): (&Trail<'_>, bool),
    sources: &Sources,
    found: &mut Vec<Changed<'a>>,
) {
    let exponents: Vec<&str> = exponents(text).collect();
    let is_version = exponents.is_empty() && is_version && text.contains('.');
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return;
    }
    for origin in object.origins(at).printed.into_iter().filter(|origin| !origin.is_absent) {
        let source = sources.get(origin.location.source);
        let written = source.slice(origin.location.span).trim();
        let Some(number) = number(written) else { continue };
        let whole = number.to_string();
        let printed = if is_of_base(written) {
            (has_word(text, &whole) && !text.contains(written)).then_some(whole)
        } else if is_version {
            // `1.10` is 1.1 to YAML; more than one dot makes a text of it.
            let is_cut = written.contains('.') && written.ends_with('0') && written.starts_with(&whole);
            (is_cut && text.contains(&whole) && !text.contains(written)).then_some(whole)
        } else {
            let is_plain =
                written.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'_'));
            let same = |text: &&&str| text.parse::<f64>().is_ok_and(|value| value.to_bits() == number.to_bits());
            exponents.iter().find(same).filter(|_| is_plain).map(|text| (*text).to_owned())
        };
        if let Some(printed) = printed {
            let written = written.to_owned();
            found.push(Changed { object, origin, path: path.to_path(), rendered: at, written, printed });
        }
    }
}

/// The number that YAML reads.
#[expect(clippy::cast_precision_loss, reason = "Helm keeps numbers so")]
fn number(written: &str) -> Option<f64> {
    match crate::yaml::resolve::plain(written) {
        Value::Int(number, _) => Some(number as f64),
        Value::Uint(number, _) => Some(number as f64),
        Value::Float(number, _) => Some(number),
        _ => None,
    }
}

/// Whether a number is written to another base than ten: with a zero before it, or with a letter behind that.
fn is_of_base(written: &str) -> bool {
    let digits = written.trim_start_matches(['-', '+']);
    digits
        .strip_prefix('0')
        .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_alphanumeric()) && !rest.contains('.'))
}

/// Whether a number stands in a text by itself.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
    text.match_indices(word).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        !is_part(before) && !is_part(text.as_bytes().get(at + word.len()))
    })
}

/// Every `1.048576e+06` in a text.
fn exponents(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |pair: &[u8]| pair[0] == b'e' && matches!(pair[1], b'+' | b'-');
    let marks = text.as_bytes().windows(2).enumerate().filter(move |(_, pair)| is_mark(pair)).map(|(at, _)| at);
    marks.filter_map(|at| {
        let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        let before = text.as_bytes()[..at].iter().rev().take_while(|byte| is_part(byte)).count();
        let after = text.as_bytes()[at + 2..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        (before > 0 && after >= 2).then(|| &text[at - before..at + 2 + after])
    })
}

/// Whether a field holds a version, to which a zero at the end makes a difference.
fn names_version(path: &Trail<'_>) -> bool {
    matches!(path, Trail::Key(_, key) if *key == "image" || *key == "tag" || is_version(Some(key)))
}

/// Whether a name is that of a version.
fn is_version(name: Option<&str>) -> bool {
    let end = name.and_then(|name| name.get(name.len().checked_sub("version".len())?..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("version"))
}
