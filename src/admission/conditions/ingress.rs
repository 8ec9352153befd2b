//! Ingresses (`networking/validation`: `validateIngressSpec`, `validateIngressRules`, `validateHTTPIngressPath`, `validateIngressBackend`).

use std::net::IpAddr;

use super::super::labels::is_subdomain;
use super::{Part, Refused, field, key_of, text};
use crate::schema::holds;
use crate::yaml::Node;

/// Parts that a path may not have, and those that it may not end with.
const MISLEADING: [&str; 5] = ["//", "/./", "/../", "%2f", "%2F"];
const MISLEADING_ENDS: [&str; 2] = ["/..", "/."];

pub(super) fn spec(part: &Part<'_, '_>, refused: &mut Refused) {
    let has_rules = part.node.get("rules").and_then(Node::as_seq).is_some_and(|rules| !rules.is_empty());
    if !has_rules && field(part.node, "defaultBackend").is_none() {
        let path = part.path.key("rules").to_path();
        let message = format!("`{path}` has no rule, and there is no `defaultBackend`");
        refused.say(key_of(part.node, "rules").unwrap_or(part.at), path, message, "set one of them");
    }
}

/// `ValidateIngressCreate`: where the class is named twice, it is the same.
pub(super) fn classes(part: &Part<'_, '_>, refused: &mut Refused) {
    const CLASS: &str = "kubernetes.io/ingress.class";
    let named = field(part.node, "spec").map_or("", |spec| text(spec, "ingressClassName"));
    let annotations = field(part.node, "metadata").and_then(|metadata| field(metadata, "annotations"));
    let Some(annotations) = annotations.filter(|_| !named.is_empty()) else { return };
    let Some(given) = annotations.get(CLASS).and_then(Node::as_str) else { return };
    if let Some(at) = key_of(annotations, CLASS).filter(|_| given != named) {
        let path = part.path.key("metadata").key("annotations").to_path().key(CLASS);
        let message = format!("the annotation `{CLASS}` is `{given}`, and `spec.ingressClassName` is `{named}`");
        refused.say(at, path, message, "leave the annotation out");
    }
}

pub(super) fn rule(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some((node, host)) = part.node.get("host").and_then(|node| Some((node, node.as_str()?))) else { return };
    if host.parse::<IpAddr>().is_ok() {
        refused.of(part, "host", format!("is `{host}`, an address and no name"), NAMES);
    } else if !host.is_empty() {
        self::host(node, part, "host", refused);
    }
}

/// `validateIngressTLS`: an address may be among these.
pub(super) fn tls(part: &Part<'_, '_>, refused: &mut Refused) {
    let hosts = part.node.items("hosts");
    for host in hosts {
        self::host(host, part, "hosts", refused);
    }
}

const NAMES: &str = "use lower-case letters, digits, `-` and `.`, with `*.` at the start for all names below";

fn host(node: &Node, part: &Part<'_, '_>, key: &str, refused: &mut Refused) {
    let Some(text) = node.as_str() else { return };
    let path = part.path.key(key).to_path();
    let message = match text {
        "" => format!("`{path}` has an empty name of a host"),
        text if !is_subdomain(text.strip_prefix("*.").unwrap_or(text)) => {
            format!("`{path}` is `{text}`, which is no name of a host")
        }
        _ => return,
    };
    refused.say(node.location, path, message, NAMES);
}

/// `validateHTTPIngressPath`: a path may be left out where the controller says what that means.
pub(super) fn path(part: &Part<'_, '_>, refused: &mut Refused) {
    let is_exact = ["Exact", "Prefix"].contains(&self::text(part.node, "pathType"));
    if field(part.node, "path").is_some_and(|node| node.as_str().is_none()) {
        return;
    }
    let text = self::text(part.node, "path");
    if text.is_empty() && is_exact {
        refused.missing(part, "path", ": its type is `Exact` or `Prefix`", "write `path: /`");
    } else if !text.is_empty() && !text.starts_with('/') {
        refused.of(part, "path", format!("is `{text}`, which does not begin with `/`"), "");
    }
    if !is_exact {
        return;
    }
    let inner = MISLEADING.into_iter().find(|wrong| text.contains(wrong));
    let end = MISLEADING_ENDS.into_iter().find(|wrong| text.ends_with(wrong));
    if let Some(wrong) = inner.or(end).filter(|_| text.starts_with('/')) {
        refused.of(part, "path", format!("is `{text}`, and may not have `{wrong}`"), "");
    }
}

pub(super) fn backend(part: &Part<'_, '_>, refused: &mut Refused) {
    super::one_of(part, &["service", "resource"], refused);
}

/// `validateIngressClassParametersReference`: a namespace stands beside the scope `Namespace`, and nowhere else.
pub(super) fn parameters(part: &Part<'_, '_>, refused: &mut Refused) {
    let is_local = text(part.node, "scope") == "Namespace";
    let named = text(part.node, "namespace");
    if is_local && field(part.node, "namespace").is_none() {
        refused.missing(part, "namespace", ": the scope is `Namespace`", "name it, or write `scope: Cluster`");
    } else if is_local && !holds("dns-label", named) {
        refused.of(part, "namespace", format!("is `{named}`, which is no name of a namespace"), "");
    } else if !is_local && field(part.node, "namespace").is_some() {
        refused.of(part, "namespace", "is for `scope: Namespace` alone", "leave it out, or write that");
    }
}

pub(super) fn service(part: &Part<'_, '_>, refused: &mut Refused) {
    let given = field(part.node, "port");
    let has_name = given.is_some_and(|given| !text(given, "name").is_empty());
    let number = given.and_then(|given| field(given, "number")).filter(|number| number.scalar_text() != Some("0"));
    let path = part.path.key("port").to_path();
    let at = key_of(part.node, "port").unwrap_or(part.at);
    match (has_name, number) {
        (true, Some(number)) => {
            let message = format!("`{path}` has `name` and `number` at once");
            refused.say(number.location, path, message, "set one of them");
        }
        (false, None) => {
            let message = format!("`{path}` has neither `name` nor `number`");
            refused.say(at, path, message, "name a port of the service");
        }
        _ => {}
    }
}

/// `validateHTTPIngressRuleValue`.
pub(super) fn paths(part: &Part<'_, '_>, refused: &mut Refused) {
    if part.node.get("paths").and_then(Node::as_seq).is_some_and(<[Node]>::is_empty) {
        refused.of(part, "paths", "has no path", "list one");
    }
}
