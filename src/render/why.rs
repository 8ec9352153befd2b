//! `--why`: where one field of a rendered document comes from, in words.

use super::{Manifest, Origin, Rendered};
use crate::template::trace::ScopeKind;
use crate::text::printable::Printable;
use crate::text::{Location, Sources};
use crate::yaml::{KeyPath, Step};

/// Explains the field that `question` names: `Kind/name path.to[0].field`.
///
/// # Errors
/// A question that names nothing, with what there is instead.
pub fn explain(rendered: &Rendered, question: &str, sources: &Sources) -> Result<Printable, String> {
    let (label, path) = question.trim().split_once(char::is_whitespace).unwrap_or((question.trim(), ""));
    let found: Vec<&Manifest> = rendered.manifests.iter().filter(|manifest| manifest.label() == label).collect();
    if found.is_empty() {
        let mut labels: Vec<_> = rendered.manifests.iter().map(Manifest::label).collect();
        labels.sort();
        labels.dedup();
        return Err(format!("no manifest is `{label}`; there are {}", labels.join(", ")));
    }
    let path = parse_path(path.trim())?;
    let mut all = Printable::default();
    for manifest in found {
        if !all.is_empty() {
            all.push(&Printable::line(""));
        }
        all.push(&one(manifest, &path, sources)?);
    }
    Ok(all)
}

fn one(manifest: &Manifest, path: &KeyPath, sources: &Sources) -> Result<Printable, String> {
    let node = manifest.document.root.at(path).ok_or_else(|| format!("`{}` has no `{path}`", manifest.label()))?;
    let origins = manifest.origins(node.location.span);
    let mut out = Printable::line(format!("{} {path}", manifest.label()));
    let shown = node.scalar_text().map_or_else(|| node.kind().to_owned(), |text| format!("`{text}`"));
    line(&mut out, 1, &format!("is {shown}"));
    if let Some(template) = origins.template {
        line(&mut out, 1, &format!("written at {}", place(template, sources)));
    }
    for link in &origins.chain {
        line(&mut out, 2, &format!("{} at {}", words(&link.kind), place(link.at, sources)));
        link.read.iter().for_each(|origin| value(&mut out, 3, "decided by", origin, sources));
    }
    origins.printed.iter().for_each(|origin| value(&mut out, 1, "printed from", origin, sources));
    Ok(out)
}

fn line(out: &mut Printable, level: usize, text: &str) {
    out.push(&Printable::line(format!("{}{text}", "  ".repeat(level))));
}

fn value(out: &mut Printable, level: usize, words: &str, origin: &Origin, sources: &Sources) {
    let absent = if origin.is_absent { ", which is not set in the mapping" } else { "" };
    line(out, level, &format!("{words} `{}`{absent} at {}", origin.path, place(origin.location, sources)));
    for shadowed in &origin.shadowed {
        line(out, level + 1, &format!("in the place of {}", place(*shadowed, sources)));
    }
}

fn words(kind: &ScopeKind) -> String {
    match kind {
        ScopeKind::File => "in the template".to_owned(),
        ScopeKind::If => "inside `if`".to_owned(),
        ScopeKind::With => "inside `with`".to_owned(),
        ScopeKind::Range => "inside `range`".to_owned(),
        ScopeKind::Template(name) => format!("called by `template \"{name}\"`"),
        ScopeKind::Include(name) => format!("called by `include \"{name}\"`"),
        ScopeKind::Tpl => "called by `tpl`".to_owned(),
    }
}

/// `path:line:column` and the text there, cut short.
fn place(location: Location, sources: &Sources) -> String {
    let source = sources.get(location.source);
    let text = source.slice(location.span).trim().lines().next().unwrap_or_default();
    let short: String = text.chars().take(60).collect();
    let shown = if short.is_empty() { String::new() } else { format!(" `{short}`") };
    format!("{}:{}{shown}", source.path, source.position(location.span.start))
}

/// `spec.containers[0].image`; a key with dots stands in brackets and quotes.
fn parse_path(text: &str) -> Result<KeyPath, String> {
    let mut steps = vec![];
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (step, after) = bracket(inner).ok_or_else(|| format!("`{text}` is not a path"))?;
            steps.push(step);
            rest = after;
        } else {
            let key = rest.strip_prefix('.').unwrap_or(rest);
            let end = key.find(['.', '[']).unwrap_or(key.len());
            if end == 0 {
                return Err(format!("`{text}` is not a path"));
            }
            steps.push(Step::Key(key[..end].to_owned()));
            rest = &key[end..];
        }
    }
    Ok(KeyPath(steps))
}

fn bracket(inner: &str) -> Option<(Step, &str)> {
    if let Some(quoted) = inner.strip_prefix('"') {
        let (key, after) = quoted.split_once("\"]")?;
        return Some((Step::Key(key.to_owned()), after));
    }
    let (index, after) = inner.split_once(']')?;
    Some((Step::Index(index.parse().ok()?), after))
}
