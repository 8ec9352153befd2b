//! `version-decreased`: a lower version than before, or than what is published beside it.

use crate::chart::Version;
use crate::finding::Label;
use crate::published::Comparison;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (chart, comparison) = (context.chart, &context.history.own);
    let (Some(metadata), Some(version)) = (&chart.metadata, chart.version()) else { return };
    let (earlier, place) = match (comparison, &context.history.versions) {
        (Comparison::Existing { baseline, version: Some(earlier), .. }, _) if comparison.is_above(Some(version)) => {
            (earlier.clone(), format!("that of {baseline}"))
        }
        (Comparison::New { .. }, Some(versions)) => {
            let Some(greatest) = above(&versions.all, version) else { return };
            (greatest.to_string(), format!("which is out at {}", versions.place))
        }
        _ => return,
    };
    let next = Version::parse(&earlier).map_or_else(String::new, |earlier| earlier.next().to_string());
    let args = [("version", version), ("earlier", earlier.as_str()), ("place", place.as_str())];
    let help = format!("set `version: {next}` or a greater one");
    findings.report(Label::new(metadata.place("version"), ""), "version", &args).help(help);
}

/// The greatest version of the same major and minor where it is above; a pre-release is no bound for a release.
fn above<'a>(all: &'a [Version], version: &str) -> Option<&'a Version> {
    let own = Version::parse(version)?;
    let is_bound = |other: &&Version| {
        other.numbers[..2] == own.numbers[..2] && (other.prerelease.is_empty() || !own.prerelease.is_empty())
    };
    all.iter().rfind(is_bound).filter(|greatest| **greatest > own)
}
