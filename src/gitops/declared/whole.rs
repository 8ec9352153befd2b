//! Objects that stand by themselves: with all that the tool needs to deploy them, where patches have a part of it.

use crate::gitops::text;
use crate::yaml::Node;

/// Whether an object is whole.
pub(super) fn is_whole(root: &Node) -> bool {
    let Some(spec) = root.get("spec") else { return false };
    let has = |node: &Node, field: &str| node.get(field).is_some_and(|value| !value.is_null());
    let has_chart = || spec.get("chart").and_then(|chart| chart.get("spec")).is_some_and(|chart| has(chart, "chart"));
    match text(root, "kind") {
        Some("Application") => {
            has(spec, "project") && ["source", "sources", "sourceHydrator"].iter().any(|field| has(spec, field))
        }
        Some("ApplicationSet") => has(spec, "generators") && has(spec, "template"),
        Some("HelmRelease") => has(spec, "chartRef") || has_chart(),
        Some("Kustomization") => has(spec, "sourceRef"),
        _ => false,
    }
}
