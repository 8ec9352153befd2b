//! Selectors that name the release and that no pod of it has the labels for: those of services, of disruption
//! budgets and of network policies.

use super::Problems;
use super::release::{Release, problem};
use crate::render::Object;
use crate::yaml::{Entry, Mapping, Node};

/// Labels that controllers add to pods.
const ADDED: [&str; 10] = [
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-generation",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
];

/// The pods that a network policy is for; custom resources may make some.
pub(super) fn policy<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    let is_one = (object.group(), object.kind()) == ("networking.k8s.io", "NetworkPolicy") && !release.has_custom();
    let entry = object.root.get("spec").and_then(|spec| spec.entry("podSelector"));
    let Some(entry) = entry.filter(|_| is_one && release.has_pods()) else { return };
    if !release.may_select(&entry.value) {
        say(object, (entry, "podSelector"), entry.value.get("matchLabels"), release, problems);
    }
}

/// The pods of a service; custom resources may make some.
pub(super) fn service<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    let is_one = (object.group(), object.kind()) == ("", "Service") && !release.has_custom();
    let Some(entry) = selector(object).filter(|_| is_one && release.has_pods()) else { return };
    if !release.selects_any(&entry.value) {
        say(object, (entry, "selector"), Some(&entry.value), release, problems);
    }
}

/// The pods that a budget protects.
pub(super) fn budget<'a>(object: Object<'a>, release: &Release<'a>, problems: &mut Problems<'a>) {
    let Some(entry) = selector(object) else { return };
    if !release.may_select(&entry.value) {
        say(object, (entry, "selector"), entry.value.get("matchLabels"), release, problems);
    }
}

fn selector(object: Object<'_>) -> Option<&Entry> {
    object.root.get("spec")?.entry("selector")
}

/// Says that there are no such pods, where labels can only mean some of this release: one names it, and nothing else adds them or makes pods
/// with them.
fn say<'a>(
    object: Object<'a>,
    (selector, key): (&Entry, &str),
    labels: Option<&Node>,
    release: &Release<'a>,
    problems: &mut Problems<'a>,
) {
    let labels = labels.and_then(Node::as_map).map(Mapping::effective).unwrap_or_default();
    let names_release = labels.iter().any(|(_, label)| release.is_surely_own(object, &label.value));
    let is_added = labels.iter().any(|(key, _)| ADDED.contains(&&**key));
    // An operator gives its pods the labels of what it makes them for.
    let is_foreign = labels.iter().any(|(_, label)| label.value.as_str().is_some_and(|text| release.may_make(text)));
    if names_release && !is_added && !is_foreign {
        let what = "no pod of the release has the labels that it selects".to_owned();
        let help = "select labels of pods of the release";
        problems.push(problem(object, selector.key.location, format!("spec.{key}"), what, help));
    }
}
