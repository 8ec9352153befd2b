//! Parsing and executing every template of a chart and its sub-charts (`pkg/engine/engine.go`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Options;
use super::cache::Cache;
use super::cluster::cluster;
use super::error::{Error, ErrorKind};
use super::functions::table;
use super::looks::{Lookout, Looks, kept};
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
    /// Whether all of the template is text, and all that it printed.
    pub(super) is_text: bool,
}

impl Printed {
    /// Whether both Helms find the same documents in it.
    pub(super) fn is_cut_alike(&self) -> bool {
        self.name.ends_with("NOTES.txt") || sort::is_cut_alike(&self.text)
    }
}

/// What the templates of a rendering came to.
pub(super) struct Outcome {
    /// What every template printed that is no partial, by name, in Helm's order.
    pub(super) printed: Vec<Printed>,
    /// What they looked at.
    pub(super) looks: Looks,
    /// Templates that fail, where that does not end the rendering.
    pub(super) faults: Vec<Error>,
    /// The names of templates of which only a part could be rendered, or nothing.
    pub(super) open: Vec<Arc<str>>,
}

/// Parses and executes every template.
pub(super) fn run(
    entries: &[Entry<'_>],
    options: &Options,
    cache: &Cache,
    freezer: &mut Freezer,
    mut lookout: Lookout,
) -> Result<Outcome, Error> {
    let (mut set, mut ready, mut faults) = (Set::new(), vec![], vec![]);
    for entry in entries {
        match cache.trees(entry, options.helm, &options.limits) {
            Ok(trees) => {
                set.add(&trees);
                ready.push(entry);
            }
            Err(error) if options.softens && error.kind == ErrorKind::Parse => faults.push(error),
            Err(error) => return Err(error),
        }
    }
    let is_complete = faults.is_empty();
    let random = Box::new(Seeded::new(options.seed));
    let limits = cache.share.limits(&options.limits);
    let mut session = Session::new(Arc::clone(table(options.helm)), limits, random, options.now);
    session.state.cluster = cluster(options);
    session.state.softens = options.softens;
    if let Some(like) = kept(options.like.as_ref()) {
        ready.retain(|entry| !like.looks.keeps(&entry.name));
    }
    lookout.watch(entries.iter().map(|entry| &entry.top));
    let executed = execute(&ready, &set, &mut session, &mut lookout, options.helm);
    cache.share.spend(session.state.budget.spent().0);
    let Executed { outputs, failed, open } = executed?;
    // What fails may do so for what a template defines that cannot be read.
    faults.extend(failed.into_iter().filter(|_| is_complete));
    freezer.scopes(session.state.trace, session.state.ledger);
    let freeze = |Output { name, content, is_whole, is_text }: Output| {
        let (text, pieces) = (content.as_str().into_owned(), freezer.pieces(content.pieces()));
        Printed { name, text, pieces, is_whole, is_text }
    };
    Ok(Outcome { printed: outputs.into_iter().map(freeze).collect(), looks: lookout.finish(), faults, open })
}

/// What a template printed, as [`Printed`].
struct Output {
    name: Arc<str>,
    content: Str,
    is_whole: bool,
    is_text: bool,
}

/// What executing the templates led to.
#[derive(Default)]
struct Executed {
    outputs: Vec<Output>,
    failed: Vec<Error>,
    open: Vec<Arc<str>>,
}

/// Executes every template that is no partial. Where `required` and `fail` do not end it, no other failure does.
fn execute(
    entries: &[&Entry<'_>],
    set: &Set,
    session: &mut Session,
    lookout: &mut Lookout,
    helm: Major,
) -> Result<Executed, Error> {
    let mut executed = Executed::default();
    for entry in entries.iter().filter(|entry| !is_partial(&entry.name)) {
        entry.top.insert(Arc::from("Template"), described(entry, helm));
        let top = Value::from(entry.top.clone());
        let refused = session.state.refusals.len();
        lookout.begin();
        let result = session.execute(set, &entry.name, top);
        lookout.note(&entry.name, &mut session.state);
        let is_whole = session.state.refusals.len() == refused;
        if !is_whole || result.is_err() {
            executed.open.push(Arc::clone(&entry.name));
        }
        match result {
            Ok(content) => {
                let (name, is_text) = (Arc::clone(&entry.name), entry.file.is_whole && content.is_utf8());
                executed.outputs.push(Output { name, content, is_whole, is_text });
            }
            Err(error) if session.state.softens && error.kind == template::ErrorKind::Execute => {
                // Nobody can tell whether a template that asked for a value fails for the lack of it or by itself.
                executed.failed.extend(is_whole.then(|| Error::template(error, &entry.name, helm)));
            }
            Err(error) => return Err(Error::template(error, &entry.name, helm)),
        }
    }
    Ok(executed)
}

/// `.Template`.
fn described(entry: &Entry<'_>, helm: Major) -> Value {
    let texts = [("Name", &entry.name), ("BasePath", &entry.base)];
    let entries: BTreeMap<_, _> = texts.into_iter().map(|(key, text)| (key.into(), Arc::clone(text).into())).collect();
    Map::typed(entries, values_type(helm)).into()
}
