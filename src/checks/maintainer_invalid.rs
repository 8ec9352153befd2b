//! `maintainer-invalid`: a maintainer without a name, or with an address that is none.

use super::address::{is_email, is_url};
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::yaml::Node;

/// Whether a field is a text, or not there.
pub(super) fn is_text(field: Option<&Node>) -> bool {
    field.is_none_or(|node| node.is_null() || node.scalar_text().is_some())
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let maintainers = metadata.root().items("maintainers");
    for (index, item) in maintainers.iter().enumerate().filter(|(_, item)| item.as_map().is_some()) {
        let text = |key: &str| item.get(key).and_then(Node::scalar_text).unwrap_or_default();
        let place =
            |key: &str| item.get(key).filter(|node| !node.is_null()).map_or(item.location, |node| node.location);
        let mut say = |key: &str, problem: String, help: &str| {
            let subject = format!("maintainers[{index}].{key}");
            findings.report(Label::new(place(key), ""), subject, &[("problem", &problem)]).help(help);
        };
        // What is of another shape is reported as such.
        if text("name").is_empty() && is_text(item.get("name")) {
            say("name", "a maintainer has no `name`".into(), "give the maintainer a `name`");
        }
        let (email, url) = (text("email"), text("url"));
        if !email.is_empty() && !is_email(email) {
            say(
                "email",
                format!("`{email}` is no e-mail address"),
                "write an address such as `ann@example.com`, or leave it out",
            );
        }
        if !url.is_empty() && !is_url(url) {
            say("url", format!("`{url}` is no URL"), "write a URL such as `https://example.com`, or leave it out");
        }
    }
}
