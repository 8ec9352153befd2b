//! Parsing and executing every template of a chart and its sub-charts (`pkg/engine/engine.go`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Options;
use super::cache::Cache;
use super::cluster::cluster;
use super::error::Error;
use super::functions::table;
use super::origin::{Freezer, Pieces};
use super::random::Seeded;
use super::sort;
use super::top::{Entry, is_partial, values_type};
use crate::helm::Major;
use crate::template;
use crate::template::exec::{Session, Set};
use crate::template::string::Str;
use crate::template::value::{Map, Value};

/// What a template printed.
pub(super) struct Printed {
    pub(super) name: Arc<str>,
    pub(super) text: String,
    pub(super) pieces: Pieces,
    /// Whether it is printed from every value that it asks for; else some are empty that must not be.
    pub(super) is_whole: bool,
}

impl Printed {
    /// Whether both Helms find the same documents in it.
    pub(super) fn is_cut_alike(&self) -> bool {
        self.name.ends_with("NOTES.txt") || sort::is_cut_alike(&self.text)
    }
}

/// What every template printed that is no partial, by name, in Helm's order; and whether any took from randomness or the clock.
pub(super) fn run(
    entries: &[Entry<'_>],
    options: &Options,
    cache: &Cache,
    freezer: &mut Freezer,
) -> Result<(Vec<Printed>, bool), Error> {
    let mut set = Set::new();
    for entry in entries {
        set.add(&cache.trees(entry, options.helm, &options.limits)?);
    }
    let random = Box::new(Seeded::new(options.seed));
    let limits = cache.share.limits(&options.limits);
    let mut session = Session::new(Arc::clone(table(options.helm)), limits, random, options.now);
    session.state.cluster = cluster(options);
    session.state.softens = options.softens;
    let printed = execute(entries, &set, &mut session, options.helm);
    cache.share.spend(session.state.budget.spent().0);
    let printed = printed?;
    let used_chance = session.state.used_chance;
    freezer.scopes(session.state.trace, session.state.ledger);
    let freeze = |(name, output, is_whole): Output| {
        let (text, pieces) = (output.as_str().into_owned(), freezer.pieces(output.pieces()));
        Printed { name, text, pieces, is_whole }
    };
    Ok((printed.into_iter().map(freeze).collect(), used_chance))
}

/// What a template printed, with its name, and whether it had every value that it asks for.
type Output = (Arc<str>, Str, bool);

/// What every template printed that is no partial.
fn execute(entries: &[Entry<'_>], set: &Set, session: &mut Session, helm: Major) -> Result<Vec<Output>, Error> {
    let mut printed = vec![];
    for entry in entries.iter().filter(|entry| !is_partial(&entry.name)) {
        entry.top.insert(Arc::from("Template"), described(entry, helm));
        let top = Value::from(entry.top.clone());
        let refused = session.state.refusals.len();
        match session.execute(set, &entry.name, top) {
            Ok(output) => printed.push((Arc::clone(&entry.name), output, session.state.refusals.len() == refused)),
            // Nobody can tell whether a template that asked for a value fails for the lack of it or by itself.
            Err(error) if session.state.refusals.len() > refused && error.kind == template::ErrorKind::Execute => {}
            Err(error) => return Err(Error::template(error, &entry.name, helm)),
        }
    }
    Ok(printed)
}

/// `.Template`.
fn described(entry: &Entry<'_>, helm: Major) -> Value {
    let texts = [("Name", &entry.name), ("BasePath", &entry.base)];
    let entries: BTreeMap<_, _> = texts.into_iter().map(|(key, text)| (key.into(), Arc::clone(text).into())).collect();
    Map::typed(entries, values_type(helm)).into()
}
