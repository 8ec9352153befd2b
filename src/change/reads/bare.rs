//! Values that templates print as they are, and those that they ask for before: where nobody sets one of the former, nothing is printed.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{FOLDS, Known, Names, Scope, Site, WRITES, Walk};
use crate::chart::Chart;
use crate::render::Cache;
use crate::template::ast::{NodeId, Syntax, Unit};
use crate::text::Location;

/// What templates print, and what they do not count on.
#[derive(Debug, Default)]
pub struct Bare {
    /// Every place that prints a value with nothing to put in its place, in order.
    pub printed: BTreeSet<Site>,
    /// The paths of values that some condition asks for, or that have something in their place somewhere.
    asked: BTreeSet<Names>,
    /// Whether templates may set values themselves, or read them in ways that are not followed.
    pub is_open: bool,
    /// How many conditions are around what is looked at.
    conditions: usize,
}

impl Bare {
    /// Those of a chart's own templates.
    pub fn of(chart: &Chart, cache: &Cache) -> Self {
        let mut walk = Walk { bare: Some(Self::default()), ..Walk::default() };
        walk.go_through(chart, cache);
        let is_open = walk.reads.everything;
        let bare = walk.bare.unwrap_or_default();
        Self { is_open: bare.is_open || is_open, ..bare }
    }

    /// Whether a condition somewhere asks for the value at a path, or for one that holds it.
    pub fn is_asked(&self, path: &[Arc<str>]) -> bool {
        (1..=path.len()).any(|end| self.asked.contains(&path[..end]))
    }
}

impl Walk {
    /// Looks at a condition.
    pub(super) fn within_condition<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        self.count(1);
        let found = look(self);
        self.count(-1);
        found
    }

    fn count(&mut self, step: isize) {
        if let Some(bare) = &mut self.bare {
            bare.conditions = bare.conditions.saturating_add_signed(step);
        }
    }

    /// Notes that a value may be absent, for all that the template says.
    pub(super) fn asks(&mut self, known: &Known) {
        if let (Some(bare), Known::Values(path)) = (&mut self.bare, known)
            && !path.is_empty()
        {
            bare.asked.insert(path.clone());
        }
    }

    /// The same of whatever is read in a condition.
    pub(super) fn asks_in_condition(&mut self, known: &Known) {
        if self.bare.as_ref().is_some_and(|bare| bare.conditions > 0) {
            self.asks(known);
        }
    }

    /// Notes what an action prints as it is.
    pub(super) fn prints(&mut self, pipe: NodeId, scope: &mut Scope<'_>) {
        let unit = scope.unit;
        let Some((value, source)) = bare_value(unit, pipe).zip(unit.source).filter(|_| self.bare.is_some()) else {
            return;
        };
        let known = self.operand(value, scope);
        if let (Some(bare), Known::Values(path)) = (&mut self.bare, known)
            && !path.is_empty()
        {
            bare.printed.insert(Site { at: Location::new(source, unit.node(value).span), path });
        }
    }

    /// Notes that a function may set values.
    pub(super) fn may_set(&mut self, function: &str, arguments: &[Known]) {
        let sets = function == "set" || function.starts_with("merge") || function.starts_with("mustMerge");
        if let Some(bare) = self.bare.as_mut().filter(|_| sets) {
            bare.is_open |= matches!(arguments.first(), Some(Known::Values(_) | Known::Other | Known::Dump(_)));
        }
    }
}

/// The value that a pipeline prints, at most in another form.
fn bare_value(unit: &Unit, pipe: NodeId) -> Option<NodeId> {
    let commands = match unit.node(pipe).syntax {
        Syntax::Pipe(pipe) if pipe.variables.is_empty() => unit.nodes(pipe.commands),
        Syntax::Pipe(_) => return None,
        _ => std::slice::from_ref(&pipe),
    };
    let parts = |command: &NodeId| match unit.node(*command).syntax {
        Syntax::Command(nodes) => unit.nodes(nodes).to_vec(),
        _ => vec![*command],
    };
    let (first, rest) = commands.split_first()?;
    let value = match parts(first).as_slice() {
        [value] => *value,
        [function, .., value] if folds(unit, *function) => *value,
        _ => return None,
    };
    let is_value = matches!(unit.node(value).syntax, Syntax::Field(_) | Syntax::Variable { .. });
    let folds_all = rest.iter().all(|command| parts(command).first().is_some_and(|function| folds(unit, *function)));
    (is_value && folds_all).then_some(value)
}

fn folds(unit: &Unit, function: NodeId) -> bool {
    let Syntax::Function(function) = &unit.node(function).syntax else { return false };
    FOLDS.contains(&function.name) || WRITES.contains(&function.name)
}
