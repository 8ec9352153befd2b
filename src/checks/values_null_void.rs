//! `values-null-void`: a values file sets a key to null that there is not, so that nothing is taken away.

use std::collections::BTreeSet;

use super::known_values::{Known, Use};
use crate::budget::Budget;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::Location;
use crate::yaml::{KeyPath, Mapping, Node};

/// What looking for nulls that take nothing away may cost.
const STEPS: u64 = 10_000_000;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let known = Known::of(context.chart, context.cache);
    let budget = Budget::new(STEPS, 1);
    let mut said = BTreeSet::new();
    for view in context.profiles.iter().filter(|view| !view.profile.is_test()) {
        for (index, root) in view.profile.values.iter().enumerate() {
            let mut nulls = vec![];
            collect(root, &[], &mut nulls);
            let keys = |root: &Node| root.as_map().map_or(0, |mapping| mapping.entries().len());
            let below: usize = view.profile.values[..index].iter().map(keys).sum();
            for (path, place) in nulls {
                if let Err(exceeded) = budget.spend(1 + below / 16 + known.size() / 16) {
                    return findings.exceed(exceeded, place);
                }
                let at = path.iter().fold(KeyPath::default(), |path, key| path.key(key));
                let is_below = view.profile.values[..index].iter().any(|below| below.at(&at).is_some());
                if !is_below && !is_there(&known, &path) && said.insert(place) {
                    let key = path.join(".");
                    findings.report(Label::new(place, ""), key.as_str(), &[("key", &key)]);
                }
            }
        }
    }
}

fn collect(node: &Node, path: &[String], nulls: &mut Vec<(Vec<String>, Location)>) {
    for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
        let path: Vec<String> = path.iter().cloned().chain([key.into_owned()]).collect();
        if entry.value.is_null() {
            nulls.push((path, entry.key.location));
        } else {
            collect(&entry.value, &path, nulls);
        }
    }
}

/// Whether the chart's own values have a path, or those of the sub-chart that it leads to.
fn is_there(known: &Known<'_>, path: &[String]) -> bool {
    if known.default(path).is_some() {
        return true;
    }
    match path.first().and_then(|key| known.below(key)) {
        Some(Use::Below(Some(part))) if path.len() > 1 => is_there(&known.of_part(part, &path[..1]), &path[1..]),
        // What is not at hand, and what all charts share, may have it.
        Some(Use::Below(None)) => true,
        _ => false,
    }
}
