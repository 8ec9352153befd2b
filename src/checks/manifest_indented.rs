//! `manifest-indented`: what a template prints begins with blanks.

use super::part::seen;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::Span;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in seen(context) {
        for manifest in
            rendered.manifests.iter().filter(|manifest| manifest.before.is_indented && is_linted(&manifest.path))
        {
            let first = manifest.text.lines().next().unwrap_or_default();
            let start = manifest.document.root.location;
            let written = manifest.origins(Span::new(0, 1)).template;
            let subject = format!("{} {}", manifest.path, manifest.label());
            findings
                .report(Label::new(written.unwrap_or(start), ""), subject, &[("line", first)])
                .profile(&view.profile.name);
        }
    }
}

/// Whether `helm lint` looks at what a template prints.
pub(super) fn is_linted(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "yaml" || extension == "yml")
}
