//! `chart-text-unquoted`: `appVersion` is written as a number, a boolean or nothing. A `version` that is none is `version-invalid`'s.

use super::edits;
use crate::finding::{Label, Safety};
use crate::rule::{Context, Findings};
use crate::yaml::{Node, Value};

const FIELD: &str = "appVersion";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let Some(entry) = metadata.root().entry(FIELD) else { return };
    match &entry.value.value {
        Value::String(_) | Value::Seq(_) | Value::Map(_) => {}
        Value::Null => {
            findings
                .report(
                    Label::new(entry.key.location, ""),
                    FIELD,
                    &[("problem", "is null, and `helm lint` refuses it")],
                )
                .help("give it a value in quotes, or leave it out");
        }
        _ => unquoted(&entry.value, context, findings),
    }
}

fn unquoted(node: &Node, context: &Context<'_>, findings: &mut Findings<'_>) {
    let (written, read) = (node.scalar_text().unwrap_or_default(), node.helm_text().unwrap_or_default());
    let kind = node.kind();
    let problem = if *written == *read {
        format!("is {kind}, and `helm lint` refuses it")
    } else {
        format!("is {kind}: Helm reads `{written}` as `{read}`")
    };
    let quoted = format!("\"{written}\"");
    let safety = if *written == *read { Safety::Safe } else { Safety::Unsafe };
    let title = format!("put `{FIELD}` in quotes");
    let fix = edits::written(context, node.location, title, |writer| writer.in_quotes(node));
    findings
        .report(Label::new(node.location, ""), FIELD, &[("problem", &problem)])
        .help(format!("write `{FIELD}: {quoted}`"))
        .fix(fix.map(|fix| fix.with(safety)));
}
