//! Lists of mappings with typed fields, as Go reads them from YAML: keys that it does not know are ignored.

use super::{Fault, PREFIX};
use crate::image::ImageRef;
use crate::yaml::{Node, Value};

/// A field that Artifact Hub reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any scalar.
    Text,
    /// True or false.
    Boolean,
    /// A list of scalars.
    Texts,
    /// An image reference, required.
    Image,
}

pub(super) fn list_faults(annotation: &str, items: &[Node], fields: &[Field]) -> Vec<Fault> {
    let within = |(index, item)| {
        let faults = item_faults(annotation, item, fields).into_iter();
        faults.map(move |fault| fault.within(format_args!("[{index}]")))
    };
    items.iter().enumerate().flat_map(within).collect()
}

fn item_faults(annotation: &str, item: &Node, fields: &[Field]) -> Vec<Fault> {
    if item.as_map().is_none() {
        let names: Vec<_> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
        let message = format!("an item of `{PREFIX}{annotation}` is {}, not a mapping", item.kind());
        return vec![Fault::new(item.location, message).help(format!("give each item {}", names.join(", ")))];
    }
    field_faults(annotation, item, fields)
}

/// What is wrong with the fields of one mapping.
pub(super) fn field_faults(annotation: &str, item: &Node, fields: &[Field]) -> Vec<Fault> {
    let fault = |field: &Field| Some(field_fault(annotation, item, *field)?.within(format_args!(".{}", field.name)));
    fields.iter().filter_map(fault).collect()
}

/// Whether a text counts as a boolean: the parser of Artifact Hub takes what YAML 1.1 has for one, `true` and `false` not among them.
fn is_boolean(text: &str) -> bool {
    let words = ["y", "yes", "on", "n", "no", "off"];
    let is_cased = text.chars().skip(1).all(char::is_lowercase) || text.chars().all(char::is_uppercase);
    is_cased && words.contains(&text.to_lowercase().as_str())
}

fn field_fault(annotation: &str, item: &Node, field: Field) -> Option<Fault> {
    let name = field.name;
    let Some(value) = item.get(name).filter(|value| !value.is_null()) else {
        let message = format!("an item of `{PREFIX}{annotation}` has no `{name}`");
        return (field.kind == Kind::Image).then(|| Fault::new(first_key(item), message).help(IMAGE));
    };
    let wanted = match field.kind {
        Kind::Text if is_scalar(value) => return None,
        Kind::Text => "a text",
        Kind::Boolean if value.as_bool().is_some() || value.as_str().is_some_and(is_boolean) => return None,
        Kind::Boolean => "`true` or `false`",
        Kind::Texts if value.as_seq().is_some_and(|items| items.iter().all(is_scalar)) => return None,
        Kind::Texts => "a list of texts",
        Kind::Image => return image_fault(annotation, value),
    };
    let message = format!("`{name}` in `{PREFIX}{annotation}` is {}, not {wanted}", value.kind());
    Some(Fault::new(value.location, message))
}

const IMAGE: &str = "give the image's reference: `registry/repository:tag` or `registry/repository@sha256:…`";

fn image_fault(annotation: &str, value: &Node) -> Option<Fault> {
    let text = value.scalar_text().unwrap_or("");
    if is_reference(text) {
        return None;
    }
    let message = format!("`{text}` in `{PREFIX}{annotation}` is no image reference");
    Some(Fault::new(value.location, message).help(IMAGE))
}

/// Whether go-containerregistry's `name.ParseReference` takes a text: a colon needs a tag behind it, and a digest is a SHA-256.
pub fn is_reference(text: &str) -> bool {
    let image = ImageRef::split(text);
    let named = text.split_once('@').map_or(text, |(named, _)| named);
    let has_empty_tag = named.ends_with(':');
    let port = image.registry.rsplit_once(':').filter(|_| !image.registry.ends_with(']')).map_or("", |(_, port)| port);
    let is_repository = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-./".contains(&byte);
    let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:[]".contains(&byte);
    !has_empty_tag
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && image.registry.bytes().all(is_host)
        && (2..=255).contains(&image.repository.len())
        && image.repository.bytes().all(is_repository)
        && image.tag.len() <= 128
        && image.tag.bytes().all(is_tag)
        && (!text.contains('@') || (image.has_valid_digest() && image.digest.starts_with("sha256:")))
}

pub(super) fn is_scalar(node: &Node) -> bool {
    !matches!(node.value, Value::Seq(_) | Value::Map(_))
}

/// The first key of a mapping, for a label on what the mapping lacks.
pub(super) fn first_key(node: &Node) -> crate::text::Location {
    let first = node.as_map().and_then(|mapping| mapping.entries().first());
    first.map_or(node.location, |entry| entry.key.location)
}
