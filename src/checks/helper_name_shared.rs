//! `helper-name-shared`: two charts of one release define a helper under one name, and one of them is void.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::chart::{Chart, TextFile};
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::{Address, Location, Span};

/// The beginning of a helper.
static DEFINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\{\{-?\s*define\s+"([^"]+)"\s*-?\}\}"#).expect("the pattern is fixed"));

/// A helper, where it is defined.
struct Helper<'a> {
    chart: &'a Chart,
    at: Location,
    body: &'a str,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let parts = context.chart.with_dependencies();
    if parts.len() < 2 {
        return;
    }
    let mut known: BTreeMap<&str, Vec<Helper<'_>>> = BTreeMap::new();
    for part in parts {
        for template in &part.templates {
            for (name, helper) in helpers(part, template) {
                known.entry(name).or_default().push(helper);
            }
        }
    }
    for (name, helpers) in known {
        // What bears a chart's name is that chart's, or stands in its place on purpose.
        if helpers.iter().any(|helper| name.starts_with(helper.chart.name().unwrap_or(name))) {
            continue;
        }
        let Some(own) = helpers.iter().find(|helper| is_mendable(helper.chart)) else { continue };
        let is_other = |helper: &&Helper<'_>| helper.chart.name() != own.chart.name() && helper.body != own.body;
        let Some(other) = helpers.iter().find(is_other) else { continue };
        let (chart, prefix) = (other.chart.name().unwrap_or_default(), own.chart.name().unwrap_or_default());
        findings
            .report(Label::new(own.at, ""), name, &[("name", name), ("chart", chart)])
            .related(Label::new(other.at, "the other one"))
            .help(format!("name it `{prefix}.{name}`, and call it so"));
    }
}

/// Whether the chart lies in a folder, so that its author can rename what it defines.
fn is_mendable(chart: &Chart) -> bool {
    !matches!(chart.tree.address(&chart.folder), Address::Archived { .. })
}

fn helpers<'a>(chart: &'a Chart, template: &'a TextFile) -> impl Iterator<Item = (&'a str, Helper<'a>)> {
    let text: &'a str = &template.text;
    let found: Vec<_> = DEFINE.captures_iter(text).filter_map(|found| Some((found.get(0)?, found.get(1)?))).collect();
    let starts: Vec<usize> = found.iter().skip(1).map(|(whole, _)| whole.start()).chain([text.len()]).collect();
    found.into_iter().zip(starts).map(move |((whole, name), end)| {
        let at = Location::new(template.source, Span::new(name.start(), name.end()));
        (name.as_str(), Helper { chart, at, body: text[whole.end()..end].trim() })
    })
}
