//! `chart-name-invalid`: a name that no registry takes for a repository.

use std::sync::LazyLock;

use regex::Regex;

use crate::finding::Label;
use crate::rule::{Context, Findings};

/// A part of a repository's name (OCI distribution specification 1.1, "Pulling manifests").
static NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$").expect("a valid pattern"));

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(metadata), Some((registry, at))) = (&context.chart.metadata, &context.intent.oci) else {
        return;
    };
    let Some(name) = context.chart.name() else { return };
    // What is no name at all is `chart-invalid`'s.
    if NAME.is_match(name) || matches!(name, "" | "." | "..") || name.contains('/') {
        return;
    }
    let lower = name.to_lowercase().replace(' ', "-");
    let help = if NAME.is_match(&lower) {
        format!("set `name: {lower}`")
    } else {
        "name it in lower-case letters and digits, with `-`, `_` or `.` between them".to_owned()
    };
    findings
        .report(Label::new(metadata.place("name"), ""), "name", &[("name", name), ("registry", registry)])
        .related(Label::new(*at, "where it is to go"))
        .help(help);
}
