//! Quantities: what they amount to, and requests that exceed their limits (`ValidateResourceRequirements` in `core/validation`).

use super::{Part, Refused, field, listed};
use crate::kubernetes::Quantity;
use crate::schema::holds;
use crate::text::suggest::nearest;
use crate::yaml::{Entry, Node};

pub(super) fn resources(part: &Part<'_, '_>, refused: &mut Refused) {
    pages(part, refused);
    let (requests, limits) = (field(part.node, "requests"), field(part.node, "limits"));
    for (list, node) in [("requests", requests), ("limits", limits)] {
        for (name, entry) in node.and_then(Node::as_map).into_iter().flat_map(|mapping| mapping.effective()) {
            let list_path = part.path.key(list);
            let path = || list_path.key(&name).to_path();
            let Some(amount) = amount(&entry.value) else { continue };
            let text = entry.value.scalar_text().unwrap_or("");
            if amount.is_negative() {
                let message = format!("`{}` is `{text}`, less than nothing", path());
                refused.say(entry.value.location, path(), message, "");
            }
            named(part, list, &name, entry, amount, refused);
            let limit = limits.filter(|_| list == "requests").and_then(|limits| limits.get(&name));
            let Some((limit, most)) = limit.and_then(|limit| Some((limit.scalar_text()?, self::amount(limit)?))) else {
                continue;
            };
            if amount > most {
                let message = format!("`{}` is `{text}`, more than the limit `{limit}`", path());
                refused.say(entry.value.location, path(), message, "lower the request or raise the limit");
            }
        }
    }
}

/// Claims and pods have resources of other names.
fn is_of_container(part: &Part<'_, '_>) -> bool {
    ["containers", "initContainers"].into_iter().any(|list| part.path.has_key(list))
}

/// `ValidateContainerResourceRequirements`: large pages are for what has memory or a processor.
fn pages(part: &Part<'_, '_>, refused: &mut Refused) {
    let lists =
        || ["requests", "limits"].into_iter().filter_map(|list| Some((list, field(part.node, list)?.as_map()?)));
    let names =
        || lists().flat_map(|(list, map)| map.effective().into_iter().map(move |(name, entry)| (list, name, entry)));
    if names().any(|(_, name, _)| ["cpu", "memory"].contains(&&*name)) || !is_of_container(part) {
        return;
    }
    if let Some((list, name, entry)) = names().find(|(_, name, _)| name.starts_with(PAGES)) {
        let path = part.path.key(list).key(&name).to_path();
        let message = format!("`{path}` needs `cpu` or `memory` beside it");
        refused.say(entry.key.location, path, message, "say how much memory is asked for");
    }
}

/// `validatePodResourceRequirements`: what a pod as a whole may ask for.
pub(super) fn of_pod(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(resources) = field(part.node, "resources").filter(|resources| resources.as_map().is_some()) else {
        return;
    };
    for list in ["requests", "limits"] {
        for (name, entry) in field(resources, list).and_then(Node::as_map).into_iter().flat_map(|map| map.effective()) {
            if ["cpu", "memory"].contains(&&*name) || name.starts_with(PAGES) {
                continue;
            }
            let path = part.path.key("resources").to_path().key(list).key(&name);
            let message =
                format!("`{path}` is for containers alone: a pod as a whole has `cpu`, `memory` and large pages");
            refused.say(entry.key.location, path, message, "write it at a container");
        }
    }
}

/// Pages of a size, which its name goes on with.
const PAGES: &str = "hugepages-";

/// Resources that every node has.
const OWN: [&str; 3] = ["cpu", "ephemeral-storage", "memory"];

/// `validateContainerResourceName` and `ValidateResourceQuantityValue`: what is no resource of Kubernetes has a domain and comes in whole
/// numbers, and as much of it is asked for as is allowed.
fn named(part: &Part<'_, '_>, list: &str, name: &str, entry: &Entry, amount: Quantity, refused: &mut Refused) {
    let path = || part.path.key(list).key(name).to_path();
    let is_pages = name.starts_with(PAGES);
    if OWN.contains(&name) || !is_of_container(part) || name.contains("kubernetes.io/") {
        return;
    }
    if !name.contains('/') && !is_pages || name.starts_with("requests.") {
        let help =
            nearest(name, OWN).map_or("write its domain before it", |_| "write `cpu`, `memory` or `ephemeral-storage`");
        let message = format!("`{}` names no resource of containers", path());
        return refused.say(entry.key.location, path(), message, help);
    }
    if !holds("qualified-name", name) {
        let message = format!("`{}` is no name of a resource", path());
        return refused.say(entry.key.location, path(), message, "write it as `example.com/device`");
    }
    if amount.is_fraction() && !is_pages {
        let message = format!("`{}` is no whole number", path());
        return refused.say(entry.value.location, path(), message, "");
    }
    let limit = field(part.node, "limits").and_then(|limits| field(limits, name)).and_then(self::amount);
    if list == "requests" && limit != Some(amount) {
        let message = format!("`{}` is not what `limits` has, as it has to be", path());
        refused.say(entry.value.location, path(), message, "write the same in `limits`, and leave the request out");
    }
}

fn amount(node: &Node) -> Option<Quantity> {
    Quantity::parse(node.scalar_text()?)
}

/// What limits are for, besides what has a domain in its name.
const LIMITED: [&str; 3] = ["Container", "PersistentVolumeClaim", "Pod"];
/// What a quota may be of, besides what has a domain in its name.
const COUNTED: [&str; 19] = [
    "configmaps",
    "cpu",
    "ephemeral-storage",
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "memory",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
    "requests.storage",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
];

/// Those of which there are whole ones alone, besides what is counted by `count/…`.
const WHOLE: [&str; 9] = [
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
];

/// `ValidateResourceQuotaResourceName` and `ValidateResourceQuantityValue`.
pub(super) fn quota(part: &Part<'_, '_>, refused: &mut Refused) {
    scopes(part, refused);
    for (name, entry) in field(part.node, "hard").and_then(Node::as_map).into_iter().flat_map(|map| map.effective()) {
        let is_known = name.contains('/') || name.contains("hugepages-") || COUNTED.contains(&&*name);
        if !is_known {
            let path = part.path.key("hard").key(&name).to_path();
            let help = nearest(&name, COUNTED).map_or(String::new(), |near| format!("did you mean `{near}`?"));
            let message = format!("`{path}` names nothing that a quota can be of");
            refused.say(entry.key.location, path, message, help);
        }
        let Some(amount) = amount(&entry.value) else { continue };
        let wrong = if amount.is_negative() {
            "less than nothing"
        } else if amount.is_fraction() && WHOLE.contains(&&*name) {
            "no whole number"
        } else {
            continue;
        };
        let path = part.path.key("hard").key(&name).to_path();
        let written = entry.value.scalar_text().unwrap_or_default();
        refused.say(entry.value.location, path.clone(), format!("`{path}` is `{written}`, {wrong}"), "");
    }
}

/// `validateResourceQuotaScopes`: what a quota counts is not the one and the other, and pods without requests have nothing else to count.
fn scopes(part: &Part<'_, '_>, refused: &mut Refused) {
    let given = part.node.items("scopes");
    let has = |scope: &str| given.iter().any(|node| node.as_str() == Some(scope));
    for (one, other) in [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")] {
        if has(one) && has(other) {
            refused.of(part, "scopes", format!("has `{one}` and `{other}`"), "keep one of them");
        }
    }
    let counted = field(part.node, "hard").and_then(Node::as_map).into_iter().flat_map(|map| map.effective());
    let mut others = counted.filter(|(name, _)| name != "pods" && COUNTED.contains(&&**name));
    if let Some((name, _)) = others.find(|_| has("BestEffort")) {
        let what = format!("has `BestEffort`, for which `{name}` cannot be counted");
        refused.of(part, "scopes", what, "count `pods` alone");
    }
}

/// `ValidateLimitRange`: a type has one range, and claims have one of storage.
pub(super) fn ranges(part: &Part<'_, '_>, refused: &mut Refused) {
    let mut seen = std::collections::HashSet::new();
    for (index, range) in part.node.items("limits").iter().enumerate() {
        let Some((node, kind)) = range.get("type").and_then(|node| Some((node, node.as_str()?))) else { continue };
        let path = part.path.key("limits").index(index).key("type").to_path();
        let has_storage =
            ["min", "max"].iter().any(|list| field(range, list).is_some_and(|list| list.get("storage").is_some()));
        if !kind.is_empty() && !seen.insert(kind) {
            let message = format!("`{path}` is `{kind}`, as that of another range is");
            refused.say(node.location, path, message, "make one range of them");
        } else if kind == "PersistentVolumeClaim" && !has_storage {
            let message = format!("`{path}` is `{kind}`, and the range has no `storage` in `min` or `max`");
            refused.say(node.location, path, message, "say how much storage a claim may ask for");
        }
    }
}

/// What a limit may be of a request, at most.
const RATIO: &str = "maxLimitRequestRatio";

/// Limits of a range from the least to the most.
const ORDER: [&str; 4] = ["min", "defaultRequest", "default", "max"];

/// `ValidateLimitRange`: what is more is no less, and pods have no defaults.
pub(super) fn range(part: &Part<'_, '_>, refused: &mut Refused) {
    let kind = part.node.get("type").and_then(Node::as_str).unwrap_or_default();
    if !kind.is_empty() && !kind.contains('/') && !LIMITED.contains(&kind) {
        let what = format!("is `{kind}`, which is none of {}", listed(&LIMITED));
        refused.of(part, "type", what, "");
    }
    if part.node.get("type").and_then(Node::as_str) == Some("Pod") {
        for key in ["default", "defaultRequest"] {
            if field(part.node, key).is_some() {
                refused.of(part, key, "is not for the type `Pod`", "leave it out, or make it a range of `Container`");
            }
        }
        return;
    }
    for (name, entry) in field(part.node, RATIO).and_then(Node::as_map).into_iter().flat_map(|map| map.effective()) {
        if amount(&entry.value).is_some_and(|ratio| Some(ratio) < Quantity::parse("1")) {
            let path = part.path.key(RATIO).key(&name).to_path();
            refused.say(entry.value.location, path.clone(), format!("`{path}` is less than 1"), "");
        }
    }
    let mut resources: Vec<_> = vec![];
    for list in ORDER {
        let entries = field(part.node, list).and_then(Node::as_map).map(crate::yaml::Mapping::effective);
        resources.extend(entries.unwrap_or_default().into_iter().map(|(name, _)| name));
    }
    resources.sort_unstable();
    resources.dedup();
    for name in resources {
        let mut before: Option<(&str, Quantity)> = None;
        for list in ORDER {
            let Some(node) = field(part.node, list).and_then(|list| field(list, &name)) else { continue };
            let Some(amount) = amount(node) else { continue };
            if let Some((less, _)) = before.filter(|(_, least)| *least > amount) {
                let path = part.path.key(list).key(&name).to_path();
                let message = format!("`{path}` is less than `{name}` of `{less}`");
                refused.say(node.location, path, message, "raise it");
                break;
            }
            before = Some((list, amount));
        }
    }
}
