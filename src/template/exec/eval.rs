//! Pipelines, commands and function calls.

use super::{Exec, NameId, NodeId, Outcome, Slot, Unit, Value};
use crate::template::ast::Syntax;
use crate::template::call::Call;
use crate::template::error::Error;
use crate::template::funcs::{Fault, Func, Propagate};
use crate::template::number::Number;
use crate::template::print::quote::quote;
use crate::template::value::Data;

/// Elements visited to gather the origins of an argument.
const DEEP: usize = 10_000;

/// A command's arguments: the nodes behind its first word, and the value piped in.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'a> {
    pub(super) nodes: &'a [NodeId],
    pub(super) last: Option<&'a Value>,
}

impl Arguments<'_> {
    pub(super) const NONE: Self = Self { nodes: &[], last: None };

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.last.is_none()
    }
}

/// The error of Go's `call`, which names the expression that is no function.
fn called(error: &mut Error, shown: &str) {
    const WORDS: &str = "error calling call: non-function ";
    error.message = error.message.replace(&format!("{WORDS}of type"), &format!("{WORDS}{shown} of type"));
}

impl Exec<'_> {
    /// The value of a pipeline, out of any interface. Declared variables stay until their block ends.
    pub(super) fn pipeline(&mut self, unit: &Unit, dot: &Slot, id: NodeId) -> Outcome<Value> {
        self.frame.node = id;
        self.session.state.budget.descend().map_err(|exceeded| self.exceeded(unit, exceeded))?;
        let Syntax::Pipe(pipe) = unit.node(id).syntax else { return Ok(Value::NIL) };
        let mut value: Option<Value> = None;
        for command in unit.nodes(pipe.commands) {
            value = Some(self.command(unit, dot, *command, value.as_ref())?);
        }
        let value = value.unwrap_or_default();
        for name in pipe.variables.iter() {
            let slot = Slot::plain(value.clone());
            if pipe.assign {
                self.assign(unit, name, slot)?;
            } else {
                self.variables.push((name, slot));
            }
        }
        Ok(value)
    }

    /// Changes the variable declared last under a name.
    pub(super) fn assign(&mut self, unit: &Unit, name: NameId, slot: Slot) -> Outcome<()> {
        match self.declared(unit, name)? {
            Some(variable) => *variable = slot,
            None => return self.fail(unit, &format!("undefined variable: {}", unit.name(name))),
        }
        Ok(())
    }

    fn command(&mut self, unit: &Unit, dot: &Slot, id: NodeId, last: Option<&Value>) -> Outcome<Value> {
        self.session.state.budget.step(1).map_err(|exceeded| self.exceeded(unit, exceeded))?;
        let Syntax::Command(nodes) = unit.node(id).syntax else { return Ok(Value::NIL) };
        let nodes = unit.nodes(nodes);
        let first = nodes[0];
        let arguments = Arguments { nodes: &nodes[1..], last };
        match unit.node(first).syntax {
            Syntax::Field(_) | Syntax::Chain { .. } | Syntax::Variable { .. } => {
                return Ok(self.operand(unit, dot, first, arguments)?.value);
            }
            Syntax::Function(func) => {
                self.frame.node = first;
                return self.function(unit, dot, id, func, arguments);
            }
            Syntax::Pipe(_) => {
                self.no_arguments(unit, first, arguments)?;
                return self.pipeline(unit, dot, first);
            }
            _ => {}
        }
        self.frame.node = first;
        self.no_arguments(unit, first, arguments)?;
        match unit.node(first).syntax {
            Syntax::Dot => Ok(dot.value.clone()),
            Syntax::Nil => self.fail(unit, "nil is not a command"),
            _ => self.constant(unit, first),
        }
    }

    pub(super) fn no_arguments(&self, unit: &Unit, first: NodeId, arguments: Arguments<'_>) -> Outcome<()> {
        if arguments.is_empty() {
            return Ok(());
        }
        self.fail(unit, &format!("can't give argument to non-function {}", unit.show(first)))
    }

    /// A constant where nothing says which type it should have.
    pub(super) fn constant(&mut self, unit: &Unit, id: NodeId) -> Outcome<Value> {
        self.frame.node = id;
        match unit.node(id).syntax {
            Syntax::Bool(value) => Ok(value.into()),
            Syntax::String(index) => Ok(Value::from(Data::String(unit.string(index).clone().into()))),
            Syntax::Number(index) => match *unit.number(index) {
                Number { written_float: true, float: Some(float), .. } => Ok(float.into()),
                Number { int: Some(int), .. } => Ok(Data::Int(int).into()),
                _ => self.fail(unit, &format!("{} overflows int", unit.source_of(id))),
            },
            _ => self.fail(unit, &format!("can't evaluate command {}", quote(unit.show(id).as_bytes()))),
        }
    }

    /// Calls a function. `node` is what errors of the function are about.
    pub(super) fn function(
        &mut self,
        unit: &Unit,
        dot: &Slot,
        node: NodeId,
        func: &'static Func,
        arguments: Arguments<'_>,
    ) -> Outcome<Value> {
        self.check_count(unit, func, arguments)?;
        if matches!(func.name, "and" | "or") {
            return self.short_circuit(unit, dot, func, arguments);
        }
        let mut values = self.session.spare.pop().unwrap_or_default();
        self.arguments(unit, dot, func, arguments, &mut values)?;
        let mut result = self.invoke(unit, node, func, &values);
        values.clear();
        self.session.spare.push(values);
        if let (Err(error), "call", Some(callee)) = (&mut result, func.name, arguments.nodes.first()) {
            called(error, &unit.show(*callee));
        }
        result
    }

    /// Evaluates the arguments of a call and appends them to `values`.
    pub(super) fn arguments(
        &mut self,
        unit: &Unit,
        dot: &Slot,
        func: &Func,
        arguments: Arguments<'_>,
        values: &mut Vec<Value>,
    ) -> Outcome<()> {
        for (index, node) in arguments.nodes.iter().enumerate() {
            values.push(self.argument(unit, dot, func.param(index), *node)?);
        }
        if let Some(last) = arguments.last {
            let param = func.param(arguments.nodes.len());
            values.push(self.validate(unit, Slot::plain(last.clone()), param)?);
        }
        Ok(())
    }

    pub(super) fn check_count(&self, unit: &Unit, func: &Func, arguments: Arguments<'_>) -> Outcome<()> {
        let (given, fixed) = (arguments.nodes.len() + usize::from(arguments.last.is_some()), func.params.len());
        let name = func.name;
        if func.rest.is_some() && given < fixed {
            let got = arguments.nodes.len();
            return self.fail(unit, &format!("wrong number of args for {name}: want at least {fixed} got {got}"));
        }
        if func.rest.is_none() && given != fixed {
            return self.fail(unit, &format!("wrong number of args for {name}: want {fixed} got {given}"));
        }
        Ok(())
    }

    /// `and` and `or`: the first argument that decides, or the last; the origins of all that were looked at.
    fn short_circuit(&mut self, unit: &Unit, dot: &Slot, func: &Func, arguments: Arguments<'_>) -> Outcome<Value> {
        let mut value = Value::NIL;
        let mut seen = crate::template::origin::Origins::NONE;
        for node in arguments.nodes {
            value = self.argument(unit, dot, func.params[0], *node)?;
            if value.is_true() == (func.name == "or") {
                return Ok(value.reading(&seen));
            }
            seen.add(&value.all_origins());
        }
        Ok(arguments.last.cloned().unwrap_or(value).reading(&seen))
    }

    /// Runs a function's body; `values` hold the object first if it is a method.
    pub(super) fn invoke(&mut self, unit: &Unit, node: NodeId, func: &Func, values: &[Value]) -> Outcome<Value> {
        let outer = std::mem::replace(&mut self.frame.node, node);
        let budget = &mut self.session.state.budget;
        let bytes: usize = values.iter().map(|value| value.bytes().len()).sum();
        let charged = budget.step(1 + bytes as u64 / func.pace);
        charged.map_err(|exceeded| self.exceeded(unit, exceeded))?;
        let here = self.location(unit, node);
        let calling = std::mem::replace(&mut self.calling, here);
        let result = (func.body)(&mut Call::new(self), values);
        self.calling = calling;
        let mut value = match result {
            Ok(value) => value,
            Err(fault @ Fault::Refused(_)) if self.session.state.softens => {
                let refusal = self.fault(unit, func.name, fault);
                self.session.state.refusals.push(refusal);
                Value::from("")
            }
            Err(fault) => return Err(self.fault(unit, func.name, fault).into()),
        };
        self.frame.node = outer;
        for argument in values {
            match func.origins {
                Propagate::Own => break,
                Propagate::Shallow => value.origins.add(&argument.all_origins()),
                Propagate::Deep => value.origins.add(&argument.deep_origins(DEEP)),
            }
        }
        Ok(value)
    }
}
