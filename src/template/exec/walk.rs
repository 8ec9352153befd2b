//! Actions: printing, deciding, repeating, calling.

use std::sync::Arc;

use super::{Exec, Frame, NodeId, Outcome, ScopeKind, Slot, Unit, Value};
use crate::template::ast::{Branch, Syntax};
use crate::template::limits::Exceeded;
use crate::template::print::quote::quote;
use crate::template::print::sprint;
use crate::template::trace::At;
use crate::template::value::{Data, List, Map, View};

/// How execution goes on after a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

impl Exec<'_> {
    pub(super) fn walk(&mut self, unit: &Unit, dot: &Slot, id: NodeId) -> Outcome<Flow> {
        self.frame.node = id;
        self.session.state.budget.step(1).map_err(|exceeded| self.exceeded(unit, exceeded))?;
        match unit.node(id).syntax {
            Syntax::List(nodes) => return self.walk_list(unit, dot, unit.nodes(nodes)),
            Syntax::Text => self.write_text(unit, id)?,
            Syntax::Action(pipe) => self.action(unit, dot, pipe)?,
            Syntax::Break => return Ok(Flow::Break),
            Syntax::Continue => return Ok(Flow::Continue),
            Syntax::If(branch) => return self.decide(unit, dot, branch, ScopeKind::If),
            Syntax::With(branch) => return self.decide(unit, dot, branch, ScopeKind::With),
            Syntax::Range(branch) => return self.range(unit, dot, branch),
            Syntax::Template { name, pipe } => self.template(unit, dot, id, (unit.name(name), pipe))?,
            _ => return self.fail(unit, "unknown node"),
        }
        Ok(Flow::Next)
    }

    fn walk_list(&mut self, unit: &Unit, dot: &Slot, nodes: &[NodeId]) -> Outcome<Flow> {
        self.session.state.budget.descend().map_err(|exceeded| self.exceeded(unit, exceeded))?;
        for node in nodes {
            let flow = self.walk(unit, dot, *node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    /// The place that prints at a node; `None` only outside any source.
    fn at(&self, unit: &Unit, node: NodeId, verbatim: bool) -> Option<At> {
        let (location, scope) = (self.location(unit, node)?, self.frame.scope?);
        Some(At { location, scope, verbatim: verbatim && unit.source.is_some() })
    }

    fn write_text(&mut self, unit: &Unit, id: NodeId) -> Outcome<()> {
        self.check_output(unit, unit.source_of(id).len())?;
        let Some(at) = self.at(unit, id, true) else {
            self.out.push(unit.source_of(id));
            return Ok(());
        };
        match self.based(unit, unit.node(id).span) {
            Some((base, range)) => self.out.print(&base.text, range, at),
            None => self.out.write(unit.source_of(id), at),
        }
        Ok(())
    }

    /// Checks that `more` bytes fit into the output; its pieces take room as well.
    fn check_output(&self, unit: &Unit, more: usize) -> Outcome<()> {
        if self.out.weight() + more > self.session.state.budget.limits().string {
            return Err(self.exceeded(unit, Exceeded::Text).into());
        }
        Ok(())
    }

    fn action(&mut self, unit: &Unit, dot: &Slot, pipe: NodeId) -> Outcome<()> {
        let value = self.pipeline(unit, dot, pipe)?;
        let Syntax::Pipe(syntax) = unit.node(pipe).syntax else { return Ok(()) };
        if syntax.variables.is_empty() { self.print(unit, pipe, value) } else { Ok(()) }
    }

    fn print(&mut self, unit: &Unit, pipe: NodeId, value: Value) -> Outcome<()> {
        let budget = &mut self.session.state.budget;
        let mut value = match &value.data {
            Data::String(_) => value,
            Data::Nil => Value::from("<no value>").with_origins(value.origins),
            Data::Object(object) if object.shown().is_some() => {
                Value::from(object.shown().unwrap_or_default()).with_origins(value.origins)
            }
            _ => sprint(budget, std::slice::from_ref(&value)).map_err(|exceeded| self.exceeded(unit, exceeded))?,
        };
        if let Some((base, range)) = self.based(unit, unit.node(pipe).span) {
            value.origins.add(&base.text.origins);
            value.origins.add(&base.text.as_string().map(|text| text.origins_in(range)).unwrap_or_default());
        }
        let length = value.bytes().len();
        self.check_output(unit, length)?;
        match self.at(unit, pipe, false) {
            Some(at) => self.out.print(&value, 0..length, at),
            None => self.out.push_value(&value),
        }
        Ok(())
    }

    fn decide(&mut self, unit: &Unit, dot: &Slot, branch: Branch, kind: ScopeKind) -> Outcome<Flow> {
        let variables = self.variables.len();
        let with = kind == ScopeKind::With;
        let value = self.pipeline(unit, dot, branch.pipe)?;
        let at = self.location(unit, branch.pipe);
        let asked_before = std::mem::take(&mut self.asked_served);
        let outer = self.open(kind, at, &value);
        let asks_served = self.asked_served;
        let flow = if value.is_true() {
            if with { self.walk(unit, &Slot::plain(value), branch.body)? } else { self.walk(unit, dot, branch.body)? }
        } else {
            branch.otherwise.map_or(Ok(Flow::Next), |list| self.walk(unit, dot, list))?
        };
        self.frame.scope = outer;
        self.variables.truncate(variables);
        if asks_served {
            self.mark_assigned(unit, branch)?;
        }
        self.asked_served |= asked_before;
        Ok(flow)
    }

    fn range(&mut self, unit: &Unit, dot: &Slot, branch: Branch) -> Outcome<Flow> {
        let variables = self.variables.len();
        let value = self.pipeline(unit, dot, branch.pipe)?;
        let at = self.location(unit, branch.pipe);
        let outer = self.open(ScopeKind::Range, at, &value);
        let flow = self.repeat(unit, branch, &value)?;
        let flow = match (flow, branch.otherwise) {
            (None, Some(list)) => self.walk(unit, dot, list)?,
            _ => Flow::Next,
        };
        self.frame.scope = outer;
        self.variables.truncate(variables);
        Ok(flow)
    }

    /// The rounds of a `range`; `None` if there are none.
    fn repeat(&mut self, unit: &Unit, branch: Branch, value: &Value) -> Outcome<Option<()>> {
        let origins = &value.origins;
        match &value.data {
            Data::List(list) => {
                let boxed = list.type_name() == List::ANY;
                self.rounds(
                    unit,
                    branch,
                    list.iter().enumerate().map(|(index, item)| (counter(index), item.clone(), boxed)),
                )
            }
            Data::Bytes(bytes) => {
                let item = |byte: &u8| Value::from(Data::Uint8(*byte)).with_origins(origins.clone());
                self.rounds(
                    unit,
                    branch,
                    bytes.iter().enumerate().map(|(index, byte)| (counter(index), item(byte), false)),
                )
            }
            Data::Map(map) => {
                let boxed = map.type_name() != Map::STRINGS;
                self.entries(unit, branch, map.snapshot(), boxed)
            }
            Data::Object(object) => match object.view() {
                View::Map(entries) => self.entries(unit, branch, entries, false),
                View::List(items) => self.rounds(
                    unit,
                    branch,
                    items.into_iter().enumerate().map(|(index, item)| (counter(index), item, false)),
                ),
                View::Int64(_) | View::Opaque | View::Struct(_) => self.cannot_range(unit, value),
            },
            Data::Int(count) => self.count(unit, branch, value, *count, Data::Int),
            Data::Int64(count) => self.count(unit, branch, value, *count, Data::Int64),
            Data::Nil => Ok(None),
            _ => self.cannot_range(unit, value),
        }
    }

    fn cannot_range<T>(&mut self, unit: &Unit, value: &Value) -> Outcome<T> {
        let printed = sprint(&mut self.session.state.budget, std::slice::from_ref(value));
        let printed = printed.map_err(|exceeded| self.exceeded(unit, exceeded))?;
        self.fail(unit, &format!("range can't iterate over {}", printed.text()))
    }

    fn entries(
        &mut self,
        unit: &Unit,
        branch: Branch,
        entries: Vec<(Arc<str>, Value)>,
        boxed: bool,
    ) -> Outcome<Option<()>> {
        let rounds = entries.into_iter().map(|(key, value)| {
            // The key stands where its entry stands.
            (Value::from(key).with_origins(value.origins.clone()), value, boxed)
        });
        self.rounds(unit, branch, rounds)
    }

    fn count(
        &mut self,
        unit: &Unit,
        branch: Branch,
        value: &Value,
        count: i64,
        kind: fn(i64) -> Data,
    ) -> Outcome<Option<()>> {
        let Syntax::Pipe(pipe) = unit.node(branch.pipe).syntax else { return Ok(None) };
        if pipe.variables.len() > 1 {
            return self.fail(unit, &format!("can't use {count} to iterate over more than one variable"));
        }
        let item = |index| Value::from(kind(index)).with_origins(value.origins.clone());
        self.rounds(unit, branch, (0..count).map(|index| (Value::NIL, item(index), false)))
    }

    fn rounds(
        &mut self,
        unit: &Unit,
        branch: Branch,
        rounds: impl Iterator<Item = (Value, Value, bool)>,
    ) -> Outcome<Option<()>> {
        let mark = self.variables.len();
        let mut any = None;
        for (index, value, boxed) in rounds {
            any = Some(());
            self.session.state.budget.step(1).map_err(|exceeded| self.exceeded(unit, exceeded))?;
            let item = Slot { value, boxed };
            self.bind_round(unit, branch.pipe, index, &item)?;
            let flow = self.walk(unit, &item, branch.body)?;
            self.variables.truncate(mark);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(any)
    }

    /// Gives the variables of `range` their values for one round.
    fn bind_round(&mut self, unit: &Unit, pipe: NodeId, index: Value, item: &Slot) -> Outcome<()> {
        let Syntax::Pipe(pipe) = unit.node(pipe).syntax else { return Ok(()) };
        let values = [Slot::plain(index), item.clone()];
        let values = &values[2 - pipe.variables.len().min(2)..];
        if pipe.assign {
            for (name, slot) in pipe.variables.iter().zip(values) {
                self.assign(unit, name, slot.clone())?;
            }
            return Ok(());
        }
        let first = self.variables.len() - values.len();
        for (variable, slot) in self.variables[first..].iter_mut().zip(values) {
            variable.1 = slot.clone();
        }
        Ok(())
    }

    fn template(&mut self, unit: &Unit, dot: &Slot, id: NodeId, call: (&Arc<str>, Option<NodeId>)) -> Outcome<()> {
        let (name, pipe) = call;
        let Some(entry) = self.set.0.get(name).cloned() else {
            return self.fail(unit, &format!("template {} not defined", quote(name.as_bytes())));
        };
        let data = pipe.map_or(Ok(Value::NIL), |pipe| self.pipeline(unit, dot, pipe))?;
        self.frame.node = id;
        self.session.state.budget.descend().map_err(|exceeded| self.exceeded(unit, exceeded))?;
        let at = self.location(unit, id);
        let outer_scope = self.open(ScopeKind::Template(Arc::clone(name)), at, &Value::NIL);
        let frame = Frame::new(&entry, self.frame.scope);
        let outer = std::mem::replace(&mut self.frame, frame);
        let done = self.run(&entry.tree.unit, entry.tree.root, data);
        self.frame = outer;
        self.frame.scope = outer_scope;
        done
    }
}

fn counter(index: usize) -> Value {
    Value::from(Data::Int(i64::try_from(index).unwrap_or(i64::MAX)))
}
