//! Chart.yaml as Helm reads and validates it (`pkg/chart/v2/metadata.go`), every fault at its place.

use std::collections::BTreeMap;

use super::dependency::MOST_DECLARED;
use super::read::{Raw, Reader};
use super::shape::{METADATA, Shape};
use super::spelling::canonical;
use super::{Metadata, ProblemKind, YamlFile, repair};
use crate::finding::{Failure, FailureKind, Fix, Label};
use crate::text::Location;
use crate::text::suggest::only;
use crate::text::unicode::is_print;
use crate::yaml::{Document, KeyPath, Mapping, Node, Step};

const KIND: ProblemKind = ProblemKind::ChartInvalid;

/// Reads Chart.yaml; none where it is not a mapping, which is then a problem.
pub(super) fn read(reader: &mut Reader<'_>, raw: &Raw) -> Option<Metadata> {
    let file = reader.yaml(raw, KIND);
    let mut documents = file.documents.into_iter();
    let Some(document) = documents.next() else {
        let is_empty = reader.problems.iter().all(|problem| problem.kind != KIND) && reader.failures.is_empty();
        if is_empty {
            empty(reader, &raw.at);
        }
        return None;
    };
    if let Some(second) = documents.find(|document| !document.root.is_null()) {
        let message = "a second YAML document stands in Chart.yaml, which Helm does not read";
        reader.problem(KIND, second.root.location, "Chart.yaml#second", message).help =
            Some("move its fields into the first document, or remove it".into());
    }
    if document.root.is_null() {
        empty(reader, &raw.at);
        return None;
    }
    respelled(reader, &document.root);
    fits(reader, &METADATA, &document, "Chart.yaml", KIND);
    let document = Document { root: canonical(&document.root, &METADATA), ..document };
    document.root.as_map()?;
    let metadata = Metadata { source: file.source, document };
    validate(reader, &metadata);
    Some(metadata)
}

/// Notes keys that stand there in two spellings, of which one is void; mappings are put together.
fn respelled(reader: &mut Reader<'_>, root: &Node) {
    let entries = root.as_map().map(Mapping::effective).unwrap_or_default();
    let mut winners: BTreeMap<String, (String, Location)> = BTreeMap::new();
    // A null sets nothing.
    for (key, entry) in entries.iter().filter(|(key, entry)| METADATA.knows(key) && !entry.value.is_null()) {
        let known = winners.entry(key.to_lowercase()).or_insert_with(|| (key.to_string(), entry.key.location));
        if **key > *known.0 {
            *known = (key.to_string(), entry.key.location);
        }
    }
    for (key, entry) in entries.iter().filter(|(_, entry)| entry.value.as_map().is_none() && !entry.value.is_null()) {
        let Some((winner, place)) = winners.get(&key.to_lowercase()).filter(|(winner, _)| winner != key) else {
            continue;
        };
        let message = format!("`{key}` is set again as `{winner}`, which counts, so this value is void");
        let subject = format!("Chart.yaml#{key}");
        let problem = reader.problem(ProblemKind::YamlKeyDuplicate, entry.key.location, subject, message);
        problem.related = Some(Label::new(*place, "this value counts"));
        problem.help = Some("keep one of the two".into());
    }
}

/// Notes Chart.yaml's dependencies, or those of requirements.yaml, where Helm refuses them.
pub(super) fn validate_dependencies(reader: &mut Reader<'_>, metadata: Option<&Metadata>, required: Option<&YamlFile>) {
    let listed = |root: &Node| root.get("dependencies").cloned();
    let (path, list) = match required.and_then(|file| listed(file.root()?)) {
        Some(list) => ("requirements.yaml", Some(list)),
        None => ("Chart.yaml", metadata.and_then(|metadata| listed(metadata.root()))),
    };
    let items = list.as_ref().and_then(Node::as_seq).unwrap_or_default();
    if let Some(over) = items.get(MOST_DECLARED) {
        let message =
            format!("`{path}` declares more than {MOST_DECLARED} dependencies, of which the first are looked at");
        reader.failures.push(Failure::new(FailureKind::Limit, message).at(over.location));
    }
    let mut seen: BTreeMap<String, Location> = BTreeMap::new();
    for (index, item) in items.iter().take(MOST_DECLARED).enumerate() {
        let subject = format!("{path}#dependencies[{index}]");
        if item.is_null() {
            reader.problem(KIND, item.location, subject, "an entry of `dependencies` is empty");
            continue;
        }
        let field = |name| item.get(name).and_then(Node::scalar_text).filter(|text| !text.is_empty());
        let alias = field("alias");
        if let Some(alias) = alias.filter(|alias| !alias.chars().all(is_alias_letter)) {
            let location = item.get("alias").map_or(item.location, |node| node.location);
            let message =
                format!("the alias `{alias}` of a dependency has characters other than letters, digits, `_` and `-`");
            reader.problem(KIND, location, subject.clone(), message);
        }
        let key = alias.or(field("name")).unwrap_or_default();
        if let Some(first) = seen.insert(key.to_owned(), item.location) {
            let message = format!("two dependencies have the name or alias `{key}`");
            let problem = reader.problem(KIND, item.location, subject, message);
            problem.related = Some(Label::new(first, "the first of them"));
            problem.help = Some("give one of them an `alias`".into());
        }
    }
}

/// Notes values of another shape than Helm reads into.
pub(super) fn fits(reader: &mut Reader<'_>, shape: &Shape, document: &Document, path: &str, kind: ProblemKind) {
    if let Some((node, number)) = document.root.endless() {
        let message = format!(
            "`{}` is {number} to Helm, which JSON does not have: Helm refuses to load the chart",
            node.key_text()
        );
        reader.problem(kind, node.location, format!("{path}#{number}"), message).help =
            Some("write a number, or a text in quotes".into());
    }
    for misfit in shape.misfits(&document.root) {
        let annotation = as_text(reader, &document.root, &misfit.path);
        let key = misfit.path.to_string();
        let message = match key.as_str() {
            "" => format!("`{path}` holds {}, not {}", misfit.found, misfit.expected),
            key => format!("`{key}` is {}, not {}", misfit.found, misfit.expected),
        };
        let problem = reader.problem(kind, misfit.location, format!("{path}#{key}"), message);
        (problem.fix, problem.help) = (annotation, reshaped(misfit.expected));
    }
}

/// The annotation at a path made a text, where it is a list or mapping of its own lines.
fn as_text(reader: &Reader<'_>, root: &Node, path: &KeyPath) -> Option<Fix> {
    let [Step::Key(parent), Step::Key(key)] = path.0.as_slice() else { return None };
    let entry = root.get(parent).filter(|_| parent == "annotations")?.entry(key)?;
    repair::as_text(entry, &reader.sources.get(entry.key.location.source).text)
}

fn empty(reader: &mut Reader<'_>, at: &str) {
    let location = reader.start_of(at);
    reader.problem(KIND, location, "Chart.yaml", "Chart.yaml is empty");
}

/// What to type for a field that Helm refuses.
fn advice(field: &str) -> Option<&'static str> {
    Some(match field {
        "apiVersion" => "write `apiVersion: v2`",
        "name" => "write the name of the chart's folder, without `/`",
        "type" => "write `application` or `library`, or leave it out",
        "version" => "write three numbers, such as `1.2.3`",
        _ => return None,
    })
}

/// What to type for a value of another shape.
fn reshaped(expected: &str) -> Option<String> {
    let help = match expected {
        "a boolean" => "write `true` or `false`, without quotes",
        "a list" => "write a list, such as `[a, b]`",
        "a mapping" => "write a mapping, such as `{a: b}`",
        "a string" => "write one text",
        _ => return None,
    };
    Some(help.to_owned())
}

fn is_alias_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')
}

fn validate(reader: &mut Reader<'_>, metadata: &Metadata) {
    let text = std::sync::Arc::clone(&reader.sources.get(metadata.source).text);
    let mut fault = |field: &str, message: String, meant: Option<&str>| {
        let node = metadata.root().get(field);
        let fix = meant.and_then(|meant| repair::scalar(node?, meant, &text));
        let problem = reader.problem(KIND, metadata.place(field), format!("Chart.yaml#{field}"), message);
        (problem.fix, problem.help) = (fix, advice(field).map(str::to_owned));
    };
    // A field of another shape was reported as such.
    let given = |field| match metadata.root().get(field) {
        Some(node) if !node.is_null() && node.scalar_text().is_none() => None,
        node => Some(node.and_then(Node::scalar_text).unwrap_or("")),
    };
    if let Some(version) = given("apiVersion").filter(|version| !matches!(*version, "" | "v1" | "v2")) {
        let meant = match version {
            "1" | "V1" => Some("v1"),
            "2" | "V2" => Some("v2"),
            _ => None,
        };
        fault("apiVersion", format!("`apiVersion` is `{version}`, neither `v1` nor `v2`"), meant);
    }
    match given("name") {
        Some("") => fault("name", "Chart.yaml has no `name`".into(), None),
        Some(name @ ("." | "..")) => fault("name", format!("`{name}` is not a name for a chart"), None),
        Some(name) if name.contains('/') => fault("name", format!("the name `{name}` has a `/` in it"), None),
        _ => {}
    }
    match given("version") {
        Some("") => fault("version", "Chart.yaml has no `version`".into(), None),
        Some(version) if !is_version(version) => {
            fault("version", format!("the version `{version}` is not a semantic version"), None);
        }
        _ => {}
    }
    if let Some(kind) = given("type").filter(|kind| !matches!(*kind, "" | "application" | "library")) {
        let meant = only(kind, ["application", "library"]);
        fault("type", format!("`type` is `{kind}`, neither `application` nor `library`"), meant);
    }
    let maintainers = metadata.root().items("maintainers");
    for (index, item) in maintainers.iter().enumerate().filter(|(_, item)| item.is_null()) {
        let subject = format!("Chart.yaml#maintainers[{index}]");
        reader.problem(KIND, item.location, subject, "an entry of `maintainers` is empty");
    }
}

/// Helm's cleaning of texts in Chart.yaml: any white space is a space, what does not print is left out.
pub fn sanitized(text: &str) -> String {
    let clean = |character: char| match character {
        space if space.is_whitespace() => Some(' '),
        other => is_print(other).then_some(other),
    };
    text.chars().filter_map(clean).collect()
}

/// Whether Helm takes a text for a version: `v` before it, missing parts and leading zeros are fine (Masterminds/semver
/// `NewVersion`).
fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, pre) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
    let are_parts = |text: &str, is_part: fn(&str) -> bool| text.split('.').all(is_part);
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse::<u64>().is_ok();
    let is_word =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_pre =
        |part: &str| !(part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit()));
    core.split('.').count() <= 3
        && are_parts(core, is_number)
        && pre.is_none_or(|pre| are_parts(pre, is_word) && are_parts(pre, is_pre))
        && build.is_none_or(|build| are_parts(build, is_word))
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn versions_are_as_loose_as_helms() {
        for version in ["1.2.3", "v1.2.3", "1.2", "1", "01.2.3", "1.2.3-rc.1+build.01", "1-x", "1.0.0--", "1+a-b"] {
            assert!(is_version(version), "{version}");
        }
        for version in
            ["", "v", "1.", "1.2.3.4", "a", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3 ", "1.x", "99999999999999999999"]
        {
            assert!(!is_version(version), "{version}");
        }
    }
}
