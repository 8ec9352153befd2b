//! Corrections of rendered fields, written where the template or the values have what is to be corrected word for word.

use super::{called_template, edits, printed};
use crate::finding::Fix;
use crate::render::{Object, Origins};
use crate::rule::Context;
use crate::schema::Correction;
use crate::text::edit::Edit;
use crate::text::{Location, Span};
use crate::yaml::edit::quoted;

/// The fix of a part of an object; none where it cannot be told what wrote it.
pub(super) fn fix(context: &Context<'_>, object: Object<'_>, at: Location, correction: &Correction) -> Option<Fix> {
    let origins = object.origins(at);
    let rendered = context.sources.get(at.source).slice(at.span).to_owned();
    let fix = match correction {
        // What stands under a name that nobody knows is not looked into.
        Correction::Name(name) => named(context, &origins, (&rendered, name)).map(Fix::uncovering),
        Correction::Value(value) => {
            let words = (rendered.as_str(), value.as_str());
            valued(context, &origins, words).or_else(|| printed::scalar(context, &origins, words))
        }
    };
    fix.map(|fix| called_template::cautious(context, &origins, fix))
}

/// A field under another name: in the template's text, or as a key of the values that are printed as they are.
fn named(context: &Context<'_>, origins: &Origins, (old, new): (&str, &str)) -> Option<Fix> {
    let title = format!("rename `{old}` to `{new}`");
    let in_template = edits::word(context, origins.template?, (old, new), title.as_str());
    in_template.or_else(|| {
        let [origin] = origins.printed.as_slice() else { return None };
        let place = key_in(context, origin.location, old).filter(|_| !origin.is_absent)?;
        edits::word(context, place, (old, new), title.as_str())
    })
}

/// The only key of a name in a part of a values file that is printed as it is.
fn key_in(context: &Context<'_>, printed: Location, key: &str) -> Option<Location> {
    let source = context.sources.get(printed.source);
    let text = source.slice(printed.span);
    let is_key = |start: &usize| {
        let (before, after) = (&text[..*start], &text[start + key.len()..]);
        let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
        let is_first = line.trim_end().is_empty() || line.trim_end().ends_with(['-', '{', ',']);
        is_first && after.trim_start_matches(' ').starts_with(':')
    };
    let mut starts = text.match_indices(key).map(|(start, _)| start).filter(is_key);
    let start = starts.next().filter(|_| starts.next().is_none())? + printed.span.start as usize;
    Some(Location::new(printed.source, Span::new(start, start + key.len())))
}

/// Whether a text of a template is all that makes a value: not where it stands between actions, since another branch may print another that would be
/// as wrong, nor inside one, which prints it without its quotes, nor behind a tag, which makes of it what it says.
fn is_all(template: &str, place: Location) -> bool {
    let range = place.span.range();
    let (Some(before), Some(after)) = (template.get(..range.start), template.get(range.end..)) else { return false };
    let is_of_branch = before.ends_with("}}") && after.starts_with("{{");
    let is_of_action = before.rfind("{{") > before.rfind("}}");
    let is_tagged = before.split_whitespace().next_back().is_some_and(|word| word.starts_with('!'));
    !is_of_branch && !is_of_action && !is_tagged
}

/// A value written otherwise: in the template's text, or by `quote` in the action that prints it.
fn valued(context: &Context<'_>, origins: &Origins, (old, new): (&str, &str)) -> Option<Fix> {
    let place = origins.template?;
    let source = context.sources.get(place.source);
    let written = source.slice(place.span);
    if written == old {
        if !is_all(&source.text, place) {
            return None;
        }
        let edits = vec![Edit::replacement(place, new)];
        return (!old.is_empty()).then(|| Fix::safe(format!("write `{new}`"), edits));
    }
    let after = source.text.get(place.span.end as usize..)?.trim_start_matches([' ', '-']);
    let before = source.text.get(..place.span.start as usize)?.trim_end_matches([' ', '-']);
    let is_action = before.ends_with("{{") && after.starts_with("}}");
    let [origin] = origins.printed.as_slice() else { return None };
    let is_field = written.starts_with(['.', '$'])
        && written.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._$".contains(&byte));
    let prints_all = context.sources.get(origin.location.source).slice(origin.location.span) == old;
    let at = place.span.end as usize;
    let edits = vec![Edit::replacement(Location::new(place.source, Span::new(at, at)), " | quote")];
    // What is called from several places may be wanted as a number elsewhere.
    let is_own = origins.line() == Some(place);
    (is_field && is_action && prints_all && is_own && new == quoted(old))
        .then(|| Fix::safe("print it with `quote`", edits))
}
