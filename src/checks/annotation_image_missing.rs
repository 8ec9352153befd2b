//! `annotation-image-missing`: an image that runs and that `artifacthub.io/images` does not list.

use std::collections::BTreeSet;

use super::annotated_images::{full_name, listed, rendered};
use super::edits;
use crate::artifacthub::Annotations;
use crate::finding::{Fix, Label};
use crate::image::ImageRef;
use crate::rule::{Context, Findings};
use crate::yaml::Node;
use crate::yaml::edit::plain_or_quoted;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some((listed, whole)), Some(rendered)) = (listed(context), rendered(context)) else { return };
    let known: BTreeSet<String> = listed.iter().map(|entry| full_name(&entry.image)).collect();
    let list = context.chart.metadata.as_ref().map(|metadata| Annotations::of(metadata, context.sources));
    let list = list.and_then(|annotations| annotations.writable("images"));
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
            .help(format!("add `- image: {image}`"))
            .fix(list.as_ref().and_then(|list| add(context, list, &used.image, &image)));
    }
}

fn add(context: &Context<'_>, list: &Node, used: &ImageRef, image: &str) -> Option<Fix> {
    let name = used.repository.rsplit('/').next().unwrap_or_default();
    let lines = [format!("name: {}", plain_or_quoted(name)), format!("image: {}", plain_or_quoted(image))];
    let title = format!("list `{image}`");
    edits::written(context, list.location, title, |writer| writer.item(list, &lines))
}
