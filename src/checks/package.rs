//! What the rules on artifacthub-pkg.yml share: a field of it against what Chart.yaml says.
//!
//! Artifact Hub reads scalars as they are written, Helm numbers as numbers: `version: 1.10` is `1.10` to one and `1.1` to the other.

use std::borrow::Cow;

use super::edits;
use crate::chart::Metadata;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::{Location, Span};
use crate::yaml::Node;

/// What Chart.yaml says, and where.
pub(super) struct Said<'a> {
    pub(super) value: Cow<'a, str>,
    pub(super) label: Label,
    /// The scalar as it is written.
    written: &'a str,
}

impl<'a> Said<'a> {
    /// A scalar of Chart.yaml, named as people know it.
    pub(super) fn by(node: &'a Node) -> Option<Self> {
        let value = node.helm_text()?;
        let written = node.scalar_text().unwrap_or_default();
        let message = if written == value {
            format!("Chart.yaml says `{value}`")
        } else {
            format!("without quotes, `{written}` is the number `{value}` to Helm")
        };
        Some(Self { label: Label::new(node.location, message), value, written })
    }

    /// A field at the root of Chart.yaml.
    pub(super) fn field(metadata: &'a Metadata, field: &str) -> Option<Self> {
        Self::by(metadata.root().get(field)?)
    }
}

/// Says of a file that Artifact Hub reads another in its place.
pub(super) fn passed_over(context: &Context<'_>, stem: &str, findings: &mut Findings<'_>) {
    for source in &context.chart.passed_over {
        let start = Location::new(*source, Span::default());
        let path = context.sources.path(start);
        let name = path.rsplit('/').next().unwrap_or_default();
        if name.starts_with(stem) {
            let problem = format!("Artifact Hub reads `{stem}.yml`, which lies beside `{name}`, and not this file");
            let reported = findings.report(Label::new(start, ""), name, &[("problem", &problem)]);
            reported.help("keep one of the two");
        }
    }
}

/// The mapping in artifacthub-pkg.yml, its path and its start, where there is one.
pub(super) fn root<'a>(context: &Context<'a>) -> Option<(&'a Node, &'a str, Location)> {
    let package = context.chart.package.as_ref()?;
    let root = package.root().filter(|root| root.as_map().is_some())?;
    let start = Location::new(package.source, crate::text::Span::default());
    Some((root, &package.path, start))
}

/// Reports a field of artifacthub-pkg.yml that is there and says something else.
///
/// Where both are written alike and only Helm reads a number, the quotes that Chart.yaml lacks are at fault, and there is none.
pub(super) fn compare(context: &Context<'_>, findings: &mut Findings<'_>, field: &str, said: &Said<'_>) {
    let Some((root, file, _)) = root(context) else { return };
    let Some(node) = root.get(field) else { return };
    let Some(found) = node.scalar_text().filter(|found| **found != *said.value) else { return };
    let args = [("file", file), ("found", found), ("expected", &*said.value)];
    if found == said.written {
        let related = Label::new(node.location, format!("`{file}` says `{found}`"));
        let reported = findings.report(said.label.clone(), field, &args).related(related);
        reported.help(format!("write `{field}: \"{found}\"` in Chart.yaml"));
        return;
    }
    let title = format!("set `{field}` to `{}`", said.value);
    let fix = edits::scalar(context, node, &said.value, title.as_str());
    let reported = findings.report(Label::new(node.location, ""), field, &args).related(said.label.clone());
    reported.help(title).fix(fix);
}
