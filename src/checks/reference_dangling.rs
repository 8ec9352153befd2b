//! `reference-dangling`: a name inside a release that nothing in it has.

use std::collections::HashSet;

use super::part::{Problem, rendered, report};
use crate::admission::workload;
use crate::render::Object;
use crate::rule::{Context, Findings};
use crate::text::Location;
use crate::yaml::{KeyPath, Node, Value};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in rendered(context) {
        let release = Release { objects: rendered.objects().collect() };
        let mut problems = vec![];
        for object in &release.objects {
            of_pod(*object, &mut problems);
            of_service(*object, &release, &mut problems);
            of_ingress(*object, &release, &mut problems);
        }
        report(context, view, problems, findings);
    }
}

/// Everything of a rendering.
struct Release<'a> {
    objects: Vec<Object<'a>>,
}

impl<'a> Release<'a> {
    /// Pods that labels select, in the namespace of an object.
    fn selected(&self, selector: &'a Node, namespace: Option<&str>) -> Vec<&'a Node> {
        let wanted: Vec<_> = selector.as_map().map(crate::yaml::Mapping::effective).unwrap_or_default();
        let meets = |labels: Option<&Node>| {
            wanted.iter().all(|(key, entry)| {
                labels.and_then(|labels| labels.get(key)).and_then(Node::scalar_text) == entry.value.scalar_text()
            })
        };
        let near = self.objects.iter().filter(|object| object.namespace() == namespace);
        let pods = near.filter_map(|object| workload::pod(object.root, object.api_version(), object.kind()));
        pods.filter(|pod| meets(pod.at(&KeyPath::dotted("metadata.labels")))).collect()
    }
}

fn problem<'a>(object: Object<'a>, at: Location, name: String, what: String, help: &str) -> Problem<'a> {
    Problem { object, at, name, kind: what.clone(), what, help: Some(help.to_owned()), other: None }
}

/// Volumes that containers mount and pods do not have.
fn of_pod<'a>(object: Object<'a>, problems: &mut Vec<Problem<'a>>) {
    let Some(spec) = workload::pod(object.root, object.api_version(), object.kind()).and_then(|pod| pod.get("spec"))
    else {
        return;
    };
    let claims =
        object.root.at(&KeyPath::dotted("spec.volumeClaimTemplates")).and_then(Node::as_seq).unwrap_or_default();
    let claimed = claims.iter().filter_map(|claim| claim.at(&KeyPath::dotted("metadata.name")).and_then(Node::as_str));
    let volumes = spec.get("volumes").and_then(Node::as_seq).unwrap_or_default();
    let names: HashSet<&str> =
        volumes.iter().filter_map(|volume| volume.get("name")?.as_str()).chain(claimed).collect();
    for (list, index, container) in workload::containers(spec) {
        for key in ["volumeMounts", "volumeDevices"] {
            for mount in container.get(key).and_then(Node::as_seq).unwrap_or_default() {
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

/// Target ports by a name that none of the selected pods has.
fn of_service<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Vec<Problem<'a>>) {
    let Some(spec) = object.root.get("spec").filter(|_| (object.api_version(), object.kind()) == ("v1", "Service"))
    else {
        return;
    };
    let Some(selector) =
        spec.get("selector").filter(|selector| selector.as_map().is_some_and(|map| !map.entries.is_empty()))
    else {
        return;
    };
    // Pods that an operator makes are not here.
    let pods = release.selected(selector, object.namespace());
    if pods.is_empty() {
        return;
    }
    let named: HashSet<&str> = pods.iter().flat_map(|pod| port_names(pod)).collect();
    for (index, port) in spec.get("ports").and_then(Node::as_seq).unwrap_or_default().iter().enumerate() {
        let Some(target) = port.get("targetPort") else { continue };
        let Some(text) = target.as_str().filter(|text| !text.is_empty() && !named.contains(text)) else { continue };
        let what = format!("the target port `{text}` is no port of the pods that the service selects");
        let help = "name a port of the containers, or write its number";
        problems.push(problem(object, target.location, format!("spec.ports[{index}].targetPort"), what, help));
    }
}

fn port_names(pod: &Node) -> impl Iterator<Item = &str> {
    let containers = pod.get("spec").into_iter().flat_map(workload::containers);
    let ports =
        containers.flat_map(|(_, _, container)| container.get("ports").and_then(Node::as_seq).unwrap_or_default());
    ports.filter_map(|port| port.get("name")?.as_str())
}

/// Ports of services of the release that an Ingress names and the service does not have.
fn of_ingress<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Vec<Problem<'a>>) {
    if object.group() != "networking.k8s.io" || object.kind() != "Ingress" {
        return;
    }
    let Some(spec) = object.root.get("spec") else { return };
    let rules = spec.get("rules").and_then(Node::as_seq).unwrap_or_default().iter();
    let paths =
        rules.flat_map(|rule| rule.at(&KeyPath::dotted("http.paths")).and_then(Node::as_seq).unwrap_or_default());
    let backends = paths.filter_map(|path| path.get("backend")).chain(spec.get("defaultBackend"));
    for service in backends.filter_map(|backend| backend.get("service")) {
        let Some(name) = service.get("name").and_then(Node::as_str) else { continue };
        let is_it = |other: &&Object<'_>| {
            (other.api_version(), other.kind(), other.name()) == ("v1", "Service", name)
                && other.namespace() == object.namespace()
        };
        let Some(target) = release.objects.iter().find(is_it) else { continue };
        let Some(port) = service.get("port") else { continue };
        let ports = target.root.at(&KeyPath::dotted("spec.ports")).and_then(Node::as_seq).unwrap_or_default();
        for (key, own) in [("name", "name"), ("number", "port")] {
            let Some(wanted) = port.get(key).filter(|wanted| !matches!(wanted.value, Value::Null)) else { continue };
            let has = ports.iter().any(|port| port.get(own).and_then(Node::scalar_text) == wanted.scalar_text());
            if !has && wanted.scalar_text().is_some_and(|text| !text.is_empty()) {
                let text = wanted.scalar_text().unwrap_or("");
                let what = format!("the service `{name}` has no port `{text}`");
                problems.push(problem(
                    object,
                    wanted.location,
                    format!("backend {name} {text}"),
                    what,
                    "name a port that the service has",
                ));
            }
        }
    }
}
