//! Network policies and webhooks (`networking/validation`, `admissionregistration/validation`).

use super::super::labels::is_subdomain;
use super::{Part, Refused, field, key_of, listed, number, text};
use crate::schema::holds;
use crate::yaml::Node;

/// `ValidateNetworkPolicyPeer`.
pub(super) fn peer(part: &Part<'_, '_>, refused: &mut Refused) {
    let selects = ["podSelector", "namespaceSelector"].into_iter().any(|key| field(part.node, key).is_some());
    let has_block = field(part.node, "ipBlock").is_some();
    if has_block != selects {
        return;
    }
    let path = part.path.to_path();
    match (has_block, selects) {
        (true, true) => {
            let at = key_of(part.node, "ipBlock").unwrap_or(part.at);
            refused.say(at, path.clone(), format!("`{path}` has `ipBlock` beside a selector"), "make two peers of it");
        }
        (false, false) => {
            let names = listed(&["ipBlock", "podSelector", "namespaceSelector"]);
            refused.say(part.at, path.clone(), format!("`{path}` names nobody"), format!("set one of {names}"));
        }
        _ => {}
    }
}

/// `ValidateIPBlock`.
pub(super) fn block(part: &Part<'_, '_>, refused: &mut Refused) {
    let except = part.node.items("except");
    for node in part.node.get("cidr").into_iter().chain(except) {
        let Some(value) = node.as_str().filter(|value| !holds("cidr", value)) else { continue };
        let path = part.path.to_path();
        let message = format!("`{path}` has `{value}`, which is no range of addresses");
        refused.say(node.location, path.key("cidr"), message, "write it as `10.0.0.0/8`");
    }
    let Some(whole) = part.node.get("cidr").and_then(Node::as_str).and_then(range) else { return };
    for (index, node) in except.iter().enumerate() {
        let Some((text, part_of)) = node.as_str().and_then(|text| Some((text, range(text)?))) else { continue };
        let path = part.path.key("except").index(index).to_path();
        if !is_inside(part_of, whole) {
            let message = format!("`{path}` is `{text}`, which is no part of `cidr`");
            refused.say(node.location, path, message, "leave it out, or write a part of the range");
        }
    }
}

/// A range of addresses: its first and its length in bits, of as many as an address has.
type Range = (u128, u32, u32);

fn range(text: &str) -> Option<Range> {
    let (address, bits) = text.split_once('/')?;
    let (address, all) = match address.parse().ok()? {
        std::net::IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        std::net::IpAddr::V6(address) => (u128::from(address), 128),
    };
    Some((address, bits.parse().ok().filter(|bits| *bits <= all)?, all))
}

/// Whether a range is a smaller one inside of another.
fn is_inside((address, bits, all): Range, (whole, of_whole, of_all): Range) -> bool {
    let start = |address: u128| address.checked_shr(all - of_whole).unwrap_or(0);
    all == of_all && bits > of_whole && start(address) == start(whole)
}

/// `ValidateNetworkPolicyPort`.
pub(super) fn port(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(end) = number(part.node, "endPort") else { return };
    let path = part.path.key("endPort").to_path();
    let at = part.node.get("endPort").map_or(part.at, |node| node.location);
    match number(part.node, "port") {
        None => refused.say(at, path.clone(), format!("`{path}` needs a `port` that is a number"), ""),
        Some(first) if end < first => {
            refused.say(at, path.clone(), format!("`{path}` is {end}, less than `port`, which is {first}"), "");
        }
        Some(_) => {}
    }
}

/// `validateWebhook…`: a name with three parts, and one way to ask.
pub(super) fn webhook(part: &Part<'_, '_>, refused: &mut Refused) {
    if let Some((node, name)) = part.node.get("name").and_then(|node| Some((node, node.as_str()?)))
        && !name.is_empty()
        && (name.split('.').count() < 3 || !is_subdomain(name))
    {
        let path = part.path.key("name").to_path();
        let message = format!("`{path}` is `{name}`, and has to be a domain of three parts");
        refused.say(node.location, path, message, "write it as `check.example.com`");
    }
    let versions = part.node.get("admissionReviewVersions").and_then(Node::as_seq);
    if versions.is_some_and(<[Node]>::is_empty) {
        let path = part.path.key("admissionReviewVersions").to_path();
        let at = key_of(part.node, "admissionReviewVersions").unwrap_or(part.at);
        refused.say(at, path.clone(), format!("`{path}` names no version"), "write `[v1]`");
    } else if versions
        .is_some_and(|list| !list.iter().any(|version| matches!(version.as_str(), Some("v1" | "v1beta1"))))
    {
        refused.of(part, "admissionReviewVersions", "has neither `v1` nor `v1beta1`", "add `v1`");
    }
    let mut seen = std::collections::HashSet::new();
    let mut names = versions.unwrap_or_default().iter().filter_map(Node::as_str);
    if let Some(twice) = names.find(|name| !seen.insert(*name)) {
        refused.of(part, "admissionReviewVersions", format!("has `{twice}` twice"), "leave one of them out");
    }
}

/// `ValidateWebhookURL` and `ValidateWebhookService`.
pub(super) fn client(part: &Part<'_, '_>, refused: &mut Refused) {
    super::one_of(part, &["service", "url"], refused);
    let url = text(part.node, "url");
    if let Some(node) = part.node.get("url").filter(|_| !url.is_empty() && !url.starts_with("https://")) {
        let path = part.path.key("url").to_path();
        refused.say(node.location, path.clone(), format!("`{path}` is `{url}`, and has to begin with `https://`"), "");
    } else if let Some(rest) = url.strip_prefix("https://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let wrong = if host.is_empty() {
            "has no host"
        } else if host.contains('@') {
            "has a user, who is not sent"
        } else if rest.contains(['?', '#']) {
            "has a part behind `?` or `#`, which is not sent"
        } else {
            ""
        };
        if !wrong.is_empty() {
            refused.of(part, "url", format!("is `{url}`, and {wrong}"), "");
        }
    }
    let service = field(part.node, "service").and_then(|service| service.get("path"));
    if let Some((node, given)) = service.and_then(|node| Some((node, node.as_str()?)))
        && !given.is_empty()
        && !given.starts_with('/')
    {
        let path = part.path.key("service").key("path").to_path();
        let message = format!("`{path}` is `{given}`, and has to begin with `/`");
        refused.say(node.location, path, message, format!("write `/{given}`"));
    }
}

/// `ValidateHostAliases`: names for an address.
pub(super) fn alias(part: &Part<'_, '_>, refused: &mut Refused) {
    let ip = text(part.node, "ip");
    if !ip.is_empty() && ip.parse::<std::net::IpAddr>().is_err() {
        refused.of(part, "ip", format!("is `{ip}`, which is no address"), "");
    }
}

/// Servers and domains that a pod may ask.
const SERVERS: usize = 3;
const DOMAINS: usize = 32;

/// `validatePodDNSConfig`.
pub(super) fn resolver(part: &Part<'_, '_>, refused: &mut Refused) {
    let items = |key: &str| part.node.items(key);
    for (key, most) in [("nameservers", SERVERS), ("searches", DOMAINS)] {
        let count = items(key).len();
        if count > most {
            refused.of(part, key, format!("has {count} entries, more than {most}"), "");
        }
    }
    for (index, node) in items("searches").iter().enumerate() {
        // Underscores and a dot alone are taken by newer versions.
        let fits = |text: &str| text == "." || is_subdomain(&text.strip_suffix('.').unwrap_or(text).replace('_', "a"));
        let Some(text) = node.as_str().filter(|text| !fits(text)) else { continue };
        let path = part.path.key("searches").index(index).to_path();
        refused.say(node.location, path.clone(), format!("`{path}` is `{text}`, which is no domain"), "");
    }
    for (index, node) in items("nameservers").iter().enumerate() {
        let Some(ip) = node.as_str().filter(|ip| ip.parse::<std::net::IpAddr>().is_err()) else { continue };
        let path = part.path.key("nameservers").index(index).to_path();
        refused.say(node.location, path.clone(), format!("`{path}` is `{ip}`, which is no address"), "");
    }
}

/// `ValidateNetworkPolicySpec`: there are two types, and no more.
pub(super) fn policy(part: &Part<'_, '_>, refused: &mut Refused) {
    if part.node.get("policyTypes").and_then(Node::as_seq).is_some_and(|types| types.len() > 2) {
        refused.of(part, "policyTypes", "has more than two types", "list each once");
    }
}
