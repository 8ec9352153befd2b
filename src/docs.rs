//! Pages about rules, generated from the registry: nobody writes them by hand, and a test keeps them fresh.

use std::fmt::Write as _;

use crate::finding::Severity;
use crate::rule::{Check, Fault, FixKind, Registry, Rule};

pub mod peers;

/// The level of a rule in words.
fn level(rule: &Rule) -> String {
    rule.severity.as_ref().map_or_else(|| "off".to_owned(), Severity::to_string)
}

/// The page with the table of all rules, by category, as Markdown.
pub fn table(registry: &Registry) -> String {
    let mut rules: Vec<&Rule> = registry.iter().collect();
    rules.sort_by_key(|rule| (&rule.category, &rule.id));
    let mut text = "# Rules\n\n`chartgate rules` lists them, `chartgate explain RULE` says more of one; [adding a rule](adding-a-rule.md) takes one YAML \
                    file.\n\n| rule | level | what it finds |\n|---|---|---|\n"
        .to_owned();
    let line = |rule: &Rule| {
        let Rule { id, summary, .. } = rule;
        format!("| [`{id}`](rules/{id}.md) | {} | {} |\n", level(rule), cell(summary))
    };
    text.extend(rules.into_iter().map(line));
    text
}

/// The page about a rule, as Markdown; `said` are recorded findings, as its fixtures have them.
pub fn page(rule: &Rule, said: &str) -> String {
    let mut text = format!("# {}\n\n{}\n\n", rule.id, sentence(&rule.summary));
    let _ = writeln!(text, "| level | category | since | how it looks | fix |\n|---|---|---|---|---|");
    let _ =
        writeln!(text, "| {} | {} | {} | {} | {} |", level(rule), rule.category, rule.since, how(rule), fix(rule.fix));
    if let Some(step) = rule.step {
        let through = "[`version-step-too-small`](version-step-too-small.md)";
        let _ = writeln!(text, "\nIt calls for a {step} step of the version and is a reason for {through}.");
    }
    let _ = writeln!(text, "\n## Why\n\n{}\n\n## What to do\n\n{}", rule.why.trim_end(), rule.remedy.trim_end());
    if !rule.params.is_empty() {
        text.push_str("\n## Parameters\n\n| name | type | default | meaning |\n|---|---|---|---|\n");
        for (name, spec) in &rule.params {
            let choices: Vec<String> = spec.choices.iter().map(|choice| format!("`{choice}`")).collect();
            let choices = if choices.is_empty() { String::new() } else { format!(": {}", choices.join(", ")) };
            let kind = serde_json::to_value(spec.kind)
                .ok()
                .and_then(|kind| kind.as_str().map(str::to_owned))
                .unwrap_or_default();
            let _ = writeln!(text, "| `{name}` | {kind} | `{}` | {}{choices} |", spec.default, cell(&spec.help));
        }
    }
    if let Check::Cel(deny) = &rule.check {
        let _ = writeln!(
            text,
            "\n## Condition\n\nA finding is where this is true:\n\n```cel\n{}\n```",
            deny.source().trim()
        );
    }
    if !rule.faults.is_empty() {
        text.push_str("\n## Faults\n\n| asked for | of | found | as it should be |\n|---|---|---|---|\n");
        let shown = |fields| {
            Fault::lines(fields).iter().map(|line| cell(&format!("`{line}`"))).collect::<Vec<_>>().join("<br>")
        };
        for Fault { what, kind, bad, good } in &rule.faults {
            let _ = writeln!(text, "| {} | {kind} | {} | {} |", cell(what), shown(bad), shown(good));
        }
    }
    if let Some(examples) = &rule.examples {
        let shown = |example| serde_yaml::to_string(example).unwrap_or_default();
        let _ = writeln!(text, "\n## Examples\n\nFound:\n\n```yaml\n{}```", shown(&examples.bad));
        let _ = writeln!(text, "\nNot found:\n\n```yaml\n{}```", shown(&examples.good));
    }
    if !said.is_empty() {
        let _ = writeln!(text, "\n## What it says\n\n```text\n{}\n```", said.trim());
    }
    if !rule.references.is_empty() {
        text.push_str("\n## Further reading\n\n");
        text.extend(rule.references.iter().map(|link| format!("- <{link}>\n")));
    }
    text
}

fn how(rule: &Rule) -> &'static str {
    match rule.check {
        Check::Cel(_) => "condition",
        Check::Schema(_) => "JSON Schema",
        Check::Native(_) => "native check",
    }
}

fn fix(kind: FixKind) -> &'static str {
    match kind {
        FixKind::None => "none",
        FixKind::Safe => "safe",
        FixKind::Unsafe => "unsafe",
        FixKind::DisplayOnly => "shown only",
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
