//! An object as rules see it: fields that its schema names, under names that an expression can write, with the types of the schema.

use cel::Value;

use super::others;
use crate::budget::{Budget, Exceeded};
use crate::cel::{escaped, from_node, map, typed};
use crate::schema::Schema;
use crate::yaml::{self, Mapping, Node};

/// What was met on the way through a value.
#[derive(Default)]
pub(super) struct Seen {
    /// Fields whose values are of a type that is not told from text here, each with its format.
    pub(super) opaque: Vec<(String, String)>,
    /// Fields that are no text to rules, though they are written as one, each with its format.
    pub(super) typed: Vec<(String, String)>,
}

/// Formats that make something else of a text.
const TYPED: [&str; 5] = ["byte", "date", "date-time", "datetime", "duration"];

/// `self` for a value, and what was met below it.
pub(super) fn of(node: &Node, schema: Schema<'_>, is_object: bool, budget: &Budget) -> Result<(Value, Seen), Exceeded> {
    let mut seen = Seen::default();
    let value = converted("self", node, schema, is_object, budget, &mut seen)?;
    Ok((value, seen))
}

fn converted(
    name: &str,
    node: &Node,
    schema: Schema<'_>,
    is_object: bool,
    budget: &Budget,
    seen: &mut Seen,
) -> Result<Value, Exceeded> {
    let _level = budget.enter()?;
    budget.spend(schema.keywords())?;
    Ok(match &node.value {
        yaml::Value::Map(mapping) => fields(mapping, schema, is_object, budget, seen)?,
        yaml::Value::Seq(items) => {
            let Some(schema) = schema.items() else { return Ok(Value::List(vec![].into())) };
            let item = |item| converted(name, item, schema, schema.is_resource(), budget, seen);
            Value::List(items.iter().map(item).collect::<Result<Vec<_>, _>>()?.into())
        }
        yaml::Value::String(text) => {
            budget.scan(text.len())?;
            let format = schema.format().filter(|format| TYPED.contains(format));
            match format.map(|format| (format, typed(format, text))) {
                Some((format, Some(value))) => {
                    seen.typed.push((name.to_owned(), format.to_owned()));
                    value
                }
                Some((format, None)) => {
                    seen.opaque.push((name.to_owned(), format.to_owned()));
                    from_node(node)
                }
                None => from_node(node),
            }
        }
        _ => number(node, schema),
    })
}

/// A number is of the type that the schema says, however it is written.
fn number(node: &Node, schema: Schema<'_>) -> Value {
    let types = schema.types();
    match from_node(node) {
        #[expect(clippy::cast_precision_loss, reason = "as the API server reads a number")]
        Value::Int(number) if types.contains(&"number") => Value::Float(number as f64),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and none beyond the range of whole numbers")]
        Value::Float(number) if types.contains(&"integer") && number.fract() == 0.0 && number.abs() < 9e15 => {
            Value::Int(number as i64)
        }
        other => other,
    }
}

fn fields(
    mapping: &Mapping,
    schema: Schema<'_>,
    is_object: bool,
    budget: &Budget,
    seen: &mut Seen,
) -> Result<Value, Exceeded> {
    let entries = mapping.effective();
    budget.spend(schema.lookup_cost() * entries.len())?;
    let mut found = vec![];
    for (key, entry) in entries {
        let key = key.as_ref();
        match key {
            "apiVersion" | "kind" if is_object => found.push((key.to_owned(), from_node(&entry.value))),
            "metadata" if is_object => found.push((key.to_owned(), metadata(&entry.value))),
            _ => {
                let own = schema.property(key).map(|schema| (escaped(key), schema));
                let Some((name, schema)) = own.or_else(|| Some((key.to_owned(), others(schema)?))) else { continue };
                let value = converted(key, &entry.value, schema, schema.is_resource(), budget, seen)?;
                found.push((name, value));
            }
        }
    }
    Ok(map(found))
}

/// What rules see of the metadata.
fn metadata(node: &Node) -> Value {
    let seen = ["name", "generateName"].into_iter();
    map(seen.filter_map(|key| Some((key, from_node(node.get(key)?)))))
}
