//! The page on what other tools check: their lists of checks, and the rules that say by `peers` which of them they stand for.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use indexmap::IndexMap;

use super::cell;
use crate::rule::Registry;

/// A tool with its checks.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    /// The name that rule files use.
    id: String,
    /// The name that people use.
    name: String,
    version: String,
    /// What has to be known to read the table.
    note: Option<String>,
    checks: IndexMap<String, Check>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    what: String,
    /// Why there is no rule.
    without: Option<String>,
}

/// The page, as Markdown, of the list of tools in YAML.
///
/// # Errors
/// Each check that has neither a rule nor a reason, or both; each that a rule names and the list does not.
pub fn page(registry: &Registry, list: &str) -> Result<String, Vec<String>> {
    let tools: Vec<Tool> = serde_yaml::from_str(list).map_err(|error| vec![error.to_string()])?;
    let mut faults = unlisted(registry, &tools);
    let mut text = "# What other tools check\n\nEach check of these tools, and the rules that stand for it. `chartgate check --select TOOL` runs the rules \
                    of a tool, `extends: [TOOL]` in the configuration turns them on. This page is made from `peers.yaml` and the rule files.\n"
        .to_owned();
    for Tool { id, name, version, note, checks } in &tools {
        let note = note.as_ref().map(|note| format!("{note}\n\n")).unwrap_or_default();
        let _ = writeln!(
            text,
            "\n## {name}\n\n`{id}`, as of {version}.\n\n{note}| check | what has to be so | rules |\n|---|---|---|"
        );
        for (check, Check { what, without }) in checks {
            let rules: Vec<String> = standing_for(registry, id, check);
            let here = match without {
                Some(reason) if rules.is_empty() => format!("none: {}", cell(reason)),
                None if !rules.is_empty() => rules.join(", "),
                _ => {
                    faults.push(format!(
                        "`{check}` of `{id}` wants a rule that names it in `peers`, or a reason in `without`"
                    ));
                    continue;
                }
            };
            let _ = writeln!(text, "| `{check}` | {} | {here} |", cell(what));
        }
    }
    if faults.is_empty() { Ok(text) } else { Err(faults) }
}

fn standing_for(registry: &Registry, tool: &str, check: &str) -> Vec<String> {
    let names = |peers: &IndexMap<String, Vec<String>>| {
        peers.get(tool).is_some_and(|checks| checks.iter().any(|named| named == check))
    };
    let rules = registry.iter().filter(|rule| names(&rule.peers));
    rules.map(|rule| format!("[`{id}`](rules/{id}.md)", id = rule.id)).collect()
}

fn unlisted(registry: &Registry, tools: &[Tool]) -> Vec<String> {
    let listed = tools.iter().flat_map(|tool| tool.checks.keys().map(|check| (tool.id.as_str(), check.as_str())));
    let listed: BTreeSet<_> = listed.collect();
    let named = registry.iter().flat_map(|rule| {
        rule.peers
            .iter()
            .flat_map(|(tool, checks)| checks.iter().map(|check| (rule.id.as_str(), tool.as_str(), check.as_str())))
    });
    let strange = named.filter(|(_, tool, check)| !listed.contains(&(*tool, *check)));
    strange
        .map(|(rule, tool, check)| format!("`{rule}` stands for `{check}` of `{tool}`, which is not listed"))
        .collect()
}
