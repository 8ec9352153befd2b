//! `annotation-image-stale`: `artifacthub.io/images` lists another version of an image than the chart runs.

use std::collections::HashMap;

use super::annotated_images::{full_name, is_same, listed, named, pin};
use super::edits;
use crate::extract::ImageUse;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some((listed, _)), Some(named)) = (listed(context), named(context)) else { return };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for entry in &listed {
        *counts.entry(full_name(&entry.image)).or_default() += 1;
    }
    let mut running: HashMap<String, Vec<&ImageUse>> = HashMap::new();
    for used in named {
        running.entry(full_name(&used.image)).or_default().push(used);
    }
    for entry in &listed {
        let name = full_name(&entry.image);
        let Some(of_name @ [first, ..]) = running.get(&name).map(Vec::as_slice) else { continue };
        if of_name.iter().any(|used| is_same(&used.image, &entry.image)) {
            continue;
        }
        let is_only = counts[&name] == 1 && of_name.iter().all(|used| used.image == first.image);
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
