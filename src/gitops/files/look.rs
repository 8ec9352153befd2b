//! A cheap look at a file's bytes: whether it may matter, and whether it is the template of one that does.

use super::WORDS;
use crate::source::Look;
use crate::text::{Address, Source, Sources};
use crate::yaml::Document;

/// Kinds that deploy something.
const KINDS: &[&str] = &["Application", "HelmRelease", "Kustomization"];

/// Whether a text speaks of objects of a tool.
pub(super) const SPEAKS: Look = Look::at(&[&WORDS]);
/// Whether a text may be a helmfile.
pub(super) const HELMFILE: Look = Look::at(HELMFILES);
/// Whether a text is one that matters in any of these ways.
pub(super) const MATTERS: Look = SPEAKS.or(HELMFILES).or_wide();
/// Words of helmfiles: one of the second group stands in each with a release.
const HELMFILES: &[&[&str]] = &[&["releases:"], &["chart:", "inherit:", "bases:", "helmfiles:", "defaultInherit:"]];
/// Whether a text speaks of an object that deploys something.
pub(super) const DEPLOYS: Look = Look::at(&[KINDS, &WORDS]);
/// Whether a text may speak of one whose group is filled in.
pub(in crate::gitops) const NAMES: Look = Look::at(&[
    &["kind: Application", "kind: HelmRelease", "kind: Kustomization", "kind: HelmChart"],
    &["apiVersion: {{", "apiVersion: \"{{", "apiVersion: '{{"],
]);
/// Whether a text speaks of repositories.
pub(super) const LISTS_SOURCES: Look = Look::at(&[&["repoURL"]]);

/// Whether a file may hold objects by its name. What is wrong with a Chart.yaml, its chart says.
pub(in crate::gitops) fn is_manifest(path: &str) -> bool {
    path.rsplit('/').next() != Some("Chart.yaml")
        && [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

/// Whether a file is one that helmfile fills in before it reads it as YAML.
pub(super) fn is_gotmpl(path: &str) -> bool {
    [".yaml.gotmpl", ".yml.gotmpl"].iter().any(|ending| path.ends_with(ending))
}

/// Whether a text that is no YAML is so because of its template code: without that it is YAML.
pub(super) fn is_template(text: &str) -> bool {
    let Some(rest) = without_actions(text) else { return false };
    let scratch = Sources::new();
    let id = scratch.add(Source::new("template", Address::Rendered, rest.as_str()));
    Document::parse_all(id, &rest).is_ok()
}

/// Whether a text that is no YAML is an ApplicationSet with braces of its own that want quotes, and no template of one.
pub(super) fn is_unquoted_set(text: &str) -> bool {
    const FOREIGN: [&str; 5] = [".Values", "{%", "${{", "include \"", "cookiecutter."];
    let says = |start: &str, rest: &str| {
        text.lines().any(|line| line.strip_prefix(start).is_some_and(|said| said.trim().starts_with(rest)))
    };
    let is_set = says("kind:", "ApplicationSet") && says("apiVersion:", "argoproj.io/");
    is_set && !FOREIGN.iter().any(|sign| text.contains(sign)) && !text.lines().any(is_action)
}

/// Whether a line is nothing but actions.
fn is_action(line: &str) -> bool {
    let line = line.trim();
    action(line).is_some_and(|(start, end)| start == 0 && (end == line.len() || is_action(&line[end..])))
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

    #[test]
    fn braces_are_a_set_s_own_unless_they_are_of_another_tool() {
        let set = |spec: &str| format!("apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n{spec}\n");
        let own = ["  name: {{.env}}-web", "  name: {{ .env }}", "  values: \"name: '{{ .tag | default \"x\" }}'\""];
        assert!(own.iter().all(|spec| is_unquoted_set(&set(spec))));
        let foreign = [
            "  name: {{ .Values.env }}",
            "  {{- if .a }}\n  b: 1\n  {{- end }}",
            "  name: ${{ values.env }}",
            "{% if a %}",
        ];
        assert!(!foreign.iter().any(|spec| is_unquoted_set(&set(spec))));
        assert!(!is_unquoted_set("apiVersion: argoproj.io/v1alpha1\nkind: Application\nname: {{.env}}-web\n"));
    }
}
