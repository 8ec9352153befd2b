//! What can be typed next: keys of values in templates, annotations in Chart.yaml.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, Position, Range, TextEdit};

use super::model::Charts;
use super::settings::{Path, merge, shown};
use super::target::{from_root, template};
use super::utf16;
use crate::text::{Address, Source, Span};

/// An expression that is being typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Typed<'t> {
    /// The keys before the last dot.
    pub(super) path: Vec<&'t str>,
    /// Where the key begins that is being typed.
    pub(super) start: usize,
}

/// The `.Values.…` that is being typed in an action of a template.
pub(super) fn typed(text: &str, offset: usize) -> Option<Typed<'_>> {
    let before = text.get(..offset)?;
    if before.rfind("{{")? < before.rfind("}}").unwrap_or(0) {
        return None;
    }
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    let start = before
        .rfind(|letter: char| !is_part(letter))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let chain = before[start..].strip_prefix(".Values.")?;
    let (keys, partial) = chain.rsplit_once('.').unwrap_or(("", chain));
    let path = keys.split('.').filter(|key| !key.is_empty()).collect();
    Some(Typed { path, start: offset - partial.len() })
}

/// The keys that the values have there under any profile, each with what it is under the first.
pub(super) fn keys(charts: &Charts, file: &FilePath, typed: &Typed<'_>, replaced: Range) -> Vec<CompletionItem> {
    let mut found: BTreeMap<Arc<str>, CompletionItem> = BTreeMap::new();
    let path: Path = typed.path.iter().map(|key| Arc::from(*key)).collect();
    for outlined in &charts.outline.charts {
        let Some((chart, _)) = template(charts, outlined, file) else { continue };
        let paths = from_root(charts, outlined, chart, &path);
        for profile in &outlined.profiles {
            let Ok(merged) = merge(outlined, profile, charts) else { continue };
            for (key, value) in paths.iter().flat_map(|path| merged.keys(path)).filter(|(key, _)| is_name(key)) {
                found.entry(Arc::clone(&key)).or_insert_with(|| {
                    let detail = shown(&value);
                    let kind = CompletionItemKind::FIELD;
                    item(&key, kind, Some(detail), replaced)
                });
            }
        }
    }
    found.into_values().collect()
}

/// Whether a key can stand behind a dot.
fn is_name(key: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    !key.is_empty() && key.chars().all(is_letter)
}

/// Something to type in place of a range.
pub(super) fn item(text: &str, kind: CompletionItemKind, detail: Option<String>, replaced: Range) -> CompletionItem {
    CompletionItem {
        label: text.to_owned(),
        kind: Some(kind),
        detail,
        filter_text: Some(text.to_owned()),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: replaced, new_text: text.to_owned() })),
        ..CompletionItem::default()
    }
}

/// The range from a byte to a position.
pub(super) fn range(text: &Arc<str>, start: usize, end: Position) -> Range {
    let source = Source::new("", Address::Rendered, Arc::clone(text));
    Range { start: utf16::range(&source, Span::new(start, start)).start, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Option<(Vec<&str>, &str)> {
        let typed = typed(text, text.len())?;
        Some((typed.path, &text[typed.start..]))
    }

    #[test]
    fn an_expression_is_known_while_it_is_typed() {
        assert_eq!(path("a: {{ .Values."), Some((vec![], "")));
        assert_eq!(path("a: {{ $.Values.image.ta"), Some((vec!["image"], "ta")));
        assert_eq!(path("{{ if (eq .Values.a.b."), Some((vec!["a", "b"], "")));
        assert_eq!(path("{{ .Values.a }} .Values."), None);
        assert_eq!(path("# .Values."), None);
        assert_eq!(path("{{ .Release."), None);
        assert_eq!(path("{{ é.Values."), None);
    }
}
