//! Config maps and secrets that a release does not have, and keys that they do not have.

use super::Problems;
use super::named::Named;
use super::release::{Release, problem};
use crate::render::Object;
use crate::yaml::{Mapping, Node};

pub(super) fn look<'a>(object: Object<'a>, named: &Named<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    let Some(name) = named.name.as_str() else { return };
    let (kind, word) = (named.kind, if named.kind == "Secret" { "secret" } else { "config map" });
    let Some(target) = release.find("", kind, name) else {
        if release.is_surely_own(object, named.name) {
            let what = format!("the {word} `{name}` is not there");
            let help = if named.may_be_optional {
                "name one that the release has, or make it `optional`"
            } else {
                "name one that the release has"
            };
            problems.push(problem(object, named.name.location, format!("{kind} {name}"), what, help));
        }
        return;
    };
    let Some(known) = held(target) else { return };
    for key in &named.keys {
        let Some(text) = key.as_str().filter(|text| !known.iter().any(|known| known == text)) else { continue };
        let what = format!("the {word} `{name}` has no key `{text}`");
        let help = "name a key that it has, or add it there";
        problems.push(problem(object, key.location, format!("{kind} {name} {text}"), what, help));
    }
}

/// The keys of a config map or a secret; none where others may come in the cluster.
fn held(object: Object<'_>) -> Option<Vec<String>> {
    let of = |field: &str| object.root.get(field).and_then(Node::as_map).map(Mapping::effective).unwrap_or_default();
    let keys = ["data", "binaryData", "stringData"].into_iter().flat_map(of);
    let keys: Vec<String> = keys.map(|(key, _)| key.into_owned()).collect();
    let text = |field: &str| object.root.get(field).and_then(Node::as_str).unwrap_or("");
    // What is made empty, or carries annotations, may be filled by somebody else.
    let is_filled = text("type").contains("service-account-token")
        || object.metadata("annotations").is_some_and(|each| !each.is_null());
    (!keys.is_empty() && !is_filled).then_some(keys)
}
