//! Addresses that services lead to (`validateEndpointSubsets` and `ValidateNonSpecialIP` in `core/validation`, `validateEndpoints` and
//! `validatePorts` in `discovery/validation`).

use std::collections::HashSet;
use std::net::IpAddr;

use super::super::labels::is_subdomain;
use super::{Part, Refused, text};
use crate::yaml::path::Trail;
use crate::yaml::{KeyPath, Node};

/// Whether an address means another thing to each who asks.
pub(super) fn is_special(address: IpAddr) -> bool {
    let is_local = match address {
        IpAddr::V4(address) => address.is_link_local() || matches!(address.octets(), [224, 0, 0, _]),
        IpAddr::V6(address) => address.is_unicast_link_local() || address.segments()[0] & 0xff0f == 0xff02,
    };
    address.is_unspecified() || address.is_loopback() || is_local
}

fn refuse_special(node: &Node, path: KeyPath, refused: &mut Refused) {
    let Some(text) = node.as_str().filter(|text| text.parse().is_ok_and(is_special)) else { return };
    let message = format!("`{path}` is `{text}`, which no other machine can reach");
    refused.say(node.location, path, message, "write an address of the network");
}

/// Ports by which several are told apart.
fn named(ports: &[Node], path: &Trail<'_>, refused: &mut Refused) {
    for (index, port) in ports.iter().enumerate().filter(|_| ports.len() > 1) {
        if text(port, "name").is_empty() && port.as_map().is_some() {
            let path = path.index(index).key("name").to_path();
            let message = format!("required field `{path}` is missing: each of several ports needs a name");
            refused.say(port.location, path, message, "give every port a name");
        }
    }
}

pub(super) fn subset(part: &Part<'_, '_>, refused: &mut Refused) {
    const LISTS: [&str; 2] = ["addresses", "notReadyAddresses"];
    if LISTS.iter().all(|list| part.node.items(list).is_empty()) {
        refused.missing(part, "addresses", "", "list an address");
    }
    for list in LISTS {
        for (index, address) in part.node.items(list).iter().enumerate() {
            let Some(node) = address.get("ip") else { continue };
            refuse_special(node, part.path.key(list).index(index).key("ip").to_path(), refused);
        }
    }
    named(part.node.items("ports"), &part.path.key("ports"), refused);
}

/// Addresses of the type that is named, and ports with names of their own.
pub(super) fn slice(part: &Part<'_, '_>, refused: &mut Refused) {
    let kind = text(part.node, "addressType");
    for (index, endpoint) in part.node.items("endpoints").iter().enumerate() {
        for (position, node) in endpoint.items("addresses").iter().enumerate() {
            let Some(address) = node.as_str() else { continue };
            let is_one = match kind {
                "IPv4" => address.parse::<std::net::Ipv4Addr>().is_ok(),
                "IPv6" => address.parse::<std::net::Ipv6Addr>().is_ok(),
                "FQDN" => is_subdomain(address),
                _ => continue,
            };
            let path = part.path.key("endpoints").index(index).key("addresses").index(position).to_path();
            if is_one {
                refuse_special(node, path, refused);
            } else {
                let message = format!("`{path}` is `{address}`, which is no address of type `{kind}`");
                refused.say(node.location, path, message, "");
            }
        }
    }
    let mut seen = HashSet::new();
    for (index, port) in part.node.items("ports").iter().enumerate() {
        let name = text(port, "name");
        if !seen.insert(name) && port.as_map().is_some() {
            let path = part.path.key("ports").index(index).key("name").to_path();
            let at = port.get("name").map_or(port.location, |node| node.location);
            let message = format!("`{path}` is `{name}`, as that of another port is");
            refused.say(at, path, message, "give each port a name of its own");
        }
    }
}
