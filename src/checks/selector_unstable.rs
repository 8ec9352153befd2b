//! `selector-unstable`: a selector, or another field that nobody can change, that holds a version, so that the next release cannot be applied.

use super::part::{Problem, deployed, report};
use crate::admission::workload;
use crate::render::Object;
use crate::rule::{Context, Findings};
use crate::text::Location;
use crate::yaml::{Entry, KeyPath, Mapping, Node, Step};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in deployed(context) {
        let mut problems = vec![];
        for object in rendered.objects() {
            for Fixed { path, what, at, value } in fixed(&object) {
                let Some(source) = source(context, &object, value) else { continue };
                problems.push(Problem {
                    object,
                    at,
                    what: format!("{what}, which holds {source}"),
                    kind: path.clone(),
                    name: path,
                    help: None,
                    other: None,
                });
            }
        }
        report(context, view, problems, findings);
    }
}

/// A text that nobody can change once the object is there.
struct Fixed<'a> {
    path: String,
    /// What it is, in words.
    what: String,
    at: Location,
    value: &'a Node,
}

fn fixed<'a>(object: &Object<'a>) -> Vec<Fixed<'a>> {
    let root = object.root;
    match (object.group(), object.kind()) {
        ("apps", kind) if workload::pod_path(object.api_version(), kind).is_some() => {
            let mut found = of_mapping(root, "spec.selector.matchLabels", "the selector");
            found.extend(of_expressions(root));
            if kind == "StatefulSet" {
                found.extend(of_claims(root));
                found.extend(of_field(root, "spec.serviceName", "the pods are of a service"));
            }
            found
        }
        ("batch", "Job") if is_kept(object) => {
            let lists = ["spec.template.metadata.labels", "spec.template.metadata.annotations"];
            let found = lists.into_iter().flat_map(|list| of_mapping(root, list, "the pod template of a Job"));
            found.chain(of_images(root)).collect()
        }
        ("", "ConfigMap" | "Secret") if is_fixed(object) => {
            let lists = ["data", "stringData"].into_iter();
            lists.flat_map(|list| of_mapping(root, list, "an object that is `immutable`")).collect()
        }
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            of_field(root, "roleRef.name", "the binding is of a role").into_iter().collect()
        }
        _ => vec![],
    }
}

fn of_field<'a>(root: &'a Node, path: &str, what: &str) -> Option<Fixed<'a>> {
    let value = root.at(&KeyPath::dotted(path))?;
    Some(Fixed { path: path.to_owned(), what: what.to_owned(), at: value.location, value })
}

/// The images of a Job.
fn of_images(root: &Node) -> Vec<Fixed<'_>> {
    let pod = root.at(&KeyPath::dotted("spec.template.spec"));
    let images = pod.into_iter().flat_map(workload::containers).filter_map(|(_, _, container)| container.get("image"));
    let mut found = vec![];
    for value in images {
        let what = "the pod template of a Job has an image".to_owned();
        found.push(Fixed { path: "spec.template.spec.image".to_owned(), what, at: value.location, value });
    }
    found
}

fn of_mapping<'a>(node: &'a Node, path: &str, whose: &str) -> Vec<Fixed<'a>> {
    let entries = node.at(&KeyPath::dotted(path)).and_then(Node::as_map).map(Mapping::effective).unwrap_or_default();
    let entry = |(key, entry): (std::borrow::Cow<'a, str>, &'a Entry)| Fixed {
        path: format!("{path}.{key}"),
        what: format!("{whose} has `{key}`"),
        at: entry.key.location,
        value: &entry.value,
    };
    entries.into_iter().map(entry).collect()
}

fn of_expressions(root: &Node) -> Vec<Fixed<'_>> {
    let expressions = root.at(&KeyPath::dotted("spec.selector.matchExpressions")).and_then(Node::as_seq);
    let mut found = vec![];
    for expression in expressions.unwrap_or_default() {
        let key = expression.get("key").and_then(Node::as_str).unwrap_or_default();
        let values = expression.items("values");
        found.extend(values.iter().map(|value| Fixed {
            path: format!("spec.selector.matchExpressions.{key}"),
            what: format!("the selector has `{key}`"),
            at: value.location,
            value,
        }));
    }
    found
}

fn of_claims(root: &Node) -> Vec<Fixed<'_>> {
    let claims = root.at(&KeyPath::dotted("spec.volumeClaimTemplates")).and_then(Node::as_seq).unwrap_or_default();
    let lists = ["metadata.labels", "metadata.annotations"];
    let of_claim = |claim| lists.into_iter().flat_map(move |list| of_mapping(claim, list, "a claim of a StatefulSet"));
    claims.iter().flat_map(of_claim).collect()
}

/// Whether a Job is there when the next release comes: it is no hook, has no end of its own, and its name says no version.
fn is_kept(object: &Object<'_>) -> bool {
    let version = object.name().bytes().any(|byte| byte.is_ascii_digit());
    let has_end = object.root.at(&KeyPath::dotted("spec.ttlSecondsAfterFinished")).is_some_and(|end| !end.is_null());
    object.manifest.hook.is_none() && !has_end && !version
}

/// Whether a map of texts cannot be changed, and keeps its name.
fn is_fixed(object: &Object<'_>) -> bool {
    let is_immutable = object.root.get("immutable").and_then(Node::as_bool) == Some(true);
    is_immutable && object.manifest.hook.is_none() && !object.name().bytes().any(|byte| byte.is_ascii_digit())
}

/// Which version a label's value holds: by where it comes from, else by what wrote it.
fn source(context: &Context<'_>, object: &Object<'_>, value: &Node) -> Option<&'static str> {
    let origins = object.origins(value.location);
    let value = value.scalar_text()?;
    let of_chart = |field: &str| {
        origins.printed.iter().any(|origin| {
            let is_field = origin.path.0.as_slice() == [Step::Key(field.to_owned())];
            is_field && context.sources.path(origin.location).ends_with("Chart.yaml")
        })
    };
    let holds = |version: Option<&str>| version.is_some_and(|version| value.contains(&version.replace('+', "_")));
    let written = origins
        .template
        .map(|place| line(&context.sources.get(place.source).text, place.span.start as usize).to_owned());
    let writes = |what: &str| written.as_deref().is_some_and(|text| text.contains(what));
    if (of_chart("version") || writes(".Chart.Version")) && holds(context.chart.version()) {
        Some("the chart's version")
    } else if (of_chart("appVersion") || writes(".Chart.AppVersion")) && holds(context.chart.app_version()) {
        Some("the application's version")
    } else if writes(".Release.Revision") && holds(Some("1")) {
        Some("the release's revision")
    } else {
        None
    }
}

/// The line around a byte of a text: several actions may make one value.
fn line(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[start..].lines().next().unwrap_or("")
}
