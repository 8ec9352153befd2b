//! Where a chart was before the change that is judged, and the configuration that counted there.

use std::sync::Arc;

use crate::config::discover::Search;
use crate::config::{self, Config};
use crate::gate::Error;
use crate::gate::extended::{Extended, Text, extended};
use crate::gate::judge::Judged;
use crate::gate::place::Place;
use crate::gate::plan::{Plan, Planned};
use crate::gate::seat::Seat;
use crate::network::Trust;
use crate::network::oci::artifact::Reference;
use crate::published::Earlier;
use crate::published::git::Log;
use crate::source::Tree;
use crate::text::Sources;

/// Where a chart was before the change; none where it was not, or is the chart of a deployment.
pub(super) fn before(planned: &Planned, judged: &Judged, log: &Log) -> Result<Option<Earlier>, String> {
    if planned.release.is_some() {
        return Ok(None);
    }
    before_at(judged.name.as_deref(), &planned.folder, &*planned.tree, log)
}

/// Where a chart of a name was before the change that is in a folder now.
pub(super) fn before_at(
    name: Option<&str>,
    folder: &str,
    tree: &dyn Tree,
    log: &Log,
) -> Result<Option<Earlier>, String> {
    log.before(name, folder, tree).map_err(|failure| failure.message)
}

/// The configuration of a tree with what it is made of; the empty one where there is none. A policy that the change
/// itself names is asked for as the change may ask.
pub(super) fn read(
    tree: &Arc<dyn Tree>,
    seat: &Seat,
    place: &Place,
    plan: &Plan<'_>,
    trust: &dyn Fn() -> Trust,
    sources: &Sources,
) -> Result<(Config, Extended), String> {
    let found = seat.find(&**tree, &mut Search::default()).map_err(|error| error.to_string())?;
    let Some(found) = found else { return Ok((Config::default(), Extended::default())) };
    let text = Text { shown: place.tree.shown(&found.path), ..Text::of(tree, found) };
    let path = text.shown.clone();
    let fetch = |reference: &Reference| plan.session.policy(reference, &plan.network.trusting(trust()));
    let wrong = |errors: Vec<config::Error>| {
        errors.first().map_or_else(String::new, |error| format!("`{path}`: {}", error.message))
    };
    let extended = extended(text, &fetch, sources).map_err(|error| match error {
        Error::Usage { message, .. } => message,
        Error::Config(errors) => wrong(errors),
        Error::Failed(failures) => failures.first().map_or_else(String::new, |failure| failure.message.clone()),
    })?;
    let config = config::merged(&extended.layers, sources, &plan.names).map_err(wrong)?;
    Ok((config, extended))
}
