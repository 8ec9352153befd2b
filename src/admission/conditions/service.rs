//! Services (`ValidateService` in `core/validation`).

use std::collections::HashSet;
use std::net::IpAddr;

use super::super::labels::is_subdomain;
use super::endpoints::is_special;
use super::{Part, Refused, field, key_of, number, shown, text};
use crate::schema::holds;
use crate::yaml::Node;

pub(super) fn spec(part: &Part<'_, '_>, refused: &mut Refused) {
    let kind = match text(part.node, "type") {
        "" => "ClusterIP",
        kind => kind,
    };
    let ports = part.node.items("ports");
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
    let families = part.node.items("ipFamilies");
    let mut seen = HashSet::new();
    if families.iter().filter_map(Node::as_str).any(|family| !seen.insert(family)) {
        refused.of(part, "ipFamilies", "has a family twice", "leave one of them out");
    }
    if kind == "ExternalName" {
        for key in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            let given = field(part.node, key).filter(|node| node.as_seq().is_none_or(|list| !list.is_empty()));
            if given.is_some() {
                refused.of(part, key, "cannot be set with type `ExternalName`", "leave it out");
            }
        }
    } else if families.len() > 1 && text(part.node, "ipFamilyPolicy") == "SingleStack" {
        let what = "is `SingleStack`, and `ipFamilies` has more than one";
        refused.of(part, "ipFamilyPolicy", what, "write `PreferDualStack`, or leave one family out");
    }
    let is_outside = ["NodePort", "LoadBalancer"].contains(&kind)
        || field(part.node, "externalIPs").is_some_and(|list| list.as_seq().is_none_or(|list| !list.is_empty()));
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
    let ranges = part.node.items("loadBalancerSourceRanges");
    let at = key_of(part.node, "loadBalancerSourceRanges").filter(|_| !ranges.is_empty() && kind != "LoadBalancer");
    if let Some(at) = at {
        let path = part.path.key("loadBalancerSourceRanges").to_path();
        let message = format!("`{path}` is for services of type `LoadBalancer` alone");
        refused.say(at, path, message, "set it for that type only");
    }
    cluster_addresses(part, kind, refused);
    external(part, refused);
    for (index, range) in ranges.iter().enumerate() {
        let Some(value) = range.as_str().filter(|value| !holds("cidr", value.trim())) else { continue };
        let path = part.path.key("loadBalancerSourceRanges").index(index).to_path();
        let message = format!("`{path}` is `{value}`, which is no range of addresses");
        refused.say(range.location, path, message, "write it as `10.0.0.0/8`");
    }
}

/// `ValidateServiceClusterIPsRelatedFields`: the first of several is the one that stands alone, too.
fn cluster_addresses(part: &Part<'_, '_>, kind: &str, refused: &mut Refused) {
    let several = part.node.items("clusterIPs");
    let Some(first) = several.first().and_then(Node::as_str).filter(|_| kind != "ExternalName") else { return };
    if field(part.node, "clusterIP").is_some_and(|one| one.as_str().is_none()) {
        return;
    }
    let one = text(part.node, "clusterIP");
    if one.is_empty() {
        refused.of(part, "clusterIPs", "needs the first of them as `clusterIP`", "leave both out");
    } else if one != first {
        let what = format!("begins with `{first}`, and `clusterIP` is `{one}`");
        refused.of(part, "clusterIPs", what, "write the same, or leave both out");
    } else {
        of_families(part, several, refused);
    }
}

/// `ValidateServiceClusterIPsRelatedFields`: one address of each family, in their order.
fn of_families(part: &Part<'_, '_>, several: &[Node], refused: &mut Refused) {
    let given: Vec<&str> = several.iter().filter_map(Node::as_str).collect();
    if given == ["None"] {
        return;
    }
    // What the first one is, was said of `clusterIP`.
    let mut wrong = given.iter().skip(1).filter(|text| text.parse::<IpAddr>().is_err());
    if given[0] == "None" {
        return refused.of(part, "clusterIPs", "has `None` beside addresses", "keep one of them");
    } else if let Some(wrong) = wrong.next() {
        return refused.of(part, "clusterIPs", format!("has `{wrong}`, which is no address"), "leave it out");
    }
    let addresses: Vec<IpAddr> = given.iter().filter_map(|text| text.parse().ok()).collect();
    let is_mixed = addresses.first().map(IpAddr::is_ipv4) != addresses.get(1).map(IpAddr::is_ipv4);
    if addresses.len() > 2 || addresses.len() == 2 && !is_mixed {
        return refused.of(part, "clusterIPs", "has more than one address of a family", "keep one of each");
    }
    let families = part.node.items("ipFamilies");
    for (address, family) in addresses.iter().zip(families.iter().filter_map(Node::as_str)) {
        let is_other = matches!((family, address), ("IPv4", IpAddr::V6(_)) | ("IPv6", IpAddr::V4(_)));
        if is_other {
            let what = format!("has `{address}` where `ipFamilies` has `{family}`");
            return refused.of(part, "clusterIPs", what, "write them in one order");
        }
    }
}

/// `ValidateNonSpecialIP`: what nobody outside can reach.
fn external(part: &Part<'_, '_>, refused: &mut Refused) {
    for (index, node) in part.node.items("externalIPs").iter().enumerate() {
        let Some((text, address)) = node.as_str().and_then(|text| Some((text, text.parse::<IpAddr>().ok()?))) else {
            continue;
        };
        if is_special(address) {
            let path = part.path.key("externalIPs").index(index).to_path();
            let message = format!("`{path}` is `{text}`, which cannot be reached from outside");
            refused.say(node.location, path, message, "write an address of the network");
        }
    }
}

const RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

/// `ValidateService`: ranges by the annotation, which counts where the field says nothing.
pub(super) fn annotated(part: &Part<'_, '_>, refused: &mut Refused) {
    let annotations = field(part.node, "metadata").and_then(|metadata| field(metadata, "annotations"));
    let Some((node, given)) =
        annotations.and_then(|node| node.get(RANGES)).and_then(|node| Some((node, node.as_str()?)))
    else {
        return;
    };
    let Some(spec) = field(part.node, "spec").filter(|spec| spec.as_map().is_some()) else { return };
    let fields = spec.items("loadBalancerSourceRanges");
    if !fields.is_empty() {
        return;
    }
    let path = part.path.key("metadata").key("annotations").to_path().key(RANGES);
    if text(spec, "type") != "LoadBalancer" {
        let message = format!("the annotation `{RANGES}` is for services of type `LoadBalancer` alone");
        return refused.say(node.location, path, message, "set it for that type only");
    }
    let mut ranges = given.trim().split(',').map(str::trim).filter(|_| !given.trim().is_empty());
    if let Some(wrong) = ranges.find(|range| !holds("cidr", range)) {
        let message = format!("the annotation `{RANGES}` has `{wrong}`, which is no range of addresses");
        refused.say(node.location, path, message, "write it as `10.0.0.0/8`");
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

/// `ValidateService`: each protocol has a port of the nodes once.
fn node_ports(part: &Part<'_, '_>, ports: &[Node], refused: &mut Refused) {
    let mut seen = HashSet::new();
    for (index, port) in ports.iter().enumerate() {
        let Some((node, given)) = port.get("nodePort").zip(number(port, "nodePort")).filter(|(_, given)| *given != 0)
        else {
            continue;
        };
        let protocol = Some(text(port, "protocol")).filter(|protocol| !protocol.is_empty()).unwrap_or("TCP");
        if !seen.insert((protocol, given)) {
            let path = part.path.key("ports").index(index).key("nodePort").to_path();
            let message = format!("`{path}` is {given}, as that of another port is");
            refused.say(node.location, path, message, "choose another, or leave it out");
        }
    }
}

fn of_ports(part: &Part<'_, '_>, ports: &[Node], kind: &str, refused: &mut Refused) {
    node_ports(part, ports, refused);
    let list = part.path.key("ports");
    let mut names: HashSet<&str> = HashSet::new();
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
        if let Some(node) = port.get("name").filter(|_| !name.is_empty() && names.contains(name)) {
            let message = format!("`{}` repeats `{name}`", path.key("name").to_path());
            refused.say(node.location, path.key("name").to_path(), message, "give every port a name of its own");
        }
        names.insert(name);
        let has_node_port = number(port, "nodePort").is_some_and(|port| port != 0);
        if let Some(node) = port.get("nodePort").filter(|_| has_node_port && kind == "ClusterIP") {
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
