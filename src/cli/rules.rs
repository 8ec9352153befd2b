//! `chartgate rules`: every built-in rule.

use serde::Serialize;

use super::args::List;
use super::exit;
use super::output::Output;
use crate::checks;
use crate::rule::registry::page;
use crate::rule::{FixKind, Rule, Target};
use crate::text::printable::Printable;

pub(super) fn run(format: List, output: &mut Output) -> u8 {
    let registry = checks::registry();
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
struct Wire<'a> {
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

fn wire(rule: &Rule) -> Wire<'_> {
    Wire {
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
