//! `helmignore-too-wide`: a pattern of `.helmignore` hides parts of the chart that it does not name.

use std::collections::BTreeMap;

use crate::chart::{Chart, File, Hidden};
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::Location;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut by_pattern: BTreeMap<Location, Vec<&Hidden>> = BTreeMap::new();
    for hidden in context.chart.hidden.iter().filter(|hidden| counts(&hidden.path)) {
        let pattern = context.sources.get(hidden.by.source).slice(hidden.by.span).to_owned();
        if !is_meant(&pattern, &hidden.path) || is_whole(context.chart, &hidden.path) {
            by_pattern.entry(hidden.by).or_default().push(hidden);
        }
    }
    for (place, hidden) in by_pattern {
        let Some(first) = hidden.first() else { continue };
        let pattern = context.sources.get(place.source).slice(place.span).to_owned();
        let more = match hidden.len() - 1 {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let args = [("pattern", pattern.as_str()), ("path", first.path.as_str()), ("more", &more)];
        findings
            .report(Label::new(place, ""), pattern.as_str(), &args)
            .related(Label::new(context.start_of(&first.path), "left out of the package"))
            .help(help(&pattern));
    }
}

fn help(pattern: &str) -> String {
    let plain = pattern.trim_end_matches('/');
    if pattern.starts_with('!') {
        "name what to hide: Helm hides all that a pattern with `!` does not fit".to_owned()
    } else if plain.contains('/') || FOLDERS.contains(&plain) {
        "narrow the pattern, or remove it".to_owned()
    } else {
        format!("write `/{plain}` where only the chart's own folder is meant")
    }
}

/// Folders of parts of a chart.
const FOLDERS: [&str; 3] = ["templates", "crds", "charts"];

/// Whether nothing is left of the folder that a file counts in.
fn is_whole(chart: &Chart, path: &str) -> bool {
    let folder = path.split('/').next().unwrap_or_default();
    let is_below = |file: &File| file.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    FOLDERS.contains(&folder) && !chart.files.iter().any(is_below)
}

/// Whether Helm would render, install or read a file, in the chart or in a sub-chart.
fn counts(path: &str) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    if let ["charts", name] = parts.as_slice() {
        return name.ends_with(".tgz") && !name.starts_with(['_', '.']);
    }
    while parts.len() > 2 && parts[0] == "charts" {
        parts.drain(..2);
    }
    if let ["Chart.yaml" | "values.yaml" | "values.schema.json"] = parts.as_slice() {
        return true;
    }
    let name = parts.last().copied().unwrap_or_default();
    let is_manifest = [".yaml", ".yml", ".tpl"].iter().any(|end| name.ends_with(end));
    parts.len() > 1 && matches!(parts[0], "templates" | "crds") && is_manifest && !name.starts_with('.')
}

/// Whether a pattern names the file, or the folders that it counts in: then somebody wanted it.
fn is_meant(pattern: &str, path: &str) -> bool {
    let plain = pattern.trim_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_of_tests = matches!(plain, "test" | "tests") && path.contains("templates/test");
    is_of_tests || plain.contains('/') || plain == name || FOLDERS.iter().any(|folder| plain.contains(folder))
}
