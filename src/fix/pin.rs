//! The line that should carry an image's digest, with the digest in it.

use crate::extract::spread::appended_to;
use crate::extract::{Above, Cause, ImageUse};
use crate::finding::Fix;
use crate::text::edit::Edit;
use crate::text::{Location, Sources, Span};
use crate::yaml::edit::{Writer, quoted};
use crate::yaml::shared::anchor_over;
use crate::yaml::{Document, KeyPath, Mapping, Node, Step, Style, Value, embedded};

/// The edit that gives an image its digest.
///
/// # Errors
/// Why it has to be done by hand, in lower case.
pub fn fix(used: &ImageUse, digest: &str, sources: &Sources) -> Result<Fix, String> {
    if let Some(above) = &used.above {
        return from_above(used, above, digest, sources);
    }
    let edit = match used.cause {
        Cause::Digest if is_elsewhere(used, sources) => {
            beside(used.tag_at.unwrap_or(used.at), key(used), digest, sources)
        }
        Cause::Digest => digest_value(used, digest, sources),
        Cause::Tag if used.tag_path.is_some() => appended(used.at, digest, sources),
        Cause::Tag => beside(used.at, key(used), digest, sources),
        Cause::Whole => appended(used.at, digest, sources),
        Cause::Override => beside_or_in(used.at, "digest", digest, sources),
        Cause::Template => in_template(used, digest, sources),
    };
    let edit = edit.ok_or_else(|| by_hand(used, digest, sources))?;
    if let Some(anchor) = anchor_over(&sources.get(edit.location.source).text, edit.location.span) {
        let help = used.digest_help().replace("sha256:…", digest);
        return Err(format!("{help} by hand: the anchor `{anchor}` brings the line to other places too"));
    }
    Ok(Fix::safe(format!("pin `{}`", used.image), vec![edit]))
}

/// What to write by hand, where, and why nobody else does.
fn by_hand(used: &ImageUse, digest: &str, sources: &Sources) -> String {
    let help = used.digest_help().replace("sha256:…", digest);
    let reason = unwritable(used, sources).map(|reason| format!(", since {reason}")).unwrap_or_default();
    format!("{help}; by hand at {}{reason}", sources.seen(used.at))
}

/// Why no digest can be written at the place of an image; none where that is not known.
fn unwritable(used: &ImageUse, sources: &Sources) -> Option<&'static str> {
    let source = sources.get(used.at.source);
    let written = source.slice(used.at.span);
    match Document::parse_all(used.at.source, &source.text) {
        Err(_) => Some("its file is no YAML"),
        Ok(_) if written.starts_with('*') => Some("an alias stands there"),
        Ok(_) if written.contains("{{") => Some("a template stands there"),
        Ok(documents) => documents.iter().find_map(|document| crowded(&document.root, used)),
    }
}

/// Whether something besides the image stands in the text of a document that has it.
fn crowded(root: &Node, used: &ImageUse) -> Option<&'static str> {
    let is_scalar = |node: &Node| node.location.span == used.at.span;
    let holds = |node: &Node| {
        is_parameter(node) && node.as_map().is_some_and(|map| map.entries().iter().any(|entry| is_scalar(&entry.value)))
    };
    let is_around = |node: &Node| {
        let span = node.location.span;
        node.as_str().is_some() && span.start <= used.at.span.start && used.at.span.end <= span.end
    };
    let text = find(root, &is_around)?;
    let is_whole = used.cause == Cause::Whole || text.as_str().is_some_and(|text| text.contains(&used.written));
    let is_more = text.as_str().is_some_and(|text| text.trim() != used.image.tag && text.contains([':', '{']));
    match () {
        () if find(root, &holds).is_some() => Some("a digest needs a parameter of its own"),
        () if !is_scalar(text) || is_more && !is_whole => Some("the values stand in one text"),
        () => None,
    }
}

/// The same for an image of a chart that somebody else publishes, in the values that are handed down to it.
fn from_above(used: &ImageUse, above: &Above, digest: &str, sources: &Sources) -> Result<Fix, String> {
    let key = used.value_path();
    let text = match used.cause {
        Cause::Override | Cause::Template => None,
        _ if appended_to(used).is_some() => Some(format!("{}@{digest}", used.tail())),
        _ => Some(digest.to_owned()),
    };
    let edit = above.values.zip(text.as_ref()).and_then(|(root, text)| set(root, &key, text, sources));
    let name = &above.name;
    let by_hand = || match &text {
        Some(text) => format!("set `{key}` to `{text}` in the values of the chart by hand"),
        None => format!("take a version of `{name}` that reads a digest from its values"),
    };
    Ok(Fix::safe(format!("pin `{}`", used.image), vec![edit.ok_or_else(by_hand)?]))
}

/// A scalar at a path below a mapping, with the mappings above it that are missing.
fn set(root: Location, path: &KeyPath, text: &str, sources: &Sources) -> Option<Edit> {
    let keys: Vec<&str> = path.0.iter().map(key_of).collect::<Option<_>>()?;
    with_nodes(root, sources, |writer, roots| {
        let mut node = roots.iter().find(|node| node.location.span == root.span)?;
        for (depth, key) in keys.iter().enumerate() {
            match node.get(key) {
                Some(known) => node = known,
                None => return writer.nested(node, &keys[depth..], &quoted(text)),
            }
        }
        writer.scalar(node, text)
    })
}

fn key_of(step: &Step) -> Option<&str> {
    match step {
        Step::Key(key) => Some(key),
        Step::Index(_) => None,
    }
}

/// The same for a template that writes `@sha256:` itself, and wants the digits alone; none where no value is a digest's own.
pub fn bare(used: &ImageUse, digest: &str, sources: &Sources) -> Option<Fix> {
    let (_, digits) = digest.split_once(':')?;
    let has_own = used.cause == Cause::Digest || (used.cause == Cause::Tag && used.tag_path.is_none());
    has_own.then(|| fix(used, digits, sources).ok()).flatten()
}

/// The key that a template reads a digest from.
fn key(used: &ImageUse) -> &str {
    match used.path.0.last() {
        Some(Step::Key(key)) => key,
        _ => "digest",
    }
}

/// Whether the tag is set in another file than the one that has the digest's place: a digest there would be of another tag.
fn is_elsewhere(used: &ImageUse, sources: &Sources) -> bool {
    let is_values = |path: &str| !path.ends_with("Chart.yaml");
    used.tag_at.is_some_and(|tag| {
        let path = sources.path(tag);
        path != sources.path(used.at) && is_values(&path)
    })
}

fn digest_value(used: &ImageUse, digest: &str, sources: &Sources) -> Option<Edit> {
    beside_or_in(used.at, key(used), digest, sources)
}

/// A digest in the scalar at a place, or as an entry of the mapping there.
fn beside_or_in(at: Location, key: &str, digest: &str, sources: &Sources) -> Option<Edit> {
    with_nodes(at, sources, |writer, roots| {
        let node = roots.iter().find_map(|root| find(root, &|node| node.location.span == at.span))?;
        match (&node.value, node.get(key)) {
            (Value::Map(_), _) if is_parameter(node) => None,
            (Value::Map(_), Some(known)) => writer.scalar(known, digest),
            (Value::Map(_), None) => writer.entry(node, key, &quoted(digest)),
            _ => writer.scalar(node, digest),
        }
    })
}

/// A digest as a further entry of the mapping that a value stands in, or of the one at the place itself.
fn beside(at: Location, key: &str, digest: &str, sources: &Sources) -> Option<Edit> {
    if sources.path(at).ends_with("Chart.yaml") {
        return None;
    }
    with_nodes(at, sources, |writer, roots| {
        let holds = |node: &Node| {
            let entries = node.as_map().map(Mapping::entries).unwrap_or_default();
            entries.iter().any(|entry| entry.value.location.span == at.span && !entry.merged)
        };
        let is_itself = |node: &Node| node.as_map().is_some() && node.location.span == at.span;
        let mapping = roots.iter().find_map(|root| find(root, &is_itself).or_else(|| find(root, &holds)))?;
        match mapping.get(key) {
            _ if is_parameter(mapping) => None,
            Some(known) => writer.scalar(known, digest),
            None => writer.entry(mapping, key, &quoted(digest)),
        }
    })
}

/// Whether a mapping sets one value by name, as Argo CD's parameters do: a digest needs one of its own.
fn is_parameter(mapping: &Node) -> bool {
    mapping.get("name").is_some() && ["file", "path", "value", "values"].iter().any(|key| mapping.get(key).is_some())
}

/// A digest behind a tag or a whole reference.
fn appended(at: Location, digest: &str, sources: &Sources) -> Option<Edit> {
    with_nodes(at, sources, |writer, roots| {
        let node = roots.iter().find_map(|root| find(root, &|node| node.location.span == at.span))?;
        let text = node.scalar_text().filter(|text| !text.is_empty() && !text.contains('@'))?;
        writer.scalar(node, &format!("{text}@{digest}"))
    })
}

/// A digest behind a reference that the template has word for word.
fn in_template(used: &ImageUse, digest: &str, sources: &Sources) -> Option<Edit> {
    let place = used.template?;
    let written = sources.get(place.source).slice(place.span).trim_matches(['"', '\'']).to_owned();
    let end = place.span.start as usize + sources.get(place.source).slice(place.span).find(&written)? + written.len();
    let at = Location::new(place.source, Span::new(end, end));
    (written == used.written && !written.contains('@')).then(|| Edit::replacement(at, format!("@{digest}")))
}

/// Edits what stands at a place, be it in a text that is written letter by letter, as values of Argo CD and of ConfigMaps are.
fn with_nodes(at: Location, sources: &Sources, edit: impl FnOnce(Writer<'_>, &[Node]) -> Option<Edit>) -> Option<Edit> {
    let source = sources.get(at.source);
    let documents = Document::parse_all(at.source, &source.text).ok()?;
    let mut roots: Vec<Node> = documents.into_iter().map(|document| document.root).collect();
    let is_around = |node: &Node| {
        let span = node.location.span;
        node.style == Style::Literal && span != at.span && span.start <= at.span.start && at.span.end <= span.end
    };
    let text = roots.iter().find_map(|root| find(root, &is_around));
    // An alias in it may bring the line to other places of it too.
    if text.is_some_and(|text| text.as_str().is_some_and(|text| text.contains('&') && text.contains('*'))) {
        return None;
    }
    let inner = text.map(|text| embedded::documents(text, &source.text)).transpose().ok()?;
    roots.extend(inner.into_iter().flatten().map(|document| document.root));
    edit(Writer::new(&source.text), &roots)
}

/// The first node that fits, outer ones first.
fn find<'a>(node: &'a Node, fits: &dyn Fn(&Node) -> bool) -> Option<&'a Node> {
    if fits(node) {
        return Some(node);
    }
    match &node.value {
        Value::Map(mapping) => {
            mapping.entries().iter().filter(|entry| !entry.merged).find_map(|entry| find(&entry.value, fits))
        }
        Value::Seq(items) => items.iter().find_map(|item| find(item, fits)),
        _ => None,
    }
}
