//! `chart-name-invalid`: a name that no registry takes for a repository.

use crate::finding::Label;
use crate::image::is_path_component;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(metadata), Some((registry, at))) = (&context.chart.metadata, &context.intent.oci) else {
        return;
    };
    let Some(name) = context.chart.name() else { return };
    // What is no name at all is `chart-invalid`'s.
    if is_path_component(name) || matches!(name, "" | "." | "..") || name.contains('/') {
        return;
    }
    let lower = name.to_lowercase().replace(' ', "-");
    let help = if is_path_component(&lower) {
        format!("set `name: {lower}`")
    } else {
        "name it in lower-case letters and digits, with `-`, `_` or `.` between them".to_owned()
    };
    findings
        .report(Label::new(metadata.place("name"), ""), "name", &[("name", name), ("registry", registry)])
        .related(Label::new(*at, "where it is to go"))
        .help(help);
}
