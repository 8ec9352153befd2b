//! `helmignore-void`: a pattern of `.helmignore` that hides nothing as it is written, and would hide files otherwise.

use crate::chart::ignore::Ignore;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::{Location, Span};

const FILE: &str = ".helmignore";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    let Some(file) = context.text(FILE) else { return };
    let of_helm = Ignore::default();
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let pattern = line.trim();
        let offset = start + line.len() - line.trim_start().len();
        start += line.len();
        let place = Location::new(file.source, Span::new(offset, offset + pattern.len()));
        if pattern.is_empty() || pattern.starts_with(['#', '!']) || hides(context, &of_helm, pattern) {
            continue;
        }
        let name = chart.name().unwrap_or_default();
        let meant = meant(pattern, name).into_iter().find(|meant| hides(context, &of_helm, meant));
        let Some((meant, path)) = meant.and_then(|meant| Some((meant, hidden(context, &of_helm, meant)?))) else {
            continue;
        };
        findings
            .report(Label::new(place, ""), pattern, &[("pattern", pattern), ("path", path)])
            .help(format!("write `{meant}`"));
    }
    if let Some(exceeded) = of_helm.exceeded() {
        findings.exceed(exceeded, Location::new(file.source, Span::default()));
    }
}

/// Whether a pattern hides a file of the chart.
fn hides(context: &Context<'_>, of_helm: &Ignore, pattern: &str) -> bool {
    hidden(context, of_helm, pattern).is_some()
}

/// The first file of the chart, packaged or not, that a pattern hides.
fn hidden<'a>(context: &Context<'a>, of_helm: &Ignore, pattern: &str) -> Option<&'a str> {
    let (alone, errors) = of_helm.beside(pattern);
    if of_helm.exceeded().is_some() {
        return None;
    }
    let packaged = context.chart.files.iter().map(|file| file.path.as_str());
    let mut paths = packaged.chain(context.chart.hidden.iter().map(|hidden| hidden.path.as_str()));
    paths.find(|path| errors.is_empty() && alone.excludes(path) && !of_helm.excludes(path))
}

/// What a pattern can be meant as: without a comment behind it, quotes, and a way that begins at the chart's folder or above; and a file
/// that is written as a folder.
fn meant<'p>(pattern: &'p str, chart: &str) -> Vec<&'p str> {
    let plain = pattern.split(" #").next().unwrap_or(pattern).trim().trim_matches(['"', '\'']);
    let below = plain.strip_prefix("./").unwrap_or(plain);
    let below = below.strip_prefix(chart).and_then(|rest| rest.strip_prefix('/')).unwrap_or(below);
    [plain, below, below.trim_end_matches('/')]
        .into_iter()
        .filter(|meant| !meant.is_empty() && *meant != pattern)
        .collect()
}
