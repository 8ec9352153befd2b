//! What a function may use besides its arguments: the budget, randomness, the clock, and the templates around it.

use super::error::Error;
use super::fault::Fault;
use super::limits::{Budget, Exceeded, Limits};
use super::origin::{Ledger, Origins};
use super::print::{sprint, sprintf};
use super::trace::Trace;
use super::value::{Map, Value};
use crate::yaml::Node;

/// A source of random bytes. Two runs of a gate must print the same, so a seeded one is handed in.
pub trait Random {
    /// Fills `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// The objects that `lookup` finds.
pub trait Cluster {
    /// Those of a kind; an empty namespace or name stands for any.
    fn objects(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Vec<Node>;
}

/// What all executions of a session share.
pub struct State {
    /// What may still be spent.
    pub budget: Budget,
    /// Absent keys that were looked for.
    pub ledger: Ledger,
    /// Decisions and calls.
    pub trace: Trace,
    /// Randomness.
    pub random: Box<dyn Random>,
    /// The time that `now` returns, in nanoseconds since 1970.
    pub now: i64,
    /// Whether a function took from randomness or the clock.
    pub used_chance: bool,
    /// Whether a function asked for objects of the cluster.
    pub asked_cluster: bool,
    /// What `lookup` finds; nothing without one.
    pub cluster: Option<Box<dyn Cluster>>,
    /// Whether `required` and `fail` are noted and give the empty text, as in `helm lint`, instead of ending the execution.
    pub softens: bool,
    /// What they said then.
    pub refusals: Vec<Error>,
}

/// Runs other templates for a function; the executor, or what stands for it in a test.
pub trait Host {
    /// The shared state.
    fn state(&mut self) -> &mut State;

    /// Helm's `include`.
    fn include(&mut self, name: &Value, data: Value) -> Result<Value, Fault>;

    /// Helm's `tpl`.
    fn tpl(&mut self, text: &Value, data: Value) -> Result<Value, Fault>;
}

/// The context of one function call.
pub struct Call<'a> {
    host: &'a mut dyn Host,
}

impl<'a> Call<'a> {
    /// The context that `host` gives.
    pub fn new(host: &'a mut dyn Host) -> Self {
        Self { host }
    }

    /// The bounds.
    pub fn limits(&mut self) -> &Limits {
        self.host.state().budget.limits()
    }

    /// Takes `count` steps; for bodies that loop over more than their arguments.
    pub fn step(&mut self, count: u64) -> Result<(), Exceeded> {
        self.host.state().budget.step(count)
    }

    /// Takes room for a string of `bytes`, before it is made.
    pub fn text(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.host.state().budget.text(bytes)
    }

    /// Takes room for a list of `count` elements, before it is made.
    pub fn list(&mut self, count: usize) -> Result<(), Exceeded> {
        self.host.state().budget.list(count)
    }

    /// Checks that there is stack for one more level; for bodies that recurse.
    pub fn descend(&mut self) -> Result<(), Exceeded> {
        self.host.state().budget.descend()
    }

    /// Fills `bytes` from the session's random source.
    pub fn random(&mut self, bytes: &mut [u8]) {
        let state = self.host.state();
        state.used_chance = true;
        state.random.fill(bytes);
    }

    /// The session's time in nanoseconds since 1970.
    pub fn now(&mut self) -> i64 {
        let state = self.host.state();
        state.used_chance = true;
        state.now
    }

    /// Objects of the cluster; none without one.
    pub fn objects(&mut self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Vec<Node> {
        let state = self.host.state();
        state.asked_cluster = true;
        let cluster = state.cluster.as_ref();
        cluster.map(|cluster| cluster.objects(api_version, kind, namespace, name)).unwrap_or_default()
    }

    /// The value of a key. `None` comes with the origins of having looked: add them to whatever is returned instead.
    pub fn lookup(&mut self, map: &Map, key: &str) -> Result<Value, Origins> {
        map.get(key).ok_or_else(|| self.host.state().ledger.missing(map.origins(), key))
    }

    /// The text of a value as Go's `fmt.Sprint` prints it, with the origins of its parts.
    pub fn print(&mut self, value: &Value) -> Result<Value, Exceeded> {
        sprint(&mut self.host.state().budget, std::slice::from_ref(value))
    }

    /// Go's `fmt.Sprintf`.
    pub fn format(&mut self, format: &Value, values: &[Value]) -> Result<Value, Exceeded> {
        sprintf(&mut self.host.state().budget, format, values)
    }

    /// What may still be spent.
    pub fn budget(&mut self) -> &mut Budget {
        &mut self.host.state().budget
    }

    /// The output of a template by name, with its pieces.
    pub fn include(&mut self, name: &Value, data: Value) -> Result<Value, Fault> {
        self.host.include(name, data)
    }

    /// The output of a template given as text, with its pieces.
    pub fn tpl(&mut self, text: &Value, data: Value) -> Result<Value, Fault> {
        self.host.tpl(text, data)
    }
}
