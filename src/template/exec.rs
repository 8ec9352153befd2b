//! Execution: templates against data, as Go's text/template does it, under Helm's engine.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{NameId, NodeId, Tree, Unit};
use super::call::{Random, State};
use super::error::Error;
use super::funcs::Table;
use super::limits::{Budget, Limits};
use super::origin::{Ledger, OriginId};
use super::parser::{Input, parse};
use super::string::Str;
use super::trace::{Scope, ScopeId, ScopeKind, Trace};
use super::value::Value;
use super::weave::Weave;
use crate::text::{Location, Span};

mod argument;
mod eval;
mod fail;
mod field;
mod host;
mod served;
mod walk;

/// Templates by name that can call each other. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Set(Rc<HashMap<Arc<str>, Rc<Entry>>>);

#[derive(Debug)]
struct Entry {
    tree: Tree,
    /// Where the text came from, for text that `tpl` made from a value.
    base: Option<Rc<Base>>,
    /// Calls of `include` for this name inside each other, whichever of its definitions they found.
    included: Rc<Cell<u32>>,
}

/// A text that `tpl` executes.
#[derive(Debug)]
struct Base {
    /// The call of `tpl`.
    location: Location,
    text: Value,
}

impl Set {
    /// A set without templates.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the templates of one parsed text. A later definition replaces an earlier one, unless it is empty.
    pub fn add(&mut self, trees: &[Tree]) {
        self.add_based(trees, None);
    }

    fn add_based(&mut self, trees: &[Tree], base: Option<&Rc<Base>>) {
        let entries = Rc::make_mut(&mut self.0);
        for tree in trees {
            let known = entries.get(&tree.name);
            if known.is_some() && tree.is_empty() {
                continue;
            }
            let included = known.map(|known| Rc::clone(&known.included)).unwrap_or_default();
            let entry = Entry { tree: tree.clone(), base: base.cloned(), included };
            entries.insert(Arc::clone(&tree.name), Rc::new(entry));
        }
    }

    /// Parses a text and adds its templates.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn parse(&mut self, input: &Input, table: &Table, limits: &Limits) -> Result<(), Error> {
        self.add(&parse(input, table, limits)?);
        Ok(())
    }

    /// True if a template of this name is there.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// What the executions of one chart share: functions, budget, randomness, and the traces that outputs point into.
pub struct Session {
    /// Budget, traces, randomness and clock.
    pub state: State,
    table: Arc<Table>,
    /// A missing key is an error (Helm's strict mode).
    strict: bool,
    parsed: HashMap<Arc<str>, Rc<[Tree]>>,
    /// Emptied lists of arguments: calls are many, and rarely deep.
    spare: Vec<Vec<Value>>,
    /// Calls of `tpl` inside each other.
    nested_tpl: u32,
}

impl Session {
    /// A session with a full budget. `now` is in nanoseconds since 1970.
    pub fn new(table: Arc<Table>, limits: Limits, random: Box<dyn Random>, now: i64) -> Self {
        let budget = Budget::new(limits);
        let (ledger, trace) = (Ledger::default(), Trace::default());
        let state = State {
            budget,
            ledger,
            trace,
            random,
            now,
            used_chance: false,
            asked_cluster: false,
            cluster: None,
            softens: false,
            refusals: vec![],
        };
        Self { state, table, strict: false, parsed: HashMap::new(), nested_tpl: 0, spare: Vec::new() }
    }

    /// The session with missing keys as errors.
    pub fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    /// Executes the template `name` of `set` and returns what it printed, with a piece for every byte. As Helm does, all `<no value>` is removed.
    ///
    /// # Errors
    /// Go's error, with the chain of calls that led to it.
    pub fn execute(&mut self, set: &Set, name: &str, data: Value) -> Result<Str, Error> {
        let printed = host::without_no_value(self.executed(set, name, data)?);
        Ok(printed.as_string().cloned().unwrap_or_else(|| Str::from("")))
    }

    /// The same as Go prints it, with `<no value>` where a value is absent.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub fn execute_plainly(&mut self, set: &Set, name: &str, data: Value) -> Result<Str, Error> {
        Ok(self.executed(set, name, data)?.as_string().cloned().unwrap_or_else(|| Str::from("")))
    }

    fn executed(&mut self, set: &Set, name: &str, data: Value) -> Result<Value, Error> {
        self.state.budget.rebase();
        self.nested_tpl = 0;
        let entry = set.0.get(name).ok_or_else(|| fail::no_template(name))?;
        let unit = Arc::clone(&entry.tree.unit);
        let mut exec = Exec {
            session: self,
            set: set.clone(),
            out: Weave::default(),
            frame: Frame::new(entry, None),
            variables: Vec::new(),
            calling: None,
            asked_served: false,
        };
        let at = exec.location(&unit, entry.tree.root);
        exec.open(ScopeKind::File, at, &Value::NIL);
        let done = exec.run(&unit, entry.tree.root, data);
        let out = exec.out.finish();
        done.map_err(|error| *error)?;
        Ok(out)
    }
}

/// A value where Go still knows whether it is held by an interface: taken from a container it is, from a pipeline not.
#[derive(Debug, Clone)]
struct Slot {
    value: Value,
    boxed: bool,
}

impl Slot {
    fn plain(value: Value) -> Self {
        Self { value, boxed: false }
    }

    /// The type that errors about fields show.
    fn type_name(&self) -> &'static str {
        if self.boxed { "interface {}" } else { self.value.type_name() }
    }
}

type Outcome<T> = Result<T, Box<Error>>;

/// One template being executed.
struct Frame {
    entry: Rc<Entry>,
    /// Its first variable.
    first: usize,
    scope: Option<ScopeId>,
    /// The node that errors are about.
    node: NodeId,
}

impl Frame {
    fn new(entry: &Rc<Entry>, scope: Option<ScopeId>) -> Self {
        Self { entry: Rc::clone(entry), first: 0, scope, node: entry.tree.root }
    }
}

struct Exec<'s> {
    session: &'s mut Session,
    set: Set,
    out: Weave,
    frame: Frame,
    /// Variables of all templates being executed, the innermost last; a template sees its own alone.
    variables: Vec<(NameId, Slot)>,
    /// The function call being made.
    calling: Option<Location>,
    /// Whether something in the current branch or call was decided by what the cluster serves.
    asked_served: bool,
}

impl Exec<'_> {
    /// Where a node stands in a source; for text made from a value that is the call of `tpl`.
    fn location(&self, unit: &Unit, node: NodeId) -> Option<Location> {
        match unit.source {
            Some(source) => Some(Location::new(source, unit.node(node).span)),
            None => self.frame.entry.base.as_ref().map(|base| base.location),
        }
    }

    /// Opens a scope below the current one.
    fn open(&mut self, kind: ScopeKind, at: Option<Location>, read: &Value) -> Option<ScopeId> {
        let parent = self.frame.scope;
        if let Some(at) = at {
            let read = read.all_origins();
            self.asked_served |= read.contains(OriginId::SERVED);
            self.frame.scope = Some(self.session.state.trace.open(Scope { parent, kind, at, read }));
        }
        parent
    }

    /// Runs a template in the current frame, whose variables begin with `$`.
    fn run(&mut self, unit: &Unit, root: NodeId, data: Value) -> Outcome<()> {
        let dot = Slot::plain(data);
        let first = self.variables.len();
        self.frame.first = first;
        self.variables.push((NameId::DOLLAR, dot.clone()));
        let done = self.walk(unit, &dot, root).map(|_| ());
        self.variables.truncate(first);
        done
    }

    /// The part of a `tpl` text that a node was parsed from.
    fn based(&self, unit: &Unit, span: Span) -> Option<(Rc<Base>, std::ops::Range<usize>)> {
        let base = self.frame.entry.base.as_ref().filter(|_| unit.source.is_none())?;
        Some((Rc::clone(base), span.range()))
    }
}
