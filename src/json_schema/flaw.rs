//! All that keeps a schema from being used as Helm uses it, in one pass: its own draft, Go's expressions, and what it refers to.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::error::ValidationErrorKind;
use serde_json::Value as Json;

use super::circle;
use super::refs::{anchor, inside};
use super::walk::{self, DEFINITIONS, Placed, escaped};
use super::{BUILDING, DEPTH, Refusal, Schema, cost, said};
use crate::budget::{Budget, Exceeded};

/// Flaws of one kind that are told.
const TOLD: usize = 50;

/// Gives an expression of Go's in the syntax of the `regex` crate, or Go's reason for refusing it.
pub type Translate = fn(&str) -> Result<String, String>;

/// Something wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where, as a JSON pointer.
    pub at: String,
    /// What is wrong, in lower case.
    pub reason: String,
    /// Whether it may be right: what it refers to lies on the network, and is not fetched.
    pub is_open: bool,
}

/// Why there is no schema to judge by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// All that is wrong with it.
    Flawed(Vec<Flaw>),
    /// It asks for too much.
    Exceeded(Exceeded),
}

impl Flaw {
    fn new(at: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { at: at.into(), reason: reason.into(), is_open: false }
    }
}

impl Schema {
    /// Makes a schema ready as Helm does: definitions count where something refers to them, expressions are Go's.
    ///
    /// # Errors
    /// See [`Unfit`].
    pub fn of_helm(schema: Json, translate: Translate) -> Result<Self, Unfit> {
        cost::building(&schema, &Budget::new(BUILDING, DEPTH)).map_err(Unfit::Exceeded)?;
        let draft = Draft::of(&schema).map_err(|flaw| Unfit::Flawed(vec![flaw]))?;
        let mut flaws = draft.flaws(&schema);
        let mut translated = schema;
        flaws.extend(expressions(&mut translated, translate));
        flaws.extend(repeated(&translated));
        flaws.extend(references(&translated));
        if !flaws.is_empty() {
            return Err(Unfit::Flawed(flaws));
        }
        let mut plain = circle::unrolled(translated);
        match Self::new(plain.clone()) {
            Err(Refusal::Invalid { .. } | Refusal::Elsewhere { .. }) => {
                without_unused(&mut plain);
                Self::new(plain.clone()).map_err(|refusal| unfit(&plain, refusal))
            }
            built => built.map_err(|refusal| unfit(&plain, refusal)),
        }
    }
}

/// What the library refuses though nothing was found wrong.
fn unfit(schema: &Json, refusal: Refusal) -> Unfit {
    match refusal {
        Refusal::Exceeded(exceeded) => Unfit::Exceeded(exceeded),
        Refusal::Invalid { reason, at } => {
            let at = at.into_iter().find(|pointer| schema.pointer(pointer).is_some()).unwrap_or_default();
            Unfit::Flawed(vec![Flaw::new(at, reason)])
        }
        Refusal::Elsewhere { uri } => {
            let named = |(at, schema): &Placed<'_>| {
                let target = schema.get("$ref")?.as_str()?.split('#').next()?.trim_start_matches("./");
                (!target.is_empty() && uri.as_str().ends_with(target)).then(|| format!("{at}/$ref"))
            };
            let at = walk::all(schema).iter().find_map(named).unwrap_or_default();
            Unfit::Flawed(vec![elsewhere(at, uri.as_str())])
        }
    }
}

/// A draft of JSON Schema that Helm knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Draft {
    Four,
    Six,
    Seven,
    Year2019,
    Year2020,
}

impl Draft {
    /// The draft that `$schema` names; the latest where it names none.
    fn of(schema: &Json) -> Result<Self, Flaw> {
        let Some(named) = schema.get("$schema").and_then(Json::as_str) else { return Ok(Self::Year2020) };
        Self::named(named).ok_or_else(|| {
            let is_fetched = named.starts_with("http://") || named.starts_with("https://");
            let is_open = is_fetched && !plain(named).starts_with("json-schema.org/");
            let reason = if is_open {
                format!("`$schema` is `{named}`, which Helm fetches and chartgate never does")
            } else {
                format!("`$schema` is `{named}`, and Helm knows the drafts 4, 6, 7, 2019-09 and 2020-12")
            };
            Flaw { is_open, ..Flaw::new("/$schema", reason) }
        })
    }

    fn named(address: &str) -> Option<Self> {
        match plain(address) {
            "json-schema.org/draft-04/schema" => Some(Self::Four),
            "json-schema.org/draft-06/schema" => Some(Self::Six),
            "json-schema.org/draft-07/schema" => Some(Self::Seven),
            "json-schema.org/draft/2019-09/schema" => Some(Self::Year2019),
            "json-schema.org/schema" | "json-schema.org/draft/2020-12/schema" => Some(Self::Year2020),
            _ => None,
        }
    }

    /// What the draft's own schema finds wrong; expressions are judged by themselves.
    fn flaws(self, schema: &Json) -> Vec<Flaw> {
        let judge = match self {
            Self::Four => jsonschema::draft4::meta::validator(),
            Self::Six => jsonschema::draft6::meta::validator(),
            Self::Seven => jsonschema::draft7::meta::validator(),
            Self::Year2019 => jsonschema::draft201909::meta::validator(),
            Self::Year2020 => jsonschema::draft202012::meta::validator(),
        };
        let is_expression = |error: &jsonschema::ValidationError<'_>| matches!(error.kind(), ValidationErrorKind::Format { format } if format == "regex");
        let errors = judge.iter_errors(schema).filter(|error| !is_expression(error));
        // A keyword that several parts of the draft know is refused by each.
        let mut said_of = BTreeSet::new();
        errors.map(|error| flaw(&error)).filter(|flaw| said_of.insert(flaw.at.clone())).take(TOLD).collect()
    }
}

fn flaw(error: &jsonschema::ValidationError<'_>) -> Flaw {
    let at = error.instance_path().to_string();
    let keyword = at.rsplit('/').next().unwrap_or_default();
    let reason = match error.instance().as_str() {
        Some(name) if keyword == "type" => {
            format!("`{name}` is no type: JSON has array, boolean, integer, null, number, object and string")
        }
        _ => said(error),
    };
    Flaw::new(at, reason)
}

/// An address without scheme and fragment.
fn plain(address: &str) -> &str {
    let address = address.split('#').next().unwrap_or_default();
    address.trim_start_matches("https://").trim_start_matches("http://")
}

/// Writes expressions as the library reads them, and tells those that Go refuses.
fn expressions(root: &mut Json, translate: Translate) -> Vec<Flaw> {
    let mut flaws = vec![];
    let places: Vec<String> = walk::all(root).into_iter().map(|(at, _)| at).collect();
    // Names of properties below come before those above, so that no place moves before its turn.
    for at in places.iter().rev() {
        let Some(schema) = root.pointer_mut(at).and_then(Json::as_object_mut) else { continue };
        if let Some(Json::String(pattern)) = schema.get_mut("pattern") {
            match translate(pattern) {
                Ok(written) => *pattern = written,
                Err(reason) => flaws.push(refused(format!("{at}/pattern"), pattern, &reason)),
            }
        }
        if let Some(Json::Object(named)) = schema.get_mut("patternProperties") {
            let old = std::mem::take(named);
            for (pattern, value) in old {
                let written = translate(&pattern).unwrap_or_else(|reason| {
                    let place = format!("{at}/patternProperties/{}", escaped(&pattern));
                    flaws.push(refused(place, &pattern, &reason));
                    pattern.clone()
                });
                named.insert(written, value);
            }
        }
    }
    flaws.truncate(TOLD);
    flaws.reverse();
    flaws
}

fn refused(at: String, pattern: &str, reason: &str) -> Flaw {
    Flaw::new(at, format!("`{pattern}` is no regular expression of Go: {reason}"))
}

/// Names that stand for two schemas.
fn repeated(root: &Json) -> Vec<Flaw> {
    let mut known = BTreeSet::new();
    let names = walk::all(root).into_iter().flat_map(|(at, schema)| {
        ["$id", "$anchor"].into_iter().filter_map(move |key| {
            let name = schema.get(key)?.as_str()?;
            Some((key, name, format!("{at}/{key}")))
        })
    });
    // Within another `$id` an anchor is another.
    let has_inner = walk::all(root).iter().skip(1).any(|(_, schema)| schema.get("$id").is_some());
    let twice =
        names.filter(|(key, ..)| *key == "$id" || !has_inner).filter(|(key, name, _)| !known.insert((*key, *name)));
    twice.map(|(key, name, at)| Flaw::new(at, format!("`{key}` is `{name}`, as that of another part is"))).collect()
}

/// References that lead to nothing or out of the schema, as far as values could get there.
fn references(root: &Json) -> Vec<Flaw> {
    let all = walk::all(root);
    // Where parts have addresses of their own, the library alone tells where a reference leads.
    if all.iter().skip(1).any(|(_, schema)| schema.get("$id").or(schema.get("id")).is_some_and(Json::is_string)) {
        return vec![];
    }
    let by_place: BTreeMap<&str, &Json> = all.iter().map(|(at, schema)| (at.as_str(), *schema)).collect();
    let anchors: BTreeMap<&str, &str> =
        all.iter().filter_map(|(at, schema)| Some((anchor(schema)?, at.as_str()))).collect();
    let mut flaws = vec![];
    for at in reachable(root, &anchors) {
        let reference = by_place.get(at.as_str()).and_then(|schema| schema.get("$ref")).and_then(Json::as_str);
        flaws.extend(reference.and_then(|reference| misled(root, reference, &anchors, format!("{at}/$ref"))));
    }
    flaws.truncate(TOLD);
    flaws
}

/// The places of the schemas that values may be judged by.
fn reachable(root: &Json, anchors: &BTreeMap<&str, &str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![String::new()];
    while let Some(at) = open.pop() {
        let Some(schema) = root.pointer(&at) else { continue };
        if !found.insert(at.clone()) {
            continue;
        }
        open.extend(walk::children(schema, &at).into_iter().map(|(below, _)| below));
        let targets = ["$ref", "$dynamicRef", "$recursiveRef"].into_iter().filter_map(|key| schema.get(key)?.as_str());
        open.extend(
            targets
                .filter_map(|target| inside(root, target))
                .map(|fragment| anchors.get(fragment.as_str()).map_or(fragment.clone(), |at| (*at).to_owned())),
        );
    }
    found
}

fn misled(root: &Json, reference: &str, anchors: &BTreeMap<&str, &str>, at: String) -> Option<Flaw> {
    match inside(root, reference) {
        Some(fragment) if fragment.is_empty() || root.pointer(&fragment).is_some() => None,
        Some(fragment) if anchors.contains_key(fragment.as_str()) => None,
        Some(_) => Some(Flaw::new(at, format!("`$ref` is `{reference}`, and nothing stands there"))),
        None if reference.starts_with("urn:") || Draft::named(reference).is_some() => None,
        None => Some(elsewhere(at, &resolved(root, reference))),
    }
}

/// The address of a reference, taken from where Helm says that the schema lies, or from its own `$id`.
fn resolved(root: &Json, reference: &str) -> String {
    if reference.contains("://") {
        return reference.to_owned();
    }
    let id = root.get("$id").or(root.get("id")).and_then(Json::as_str);
    let base = id.filter(|id| id.contains("://")).unwrap_or("file:///values.schema.json");
    let (scheme, path) = base.split_once("://").unwrap_or(("file", "/"));
    let (host, path) = path.split_once('/').unwrap_or((path, ""));
    let folder = if reference.starts_with('/') { "" } else { path.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut parts: Vec<&str> = vec![];
    for part in folder.split('/').chain(reference.split('#').next().unwrap_or_default().split('/')) {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    format!("{scheme}://{host}/{}", parts.join("/"))
}

fn elsewhere(at: String, address: &str) -> Flaw {
    if address.starts_with("http://") || address.starts_with("https://") {
        let reason =
            format!("the schema refers to `{address}`, which Helm fetches for up to 15 s and chartgate never does");
        return Flaw { is_open: true, ..Flaw::new(at, reason) };
    }
    let reason = match address.strip_prefix("file://") {
        Some(path) => format!(
            "the schema refers to the file `{path}`, which Helm looks for at that path of the machine, not in the chart"
        ),
        None => {
            format!("the schema refers to `{address}`, and Helm reads files and fetches `http:` and `https:` alone")
        }
    };
    Flaw::new(at, reason)
}

/// Takes away the definitions that nothing refers to: Helm does not look at them.
fn without_unused(root: &mut Json) {
    let all = walk::all(root);
    let anchors: BTreeMap<&str, &str> =
        all.iter().filter_map(|(at, schema)| Some((anchor(schema)?, at.as_str()))).collect();
    let used = reachable(root, &anchors);
    let is_used = |at: &str| used.iter().any(|used| used == at || used.starts_with(&format!("{at}/")));
    let is_definition = |at: &str| {
        let holder = at.rsplit_once('/').map_or("", |(holder, _)| holder);
        DEFINITIONS.iter().any(|keyword| holder.ends_with(&format!("/{keyword}")))
    };
    let unused: Vec<String> =
        all.into_iter().map(|(at, _)| at).filter(|at| is_definition(at) && !is_used(at)).collect();
    for at in unused {
        if let Some(definition) = root.pointer_mut(&at) {
            *definition = Json::Bool(true);
        }
    }
}
