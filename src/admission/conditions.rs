//! Conditions that no schema has: what the API server's own validation asks of several fields together.
//!
//! Each follows a function of Kubernetes' `pkg/apis/*/validation`, which is named with it, and only what is certain from the
//! manifest alone is here: what defaults, admission or the state of a cluster decide is not.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::walk::{self, Part};
use crate::kubernetes::{Minor, Shape};
use crate::schema::{Defect, Violation};
use crate::text::Location;
use crate::yaml::path::Trail;
use crate::yaml::{KeyPath, Node};

mod annotations;
mod attached;
mod batch;
mod blocks;
mod claims;
mod container;
mod defaults;
mod definition;
mod devices;
mod downward;
mod endpoints;
mod expressions;
mod ingress;
mod level;
mod listing;
mod metas;
mod mounts;
mod network;
mod pod;
mod quantity;
mod rbac;
mod registered;
mod rules;
mod scheduling;
mod security;
mod selectable;
mod service;
mod sources;
mod storage;
mod structure;
mod systems;
mod updates;
mod various;
mod volumes;

/// Collects what is refused.
#[derive(Default)]
struct Refused(Vec<Violation>);

impl Refused {
    fn say(&mut self, location: Location, path: KeyPath, message: impl Into<String>, help: impl Into<String>) {
        let (message, help) = (message.into(), Some(help.into()).filter(|help: &String| !help.is_empty()));
        self.0.push(Violation { location, path, defect: Defect::Value, message, help, correction: None, schema: None });
    }
}

impl Refused {
    /// Says that something is not known to be right, as a bound was reached.
    fn leave(&mut self, location: Location, path: KeyPath, message: String) {
        let defect = Defect::Beyond;
        self.0.push(Violation { location, path, defect, message, help: None, correction: None, schema: None });
    }

    /// Says something of a field of a part: at a scalar itself, at the key of anything else, and where the part is said of what is not there.
    fn of(&mut self, part: &Part<'_, '_>, key: &str, what: impl std::fmt::Display, help: &str) {
        let scalar = part.node.get(key).filter(|node| node.scalar_text().is_some_and(|text| !text.is_empty()));
        let at = scalar.map(|node| node.location).or_else(|| key_of(part.node, key)).unwrap_or(part.at);
        let path = part.path.key(key).to_path();
        let message = format!("`{path}` {what}");
        self.say(at, path, message, help);
    }

    /// Says that a field is not there, for a reason.
    fn missing(&mut self, part: &Part<'_, '_>, key: &str, why: &str, help: &str) {
        let path = part.path.key(key).to_path();
        let message = format!("required field `{path}` is missing{why}");
        self.say(key_of(part.node, key).unwrap_or(part.at), path, message, help);
    }
}

type Condition = fn(&Part<'_, '_>, &mut Refused);

/// What is asked of parts, by the name of their definition.
const CONDITIONS: &[(&str, Condition)] = &[
    ("admissionregistration.v1.MutatingWebhook", network::webhook),
    ("admissionregistration.v1.ValidatingWebhook", network::webhook),
    ("admissionregistration.v1.WebhookClientConfig", network::client),
    ("admissionregistration.v1.MatchCondition", expressions::condition),
    ("admissionregistration.v1.ValidatingAdmissionPolicySpec", expressions::policy),
    ("admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec", expressions::binding),
    ("admissionregistration.v1beta1.MatchCondition", expressions::condition),
    ("admissionregistration.v1beta1.ValidatingAdmissionPolicySpec", expressions::policy),
    ("admissionregistration.v1beta1.ValidatingAdmissionPolicyBindingSpec", expressions::binding),
    ("admissionregistration.v1.NamedRuleWithOperations", registered::resources),
    ("admissionregistration.v1.NamedRuleWithOperations", registered::rule),
    ("admissionregistration.v1.RuleWithOperations", registered::resources),
    ("admissionregistration.v1.RuleWithOperations", registered::rule),
    ("apiextensions.v1.CustomResourceColumnDefinition", definition::column),
    ("apiextensions.v1.CustomResourceConversion", definition::conversion),
    ("apiextensions.v1.WebhookConversion", definition::reviews),
    ("apiextensions.v1.WebhookClientConfig", network::client),
    ("apiextensions.v1.CustomResourceDefinition", definition::whole),
    ("apiextensions.v1.CustomResourceDefinition", definition::approval),
    ("apiextensions.v1.CustomResourceDefinitionNames", definition::names),
    ("apiextensions.v1.CustomResourceDefinitionSpec", definition::spec),
    ("apiextensions.v1.CustomResourceDefinitionVersion", definition::version),
    ("apiextensions.v1.CustomResourceDefinitionVersion", definition::warning),
    ("apiextensions.v1.CustomResourceDefinitionVersion", selectable::fields),
    ("apiextensions.v1.CustomResourceDefinitionVersion", structure::with_status),
    ("apiextensions.v1.CustomResourceSubresourceScale", definition::scale),
    ("apiextensions.v1.CustomResourceValidation", structure::schema),
    ("apiregistration.v1.APIService", registered::service),
    ("apps.v1.DaemonSetUpdateStrategy", updates::strategy),
    ("apps.v1.DeploymentSpec", updates::deadline),
    ("apps.v1.StatefulSetSpec", claims::templates),
    ("apps.v1.StatefulSetUpdateStrategy", updates::strategy),
    ("autoscaling.v2.HPAScalingRules", updates::scaling),
    ("autoscaling.v2.MetricSpec", updates::metric),
    ("autoscaling.v2.MetricTarget", updates::target),
    ("batch.v1.CronJobSpec", updates::cron),
    ("batch.v1.CronJobSpec", batch::template),
    ("batch.v1.Job", batch::indexed),
    ("batch.v1.JobSpec", batch::job),
    ("batch.v1.JobSpec", updates::job),
    ("core.v1.CSIVolumeSource", volumes::driver),
    ("core.v1.Container", mounts::container),
    ("core.v1.EnvVar", mounts::variable),
    ("core.v1.EnvVarSource", downward::variable),
    ("core.v1.EnvFromSource", mounts::source),
    ("core.v1.ResourceFieldSelector", downward::resource),
    ("core.v1.ProjectedVolumeSource", volumes::projected),
    ("core.v1.VolumeProjection", volumes::projection),
    ("core.v1.DownwardAPIVolumeFile", |part, refused| one_of(part, &["fieldRef", "resourceFieldRef"], refused)),
    ("core.v1.ResourceQuotaSpec", quantity::quota),
    ("core.v1.ScopedResourceSelectorRequirement", scheduling::scope),
    ("networking.v1.HTTPIngressRuleValue", ingress::paths),
    ("core.v1.DownwardAPIVolumeFile", volumes::file),
    ("core.v1.DownwardAPIVolumeFile", downward::file),
    ("core.v1.HostAlias", network::alias),
    ("core.v1.HostPathVolumeSource", volumes::host_path),
    ("core.v1.KeyToPath", volumes::file),
    ("core.v1.ClusterTrustBundleProjection", volumes::file),
    ("core.v1.ServiceAccountTokenProjection", volumes::file),
    ("core.v1.LimitRangeItem", quantity::range),
    ("core.v1.LimitRangeSpec", quantity::ranges),
    ("core.v1.NFSVolumeSource", volumes::nfs),
    ("core.v1.LocalVolumeSource", volumes::host_path),
    ("core.v1.GitRepoVolumeSource", sources::repository),
    ("core.v1.ISCSIVolumeSource", sources::target),
    ("core.v1.ISCSIPersistentVolumeSource", sources::target),
    ("core.v1.FCVolumeSource", sources::channel),
    ("core.v1.FlockerVolumeSource", sources::set),
    ("core.v1.AzureDiskVolumeSource", sources::disk),
    ("core.v1.NodeSelector", scheduling::terms),
    ("core.v1.NodeSelectorRequirement", scheduling::requirement),
    ("core.v1.PersistentVolumeSpec", storage::volume),
    ("core.v1.PodDNSConfig", network::resolver),
    ("core.v1.SeccompProfile", security::profile),
    ("core.v1.AppArmorProfile", security::profile),
    ("core.v1.SecurityContext", security::context),
    ("core.v1.PodAffinityTerm", scheduling::affinity),
    ("core.v1.Toleration", scheduling::toleration),
    ("core.v1.TopologySpreadConstraint", scheduling::spread),
    ("core.v1.VolumeMount", mounts::mount),
    ("discovery.v1.EndpointSlice", endpoints::slice),
    ("core.v1.EndpointSubset", endpoints::subset),
    ("meta.v1.LabelSelectorRequirement", scheduling::requirement),
    ("meta.v1.ObjectMeta", various::metadata),
    ("networking.v1.HTTPIngressPath", ingress::path),
    ("networking.v1.IPBlock", network::block),
    ("networking.v1.IngressBackend", ingress::backend),
    ("networking.v1.IngressClassParametersReference", ingress::parameters),
    ("networking.v1.IngressRule", ingress::rule),
    ("networking.v1.IngressServiceBackend", ingress::service),
    ("networking.v1.Ingress", ingress::classes),
    ("networking.v1.IngressSpec", ingress::spec),
    ("networking.v1.IngressTLS", ingress::tls),
    ("networking.v1.NetworkPolicyPeer", network::peer),
    ("networking.v1.NetworkPolicyPort", network::port),
    ("networking.v1.NetworkPolicySpec", network::policy),
    ("rbac.v1.ClusterRole", rbac::aggregated),
    ("rbac.v1.Role", rbac::role),
    ("scheduling.v1.PriorityClass", scheduling::priority),
    ("core.v1.TopologySelectorLabelRequirement", storage::topology),
    ("storage.v1.CSIDriverSpec", storage::tokens),
    ("storage.v1.StorageClass", storage::class),
    ("storage.v1.StorageClass", storage::parameters),
    ("apps.v1.Deployment", pod::runs_always),
    ("apps.v1.DaemonSet", pod::runs_always),
    ("apps.v1.ReplicaSet", pod::runs_always),
    ("apps.v1.StatefulSet", pod::runs_always),
    ("core.v1.ReplicationController", pod::runs_always),
    ("apps.v1.Deployment", attached::below_spec),
    ("apps.v1.DaemonSet", attached::below_spec),
    ("apps.v1.ReplicaSet", attached::below_spec),
    ("core.v1.ReplicationController", attached::below_spec),
    ("core.v1.PodTemplate", attached::below_template),
    ("batch.v1.JobSpec", attached::below_template),
    ("apps.v1.DeploymentStrategy", various::strategy),
    ("autoscaling.v1.HorizontalPodAutoscalerSpec", various::replicas),
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", various::replicas),
    ("batch.v1.JobSpec", pod::job_restarts),
    ("core.v1.ConfigMap", various::config_map),
    ("core.v1.Container", container::container),
    ("core.v1.EnvVar", container::variable),
    ("core.v1.EnvVarSource", |part, refused| one_of(part, &SOURCES, refused)),
    ("core.v1.LifecycleHandler", |part, refused| one_of(part, &["exec", "httpGet", "tcpSocket", "sleep"], refused)),
    ("core.v1.PersistentVolumeClaim", claims::claim),
    ("core.v1.EmptyDirVolumeSource", claims::empty),
    ("core.v1.EphemeralVolumeSource", claims::ephemeral),
    ("core.v1.Pod", annotations::of_pod),
    ("core.v1.Pod", pod::attached),
    ("core.v1.PodResourceClaim", devices::claim),
    ("core.v1.PodSpec", devices::used),
    ("core.v1.PodSpec", pod::spec),
    ("core.v1.PodSpec", blocks::devices),
    ("core.v1.PodSpec", quantity::of_pod),
    ("core.v1.PodSpec", security::settings),
    ("core.v1.PodSpec", systems::pod),
    ("core.v1.PodTemplateSpec", annotations::of_pod),
    ("core.v1.PodTemplateSpec", pod::attached),
    ("core.v1.Probe", |part, refused| one_of(part, &["exec", "httpGet", "tcpSocket", "grpc"], refused)),
    ("core.v1.ResourceRequirements", quantity::resources),
    ("core.v1.Secret", various::secret),
    ("core.v1.Service", service::annotated),
    ("core.v1.ServiceSpec", service::spec),
    ("core.v1.Volume", pod::volume),
    ("policy.v1.PodDisruptionBudgetSpec", various::disruption),
    ("rbac.v1.PolicyRule", rbac::policy_rule),
    ("rbac.v1.RoleBinding", rbac::binding),
    ("rbac.v1.ClusterRoleBinding", rbac::binding),
    ("rbac.v1.RoleBinding", rbac::role_ref),
    ("rbac.v1.ClusterRoleBinding", rbac::role_ref),
];

static BY_NAME: LazyLock<HashMap<&str, Vec<Condition>>> = LazyLock::new(|| {
    let mut by_name: HashMap<&str, Vec<Condition>> = HashMap::new();
    for (name, condition) in CONDITIONS {
        by_name.entry(name).or_default().push(*condition);
    }
    by_name
});

const SOURCES: [&str; 5] = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

/// What an object breaks.
pub(super) fn broken(root: &Node, shape: Shape) -> Vec<Violation> {
    let mut refused = Refused::default();
    walk::parts(root, shape, &mut |part| {
        if matches!(part.path, Trail::Root) {
            various::finalizers(root, various::needs_domains(part.name), &mut refused);
        }
        for condition in BY_NAME.get(part.name).into_iter().flatten() {
            condition(part, &mut refused);
        }
    });
    refused.0
}

/// What the metadata of an object breaks whose kind is not one of Kubernetes' own.
pub(super) fn broken_by_metadata(root: &Node, minor: Minor) -> Vec<Violation> {
    let mut refused = Refused::default();
    various::finalizers(root, false, &mut refused);
    if let Some(entry) = root.entry("metadata") {
        let (name, path) = ("meta.v1.ObjectMeta", Trail::Root.key("metadata"));
        let part = Part { name, node: &entry.value, at: entry.key.location, path: &path, minor };
        various::metadata(&part, &mut refused);
    }
    refused.0
}

/// A field that says something; null is nothing.
fn field<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    node.get(key).filter(|value| !value.is_null())
}

fn text<'a>(node: &'a Node, key: &str) -> &'a str {
    node.get(key).and_then(Node::as_str).unwrap_or("")
}

fn number(node: &Node, key: &str) -> Option<i64> {
    match node.get(key)?.value {
        crate::yaml::Value::Int(value, _) => Some(value),
        _ => None,
    }
}

fn key_of(node: &Node, key: &str) -> Option<Location> {
    node.entry(key).map(|entry| entry.key.location)
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Exactly one of some fields has to be there.
fn one_of(part: &Part<'_, '_>, names: &[&str], refused: &mut Refused) {
    let given: Vec<&str> = names.iter().copied().filter(|name| field(part.node, name).is_some()).collect();
    if given.len() == 1 {
        return;
    }
    let (path, help) = (part.path.to_path(), format!("set exactly one of {}", listed(names)));
    match given.as_slice() {
        [] => refused.say(part.at, path.clone(), format!("`{path}` has none of {}", listed(names)), help),
        more => {
            let at = key_of(part.node, more[1]).unwrap_or(part.at);
            refused.say(at, path.clone(), format!("`{path}` has {} at once", listed(more)), help);
        }
    }
}

/// The path in backticks, for a message.
fn shown(path: &Trail<'_>, key: &str) -> String {
    format!("`{}`", path.key(key).to_path())
}
