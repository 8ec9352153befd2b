//! `selector-mismatch`: a workload whose selector does not select its own pods, or that has none.

use super::part::{Problem, deployed, report};
use crate::admission::workload;
use crate::render::Object;
use crate::rule::{Context, Findings};
use crate::text::Location;
use crate::yaml::{KeyPath, Mapping, Node};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in deployed(context) {
        let problems = rendered.objects().filter(selects).filter_map(judged);
        let others = rendered.objects().filter_map(of_old_kind).chain(rendered.objects().filter_map(of_job));
        report(context, view, problems.chain(others).collect(), findings);
    }
}

/// Whether it is of a kind that has to select its pods (`ValidateDeploymentSpec` and its kin in `apps/validation`).
fn selects(object: &Object<'_>) -> bool {
    object.api_version() == "apps/v1" && workload::pod_path("apps/v1", object.kind()).is_some()
}

fn judged(object: Object<'_>) -> Option<Problem<'_>> {
    let spec = object.root.entry("spec").filter(|spec| spec.value.as_map().is_some())?;
    let problem = |at: Location, what: String, other: Option<(Location, &'static str)>| Problem {
        object,
        at,
        name: "spec.selector".to_owned(),
        kind: "selector".to_owned(),
        what,
        help: None,
        other,
    };
    let given = spec.value.entry("selector").filter(|selector| !selector.value.is_null());
    let Some(selector) = given else {
        let help = Some("add `selector: {matchLabels: …}` with labels of the pod template".to_owned());
        return Some(Problem {
            help,
            ..problem(spec.key.location, "required field `spec.selector` is missing".to_owned(), None)
        });
    };
    let is_empty = |key: &str| match selector.value.get(key) {
        None => true,
        Some(node) => {
            node.as_map().is_some_and(|map| map.entries().is_empty())
                || node.as_seq().is_some_and(<[Node]>::is_empty)
                || node.is_null()
        }
    };
    if is_empty("matchLabels") && is_empty("matchExpressions") {
        return Some(problem(selector.key.location, "the selector selects nothing".to_owned(), None));
    }
    let metadata = object.root.at(&KeyPath::dotted("spec.template.metadata"));
    let labels = metadata.and_then(|metadata| metadata.entry("labels"));
    if workload::is_selected(&selector.value, labels.map(|entry| &entry.value))? {
        return None;
    }
    let (at, what) = missed(&selector.value, labels.map(|entry| &entry.value), selector.key.location);
    let other = labels.map_or(metadata.map(|node| node.location), |entry| Some(entry.key.location));
    Some(problem(at, what, other.map(|at| (at, LABELS))))
}

/// A replication controller, whose selector is labels alone, and those of its pods where it has none
/// (`core/validation.ValidateReplicationControllerSpec`).
fn of_old_kind(object: Object<'_>) -> Option<Problem<'_>> {
    let is_one = (object.api_version(), object.kind()) == ("v1", "ReplicationController");
    let spec = object.root.get("spec").filter(|_| is_one)?;
    let labels = spec.at(&KeyPath::dotted("template.metadata.labels"));
    let has_some = |node: &&Node| node.as_map().is_some_and(|map| !map.entries().is_empty());
    let Some(selector) = spec.get("selector").filter(has_some) else {
        let at = object.root.entry("spec").filter(|_| labels.is_none_or(|labels| !has_some(&labels)))?.key.location;
        let what = "there is no selector, and the pods have no labels that it would be".to_owned();
        return Some(mismatch(object, at, what, None));
    };
    let label = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Node::scalar_text);
    let mut wanted = selector.as_map().map(Mapping::effective).unwrap_or_default().into_iter();
    let (key, entry) = wanted.find(|(key, entry)| label(key) != entry.value.scalar_text())?;
    let what =
        format!("the selector wants `{key}: {}`, which the pods do not have", entry.value.scalar_text().unwrap_or(""));
    Some(mismatch(object, entry.key.location, what, labels.map(|labels| (labels.location, LABELS))))
}

/// Labels that a cluster gives to the pods of a job.
const GENERATED: [&str; 4] =
    ["batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name"];

/// A job that says by itself which pods are its own: it has to say that it does, and to select them (`batch/validation.ValidateJobSpec`,
/// `validateGeneratedSelector`).
fn of_job(object: Object<'_>) -> Option<Problem<'_>> {
    let spec = object.root.get("spec").filter(|_| (object.group(), object.kind()) == ("batch", "Job"))?;
    let manual = spec.entry("manualSelector").filter(|entry| entry.value.as_bool() == Some(true));
    let Some(selector) = spec.get("selector").filter(|selector| selector.as_map().is_some()) else {
        let what = "the selector is missing, and `manualSelector` says that it is there".to_owned();
        return manual.map(|entry| mismatch(object, entry.key.location, what, None));
    };
    let labels = spec.at(&KeyPath::dotted("template.metadata.labels"));
    let wanted = selector.get("matchLabels").and_then(Node::as_map).map(Mapping::effective).unwrap_or_default();
    let own = wanted.iter().find(|(key, _)| !GENERATED.contains(&&**key));
    if let Some((key, entry)) = own.filter(|_| manual.is_none()) {
        let what = format!("the selector wants `{key}`, and the cluster makes the selector of a job");
        let problem = mismatch(object, entry.key.location, what, None);
        return Some(Problem { help: Some("leave `selector` out".to_owned()), ..problem });
    }
    let is_generated = wanted.iter().any(|(key, _)| GENERATED.contains(&&**key));
    if is_generated || workload::is_selected(selector, labels)? {
        return None;
    }
    let (at, what) = missed(selector, labels, selector.location);
    Some(mismatch(object, at, what, labels.map(|labels| (labels.location, LABELS))))
}

const LABELS: &str = "the labels of its pods";

fn mismatch<'a>(
    object: Object<'a>,
    at: Location,
    what: String,
    other: Option<(Location, &'static str)>,
) -> Problem<'a> {
    Problem { object, at, name: "spec.selector".to_owned(), kind: "selector".to_owned(), what, help: None, other }
}

/// The part of the selector that the labels do not meet.
fn missed(selector: &Node, labels: Option<&Node>, whole: Location) -> (Location, String) {
    let label = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Node::scalar_text);
    for (key, entry) in selector.get("matchLabels").and_then(Node::as_map).into_iter().flat_map(|map| map.effective()) {
        let wanted = entry.value.scalar_text().unwrap_or("");
        let said = match label(&key) {
            Some(found) if found == wanted => continue,
            Some(found) => format!("the selector wants `{key}: {wanted}`, and the pods have `{found}`"),
            None => format!("the selector wants `{key}: {wanted}`, which the pods do not have"),
        };
        return (entry.key.location, said);
    }
    (whole, "the selector does not meet the labels of the pods".to_owned())
}
