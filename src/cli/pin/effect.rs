//! What pins do to what renders, besides giving images their digests.

use std::collections::BTreeMap;

use super::plan::Planned;
use crate::gate::Survey;
use crate::render::{Error, ErrorKind, Rendered};
use crate::rule::ProfileView;
use crate::text::Sources;
use crate::yaml::{KeyPath, Node, Value};

/// Which chart, under which profile.
type Of<'s> = (&'s str, &'s str);

fn views(survey: &Survey) -> BTreeMap<Of<'_>, &ProfileView> {
    let of_chart = survey.charts.iter().flat_map(|chart| chart.views.iter().map(|view| (&*chart.path, view)));
    of_chart.map(|(path, view)| ((path, &*view.profile.name), view)).collect()
}

/// The first profile that renders before and no longer, with the reason in Helm's words and its place.
pub(super) fn broken(before: &Survey, after: &Survey, sources: &Sources) -> Option<String> {
    let (before, after) = (views(before), views(after));
    let newly = after.iter().find_map(|(of, view)| {
        let known = before.get(of)?;
        let error = why_not(view).filter(|_| why_not(known).is_none())?;
        Some((of, error))
    });
    let ((chart, profile), error) = newly?;
    let at = place(error, sources).map(|at| format!(" at {at}")).unwrap_or_default();
    let message = error.message.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!("with its digest `{chart}` would not render under `{profile}`{at}: {message}"))
}

fn why_not(view: &ProfileView) -> Option<&Error> {
    view.rendered.as_ref().and_then(|rendered| rendered.as_ref().err()).or(view.no_upgrade.as_ref())
}

fn place(error: &Error, sources: &Sources) -> Option<String> {
    let asked = match &error.kind {
        ErrorKind::Schema(unmet) => unmet.iter().find_map(|unmet| unmet.asked.or(unmet.value)),
        _ => None,
    };
    asked.or(error.at.last().copied()).map(|at| sources.seen(at))
}

/// The first thing that renders otherwise though no digest stands in it: a template compares what was written to.
pub(super) fn altered(before: &Survey, after: &Survey, pins: &[Planned]) -> Option<String> {
    let (before, after) = (views(before), views(after));
    after.iter().find_map(|(of, view)| {
        let (Some(Ok(old)), Some(Ok(new))) = (&before.get(of)?.rendered, &view.rendered) else { return None };
        let place = otherwise(old, new, pins)?;
        Some(format!(
            "with its digest {place} under `{}`, as a template looks at the tag; let it read a digest of its own",
            of.1
        ))
    })
}

fn otherwise(old: &Rendered, new: &Rendered, pins: &[Planned]) -> Option<String> {
    let named = |rendered: &Rendered| -> Vec<String> { rendered.objects().map(|object| object.label()).collect() };
    let (old_names, new_names) = (named(old), named(new));
    if old_names.len() != new_names.len() {
        let gone = old_names.iter().find(|name| !new_names.contains(name));
        let come = new_names.iter().find(|name| !old_names.contains(name));
        return gone
            .map(|name| format!("`{name}` would be gone"))
            .or_else(|| come.map(|name| format!("`{name}` would be there too")));
    }
    old.objects().zip(new.objects()).find_map(|(old, new)| {
        let (path, how) = differing(old.root, new.root, &KeyPath::default(), pins)?;
        Some(format!("`{path}` of `{}` would be {how}", new.label()))
    })
}

/// The first path at which two trees differ in more than a digest, or what is counted from one.
fn differing(old: &Node, new: &Node, path: &KeyPath, pins: &[Planned]) -> Option<(KeyPath, &'static str)> {
    match (&old.value, &new.value) {
        (Value::Map(before), Value::Map(after)) => {
            for (key, entry) in before.effective() {
                let below = path.key(&key);
                let Some(other) = new.get(&key) else { return Some((below, "gone")) };
                if let Some(found) = differing(&entry.value, other, &below, pins) {
                    return Some(found);
                }
            }
            let come = after.effective().into_iter().find(|(key, _)| old.get(key).is_none());
            come.map(|(key, _)| (path.key(&key), "there too"))
        }
        (Value::Seq(before), Value::Seq(after)) if before.len() == after.len() => {
            let mut pairs = before.iter().zip(after.iter()).enumerate();
            pairs.find_map(|(index, (before, after))| differing(before, after, &path.index(index), pins))
        }
        _ => match (old.scalar_text(), new.scalar_text()) {
            (Some(before), Some(after)) if before == after || is_due(before, after, pins) => None,
            _ => Some((path.clone(), "otherwise")),
        },
    }
}

/// Whether a text has a digest in it now, or differs in checksums alone.
fn is_due(before: &str, after: &str, pins: &[Planned]) -> bool {
    let has_digest = |pin: &Planned| after.contains(pin.digest.rsplit(':').next().unwrap_or_default());
    let words = |text: &str| text.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_owned).collect();
    let (before, now): (Vec<String>, Vec<String>) = (words(before), words(after));
    let is_sum = |word: &str| word.len() >= SUM && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_alike = |(before, now): (&String, &String)| {
        before == now || (before.len() == now.len() && is_sum(before) && is_sum(now))
    };
    pins.iter().any(has_digest) || (before.len() == now.len() && before.iter().zip(&now).all(is_alike))
}

/// Digits of the shortest checksums that names end with.
const SUM: usize = 5;
