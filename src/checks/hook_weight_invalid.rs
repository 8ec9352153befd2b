//! `hook-weight-invalid`: a hook's weight that Helm takes for 0, since it is no whole number.

use super::hook::{annotation, report};
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        let manifests = view.seen().into_iter().flat_map(|rendered| &rendered.manifests);
        for manifest in manifests.filter(|manifest| manifest.hook.is_some() && manifest.is_whole) {
            let Some(node) = annotation(manifest, "helm.sh/hook-weight") else { continue };
            let Some(weight) = node.as_str().filter(|weight| weight.parse::<i64>().is_err()) else { continue };
            let args = [("weight", weight), ("object", &manifest.label())];
            report(view, manifest, node, &args, findings);
        }
    }
}
