//! Chart.lock: the versions it pins, and whether it is of what Chart.yaml declares (`internal/resolver/resolver.go`).

use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::chart::{Chart, Declared, package};
use crate::template::go::json::quote;
use crate::text::{Location, Span, hex};
use crate::values::dependency::is_compatible;
use crate::yaml::Node;

/// A lock with which `helm dependency build` refuses the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outdated {
    /// Where: what is wrong in the lock.
    pub at: Location,
    /// The place of the declaration that it is about, where it is about one.
    pub declared: Option<Location>,
    /// Why, in lower case.
    pub reason: String,
}

/// The fields of a dependency in the order that Go writes them.
const FIELDS: [&str; 8] = ["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];

/// The version that the lock pins for a declared dependency. Of several with one name, the lock has a line for each, in their order.
pub fn pinned<'a>(chart: &'a Chart, declared: &Declared<'_>) -> Option<&'a str> {
    let entry = entry(chart, declared)?;
    let text = |field| entry.get(field).and_then(Node::scalar_text);
    let is_same = match (text("repository"), declared.repository) {
        (_, Some(declared)) if is_alias(declared) => true,
        (locked, declared) => trimmed(locked) == trimmed(declared),
    };
    text("version").filter(|_| is_same)
}

/// Whether a lock's version is that of a chart; of one without a repository, the lock has the range.
pub fn is_locked(pinned: &str, version: &str) -> bool {
    pinned == version || is_compatible(pinned, version)
}

/// The repository that the lock has for a declared dependency: the address behind an alias, where Helm wrote the lock.
pub(super) fn repository<'a>(chart: &'a Chart, declared: &Declared<'_>) -> Option<&'a str> {
    entry(chart, declared)?.get("repository").and_then(Node::scalar_text)
}

fn trimmed(repository: Option<&str>) -> &str {
    repository.unwrap_or_default().trim_end_matches('/')
}

/// Whether a repository is named as the user's Helm knows it: `@name` or `alias:name`.
pub fn is_alias(repository: &str) -> bool {
    repository.starts_with('@') || repository.starts_with("alias:")
}

fn entries(chart: &Chart) -> &[Node] {
    let root = chart.lock.as_ref().and_then(|lock| lock.root());
    root.and_then(|root| root.get("dependencies")?.as_seq()).unwrap_or_default()
}

fn entry<'a>(chart: &'a Chart, declared: &Declared<'_>) -> Option<&'a Node> {
    let name = declared.name?;
    let all = chart.declared();
    let mut of_name = all.iter().filter(|other| other.name == Some(name));
    let position = of_name.position(|other| std::ptr::eq(other.node, declared.node)).unwrap_or(0);
    let is_it = |node: &&Node| node.get("name").and_then(Node::scalar_text) == Some(name);
    entries(chart).iter().filter(is_it).nth(position)
}

/// What is wrong with a chart's lock; none where it has none. Repositories by alias stand in the digest with the address that only the
/// user's Helm knows: then the versions alone are compared.
pub fn outdated(chart: &Chart) -> Option<Outdated> {
    let lock = chart.lock.as_ref()?;
    // Of a lock that Helm cannot read, that is said.
    if chart.problems.iter().any(|problem| problem.subject.split('#').next() == Some(&lock.path)) {
        return None;
    }
    let root = lock.root().filter(|root| root.as_map().is_some())?;
    let (declared, locked) = (package::declared(chart), package::locked(chart));
    let has_alias = chart.declared().iter().any(|one| one.repository.is_some_and(is_alias));
    let said = root.get("digest").and_then(Node::scalar_text).unwrap_or_default();
    let is_v1 = chart.metadata.as_ref().and_then(|metadata| metadata.text("apiVersion")) != Some("v2");
    if said == digest(&declared, &locked) || is_v1 && said == digest_v2(&declared) {
        return moved(chart);
    }
    let differs = difference(chart).or_else(|| leftover(chart));
    match differs {
        None if has_alias => None,
        found => Some(found.unwrap_or_else(|| {
            let at = root.get("digest").map_or(Location::new(lock.source, Span::default()), |node| node.location);
            Outdated {
                at,
                declared: None,
                reason: "its digest is not that of the dependencies as they are declared now".to_owned(),
            }
        })),
    }
}

/// The first dependency by `file://` whose folder has another version by now: Helm builds none but the one that is locked.
fn moved(chart: &Chart) -> Option<Outdated> {
    chart.declared().iter().filter(|one| one.folder().is_some()).find_map(|declared| {
        let (locked, node) = (pinned(chart, declared)?, entry(chart, declared)?.get("version")?);
        let folder = chart.beside.iter().find(|beside| beside.name() == declared.name)?;
        let (name, version) = (declared.name?, folder.version()?);
        let reason =
            format!("it pins `{name}` to `{locked}`, and `{}` is `{version}`", declared.repository.unwrap_or_default());
        let here = Some(declared.node.location);
        (super::fits(declared, folder) && !is_compatible(locked, version)).then_some(Outdated {
            at: node.location,
            declared: here,
            reason,
        })
    })
}

/// The first declared dependency that the lock does not have as it is declared.
fn difference(chart: &Chart) -> Option<Outdated> {
    chart.declared().iter().find_map(|declared| {
        let (name, here) = (declared.name?, Some(declared.node.location));
        let Some(entry) = entry(chart, declared) else {
            let at = chart.lock.as_ref().and_then(|lock| lock.root()?.get("dependencies"));
            let start = Location::new(chart.lock.as_ref()?.source, Span::default());
            let at = at.map_or(start, |node| node.location);
            return Some(Outdated { at, declared: here, reason: format!("it does not have the dependency `{name}`") });
        };
        let place = |field| entry.get(field).map_or(entry.location, |node| node.location);
        let range = declared.version.unwrap_or_default();
        let version = entry.get("version").and_then(Node::scalar_text).unwrap_or_default();
        // Of a chart that is kept in `charts/`, the lock has the range.
        let is_its = declared.repository.is_none() && range == version || is_compatible(range, version);
        if super::is_range(range) && !is_its {
            let reason = format!("it pins `{name}` to `{version}`, and `{range}` is asked for");
            return Some(Outdated { at: place("version"), declared: here, reason });
        }
        let (now, then) = (declared.repository.unwrap_or_default(), entry.get("repository"));
        let then = then.and_then(Node::scalar_text).unwrap_or_default();
        (now != then && !is_alias(now)).then(|| Outdated {
            at: place("repository"),
            declared: here,
            reason: format!("it has `{name}` from `{then}`, and `{now}` is declared"),
        })
    })
}

/// The first locked dependency that is not declared.
fn leftover(chart: &Chart) -> Option<Outdated> {
    let declared = chart.declared();
    entries(chart).iter().find_map(|entry| {
        let name = entry.get("name").and_then(Node::scalar_text)?;
        let is_known = declared.iter().any(|one| one.name == Some(name));
        (!is_known).then(|| Outdated {
            at: entry.location,
            declared: None,
            reason: format!("it has `{name}`, which is not declared any more"),
        })
    })
}

/// The digest that Helm writes into a lock (`HashReq`).
pub fn digest(declared: &Value, locked: &Value) -> String {
    hashed(|json| {
        json.push('[');
        list(json, declared);
        json.push(',');
        list(json, locked);
        json.push(']');
    })
}

/// The digest that Helm 2 wrote (`HashV2Req`), which Helm still takes for charts of apiVersion v1.
fn digest_v2(declared: &Value) -> String {
    hashed(|json| {
        json.push_str(r#"{"dependencies":"#);
        list(json, declared);
        json.push('}');
    })
}

fn hashed(write: impl FnOnce(&mut String)) -> String {
    let mut json = String::new();
    write(&mut json);
    format!("sha256:{}", hex(&Sha256::digest(json)))
}

/// Dependencies as Go's `encoding/json` writes them.
fn list(json: &mut String, dependencies: &Value) {
    let Some(items) = dependencies.as_array() else {
        json.push_str("null");
        return;
    };
    joined(json, ('[', ']'), items, |json, item| {
        let empty = Map::new();
        let fields = item.as_object().unwrap_or(&empty);
        let written = FIELDS.iter().filter_map(|name| match (fields.get(*name), *name) {
            (Some(value), name) => Some((name, value.clone())),
            (None, name @ ("name" | "repository")) => Some((name, Value::from(""))),
            (None, _) => None,
        });
        object(json, written);
    });
}

fn value(json: &mut String, value_: &Value) {
    match value_ {
        Value::String(text) => quote(json, text, false),
        Value::Array(items) => joined(json, ('[', ']'), items, value),
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            sorted.sort_by(|left, right| left.0.cmp(right.0));
            object(json, sorted);
        }
        other => write!(json, "{other}").expect("writing to a string never fails"),
    }
}

fn object<'a>(json: &mut String, fields: impl IntoIterator<Item = (&'a str, Value)>) {
    joined(json, ('{', '}'), fields, |json, (name, field)| {
        quote(json, name, false);
        json.push(':');
        value(json, &field);
    });
}

fn joined<T>(
    json: &mut String,
    around: (char, char),
    items: impl IntoIterator<Item = T>,
    each: impl Fn(&mut String, T),
) {
    json.push(around.0);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        each(json, item);
    }
    json.push(around.1);
}
