//! `annotation-image-unfound`: a chart that Artifact Hub cannot render to find its images (`extractContainersImages` in
//! `internal/tracker/source/helm`).

use crate::artifacthub::Annotations;
use crate::finding::Label;
use crate::image;
use crate::render::ErrorKind;
use crate::rule::{Context, Findings};
use crate::values::dependency::is_compatible;

/// The Kubernetes version that it renders for.
const VERSION: &str = "v1.29.0";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let has_images = Annotations::of(metadata, context.sources).get("images").is_some();
    if has_images || !context.is_listed() || metadata.text("type") == Some("library") {
        return;
    }
    let range = metadata.text("kubeVersion").unwrap_or_default();
    if !range.is_empty() && !is_compatible(range, VERSION) {
        let problem = "it renders for Kubernetes 1.29, which `kubeVersion` leaves out";
        findings.report(Label::new(metadata.place("kubeVersion"), ""), "kubeVersion", &[("problem", problem)]);
        return;
    }
    let default = context.profiles.iter().find(|view| view.profile.name == "default");
    let Some(Err(error)) = default.and_then(|view| view.rendered.as_ref()) else {
        let images = default.into_iter().flat_map(|view| &view.images).filter(|used| used.place.is_pulled());
        if let Some(used) = images.into_iter().find(|used| image::problem(&used.written).is_some()) {
            let problem = format!("`{}` is no reference, and one such is enough for it to find none", used.written);
            findings.report(Label::new(used.at, ""), "reference", &[("problem", &problem)]);
        }
        return;
    };
    // A version that the chart refuses may be another than Artifact Hub's.
    if error.is_open() || error.kind == ErrorKind::KubeVersion {
        return;
    }
    let problem = "the chart does not render with its default values";
    let at = error.at.last().copied();
    let reported = findings.report(Label::new(metadata.place("name"), ""), "default", &[("problem", problem)]);
    if let Some(at) = at {
        reported.related(Label::new(at, "fails here"));
    }
}
