//! `chart-text-unquoted`: `appVersion` is written as a number, a boolean or nothing, or a range of versions as a number that Helm reads as another.
//! A `version` that is none is `version-invalid`'s.

use super::edits;
use crate::finding::{Label, Safety};
use crate::rule::{Context, Findings};
use crate::yaml::{Node, Value};

const FIELD: &str = "appVersion";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let root = metadata.root();
    if let Some(entry) = root.entry(FIELD) {
        match &entry.value.value {
            Value::String(_) | Value::Seq(_) | Value::Map(_) => {}
            Value::Null => {
                let args = [("field", FIELD), ("problem", "is null, and `helm lint` refuses it")];
                findings
                    .report(Label::new(entry.key.location, ""), FIELD, &args)
                    .help("give it a value in quotes, or leave it out");
            }
            _ => unquoted(FIELD, &entry.value, context, findings),
        }
    }
    let dependencies = context.chart.declared().into_iter();
    let versions = dependencies.filter_map(|declared| declared.node.get("version")).map(|range| ("version", range));
    let ranges = root.get("kubeVersion").map(|range| ("kubeVersion", range)).into_iter().chain(versions);
    for (field, range) in ranges.filter(|(_, range)| is_another(range)) {
        unquoted(field, range, context, findings);
    }
}

/// Whether Helm reads something else than what is written.
fn is_another(node: &Node) -> bool {
    matches!((node.scalar_text(), node.helm_text()), (Some(written), Some(read)) if *written != *read)
}

fn unquoted(field: &str, node: &Node, context: &Context<'_>, findings: &mut Findings<'_>) {
    let (written, read) = (node.scalar_text().unwrap_or_default(), node.helm_text().unwrap_or_default());
    let kind = node.kind();
    let problem = if is_another(node) {
        format!("is {kind}: Helm reads `{written}` as `{read}`")
    } else {
        format!("is {kind}, and `helm lint` refuses it")
    };
    let quoted = format!("\"{written}\"");
    let safety = if is_another(node) { Safety::Unsafe } else { Safety::Safe };
    let title = format!("put `{field}` in quotes");
    let fix = edits::written(context, node.location, title, |writer| writer.in_quotes(node));
    findings
        .report(Label::new(node.location, ""), field, &[("field", field), ("problem", &problem)])
        .help(format!("write `{field}: {quoted}`"))
        .fix(fix.map(|fix| fix.with(safety)));
}
