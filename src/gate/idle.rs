//! Entries of `overrides` that cover nothing: a path that is nowhere, or a profile of no chart, is a slip of the pen.

use std::collections::BTreeSet;

use super::judge::Judged;
use super::named::is_whole;
use super::plan::Plan;
use crate::config::{OverrideConfig, Pattern};
use crate::rule::Fact;
use crate::source::{Error, FILE_LIMIT, Tree};
use crate::text::{Location, Sources};

/// What is to be said of each, with the path of a chart that the configuration counts for.
pub(super) fn overrides(plan: &Plan<'_>, judged: &[Judged], sources: &Sources) -> Vec<(String, Fact)> {
    let mut facts = vec![];
    for (index, config) in plan.configs.iter().enumerate() {
        let own: Vec<&Judged> = judged
            .iter()
            .zip(&plan.charts)
            .filter(|(_, planned)| planned.config == index)
            .map(|(each, _)| each)
            .collect();
        // What is extended may be for charts under other configurations, and a run of some charts does not know the profiles of the others.
        let written_here = config.overrides.iter().filter(|each| config.source == Some(each.at.source));
        let Some(first) = own.first().filter(|_| is_whole(plan, index)) else { continue };
        let profiles: BTreeSet<&str> = own.iter().flat_map(|each| &each.known_profiles).map(String::as_str).collect();
        let tree = &*plan.places[plan.homes[index]].tree;
        let idle = written_here.filter_map(|each| idle(each, &profiles, tree, sources));
        facts.extend(idle.map(|fact| (first.path.clone(), fact)));
    }
    facts
}

fn idle(each: &OverrideConfig, profiles: &BTreeSet<&str>, tree: &dyn Tree, sources: &Sources) -> Option<Fact> {
    if !each.paths.is_empty() && each.paths.iter().all(|path| is_absent(tree, &path.value)) {
        let path = &each.paths[0];
        return Some(fact(path.at, &format!("`{}`", path.value.as_str()), "file", sources));
    }
    let is_known = |pattern: &Pattern| profiles.iter().any(|profile| pattern.matches(profile));
    if each.profiles.is_empty() || each.profiles.iter().any(is_known) {
        return None;
    }
    let named: Vec<String> = each.profiles.iter().map(|pattern| format!("`{}`", pattern.as_str())).collect();
    Some(fact(each.at, &named.join(", "), "profile", sources))
}

/// Whether nothing lies where a pattern's fixed part leads.
fn is_absent(tree: &dyn Tree, pattern: &Pattern) -> bool {
    let fixed = pattern.fixed();
    !fixed.is_empty() && matches!(tree.read(&fixed, FILE_LIMIT), Err(Error::NotFound { .. }))
}

fn fact(at: Location, named: &str, kind: &str, sources: &Sources) -> Fact {
    Fact {
        kind: "unused",
        at,
        related: vec![],
        subject: format!("overrides {} {named}", sources.path(at)),
        message: format!("the entry of `overrides` covers no {kind}: there is no {named}"),
        help: format!("correct the {kind}, or remove the entry"),
    }
}
