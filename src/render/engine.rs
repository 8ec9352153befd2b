//! Parsing and executing every template of a chart and its sub-charts (`pkg/engine/engine.go`).

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::Options;
use super::cluster::cluster;
use super::documents::Documents;
use super::error::Error;
use super::origin::{Freezer, Pieces};
use super::random::Seeded;
use super::schema::Schemas;
use super::share::Share;
use super::top::{Entry, is_partial, values_type};
use crate::chart::TextFile;
use crate::helm::Major;
use crate::json_schema::Schema;
use crate::template;
use crate::template::ast::Tree;
use crate::template::exec::{Session, Set};
use crate::template::funcs::Table;
use crate::template::limits::Limits;
use crate::template::parser::{self, Input};
use crate::template::string::Str;
use crate::template::value::{Map, Value};

/// Every function of a Helm's templates.
pub(super) fn table(helm: Major) -> &'static Arc<Table> {
    static THREE: LazyLock<Arc<Table>> = LazyLock::new(|| Arc::new(Table::all().without(Major::Three.lacks())));
    static FOUR: LazyLock<Arc<Table>> = LazyLock::new(|| Arc::new(Table::all().without(Major::Four.lacks())));
    helm.pick(&THREE, &FOUR)
}

/// What was read before, by its text. Shared between threads.
#[derive(Debug, Default)]
pub struct Cache {
    /// Templates of sub-charts: library charts are the same in a hundred charts.
    shared: Arc<parser::Cache>,
    /// A chart's own: each of its profiles renders them, and no other chart has them.
    own: parser::Cache,
    pub(super) schemas: Schemas,
    pub(super) documents: Documents,
    pub(super) share: Share,
}

impl Cache {
    /// The same for one chart, whose own templates are forgotten with it: those of a hundred charts take a hundred megabytes.
    pub fn of_chart(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), ..Self::default() }
    }

    /// Bytes that renderings of the chart may still hold.
    pub fn room(&self) -> u64 {
        self.share.room()
    }

    /// Whether more than half of what the renderings of the chart may take is left: what is no more than worth knowing is rendered only then.
    pub fn has_plenty(&self) -> bool {
        self.share.has_plenty()
    }

    /// Gives back what was taken by renderings since there was so much room, where none of them is kept.
    pub fn give_back(&self, room: u64) {
        self.share.give_back(room);
    }

    /// A chart's schema, ready to judge; none where it is one that cannot be used.
    pub fn schema(&self, file: &TextFile) -> Option<Arc<Schema>> {
        self.schemas.ready(file)
    }

    fn trees(&self, entry: &Entry<'_>, helm: Major, limits: &Limits) -> Result<Vec<Tree>, Error> {
        let is_own = entry.base.matches('/').count() == 1;
        let cache = if is_own { &self.own } else { &*self.shared };
        let (name, source, text) = (Arc::clone(&entry.name), Some(entry.file.source), Arc::clone(&entry.file.text));
        let input = Input { name, source, text };
        // A text without the functions that one Helm lacks is parsed alike for both.
        let parsed = if helm.lacks().iter().any(|function| input.text.contains(function)) {
            parser::parse(&input, table(helm), limits)
        } else {
            cache.parse(&input, table(Major::Four), limits)
        };
        parsed.map_err(|error| Error::template(error, &entry.name, helm))
    }
}

/// What a template printed.
pub(super) struct Printed {
    pub(super) name: Arc<str>,
    pub(super) text: String,
    pub(super) pieces: Pieces,
    /// Whether it is printed from every value that it asks for; else some are empty that must not be.
    pub(super) is_whole: bool,
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
