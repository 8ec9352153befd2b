//! What kustomize knows an object by: group, version, kind, name and namespace.

use crate::yaml::Node;

/// The identity of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Id {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version in the group.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`; empty where there is none.
    pub namespace: String,
}

/// Kinds of Kubernetes that are in no namespace.
const OF_THE_CLUSTER: [&str; 24] = [
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ComponentStatus",
    "CustomResourceDefinition",
    "FlowSchema",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PodSecurityPolicy",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "SelfSubjectAccessReview",
    "SelfSubjectRulesReview",
    "StorageClass",
    "SubjectAccessReview",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

impl Id {
    /// The identity that an object's own fields say.
    pub fn of(root: &Node) -> Self {
        let field = |node: &Node, name: &str| node.get(name).and_then(Node::scalar_text).unwrap_or("").to_owned();
        let (group, version) = split(&field(root, "apiVersion"));
        let metadata = root.get("metadata");
        let of_metadata = |name: &str| metadata.map(|metadata| field(metadata, name)).unwrap_or_default();
        Self {
            group,
            version,
            kind: field(root, "kind"),
            name: of_metadata("name"),
            namespace: of_metadata("namespace"),
        }
    }

    /// Whether objects of this kind are in no namespace.
    pub fn is_of_the_cluster(&self) -> bool {
        OF_THE_CLUSTER.contains(&self.kind.as_str())
    }

    /// The namespace that counts where identities are compared.
    pub fn effective_namespace(&self) -> &str {
        match self.namespace.as_str() {
            _ if self.is_of_the_cluster() => "_non_namespaceable_",
            "" => "default",
            namespace => namespace,
        }
    }

    /// Whether two identities are the same to kustomize.
    pub fn same(&self, other: &Self) -> bool {
        self.group == other.group
            && self.version == other.version
            && self.kind == other.kind
            && self.name == other.name
            && self.effective_namespace() == other.effective_namespace()
    }

    /// What is the same in identities that are the same to kustomize.
    pub fn key(&self) -> [String; 5] {
        [&*self.group, &*self.version, &*self.kind, &*self.name, self.effective_namespace()].map(str::to_owned)
    }

    /// `Kind/name`.
    pub fn label(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }
}

/// Group and version of an `apiVersion`.
pub(super) fn split(api_version: &str) -> (String, String) {
    match api_version.split_once('/') {
        Some((group, version)) => (group.to_owned(), version.to_owned()),
        None => (String::new(), api_version.to_owned()),
    }
}
