//! What templates make of the API versions that a cluster serves: answers of helpers and variables that were decided by them say so.

use super::{Exec, NodeId, Outcome, Unit, Value};
use crate::template::ast::{Branch, Syntax};
use crate::template::origin::{OriginId, Origins};

/// The answer of a helper that asked what is served. A line is an answer, and depends on what was asked; in a document each part says for
/// itself what decided it.
pub(super) fn answered(answer: Value) -> Value {
    let is_line = !answer.bytes().trim_ascii().contains(&b'\n');
    if is_line { answer.reading(&Origins::one(OriginId::SERVED)) } else { answer }
}

impl Exec<'_> {
    /// Marks the variables that the branches of a decision set: what they hold depends on it, whichever branch was taken.
    pub(super) fn mark_assigned(&mut self, unit: &Unit, branch: Branch) -> Outcome<()> {
        let mut open: Vec<NodeId> = vec![branch.body];
        open.extend(branch.otherwise);
        while let Some(id) = open.pop() {
            self.session.state.budget.step(1).map_err(|exceeded| self.exceeded(unit, exceeded))?;
            match unit.node(id).syntax {
                Syntax::List(nodes) => open.extend(unit.nodes(nodes)),
                Syntax::Action(pipe) => self.mark(unit, pipe)?,
                Syntax::If(inner) | Syntax::With(inner) | Syntax::Range(inner) => {
                    open.push(inner.body);
                    open.extend(inner.otherwise);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn mark(&mut self, unit: &Unit, pipe: NodeId) -> Outcome<()> {
        let Syntax::Pipe(pipe) = unit.node(pipe).syntax else { return Ok(()) };
        for name in pipe.variables.iter().filter(|_| pipe.assign) {
            if let Some(slot) = self.declared(unit, name)? {
                slot.value.origins.add(&Origins::one(OriginId::SERVED));
            }
        }
        Ok(())
    }
}
