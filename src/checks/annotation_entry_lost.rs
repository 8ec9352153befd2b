//! `annotation-entry-lost`: an entry of an annotation that Artifact Hub reads, and whose page then does not show it.

use std::sync::LazyLock;

use regex::Regex;

use crate::artifacthub::{Annotations, PREFIX};
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::yaml::Node;

/// Annotations whose entries have a URL, each with what is lost without a good one.
const LISTS: [(&str, &str); 3] = [
    ("links", "the link leads nowhere"),
    ("recommendations", "the page leaves the recommendation out"),
    ("screenshots", "the page has no picture to show"),
];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let annotations = Annotations::of(metadata, context.sources);
    for (name, lost) in LISTS {
        for (index, item) in annotations.entries(name).iter().enumerate().filter(|(_, item)| item.as_map().is_some()) {
            let url = item.get("url").filter(|url| !url.is_null());
            let written = url.and_then(Node::scalar_text).unwrap_or_default();
            if is_shown(name, written) || url.is_some_and(|url| url.as_seq().is_some() || url.as_map().is_some()) {
                continue;
            }
            let place = url.map_or_else(|| first_key(item), |url| url.location);
            let what = if written.is_empty() {
                format!("an entry of `{PREFIX}{name}` has no `url`")
            } else if name == "recommendations" {
                format!("`{written}` is no page of a package on Artifact Hub")
            } else {
                format!("`{written}` is no URL with `http://` or `https://`")
            };
            findings
                .report(Label::new(place, ""), format!("{name}[{index}]"), &[])
                .message(format!("{what}, and {lost}"))
                .help(help(name));
        }
    }
}

fn help(name: &str) -> &'static str {
    match name {
        "recommendations" => "write `https://artifacthub.io/packages/helm/REPOSITORY/PACKAGE`",
        _ => "write the whole URL, as in `https://example.com/docs`",
    }
}

fn is_shown(list: &str, url: &str) -> bool {
    /// A package's page, whatever its kind (`URL_regex` of Artifact Hub's page).
    static PACKAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^https://[^/?]+/packages/[a-z-]+/[a-z0-9-]+/[a-z0-9-]+$").expect("the pattern is fixed")
    });
    match list {
        "recommendations" => PACKAGE.is_match(url),
        "links" => ["http://", "https://", "mailto:"].iter().any(|scheme| url.starts_with(scheme)),
        _ => ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)),
    }
}

/// The first key of a mapping, for a label on what the mapping lacks.
fn first_key(item: &Node) -> crate::text::Location {
    let first = item.as_map().and_then(|mapping| mapping.entries().first());
    first.map_or(item.location, |entry| entry.key.location)
}
