//! `crd-annotation-missing`: a definition in `crds/` that `artifacthub.io/crds` does not list.

use super::edits;
use crate::artifacthub::{Annotations, CrdEntry};
use crate::crd::{self, Crd};
use crate::finding::{Fix, Label};
use crate::rule::{Context, Findings};
use crate::yaml::edit::plain_or_quoted;

/// One finding for each definition that a chart with such a list, or with examples, leaves out.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let annotations = Annotations::of(metadata, context.sources);
    // Examples are shown beside what is listed, and nowhere else.
    let Some(annotation) = annotations.get("crds").or_else(|| annotations.get("crdsExamples")) else { return };
    if !annotations.block(annotation).is_ok_and(|block| block.is_null() || block.as_seq().is_some()) {
        return;
    }
    let listed = annotations.crds();
    for crd in crd::own(context.chart) {
        let fits = |entry: &CrdEntry| {
            entry.kind == crd.kind.text && entry.group.as_deref().is_none_or(|group| group == crd.group.text)
        };
        if !listed.iter().any(fits) {
            report(context, &crd, Label::new(annotation.entry.key.location, ""), findings);
        }
    }
}

fn report(context: &Context<'_>, crd: &Crd, place: Label, findings: &mut Findings<'_>) {
    let (kind, group) = (crd.kind.text.as_str(), crd.group.text.as_str());
    let version = crd.served().next().map_or("…", |version| version.name.text.as_str());
    let name = crd.name.as_ref().map_or("…", |name| name.text.as_str());
    findings
        .report(place, format!("{group}/{kind}"), &[("kind", kind), ("group", group)])
        .help(format!("add `- kind: {kind}` with `version: {version}` and `name: {name}`"))
        .related(Label::new(crd.kind.location, "defined here"))
        .fix(add(context, crd));
}

fn add(context: &Context<'_>, crd: &Crd) -> Option<Fix> {
    let list = Annotations::of(context.chart.metadata.as_ref()?, context.sources).writable("crds")?;
    let (kind, version) = (crd.kind.text.as_str(), crd.served().next()?.name.text.as_str());
    let name = crd.name.as_ref()?.text.as_str();
    let fields = [("kind", kind), ("version", version), ("name", name), ("displayName", kind)];
    let lines = fields.map(|(field, text)| format!("{field}: {}", plain_or_quoted(text)));
    edits::written(context, list.location, format!("list `{kind}`"), |writer| writer.item(&list, &lines))
}
