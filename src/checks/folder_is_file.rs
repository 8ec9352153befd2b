//! `folder-is-file`: `templates` or `crds` is a file, or `values.yaml` a folder.

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for name in ["crds", "templates"] {
        if context.chart.file(name).is_some() {
            findings.report(Label::new(context.start_of(name), ""), name, &[("name", name)]);
        }
    }
    let below = context.chart.files.iter().find(|file| file.path.starts_with("values.yaml/"));
    if let Some(file) = below {
        findings
            .report(Label::new(context.start_of(&file.path), ""), "values.yaml", &[("name", "values.yaml")])
            .message("`values.yaml` is a folder, and Helm wants a file".to_owned())
            .help("make it a file, or give the folder another name");
    }
}
