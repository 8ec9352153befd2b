//! `image-value-unused`: values of a profile name an image that nothing it deploys is made from.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::layered::layered;
use crate::dependency::lacking;
use crate::finding::Label;
use crate::rule::{Context, Findings, ProfileView};
use crate::text::Location;
use crate::yaml::{KeyPath, Node, Value};

/// Keys by which a block names an image.
const NAMING: [&str; 7] = ["registry", "repository", "name", "tag", "version", "digest", "sha"];

/// A block of an image in a values file.
struct Block<'a> {
    path: KeyPath,
    key: Location,
    node: &'a Node,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !lacking(context.chart).is_empty() {
        return;
    }
    for view in context.profiles.iter().filter(|view| !view.profile.values.is_empty()) {
        let Some(printed) = printed(view) else { continue };
        let mut said = BTreeSet::new();
        // The file laid on last is the one that counts.
        let is_own = |root: &&Node| !view.profile.shared.contains(&context.sources.path(root.location));
        for root in view.profile.values.iter().rev().filter(is_own) {
            let mut blocks = vec![];
            collect(root, &KeyPath::default(), &mut blocks);
            for block in blocks {
                if !said.insert(block.path.clone()) {
                    continue;
                }
                // A value that counts stands for those it took the place of.
                let mut laid = layered(context.chart, view, &block.path).into_iter().flat_map(leaves);
                if !laid.any(|place| printed.contains(&place)) {
                    report(&block, view, findings);
                } else if let Some(digest) = unread_digest(&block, &printed) {
                    report(&digest, view, findings);
                }
            }
        }
    }
}

/// Every place that something of the rendering was printed from; none where there is no rendering.
fn printed(view: &ProfileView) -> Option<BTreeSet<Location>> {
    let rendered = view.rendered.as_ref()?.as_ref().ok()?;
    let mut places = BTreeSet::new();
    let others = view
        .versions
        .iter()
        .chain(&view.upgrade)
        .map(|judged| &judged.rendered)
        .filter(|other| !Arc::ptr_eq(other, rendered));
    for rendered in std::iter::once(rendered).chain(others) {
        let mut last = "";
        // What one template printed is remembered as a whole.
        for manifest in
            rendered.manifests.iter().filter(|manifest| std::mem::replace(&mut last, &manifest.path) != &*manifest.path)
        {
            places.extend(manifest.printed());
        }
    }
    for used in view.all_images() {
        places.extend(used.set_by.iter().copied().chain([used.at]).chain(used.tag_at));
    }
    Some(places)
}

fn collect<'a>(node: &'a Node, path: &KeyPath, blocks: &mut Vec<Block<'a>>) {
    let Some(mapping) = node.as_map() else { return };
    for (key, entry) in mapping.effective() {
        let path = path.key(&key);
        let is_named = key == "image" || key.ends_with("Image");
        if is_named && !leaves(&entry.value).is_empty() {
            blocks.push(Block { path, key: entry.key.location, node: &entry.value });
        } else {
            collect(&entry.value, &path, blocks);
        }
    }
}

/// The digest of a block that templates read, where they do not read the digest: it pins nothing.
fn unread_digest<'a>(block: &Block<'a>, printed: &BTreeSet<Location>) -> Option<Block<'a>> {
    let (name, entry) = ["digest", "sha"].iter().find_map(|name| Some((*name, block.node.entry(name)?)))?;
    let is_set = entry.value.scalar_text().is_some_and(|text| !text.is_empty());
    let is_unread = is_set && !printed.contains(&entry.value.location);
    is_unread.then(|| Block { path: block.path.key(name), key: entry.key.location, node: &entry.value })
}

/// The scalars of a block that name its image: those of its parts, or itself where it reads like a reference.
fn leaves(block: &Node) -> Vec<Location> {
    match &block.value {
        Value::String(text) if text.contains(['/', ':']) => vec![block.location],
        Value::Map(_) => {
            let parts = NAMING.iter().filter_map(|key| block.get(key));
            parts
                .filter(|part| part.scalar_text().is_some_and(|text| !text.is_empty()))
                .map(|part| part.location)
                .collect()
        }
        _ => vec![],
    }
}

fn report(block: &Block<'_>, view: &ProfileView, findings: &mut Findings<'_>) {
    let (path, profile) = (block.path.to_string(), view.profile.name.as_str());
    let args = [("path", &*path), ("profile", profile)];
    let mut reported = findings.report(Label::new(block.key, ""), path.as_str(), &args);
    for place in leaves(block.node).into_iter().take(3) {
        reported = reported.related(Label::new(place, "not read"));
    }
    reported.profile(profile);
}
