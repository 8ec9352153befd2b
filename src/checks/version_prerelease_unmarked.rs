//! `version-prerelease-unmarked`: what Artifact Hub is told of a pre-release is what the version says.

use super::edits;
use crate::chart::Version;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::yaml::Node;

const ANNOTATION: &str = "artifacthub.io/prerelease";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(metadata), Some(text)) = (&context.chart.metadata, context.chart.version()) else { return };
    let Some(version) = Version::parse(text) else { return };
    let mark = metadata.root().get("annotations").and_then(|annotations| annotations.get(ANNOTATION));
    let args = [("version", text)];
    match (version.prerelease.is_empty(), mark) {
        (false, None) if context.is_listed() => {
            let help = format!("add `{ANNOTATION}: \"true\"` to `annotations`");
            let title = format!("add `{ANNOTATION}: \"true\"`");
            let fix = edits::annotation(context, ANNOTATION, "true", title);
            findings.report(Label::new(metadata.place("version"), ""), ANNOTATION, &args).help(help).fix(fix);
        }
        (true, Some(mark)) if is_true(mark) => {
            findings
                .report(Label::new(mark.location, ""), ANNOTATION, &args)
                .message(format!("version `{text}` is no pre-release, and Artifact Hub would show it as one"))
                .related(Label::new(metadata.place("version"), "a release"))
                .help(format!("take `{ANNOTATION}` out"))
                .fix(edits::annotation(context, ANNOTATION, "false", format!("set `{ANNOTATION}` to `false`")));
        }
        _ => {}
    }
}

/// As Go's `strconv.ParseBool` has it, which Artifact Hub reads the annotation with.
fn is_true(mark: &Node) -> bool {
    mark.helm_text().is_some_and(|text| ["1", "t", "T", "TRUE", "true", "True"].contains(&&*text))
}
