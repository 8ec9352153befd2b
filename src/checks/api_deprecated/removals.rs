//! API versions that Kubernetes stopped serving, by its deprecated API migration guide.

/// A kind of an API version that is gone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Removal {
    api: &'static str,
    kind: &'static str,
    /// The first Kubernetes release without it: `1.minor`.
    pub(super) minor: u64,
    /// The API version to use; empty where the kind is gone altogether.
    pub(super) replacement: &'static str,
}

const fn removal(api: &'static str, kind: &'static str, minor: u64, replacement: &'static str) -> Removal {
    Removal { api, kind, minor, replacement }
}

const REMOVALS: &[Removal] = &[
    removal("extensions/v1beta1", "DaemonSet", 16, "apps/v1"),
    removal("extensions/v1beta1", "Deployment", 16, "apps/v1"),
    removal("extensions/v1beta1", "ReplicaSet", 16, "apps/v1"),
    removal("extensions/v1beta1", "NetworkPolicy", 16, "networking.k8s.io/v1"),
    removal("extensions/v1beta1", "PodSecurityPolicy", 16, ""),
    removal("apps/v1beta1", "Deployment", 16, "apps/v1"),
    removal("apps/v1beta1", "StatefulSet", 16, "apps/v1"),
    removal("apps/v1beta2", "DaemonSet", 16, "apps/v1"),
    removal("apps/v1beta2", "Deployment", 16, "apps/v1"),
    removal("apps/v1beta2", "ReplicaSet", 16, "apps/v1"),
    removal("apps/v1beta2", "StatefulSet", 16, "apps/v1"),
    removal(
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration",
        22,
        "admissionregistration.k8s.io/v1",
    ),
    removal(
        "admissionregistration.k8s.io/v1beta1",
        "ValidatingWebhookConfiguration",
        22,
        "admissionregistration.k8s.io/v1",
    ),
    removal("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", 22, "apiextensions.k8s.io/v1"),
    removal("apiregistration.k8s.io/v1beta1", "APIService", 22, "apiregistration.k8s.io/v1"),
    removal("authentication.k8s.io/v1beta1", "TokenReview", 22, "authentication.k8s.io/v1"),
    removal("authorization.k8s.io/v1beta1", "LocalSubjectAccessReview", 22, "authorization.k8s.io/v1"),
    removal("authorization.k8s.io/v1beta1", "SelfSubjectAccessReview", 22, "authorization.k8s.io/v1"),
    removal("authorization.k8s.io/v1beta1", "SelfSubjectRulesReview", 22, "authorization.k8s.io/v1"),
    removal("authorization.k8s.io/v1beta1", "SubjectAccessReview", 22, "authorization.k8s.io/v1"),
    removal("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 22, "certificates.k8s.io/v1"),
    removal("coordination.k8s.io/v1beta1", "Lease", 22, "coordination.k8s.io/v1"),
    removal("extensions/v1beta1", "Ingress", 22, "networking.k8s.io/v1"),
    removal("networking.k8s.io/v1beta1", "Ingress", 22, "networking.k8s.io/v1"),
    removal("networking.k8s.io/v1beta1", "IngressClass", 22, "networking.k8s.io/v1"),
    removal("rbac.authorization.k8s.io/v1beta1", "ClusterRole", 22, "rbac.authorization.k8s.io/v1"),
    removal("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", 22, "rbac.authorization.k8s.io/v1"),
    removal("rbac.authorization.k8s.io/v1beta1", "Role", 22, "rbac.authorization.k8s.io/v1"),
    removal("rbac.authorization.k8s.io/v1beta1", "RoleBinding", 22, "rbac.authorization.k8s.io/v1"),
    removal("scheduling.k8s.io/v1beta1", "PriorityClass", 22, "scheduling.k8s.io/v1"),
    removal("storage.k8s.io/v1beta1", "CSIDriver", 22, "storage.k8s.io/v1"),
    removal("storage.k8s.io/v1beta1", "CSINode", 22, "storage.k8s.io/v1"),
    removal("storage.k8s.io/v1beta1", "StorageClass", 22, "storage.k8s.io/v1"),
    removal("storage.k8s.io/v1beta1", "VolumeAttachment", 22, "storage.k8s.io/v1"),
    removal("autoscaling/v2beta1", "HorizontalPodAutoscaler", 25, "autoscaling/v2"),
    removal("batch/v1beta1", "CronJob", 25, "batch/v1"),
    removal("discovery.k8s.io/v1beta1", "EndpointSlice", 25, "discovery.k8s.io/v1"),
    removal("events.k8s.io/v1beta1", "Event", 25, "events.k8s.io/v1"),
    removal("node.k8s.io/v1beta1", "RuntimeClass", 25, "node.k8s.io/v1"),
    removal("policy/v1beta1", "PodDisruptionBudget", 25, "policy/v1"),
    removal("policy/v1beta1", "PodSecurityPolicy", 25, ""),
    removal("autoscaling/v2beta2", "HorizontalPodAutoscaler", 26, "autoscaling/v2"),
    removal("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", 26, "flowcontrol.apiserver.k8s.io/v1"),
    removal(
        "flowcontrol.apiserver.k8s.io/v1beta1",
        "PriorityLevelConfiguration",
        26,
        "flowcontrol.apiserver.k8s.io/v1",
    ),
    removal("storage.k8s.io/v1beta1", "CSIStorageCapacity", 27, "storage.k8s.io/v1"),
    removal("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", 29, "flowcontrol.apiserver.k8s.io/v1"),
    removal(
        "flowcontrol.apiserver.k8s.io/v1beta2",
        "PriorityLevelConfiguration",
        29,
        "flowcontrol.apiserver.k8s.io/v1",
    ),
    removal("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", 32, "flowcontrol.apiserver.k8s.io/v1"),
    removal(
        "flowcontrol.apiserver.k8s.io/v1beta3",
        "PriorityLevelConfiguration",
        32,
        "flowcontrol.apiserver.k8s.io/v1",
    ),
];

/// What became of a kind of an API version, if it was removed.
pub(super) fn of(api: &str, kind: &str) -> Option<&'static Removal> {
    REMOVALS.iter().find(|removal| removal.api == api && removal.kind == kind)
}
