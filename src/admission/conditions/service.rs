//! Services (`ValidateService` in `core/validation`).

use std::net::IpAddr;

use super::super::labels::is_subdomain;
use super::{Part, Refused, field, key_of, number, shown, text};
use crate::schema::holds;
use crate::yaml::Node;

pub(super) fn spec(part: &Part<'_, '_>, refused: &mut Refused) {
    let kind = match text(part.node, "type") {
        "" => "ClusterIP",
        kind => kind,
    };
    let ports = part.node.get("ports").and_then(Node::as_seq).unwrap_or_default();
    let is_headless = text(part.node, "clusterIP") == "None";
    if ports.is_empty() && kind != "ExternalName" && !is_headless {
        let at = key_of(part.node, "ports").unwrap_or(part.at);
        let path = part.path.key("ports").to_path();
        refused.say(at, path.clone(), format!("`{path}` names no port"), "list a port, or set `clusterIP: None`");
    }
    if kind == "ExternalName" && host(part.node).is_empty() {
        let path = part.path.key("externalName").to_path();
        let message = format!("required field `{path}` is missing: the service is an `ExternalName`");
        refused.say(part.at, path, message, "name the host");
    }
    of_type(part, kind, refused);
    addresses(part, kind, refused);
    affinity(part, refused);
    of_ports(part, ports, kind, refused);
}

/// The name outside; a dot at its end says that it is whole.
fn host(spec: &Node) -> &str {
    let name = text(spec, "externalName");
    name.strip_suffix('.').unwrap_or(name)
}

/// Fields that only some types may have.
fn of_type(part: &Part<'_, '_>, kind: &str, refused: &mut Refused) {
    for key in ["loadBalancerClass", "allocateLoadBalancerNodePorts"] {
        let Some(at) = key_of(part.node, key).filter(|_| kind != "LoadBalancer" && field(part.node, key).is_some())
        else {
            continue;
        };
        let message = format!("{} is for services of type `LoadBalancer` alone", shown(part.path, key));
        refused.say(at, part.path.key(key).to_path(), message, "set it for that type only");
    }
    let is_checked = kind == "LoadBalancer" && text(part.node, "externalTrafficPolicy") == "Local";
    if !is_checked && number(part.node, "healthCheckNodePort").is_some_and(|port| port != 0) {
        let what = "is for services of type `LoadBalancer` with `externalTrafficPolicy: Local`";
        refused.of(part, "healthCheckNodePort", what, "leave it out");
    }
    let families = part.node.get("ipFamilies").and_then(Node::as_seq).unwrap_or_default();
    if let [first, second, ..] = families
        && first.as_str() == second.as_str()
    {
        refused.of(part, "ipFamilies", "has a family twice", "leave one of them out");
    }
    let is_outside = ["NodePort", "LoadBalancer"].contains(&kind) || field(part.node, "externalIPs").is_some();
    let policy =
        part.node.get("externalTrafficPolicy").filter(|policy| policy.as_str().is_some_and(|text| !text.is_empty()));
    if let Some(policy) = policy.filter(|_| !is_outside) {
        let path = part.path.key("externalTrafficPolicy").to_path();
        let message = format!("`{path}` is for services that can be reached from outside, not for type `{kind}`");
        refused.say(policy.location, path, message, "set it for `NodePort` and `LoadBalancer` only");
    }
    if ["NodePort", "LoadBalancer"].contains(&kind) && text(part.node, "clusterIP") == "None" {
        let at = part.node.get("clusterIP").map_or(part.at, |node| node.location);
        let path = part.path.key("clusterIP").to_path();
        refused.say(at, path.clone(), format!("`{path}` cannot be `None` with type `{kind}`"), "remove one of them");
    }
}

/// Names and addresses that are none.
fn addresses(part: &Part<'_, '_>, kind: &str, refused: &mut Refused) {
    let name = host(part.node);
    if let Some(node) = part.node.get("externalName").filter(|_| kind == "ExternalName" && !name.is_empty())
        && !is_subdomain(name)
    {
        let path = part.path.key("externalName").to_path();
        let message = format!("`{path}` is `{name}`, which is no name of a host");
        refused.say(node.location, path, message, "write the host alone, in lower case");
    }
    if let Some(node) = part.node.get("clusterIP") {
        let ip = node.as_str().unwrap_or_default();
        let path = part.path.key("clusterIP").to_path();
        if kind == "ExternalName" && !ip.is_empty() {
            let message = format!("`{path}` cannot be set with type `ExternalName`");
            refused.say(node.location, path, message, "leave it out");
        } else if !ip.is_empty() && ip != "None" && ip.parse::<IpAddr>().is_err() {
            let message = format!("`{path}` is `{ip}`, neither `None` nor an address");
            refused.say(node.location, path, message, "leave it out");
        }
    }
    let ranges = part.node.get("loadBalancerSourceRanges").and_then(Node::as_seq).unwrap_or_default();
    let at = key_of(part.node, "loadBalancerSourceRanges").filter(|_| !ranges.is_empty() && kind != "LoadBalancer");
    if let Some(at) = at {
        let path = part.path.key("loadBalancerSourceRanges").to_path();
        let message = format!("`{path}` is for services of type `LoadBalancer` alone");
        refused.say(at, path, message, "set it for that type only");
    }
    for (index, range) in ranges.iter().enumerate() {
        let Some(value) = range.as_str().filter(|value| !holds("cidr", value.trim())) else { continue };
        let path = part.path.key("loadBalancerSourceRanges").index(index).to_path();
        let message = format!("`{path}` is `{value}`, which is no range of addresses");
        refused.say(range.location, path, message, "write it as `10.0.0.0/8`");
    }
}

/// What is kept of who asks is kept only where anything is.
fn affinity(part: &Part<'_, '_>, refused: &mut Refused) {
    let affinity = text(part.node, "sessionAffinity");
    let config =
        key_of(part.node, "sessionAffinityConfig").filter(|_| field(part.node, "sessionAffinityConfig").is_some());
    if let Some(at) = config.filter(|_| ["", "None"].contains(&affinity)) {
        let path = part.path.key("sessionAffinityConfig").to_path();
        let message = format!("`{path}` is for `sessionAffinity: ClientIP` alone");
        refused.say(at, path, message, "leave it out, or set the affinity");
    }
}

fn of_ports(part: &Part<'_, '_>, ports: &[Node], kind: &str, refused: &mut Refused) {
    let list = part.path.key("ports");
    let mut names: Vec<&str> = vec![];
    for (index, port) in ports.iter().enumerate() {
        let path = list.index(index);
        let name = text(port, "name");
        if ports.len() > 1 && name.is_empty() && port.as_map().is_some() {
            let at = key_of(port, "port").unwrap_or(port.location);
            let message = format!(
                "required field `{}` is missing: each of several ports needs a name",
                path.key("name").to_path()
            );
            refused.say(at, path.key("name").to_path(), message, "give every port a name");
        }
        if let Some(node) = port.get("name").filter(|_| !name.is_empty() && names.contains(&name)) {
            let message = format!("`{}` repeats `{name}`", path.key("name").to_path());
            refused.say(node.location, path.key("name").to_path(), message, "give every port a name of its own");
        }
        names.push(name);
        let has_node_port = number(port, "nodePort").is_some_and(|port| port != 0);
        if let Some(node) =
            port.get("nodePort").filter(|_| has_node_port && ["ClusterIP", "ExternalName"].contains(&kind))
        {
            let message = format!("`{}` cannot be set with type `{kind}`", path.key("nodePort").to_path());
            refused.say(
                node.location,
                path.key("nodePort").to_path(),
                message,
                "set it for `NodePort` and `LoadBalancer` only",
            );
        }
    }
}
