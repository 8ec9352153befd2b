//! Pods (`ValidatePodSpec` in `core/validation`) and what the kinds that make them ask of them.

use std::collections::{HashMap, HashSet};

use super::super::workload::containers;
use super::{Part, Refused, field, key_of, listed, number, text};
use crate::yaml::{KeyPath, Node};

pub(super) fn spec(part: &Part<'_, '_>, refused: &mut Refused) {
    if part.node.get("containers").and_then(Node::as_seq).is_some_and(<[Node]>::is_empty) {
        refused.of(part, "containers", "has no container", "list one");
    }
    names(part, refused);
    shared_ports(part, refused);
    network(part, refused);
    sleeps(part, refused);
    if part.node.get("hostNetwork").and_then(Node::as_bool) == Some(true) {
        host_ports(part, refused);
    }
}

/// Containers and init containers share their names.
fn names(part: &Part<'_, '_>, refused: &mut Refused) {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for (list, index, container) in containers(part.node) {
        let Some(name) = container.get("name") else { continue };
        let Some(text) = name.as_str() else { continue };
        // Two in one list are found as such.
        if seen.insert(text, list).is_some_and(|earlier| earlier != list) {
            let path = part.path.key(list).index(index).key("name").to_path();
            let message = format!("`{path}` is `{text}`, which an init container has already");
            refused.say(name.location, path, message, "give it another name");
        }
    }
}

/// `checkHostPortConflicts`: containers that run together have each port of the host once; init containers run by themselves.
fn shared_ports(part: &Part<'_, '_>, refused: &mut Refused) {
    let mut seen = HashSet::new();
    for (list, index, container) in containers(part.node) {
        let position_of = if list == "containers" { None } else { Some(index) };
        for (position, port) in container.items("ports").iter().enumerate() {
            let Some((node, host)) = port.get("hostPort").and_then(|node| Some((node, node.scalar_text()?))) else {
                continue;
            };
            let protocol = Some(text(port, "protocol")).filter(|protocol| !protocol.is_empty()).unwrap_or("TCP");
            let is_asked = host != "0" && !node.is_null();
            if is_asked && !seen.insert((position_of, protocol, text(port, "hostIP"), host)) {
                let path = part.path.key(list).index(index).key("ports").index(position).key("hostPort").to_path();
                let message = format!("`{path}` is {host}, which another port has already");
                refused.say(node.location, path, message, "choose another port");
            }
        }
    }
}

/// `validatePodDNSConfig` and `validatePodHostNetwork…`: names that nobody is asked for, and processes that are shared twice.
fn network(part: &Part<'_, '_>, refused: &mut Refused) {
    let servers = field(part.node, "dnsConfig").and_then(|config| field(config, "nameservers")?.as_seq());
    if let Some(policy) = part.node.get("dnsPolicy").filter(|policy| policy.as_str() == Some("None"))
        && servers.is_none_or(<[Node]>::is_empty)
    {
        let path = part.path.key("dnsConfig").to_path().key("nameservers");
        let message = format!("required field `{path}` is missing: `dnsPolicy` is `None`");
        refused.say(policy.location, path, message, "name a server, or leave `dnsPolicy` out");
    }
    let is = |key: &str| part.node.get(key).and_then(Node::as_bool) == Some(true);
    for key in ["hostIPC", "hostNetwork", "hostPID"] {
        if part.node.get("hostUsers").and_then(Node::as_bool) == Some(false) && is(key) {
            refused.of(part, key, "cannot be true while `hostUsers` is false", "leave one of them out");
        }
    }
    if is("hostPID") && is("shareProcessNamespace") {
        let path = part.path.key("shareProcessNamespace").to_path();
        let at = key_of(part.node, "shareProcessNamespace").unwrap_or(part.at);
        refused.say(at, path.clone(), format!("`{path}` cannot be true with `hostPID`"), "leave one of them out");
    }
}

/// `validateSleepAction`: who is asked to end sleeps no longer than is waited.
fn sleeps(part: &Part<'_, '_>, refused: &mut Refused) {
    /// Seconds where the pod does not say.
    const GRACE: i64 = 30;
    let given = field(part.node, "terminationGracePeriodSeconds");
    let Some(grace) = given.map_or(Some(GRACE), |_| number(part.node, "terminationGracePeriodSeconds")) else { return };
    for (list, index, container) in containers(part.node) {
        for event in ["postStart", "preStop"] {
            let handler = field(container, "lifecycle").and_then(|lifecycle| field(lifecycle, event));
            let Some(sleep) = handler.and_then(|handler| field(handler, "sleep")) else { continue };
            let Some((node, seconds)) = sleep.get("seconds").zip(number(sleep, "seconds")) else { continue };
            if (0..=grace).contains(&seconds) {
                continue;
            }
            let path =
                part.path.key(list).index(index).key("lifecycle").key(event).to_path().key("sleep").key("seconds");
            let message =
                format!("`{path}` is {seconds}, and has to be from 0 to `terminationGracePeriodSeconds`, {grace}");
            refused.say(node.location, path, message, "raise `terminationGracePeriodSeconds`, or sleep less");
        }
    }
}

/// `validateHostPorts…`: on the host's network a port is itself.
fn host_ports(part: &Part<'_, '_>, refused: &mut Refused) {
    for (list, index, container) in containers(part.node).filter(|(list, ..)| *list == "containers") {
        for (position, port) in container.items("ports").iter().enumerate() {
            let (host, own) = (number(port, "hostPort").filter(|port| *port != 0), number(port, "containerPort"));
            let differ = host.zip(own).is_some_and(|(host, own)| host != own);
            if let Some(node) = port.get("hostPort").filter(|_| differ) {
                let path = part.path.key(list).index(index).key("ports").index(position).key("hostPort").to_path();
                let message = format!("`{path}` is not `containerPort`, as it has to be on the host's network");
                refused.say(node.location, path, message, "leave `hostPort` out");
            }
        }
    }
}

/// `validateVolumes`: a volume has one source.
pub(super) fn volume(part: &Part<'_, '_>, refused: &mut Refused) {
    let entries = part.node.as_map().map(crate::yaml::Mapping::effective).unwrap_or_default();
    let sources = entries.iter().filter(|(key, entry)| key != "name" && entry.value.as_map().is_some());
    let sources: Vec<&str> = sources.map(|(key, _)| &**key).collect();
    if let [_, second, ..] = sources.as_slice() {
        let at = key_of(part.node, second).unwrap_or(part.at);
        let path = part.path.to_path();
        let message = format!("`{path}` has more than one source: {}", listed(&sources));
        refused.say(at, path, message, "keep one of them, or make two volumes");
    }
    // `validateConfigMapVolumeSource`, `validateSecretVolumeSource`.
    for (source, key) in [("configMap", "name"), ("secret", "secretName")] {
        let Some(given) = field(part.node, source).filter(|given| given.as_map().is_some()) else { continue };
        if field(given, key).is_none_or(|name| name.as_str() == Some("")) {
            let path = part.path.key(source).key(key).to_path();
            let at = key_of(given, key).or_else(|| key_of(part.node, source)).unwrap_or(part.at);
            refused.say(at, path.clone(), format!("required field `{path}` is missing"), "name it");
        }
    }
}

/// `ValidatePodTemplateSpec` and `ValidatePodCreate`: nobody is attached to what does not run yet.
pub(super) fn attached(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(spec) = field(part.node, "spec") else { return };
    let given = field(spec, "ephemeralContainers").and_then(Node::as_seq).is_some_and(|list| !list.is_empty());
    if let Some(at) = key_of(spec, "ephemeralContainers").filter(|_| given) {
        let path = part.path.key("spec").key("ephemeralContainers").to_path();
        let message = format!("`{path}` is for pods that run already");
        refused.say(at, path, message, "leave it out: `kubectl debug` adds one");
    }
}

/// `ValidatePodTemplateSpecForReplicaSet` and its like for the kinds that keep pods running: they restart always, and have no end.
pub(super) fn runs_always(part: &Part<'_, '_>, refused: &mut Refused) {
    let deadline = KeyPath::dotted("spec.template.spec.activeDeadlineSeconds");
    if let Some(node) = part.node.at(&deadline).filter(|node| !node.is_null()) {
        let message = format!("`{deadline}` is for pods that end");
        refused.say(node.location, deadline, message, "leave it out, or use a Job");
    }
    let path = KeyPath::dotted("spec.template.spec.restartPolicy");
    let Some(policy) = part.node.at(&path) else { return };
    let Some(text) = policy.as_str().filter(|text| !["", "Always"].contains(text)) else { return };
    let message = format!("`{path}` is `{text}`, and can only be `Always` here");
    refused.say(policy.location, path, message, "leave it out, or use a Job");
}

/// `validateJobSpec`: a job's pods may not restart for ever, as they do by default.
pub(super) fn job_restarts(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(spec) = part.node.at(&KeyPath::dotted("template.spec")).filter(|spec| spec.as_map().is_some()) else {
        return;
    };
    let path = part.path.key("template").to_path().key("spec").key("restartPolicy");
    let help = "write `restartPolicy: Never` or `restartPolicy: OnFailure`";
    match (field(spec, "restartPolicy"), text(spec, "restartPolicy")) {
        (Some(policy), "" | "Always") if policy.as_str().is_some() => {
            refused.say(policy.location, path.clone(), format!("`{path}` cannot be `Always` in a job"), help);
        }
        (None, _) => {
            let template = part.node.get("template");
            let at = template.and_then(|template| key_of(template, "spec")).unwrap_or(part.at);
            refused.say(
                at,
                path.clone(),
                format!("required field `{path}` is missing: a job's pods cannot restart always"),
                help,
            );
        }
        _ => {}
    }
}
