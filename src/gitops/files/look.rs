//! A cheap look at a file's bytes: whether it may matter, and whether it is the template of one that does.

use super::WORDS;
use crate::text::{Address, Source, Sources};
use crate::yaml::Document;

/// Kinds that deploy something.
const OBJECTS: [&str; 3] = ["Application", "HelmRelease", "Kustomization"];

/// Whether a file may hold objects by its name. What is wrong with a Chart.yaml, its chart says.
pub(super) fn is_manifest(path: &str) -> bool {
    path.rsplit('/').next() != Some("Chart.yaml")
        && [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

/// Whether a text speaks of an object that deploys something.
pub(super) fn deploys(data: &[u8]) -> bool {
    OBJECTS.iter().any(|kind| holds(data, kind)) && WORDS.iter().any(|word| holds(data, word))
}

/// Whether a text begins as one in UTF-16 does.
pub(super) fn is_wide(data: &[u8]) -> bool {
    data.starts_with(&[0xFE, 0xFF]) || data.starts_with(&[0xFF, 0xFE])
}

/// The text of UTF-16, as far as it is ASCII.
pub(super) fn wide(data: &[u8]) -> String {
    data.iter().filter(|byte| byte.is_ascii() && **byte != 0).map(|byte| char::from(*byte)).collect()
}

/// Whether a word stands anywhere in a text.
pub(super) fn holds(data: &[u8], word: &str) -> bool {
    let first = word.as_bytes()[0];
    let mut rest = data;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        if rest[at..].starts_with(word.as_bytes()) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// Whether a text that is no YAML is so because of its template code: without that it is YAML.
pub(super) fn is_template(text: &str) -> bool {
    let Some(rest) = without_actions(text) else { return false };
    let scratch = Sources::new();
    let id = scratch.add(Source::new("template", Address::Rendered, rest.as_str()));
    Document::parse_all(id, &rest).is_ok()
}

/// The text with a word in the place of each action, and without lines that are nothing but actions. None where it has no action.
fn without_actions(text: &str) -> Option<String> {
    let mut has_any = false;
    let mut out = String::new();
    let mut rest = text;
    while let Some((start, end)) = action(rest) {
        has_any = true;
        out.push_str(&rest[..start]);
        out.push(STAND_IN);
        rest = &rest[end..];
    }
    out.push_str(rest);
    let is_only_actions = |line: &&str| {
        let words = line.trim();
        !words.is_empty() && words.chars().all(|letter| letter == STAND_IN || letter.is_whitespace())
    };
    let lines: Vec<&str> = out.lines().filter(|line| !is_only_actions(line)).collect();
    has_any.then(|| lines.join("\n").replace(STAND_IN, "x"))
}

/// A letter that no text has.
const STAND_IN: char = '\u{E000}';

/// Where the first `{{…}}` or `{%…%}` stands.
fn action(text: &str) -> Option<(usize, usize)> {
    let pairs = [("{{", "}}"), ("{%", "%}")];
    let first = pairs.iter().filter_map(|(open, close)| Some((text.find(open)?, close)));
    let (start, close) = first.min_by_key(|(start, _)| *start)?;
    let end = text[start..].find(close)?;
    Some((start, start + end + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_what_is_yaml_without_its_actions() {
        let templates = [
            "name: {{ .Values.name }}\n",
            "{{- range .Values.apps }}\nname: {{ .name | quote }}-x\n{{- end }}\n",
            "{% if a %}\na: 1\n{% endif %}\nb: {{ c }}\n",
            "a:\n  {{- toYaml .Values.a | nindent 2 }}\n",
        ];
        for text in templates {
            assert!(is_template(text), "{text}");
        }
        let broken = ["a: [1\n", "a: '{{ x }}'\nb: [1\n", "a: 1\n  b: {{ x }}\n", "# {{ x }}\na: b: c\n"];
        for text in broken {
            assert!(!is_template(text), "{text}");
        }
    }
}
