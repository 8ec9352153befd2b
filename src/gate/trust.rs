//! Which hosts a run trusts: those that somebody else than the author of the change has named.

use std::sync::Arc;

use super::place::Place;
use super::{Request, past};
use crate::config::{Config, discover};
use crate::network::Trust;
use crate::source::Tree;

/// The hosts that are trusted where a configuration counts. Before a change is merged, only those that the release branch's own
/// configuration names; everybody where there is no such branch, or nothing of the configuration is the change's.
pub(super) fn of(request: &Request, place: &Place, config: &Config) -> Trust {
    if request.config.is_some() || request.policy_from.is_some() || place.is_archive {
        return Trust::Everyone;
    }
    // The branch is not the configuration's to name.
    let log = past::log(request, place, &Config::default());
    let is_change = request.target_branch.is_some();
    let base = log.ok().and_then(|log| if is_change { log.tree() } else { log.fork() }.map(Arc::clone));
    match base {
        Some(base) => Trust::hosts(named(&*base, folder(place, config)).iter().map(String::as_str)),
        None if is_change => Trust::hosts([]),
        None => Trust::Everyone,
    }
}

/// The addresses that the configuration of a tree names; none where it cannot be read.
fn named(tree: &dyn Tree, folder: &str) -> Vec<String> {
    let found = discover::nearest(tree, folder).ok().flatten();
    let text = found.and_then(|found| String::from_utf8(found.data).ok());
    text.map(|text| crate::config::addresses(&text)).unwrap_or_default()
}

/// The configuration's folder in the tree.
fn folder<'a>(place: &Place, config: &'a Config) -> &'a str {
    let shown = place.tree.shown("");
    config.folder.strip_prefix(&shown).unwrap_or(&config.folder).trim_start_matches('/')
}
