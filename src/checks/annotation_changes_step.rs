//! `annotation-changes-step`: a change log names what a patch does not bring.

use crate::artifacthub::Annotations;
use crate::chart::Version;
use crate::finding::Label;
use crate::rule::{Context, Findings};

/// Kinds of changes that a patch does not bring.
const LARGER: [&str; 2] = ["added", "removed"];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(since), Some(metadata)) = (context.since, &context.chart.metadata) else { return };
    let version = context.chart.version().unwrap_or_default();
    let parsed = |text: &str| semver::Version::parse(&Version::parse(text)?.to_string()).ok();
    let (Some(before), Some(now)) = (parsed(&since.version), parsed(version)) else { return };
    let is_patch = (before.major, before.minor) == (now.major, now.minor) && before.patch < now.patch;
    if !is_patch {
        return;
    }
    for (index, change) in Annotations::of(metadata, context.sources).changes().iter().enumerate() {
        let Some(node) = change.get("kind") else { continue };
        let kind = node.scalar_text().unwrap_or_default().to_lowercase();
        if LARGER.contains(&kind.as_str()) {
            let next = format!("{}.{}.0", now.major, now.minor + 1);
            let args = [("kind", kind.as_str()), ("version", version), ("earlier", since.version.as_str())];
            findings
                .report(Label::new(node.location, ""), format!("changes[{index}].kind"), &args)
                .help(format!("set `version: {next}`, or say that it is `changed` or `fixed`"));
        }
    }
}
