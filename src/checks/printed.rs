//! Values that templates print as they are, with `toYaml`: what is wrong with a part of one is mended in the values, where nothing else reads it.

use crate::finding::Fix;
use crate::render::{Origin, Origins};
use crate::rule::Context;
use crate::text::edit::Edit;
use crate::text::{Address, Location, Source, Sources};
use crate::yaml::{Document, Node, Step};

/// Another text for a scalar of the values that is printed as it is; none where something else may read it, or another text stands there.
pub(super) fn scalar(context: &Context<'_>, origins: &Origins, (old, new): (&str, &str)) -> Option<Fix> {
    let [origin] = *innermost(origins, context.sources).as_slice() else { return None };
    let place = origin.location;
    let source = context.sources.get(place.source);
    let is_file = source.address != Address::Rendered;
    let is_meant = is_file && is_same(source.slice(place.span), old) && !is_template(old);
    let is_certain = is_meant && is_whole(context, origins.template?) && is_read_whole(context, origin);
    is_certain.then(|| Fix::safe(format!("write `{new}`"), vec![Edit::replacement(place, new)]))
}

/// The values that a part was printed from, without those that hold others of them.
pub(super) fn innermost<'o>(origins: &'o Origins, sources: &Sources) -> Vec<&'o Origin> {
    let read: Vec<&Origin> = origins.printed.iter().filter(|origin| is_value(origin, sources)).collect();
    let holds_another = |origin: &&Origin| read.iter().any(|inner| holds(origin, inner));
    read.iter().copied().filter(|origin| !holds_another(origin)).collect()
}

/// Whether what is at a place holds what is at another: in its own file, or in one that it is laid over, where paths may begin elsewhere.
fn holds(outer: &Origin, inner: &Origin) -> bool {
    let (above, below) = (&outer.path.0, &inner.path.0);
    let is_above = above.len() < below.len() && below.starts_with(above);
    let is_around = |place: &Location| {
        let (outside, inside) = (place.span, inner.location.span);
        let contains = outside.start <= inside.start && inside.end <= outside.end;
        place.source == inner.location.source && contains && outside != inside
    };
    is_above || outer.shadowed.iter().any(is_around)
}

/// Whether something was read from values: Chart.yaml is read too, and is right as it is.
fn is_value(origin: &Origin, sources: &Sources) -> bool {
    !origin.is_absent && !sources.path(origin.location).ends_with("Chart.yaml")
}

/// Whether a place of a template prints values as they are.
fn is_whole(context: &Context<'_>, template: Location) -> bool {
    let source = context.sources.get(template.source);
    let (before, after) = source.text.split_at(template.span.start as usize);
    let start = before.rfind("{{").map_or(0, |at| at + 2);
    let end = after.find("}}").map_or(source.text.len(), |at| at + before.len());
    source.text.get(start..end).is_some_and(prints_whole)
}

fn prints_whole(action: &str) -> bool {
    action.split(|letter: char| !letter.is_alphanumeric()).any(|word| matches!(word, "toYaml" | "toYamlPretty"))
}

/// Whether the scalars in two texts of one line are the same value: `"80"` and `'80'` are, `"80"` and `80` are not.
fn is_same(written: &str, printed: &str) -> bool {
    let value = |text: &str| {
        let sources = Sources::new();
        let id = sources.add(Source::new("a scalar", Address::Rendered, text));
        let is_scalar = |root: &Node| root.as_map().is_none() && root.as_seq().is_none();
        let document = Document::parse(id, text).ok()?;
        Some(document.root).filter(is_scalar).map(|root| root.to_json())
    };
    let bare = |text: &str| text.trim_matches(['"', '\'']).to_owned();
    let is_line = !written.contains('\n') && !written.starts_with(['&', '*', '!', '|', '>']);
    is_line && bare(written) == bare(printed) && value(written).is_some_and(|written| Some(written) == value(printed))
}

fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("}}")
}

/// Whether no template names a value by itself or hands on what holds it, so that it is read only as a part of what is printed whole.
fn is_read_whole(context: &Context<'_>, origin: &Origin) -> bool {
    let steps = origin.path.0.iter();
    let keys = || steps.clone().filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None });
    let own = matches!(origin.path.0.last(), Some(Step::Key(_))).then(|| keys().next_back()).flatten();
    let is_seen = |action: &str| {
        let is_named = own.is_some_and(|own| names(action, own, |_| true));
        let is_handed_on = keys().any(|key| names(action, key, |after| !after.starts_with('.')));
        is_named || (is_handed_on && !asks(action))
    };
    let charts = context.chart.with_dependencies();
    let texts = charts.iter().flat_map(|chart| &chart.templates).map(|template| &template.text);
    let mut others = texts.flat_map(|text| actions(text)).filter(|action| !prints_whole(action));
    keys().next().is_some() && !others.any(is_seen)
}

/// What stands in the actions of a template.
fn actions(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap_or(rest))
}

/// Whether an action names a key, as a field or in quotes for `index`, `get` and their like, where what follows is as it is looked for.
fn names(action: &str, key: &str, follows: impl Fn(&str) -> bool) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    action.match_indices(key).any(|(start, _)| {
        let (before, after) = (&action[..start], &action[start + key.len()..]);
        !before.ends_with(is_letter) && !after.starts_with(is_letter) && follows(after)
    })
}

/// Whether an action asks no more of what it names than whether it is there.
fn asks(action: &str) -> bool {
    let action = action.trim_start_matches(['-', ' ']);
    let word = ["if ", "with ", "else if ", "else with "].iter().find_map(|word| action.strip_prefix(word));
    word.is_some_and(|rest| !rest.trim_end_matches(['-', ' ']).contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_the_same_in_other_quotes_and_not_of_another_type() {
        for (written, printed) in [("\"80\"", "'80'"), ("80", "80"), ("\"a\"", "a"), ("true", "true")] {
            assert!(is_same(written, printed), "{written} {printed}");
        }
        for (written, printed) in
            [("\"80\"", "80"), ("1.0", "1"), ("0x10", "16"), ("&a 80", "80"), ("|\n  80", "80"), ("", "null")]
        {
            assert!(!is_same(written, printed), "{written} {printed}");
        }
    }

    #[test]
    fn a_key_is_named_as_a_field_and_in_quotes() {
        let is_named = |action| names(action, "port", |_| true);
        assert!(is_named(" .Values.a.port ") && is_named(" index . \"port\" ") && is_named(".port.x"));
        assert!(!is_named(" .Values.a.ports ") && !is_named(" .Values.containerPort "));
        assert!(!names(".Values.port.x", "port", |after| !after.starts_with('.')));
    }

    #[test]
    fn who_asks_whether_a_value_is_there_does_not_read_it() {
        for action in ["if .Values.a", "- with .Values.a -", "else if $.a"] {
            assert!(asks(action), "{action}");
        }
        for action in ["range .Values.a", "if eq .Values.a 1", "$a := .Values.a", "with index .Values \"a\""] {
            assert!(!asks(action), "{action}");
        }
    }
}
