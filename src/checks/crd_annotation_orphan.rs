//! `crd-annotation-orphan`: `artifacthub.io/crds` lists a definition that the chart does not bring.

use super::edits;
use crate::artifacthub::{Annotations, CrdEntry};
use crate::crd::{self, Crd};
use crate::finding::{Fix, Label};
use crate::rule::{Context, Findings};
use crate::yaml::Node;

/// One finding for each entry without a definition, or with a version that its definition does not serve.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let crds = crd::shipped(context.chart);
    if crds.is_empty() {
        return;
    }
    let may_have_more = crd::may_have_more(context.chart);
    let annotations = Annotations::of(metadata, context.sources);
    let writable = annotations.writable("crds").map(|_| context);
    for entry in annotations.crds() {
        let group = entry.group.as_deref().unwrap_or("");
        let fits = |crd: &&Crd| crd.kind.text == entry.kind && (group.is_empty() || crd.group.text == group);
        match crds.iter().find(fits) {
            Some(crd) => {
                named(&entry, crd, writable, findings);
                version(&entry, crd, writable, findings);
            }
            None if may_have_more => {}
            None => absent(&entry, &crds, writable, findings),
        }
    }
}

/// Another text for a field of an entry, where it can be written.
fn set(context: Option<&Context<'_>>, field: Option<&Node>, text: Option<&str>) -> Option<Fix> {
    let (context, node, text) = (context?, field?, text?);
    edits::scalar(context, node, text, format!("write `{text}`"))
}

/// The definition is found by its kind; its name is to be its own.
fn named(entry: &CrdEntry, crd: &Crd, writable: Option<&Context<'_>>, findings: &mut Findings<'_>) {
    let (Some(name), Some(own)) = (entry.written.0.as_ref(), crd.name.as_ref()) else { return };
    let Some(given) = name.scalar_text().filter(|given| !given.is_empty() && *given != own.text) else { return };
    let problem = format!("has the name `{}`, not `{given}`", own.text);
    findings
        .report(
            Label::new(name.location, ""),
            format!("{} {given}", subject(entry)),
            &[("kind", &entry.kind), ("problem", &problem)],
        )
        .help(format!("write `{}`", own.text))
        .related(Label::new(crd.kind.location, "defined here"))
        .fix(set(writable, Some(name), Some(&own.text)));
}

fn version(entry: &CrdEntry, crd: &Crd, writable: Option<&Context<'_>>, findings: &mut Findings<'_>) {
    let Some(version) = entry.version.as_deref() else { return };
    if crd.served().any(|served| served.name.text == version) {
        return;
    }
    let mut names = crd.served().map(|served| served.name.text.as_str());
    let only = names.next().filter(|_| names.next().is_none());
    let served: Vec<_> = crd.served().map(|served| format!("`{}`", served.name.text)).collect();
    let problem = format!("serves no version `{version}`");
    findings
        .report(Label::new(entry.location, ""), subject(entry), &[("kind", &entry.kind), ("problem", &problem)])
        .help(format!("its definition serves {}", served.join(", ")))
        .related(Label::new(crd.kind.location, "defined here"))
        .fix(set(writable, entry.written.1.as_ref(), only));
}

fn absent(entry: &CrdEntry, crds: &[Crd], writable: Option<&Context<'_>>, findings: &mut Findings<'_>) {
    let mut of_kind = crds.iter().filter(|crd| crd.kind.text == entry.kind);
    let same = of_kind.next();
    let name = same.filter(|_| of_kind.next().is_none()).and_then(|crd| Some(crd.name.as_ref()?.text.as_str()));
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
        .help(help)
        .fix(set(writable, entry.written.0.as_ref(), name));
}

fn subject(entry: &CrdEntry) -> String {
    format!("{}/{}", entry.group.as_deref().unwrap_or(""), entry.kind)
}
