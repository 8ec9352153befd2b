//! JSON Schema within bounds: what a schema and a value ask for is counted before the library, which knows no bounds, goes to work.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{PatternOptions, Retrieve, Uri, ValidationError, Validator};
use serde_json::Value as Json;

use crate::budget::{Budget, Exceeded};

mod circle;
mod cost;
mod flaw;
mod formats;
mod pattern;
mod refs;
mod walk;

pub use flaw::{Flaw, Translate, Unfit};
pub use walk::standing;

/// Steps of making a schema ready.
const BUILDING: u64 = 2_000_000;
/// Steps of judging all values that one budget is for; those of public charts take less than ten thousand.
const JUDGING: u64 = 1_000_000;
/// Schemas that lead into each other: the library follows them on the stack.
const DEPTH: usize = 400;
/// Bytes that one compiled pattern may take.
const PATTERN: usize = 1 << 20;
/// Bytes of a message: the library prints whole values.
const MESSAGE: usize = 4096;

/// A schema that is ready to judge.
#[derive(Debug)]
pub struct Schema {
    root: Json,
    /// Steps of looking through the schema itself.
    size: usize,
    validator: Validator,
}

/// Why there is no schema to judge by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is wrong.
    Invalid {
        /// What is wrong, in the library's words.
        reason: String,
        /// Where it may be wrong, as JSON pointers, the likeliest first.
        at: [String; 2],
    },
    /// It refers to what would have to be fetched.
    Elsewhere {
        /// The first address.
        uri: Uri<String>,
    },
    /// It asks for too much.
    Exceeded(Exceeded),
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { reason, .. } => formatter.write_str(reason),
            Self::Elsewhere { uri } => write!(formatter, "`{uri}` is not fetched"),
            Self::Exceeded(exceeded) => write!(formatter, "the schema asks for too much: {exceeded}"),
        }
    }
}

impl Schema {
    /// Makes a schema ready. Names that stand for nothing (`urn:`) are any value, as in Helm.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn new(schema: Json) -> Result<Self, Refusal> {
        let budget = Budget::new(BUILDING, DEPTH);
        cost::building(&schema, &budget).map_err(Refusal::Exceeded)?;
        let elsewhere = Elsewhere::default();
        let patterns = PatternOptions::regex().size_limit(PATTERN).dfa_size_limit(PATTERN);
        let options = jsonschema::options().with_retriever(elsewhere.clone());
        match formats::of_helm(options).with_pattern_options(patterns).build(&schema) {
            Ok(validator) => Ok(Self { size: cost::size(&schema), root: schema, validator }),
            Err(error) => {
                let at = [error.schema_path().as_str().to_owned(), error.instance_path().as_str().to_owned()];
                let invalid = || Refusal::Invalid { reason: said(&error), at };
                Err(elsewhere.asked().map_or_else(invalid, |uri| Refusal::Elsewhere { uri }))
            }
        }
    }

    /// The schema itself.
    pub fn root(&self) -> &Json {
        &self.root
    }

    /// Where in the schema an error's keyword stands, as a JSON pointer.
    pub fn standing(&self, error: &ValidationError<'_>) -> String {
        circle::at(error).unwrap_or_else(|| standing(&self.root, error.schema_path().as_str()))
    }

    /// Whether a value meets the schema.
    ///
    /// # Errors
    /// Where finding out costs too much.
    pub fn accepts(&self, value: &Json, budget: &Budget) -> Result<bool, Exceeded> {
        budget.spend(self.size)?;
        cost::judging(&self.root, value, budget)?;
        Ok(self.validator.is_valid(value))
    }

    /// What in a value does not meet the schema; nothing where all does.
    ///
    /// # Errors
    /// As [`Schema::accepts`].
    pub fn faults<'v>(&'v self, value: &'v Json, budget: &Budget) -> Result<Vec<ValidationError<'v>>, Exceeded> {
        if self.accepts(value, budget)? { Ok(vec![]) } else { Ok(self.validator.iter_errors(value).collect()) }
    }
}

/// What judging may cost, where less than `steps` is left otherwise.
pub fn budget(steps: u64) -> Budget {
    Budget::new(JUDGING.min(steps), DEPTH)
}

/// What the library says of an error, cut where it prints more of a value than anybody reads.
pub fn said(error: &ValidationError<'_>) -> String {
    if let Some(at) = circle::at(error) {
        return format!("`{at}` of the schema leads back to a schema that is judging this value, which Helm refuses");
    }
    let mut short = Short(String::new());
    match fmt::write(&mut short, format_args!("{error}")) {
        Ok(()) => short.0,
        Err(fmt::Error) => short.0 + "…",
    }
}

/// A text that takes no more than so many bytes.
struct Short(String);

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut end = text.len().min(MESSAGE.saturating_sub(self.0.len()));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.0.push_str(&text[..end]);
        if end < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

/// Never fetches: what lies elsewhere is an error, names that stand for nothing are any value.
#[derive(Debug, Clone, Default)]
struct Elsewhere(Arc<Mutex<Option<Uri<String>>>>);

impl Elsewhere {
    /// The first address that was asked for.
    fn asked(&self) -> Option<Uri<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Retrieve for Elsewhere {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        if uri.scheme().as_str() == "urn" {
            return Ok(Json::Bool(true));
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| uri.clone());
        Err(format!("`{uri}` is not fetched").into())
    }
}

#[cfg(test)]
mod tests;
