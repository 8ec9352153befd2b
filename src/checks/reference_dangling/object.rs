//! What services, Ingresses, budgets, scalers and bindings name.

use super::release::{Release, problem};
use super::{Problems, selecting};
use crate::render::Object;
use crate::yaml::{KeyPath, Node};

pub(super) fn look<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    match (object.group(), object.kind()) {
        ("", "Service") => service(object, release, problems),
        ("networking.k8s.io" | "extensions", "Ingress") => ingress(object, release, problems),
        ("autoscaling", "HorizontalPodAutoscaler") => scaler(object, release, problems),
        ("policy", "PodDisruptionBudget") => selecting::budget(object, release, problems),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => binding(object, release, problems),
        _ => {}
    }
}

fn items<'a>(node: &'a Node, path: &str) -> &'a [Node] {
    node.at(&KeyPath::dotted(path)).and_then(Node::as_seq).unwrap_or_default()
}

fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Node::as_str).filter(|text| !text.is_empty())
}

/// Target ports by a name that none of the selected pods has.
fn service<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    let Some(selector) = object.root.at(&KeyPath::dotted("spec.selector")) else { return };
    if selector.as_map().is_none_or(|map| map.entries().is_empty()) {
        return;
    }
    // Pods that an operator makes are not here.
    let Some(named) = release.ports_of(selector, object) else { return };
    for (index, port) in items(object.root, "spec.ports").iter().enumerate() {
        let Some(target) = port.get("targetPort") else { continue };
        let Some(text) = target.as_str().filter(|text| !text.is_empty() && !named.contains(text)) else { continue };
        let what = format!("the target port `{text}` is no port of the pods that the service selects");
        let help = "name a port of the containers, or write its number";
        problems.push(problem(object, target.location, format!("spec.ports[{index}].targetPort"), what, help));
    }
}

/// Services that an Ingress names and the release does not have, and ports that they do not have.
fn ingress<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    let rules = items(object.root, "spec.rules").iter();
    let paths = rules.flat_map(|rule| items(rule, "http.paths"));
    let default = object.root.get("spec").and_then(|spec| spec.get("defaultBackend"));
    for service in
        paths.filter_map(|path| path.get("backend")).chain(default).filter_map(|backend| backend.get("service"))
    {
        let Some((node, name)) = service.get("name").and_then(|node| Some((node, node.as_str()?))) else { continue };
        match release.find("", "Service", name) {
            Some(target) => ports(object, service, target, problems),
            None if release.is_surely_own(object, node) => {
                let what = format!("the service `{name}` is not there");
                let help = "name a service that the release has";
                problems.push(problem(object, node.location, format!("backend {name}"), what, help));
            }
            None => {}
        }
    }
}

fn ports<'a>(object: Object<'a>, service: &'a Node, target: Object<'a>, problems: &mut Problems<'a>) {
    let (name, ports) = (target.name(), items(target.root, "spec.ports"));
    let Some(port) = service.get("port") else { return };
    for (key, own) in [("name", "name"), ("number", "port")] {
        let Some((wanted, text)) = port.get(key).and_then(|wanted| Some((wanted, wanted.scalar_text()?))) else {
            continue;
        };
        let has = ports.iter().any(|port| port.get(own).and_then(Node::scalar_text) == Some(text));
        if !has && !text.is_empty() && !wanted.is_null() {
            let what = format!("the service `{name}` has no port `{text}`");
            let help = "name a port that the service has";
            problems.push(problem(object, wanted.location, format!("backend {name} {text}"), what, help));
        }
    }
}

/// What a scaler is to scale: something of another kind, or nothing.
fn scaler<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    let Some(target) = object.root.at(&KeyPath::dotted("spec.scaleTargetRef")) else { return };
    let (Some(kind), Some(name)) = (text(target, "kind"), target.get("name")) else { return };
    let Some(named) = name.as_str() else { return };
    let scaled = ["Deployment", "StatefulSet", "ReplicaSet"];
    if !scaled.contains(&kind) || release.find("apps", kind, named).is_some() {
        return;
    }
    let other = scaled.into_iter().chain(["DaemonSet"]).find(|other| release.find("apps", other, named).is_some());
    let what = match other {
        Some(other) => format!("the {kind} `{named}` is not there: it is a {other}"),
        None if release.is_surely_own(object, name) => format!("the {kind} `{named}` is not there"),
        None => return,
    };
    problems.push(problem(object, name.location, "spec.scaleTargetRef", what, "name a workload that the release has"));
}

/// The role that a binding gives.
fn binding<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    let Some(role) = object.root.get("roleRef") else { return };
    let (Some(kind), Some(name)) = (text(role, "kind"), role.get("name")) else { return };
    let Some(named) = name.as_str() else { return };
    let group = "rbac.authorization.k8s.io";
    if !["Role", "ClusterRole"].contains(&kind) || release.find(group, kind, named).is_some() {
        return;
    }
    let other = if kind == "Role" { "ClusterRole" } else { "Role" };
    let what = match release.find(group, other, named) {
        Some(_) => format!("the {kind} `{named}` is not there: it is a {other}"),
        None => format!("the {kind} `{named}` is not there"),
    };
    if release.is_surely_own(object, name) {
        problems.push(problem(object, name.location, "roleRef", what, "name a role that the release has"));
    }
}
