//! values.schema.json of a chart and of every enabled sub-chart (`pkg/chart/common/util/jsonschema.go`).

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jsonschema::error::ValidationErrorKind;
use serde_json::Value as Json;

use super::error::{Error, ErrorKind, Unmet};
use super::share::Share;
use crate::budget::Budget;
use crate::chart::TextFile;
use crate::helm::Major;
use crate::json_schema::{self, Flaw, Refusal, Schema, Unfit, said};
use crate::template::go::regex;
use crate::template::value::{Data, Map, Value};
use crate::text::{Location, SourceId, Span};
use crate::values::{Places, Scope};
use crate::yaml::Document;

/// Compiled schemas that are kept.
const KEPT: usize = 16;

/// Faults of one chart's values that are told; Helm tells all.
const TOLD: usize = 100;

/// Schemas that were compiled before, by their text: a chart has the same one for all its profiles. Shared between threads.
#[derive(Debug, Default)]
pub(super) struct Schemas(Mutex<HashMap<Arc<str>, Kept>>);

/// A schema, and whether somebody has asked for it since the last turn.
type Kept = (Compiled, bool);

/// A schema, as far as it could be compiled.
type Compiled = Arc<Result<Arc<Schema>, Vec<Unbuilt>>>;

/// Why a schema could not be compiled.
#[derive(Debug)]
struct Unbuilt {
    message: String,
    /// Where in its text.
    span: Span,
    /// Why that may not be the chart's fault; none where it is.
    open: Option<ErrorKind>,
}

impl Schemas {
    /// A chart's schema, ready to judge; none where it is one that cannot be used.
    pub(super) fn ready(&self, file: &TextFile) -> Option<Arc<Schema>> {
        self.of(file).as_ref().as_ref().ok().cloned()
    }

    fn of(&self, file: &TextFile) -> Compiled {
        let text = &file.text;
        if let Some((schema, is_used)) = self.kept().get_mut(text) {
            *is_used = true;
            return Arc::clone(schema);
        }
        let schema = Arc::new(compiled(file.source, text).map(Arc::new));
        let mut kept = self.kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(Arc::clone(text), (Arc::clone(&schema), true));
        schema
    }

    /// Forgets what nobody has asked for since the last turn.
    pub(super) fn turn(&self) {
        self.kept().retain(|_, (_, is_used)| std::mem::take(is_used));
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Arc<str>, Kept>> {
        // A panic elsewhere leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn compiled(source: SourceId, text: &str) -> Result<Schema, Vec<Unbuilt>> {
    let parsed = serde_json::from_str::<Json>(text).map_err(|error| {
        vec![Unbuilt { message: format!("the schema is not JSON: {error}"), span: Span::default(), open: None }]
    })?;
    Schema::of_helm(parsed, |pattern| regex::translate(pattern).map(|(written, _)| written))
        .map_err(|unfit| unbuilt(source, text, unfit))
}

/// Why a schema could not be compiled, in words.
fn unbuilt(source: SourceId, text: &str, unfit: Unfit) -> Vec<Unbuilt> {
    let flaws = match unfit {
        Unfit::Flawed(flaws) => flaws,
        Unfit::Exceeded(exceeded) => {
            let message = format!("the schema asks for too much: {exceeded}");
            return vec![Unbuilt { message, span: Span::default(), open: Some(ErrorKind::Limit) }];
        }
    };
    let root = Document::parse(source, text).ok().map(|document| document.root);
    let spanned = |flaw: Flaw| {
        let node = root.as_ref().and_then(|root| root.pointer(&flaw.at));
        let span = node.map_or(Span::default(), |node| node.location.span);
        Unbuilt { message: flaw.reason, span, open: flaw.is_open.then_some(ErrorKind::Unresolved) }
    };
    flaws.into_iter().map(spanned).collect()
}

/// Checks the values of a chart and of its sub-charts.
///
/// # Errors
/// What does not meet a schema, in Helm's form; a schema that refers elsewhere.
pub(super) fn check(
    scope: &Scope<'_>,
    values: &Map,
    places: &Places,
    schemas: &Schemas,
    share: &Share,
) -> Result<(), Error> {
    let budget = json_schema::budget(share.steps());
    let mut found = Found {
        helm: scope.helm(),
        places,
        schemas,
        budget: &budget,
        message: String::new(),
        at: vec![],
        open: None,
        unbuilt: vec![],
        is_wrong: false,
        wanted: vec![],
        unmet: vec![],
    };
    found.chart(scope, values, &[]);
    share.spend(budget.spent());
    if found.message.is_empty() {
        return Ok(());
    }
    let kind = match found {
        Found { unbuilt, .. } if !unbuilt.is_empty() => ErrorKind::SchemaInvalid(unbuilt),
        Found { open: Some(kind), .. } => kind,
        Found { is_wrong: false, .. } => ErrorKind::Refused(found.wanted.join("; ")),
        Found { unmet, .. } => ErrorKind::Schema(unmet),
    };
    let message =
        format!("values don't meet the specifications of the schema(s) in the following chart(s):\n{}", found.message);
    Err(Error::new(kind, message, found.at))
}

struct Found<'p> {
    helm: Major,
    places: &'p Places,
    schemas: &'p Schemas,
    budget: &'p Budget,
    message: String,
    at: Vec<Location>,
    /// Why some schema could not be looked at whole, where that is not the chart's fault.
    open: Option<ErrorKind>,
    /// What is wrong with schemas themselves.
    unbuilt: Vec<(String, Location)>,
    /// Whether something is wrong that no further value mends.
    is_wrong: bool,
    /// What users have to set, in words.
    wanted: Vec<String>,
    /// All that values do not meet.
    unmet: Vec<Unmet>,
}

/// Something wrong with values.
struct Fault {
    message: String,
    /// The value's JSON pointer.
    path: String,
    /// The value.
    at: Option<Location>,
    /// Where the schema asks for it, or the schema's own fault.
    asked: Option<Location>,
    /// The keys that users have to set, where that is all.
    wanted: Option<String>,
}

impl Found<'_> {
    fn chart(&mut self, scope: &Scope<'_>, values: &Map, above: &[String]) {
        if let Some(schema) = &scope.chart.schema {
            let faults = self.faults(schema, values);
            if !faults.is_empty() {
                let _ = writeln!(self.message, "{}:", scope.name);
            }
            for Fault { message, path, at, asked, wanted } in faults {
                let _ = writeln!(self.message, "- {message}");
                self.at.extend(at.or(asked));
                let keys = above.iter().cloned().chain(path.split('/').skip(1).map(unescaped)).collect();
                self.unmet.push(Unmet { message, keys, schema: schema.path.clone(), value: at, asked });
                self.is_wrong |= wanted.is_none();
                let of_sub = |key| if above.is_empty() { key } else { format!("{}.{key}", scope.name) };
                self.wanted
                    .extend(wanted.map(of_sub).map(|key| format!("`{key}` has to be set, says `{}`", schema.path)));
            }
        }
        for sub in &scope.dependencies {
            let keys: Vec<String> = above.iter().cloned().chain([sub.name.to_string()]).collect();
            match values.get(&sub.name).map(|value| value.data) {
                None | Some(Data::Nil) => {}
                Some(Data::Map(below)) => self.chart(sub, &below, &keys),
                Some(_) => {
                    self.is_wrong = true;
                    let message = "invalid type for values: expected object (map)".to_owned();
                    let _ = writeln!(self.message, "{}:\n{message}", sub.name);
                    let value = values.get(&sub.name).and_then(|value| self.places.get(value.origins.iter().next()?));
                    let value = value.map(|place| place.location);
                    self.unmet.push(Unmet {
                        message,
                        keys,
                        schema: format!("charts/{}", sub.name),
                        value,
                        asked: None,
                    });
                }
            }
        }
    }

    fn unbuilt(&mut self, schema: &TextFile, unbuilt: &Unbuilt) -> Fault {
        let at = Location::new(schema.source, unbuilt.span);
        match &unbuilt.open {
            Some(kind) => _ = self.open.get_or_insert_with(|| kind.clone()),
            None => self.unbuilt.push((unbuilt.message.clone(), at)),
        }
        Fault { message: unbuilt.message.clone(), path: String::new(), at: None, asked: Some(at), wanted: None }
    }

    fn faults(&mut self, schema: &TextFile, values: &Map) -> Vec<Fault> {
        if let Some(urn) = unknown_urn(schema, self.helm) {
            let message = format!("failing loading \"{urn}\": no URLLoader registered for \"{urn}\"");
            let unbuilt = Unbuilt { message, span: Span::default(), open: None };
            return vec![self.unbuilt(schema, &unbuilt)];
        }
        let compiled = self.schemas.of(schema);
        let ready = match &*compiled {
            Ok(ready) => ready,
            Err(unbuilt) => return unbuilt.iter().map(|unbuilt| self.unbuilt(schema, unbuilt)).collect(),
        };
        let value = Value::from(values.clone());
        let instance = to_json(&value);
        let errors = match ready.faults(&instance, self.budget) {
            Ok(errors) => errors,
            Err(exceeded) => {
                self.open = Some(ErrorKind::Limit);
                let asked = Some(Location::new(schema.source, Span::default()));
                let message = Refusal::Exceeded(exceeded).to_string();
                return vec![Fault { message, path: String::new(), at: None, asked, wanted: None }];
            }
        };
        if errors.is_empty() {
            return vec![];
        }
        let root = Document::parse(schema.source, &schema.text).ok().map(|document| document.root);
        let fault = |error: &jsonschema::ValidationError<'_>, (path, message): (String, String)| {
            let at = place(&value, &path).and_then(|id| Some(self.places.get(id)?.location));
            let asked = root.as_ref().and_then(|root| root.pointer(&ready.standing(error)));
            Fault { message, path, at, asked: asked.map(|node| node.location), wanted: wanted(error) }
        };
        let said: Vec<_> = errors
            .iter()
            .flat_map(|error| said_of(error, &instance).into_iter().map(move |said| (error, said)))
            .collect();
        let more = said.len().saturating_sub(TOLD);
        let mut told: Vec<Fault> = said.into_iter().take(TOLD).map(|(error, said)| fault(error, said)).collect();
        told.extend((more > 0).then(|| Fault {
            message: format!("and {more} more"),
            path: String::new(),
            at: None,
            asked: None,
            wanted: None,
        }));
        told
    }
}

/// A name that a schema refers to and a Helm cannot load.
fn unknown_urn(schema: &TextFile, helm: Major) -> Option<String> {
    if helm.takes_urns() || !schema.text.contains("\"urn:") {
        return None;
    }
    let root: Json = serde_json::from_str(&schema.text).ok()?;
    let own = root.get("$id").and_then(Json::as_str).unwrap_or_default();
    let mut open = vec![&root];
    while let Some(value) = open.pop() {
        match value {
            Json::Object(entries) => {
                let referred = entries.get("$ref").and_then(Json::as_str).filter(|name| name.starts_with("urn:"));
                let name = referred.map(|name| name.split('#').next().unwrap_or_default());
                if let Some(name) = name.filter(|name| *name != own) {
                    return Some(name.to_owned());
                }
                open.extend(entries.values());
            }
            Json::Array(items) => open.extend(items),
            _ => {}
        }
    }
    None
}

/// The places and the words for an error: one for each key that a schema has no room for.
fn said_of(error: &jsonschema::ValidationError<'_>, instance: &Json) -> Vec<(String, String)> {
    let path = error.instance_path().as_str();
    let unknown = |key: &str| {
        let at = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
        (at, format!("at '{path}': additional properties '{key}' not allowed"))
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|key| unknown(key)).collect()
        }
        _ => match unnamed(error, instance) {
            Some(key) => vec![unknown(key)],
            None => vec![(path.to_owned(), format!("at '{path}': {}", said(error)))],
        },
    }
}

/// The key that a schema has no room for, where the library names its value alone.
fn unnamed<'v>(error: &jsonschema::ValidationError<'_>, instance: &'v Json) -> Option<&'v str> {
    let is_closed = ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|keyword| error.schema_path().as_str().ends_with(&format!("/{keyword}")));
    if !is_closed || !matches!(error.kind(), ValidationErrorKind::FalseSchema) {
        return None;
    }
    let mut keys = instance.pointer(error.instance_path().as_str())?.as_object()?.iter();
    keys.find(|(_, value)| **value == **error.instance()).map(|(key, _)| key.as_str())
}

/// The key that a user has to set, where a fault says no more than that it is missing or empty: what is in a list was set by somebody.
fn wanted(error: &jsonschema::ValidationError<'_>) -> Option<String> {
    let path = error.instance_path().as_str().trim_start_matches('/').replace('/', ".");
    if path.split('.').any(|key| key.bytes().all(|byte| byte.is_ascii_digit()) && !key.is_empty()) {
        return None;
    }
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let key = property.as_str()?;
            Some(if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") })
        }
        ValidationErrorKind::MinLength { .. }
        | ValidationErrorKind::Pattern { .. }
        | ValidationErrorKind::Format { .. }
        | ValidationErrorKind::Enum { .. }
            if error.instance().as_str() == Some("") =>
        {
            Some(path)
        }
        _ => None,
    }
}

/// The origin of the value at a JSON pointer, or of the nearest one around it.
fn place(root: &Value, pointer: &str) -> Option<crate::template::origin::OriginId> {
    let mut value = root.clone();
    let mut origins = value.origins.clone();
    for token in pointer.split('/').skip(1) {
        let token = unescaped(token);
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

/// A part of a JSON pointer as a key.
fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
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
