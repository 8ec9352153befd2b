//! Objects that others need by name: accounts and classes of pods, services of sets and webhooks, claims, volumes and their classes.

use super::release::{Release, problem};
use super::{Problems, selecting};
use crate::admission::workload;
use crate::render::Object;
use crate::yaml::{KeyPath, Node};

/// A name with the group and kind of what it is for, and in words what that is.
type Needed<'a> = (&'a Node, (&'static str, &'static str), &'static str);

pub(super) fn look<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    let found = of_pod(object).into_iter().chain(of_object(object));
    for (node, (group, kind), words) in found {
        let name = node.as_str().unwrap_or_default();
        let is_there = || release.find(group, kind, name).is_some() || (words == CLAIM && is_of_set(release, name));
        if !name.is_empty() && !is_there() && release.is_surely_own(object, node) {
            let what = format!("the {words} `{name}` is not there");
            let help = format!("name a {words} that the release has");
            problems.push(problem(object, node.location, format!("{kind} {name}"), what, &help));
        }
    }
    selecting::service(object, release, problems);
    selecting::policy(object, release, problems);
}

const CLAIM: &str = "claim";

/// Whether a stateful set makes a claim of this name: that of its template, its own and a number.
fn is_of_set(release: &Release<'_>, name: &str) -> bool {
    let Some((before, number)) = name.rsplit_once('-') else { return false };
    let mut sets = release.objects().iter().filter(|object| (object.group(), object.kind()) == ("apps", "StatefulSet"));
    let makes = |set: &Object<'_>| {
        let templates = set.root.at(&KeyPath::dotted("spec.volumeClaimTemplates")).and_then(Node::as_seq);
        let mut names = templates
            .unwrap_or_default()
            .iter()
            .filter_map(|template| template.at(&KeyPath::dotted("metadata.name"))?.as_str());
        let of_set = before.strip_suffix(set.name()).and_then(|before| before.strip_suffix('-'));
        of_set.is_some_and(|template| names.any(|name| name == template))
    };
    number.bytes().all(|letter| letter.is_ascii_digit()) && sets.any(makes)
}

fn of_pod(object: Object<'_>) -> Vec<Needed<'_>> {
    let pod = workload::pod(object.root, object.api_version(), object.kind());
    let Some(spec) = pod.and_then(|pod| pod.get("spec")) else { return vec![] };
    let account = spec.get("serviceAccountName").map(|name| (name, ("", "ServiceAccount"), "service account"));
    let mut found: Vec<Needed<'_>> = account.into_iter().collect();
    let class = |key: &str, kind, words| spec.get(key).map(|name| (name, kind, words));
    found.extend(class("priorityClassName", ("scheduling.k8s.io", "PriorityClass"), "priority class"));
    found.extend(class("runtimeClassName", ("node.k8s.io", "RuntimeClass"), "runtime class"));
    for volume in spec.items("volumes") {
        let name = volume.get("persistentVolumeClaim").and_then(|claim| claim.get("claimName"));
        found.extend(name.map(|name| (name, ("", "PersistentVolumeClaim"), CLAIM)));
    }
    found
}

fn of_object(object: Object<'_>) -> Vec<Needed<'_>> {
    let service = |name| (name, ("", "Service"), "service");
    let storage = |name| (name, ("storage.k8s.io", "StorageClass"), "storage class");
    let at = |path: &str| object.root.at(&KeyPath::dotted(path));
    match (object.group(), object.kind()) {
        ("apps", "StatefulSet") => {
            let claims = at("spec.volumeClaimTemplates").and_then(Node::as_seq).unwrap_or_default().iter();
            let classes = claims.filter_map(|claim| claim.get("spec")?.get("storageClassName")).map(storage);
            at("spec.serviceName").map(service).into_iter().chain(classes).collect()
        }
        ("", "PersistentVolumeClaim") => {
            let volume = at("spec.volumeName").map(|name| (name, ("", "PersistentVolume"), "volume"));
            at("spec.storageClassName").map(storage).into_iter().chain(volume).collect()
        }
        ("networking.k8s.io", "Ingress") => {
            let class = |name| (name, ("networking.k8s.io", "IngressClass"), "class of Ingresses");
            at("spec.ingressClassName").map(class).into_iter().collect()
        }
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            let accounts = object.root.items("subjects").iter();
            let accounts =
                accounts.filter(|subject| subject.get("kind").and_then(Node::as_str) == Some("ServiceAccount"));
            let name = |subject| Some((Node::get(subject, "name")?, ("", "ServiceAccount"), "service account"));
            accounts.filter_map(name).collect()
        }
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration") => {
            let names = object.root.items("webhooks").iter();
            names.filter_map(|webhook| webhook.at(&KeyPath::dotted("clientConfig.service.name"))).map(service).collect()
        }
        ("apiregistration.k8s.io", "APIService") => at("spec.service.name").map(service).into_iter().collect(),
        _ => vec![],
    }
}
