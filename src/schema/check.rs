//! Judges an object against its schema, in the order of the API server: unknown fields of what is written, then nulls and
//! defaults, then every keyword.

use super::checker::Checker;
use super::source::Schema;
use super::violation::{Defect, Violation};
use super::{Unjudged, object, prepare, rules, unknown};
use crate::budget::{Budget, Exceeded};
use crate::kubernetes::{Minor, Shape};
use crate::yaml::{Entry, Mapping, Node, Value};

/// Levels of schemas inside each other that are followed.
pub const DEPTH: usize = 120;
/// Steps that all objects of a chart may take: an object takes some ten thousand for a schema of ten thousand fields.
pub const STEPS: u64 = 10_000_000;

/// What judging all objects of a chart may cost.
pub fn budget() -> Budget {
    Budget::new(STEPS, DEPTH)
}

/// What becomes of fields that a schema does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// They are refused, or dropped.
    Refused,
    /// They are kept everywhere.
    Kept,
    /// They are refused only where `additionalProperties` is false, as JSON Schema has it.
    Free,
}

/// What a custom resource is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Custom<'a> {
    /// Its schema, where it has one.
    pub schema: Option<&'a Node>,
    /// What becomes of fields that the schema does not name.
    pub unknown: Unknown,
    /// Whether a new object's status is dropped before anything judges it.
    pub drops_status: bool,
}

/// What is said of a custom resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// What the API server would refuse, in the order of the file.
    pub violations: Vec<Violation>,
    /// Rules of its definition that could not be evaluated.
    pub unjudged: Vec<Unjudged>,
}

/// What the API server would say of a custom resource. Group, version and kind are not looked at.
///
/// # Errors
/// Where schema and object cost more than is left.
pub fn custom(object: &Node, by: Custom<'_>, budget: &Budget) -> Result<Judged, Exceeded> {
    let mut checker = Checker::new(budget);
    budget.spend(1)?;
    let mut unjudged = vec![];
    object::metadata(object, object.key_location("kind"), &mut checker)?;
    if let Some(schema) = by.schema.map(Schema::Written) {
        checker.is_open = by.unknown == Unknown::Free;
        if by.unknown != Unknown::Kept {
            unknown::fields(object, schema, true, &mut checker)?;
        }
        let object = if by.drops_status { without_status(object) } else { object.clone() };
        let object = prepare::prepared(&object, schema, budget)?;
        checker.value(&object, object.key_location("kind"), schema)?;
        // The API server evaluates no rule on what does not fit the schema, and drops unknown fields before.
        if checker.found.iter().all(|violation| violation.defect == Defect::Unknown) {
            unjudged = rules::judge(&object, schema, &mut checker)?;
        }
        let reason = "it is a pattern that Go cannot read";
        let unread = std::mem::take(&mut checker.unread).into_iter();
        unjudged.extend(unread.map(|(rule, at)| Unjudged { rule, at, reason: reason.to_owned() }));
    }
    Ok(Judged { violations: sorted(checker.found), unjudged })
}

/// What the API server would refuse in an object of one of Kubernetes' own kinds, in the order of the file.
///
/// # Errors
/// Where the object costs more than is left.
pub fn own(object: &Node, shape: Shape, budget: &Budget) -> Result<Vec<Violation>, Exceeded> {
    let mut checker = Checker::new(budget);
    let schema = Schema::Own(shape);
    let object = without_status(object);
    unknown::fields(&object, schema, false, &mut checker)?;
    checker.value(&object, object.key_location("kind"), schema)?;
    Ok(sorted(checker.found))
}

/// What the API server would refuse in the metadata of an object of any kind, in the order of the file.
///
/// # Errors
/// Where it costs more than is left.
pub fn metadata(object: &Node, minor: Minor, budget: &Budget) -> Result<Vec<Violation>, Exceeded> {
    let mut checker = Checker::new(budget);
    object::fields(object, minor, &mut checker)?;
    Ok(sorted(checker.found))
}

/// What the API server would refuse in the default of a schema of a custom resource: it is judged as it is written, and no other default is filled
/// into it (`ValidateDefaults` in `apiextensions-apiserver/pkg/apiserver/schema/defaulting`).
///
/// # Errors
/// Where schema and value cost more than is left.
pub fn default(value: &Node, schema: &Node, budget: &Budget) -> Result<Vec<Violation>, Exceeded> {
    let (mut checker, schema) = (Checker::new(budget), Schema::Written(schema));
    checker.is_default = true;
    unknown::fields(value, schema, false, &mut checker)?;
    checker.value(value, value.location, schema)?;
    Ok(sorted(checker.found))
}

fn sorted(mut found: Vec<Violation>) -> Vec<Violation> {
    found.sort();
    found.dedup();
    found
}

/// The object without a status that its creation would drop.
fn without_status(object: &Node) -> Node {
    let Some(mapping) = object.as_map().filter(|mapping| mapping.entry("status").is_some()) else {
        return object.clone();
    };
    let kept = |entry: &&Entry| entry.key.as_str() != Some("status");
    let entries = mapping.entries().iter().filter(kept).cloned().collect();
    Node { value: Value::Map(Mapping::new(entries).into()), ..object.clone() }
}
