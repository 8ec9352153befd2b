//! API versions that are gone or going, for the rules that say so: Kubernetes' own from its definitions, older ones and those of others
//! from a list.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::{called_template, custom_resource_invalid, edits, printed};
use crate::crd::{self, Crd, CustomKind};
use crate::finding::{Fix, Label};
use crate::kubernetes::{self, Minor};
use crate::render::{KubeVersion, Object};
use crate::rule::{Context, Findings, Judged, ProfileView};
use crate::yaml::Node;

/// The end of an API version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Removal {
    /// Since when, in words: `removed in Kubernetes 1.22`.
    pub(super) since: String,
    /// The first Kubernetes version without it; none where it is not Kubernetes', or not gone yet.
    minor: Option<u64>,
    /// The API version to use; empty where nothing takes its place.
    replacement: String,
}

/// API versions that differ from the one that took their place by nothing but their names, for every field that both have.
const RENAMED: [(&str, &[&str]); 10] = [
    ("apiregistration.k8s.io/v1beta1", &["APIService"]),
    ("apps/v1beta2", &["ControllerRevision"]),
    ("autoscaling/v2beta2", &["HorizontalPodAutoscaler"]),
    ("batch/v1beta1", &["CronJob"]),
    ("coordination.k8s.io/v1beta1", &["Lease"]),
    ("networking.k8s.io/v1beta1", &["IngressClass"]),
    ("node.k8s.io/v1beta1", &["RuntimeClass"]),
    ("rbac.authorization.k8s.io/v1beta1", &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]),
    ("scheduling.k8s.io/v1beta1", &["PriorityClass"]),
    ("storage.k8s.io/v1beta1", &["CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment"]),
];

/// Another API version written in the template, where nothing but the name differs and the template says it as it is. A budget for
/// disruptions with a selector is one too: only without it, or with an empty one, `policy/v1` means other pods.
fn rename(context: &Context<'_>, object: &Object<'_>, removal: &Removal) -> Option<Fix> {
    let (api, kind) = (object.api_version(), object.kind());
    let selects = || {
        let selector = object.root.get("spec")?.get("selector")?;
        let parts = ["matchLabels", "matchExpressions"].map(|part| selector.get(part));
        parts.into_iter().flatten().any(|part| !part.is_null()).then_some(())
    };
    let is_renamed = RENAMED.iter().any(|(known, kinds)| *known == api && kinds.contains(&kind))
        || (api == "policy/v1beta1" && kind == "PodDisruptionBudget" && selects().is_some());
    let place = object.root.get("apiVersion").filter(|_| is_renamed && !removal.replacement.is_empty())?;
    let origins = object.origins(place.location);
    let (words, title) = ((api, removal.replacement.as_str()), format!("use `{}`", removal.replacement));
    let in_template = edits::word(context, origins.template?, words, title);
    let fix = in_template.or_else(|| printed::scalar(context, &origins, words));
    // An object of a version that is gone is not looked into.
    fix.map(|fix| called_template::cautious(context, &origins, fix).uncovering())
}

/// A line of `removals.txt`: `apiVersion`, kinds, when, replacement.
struct Line {
    api_version: &'static str,
    kinds: Vec<&'static str>,
    /// `1.22`, or a product with its version.
    since: &'static str,
    replacement: &'static str,
}

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let lines = include_str!("api/removals.txt").lines().filter(|line| !line.starts_with('#'));
    let line = |line: &'static str| {
        let mut parts = line.split(" | ");
        Some(Line {
            api_version: parts.next()?,
            kinds: parts.next()?.split(' ').collect(),
            since: parts.next()?,
            replacement: parts.next()?.trim_end_matches('-'),
        })
    };
    lines.filter_map(line).collect()
});

fn listed(api_version: &str, kind: &str) -> Option<&'static Line> {
    let is_it = |line: &&Line| line.api_version == api_version && (line.kinds == ["*"] || line.kinds.contains(&kind));
    LINES.iter().find(is_it)
}

fn is_removed_by_product(line: &Line) -> bool {
    line.since.starts_with("removed in ")
}

/// Whether a definition that the chart brings serves what an object is of.
pub(super) fn is_defined(context: &Context<'_>, view: &ProfileView, object: &Object<'_>) -> bool {
    let Some(asked) = CustomKind::of(object.api_version(), object.kind()) else { return false };
    let serves = |crd: &Crd| crd.is_of(&asked) && crd.version(&asked.version).is_some_and(|version| version.served);
    let is_made =
        || view.deployed().is_some_and(|made| custom_resource_invalid::definitions(made).any(|crd| serves(&crd)));
    crd::shipped(context.chart).iter().any(serves) || is_made()
}

/// What became of a kind of an API version, where Kubernetes removed it, or the product that brings it.
pub(super) fn removal(api_version: &str, kind: &str) -> Option<Removal> {
    if let Some(line) = listed(api_version, kind) {
        let replacement = line.replacement.to_owned();
        // A product of old that still had it runs on none of the versions that are judged.
        if is_removed_by_product(line) {
            return Some(Removal { since: line.since.to_owned(), minor: Some(0), replacement });
        }
        let minor = line.since.strip_prefix("1.")?.parse().ok()?;
        return Some(Removal { since: since(minor), minor: Some(minor), replacement });
    }
    let Some(last) = kubernetes::known_in(api_version, kind).last().map(|minors| *minors.end()) else {
        return unserved(api_version, kind);
    };
    (last < kubernetes::newest()).then(|| {
        let minor = u64::from(last.0) + 1;
        Removal { since: since(minor), minor: Some(minor), replacement: replacement(kind, kubernetes::newest()) }
    })
}

/// What no version of Kubernetes serves that is known here, though it serves the kind: a version that its group never had, or a group that
/// nobody can add, as groups of custom resources have a dot.
fn unserved(api_version: &str, kind: &str) -> Option<Removal> {
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    let replacement = replacement(kind, kubernetes::newest());
    let is_closed = kubernetes::is_own_group(group) || !group.contains('.');
    let (first, last) = kubernetes::embedded().into_inner();
    (is_closed && !kubernetes::is_served(api_version) && !replacement.is_empty()).then(|| Removal {
        since: format!("served by no Kubernetes from {first} to {last}"),
        minor: Some(0),
        replacement,
    })
}

fn since(minor: u64) -> String {
    format!("removed in Kubernetes 1.{minor}")
}

/// Where a kind is found in a version; its stable version, if there is one.
fn replacement(kind: &str, minor: Minor) -> String {
    kubernetes::api_versions(kind, minor).first().map(|api_version| (*api_version).to_owned()).unwrap_or_default()
}

/// The newest Kubernetes version that a rendering is judged for; that which it was rendered for, where that is older than all of which
/// definitions are embedded.
pub(super) fn version_of(judged: &Judged) -> KubeVersion {
    let rendered = &judged.rendered.kube_version;
    let newest = judged.minors.iter().max().copied().unwrap_or_else(kubernetes::newest);
    if rendered.minor < u64::from(kubernetes::embedded().start().0) {
        return rendered.clone();
    }
    KubeVersion::parse(&format!("v{newest}.0")).unwrap_or_else(|| rendered.clone())
}

/// Every object of a view under every version that it is judged for, once for each `apiVersion` that it has. Of a chart that does not
/// render, those of templates that do.
pub(super) fn each_object(view: &ProfileView) -> Vec<(Object<'_>, KubeVersion)> {
    let mut seen = BTreeSet::new();
    let mut found = vec![];
    for (rendered, version) in view.versions.iter().map(|judged| (judged.deployed(), version_of(judged))) {
        for object in rendered.objects().filter(|object| object.manifest.is_whole) {
            let key = (&object.manifest.path, object.label(), object.api_version());
            if seen.insert(key) {
                found.push((object, version.clone()));
            }
        }
    }
    found
}

/// Whether a version no longer serves it.
pub(super) fn is_gone(removal: &Removal, version: &KubeVersion) -> bool {
    removal.minor.is_some_and(|minor| (version.major, version.minor) >= (1, minor))
}

/// What is deprecated and still served.
pub(super) fn deprecation(api_version: &str, kind: &str, version: &KubeVersion) -> Option<Removal> {
    if let Some(line) = listed(api_version, kind) {
        let has_end = line.since.starts_with("1.") || is_removed_by_product(line);
        return if has_end {
            removal(api_version, kind).filter(|removal| !is_gone(removal, version))
        } else {
            Some(Removal { since: line.since.to_owned(), minor: None, replacement: line.replacement.to_owned() })
        };
    }
    let minor = Minor::known(version.major, version.minor).unwrap_or_else(kubernetes::newest);
    let is_served = kubernetes::known_in(api_version, kind).iter().any(|minors| minors.contains(&minor));
    let stable = kubernetes::api_versions(kind, minor).into_iter().find(|other| is_stable_of(other, api_version))?;
    let removed =
        removal(api_version, kind).map_or_else(|| format!("served as `{stable}` as well"), |removal| removal.since);
    (is_served && stable != api_version).then(|| Removal {
        since: removed,
        minor: None,
        replacement: stable.to_owned(),
    })
}

/// Whether an API version is the stable one of the same group.
fn is_stable_of(stable: &str, api_version: &str) -> bool {
    let group = |text: &str| text.rsplit_once('/').map_or(String::new(), |(group, _)| group.to_owned());
    let is_preview = |text: &str| text.contains("alpha") || text.contains("beta");
    group(stable) == group(api_version) && !is_preview(stable) && is_preview(api_version)
}

/// Whether the API version was chosen by those which the cluster has: it may serve more than is known here, and the chart has chosen well.
pub(super) fn asks(object: &Object<'_>) -> bool {
    object.root.get("apiVersion").is_some_and(|place| object.origins(place.location).asks_served)
}

fn help(removal: &Removal) -> String {
    match removal.replacement.as_str() {
        "" => "leave the object out: nothing takes its place".to_owned(),
        replacement => format!("use `{replacement}`, or choose by `.Capabilities.APIVersions.Has \"{replacement}\"`"),
    }
}

/// Reports a document of a file that Helm installs as it is.
pub(super) fn report_file(root: &Node, path: &str, removal: &Removal, findings: &mut Findings<'_>) {
    let text = |key: &str| root.get(key).and_then(Node::scalar_text).unwrap_or("");
    let name = root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::scalar_text);
    let (api, kind) = (text("apiVersion"), text("kind"));
    let label = format!("{kind}/{}", name.unwrap_or(""));
    let Some(place) = root.get("apiVersion").map(|node| node.location) else { return };
    let args = [("api", api), ("kind", kind), ("object", label.as_str()), ("removed", removal.since.as_str())];
    findings.report(Label::new(place, ""), format!("{path} {label} {api}"), &args).help(help(removal));
}

/// Reports an object by its `apiVersion`: `{api}`, `{kind}`, `{object}` and `{removed}`.
pub(super) fn report(
    context: &Context<'_>,
    (object, view): (&Object<'_>, &ProfileView),
    removal: &Removal,
    findings: &mut Findings<'_>,
) {
    let (api, kind, label) = (object.api_version(), object.kind(), object.label());
    let Some(place) = object.root.get("apiVersion").map(|node| node.location) else { return };
    let written = object.origins(place).template;
    let args = [("api", api), ("kind", kind), ("object", label.as_str()), ("removed", removal.since.as_str())];
    let subject = format!("{} {label} {api}", object.manifest.path);
    let mut reported = findings.report(Label::new(written.unwrap_or(place), ""), subject, &args).help(help(removal));
    reported = reported.fix(rename(context, object, removal));
    if written.is_some() {
        reported = reported.related(Label::new(place, "as rendered"));
    }
    reported.profile(&view.profile.name);
}
