//! Numbers: bounds and multiples, and when two values are the same.

use super::Checker;
use crate::schema::source::Schema;
use crate::yaml::{Node, Value};

impl Checker<'_> {
    pub(super) fn number(&mut self, node: &Node, schema: Schema<'_>) {
        let Some(value) = float(node) else { return };
        let limit = |key: &str| schema.get(key).and_then(float);
        let text = node.scalar_text().unwrap_or("");
        if let Some((least, most)) = schema.range().filter(|range| !is_within(value, *range)) {
            let what = format!("is `{text}`, which is not between {least} and {most}");
            let what = if most >= i64::from(i32::MAX) && value < 0.0 {
                format!("is `{text}`, which is less than {least}")
            } else {
                what
            };
            self.wrong(node.location, what, schema);
        }
        if let Some(least) = limit("minimum") {
            let exclusive = schema.flag("exclusiveMinimum");
            if value < least || (exclusive && value <= least) {
                let what = if exclusive { "has to be greater than" } else { "is less than" };
                self.wrong(node.location, format!("is `{text}`, which {what} {least}"), schema);
            }
        }
        if let Some(most) = limit("maximum") {
            let exclusive = schema.flag("exclusiveMaximum");
            if value > most || (exclusive && value >= most) {
                let what = if exclusive { "has to be less than" } else { "is greater than" };
                self.wrong(node.location, format!("is `{text}`, which {what} {most}"), schema);
            }
        }
        if let Some(factor) = limit("multipleOf").filter(|factor| *factor > 0.0) {
            let quotient = value / factor;
            if (quotient - quotient.round()).abs() > 1e-9 * quotient.abs().max(1.0) {
                self.wrong(node.location, format!("is `{text}`, which is no multiple of {factor}"), schema);
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "bounds are small, or the largest of their type")]
fn is_within(value: f64, (least, most): (i64, i64)) -> bool {
    value >= least as f64 && value <= most as f64
}

/// The number that a node holds.
#[expect(clippy::cast_precision_loss, reason = "Kubernetes compares as float64 too")]
fn float(node: &Node) -> Option<f64> {
    match node.value {
        Value::Int(value, _) => Some(value as f64),
        Value::Uint(value, _) => Some(value as f64),
        Value::Float(value, _) => Some(value),
        _ => None,
    }
}

/// A bound of a length.
pub(super) fn size(node: &Node) -> Option<usize> {
    if let Value::Int(value, _) = node.value { usize::try_from(value).ok() } else { None }
}

/// Whether two values are the same to JSON: `1` is `1.0`.
pub(super) fn same(left: &Node, right: &Node) -> bool {
    match (float(left), float(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right).is_eq(),
        _ => left.same_meaning(right),
    }
}
