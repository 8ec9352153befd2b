//! `resource-policy-void`: `helm.sh/resource-policy` on an item of a list, where Helm does not look for it.

use super::hook::report;
use crate::rule::{Context, Findings};
use crate::yaml::Node;

const POLICY: &str = "helm.sh/resource-policy";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        for manifest in view.seen().into_iter().flat_map(|rendered| &rendered.manifests) {
            let items = manifest.document.root.get("items").and_then(Node::as_seq).filter(|_| manifest.kind == "List");
            let policy = |item: &'_ Node| item.get("metadata")?.get("annotations")?.get(POLICY).cloned();
            let first = items.unwrap_or_default().iter().find_map(policy);
            if let Some(node) = first {
                report(view, manifest, &node, &[("list", &manifest.path)], findings);
            }
        }
    }
}
