//! Which places of templates read a value.

use std::sync::Arc;

use super::model::Charts;
use super::settings::{Path, parts};
use crate::change::{Reads, Site};
use crate::chart::Chart;
use crate::gate::Outlined;
use crate::text::Location;
use crate::values::GLOBAL;

/// The places of a chart's templates, and of its sub-charts', that read a value or a part of it; where there are none, those that read
/// what it is a part of.
pub(super) fn readers(charts: &Charts, outlined: &Outlined, path: &[Arc<str>]) -> Vec<Location> {
    let (mut exact, mut around): (Vec<Location>, Vec<(usize, Location)>) = (vec![], vec![]);
    for (trail, site) in sites(charts, outlined) {
        let full: Path = trail.iter().chain(&site.path).cloned().collect();
        // What is global goes by the same path in every chart.
        let is_global = site.path.first().is_some_and(|key| **key == *GLOBAL);
        let read = if is_global { &site.path } else { &full };
        let is_same = read.iter().zip(path).all(|(read, key)| **read == *"*" || read == key);
        if is_same && read.len() >= path.len() {
            exact.push(site.at);
        } else if is_same && !site.path.is_empty() {
            around.push((read.len(), site.at));
        }
    }
    if exact.is_empty() {
        let longest = around.iter().map(|(length, _)| *length).max();
        exact = around.into_iter().filter(|(length, _)| Some(*length) == longest).map(|(_, at)| at).collect();
    }
    exact.sort();
    exact.dedup();
    exact
}

/// Every place of templates that stands for a value, with the way to its chart.
fn sites(charts: &Charts, outlined: &Outlined) -> Vec<(Path, Site)> {
    let mut known: Vec<(&Chart, Vec<Site>)> = vec![];
    let mut found = vec![];
    for (trail, chart) in parts(charts, outlined) {
        let index = known.iter().position(|(other, _)| std::ptr::eq(*other, chart)).unwrap_or_else(|| {
            known.push((chart, Reads::sites(chart, &charts.cache)));
            known.len() - 1
        });
        found.extend(known[index].1.iter().map(|site| (trail.clone(), site.clone())));
    }
    found
}
