//! Parsing and executing every template of a chart and its sub-charts (`pkg/engine/engine.go`).

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::Options;
use super::cluster::cluster;
use super::error::Error;
use super::origin::{Freezer, Pieces};
use super::random::Seeded;
use super::schema::Schemas;
use super::share::Share;
use super::top::{Entry, is_partial};
use crate::template::ast::Tree;
use crate::template::exec::{Session, Set};
use crate::template::funcs::Table;
use crate::template::limits::Limits;
use crate::template::parser::{self, Input};
use crate::template::value::{Map, Value};

/// Every function of Helm's templates.
pub(super) fn table() -> &'static Arc<Table> {
    static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| Arc::new(Table::all()));
    &TABLE
}

/// What was read before, by its text. Shared between threads.
#[derive(Debug, Default)]
pub struct Cache {
    /// Templates of sub-charts: library charts are the same in a hundred charts.
    shared: Arc<parser::Cache>,
    /// A chart's own: each of its profiles renders them, and no other chart has them.
    own: parser::Cache,
    pub(super) schemas: Schemas,
    pub(super) share: Share,
}

impl Cache {
    /// The same for one chart, whose own templates are forgotten with it: those of a hundred charts take a hundred megabytes.
    pub fn of_chart(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), ..Self::default() }
    }

    fn trees(&self, entry: &Entry<'_>, limits: &Limits) -> Result<Vec<Tree>, Error> {
        let is_own = entry.base.matches('/').count() == 1;
        let cache = if is_own { &self.own } else { &*self.shared };
        let (name, source, text) = (Arc::clone(&entry.name), Some(entry.file.source), Arc::clone(&entry.file.text));
        let parsed = cache.parse(&Input { name, source, text }, table(), limits);
        parsed.map_err(|error| Error::template(error, &entry.name))
    }
}

/// What a template printed.
pub(super) struct Printed {
    pub(super) name: Arc<str>,
    pub(super) text: String,
    pub(super) pieces: Pieces,
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
        set.add(&cache.trees(entry, &options.limits)?);
    }
    let random = Box::new(Seeded::new(options.seed));
    let limits = cache.share.limits(&options.limits);
    let mut session = Session::new(Arc::clone(table()), limits, random, options.now);
    session.state.cluster = cluster(options);
    let printed = execute(entries, &set, &mut session);
    cache.share.spend(session.state.budget.spent().0);
    let printed = printed?;
    let used_chance = session.state.used_chance;
    freezer.scopes(session.state.trace, session.state.ledger);
    let freeze = |(name, text, output): (Arc<str>, String, crate::template::string::Str)| {
        let pieces = freezer.pieces(output.pieces());
        Printed { name, text, pieces }
    };
    Ok((printed.into_iter().map(freeze).collect(), used_chance))
}

/// The text of every template that is no partial, and what led to it.
fn execute(
    entries: &[Entry<'_>],
    set: &Set,
    session: &mut Session,
) -> Result<Vec<(Arc<str>, String, crate::template::string::Str)>, Error> {
    let mut printed = vec![];
    for entry in entries.iter().filter(|entry| !is_partial(&entry.name)) {
        entry.top.insert(Arc::from("Template"), template(entry));
        let top = Value::from(entry.top.clone());
        let output = session.execute(set, &entry.name, top).map_err(|error| Error::template(error, &entry.name))?;
        let text = output.as_str().into_owned();
        printed.push((Arc::clone(&entry.name), text, output));
    }
    Ok(printed)
}

/// `.Template`.
fn template(entry: &Entry<'_>) -> Value {
    let texts = [("Name", &entry.name), ("BasePath", &entry.base)];
    let entries: BTreeMap<_, _> = texts.into_iter().map(|(key, text)| (key.into(), Arc::clone(text).into())).collect();
    Map::typed(entries, "common.Values").into()
}
