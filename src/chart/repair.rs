//! What can only have been meant by files that Helm refuses or reads otherwise than they look.

use crate::finding::{Fix, Safety};
use crate::text::edit::Edit;
use crate::text::{Location, Span};
use crate::yaml::edit::Writer;
use crate::yaml::{Entry, Node, Style};

/// A mapping without the entry that a later one makes void. Whether the wrong one counts, nobody knows where they differ.
pub(super) fn without_void(void: &Entry, winner: &Entry, file: &str) -> Option<Fix> {
    let edit = Writer::new(file).without(void)?;
    let is_same = void.value.same_meaning(&winner.value);
    let safety = if is_same { Safety::Safe } else { Safety::Unsafe };
    Some(Fix::safe(format!("remove the void `{}`", void.key.key_text()), vec![edit]).with(safety))
}

/// Another text for a scalar of Chart.yaml.
pub(super) fn scalar(node: &Node, meant: &str, file: &str) -> Option<Fix> {
    Writer::new(file).scalar(node, meant).map(|edit| Fix::safe(format!("write `{meant}`"), vec![edit]))
}

/// An annotation whose value is a list or mapping, made the text that it has to be: with `|` before it, not a byte of it changes.
pub(super) fn as_text(entry: &Entry, file: &str) -> Option<Fix> {
    let key = entry.key.location.span;
    let line_start = file.get(..key.start as usize)?.rfind('\n').map_or(0, |before| before + 1);
    let column = key.start as usize - line_start;
    let rest = file.get(key.end as usize..)?;
    let line = rest.lines().next()?;
    let is_bare = line.trim() == ":" && entry.value.style == Style::Block && !entry.merged;
    let below = rest.lines().skip(1).find(|line| !line.trim().is_empty())?;
    let is_indented = below.len() - below.trim_start_matches(' ').len() > column;
    let at = key.end as usize + line.find(':')? + 1;
    let edit = Edit::replacement(Location::new(entry.key.location.source, Span::new(at, at)), " |");
    (is_bare && is_indented).then(|| Fix::safe("make it a text with `|`", vec![edit]))
}

/// What a pattern with `**` means, written as Helm reads it: everything in a folder, or a name at any depth.
pub(super) fn pattern(pattern: &str, place: Location) -> Option<Fix> {
    let rest = pattern.strip_prefix("**/").unwrap_or(pattern);
    let inner = rest.strip_suffix("/**/*").or_else(|| rest.strip_suffix("/**"));
    let is_deep = rest.len() < pattern.len();
    let meant = match inner {
        Some(folder) if is_deep && !folder.contains('/') => format!("{folder}/"),
        Some(folder) if !is_deep && folder.trim_start_matches('/').contains('/') => format!("{folder}/"),
        Some(folder) if !is_deep => format!("/{}/", folder.trim_start_matches('/')),
        None if is_deep && !rest.trim_end_matches('/').contains('/') => rest.to_owned(),
        _ => return None,
    };
    let is_sound = !meant.contains("**") && !pattern.starts_with('!') && !meant.trim_matches(['/', '*']).is_empty();
    let edits = vec![Edit::replacement(place, meant.as_str())];
    (is_sound && super::ignore::is_sound(&meant)).then(|| Fix::safe(format!("write `{meant}`"), edits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, Sources};

    #[test]
    fn two_stars_are_written_as_helm_reads_them() {
        let place = Location::new(Sources::new().add(Source::new("x", Address::Rendered, "")), Span::default());
        let meant = |text: &str| pattern(text, place).map(|fix| fix.edits[0].content.clone());
        for (text, expected) in [
            ("tests/**", "/tests/"),
            ("a/b/**", "a/b/"),
            ("/a/**/*", "/a/"),
            ("**/*.swp", "*.swp"),
            ("**/node_modules/", "node_modules/"),
            ("**/node_modules/**", "node_modules/"),
        ] {
            assert_eq!(meant(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["a/**/b", "**", "**/a/b", "!a/**", "**/*", "[a/**"] {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}
