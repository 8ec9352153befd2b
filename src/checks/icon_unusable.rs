//! `icon-unusable`: an icon that Artifact Hub cannot fetch as an image.

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let Some(icon) = metadata.text("icon").filter(|icon| !icon.is_empty()) else { return };
    let lower = icon.to_ascii_lowercase();
    let Some(problem) = problem(&lower) else { return };
    let help = if is_page(&lower) {
        format!("write `{}`", icon.replacen("/blob/", "/raw/", 1))
    } else {
        "write the `https:` address of an image".to_owned()
    };
    findings.report(Label::new(metadata.place("icon"), ""), "icon", &[("problem", problem)]).help(help);
}

fn problem(address: &str) -> Option<&'static str> {
    if address.starts_with("data:") {
        return (!address.starts_with("data:image/")).then_some("it holds no image");
    }
    if !address.starts_with("https://") && !address.starts_with("http://") {
        return Some("only `https:`, `http:` and `data:` can be read");
    }
    is_page(address).then_some("the address is that of a page about the file")
}

/// Whether an address leads to GitHub's or GitLab's page about a file.
fn is_page(address: &str) -> bool {
    let is_host = ["https://github.com/", "https://gitlab.com/"].iter().any(|host| address.starts_with(host));
    is_host && address.contains("/blob/") && !address.contains("raw=true")
}
