//! `annotation-image-missing`: an image that runs and that `artifacthub.io/images` does not list.

use std::collections::BTreeSet;

use super::annotated_images::{full_name, listed, rendered};
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some((listed, whole)), Some(rendered)) = (listed(context), rendered(context)) else { return };
    let known: BTreeSet<String> = listed.iter().map(|entry| full_name(&entry.image)).collect();
    let mut said = BTreeSet::new();
    for used in rendered {
        let name = full_name(&used.image);
        if known.contains(&name) || !said.insert(name.clone()) {
            continue;
        }
        let image = used.image.to_string();
        findings
            .report(Label::new(whole, ""), name, &[("image", &image), ("owner", &used.owner)])
            .related(Label::new(used.at, "the image that runs"))
            .help(format!("add `- image: {image}`"));
    }
}
