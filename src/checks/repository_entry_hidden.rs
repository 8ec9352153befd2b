//! `repository-entry-hidden`: artifacthub-repo.yml keeps Artifact Hub from listing this version of the chart.

use super::repository_metadata::{ignored, root};
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::template::go::regex;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some((root, _)) = root(context) else { return };
    let (Some(name), Some(version)) = (context.chart.name(), context.chart.version()) else { return };
    for entry in ignored(&root).into_iter().filter(|entry| entry.name == name) {
        let (pattern, place) = entry.version;
        let hides = pattern.is_empty()
            || regex::compile(pattern).is_ok_and(|pattern| pattern.regex.is_match(version.as_bytes()));
        if !hides {
            continue;
        }
        let place = if pattern.is_empty() { entry.at } else { place };
        let is_exact = pattern.is_empty() || pattern.starts_with('^');
        let help = if is_exact {
            "remove the entry where the version is to be listed".to_owned()
        } else {
            format!("write `^{pattern}$`: an expression counts anywhere in the version")
        };
        findings.report(Label::new(place, ""), name, &[("name", name), ("version", version)]).help(help);
    }
}
