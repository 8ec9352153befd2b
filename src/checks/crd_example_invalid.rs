//! `crd-example-invalid`: an example that the API server would refuse.

use super::{custom_resource_invalid, part};
use crate::artifacthub::{Annotations, CrdEntry};
use crate::budget::Budget;
use crate::crd::{self, Crd};
use crate::finding::{Failure, FailureKind, Label};
use crate::rule::{Context, Findings};
use crate::schema::{self, Violation};
use crate::text::Location;
use crate::yaml::{Anchor, Node};

/// What is known of the kinds that the chart brings.
struct Kinds {
    crds: Vec<Crd>,
    listed: Vec<CrdEntry>,
    /// Whether more definitions may exist than those that were read: in templates, in files that do not parse, or in sub-charts
    /// that are not there.
    is_open: bool,
    /// For all examples together.
    budget: Budget,
}

/// Judges every example of the annotation, and those objects of `examples/` that are of the chart's own API groups.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let annotations = context.chart.metadata.as_ref().map(|metadata| Annotations::of(metadata, context.sources));
    let listed = annotations.as_ref().map(Annotations::crds).unwrap_or_default();
    let kinds =
        Kinds { crds: known(context), listed, is_open: crd::may_have_more(context.chart), budget: schema::budget() };
    if kinds.crds.is_empty() {
        return;
    }
    for example in annotations.iter().flat_map(Annotations::crd_examples) {
        judge(&kinds, &example, None, findings);
    }
    for file in &context.chart.examples {
        for document in &file.documents {
            for object in crd::objects(&document.root) {
                judge(&kinds, object, Some(&file.path), findings);
            }
        }
    }
}

/// The definitions that the chart ships, and those that it renders.
fn known(context: &Context<'_>) -> Vec<Crd> {
    let mut crds = crd::shipped(context.chart);
    for (_, rendered) in part::rendered(context) {
        for found in custom_resource_invalid::definitions(rendered) {
            let is_it = |crd: &Crd| crd.group.text == found.group.text && crd.kind.text == found.kind.text;
            if !crds.iter().any(is_it) {
                crds.push(found);
            }
        }
    }
    crds
}

fn judge(kinds: &Kinds, example: &Node, file: Option<&str>, findings: &mut Findings<'_>) {
    let text = |key: &str| example.get(key).and_then(Node::as_str).unwrap_or("");
    let (api, kind) = (text("apiVersion"), text("kind"));
    let (group, version) = api.split_once('/').unwrap_or(("", api));
    kinds.budget.charge(kinds.crds.len() / 8);
    if file.is_some() && !kinds.crds.iter().any(|crd| crd.group.text == group) {
        return;
    }
    let reporter = Reporter { example, api, kind, file };
    let Some(crd) = kinds.crds.iter().find(|crd| crd.group.text == group && crd.kind.text == kind) else {
        return unknown_kind(kinds, group, &reporter, findings);
    };
    let Some(version) = crd.version(version).filter(|version| version.served) else {
        return unserved(crd, version, &reporter, findings);
    };
    match crd::judge(example, version, &kinds.budget) {
        Ok(judged) => {
            judged.violations.into_iter().for_each(|violation| reporter.violation(violation, findings));
            judged.unjudged.iter().for_each(|rule| findings.skip(custom_resource_invalid::unevaluated(kind, rule)));
        }
        Err(reason) => {
            let message = format!("cannot judge an example of `{kind}`: {reason}");
            findings.fail(Failure::new(FailureKind::Limit, message).at(example.location));
        }
    }
}

fn unknown_kind(kinds: &Kinds, group: &str, reporter: &Reporter<'_>, findings: &mut Findings<'_>) {
    let kind = reporter.kind;
    let is_listed = |entry: &CrdEntry| entry.kind == kind && entry.group.as_deref().is_none_or(|of| of == group);
    if kinds.listed.iter().any(is_listed) || (kinds.is_open && !group.is_empty() && !kind.is_empty()) {
        return;
    }
    let at = if kind.is_empty() { "kind" } else { "apiVersion" };
    let known: Vec<_> = kinds.crds.iter().filter(|crd| crd.group.text == group).collect();
    let (at, what) = match (kind, known.is_empty()) {
        ("", _) => (at, "it has no `kind`".into()),
        (_, true) => (at, format!("the chart defines no `{kind}` of group `{group}`")),
        (_, false) => ("kind", format!("group `{group}` has no kind `{kind}` in this chart")),
    };
    let same_kind = kinds.crds.iter().find(|crd| crd.kind.text == kind);
    let help = match (same_kind, nearest(kind, &known)) {
        (Some(crd), _) => format!("the chart's `{kind}` is of group `{}`", crd.group.text),
        (None, Some(close)) => format!("did you mean `{close}`?"),
        (None, None) => "name a group and kind that a file in `crds/` defines, or remove the example".into(),
    };
    reporter.report(reporter.field(at), &what, help, None, findings);
}

fn nearest<'a>(kind: &str, crds: &[&'a Crd]) -> Option<&'a str> {
    let rated = crds.iter().map(|crd| (strsim::jaro_winkler(kind, &crd.kind.text), crd.kind.text.as_str()));
    rated.filter(|(score, _)| *score > 0.8).max_by(|left, right| left.0.total_cmp(&right.0)).map(|(_, kind)| kind)
}

fn unserved(crd: &Crd, version: &str, reporter: &Reporter<'_>, findings: &mut Findings<'_>) {
    let served: Vec<_> = crd.served().map(|version| format!("`{}/{}`", crd.group.text, version.name.text)).collect();
    let declared = crd.version(version);
    let what = match declared {
        Some(_) => format!("version `{version}` of `{}` is not served", crd.kind.text),
        None => format!("`{}` has no version `{version}`", crd.kind.text),
    };
    let help = format!("use {}", served.join(" or "));
    let place = declared.map_or(crd.kind.location, |version| version.name.location);
    reporter.report(reporter.field("apiVersion"), &what, help, Some(Label::new(place, "defined here")), findings);
}

/// Says what is wrong with one example.
struct Reporter<'a> {
    example: &'a Node,
    api: &'a str,
    kind: &'a str,
    /// The file in `examples/`; none for the annotation.
    file: Option<&'a str>,
}

impl Reporter<'_> {
    fn field<'k>(&self, key: &'k str) -> (Location, &'k str) {
        (self.example.entry(key).map_or(self.example.location, |entry| entry.location(Anchor::Value)), key)
    }

    fn violation(&self, violation: Violation, findings: &mut Findings<'_>) {
        let help = violation.help.unwrap_or_else(|| "correct the example, or the schema if it is too narrow".into());
        let label = violation.schema.map(|schema| Label::new(schema, "the schema says so here"));
        let path = violation.path.to_string();
        self.report((violation.location, &path), &violation.message, help, label, findings);
    }

    fn report(
        &self,
        (at, path): (Location, &str),
        problem: &str,
        help: String,
        label: Option<Label>,
        findings: &mut Findings<'_>,
    ) {
        let name = self.example.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::scalar_text);
        let name = name.map(|name| format!(" `{name}`")).unwrap_or_default();
        let kind = if self.kind.is_empty() { "object" } else { self.kind };
        let file = self.file.unwrap_or("annotation");
        let subject = format!("{file} {} {kind}{name} {path}", self.api);
        let args = [("kind", kind), ("name", name.as_str()), ("problem", problem)];
        let reported = findings.report(Label::new(at, ""), subject, &args).help(help);
        if let Some(label) = label {
            reported.related(label);
        }
    }
}
