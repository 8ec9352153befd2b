//! `maintainer-email-missing`: a maintainer whom Artifact Hub leaves out, since no e-mail address is given.

use super::maintainer_invalid::is_text;
use crate::artifacthub::Annotations;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::yaml::Node;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let own = metadata.root().items("maintainers").to_vec();
    let annotated = Annotations::of(metadata, context.sources).maintainers();
    for (field, list) in [("maintainers", own), ("artifacthub.io/maintainers", annotated)] {
        for (index, item) in list.iter().enumerate().filter(|(_, item)| item.as_map().is_some()) {
            let text = |key: &str| item.get(key).and_then(Node::scalar_text).unwrap_or_default();
            if text("email").is_empty() && is_text(item.get("email")) && !text("name").is_empty() {
                let place = item.get("name").map_or(item.location, |name| name.location);
                findings.report(Label::new(place, ""), format!("{field}[{index}]"), &[("name", text("name"))]);
            }
        }
    }
}
