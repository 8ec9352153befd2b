//! `crd-example-missing`: a custom resource definition without an example on Artifact Hub.

use super::edits;
use crate::artifacthub::{Annotation, Annotations};
use crate::chart::YamlFile;
use crate::crd::{self, Crd};
use crate::finding::{Fix, Label};
use crate::rule::{Context, Findings};
use crate::text::{Location, Span};
use crate::yaml::{Node, Style};

/// A definition that ought to have an example.
struct Wanted {
    kind: String,
    group: Option<String>,
    version: Option<String>,
    /// Its entry in `artifacthub.io/crds`.
    entry: Option<Location>,
    /// Its `kind` in `crds/`.
    definition: Option<Location>,
}

/// One finding for each definition that ships in `crds/` or is listed, without an example of its group and kind.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let annotations = Annotations::of(metadata, context.sources);
    let (listed, examples) = (annotations.get("crds"), annotations.get("crdsExamples"));
    let Some(place) = examples.or(listed) else { return };
    if !is_list(&annotations, examples) || !is_list(&annotations, listed) {
        return;
    }
    let objects = annotations.crd_examples();
    for wanted in wanted(context, &annotations) {
        if !objects.iter().any(|object| wanted.fits(object)) {
            report(context, findings, &wanted, (&annotations, place, examples.is_some()));
        }
    }
}

/// Whether an annotation is one that can be looked into; what it is otherwise, `annotation-invalid` says.
fn is_list(annotations: &Annotations<'_>, annotation: Option<Annotation<'_>>) -> bool {
    let Some(annotation) = annotation else { return true };
    annotations.block(annotation).is_ok_and(|block| block.is_null() || block.as_seq().is_some())
}

/// The definitions in `crds/`, then those that are only listed.
fn wanted(context: &Context<'_>, annotations: &Annotations<'_>) -> Vec<Wanted> {
    let mut wanted: Vec<_> = crd::own(context.chart).into_iter().map(shipped).collect();
    for entry in annotations.crds() {
        let known = wanted.iter_mut().find(|known| {
            known.kind == entry.kind && (entry.group.is_none() || known.group.is_none() || known.group == entry.group)
        });
        match known {
            Some(known) => known.entry = known.entry.or(Some(entry.location)),
            None => wanted.push(Wanted {
                kind: entry.kind,
                group: entry.group,
                version: entry.version,
                entry: Some(entry.location),
                definition: None,
            }),
        }
    }
    wanted
}

fn shipped(crd: Crd) -> Wanted {
    let version = crd.served().next().map(|version| version.name.text.clone());
    Wanted {
        version,
        kind: crd.kind.text,
        group: Some(crd.group.text),
        entry: None,
        definition: Some(crd.kind.location),
    }
}

impl Wanted {
    fn fits(&self, object: &Node) -> bool {
        let text = |key: &str| object.get(key).and_then(Node::as_str);
        let group = text("apiVersion").and_then(|version| version.split_once('/')).map(|(group, _)| group);
        text("kind") == Some(&self.kind) && self.group.as_deref().is_none_or(|wanted| group == Some(wanted))
    }

    fn api_version(&self) -> String {
        let group = self.group.as_deref().unwrap_or("…");
        format!("{group}/{}", self.version.as_deref().unwrap_or("…"))
    }
}

fn report(
    context: &Context<'_>,
    findings: &mut Findings<'_>,
    wanted: &Wanted,
    (annotations, place, has_list): (&Annotations<'_>, Annotation<'_>, bool),
) {
    let primary = if has_list { place.entry.key.location } else { wanted.entry.unwrap_or(place.entry.key.location) };
    let group = wanted.group.as_deref().unwrap_or("");
    let files = || context.chart.examples.iter();
    let fitting = files().find(|file| file.documents.iter().any(|document| wanted.fits(&document.root)));
    let help = match fitting {
        Some(file) => format!("copy the object of `{}` into the list", file.path),
        None => {
            format!("add an object with `apiVersion: {}` and `kind: {}` to the list", wanted.api_version(), wanted.kind)
        }
    };
    let subject = format!("{group}/{}", wanted.kind);
    let mut reported =
        findings.report(Label::new(primary, ""), subject, &[("kind", &wanted.kind), ("group", group)]).help(help);
    if group.is_empty() {
        reported = reported.message(format!("`{}` has no example in `artifacthub.io/crdsExamples`", wanted.kind));
    }
    if let Some(entry) = wanted.entry.filter(|entry| *entry != primary) {
        reported = reported.related(Label::new(entry, "listed here"));
    }
    if let Some(definition) = wanted.definition {
        reported = reported.related(Label::new(definition, "defined here"));
    }
    reported.fix(fitting.and_then(|file| copied(context, annotations, file)));
}

/// The object of a file copied into the list, comments around it left out. What would have to be laid out anew is left to a person.
fn copied(context: &Context<'_>, annotations: &Annotations<'_>, file: &YamlFile) -> Option<Fix> {
    let list = annotations.writable("crdsExamples")?;
    let [document] = file.documents.as_slice() else { return None };
    let source = context.sources.get(file.source);
    let Span { start, end } = document.root.location.span;
    let is_block = document.root.style == Style::Block && source.position(start).column == 1;
    let text = source.text.get(start as usize..end as usize).filter(|_| is_block)?.replace("\r\n", "\n");
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    // In a block of text an empty line counts, elsewhere it does not.
    let is_block = |line: &&str| line.ends_with(['|', '>', '-', '+']) && line.contains(['|', '>']);
    let has_gaps = lines.contains(&"") && lines.iter().any(is_block);
    // Nothing fills in Chart.yaml: what the resource's own controller fills in may stand there, what Helm would may not.
    let is_of_helm =
        text.contains("{{") && [".Values", ".Release", ".Chart", "include "].iter().any(|of| text.contains(of));
    let has_layout = has_gaps || text.contains(['\t', '\r']) || is_of_helm || text.contains("\n...");
    let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let title = format!("copy `{}` into `artifacthub.io/crdsExamples`", file.path);
    edits::written(context, list.location, title, |writer| writer.item(&list, &lines)).filter(|_| !has_layout)
}
