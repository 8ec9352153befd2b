//! The JSON Schema of `.chartgate.yaml` and the page about it, made from the shape that files are checked against.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::validate::{CONFIG, Field, LEVEL, Shape};
use crate::rule::{ParamKind, Rule};

/// Where the schema is published.
pub const SCHEMA_URL: &str = "https://raw.githubusercontent.com/chartgate/chartgate/main/docs/config.schema.json";

/// What each key means, by its path; `*` stands for a name or an item. A test holds it against the shape.
const MEANINGS: &[(&str, &str)] = &[
    ("charts", "Folders of charts, as patterns relative to this file; left out, every chart that is found"),
    ("kubeVersion", "The Kubernetes version that charts are rendered for, as `1.36` or `v1.36.2`"),
    ("kubeVersions", "The oldest and the newest Kubernetes version that rendered objects are judged for, 1.25 to 1.37"),
    (
        "schemas",
        "Folders and files with definitions of custom resources, relative to this file: definitions in YAML or JSON, and schemas as \
         `{group}/{kind}_{version}.json`",
    ),
    ("helm", "The major version of Helm that renders charts, `3` (3.19) or `4` (4.3); left out, `4`"),
    ("profiles", "The sets of values under which charts are installed, by name"),
    ("profiles.*.production", "Whether the rules for production apply"),
    ("profiles.*.charts", "The charts it is for, as patterns relative to this file; left out, every chart"),
    ("profiles.*.values", "Values files, each relative to the chart's folder; the last wins"),
    ("profiles.*.set", "Values as `helm --set` takes them, laid over the files"),
    ("profiles.*.namespace", "The namespace it is installed into"),
    ("profiles.*.release", "The release's name"),
    ("profiles.*.helm", "The major version of Helm that installs it; left out, that of `helm` above"),
    ("discover", "The GitOps files in which further profiles are looked for; left out, all kinds"),
    (
        "testWords",
        "Words of a path, name or namespace that keep a deployment found in GitOps files from being production",
    ),
    ("published", "Where earlier releases lie; all places that are named are asked"),
    ("published.base", "The git branch or revision that releases are made from"),
    ("published.tags", "How release tags are written; `{name}` and `{version}` stand for the chart's"),
    ("published.folder", "A folder of packages named `NAME-VERSION.tgz`, relative to this file"),
    ("published.oci", "The registry, as `oci://host/path` without the chart's name"),
    ("published.index", "The chart repository: the URL of the folder in which index.yaml lies"),
    (
        "published.bump",
        "Whether every change raises the version, or the release does (`at-release`); left out, `every-change`",
    ),
    (
        "published.plainHttp",
        "Whether registry and index are asked without TLS; left out, only those on loopback hosts are",
    ),
    ("dependencies", "How the charts are found that a chart depends on"),
    (
        "dependencies.fetch",
        "Which of them are fetched from the network: those that Chart.lock pins (`locked`), all, or none; left out, `locked`",
    ),
    ("gitops", "What is done with deployments of charts that are not in the repository"),
    (
        "gitops.fetch",
        "Whether those charts are fetched where a repository without charts is judged; left out, they are counted",
    ),
    (
        "gitops.helm",
        "The major version of Helm that Argo CD, Flux and the other tools carry; left out, that of `helm` above",
    ),
    (
        "extends",
        "What this file is laid over, the later over the earlier: sets of rules (`chart-testing`, `certified`, a category), whose rules that are \
         off by default are turned on as warnings; configurations and folders of rules of the repository (`./policy/base.yaml`, `./policy/rules`); \
         policies in a registry (`oci://HOST/PATH@sha256:…`)",
    ),
    (
        "replaces",
        "Whether this file says that it takes the place of a configuration further up, in place of extending it",
    ),
    (
        "overrides",
        "Levels of rules for some paths or profiles; of the entries that cover a finding the last that names its rule counts",
    ),
    ("overrides.*.paths", "Files or folders that findings point at, as patterns relative to this file; left out, all"),
    ("overrides.*.profiles", "Names of profiles, as patterns; left out, all, and what is of no profile"),
    ("overrides.*.rules", "Levels of rules, by id, set or pattern: `off`, `info`, `warning`, `error`"),
    (
        "resolve",
        "Whether registries are asked for the images that would run, as `--resolve` does: whether they are there, for which platforms, and \
         whether tags have moved",
    ),
    (
        "rules",
        "Levels and parameters of rules, by id: `off`, `info`, `warning`, `error`, or a mapping; levels also by set (`artifact-hub`) or \
         pattern (`image-*`)",
    ),
    ("suppress", "Findings that do not count"),
    ("suppress.*.rule", "The rule's id"),
    ("suppress.*.path", "Files or folders, as a pattern relative to this file"),
    (
        "suppress.*.profiles",
        "Names of the profiles that it is for, as patterns; left out, all, and what is of no profile",
    ),
    ("suppress.*.reason", "Why"),
    ("suppress.*.until", "The last day on which it counts, as `2027-01-31`"),
    ("failOn", "The least severity that fails a run; left out, `error`"),
];

fn meaning(path: &str) -> &'static str {
    MEANINGS.iter().find(|(known, _)| *known == path).map_or("", |(_, meaning)| meaning)
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The JSON Schema of a configuration, with the parameters of the rules given.
pub fn schema<'a>(rules: impl Iterator<Item = &'a Rule>) -> Value {
    let of_rules: Map<String, Value> = rules.map(|rule| (rule.id.clone(), of_rule(rule))).collect();
    let mut schema = of_shape(CONFIG, "", &of_rules);
    let about = [
        ("$schema", json!("https://json-schema.org/draft/2020-12/schema")),
        ("$id", json!(SCHEMA_URL)),
        ("title", json!("configuration of chartgate")),
    ];
    if let Value::Object(fields) = &mut schema {
        for (index, (key, value)) in about.into_iter().enumerate() {
            fields.shift_insert(index, key.to_owned(), value);
        }
    }
    schema
}

fn of_shape(shape: Shape, path: &str, rules: &Map<String, Value>) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string", "pattern": "\\S" }),
        Shape::Flag => json!({ "type": "boolean" }),
        // YAML 1.1 readers take a bare `off` for false.
        Shape::Choice(words) if words.contains(&"off") => {
            json!({ "enum": words.iter().map(|word| json!(word)).chain([json!(false)]).collect::<Vec<_>>() })
        }
        // Numbers may be written as such.
        Shape::Choice(words) if words.iter().all(|word| word.parse::<u8>().is_ok()) => {
            let numbers = words.iter().filter_map(|word| word.parse::<u8>().ok()).map(|number| json!(number));
            json!({ "enum": numbers.chain(words.iter().map(|word| json!(word))).collect::<Vec<_>>() })
        }
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::List(item) => json!({ "type": "array", "items": of_shape(*item, &below(path, "*"), rules) }),
        Shape::Map(value) => {
            json!({ "type": "object", "additionalProperties": of_shape(*value, &below(path, "*"), rules) })
        }
        Shape::Rules => {
            json!({ "type": "object", "properties": rules, "additionalProperties": settings(&json!({ "type": "object" })) })
        }
        Shape::Levels => {
            let ids: Vec<&String> = rules.keys().collect();
            let names = json!({ "anyOf": [{ "enum": ids }, { "type": "string" }] });
            json!({ "type": "object", "propertyNames": names, "additionalProperties": of_shape(LEVEL, "", rules) })
        }
        Shape::Record(fields) => record(fields, path, rules),
        Shape::AnyMap => json!({ "type": "object" }),
    }
}

fn record(fields: &[Field], path: &str, rules: &Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for field in fields {
        let path = below(path, field.name);
        let mut schema = of_shape(field.shape, &path, rules);
        schema["description"] = json!(meaning(&path));
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<_> = fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
    let mut schema = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// A level, or a level with parameters.
fn settings(params: &Value) -> Value {
    let level = of_shape(LEVEL, "", &Map::new());
    let fields = json!({ "level": level, "params": params });
    json!({ "anyOf": [level, { "type": "object", "additionalProperties": false, "properties": fields }] })
}

fn of_rule(rule: &Rule) -> Value {
    let mut properties = Map::new();
    for (name, spec) in &rule.params {
        let mut schema = match spec.kind {
            ParamKind::String => json!({ "type": "string" }),
            ParamKind::Boolean => json!({ "type": "boolean" }),
            ParamKind::Integer => json!({ "type": "integer" }),
            ParamKind::List | ParamKind::Files => json!({ "type": "array" }),
            ParamKind::Map => json!({ "type": "object" }),
        };
        if !spec.choices.is_empty() {
            schema["enum"] = json!(spec.choices);
        }
        schema["description"] = json!(spec.help);
        schema["default"] = spec.default.clone();
        properties.insert(name.clone(), schema);
    }
    let params = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    let mut schema = settings(&params);
    schema["description"] = json!(rule.summary);
    schema
}

/// The page about every key, as Markdown.
pub fn reference() -> String {
    let mut text = "# Configuration\n\n`.chartgate.yaml` (or `.chartgate.yml`, `chartgate.yaml`, `chartgate.yml`; one of them): the nearest one upwards from a chart counts, up to the repository's root. Every \
         key may be left out. `chartgate init` writes one to start from; [config.schema.json](config.schema.json) lets editors complete and check it.\n\n\
         | key | kind | meaning |\n|---|---|---|\n"
        .to_owned();
    rows(CONFIG, "", &mut text);
    text.push_str(EXTENDING);
    text
}

/// How configurations are merged, in the page.
const EXTENDING: &str = include_str!("extends.md");

fn rows(shape: Shape, path: &str, text: &mut String) {
    match shape {
        Shape::Record(fields) => {
            for field in fields {
                let path = below(path, field.name);
                let required = if field.is_required { ", required" } else { "" };
                let _ = writeln!(text, "| `{path}` | {}{required} | {} |", kind(field.shape), meaning(&path));
                rows(field.shape, &path, text);
            }
        }
        Shape::Map(inner) | Shape::List(inner) => rows(*inner, &below(path, "*"), text),
        _ => {}
    }
}

fn kind(shape: Shape) -> String {
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Shape::List(Shape::Record(_)) => "list".to_owned(),
        Shape::List(item) => format!("list of {}", kind(*item)),
        Shape::Map(_) | Shape::Rules | Shape::Levels | Shape::Record(_) | Shape::AnyMap => "mapping".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(shape: Shape, path: &str, found: &mut Vec<String>) {
        match shape {
            Shape::Record(fields) => {
                for field in fields {
                    let path = below(path, field.name);
                    paths(field.shape, &path, found);
                    found.push(path);
                }
            }
            Shape::Map(inner) | Shape::List(inner) => paths(*inner, &below(path, "*"), found),
            _ => {}
        }
    }

    #[test]
    fn every_key_has_a_meaning_and_every_meaning_a_key() {
        let mut found = vec![];
        paths(CONFIG, "", &mut found);
        let mut known: Vec<_> = MEANINGS.iter().map(|(path, _)| (*path).to_owned()).collect();
        found.sort();
        known.sort();
        assert_eq!(found, known, "say in MEANINGS what a new key means");
    }
}
