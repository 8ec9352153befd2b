//! Artifact Hub's annotations, while a Chart.yaml is typed.

use std::sync::Arc;

use lsp_types::{CompletionItem, CompletionItemKind, Documentation, Position};

use super::completion::{item, range};
use crate::artifacthub::{CATEGORIES, KINDS, KNOWN, PREFIX};

/// What each annotation holds, in the order of [`KNOWN`].
const MEANINGS: [&str; 16] = [
    "another name under which the package is found, a part of its name or of the repository's",
    "the category that it is listed in",
    "what this version changes: a list of texts, or of mappings with `kind` and `description`",
    "whether this version mends a weakness: `\"true\"` or `\"false\"`",
    "the custom resource definitions that it brings: a list with `kind`, `version`, `name`, `displayName` and `description`",
    "objects of those kinds, as one would write them",
    "the images that it runs: a list with `name` and `image`",
    "its licence, by its SPDX identifier",
    "links: a list with `name` and `url`",
    "who maintains it: a list with `name` and `email`",
    "whether it installs an operator: `\"true\"` or `\"false\"`",
    "how much the operator can do, in the words of the Operator Framework",
    "whether this version is a prerelease: `\"true\"` or `\"false\"`",
    "other packages to look at: a list with `url`",
    "pictures: a list with `title` and `url`",
    "the key that it is signed with: a mapping with `fingerprint` and `url`",
];

/// How much an operator can do.
const CAPABILITIES: [&str; 5] = ["Basic Install", "Seamless Upgrades", "Full Lifecycle", "Deep Insights", "Auto Pilot"];

/// What can stand at a position of Chart.yaml.
pub(super) fn items(text: &Arc<str>, offset: usize, position: Position) -> Vec<CompletionItem> {
    let Some(before) = text.get(..offset) else { return vec![] };
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = &before[line_start..];
    let typed = line.trim_start();
    if !line.starts_with([' ', '\t']) || !is_below_annotations(&before[..line_start], line.len() - typed.len()) {
        return vec![];
    }
    if let Some((key, value)) = typed.split_once(':') {
        let value_start = offset - value.trim_start().len();
        return values(key.trim_matches(['"', '\'', '-', ' ']), &before[..line_start])
            .iter()
            .map(|value| item(value, CompletionItemKind::VALUE, None, range(text, value_start, position)))
            .collect();
    }
    let is_nested = !is_below(&before[..line_start], line.len() - typed.len(), "annotations");
    if is_nested {
        return vec![];
    }
    let replaced = range(text, offset - typed.len(), position);
    let is_there = |name: &&&str| text.lines().any(|line| is_key(line, name));
    let open = KNOWN.iter().zip(MEANINGS).filter(|(name, _)| !is_there(name));
    let annotation = |(name, meaning): (&&str, &str)| CompletionItem {
        documentation: Some(Documentation::String(meaning.to_owned())),
        ..item(&format!("{PREFIX}{name}"), CompletionItemKind::PROPERTY, None, replaced)
    };
    open.map(annotation).collect()
}

fn is_key(line: &str, name: &str) -> bool {
    let key = line.trim_start().trim_start_matches(['"', '\'']);
    let rest = key.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix(name));
    rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).starts_with(':'))
}

/// The values that an annotation, or a key inside of one, can have.
fn values(key: &str, before: &str) -> &'static [&'static str] {
    match key.strip_prefix(PREFIX) {
        Some("category") => CATEGORIES,
        Some("operatorCapabilities") => &CAPABILITIES,
        Some("prerelease" | "operator" | "containsSecurityUpdates") => &["\"true\"", "\"false\""],
        None if key == "kind" && is_within(before, "changes") => &KINDS,
        _ => &[],
    }
}

/// Whether the annotation before a line is one of this name.
fn is_within(before: &str, name: &str) -> bool {
    let last = before.lines().rev().find(|line| line.trim_start().trim_start_matches(['"', '\'']).starts_with(PREFIX));
    last.is_some_and(|line| is_key(line, name))
}

/// Whether a line of some indentation lies anywhere below `annotations`.
fn is_below_annotations(before: &str, indentation: usize) -> bool {
    let is_content = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let outermost = before.lines().rev().filter(is_content).find(|line| !line.starts_with([' ', '\t', '-']));
    indentation > 0 && outermost.is_some_and(|line| line.trim_end() == "annotations:")
}

/// Whether the nearest line of less indentation is a key.
fn is_below(before: &str, indentation: usize, key: &str) -> bool {
    let is_less = |line: &&str| {
        let content = line.trim_start();
        !content.is_empty() && !content.starts_with('#') && line.len() - content.len() < indentation
    };
    before.lines().rev().find(is_less).is_some_and(|line| line.trim_end().strip_suffix(':') == Some(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<String> {
        let line = u32::try_from(text.matches('\n').count()).expect("a short text");
        let found = items(&Arc::from(text), text.len(), Position { line, character: 0 });
        found.into_iter().map(|item| item.label).collect()
    }

    #[test]
    fn annotations_are_offered_below_annotations_alone() {
        assert_eq!(labels("name: a\nannotations:\n  art").len(), 16);
        assert_eq!(labels("annotations:\n  artifacthub.io/license: MIT\n  ").len(), 15);
        assert_eq!(labels("annotations:\n  \"artifacthub.io/license\": MIT\n  # x\n  a").len(), 15);
        for text in ["name: a\nart", "dependencies:\n  - na", "annotations:\n  a: |\n    te", "annotations:\nna"] {
            assert_eq!(labels(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn values_are_offered_where_there_are_only_some() {
        assert_eq!(labels("annotations:\n  artifacthub.io/prerelease: "), ["\"true\"", "\"false\""]);
        assert_eq!(labels("annotations:\n  artifacthub.io/category: sec").len(), CATEGORIES.len());
        let kinds = labels("annotations:\n  artifacthub.io/changes: |\n    - kind: ");
        assert_eq!(kinds, KINDS);
        assert_eq!(labels("annotations:\n  artifacthub.io/crds: |\n    - kind: "), [""; 0]);
    }
}
