//! Which of Kubernetes' own kinds are of a namespace. Of both tables only what is certain is said: kinds that come and go are in neither.

/// Kinds whose objects are of no namespace, by group.
const OF_CLUSTER: [(&str, &[&str]); 13] = [
    ("", &["Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", &["IngressClass", "IPAddress", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["PodSecurityPolicy"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "ResourceSlice"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    ("storage.k8s.io", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"]),
];

/// Kinds of Kubernetes' core that are of a namespace.
const OF_NAMESPACES: [&str; 12] = [
    "ConfigMap",
    "Endpoints",
    "Event",
    "LimitRange",
    "PersistentVolumeClaim",
    "Pod",
    "PodTemplate",
    "ReplicationController",
    "ResourceQuota",
    "Secret",
    "Service",
    "ServiceAccount",
];

/// Whether objects of a kind surely are of no namespace, whatever they name.
pub fn is_of_cluster(group: &str, kind: &str) -> bool {
    OF_CLUSTER.iter().any(|(known, kinds)| *known == group && kinds.contains(&kind))
}

/// Whether objects of a kind surely are of a namespace.
pub fn is_of_namespace(group: &str, kind: &str) -> bool {
    match group {
        "apps" | "autoscaling" | "batch" | "coordination.k8s.io" | "discovery.k8s.io" => true,
        "networking.k8s.io" => ["Ingress", "NetworkPolicy"].contains(&kind),
        "rbac.authorization.k8s.io" => ["Role", "RoleBinding"].contains(&kind),
        "policy" => kind == "PodDisruptionBudget",
        "" => OF_NAMESPACES.contains(&kind),
        _ => false,
    }
}
