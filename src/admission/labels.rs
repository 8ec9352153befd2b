//! Labels, annotations and selectors: their keys and values, as `k8s.io/apimachinery` validates them.

use super::walk::{self, Part};
use crate::kubernetes::{Minor, shape};
use crate::render::Object;
use crate::schema::{Defect, Violation};
use crate::text::Location;
use crate::yaml::path::Trail;
use crate::yaml::{KeyPath, Node};

/// Bytes that the annotations of an object may have.
const ANNOTATIONS: usize = 256 * 1024;
/// Characters of the name in a key, and of a value.
const LENGTH: usize = 63;

/// What is wrong with the labels and annotations of an object and of what it makes, and with its selectors.
pub fn invalid(object: &Object<'_>, minor: Minor) -> Vec<Violation> {
    let mut found = vec![];
    let Some(shape) = shape(object.api_version(), object.kind(), minor) else {
        if let Some(metadata) = object.root.get("metadata") {
            of_metadata(metadata, &Trail::Root.key("metadata"), &mut found);
        }
        return found;
    };
    walk::parts(object.root, shape, &mut |part| of_part(part, minor, &mut found));
    found
}

/// The first version that asks of values in required affinity to nodes that they be a label's.
const STRICT: Minor = Minor(34);

fn of_part(part: &Part<'_, '_>, minor: Minor, found: &mut Vec<Violation>) {
    match part.name {
        "meta.v1.ObjectMeta" => of_metadata(part.node, part.path, found),
        "meta.v1.LabelSelector" => labels(part.node, "matchLabels", part.path, found),
        "core.v1.ServiceSpec" | "core.v1.ReplicationControllerSpec" => labels(part.node, "selector", part.path, found),
        "core.v1.PodSpec" => labels(part.node, "nodeSelector", part.path, found),
        "meta.v1.LabelSelectorRequirement" => {
            keys(part, "key", found);
            values(part, "values", found);
        }
        "core.v1.NodeSelectorRequirement" if !part.path.has_key("matchFields") => {
            keys(part, "key", found);
            // A value that no node has makes no difference to a mere preference.
            if minor >= STRICT && !part.path.has_key("preferredDuringSchedulingIgnoredDuringExecution") {
                values(part, "values", found);
            }
        }
        "core.v1.Toleration" => {
            if part.node.get("key").is_some_and(|key| key.as_str() != Some("")) {
                keys(part, "key", found);
            }
            if part
                .node
                .get("operator")
                .is_none_or(|operator| operator.is_null() || matches!(operator.as_str(), Some("" | "Equal")))
            {
                values(part, "value", found);
            }
        }
        "core.v1.PodAffinityTerm" => {
            if part.node.get("topologyKey").is_some_and(|key| key.as_str() != Some("")) {
                keys(part, "topologyKey", found);
            }
            keys(part, "matchLabelKeys", found);
            keys(part, "mismatchLabelKeys", found);
        }
        "core.v1.TopologySpreadConstraint" => keys(part, "matchLabelKeys", found),
        "core.v1.TopologySelectorLabelRequirement" => keys(part, "key", found),
        _ => {}
    }
}

/// The texts of a field: its own, or those of its list.
fn texts<'a>(part: &Part<'a, '_>, field: &str) -> impl Iterator<Item = (&'a Node, &'a str)> {
    let node = part.node.get(field);
    let items = node.map(|node| node.as_seq().unwrap_or(std::slice::from_ref(node))).unwrap_or_default();
    items.iter().filter_map(|item| Some((item, item.as_str()?)))
}

/// Keys of labels that a field names.
fn keys(part: &Part<'_, '_>, field: &str, found: &mut Vec<Violation>) {
    for (node, key) in texts(part, field) {
        check_key(key, node.location, &part.path.key(field), found);
    }
}

/// Values of labels that a field names.
fn values(part: &Part<'_, '_>, field: &str, found: &mut Vec<Violation>) {
    for (node, value) in texts(part, field) {
        if let Some(problem) = wrong_value(value) {
            let path = part.path.key(field).to_path();
            let message = format!("the value `{}` of `{path}` {problem}", short(value));
            say(node.location, path, message, None, found);
        }
    }
}

fn of_metadata(metadata: &Node, path: &Trail<'_>, found: &mut Vec<Violation>) {
    labels(metadata, "labels", path, found);
    let Some(entry) = metadata.entry("annotations") else { return };
    let path = path.key("annotations");
    let mut size = 0;
    for (key, annotation) in entry.value.as_map().into_iter().flat_map(|mapping| mapping.effective()) {
        size += key.len() + annotation.value.scalar_text().map_or(0, str::len);
        check_key(&key.to_lowercase(), annotation.key.location, &path.key(&key), found);
    }
    if size > ANNOTATIONS {
        let message = format!("the annotations have {size} bytes, more than the {ANNOTATIONS} that an object may have");
        say(entry.key.location, path.to_path(), message, None, found);
    }
}

fn labels(of: &Node, field: &str, path: &Trail<'_>, found: &mut Vec<Violation>) {
    let path = path.key(field);
    for (key, entry) in of.get(field).and_then(Node::as_map).into_iter().flat_map(|mapping| mapping.effective()) {
        let path = path.key(&key);
        check_key(&key, entry.key.location, &path, found);
        // What is no text is another rule's.
        let Some(value) = entry.value.as_str() else { continue };
        if let Some(problem) = wrong_value(value) {
            let help = fitting(value).map(|fit| format!("write `{fit}`, say"));
            say(
                entry.value.location,
                path.to_path(),
                format!("the value `{}` of label `{key}` {problem}", short(value)),
                help,
                found,
            );
        }
    }
}

fn check_key(key: &str, at: Location, path: &Trail<'_>, found: &mut Vec<Violation>) {
    if let Some(problem) = wrong_key(key) {
        say(at, path.to_path(), format!("the key `{}` {problem}", short(key)), None, found);
    }
}

fn say(location: Location, path: KeyPath, message: String, help: Option<String>, found: &mut Vec<Violation>) {
    found.push(Violation { location, path, defect: Defect::Value, message, help, correction: None, schema: None });
}

/// What keeps a text from being a label's value.
fn wrong_value(value: &str) -> Option<String> {
    if value.len() > LENGTH {
        return Some(format!("is {} characters long, longer than {LENGTH}", value.len()));
    }
    let fits = value.is_empty() || is_name(value);
    (!fits).then(|| "may only have letters, digits, `-`, `_` and `.`, and a letter or digit at both ends".to_owned())
}

/// What keeps a text from being a key (`IsQualifiedName`).
pub(super) fn wrong_key(key: &str) -> Option<String> {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    if prefix.is_some_and(|prefix| !is_subdomain(prefix)) {
        return Some("has a part before `/` that is no domain in lower case".to_owned());
    }
    if name.len() > LENGTH {
        return Some(format!("has a name of {} characters, more than {LENGTH}", name.len()));
    }
    let message = "needs a name of letters, digits, `-`, `_` and `.`, with a letter or digit at both ends";
    (!is_name(name)).then(|| message.to_owned())
}

/// A text that a label may have and that is near to one that it may not.
fn fitting(value: &str) -> Option<String> {
    let replaced: String =
        value.chars().map(|letter| if is_inner(letter) { letter } else { '_' }).take(LENGTH).collect();
    let fit = replaced.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    (!fit.is_empty()).then(|| fit.to_owned())
}

fn is_inner(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')
}

fn is_name(text: &str) -> bool {
    let is_end = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    text.chars().all(is_inner) && is_end(text.chars().next()) && is_end(text.chars().next_back())
}

/// A subdomain of DNS (RFC 1123).
pub fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(|label| label.len() <= 253 && is_label(label))
}

fn is_label(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let cut: String = line.chars().take(80).collect();
    if cut.len() < text.len() { cut + "…" } else { cut }
}
