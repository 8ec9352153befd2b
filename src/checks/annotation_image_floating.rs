//! `annotation-image-floating`: `artifacthub.io/images` lists an image by a tag that can move.

use std::sync::LazyLock;

use regex::Regex;

use super::annotated_images::{listed, pin};
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some((listed, _)) = listed(context) else { return };
    for entry in &listed {
        let (tag, digest) = pin(&entry.image);
        if digest.is_empty() && context.params.strings("tags").any(|floating| moves(&tag.to_lowercase(), floating)) {
            findings.report(Label::new(entry.at, ""), entry.image.name(), &[("image", &entry.written)]);
        }
    }
}

/// What names a version or a commit.
const VERSION: &str =
    "^v?[0-9]|(^|[-_.])(([0-9]{4,})|((sha|git|g|r|b|build)?-?[0-9a-f]{7,40}))([-_.]|$)|[0-9]+[.][0-9]+[.][0-9]";

/// Whether a tag is one that moves, or a variant of it that names neither a version nor a commit: as `image-tag-floating` has it.
fn moves(tag: &str, floating: &str) -> bool {
    static NAMES: LazyLock<Regex> = LazyLock::new(|| Regex::new(VERSION).expect("the pattern is fixed"));
    let variant = tag.strip_prefix(floating).and_then(|rest| rest.strip_prefix(['-', '_', '.']));
    let is_behind = tag.strip_suffix(floating).is_some_and(|rest| rest.ends_with('-'));
    tag == floating
        || variant.is_some_and(|variant| !NAMES.is_match(variant))
        || is_behind && (floating == "latest" || !tag.bytes().any(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::VERSION;

    #[test]
    fn what_names_a_version_does_so_for_images_that_run() {
        let other = include_str!("../../rules/image-tag-floating.yaml");
        assert!(other.contains(&format!("matches(\"{VERSION}\")")));
    }
}
