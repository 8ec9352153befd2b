//! ConfigMaps and Secrets that a kustomization generates: other fields and objects read from them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::gitops::files::Files;
use crate::gitops::path::{is_remote, join};
use crate::gitops::{Problem, text};
use crate::kustomize::{Behavior, edit};
use crate::text::{Location, Source, SourceId, Span};
use crate::yaml::{Document, Entry, Node};

/// What kustomize itself writes on an object whose name gets a hash in the end.
const HASHED: &str = "internal.config.kubernetes.io/needsHashSuffix";

/// The fields of a kustomization that generate objects, and the kinds of those.
pub(super) const FIELDS: [(&str, &str); 2] = [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")];

/// Whether kustomize adds a hash to the name of a ConfigMap that it generated.
pub(in crate::gitops) fn is_hashed(map: &Node) -> bool {
    let annotations = map.get("metadata").and_then(|metadata| metadata.get("annotations"));
    annotations.is_some_and(|annotations| annotations.get(HASHED).is_some())
}

/// Whether the name of what an entry of a kustomization generates stays as it is.
fn is_plain(root: &Node, item: &Node) -> bool {
    let options = [item.get("options"), root.get("generatorOptions")];
    let disables = |options: &Node| options.get("disableNameSuffixHash").and_then(Node::as_bool) == Some(true);
    options.into_iter().flatten().any(disables)
}

/// What an entry makes of an object that is there already.
pub(super) fn behavior(item: &Node) -> Behavior {
    match text(item, "behavior").unwrap_or("") {
        "merge" => Behavior::Merge,
        "replace" => Behavior::Replace,
        _ => Behavior::Create,
    }
}

/// The object of an entry, under the name without its hash, by which others name it. A Secret's data stay out.
pub(super) fn object(
    files: &Files<'_>,
    here: &str,
    root: &Node,
    (item, kind): (&Node, &str),
    problems: &mut Vec<Problem>,
) -> Option<Document> {
    let at = item.location;
    let Some(name) = text(item, "name").filter(|name| !name.is_empty()) else {
        problems.push(Problem::new(at, "kustomize refuses a generator without a `name`".to_owned()));
        return None;
    };
    let data = data(files, here, item, problems);
    problems.extend(repeated(&data));
    problems.extend(data.iter().find_map(no_text));
    let mut metadata = vec![edit::entry("name", edit::text(name, at), at)];
    metadata.extend(text(item, "namespace").map(|namespace| edit::entry("namespace", edit::text(namespace, at), at)));
    if !is_plain(root, item) {
        let hashed = edit::mapping(vec![edit::entry(HASHED, edit::text("enabled", at), at)], at);
        metadata.push(edit::entry("annotations", hashed, at));
    }
    let mut entries = vec![
        edit::entry("apiVersion", edit::text("v1", at), at),
        edit::entry("kind", edit::text(kind, at), at),
        edit::entry("metadata", edit::mapping(metadata, at), at),
    ];
    if kind == "ConfigMap" {
        entries.push(edit::entry("data", edit::mapping(data, at), at));
    }
    Some(Document { source: at.source, root: edit::mapping(entries, at) })
}

/// What an entry reads: files of variables, literals and files.
fn data(files: &Files<'_>, here: &str, item: &Node, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let mut data = vec![];
    let mut wrong = |node: &Node, message: String| problems.push(Problem::new(node.location, message));
    for file in item.items("envs").iter().chain(item.get("env").filter(|file| file.as_str() != Some(""))) {
        match content(files, here, file.scalar_text().unwrap_or("")).and_then(|content| variables(content.as_ref())) {
            Ok(variables) => data.extend(variables),
            Err(message) => wrong(file, message),
        }
    }
    for literal in item.items("literals") {
        let at = literal.location;
        match literal.scalar_text().and_then(|text| text.split_once('=')).filter(|(key, _)| !key.is_empty()) {
            Some((key, value)) => data.push(edit::entry(key, edit::text(unquoted(value), at), at)),
            None => wrong(literal, "kustomize refuses a literal that is not `key=value`".to_owned()),
        }
    }
    for file in item.items("files") {
        let reference = file.scalar_text().unwrap_or("");
        let Some((key, path)) = keyed(reference) else {
            wrong(file, format!("kustomize refuses `{reference}`, which is neither a path nor `key=path`"));
            continue;
        };
        match content(files, here, path) {
            Ok(Some((text, at))) => data.push(edit::entry(key, edit::text(text, at), at)),
            // Bytes that are no text become `binaryData`.
            Ok(None) => {}
            Err(message) => wrong(file, message),
        }
    }
    data
}

/// A value without the quotes around it.
fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// The key and the path of `path` or `key=path`.
fn keyed(reference: &str) -> Option<(&str, &str)> {
    match reference.split_once('=') {
        None => Some((reference.rsplit('/').next().unwrap_or(reference), reference)),
        Some((key, path)) => (!key.is_empty() && !path.is_empty() && !path.contains('=')).then_some((key, path)),
    }
}

/// A key that stands twice, which kustomize refuses.
fn repeated(data: &[Entry]) -> Option<Problem> {
    let mut known = BTreeSet::new();
    let second = data.iter().find(|entry| !known.insert(entry.key.key_text()))?;
    let message = format!("kustomize refuses the key `{}`, which is there twice", second.key.key_text());
    Some(Problem::new(second.key.location, message))
}

/// A key that YAML takes for something else than text, which kustomize refuses.
fn no_text(entry: &Entry) -> Option<Problem> {
    let key = entry.key.key_text();
    let number = key.trim_start_matches(['-', '+']);
    let is_number =
        number.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') && number.parse::<f64>().is_ok();
    let with_base = [("0x", 16), ("0o", 8), ("0b", 2)];
    let is_based = || {
        with_base.iter().any(|(sign, base)| {
            number.strip_prefix(sign).is_some_and(|digits| i64::from_str_radix(digits, *base).is_ok())
        })
    };
    let is_word = ["~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"].contains(&&*key);
    let message = || format!("kustomize refuses the key `{key}`, which YAML takes for no text");
    (is_word || is_number || is_based()).then(|| Problem::new(entry.key.location, message()))
}

/// The text of a file with the whole of it as its place; none where it is no text.
fn content(files: &Files<'_>, here: &str, reference: &str) -> Result<Option<(Arc<str>, Location)>, String> {
    if is_remote(reference) {
        return Err(format!("`{reference}` is not in this repository"));
    }
    let path = join(here, reference).ok_or_else(|| format!("`{reference}` leads out of the repository"))?;
    let found = files.text_or_bytes(&path)?;
    let whole = |(id, source): (SourceId, Arc<Source>)| {
        (Arc::clone(&source.text), Location::new(id, Span::new(0, source.text.len())))
    };
    Ok(found.map(whole))
}

/// The lines `KEY=value` of a file of variables; one without `=` is of no value.
fn variables(content: Option<&(Arc<str>, Location)>) -> Result<Vec<Entry>, String> {
    let (text, at) = content.ok_or_else(|| "kustomize refuses variables that are not UTF-8".to_owned())?;
    let lines = text.trim_start_matches('\u{FEFF}').lines().map(str::trim_start);
    let filled = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs = filled.map(|line| line.split_once('=').unwrap_or((line, "")));
    Ok(pairs.map(|(key, value)| edit::entry(key, edit::text(value, *at), *at)).collect())
}
