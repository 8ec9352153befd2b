//! Our own YAML files, read twice: serde_yaml gives the types, [`Document`] the places of mistakes.

use serde::de::DeserializeOwned;

use crate::text::suggest::nearest;
use crate::text::{Location, SourceId, Span};
use crate::yaml::{Document, Node, Value, typed};

/// A mistake in a rule file or in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// Where.
    pub location: Location,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Error {
    /// A mistake at a place.
    pub fn new(location: Location, message: impl Into<String>) -> Self {
        Self { location, message: message.into(), help: None }
    }

    /// The same with what to do.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl Error {
    /// The same with the known name that was probably meant, or else all of them.
    pub fn among<'a>(self, given: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        if let Some(meant) = nearest(given, known.iter().copied()) {
            return self.help(format!("did you mean `{meant}`?"));
        }
        let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        self.help(format!("one of {}", names.join(", ")))
    }
}

/// The value that a text of one YAML document holds, and the document.
///
/// # Errors
/// The first mistake, at its place: syntax, an unknown key, a wrong type.
pub fn read<T: DeserializeOwned>(source: SourceId, text: &str) -> Result<(T, Document), Error> {
    let document = Document::parse(source, text).map_err(|error| Error::new(error.location, error.message))?;
    match typed(text) {
        Ok(value) => Ok((value, document)),
        Err(error) => Err(mistake(&error, &document, text)),
    }
}

/// What serde says, at the key or value that it is about.
fn mistake(error: &serde_yaml::Error, document: &Document, text: &str) -> Error {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    let offset = error.location().map_or(0, |place| byte_offset(text, place.line(), place.column()));
    // A path such as `params.tags: ` comes before.
    let start = ["unknown field", "unknown variant"].iter().find_map(|words| said.find(words)).unwrap_or(0);
    let message = &said[start..];
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let given = quoted.next().unwrap_or("");
        let (what, place) = if message.starts_with("unknown field") {
            ("unknown key", key_from(&document.root, given, offset))
        } else {
            ("unknown value", None)
        };
        let place =
            place.or_else(|| scalar_from(&document.root, given, offset)).unwrap_or_else(|| at(document, offset));
        return Error::new(place, format!("{what} `{given}`")).among(given, quoted);
    }
    Error::new(innermost(&document.root, offset).unwrap_or_else(|| at(document, offset)), message)
}

fn at(document: &Document, offset: usize) -> Location {
    Location::new(document.source, Span::new(offset, offset))
}

/// Byte offset of a 1-based line and column, columns in Unicode scalars.
fn byte_offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or("");
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(offset, _)| offset)
}

/// Every node below and with `node`, each key before its value, in the order of the file.
fn walk<'a>(node: &'a Node, visit: &mut dyn FnMut(&'a Node, bool)) {
    visit(node, false);
    match &node.value {
        Value::Map(mapping) => {
            for entry in mapping.entries() {
                visit(&entry.key, true);
                walk(&entry.value, visit);
            }
        }
        Value::Seq(items) => items.iter().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

fn find<'a>(root: &'a Node, offset: usize, mut fits: impl FnMut(&'a Node, bool) -> bool) -> Option<Location> {
    let mut found = None;
    let mut earlier = None;
    walk(root, &mut |node, is_key| {
        if fits(node, is_key) {
            let place = if node.location.span.start as usize >= offset { &mut found } else { &mut earlier };
            place.get_or_insert(node.location);
        }
    });
    found.or(earlier)
}

fn key_from(root: &Node, name: &str, offset: usize) -> Option<Location> {
    find(root, offset, |node, is_key| is_key && node.scalar_text() == Some(name))
}

fn scalar_from(root: &Node, text: &str, offset: usize) -> Option<Location> {
    find(root, offset, |node, is_key| !is_key && node.scalar_text() == Some(text))
}

/// The value that starts at the offset: the smallest, where several do.
fn innermost(root: &Node, offset: usize) -> Option<Location> {
    let mut found: Option<Location> = None;
    walk(root, &mut |node, is_key| {
        if !is_key && node.location.span.start as usize == offset {
            found = Some(node.location);
        }
    });
    found
}
