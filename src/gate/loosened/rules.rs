//! The user's rules that are gone or say something else: those of folders beside charts, and those that a configuration extends.

use std::collections::{BTreeMap, BTreeSet};

use super::fact::{HELP, start};
use crate::config::Config;
use crate::gate::extended::{Extended, RuleFolder};
use crate::gate::place::parent;
use crate::gate::plan::{Plan, Planned, RULES};
use crate::rule::Fact;
use crate::source::{Error, FILE_LIMIT, Tree, join, list_whole};
use crate::text::{Location, Sources};

/// The rules of folders that a configuration extended that are gone, or say something else.
pub(super) fn extended_rules(before: &Extended, now: &Extended, at: Option<Location>) -> Result<Vec<Fact>, String> {
    let (Some(at), false) = (at, before.rules.is_empty()) else { return Ok(vec![]) };
    let texts = |extended: &Extended| -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let mut texts = BTreeMap::new();
        for RuleFolder { tree, folder } in &extended.rules {
            for entry in list_whole(&**tree, folder)? {
                let name = entry.path.rsplit('/').next().unwrap_or_default().to_owned();
                texts.insert(name, tree.read(&entry.path, FILE_LIMIT)?);
            }
        }
        Ok(texts)
    };
    let texts = |extended| texts(extended).map_err(|error| error.to_string());
    let (before, now) = (texts(before)?, texts(now)?);
    let changed = before.into_iter().filter_map(|(name, was)| match now.get(&name) {
        Some(is) if *is == was => None,
        Some(_) => Some((name, "another than it was")),
        None => Some((name, "gone")),
    });
    Ok(changed.map(|(name, what)| rule_fact(at, &name, what)).collect())
}

fn rule_fact(at: Location, path: &str, what: &str) -> Fact {
    Fact {
        kind: "rule",
        at,
        related: vec![],
        message: format!("the rule in `{path}` is {what}"),
        subject: path.to_owned(),
        help: HELP.to_owned(),
    }
}

/// The user's rules that are gone, or say something else, in every folder above the chart and its own: first as they were, then as they are.
pub(super) fn rules(
    plan: &Plan<'_>,
    planned: &Planned,
    [earlier, now]: [&dyn Tree; 2],
    [before, config]: [&Config; 2],
    sources: &Sources,
) -> Result<Vec<Fact>, String> {
    let is_under = |other: &&Planned| (other.ground.place, other.config) == (planned.ground.place, planned.config);
    let mut folders = BTreeSet::new();
    for chart in plan.charts.iter().filter(is_under) {
        let mut folder = chart.ground.folder.as_str();
        while folders.insert(folder) && !folder.is_empty() {
            folder = parent(folder);
        }
    }
    let mut changed = vec![];
    for folder in folders {
        changed.extend(changed_rules(earlier, now, &join(folder, RULES)).map_err(|error| error.to_string())?);
    }
    if changed.is_empty() {
        return Ok(vec![]);
    }
    // Rules count without a configuration too.
    let of_chart = || planned.start(sources).map_err(|error| error.to_string());
    let at = start([config, before]).map_or_else(of_chart, Ok)?;
    Ok(changed.into_iter().map(|(path, what)| rule_fact(at, &path, what)).collect())
}

/// The files of a folder of rules that are gone or others, each with which of the two it is.
fn changed_rules(earlier: &dyn Tree, now: &dyn Tree, folder: &str) -> Result<Vec<(String, &'static str)>, Error> {
    let entries = match list_whole(earlier, folder) {
        Ok(entries) => entries,
        Err(Error::NotFound { .. }) => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let mut changed = vec![];
    for path in entries.into_iter().map(|entry| entry.path) {
        let was = earlier.read(&path, FILE_LIMIT)?;
        match now.read(&path, FILE_LIMIT) {
            Ok(is) if is == was => {}
            Ok(_) => changed.push((path, "another than it was")),
            Err(Error::NotFound { .. }) => changed.push((path, "gone")),
            Err(error) => return Err(error),
        }
    }
    Ok(changed)
}
