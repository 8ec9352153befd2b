//! Fields, methods and variables.

use super::eval::Arguments;
use super::{Exec, NameId, NodeId, Outcome, Slot, Unit, Value};
use crate::template::ast::Syntax;
use crate::template::funcs::Type;
use crate::template::origin::Origins;
use crate::template::value::{Data, Map, Object};

/// Variables passed over in the time of a step.
const VARIABLES_PER_STEP: u64 = 32;

impl Exec<'_> {
    /// A chain of fields: of dot, a variable or a parenthesised pipeline. A method at its end gets the arguments.
    pub(super) fn operand(&mut self, unit: &Unit, dot: &Slot, id: NodeId, arguments: Arguments<'_>) -> Outcome<Slot> {
        self.frame.node = id;
        let (receiver, fields) = match unit.node(id).syntax {
            Syntax::Field(fields) => (dot.clone(), fields),
            Syntax::Variable { name, fields } => (self.variable(unit, name)?, fields),
            Syntax::Chain { node, fields } => (self.chain_start(unit, dot, id, node)?, fields),
            _ => return Ok(Slot::plain(Value::NIL)),
        };
        let mut receiver = receiver;
        let mut fields = unit.fields(fields);
        while let Some(name) = fields.next() {
            if fields.is_done() {
                return self.field(unit, dot, id, (name, receiver), arguments);
            }
            receiver = self.field(unit, dot, id, (name, receiver), Arguments::NONE)?;
        }
        self.no_arguments(unit, id, arguments)?;
        Ok(receiver)
    }

    fn variable(&mut self, unit: &Unit, name: NameId) -> Outcome<Slot> {
        match self.declared(unit, name)? {
            Some(slot) => Ok(slot.clone()),
            None => self.fail(unit, &format!("undefined variable: {}", unit.name(name))),
        }
    }

    /// The variable declared last under a name; none where there is none.
    pub(super) fn declared(&mut self, unit: &Unit, name: NameId) -> Outcome<Option<&mut Slot>> {
        let own = self.variables[self.frame.first..].iter().rev();
        let Some(distance) = own.enumerate().find_map(|(at, (known, _))| (*known == name).then_some(at)) else {
            return Ok(None);
        };
        let charged = self.session.state.budget.step(distance as u64 / VARIABLES_PER_STEP);
        charged.map_err(|exceeded| self.exceeded(unit, exceeded))?;
        Ok(self.variables.iter_mut().rev().nth(distance).map(|(_, slot)| slot))
    }

    fn chain_start(&mut self, unit: &Unit, dot: &Slot, chain: NodeId, start: NodeId) -> Outcome<Slot> {
        if matches!(unit.node(start).syntax, Syntax::Nil) {
            return self.fail(unit, &format!("indirection through explicit nil in {}", unit.show(chain)));
        }
        Ok(Slot::plain(self.argument(unit, dot, Type::Any, start)?))
    }

    fn field(
        &mut self,
        unit: &Unit,
        dot: &Slot,
        node: NodeId,
        (name, receiver): (&str, Slot),
        arguments: Arguments<'_>,
    ) -> Outcome<Slot> {
        match &receiver.value.data {
            Data::Nil if receiver.boxed => self.fail(unit, &format!("nil pointer evaluating interface {{}}.{name}")),
            Data::Nil if self.session.strict => self.fail(unit, &format!("nil data; no entry for key \"{name}\"")),
            Data::Nil => Ok(receiver),
            Data::Map(map) => {
                if !arguments.is_empty() {
                    return self.fail(unit, &format!("{name} is not a method but has arguments"));
                }
                self.entry(unit, map, name)
            }
            Data::Object(object) => {
                let found = self.member(unit, dot, node, (name, &**object, &receiver.value), arguments)?;
                found.map_or_else(|| self.no_field(unit, name, &receiver), Ok)
            }
            _ => self.no_field(unit, name, &receiver),
        }
    }

    fn no_field<T>(&self, unit: &Unit, name: &str, receiver: &Slot) -> Outcome<T> {
        self.fail(unit, &format!("can't evaluate field {name} in type {}", receiver.type_name()))
    }

    fn entry(&mut self, unit: &Unit, map: &Map, name: &str) -> Outcome<Slot> {
        let strings = map.type_name() == Map::STRINGS;
        if let Some(value) = map.field(name) {
            return Ok(Slot { value, boxed: !strings });
        }
        if self.session.strict {
            return self.fail(unit, &format!("map has no entry for key \"{name}\""));
        }
        let looked: Origins = self.session.state.ledger.missing(map.origins(), name);
        let value = if strings { Value::from("") } else { Value::NIL };
        Ok(Slot { value: value.with_origins(looked), boxed: !strings })
    }

    /// A method or field of an object, `None` if it has none of that name.
    fn member(
        &mut self,
        unit: &Unit,
        dot: &Slot,
        node: NodeId,
        (name, object, value): (&str, &dyn Object, &Value),
        arguments: Arguments<'_>,
    ) -> Outcome<Option<Slot>> {
        if let Some(method) = object.method(name) {
            self.check_count(unit, method, arguments)?;
            let mut values = vec![value.clone()];
            self.arguments(unit, dot, method, arguments, &mut values)?;
            return self.invoke(unit, node, method, &values).map(|value| Some(Slot::plain(value)));
        }
        let plain = object.field(name);
        let found = plain.clone().or_else(|| object.view().get(name));
        if found.is_some() && !arguments.is_empty() {
            let what = if plain.is_some() {
                "has arguments but cannot be invoked as function"
            } else {
                "is not a method but has arguments"
            };
            return self.fail(unit, &format!("{name} {what}"));
        }
        if found.is_none() && object.kind() == "map" {
            return Ok(Some(Slot { value: Value::NIL.with_origins(value.origins.clone()), boxed: true }));
        }
        Ok(found.map(Slot::plain))
    }
}
