//! Arguments of calls: evaluated and checked by the type of their parameter.

use super::eval::Arguments;
use super::{Exec, NodeId, Outcome, Slot, Unit, Value};
use crate::template::ast::Syntax;
use crate::template::funcs::Type;
use crate::template::value::Data;

impl Exec<'_> {
    /// An argument for a parameter of type `param`.
    pub(super) fn argument(&mut self, unit: &Unit, dot: &Slot, param: Type, id: NodeId) -> Outcome<Value> {
        self.frame.node = id;
        let slot = match unit.node(id).syntax {
            Syntax::Dot => dot.clone(),
            Syntax::Nil if param.is_nillable() => return Ok(Value::NIL),
            Syntax::Nil => return self.fail(unit, &format!("cannot assign nil to {}", param.name())),
            Syntax::Field(_) | Syntax::Chain { .. } | Syntax::Variable { .. } => {
                self.operand(unit, dot, id, Arguments::NONE)?
            }
            Syntax::Pipe(_) => Slot::plain(self.pipeline(unit, dot, id)?),
            Syntax::Function(func) => Slot::plain(self.function(unit, dot, id, func, Arguments::NONE)?),
            _ => return self.typed_constant(unit, param, id),
        };
        self.validate(unit, slot, param)
    }

    /// A constant for a parameter of type `param`.
    fn typed_constant(&mut self, unit: &Unit, param: Type, id: NodeId) -> Outcome<Value> {
        let (value, expected) = match (param, unit.node(id).syntax) {
            (Type::Any | Type::Reflect, _) | (Type::String, Syntax::String(_)) => return self.constant(unit, id),
            (Type::Bool, Syntax::Bool(value)) => (Some(Value::from(value)), "bool"),
            (Type::Bool, _) => (None, "bool"),
            (Type::String, _) => (None, "string"),
            (Type::Int, Syntax::Number(number)) => {
                (unit.number(number).int.map(|int| Data::Int(int).into()), "integer")
            }
            (Type::Int64, Syntax::Number(number)) => {
                (unit.number(number).int.map(|int| Data::Int64(int).into()), "integer")
            }
            (Type::Int | Type::Int64, _) => (None, "integer"),
            (Type::Float, Syntax::Number(number)) => (unit.number(number).float.map(Value::from), "float"),
            (Type::Float, _) => (None, "float"),
            _ => {
                let shown = unit.show(id);
                return self.fail(unit, &format!("can't handle {shown} for arg of type {}", param.name()));
            }
        };
        match value {
            Some(value) => Ok(value),
            None => self.fail(unit, &format!("expected {expected}; found {}", unit.show(id))),
        }
    }

    /// The value, if it may be assigned to a parameter of type `param`.
    pub(super) fn validate(&self, unit: &Unit, slot: Slot, param: Type) -> Outcome<Value> {
        let expected = param.name();
        match slot {
            Slot { value, boxed } if value.is_nil() => match param {
                Type::Any | Type::Reflect => Ok(value),
                _ if boxed => {
                    self.fail(unit, &format!("wrong type for value; expected {expected}; got interface {{}}"))
                }
                _ if param.is_nillable() => Ok(value),
                _ => self.fail(unit, &format!("invalid value; expected {expected}")),
            },
            Slot { value, .. } if param.accepts(&value) => Ok(value),
            Slot { value, .. } => {
                self.fail(unit, &format!("wrong type for value; expected {expected}; got {}", value.type_name()))
            }
        }
    }
}
