//! values.schema.json of a chart and of every enabled sub-chart (`pkg/chart/common/util/jsonschema.go`).

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::Value as Json;

use super::error::{Error, ErrorKind};
use crate::chart::TextFile;
use crate::template::value::{Data, Map, Value};
use crate::text::{Location, Span};
use crate::values::{Places, Scope};

/// Compiled schemas that are kept.
const KEPT: usize = 16;

/// Schemas that were compiled before, by their text: a chart has the same one for all its profiles. Shared between threads.
#[derive(Debug, Default)]
pub(super) struct Schemas(Mutex<HashMap<Arc<str>, Arc<Schema>>>);

/// A schema, as far as it could be compiled.
#[derive(Debug)]
struct Schema {
    /// The message where it could not.
    built: Result<Validator, String>,
    /// Whether that was because it refers elsewhere.
    is_open: bool,
}

impl Schemas {
    fn of(&self, text: &Arc<str>) -> Arc<Schema> {
        // A panic elsewhere leaves the map whole.
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = kept().get(text) {
            return Arc::clone(schema);
        }
        let schema = Arc::new(Schema::compile(text));
        let mut kept = kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(Arc::clone(text), Arc::clone(&schema));
        schema
    }
}

impl Schema {
    fn compile(text: &str) -> Self {
        let parsed = match serde_json::from_str::<Json>(text) {
            Ok(parsed) => parsed,
            Err(error) => return Self { built: Err(format!("the schema is not JSON: {error}")), is_open: false },
        };
        let elsewhere = Arc::new(AtomicBool::new(false));
        let built = jsonschema::options().with_retriever(Elsewhere(Arc::clone(&elsewhere))).build(&parsed);
        let is_open = built.is_err() && elsewhere.load(Ordering::Relaxed);
        Self { built: built.map_err(|error| error.to_string()), is_open }
    }
}

/// Checks the values of a chart and of its sub-charts.
///
/// # Errors
/// What does not meet a schema, in Helm's form; a schema that refers elsewhere.
pub(super) fn check(scope: &Scope<'_>, values: &Map, places: &Places, schemas: &Schemas) -> Result<(), Error> {
    let mut found = Found { places, schemas, message: String::new(), at: vec![], is_open: false };
    found.chart(scope, values);
    if found.message.is_empty() {
        return Ok(());
    }
    let kind = if found.is_open { ErrorKind::Unresolved } else { ErrorKind::Schema };
    let message =
        format!("values don't meet the specifications of the schema(s) in the following chart(s):\n{}", found.message);
    Err(Error::new(kind, message, found.at))
}

struct Found<'p> {
    places: &'p Places,
    schemas: &'p Schemas,
    message: String,
    at: Vec<Location>,
    /// Whether some schema could not be looked at whole.
    is_open: bool,
}

/// What is wrong with values: message and place.
type Faults = Vec<(String, Option<Location>)>;

impl Found<'_> {
    fn chart(&mut self, scope: &Scope<'_>, values: &Map) {
        if let Some(schema) = &scope.chart.schema {
            let faults = self.faults(schema, values);
            if !faults.is_empty() {
                let _ = writeln!(self.message, "{}:", scope.name);
            }
            for (message, at) in faults {
                let _ = writeln!(self.message, "- {message}");
                self.at.extend(at);
            }
        }
        for sub in &scope.dependencies {
            match values.get(&sub.name).map(|value| value.data) {
                None | Some(Data::Nil) => {}
                Some(Data::Map(below)) => self.chart(sub, &below),
                Some(_) => {
                    let _ = writeln!(self.message, "{}:\ninvalid type for values: expected object (map)", sub.name);
                }
            }
        }
    }

    fn faults(&mut self, schema: &TextFile, values: &Map) -> Faults {
        let start = Some(Location::new(schema.source, Span::default()));
        let compiled = self.schemas.of(&schema.text);
        let validator = match &compiled.built {
            Ok(validator) => validator,
            Err(message) => {
                self.is_open |= compiled.is_open;
                return vec![(message.clone(), start)];
            }
        };
        let value = Value::from(values.clone());
        let instance = to_json(&value);
        if validator.is_valid(&instance) {
            return vec![];
        }
        let fault = |error: jsonschema::ValidationError<'_>| {
            let path = error.instance_path().to_string();
            let at = place(&value, &path).and_then(|id| Some(self.places.get(id)?.location));
            (format!("at '{path}': {error}"), at)
        };
        validator.iter_errors(&instance).map(fault).collect()
    }
}

/// The origin of the value at a JSON pointer, or of the nearest one around it.
fn place(root: &Value, pointer: &str) -> Option<crate::template::origin::OriginId> {
    let mut value = root.clone();
    let mut origins = value.origins.clone();
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let next = match &value.data {
            Data::Map(map) => map.get(&token),
            Data::List(list) => token.parse::<usize>().ok().and_then(|index| list.get(index).cloned()),
            _ => None,
        };
        let Some(next) = next else { break };
        value = next;
        if !value.origins.is_empty() {
            origins = value.origins.clone();
        }
    }
    origins.iter().next()
}

/// Never fetches: what lies elsewhere is an error, names that stand for nothing are any value, as in Helm.
struct Elsewhere(Arc<AtomicBool>);

impl Retrieve for Elsewhere {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        if uri.scheme().as_str() == "urn" {
            return Ok(Json::Bool(true));
        }
        self.0.store(true, Ordering::Relaxed);
        Err(format!("`{uri}` is not fetched").into())
    }
}

/// Values as JSON; floats that are whole are whole numbers, as every number of a values file is a float.
fn to_json(value: &Value) -> Json {
    match &value.data {
        Data::Bool(value) => (*value).into(),
        Data::Int(number) | Data::Int64(number) => (*number).into(),
        Data::Float(number) => whole(*number).map_or_else(|| (*number).into(), Into::into),
        Data::String(text) => text.as_str().into(),
        Data::List(list) => list.iter().map(to_json).collect(),
        Data::Map(map) => {
            let json = |(key, value): (&Arc<str>, &Value)| (key.to_string(), to_json(value));
            Json::Object(map.inspect(|entries| entries.iter().map(json).collect()))
        }
        _ => Json::Null,
    }
}

fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked first")]
    let whole = (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i64);
    whole
}
