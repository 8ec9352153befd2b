//! `chart-url-invalid`: an entry of `sources`, or `icon`, is no URL with a scheme.

use super::address::is_request_url;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let root = metadata.root();
    let sources = root.items("sources");
    let named = sources.iter().enumerate().map(|(index, node)| (format!("sources[{index}]"), node));
    let icon = root.get("icon").filter(|node| !node.is_null() && node.scalar_text() != Some(""));
    let icon = icon.map(|node| ("icon".to_owned(), node));
    for (field, node) in named.chain(icon) {
        let is_text = node.is_null() || node.scalar_text().is_some();
        let text = node.scalar_text().unwrap_or_default();
        if !is_text || is_request_url(text) {
            continue;
        }
        let args = [("url", text), ("field", &*field)];
        let help = if text.is_empty() {
            "write a URL, or remove the entry".to_owned()
        } else if text.contains('.') && text.contains('/') && !text.contains([' ', ':']) {
            format!("write `https://{text}`")
        } else {
            "write a URL with its scheme, as in `https://example.com`".to_owned()
        };
        findings.report(Label::new(node.location, ""), field.as_str(), &args).help(help);
    }
}
