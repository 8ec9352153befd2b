//! Definitions in the folders and files of `schemas` that are gone, say something else or have another beside them: by them custom resources are
//! judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fact::HELP;
use crate::config::Config;
use crate::gate::catalogue::catalogues;
use crate::rule::Fact;
use crate::source::Tree;
use crate::text::{Location, Sources};

/// What entries of `schemas` held before and do not hold now, and what they define anew: first as they were, then as they are. An entry that is
/// gone is said of the configuration.
pub(super) fn definitions(
    trees: [&Arc<dyn Tree>; 2],
    configs: [&Config; 2],
    sources: &Sources,
) -> Result<Vec<Fact>, String> {
    let [earlier, now] = trees;
    let [before, config] = configs;
    let open = |config: &Config, tree: &Arc<dyn Tree>| {
        let opened = catalogues(config, tree);
        opened
            .map_err(|errors| errors.first().map_or_else(String::new, |error| format!("`schemas`: {}", error.message)))
    };
    if before.schemas.is_empty() || config.schemas.is_empty() {
        return Ok(vec![]);
    }
    let (before, now) = (open(before, earlier)?, open(config, now)?);
    let texts = sources.part();
    let mut facts = vec![];
    for (entry, catalogue) in config.schemas.iter().zip(&now) {
        let was = before.iter().find(|was| was.root() == catalogue.root());
        let mut changed = match was {
            Some(was) => catalogue.changed_since(was).map_err(|error| error.to_string())?,
            None => vec![],
        };
        let doubled = catalogue.doubled(was, &before, &texts).into_iter();
        changed.extend(doubled.map(|path| (path, "another one of a kind that was defined already")));
        facts.extend(said(&changed, entry.at));
    }
    texts.keep(&BTreeSet::new());
    Ok(facts)
}

fn said(changed: &[(String, &str)], at: Location) -> Option<Fact> {
    let ((path, what), more) = changed.split_first()?;
    let message = match more.len() {
        0 => format!("the definition in `{path}` is {what}, and custom resources are judged by it"),
        1 => format!("the definitions in `{path}` and 1 more file have changed, are new, or are gone"),
        more => format!("the definitions in `{path}` and {more} more files have changed, are new, or are gone"),
    };
    let subject = format!("schemas {path}");
    Some(Fact { kind: "schemas", at, related: vec![], subject, message, help: HELP.to_owned() })
}
