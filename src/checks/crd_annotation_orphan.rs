//! `crd-annotation-orphan`: `artifacthub.io/crds` lists a definition that the chart does not bring.

use crate::artifacthub::{Annotations, CrdEntry};
use crate::crd::{self, Crd};
use crate::finding::Label;
use crate::rule::{Context, Findings};

/// One finding for each entry without a definition, or with a version that its definition does not serve.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let crds = crd::shipped(context.chart);
    if crds.is_empty() {
        return;
    }
    let may_have_more = crd::may_have_more(context.chart);
    for entry in Annotations::of(metadata, context.sources).crds() {
        let group = entry.group.as_deref().unwrap_or("");
        let fits = |crd: &&Crd| crd.kind.text == entry.kind && (group.is_empty() || crd.group.text == group);
        match crds.iter().find(fits) {
            Some(crd) => version(&entry, crd, findings),
            None if may_have_more => {}
            None => absent(&entry, &crds, findings),
        }
    }
}

fn version(entry: &CrdEntry, crd: &Crd, findings: &mut Findings<'_>) {
    let Some(version) = entry.version.as_deref() else { return };
    if crd.served().any(|served| served.name.text == version) {
        return;
    }
    let served: Vec<_> = crd.served().map(|served| format!("`{}`", served.name.text)).collect();
    let problem = format!("serves no version `{version}`");
    findings
        .report(Label::new(entry.location, ""), subject(entry), &[("kind", &entry.kind), ("problem", &problem)])
        .help(format!("its definition serves {}", served.join(", ")))
        .related(Label::new(crd.kind.location, "defined here"));
}

fn absent(entry: &CrdEntry, crds: &[Crd], findings: &mut Findings<'_>) {
    let same = crds.iter().find(|crd| crd.kind.text == entry.kind);
    let help = match same {
        Some(crd) => format!("the chart's `{}` is of group `{}`", entry.kind, crd.group.text),
        None => "remove the entry, or add the definition to `crds/`".into(),
    };
    let problem = entry.group.as_deref().map_or_else(
        || "this chart defines nowhere".into(),
        |group| format!("this chart does not define in group `{group}`"),
    );
    findings
        .report(Label::new(entry.location, ""), subject(entry), &[("kind", &entry.kind), ("problem", &problem)])
        .help(help);
}

fn subject(entry: &CrdEntry) -> String {
    format!("{}/{}", entry.group.as_deref().unwrap_or(""), entry.kind)
}
