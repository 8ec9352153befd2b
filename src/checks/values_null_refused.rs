//! `values-null-refused`: values.yaml has nulls that values.schema.json refuses.

use super::schema_refused::Judge;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::yaml::KeyPath;

/// Helm 4 takes nulls of a chart's own values away before it judges; Helm 3 and `helm lint` do not.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(root) = context.chart.values.as_ref().and_then(|values| values.root()) else { return };
    let Some(judge) = Judge::of(context) else { return };
    for pointer in judge.nulls() {
        let Some(node) = root.pointer(&pointer) else { continue };
        let names = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
        let key = names.fold(KeyPath::default(), |path, name| path.key(&name)).to_string();
        let reported = findings.report(Label::new(node.location, ""), key.as_str(), &[("key", &key)]);
        if !node.is_null() {
            reported.message(format!("values.schema.json refuses `{key}` for a null in it"));
        }
    }
}
