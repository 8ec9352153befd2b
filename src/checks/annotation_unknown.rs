//! `annotation-unknown`: an annotation of Artifact Hub's that Artifact Hub does not know.

use crate::artifacthub::{Annotations, KNOWN, PREFIX};
use crate::finding::Label;
use crate::rule::{Context, Findings};

/// Names that charts use for annotations that exist, or that Chart.yaml has a field of its own for.
const MEANT: [(&str, &str); 8] = [
    ("changelog", "use `artifacthub.io/changes`"),
    ("crdExamples", "use `artifacthub.io/crdsExamples`"),
    ("image", "use `artifacthub.io/images`, a list"),
    ("keywords", "use the field `keywords` of Chart.yaml"),
    ("securityUpdates", "use `artifacthub.io/containsSecurityUpdates`"),
    ("home", "use the field `home` of Chart.yaml"),
    ("homeURL", "use the field `home` of Chart.yaml"),
    ("icon", "use the field `icon` of Chart.yaml"),
];

/// One finding for each unknown name.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let annotations = Annotations::of(metadata, context.sources).all();
    for annotation in annotations.into_iter().filter(|annotation| !KNOWN.contains(&annotation.name)) {
        let name = annotation.name;
        let place = Label::new(annotation.entry.key.location, "");
        findings.report(place, name, &[("name", &format!("{PREFIX}{name}"))]).help(help(name));
    }
}

fn help(name: &str) -> String {
    if let Some((_, help)) = MEANT.iter().find(|(known, _)| *known == name) {
        return (*help).into();
    }
    let plain = |name: &str| name.replace(['-', '_'], "").to_lowercase();
    let rated = KNOWN.iter().map(|known| (strsim::jaro_winkler(&plain(known), &plain(name)), known));
    let best = rated.max_by(|left, right| left.0.total_cmp(&right.0)).filter(|(score, _)| *score > 0.9);
    best.map_or_else(
        || "remove it, or give it a prefix of your own".into(),
        |(_, known)| format!("did you mean `{PREFIX}{known}`?"),
    )
}
