//! What pods name: volumes, ports of probes, config maps and secrets.

use std::collections::{HashMap, HashSet};

use super::Problems;
use super::keys;
use super::named;
use super::release::{Release, problem};
use crate::admission::workload;
use crate::render::Object;
use crate::yaml::{KeyPath, Node};

pub(super) fn look<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    let Some(spec) = workload::pod(object.root, object.api_version(), object.kind()).and_then(|pod| pod.get("spec"))
    else {
        return;
    };
    // Of other kinds the API server refuses it.
    if ["Pod", "StatefulSet"].contains(&object.kind()) {
        volumes(object, spec, problems);
    }
    for (list, index, container) in workload::containers(spec) {
        probes(object, container, &format!("{list}[{index}]"), problems);
    }
    for named in named::all(spec) {
        keys::look(object, &named, release, problems);
    }
}

/// Volumes that containers mount and pods do not have.
fn volumes<'a>(object: Object<'a>, spec: &'a Node, problems: &mut Problems<'a>) {
    let claims =
        object.root.at(&KeyPath::dotted("spec.volumeClaimTemplates")).and_then(Node::as_seq).unwrap_or_default();
    let claimed = claims.iter().filter_map(|claim| claim.at(&KeyPath::dotted("metadata.name")).and_then(Node::as_str));
    let names: HashSet<&str> =
        spec.items("volumes").iter().filter_map(|volume| volume.get("name")?.as_str()).chain(claimed).collect();
    for (list, index, container) in workload::containers(spec) {
        for key in ["volumeMounts", "volumeDevices"] {
            for mount in container.items(key) {
                let Some((name, text)) = mount.get("name").and_then(|name| Some((name, name.as_str()?))) else {
                    continue;
                };
                if !text.is_empty() && !names.contains(text) {
                    let what = format!("the volume `{text}` is mounted, and the pod has no such volume");
                    let help = "add it to `volumes`, or mount one that is there";
                    problems.push(problem(object, name.location, format!("{list}[{index}].{key} {text}"), what, help));
                }
            }
        }
    }
}

/// Ports that probes and hooks of a container name and the container does not have: the kubelet looks nowhere else.
fn probes<'a>(object: Object<'a>, container: &'a Node, path: &str, problems: &mut Problems<'a>) {
    let ports = container.items("ports").iter();
    let ports: HashMap<&str, &str> =
        ports.filter_map(|port| Some((port.get("name")?.as_str()?, protocol(port)))).collect();
    let probes = ["livenessProbe", "readinessProbe", "startupProbe"].into_iter();
    let probes = probes.filter_map(|key| Some((key, container.get(key)?)));
    let hooks = ["postStart", "preStop"].into_iter();
    let hooks = hooks.filter_map(|key| Some((key, container.get("lifecycle")?.get(key)?)));
    for (key, handler) in probes.chain(hooks) {
        for action in ["httpGet", "tcpSocket"] {
            let Some(port) = handler.get(action).and_then(|action| action.get("port")) else { continue };
            let Some(name) = port.as_str().filter(|name| is_name(name)) else { continue };
            let (what, help) = match ports.get(name) {
                Some(&"TCP") => continue,
                Some(other) => (
                    format!("the port `{name}` of `{key}` is for {other}, and the kubelet asks by TCP"),
                    "name a port for TCP",
                ),
                None => (
                    format!("the port `{name}` of `{key}` is no port of the container"),
                    "name a port of the container, or write its number",
                ),
            };
            problems.push(problem(object, port.location, format!("{path}.{key}.{action}.port"), what, help));
        }
    }
}

fn protocol(port: &Node) -> &str {
    port.get("protocol").and_then(Node::as_str).filter(|protocol| !protocol.is_empty()).unwrap_or("TCP")
}

/// Whether a port is a name: a number in quotes is another rule's.
fn is_name(port: &str) -> bool {
    port.bytes().any(|byte| byte.is_ascii_alphabetic())
}
