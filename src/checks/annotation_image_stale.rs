//! `annotation-image-stale`: `artifacthub.io/images` lists another version of an image than the chart runs.

use super::annotated_images::{full_name, is_same, listed, pin, rendered};
use super::edits;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some((listed, _)), Some(rendered)) = (listed(context), rendered(context)) else { return };
    for entry in &listed {
        let name = full_name(&entry.image);
        let others = listed.iter().filter(|other| full_name(&other.image) == name).count();
        let mut of_name = rendered.iter().filter(|used| full_name(&used.image) == name).peekable();
        let Some(first) = of_name.peek().copied() else { continue };
        let is_only = others == 1 && of_name.clone().all(|used| used.image == first.image);
        if of_name.any(|used| is_same(&used.image, &entry.image)) {
            continue;
        }
        let runs = first.image.to_string();
        let fix = edits::word(context, entry.at, (&entry.written, &runs), format!("write `{runs}`"));
        let subject = format!("{name} {}", pin(&entry.image).0);
        findings
            .report(Label::new(entry.at, ""), subject, &[("image", &entry.written), ("runs", &runs)])
            .related(Label::new(first.at, "the image that runs"))
            .help(format!("write `{runs}`"))
            .fix(fix.filter(|_| is_only && entry.is_writable));
    }
}
