//! What the rules on hooks share: their annotations, and where they are written.

use crate::finding::Label;
use crate::render::Manifest;
use crate::rule::{Findings, ProfileView, Reported};
use crate::yaml::Node;

/// An annotation of an object.
pub(super) fn annotation<'a>(manifest: &'a Manifest, name: &str) -> Option<&'a Node> {
    manifest.document.root.get("metadata")?.get("annotations")?.get(name)
}

/// Adds a finding where the template writes a part of an object.
pub(super) fn report<'f>(
    view: &ProfileView,
    manifest: &Manifest,
    node: &Node,
    args: &[(&str, &str)],
    findings: &'f mut Findings<'_>,
) -> Reported<'f> {
    let written = manifest.origins(node.location.span).line();
    let subject = format!("{} {}", manifest.path, manifest.label());
    let mut reported = findings.report(Label::new(written.unwrap_or(node.location), ""), subject, args);
    if written.is_some() {
        reported = reported.related(Label::new(node.location, "as rendered"));
    }
    reported.profile(&view.profile.name)
}
