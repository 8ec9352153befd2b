//! The shape of each annotation.

use super::record::{Field, Kind};
use super::repair::mendable;
use super::{Annotation, Annotations, Fault, PREFIX, change, keyed, record};
use crate::text::suggest::only;
use crate::yaml::Node;

enum Shape {
    /// Any text.
    Text,
    /// What Go's `strconv.ParseBool` takes.
    Boolean,
    /// One of these, in this case.
    Choice(&'static [&'static str]),
    /// One of these, in any case.
    ChoiceOfAnyCase(&'static [&'static str]),
    /// A YAML list of anything.
    List,
    /// A YAML list of mappings.
    Records(&'static [Field]),
    /// A change log.
    Changes,
    /// A signing key.
    Key,
}

/// The categories that Artifact Hub knows.
pub const CATEGORIES: &[&str] = &[
    "ai-machine-learning",
    "database",
    "integration-delivery",
    "monitoring-logging",
    "networking",
    "security",
    "storage",
    "streaming-messaging",
    "skip-prediction",
];

const CAPABILITIES: &[&str] = &["basic install", "seamless upgrades", "full lifecycle", "deep insights", "auto pilot"];

const fn text(name: &'static str) -> Field {
    Field { name, kind: Kind::Text }
}

const IMAGE: &[Field] = &[
    text("name"),
    Field { name: "image", kind: Kind::Image },
    Field { name: "whitelisted", kind: Kind::Boolean },
    Field { name: "platforms", kind: Kind::Texts },
];
const LINK: &[Field] = &[text("name"), text("url")];
const MAINTAINER: &[Field] = &[text("name"), text("email")];
const RECOMMENDATION: &[Field] = &[text("url")];
const SCREENSHOT: &[Field] = &[text("title"), text("url")];

fn shape(name: &str) -> Shape {
    match name {
        "category" => Shape::Choice(CATEGORIES),
        "changes" => Shape::Changes,
        "containsSecurityUpdates" | "operator" | "prerelease" => Shape::Boolean,
        "crds" | "crdsExamples" => Shape::List,
        "images" => Shape::Records(IMAGE),
        "links" => Shape::Records(LINK),
        "maintainers" => Shape::Records(MAINTAINER),
        "operatorCapabilities" => Shape::ChoiceOfAnyCase(CAPABILITIES),
        "recommendations" => Shape::Records(RECOMMENDATION),
        "screenshots" => Shape::Records(SCREENSHOT),
        "signKey" => Shape::Key,
        _ => Shape::Text,
    }
}

/// What Artifact Hub cannot read in one annotation.
pub(super) fn faults(annotations: &Annotations<'_>, annotation: Annotation<'_>) -> Vec<Fault> {
    let found = found(annotations, annotation);
    let is_own =
        matches!(shape(annotation.name), Shape::Text | Shape::Boolean | Shape::Choice(_) | Shape::ChoiceOfAnyCase(_));
    let read = if is_own || found.is_empty() { None } else { annotations.block(annotation).ok() };
    let items = read.as_ref().and_then(Node::as_seq).unwrap_or_default();
    found.into_iter().map(|fault| mendable(annotation, is_own, items, fault).within(annotation.name)).collect()
}

fn found(annotations: &Annotations<'_>, annotation: Annotation<'_>) -> Vec<Fault> {
    let given = annotation.text();
    match shape(annotation.name) {
        Shape::Text if annotation.name == "alternativeName" => alternative(annotations, annotation, &given),
        Shape::Text => vec![],
        Shape::Boolean => boolean(annotation, &given),
        Shape::Choice(choices) => choice(annotation, &given, choices.contains(&&*given), choices),
        Shape::ChoiceOfAnyCase(choices) => {
            choice(annotation, &given, choices.contains(&&*given.to_lowercase()), choices)
        }
        Shape::List => block(annotations, annotation, |items| keyed::not_json(annotation.name, items)),
        Shape::Records(fields) => {
            block(annotations, annotation, |items| record::list_faults(annotation.name, items, fields))
        }
        Shape::Changes => block(annotations, annotation, change::faults),
        Shape::Key => key(annotations, annotation),
    }
}

/// Another name has to hold the chart's name, or be a part of it.
fn alternative(annotations: &Annotations<'_>, annotation: Annotation<'_>, given: &str) -> Vec<Fault> {
    let name = annotations.chart_name();
    if given.is_empty() || name.contains(given) || given.contains(name) {
        return vec![];
    }
    let message =
        format!("`{PREFIX}alternativeName` is `{given}`, which neither holds the name `{name}` nor is a part of it");
    vec![
        Fault::new(annotation.entry.value.location, message)
            .help(format!("write a name such as `my-{name}`, or leave it out")),
    ]
}

fn boolean(annotation: Annotation<'_>, given: &str) -> Vec<Fault> {
    let known = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];
    if known.contains(&given) {
        return vec![];
    }
    let message = format!("`{PREFIX}{}` is `{given}`, not `true` or `false`", annotation.name);
    let fault = Fault::new(annotation.entry.value.location, message).help("write `\"true\"` or `\"false\"`");
    vec![match given.to_lowercase().as_str() {
        "y" | "yes" | "on" => fault.meant(&annotation.entry.value, "true"),
        "n" | "no" | "off" => fault.meant(&annotation.entry.value, "false"),
        _ => fault,
    }]
}

fn choice(annotation: Annotation<'_>, given: &str, is_known: bool, choices: &[&str]) -> Vec<Fault> {
    if is_known {
        return vec![];
    }
    let names: Vec<_> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    let message = format!("`{PREFIX}{}` is `{given}`, which Artifact Hub does not know", annotation.name);
    let fault = Fault::new(annotation.entry.value.location, message).help(format!("use one of {}", names.join(", ")));
    vec![match only(given, choices.iter().copied()) {
        Some(meant) => fault.meant(&annotation.entry.value, meant),
        None => fault,
    }]
}

/// A list in a block scalar; an empty annotation is an empty list.
fn block(
    annotations: &Annotations<'_>,
    annotation: Annotation<'_>,
    items: impl FnOnce(&[Node]) -> Vec<Fault>,
) -> Vec<Fault> {
    let node = match annotations.block(annotation) {
        Err(fault) => return vec![*fault],
        Ok(node) if node.is_null() => return vec![],
        Ok(node) => node,
    };
    if let Some(list) = node.as_seq() {
        // Every annotation but the changes goes through a parser that refuses what stands twice.
        let repeated = if annotation.name == "changes" { vec![] } else { keyed::repeated(annotation.name, &node) };
        return repeated.into_iter().chain(items(list)).collect();
    }
    let message = format!("`{PREFIX}{}` holds {}, not a list", annotation.name, node.kind());
    vec![Fault::new(node.location, message).help("write one `- …` for each item, inside a `|` block")]
}

fn key(annotations: &Annotations<'_>, annotation: Annotation<'_>) -> Vec<Fault> {
    let node = match annotations.block(annotation) {
        Err(fault) => return vec![*fault],
        Ok(node) => node,
    };
    let help = "give `fingerprint` and `url` of the public key";
    if node.as_map().is_none() {
        let message = format!("`{PREFIX}signKey` holds {}, not a mapping", node.kind());
        return vec![Fault::new(node.location, message).help(help)];
    }
    let mut faults = keyed::repeated("signKey", &node);
    faults.extend(record::field_faults("signKey", &node, &[text("fingerprint"), text("url")]));
    if node.get("url").is_none_or(|url| url.is_null() || url.as_str() == Some("")) {
        let message = format!("`{PREFIX}signKey` has no `url`");
        faults.push(Fault::new(annotation.entry.key.location, message).help(help));
    }
    faults
}
