//! Definitions in the folders and files of `schemas` that are gone or say something else: by them custom resources are judged.

use std::sync::Arc;

use super::fact::HELP;
use crate::config::Config;
use crate::gate::catalogue::{Catalogue, catalogues};
use crate::rule::Fact;
use crate::source::Tree;
use crate::text::Location;

/// What each entry of `schemas` that still stands held before and lacks now: first as they were, then as they are.
pub(super) fn definitions(trees: [&Arc<dyn Tree>; 2], configs: [&Config; 2]) -> Result<Vec<Fact>, String> {
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
    let mut facts = vec![];
    for (entry, catalogue) in config.schemas.iter().zip(&now) {
        if let Some(was) = before.iter().find(|was| was.root() == catalogue.root()) {
            facts.extend(changed(was, catalogue, entry.at)?);
        }
    }
    Ok(facts)
}

fn changed(was: &Catalogue, is: &Catalogue, at: Location) -> Result<Option<Fact>, String> {
    let changed = is.changed_since(was).map_err(|error| error.to_string())?;
    let Some(((path, what), more)) = changed.split_first() else { return Ok(None) };
    let message = match more.len() {
        0 => format!("the definition in `{path}` is {what}, and custom resources are judged by it"),
        1 => format!("the definitions in `{path}` and 1 more file are others than they were, or gone"),
        more => format!("the definitions in `{path}` and {more} more files are others than they were, or gone"),
    };
    Ok(Some(Fact {
        kind: "schemas",
        at,
        related: vec![],
        subject: format!("schemas {path}"),
        message,
        help: HELP.to_owned(),
    }))
}
