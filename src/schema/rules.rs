//! CEL rules of definitions (`x-kubernetes-validations`), as far as they need no earlier object.
//!
//! Follows `apiextensions-apiserver/pkg/apiserver/schema/cel`. A rule that cannot be evaluated here is said and refuses nothing.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use cel::Value;

use super::checker::Checker;
use super::source::{Additional, Schema};
use crate::budget::Exceeded;
use crate::cel::{Expression, NO_KEY, fails_on_value, show};
use crate::text::Location;
use crate::yaml::{self, Node};

mod value;

use value::Seen;

/// A rule that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unjudged {
    /// The rule.
    pub rule: String,
    /// Where it is written.
    pub at: Location,
    /// Why.
    pub reason: String,
}

/// How many steps of a schema one of an expression costs, besides itself.
const PRICE: usize = 24;
/// Steps of compiling a byte of an expression.
const COMPILING: usize = 10;
/// Compiled expressions that a thread keeps.
const KEPT: usize = 256;
/// Characters of a message that are shown.
const SHOWN: usize = 300;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Result<Expression, String>>> = RefCell::default();
}

/// A part of the object that rules may be about.
#[derive(Clone, Copy)]
struct Part<'a> {
    node: &'a Node,
    schema: Schema<'a>,
    /// Where to say what is wrong with it as a whole.
    at: Location,
    /// Whether it is an object with `apiVersion`, `kind` and `metadata`.
    is_object: bool,
}

/// Reports every rule that a whole object breaks; what is returned could not be evaluated.
pub(super) fn judge(object: &Node, schema: Schema<'_>, checker: &mut Checker<'_>) -> Result<Vec<Unjudged>, Exceeded> {
    let mut unjudged = BTreeMap::new();
    let at = object.key_location("kind");
    walk(Part { node: object, schema, at, is_object: true }, checker, &mut unjudged)?;
    Ok(unjudged.into_values().collect())
}

fn walk(
    part: Part<'_>,
    checker: &mut Checker<'_>,
    unjudged: &mut BTreeMap<Location, Unjudged>,
) -> Result<(), Exceeded> {
    let Part { node, schema, at, .. } = part;
    let _level = checker.budget.enter()?;
    checker.budget.spend(schema.keywords())?;
    for rule in schema.get("x-kubernetes-validations").and_then(Node::as_seq).unwrap_or_default() {
        if let Err(reason) = holds(part, rule, checker)? {
            let text = rule.get("rule").and_then(Node::as_str).unwrap_or_default().trim().to_owned();
            unjudged.entry(rule.location).or_insert(Unjudged { rule: text, at: rule.location, reason });
        }
    }
    // What comes from a default lies in the definition, where nobody would mend the object.
    let place = |inner: Location| if inner.source == at.source { inner } else { at };
    match &node.value {
        yaml::Value::Map(mapping) => {
            let entries = mapping.effective();
            checker.budget.spend(schema.lookup_cost() * entries.len())?;
            for (key, entry) in entries {
                let Some(schema) = schema.field(&key) else { continue };
                let at = place(entry.key.location);
                let inner = Part { node: &entry.value, schema, at, is_object: schema.is_resource() };
                checker.within_key(&key, |checker| walk(inner, checker, unjudged))?;
            }
        }
        yaml::Value::Seq(items) => {
            let Some(schema) = schema.items() else { return Ok(()) };
            for (index, item) in items.iter().enumerate() {
                let inner = Part { node: item, schema, at: place(item.location), is_object: schema.is_resource() };
                checker.within_index(index, |checker| walk(inner, checker, unjudged))?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Evaluates a rule and reports it where it does not hold; an error is why it cannot be evaluated.
fn holds(part: Part<'_>, rule: &Node, checker: &mut Checker<'_>) -> Result<Result<(), String>, Exceeded> {
    let text = |key: &str| rule.get(key).and_then(Node::as_str).map(str::trim).filter(|text| !text.is_empty());
    let Some(source) = text("rule") else { return Ok(Ok(())) };
    let is_optional = rule.get("optionalOldSelf").and_then(Node::as_bool) == Some(true);
    // What compares with the earlier object is not asked of a new one, but where it says what holds without one.
    if (names(source, "oldSelf") && !is_optional) || part.node.is_null() {
        return Ok(Ok(()));
    }
    let (value, seen) = value::of(part.node, part.schema, part.is_object, checker.budget)?;
    if let Some((field, format)) = seen.opaque.iter().find(|(field, _)| names(source, field)) {
        return Ok(Err(format!("`{field}` has the format `{format}`")));
    }
    if let Some(reason) = reckons(source, &seen) {
        return Ok(Err(reason.to_owned()));
    }
    let mut scope: BTreeMap<&'static str, Value> = [("self", value)].into();
    if is_optional {
        match evaluated("optional.none()", &scope, checker)? {
            Ok(none) => _ = scope.insert("oldSelf", none),
            Err(reason) => return Ok(Err(reason)),
        }
    }
    let said = match evaluated(source, &scope, checker)? {
        Ok(Value::Bool(true)) => return Ok(Ok(())),
        Ok(Value::Bool(false)) => {
            if source.contains("==")
                && let Some(field) = unordered("self", part.node, part.schema, source)
            {
                return Ok(Err(format!("`{field}` is a list whose order does not count")));
            }
            let made = match text("messageExpression").map(|source| evaluated(source, &scope, checker)) {
                Some(made) => made?.ok(),
                None => None,
            };
            let made = made.filter(|made| matches!(made, Value::String(_))).map(|made| show(&made));
            let made = made.filter(|made| !made.trim().is_empty());
            made.or_else(|| text("message").map(str::to_owned))
                .unwrap_or_else(|| format!("`{}` does not hold", one_line(source)))
        }
        Ok(other) => return Ok(Err(format!("it is {}, not true or false", other.type_of()))),
        // The API server takes an error for a refusal, and a field that may be absent for a reason to ask first.
        Err(reason) if lacks_own_field(part, source, &reason) || fails_on_value(&reason) => {
            format!("`{}`: {reason}", one_line(source))
        }
        Err(reason) => return Ok(Err(reason)),
    };
    let at = pointed(part, text("fieldPath").unwrap_or_default());
    checker.broken(at, &one_line(&said), rule.location);
    Ok(Ok(()))
}

/// A list that a rule names, and that is equal to another in whatever order both are (`unstructuredSetList` in `k8s.io/apiserver/pkg/cel/common`).
fn unordered<'a>(name: &'a str, node: &'a Node, schema: Schema<'a>, source: &str) -> Option<&'a str> {
    match &node.value {
        yaml::Value::Seq(items) => {
            let kind = schema.get("x-kubernetes-list-type").and_then(Node::as_str).unwrap_or_default();
            (items.len() > 1 && ["set", "map"].contains(&kind) && names(source, name)).then_some(name)
        }
        yaml::Value::Map(mapping) => mapping.entries().iter().find_map(|entry| {
            let name = entry.key.as_str()?;
            unordered(name, &entry.value, schema.field(name)?, source)
        }),
        _ => None,
    }
}

/// Whether an expression has no value since the object lacks a field of its own that the schema knows.
fn lacks_own_field(part: Part<'_>, source: &str, reason: &str) -> bool {
    let key = reason.strip_prefix(NO_KEY).and_then(|rest| rest.split('`').next());
    key.is_some_and(|key| {
        names(source, &format!("self.{key}")) && part.schema.field(key).is_some() && part.node.get(key).is_none()
    })
}

type Evaluated = Result<Value, String>;

fn evaluated(
    source: &str,
    scope: &BTreeMap<&'static str, Value>,
    checker: &Checker<'_>,
) -> Result<Evaluated, Exceeded> {
    let known = COMPILED.with_borrow(|kept| kept.get(source).cloned());
    let expression = if let Some(known) = known {
        known
    } else {
        checker.budget.spend(source.len() * COMPILING)?;
        let made = Expression::compile(source, &["self", "oldSelf"]).map_err(|mistake| mistake.message);
        COMPILED.with_borrow_mut(|kept| {
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(source.to_owned(), made.clone());
        });
        made
    };
    let before = checker.budget.spent();
    let value = expression.and_then(|expression| expression.evaluate(scope, checker.budget));
    // A step of an expression takes as long as many of a schema.
    let steps = usize::try_from(checker.budget.spent() - before).unwrap_or(usize::MAX);
    checker.budget.spend(steps.saturating_mul(PRICE))?;
    Ok(value)
}

/// What an expression makes of times and amounts that comes out another way here, where they are numbers.
fn reckons(source: &str, seen: &Seen) -> Option<&'static str> {
    let is_field = |wanted: &[&str]| {
        seen.typed.iter().any(|(field, format)| wanted.contains(&format.as_str()) && names(source, field))
    };
    let is_time = names(source, "timestamp") || is_field(&["date", "date-time", "datetime"]);
    let is_other = ["duration", "quantity"].iter().any(|function| names(source, function)) || is_field(&["duration"]);
    // What stands in quotes is a text.
    let bare: String = source.split(['\'', '"']).step_by(2).collect();
    if is_time && bare.contains('-') {
        Some("differences of times are not reckoned here")
    } else if (is_time || is_other) && bare.contains("string(") {
        Some("times and amounts are not written out here")
    } else {
        None
    }
}

/// Whether an expression has a word.
fn names(source: &str, word: &str) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let bytes = source.as_bytes();
    source.match_indices(word).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        !is_word(before) && !is_word(bytes.get(at + word.len()))
    })
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Where a broken rule is said: at the field that its `fieldPath` names, as far as that is there, else at the value itself.
fn pointed(part: Part<'_>, path: &str) -> Location {
    let own = part.node.location;
    let is_own = part.node.scalar_text().is_some() && own.source == part.at.source;
    let (mut node, mut at) = (part.node, if is_own { own } else { part.at });
    for name in path.split('.').filter(|name| !name.is_empty()) {
        let Some(entry) = node.entry(name).filter(|entry| entry.key.location.source == at.source) else { break };
        (node, at) = (&entry.value, entry.key.location);
    }
    at
}

/// The schemas of what a mapping may hold besides the fields that are named.
pub(super) fn others(schema: Schema<'_>) -> Option<Schema<'_>> {
    match schema.additional() {
        Additional::Each(schema) => Some(schema),
        Additional::Unsaid | Additional::Any(_) => None,
    }
}
