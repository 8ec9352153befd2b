//! What is registered with the API server: rules of webhooks and servers of further APIs (`admissionregistration/validation`,
//! `kube-aggregator/pkg/apis/apiregistration/validation`).

use std::collections::HashSet;

use super::{Part, Refused, field, text};
use crate::yaml::{KeyPath, Node};

/// `validateRule`: each list says something, and `*` stands alone.
pub(super) fn rule(part: &Part<'_, '_>, refused: &mut Refused) {
    for key in ["operations", "apiGroups", "apiVersions", "resources"] {
        let given = part.node.get(key);
        let Some(items) = given.filter(|node| !node.is_null()).map_or(Some(&[][..]), Node::as_seq) else { continue };
        if items.is_empty() {
            refused.missing(part, key, "", "write `[\"*\"]` for all");
        } else if ["apiVersions", "resources"].contains(&key) && items.iter().any(|item| item.as_str() == Some("")) {
            refused.of(part, key, "has an empty text", "write `*` for all");
        } else if key != "resources" && items.len() > 1 && items.iter().any(|item| item.as_str() == Some("*")) {
            refused.of(part, key, "has `*` beside others", "keep `*` alone, or list what is meant");
        } else if key == "resources" && items.iter().any(|item| item.as_str() == Some("*")) && has_whole(items) {
            refused.of(
                part,
                key,
                "has `*` beside others",
                "keep `*`, and with it parts of resources such as `pods/log`",
            );
        }
    }
}

/// `validateResources`: what names a part of all resources, or all parts of one, has others in it.
pub(super) fn resources(part: &Part<'_, '_>, refused: &mut Refused) {
    let items = part.node.items("resources");
    let names: Vec<&str> = items.iter().filter_map(Node::as_str).collect();
    let mut before = HashSet::new();
    for name in &names {
        let Some((whole, piece)) = name.split_once('/') else { continue };
        let wide = [format!("{whole}/*"), format!("*/{piece}")];
        let wide = wide.into_iter().find(|wide| before.contains(wide.as_str()));
        before.insert(*name);
        if let Some(wide) = wide {
            let what = format!("has `{name}`, which is a part of `{wide}`");
            return refused.of(part, "resources", what, "leave it out");
        }
    }
    if names.len() > 1 && names.contains(&"*/*") {
        refused.of(part, "resources", "has `*/*` beside others", "keep `*/*` alone, or list what is meant");
    }
}

/// Whether a list names a resource besides `*`, and not only parts of some.
fn has_whole(items: &[Node]) -> bool {
    items.iter().filter_map(Node::as_str).any(|item| item != "*" && !item.contains('/'))
}

/// `ValidateAPIService`: its name is its version and its group.
pub(super) fn service(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(spec) = field(part.node, "spec") else { return };
    let (group, version) = (text(spec, "group"), text(spec, "version"));
    let name = KeyPath::dotted("metadata.name");
    if let Some(node) = part.node.at(&name).filter(|_| !group.is_empty() && !version.is_empty()) {
        let wanted = format!("{version}.{group}");
        let given = node.as_str().unwrap_or_default();
        if !given.is_empty() && given != wanted {
            let message = format!("`{name}` is `{given}`, and has to be version and group: `{wanted}`");
            refused.say(node.location, name, message, format!("write `{wanted}`"));
        }
    }
    let skips = spec.get("insecureSkipTLSVerify").and_then(Node::as_bool) == Some(true);
    if let Some(bundle) =
        spec.get("caBundle").filter(|bundle| skips && bundle.as_str().is_some_and(|text| !text.is_empty()))
    {
        let path = part.path.key("spec").key("caBundle").to_path();
        let message = format!("`{path}` stands beside `insecureSkipTLSVerify: true`");
        refused.say(bundle.location, path, message, "leave out `insecureSkipTLSVerify`");
    }
}
