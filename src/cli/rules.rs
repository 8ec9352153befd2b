//! `chartgate rules`: every rule; `chartgate rules test`: the examples in rule files, judged by the rules.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::args::{Color, List};
use super::environment::Environment;
use super::exit;
use super::output::Output;
use super::refusal::refused;
use crate::checks;
use crate::rule::registry::page;
use crate::rule::{FixKind, Registry, Rule, Target};
use crate::text::Sources;
use crate::text::printable::Printable;

mod own;

/// chartgate's rules and those of the user that a check from the working directory finds; says what is wrong with the latter.
pub(super) fn registry(environment: &Environment, output: &mut Output) -> Option<Registry> {
    let sources = Sources::new();
    match environment.session(true).rules(&sources) {
        Ok(registry) => Some(registry),
        Err(error) => {
            refused(&error, &sources, environment.look(Color::Never, false), output);
            None
        }
    }
}

/// Judges the examples in the rule files of a folder.
pub(super) fn test(folder: Option<&Path>, output: &mut Output) -> u8 {
    let folder = folder.unwrap_or(Path::new(own::FOLDER));
    let mut registry = checks::registry();
    let ids = match own::add(folder, &mut registry) {
        Ok(ids) if ids.is_empty() => {
            output.refuse(format!("there is no rule file in `{}`", folder.display()));
            return exit::USAGE;
        }
        Ok(ids) => ids,
        Err(wrong) => {
            for line in wrong {
                output.refuse(line);
            }
            return exit::USAGE;
        }
    };
    let (mut lines, mut is_right) = (String::new(), true);
    for rule in ids.iter().filter_map(|id| registry.get(id)) {
        match own::examined(rule) {
            Ok(()) => _ = writeln!(lines, "{}: as it says", rule.id),
            Err(wrong) => {
                is_right = false;
                lines.extend(wrong.iter().map(|line| format!("{}: {line}\n", rule.id)));
            }
        }
    }
    output.print(&Printable::lines(lines));
    if is_right { exit::PASS } else { exit::FAIL }
}

pub(super) fn run(format: List, environment: &Environment, output: &mut Output) -> u8 {
    let Some(registry) = registry(environment, output) else { return exit::USAGE };
    let width = registry.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let line = |rule: &Rule| Printable::line(format!("{:width$}  {:7}  {}", rule.id, level(rule), rule.summary));
    output.print(&match format {
        List::Human => registry.iter().map(line).collect(),
        List::Json => Printable::json(&registry.iter().map(wire).collect::<Vec<_>>()),
    });
    exit::PASS
}

/// The wire form of `--format json`.
#[derive(Serialize)]
struct RuleWire<'a> {
    id: &'a str,
    summary: &'a str,
    level: String,
    category: &'a str,
    target: Target,
    since: &'a str,
    aliases: &'a [String],
    /// Whether a fix is offered.
    fixable: bool,
    params: Vec<&'a str>,
    help: &'a str,
    page: Option<String>,
}

fn wire(rule: &Rule) -> RuleWire<'_> {
    RuleWire {
        id: &rule.id,
        summary: &rule.summary,
        level: level(rule),
        category: &rule.category,
        target: rule.target,
        since: &rule.since,
        aliases: &rule.aliases,
        fixable: !matches!(rule.fix, FixKind::None),
        params: rule.params.keys().map(String::as_str).collect(),
        help: rule.remedy.trim_end(),
        page: page(&rule.id),
    }
}

/// The level that a rule has by default.
pub(super) fn level(rule: &Rule) -> String {
    rule.severity.map_or_else(|| "off".to_owned(), |severity| severity.to_string())
}
