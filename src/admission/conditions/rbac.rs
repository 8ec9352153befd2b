//! Roles and bindings (`rbac/validation`).

use super::{Part, Refused, field, key_of, shown, text};
use crate::admission::labels::is_subdomain;
use crate::yaml::path::Trail;
use crate::yaml::{KeyPath, Node};

/// `rbac/validation.ValidateRole`: paths of the API server belong to no namespace.
pub(super) fn role(part: &Part<'_, '_>, refused: &mut Refused) {
    for (index, rule) in part.node.items("rules").iter().enumerate() {
        let given = field(rule, "nonResourceURLs").and_then(Node::as_seq).is_some_and(|urls| !urls.is_empty());
        if let Some(at) = key_of(rule, "nonResourceURLs").filter(|_| given) {
            let path = part.path.key("rules").index(index).key("nonResourceURLs").to_path();
            refused.say(at, path.clone(), format!("`{path}` is for a ClusterRole alone"), "make it a ClusterRole");
        }
    }
}

/// `rbac/validation.ValidateClusterRole`: what is put together is put together of something.
pub(super) fn aggregated(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(rule) = field(part.node, "aggregationRule").filter(|rule| rule.as_map().is_some()) else { return };
    if field(rule, "clusterRoleSelectors").is_none_or(|list| list.as_seq().is_some_and(<[Node]>::is_empty)) {
        let path = part.path.key("aggregationRule").key("clusterRoleSelectors").to_path();
        let at = key_of(part.node, "aggregationRule").unwrap_or(part.at);
        refused.say(at, path.clone(), format!("required field `{path}` is missing"), "say of which roles");
    }
}

/// `rbac/validation.ValidatePolicyRule`.
pub(super) fn policy_rule(part: &Part<'_, '_>, refused: &mut Refused) {
    let count = |key: &str| part.node.get(key).and_then(Node::as_seq).map_or(0, <[Node]>::len);
    let is_empty = |key: &str| field(part.node, key).is_none_or(|node| node.as_seq().is_some_and(<[Node]>::is_empty));
    let path = || part.path.to_path();
    if count("nonResourceURLs") == 0 {
        for key in ["apiGroups", "resources"].into_iter().filter(|key| is_empty(key)) {
            let at = key_of(part.node, key).unwrap_or(part.at);
            let help = if key == "apiGroups" {
                "write `apiGroups: [\"\"]` for Kubernetes' core"
            } else {
                "list the resources"
            };
            refused.say(at, path().key(key), format!("the rule `{}` has no `{key}`", path()), help);
        }
    } else if count("apiGroups") + count("resources") + count("resourceNames") > 0 {
        let at = key_of(part.node, "nonResourceURLs").unwrap_or(part.at);
        let message = format!("the rule `{}` is for resources and for `nonResourceURLs` at once", path());
        refused.say(at, path().key("nonResourceURLs"), message, "make two rules of it");
    }
    if is_empty("verbs") {
        let at = key_of(part.node, "verbs").unwrap_or(part.at);
        refused.say(at, path().key("verbs"), format!("the rule `{}` has no `verbs`", path()), "list what it allows");
    }
}

/// `rbac/validation.ValidateClusterRoleBinding` and `ValidateRoleBinding`: a role of a namespace is not for all of them.
pub(super) fn role_ref(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(role) = field(part.node, "roleRef") else { return };
    let path = part.path.key("roleRef");
    if let Some(kind) = role.get("kind").filter(|kind| kind.as_str() == Some("Role"))
        && part.name == "rbac.v1.ClusterRoleBinding"
    {
        let path = path.key("kind").to_path();
        let message = format!("`{path}` is `Role`, and a ClusterRoleBinding is for a ClusterRole alone");
        refused.say(kind.location, path, message, "make it a RoleBinding, or name a ClusterRole");
    }
    unnamed(role, &path, "name the role", refused);
    for (index, subject) in part.node.items("subjects").iter().enumerate() {
        unnamed(subject, &part.path.key("subjects").index(index), "name who it is for", refused);
    }
}

fn unnamed(node: &Node, path: &Trail<'_>, help: &str, refused: &mut Refused) {
    if let Some(name) = node.get("name").filter(|name| name.as_str() == Some("")) {
        refused.say(name.location, path.key("name").to_path(), format!("{} is empty", shown(path, "name")), help);
    }
}

/// `rbac/validation.ValidateRoleBindingSubject`; a RoleBinding's service accounts are of its own namespace unless it says otherwise.
pub(super) fn binding(part: &Part<'_, '_>, refused: &mut Refused) {
    let is_wide = part.name == "rbac.v1.ClusterRoleBinding";
    for (index, subject) in part.node.items("subjects").iter().enumerate() {
        let path = part.path.key("subjects").to_path().index(index);
        let at = subject.get("kind").map_or(part.at, |node| node.location);
        let group = text(subject, "apiGroup");
        if let Some(name) = subject.get("name").filter(|_| text(subject, "kind") == "ServiceAccount") {
            account(name, path.key("name"), refused);
        }
        match text(subject, "kind") {
            "ServiceAccount"
                if is_wide
                    && text(subject, "namespace").is_empty()
                    && field(subject, "namespace").is_none_or(|node| node.as_str().is_some()) =>
            {
                let path = path.key("namespace");
                let message = format!("required field `{path}` is missing: a service account is of a namespace");
                refused.say(at, path, message, "write `namespace: {{ .Release.Namespace }}`");
            }
            "User" | "Group" if !["", "rbac.authorization.k8s.io"].contains(&group) => {
                let path = path.key("apiGroup");
                let at = subject.get("apiGroup").map_or(at, |node| node.location);
                refused.say(at, path.clone(), format!("`{path}` is `{group}`, not `rbac.authorization.k8s.io`"), "");
            }
            "ServiceAccount" if !group.is_empty() => {
                let path = path.key("apiGroup");
                let at = subject.get("apiGroup").map_or(at, |node| node.location);
                refused.say(
                    at,
                    path.clone(),
                    format!("`{path}` is `{group}`, and has to be empty for a service account"),
                    "leave it out",
                );
            }
            _ => {}
        }
    }
}

/// `ValidateServiceAccountName`.
fn account(name: &Node, path: KeyPath, refused: &mut Refused) {
    let Some(text) = name.as_str().filter(|text| !text.is_empty() && !is_subdomain(text)) else { return };
    let message = format!("`{path}` is `{text}`, which no service account can be named");
    refused.say(name.location, path, message, "use small letters, digits, `-` and `.`");
}
