//! `manifest-separator-joined`: a document begins on the line of the `---` before it.

use super::part::seen;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::Span;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in seen(context) {
        for (index, manifest) in rendered.manifests.iter().enumerate().filter(|(_, manifest)| manifest.is_joined) {
            let first = manifest.text.lines().next().unwrap_or_default();
            let start = manifest.document.root.location;
            let written = manifest.origins(Span::new(0, 1)).template;
            let subject = format!("{} {} {index}", manifest.path, manifest.label());
            findings
                .report(Label::new(written.unwrap_or(start), ""), subject, &[("line", first)])
                .profile(&view.profile.name);
        }
    }
}
