//! `hook-policy-unknown`: a policy of a hook that Helm does not know, and passes over.

use super::edits;
use super::hook::{annotation, report};
use crate::rule::{Context, Findings};
use crate::text::suggest::{nearest, only};

/// Annotations with policies, and the policies that Helm knows.
const POLICIES: [(&str, &[&str]); 2] = [
    ("helm.sh/hook-delete-policy", &["before-hook-creation", "hook-succeeded", "hook-failed"]),
    ("helm.sh/hook-output-log-policy", &["hook-succeeded", "hook-failed"]),
];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        let manifests = view.seen().into_iter().flat_map(|rendered| &rendered.manifests);
        for manifest in manifests.filter(|manifest| manifest.hook.is_some() && manifest.is_whole) {
            for (name, known) in POLICIES {
                let Some(node) = annotation(manifest, name) else { continue };
                let given = node.as_str().unwrap_or_default().split(',').map(str::trim);
                // Helm reads them in lower case.
                let is_known = |policy: &&str| policy.is_empty() || known.contains(&policy.to_lowercase().as_str());
                let Some(policy) = given.into_iter().find(|policy| !is_known(policy)) else { continue };
                let fix = only(policy, known.iter().copied()).and_then(|meant| {
                    let place = manifest.origins(node.location.span).template?;
                    edits::part(context, place, (policy, meant), format!("write `{meant}`"))
                });
                let args = [("policy", policy), ("annotation", name), ("object", &manifest.label())];
                report(view, manifest, node, &args, findings).help(help(policy, known)).fix(fix);
            }
        }
    }
}

fn help(policy: &str, known: &[&str]) -> String {
    match nearest(policy, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("use one of {}", known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")),
    }
}
