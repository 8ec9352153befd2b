//! What an object is to the cluster: two states of a chart that render the same identity upgrade the one object.

use std::sync::LazyLock;

use regex::Regex;

use crate::chart::Chart;
use crate::yaml::Node;

/// Group, kind, namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) group: String,
    /// Empty for kinds that have none.
    pub(super) namespace: String,
}

/// Kinds without a namespace whose names do not say so.
const CLUSTER_WIDE: [&str; 9] = [
    "APIService",
    "CSIDriver",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "PersistentVolume",
    "PriorityClass",
    "StorageClass",
    "ValidatingWebhookConfiguration",
];

/// What stands in a name for a version or a hash, which differ from release to release.
const VARYING: &str = "…";

impl Identity {
    /// The identity of an object; none where it has no kind or name.
    pub(super) fn of(object: &Node, chart: &Chart, namespace: &str) -> Option<Self> {
        let text = |node: &Node, key: &str| node.get(key).and_then(Node::scalar_text).map(str::to_owned);
        let kind = text(object, "kind").filter(|kind| !kind.is_empty())?;
        let metadata = object.get("metadata")?;
        let name = text(metadata, "name").filter(|name| !name.is_empty())?;
        let api_version = text(object, "apiVersion").unwrap_or_default();
        let has_namespace = !kind.starts_with("Cluster") && !CLUSTER_WIDE.contains(&kind.as_str());
        let namespace = text(metadata, "namespace").filter(|given| !given.is_empty()).unwrap_or(namespace.to_owned());
        Some(Self {
            group: group(&api_version, &kind),
            name: steady(&name, chart),
            namespace: if has_namespace { namespace } else { String::new() },
            kind,
        })
    }

    /// `Kind/name`.
    pub(super) fn shown(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }
}

/// The group that has a kind today: `extensions` gave its own to others, and the objects stayed the same.
fn group(api_version: &str, kind: &str) -> String {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    match (group, kind) {
        ("extensions", "Ingress" | "NetworkPolicy") => "networking.k8s.io",
        ("extensions", "Deployment" | "DaemonSet" | "ReplicaSet") => "apps",
        ("extensions", "PodSecurityPolicy") => "policy",
        _ => group,
    }
    .to_owned()
}

/// A name without the versions of chart and application, and without a hash at its end.
fn steady(name: &str, chart: &Chart) -> String {
    static HASH: LazyLock<Regex> = LazyLock::new(|| Regex::new("-[0-9a-f]{8,64}$").expect("a sound pattern"));
    let mut name = name.to_owned();
    for version in [chart.version(), chart.app_version()].into_iter().flatten().filter(|text| text.contains('.')) {
        for written in [version.to_owned(), version.replace('.', "-"), version.replace('+', "_")] {
            name = name.replace(&written, VARYING);
        }
    }
    let is_hash = HASH.find(&name).is_some_and(|found| found.as_str().bytes().any(|byte| byte.is_ascii_digit()));
    if is_hash { HASH.replace(&name, format!("-{VARYING}")).into_owned() } else { name }
}
