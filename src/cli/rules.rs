//! `chartgate rules`: every built-in rule on one line.

use super::exit;
use super::output::Output;
use crate::checks;
use crate::rule::Rule;

/// The folder of rule pages.
const PAGES: &str = "https://github.com/chartgate/chartgate/blob/main/docs/rules";

/// The page about a rule; a user's own rule has none.
pub(super) fn page(rule: &str) -> Option<String> {
    let mut names = crate::rule::registry::embedded().into_iter();
    names.any(|(name, _)| name.strip_suffix(".yaml") == Some(rule)).then(|| format!("{PAGES}/{rule}.md"))
}

pub(super) fn run(output: &mut Output) -> u8 {
    let registry = checks::registry();
    let width = registry.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let line = |rule: &Rule| format!("{:width$}  {:7}  {}\n", rule.id, level(rule), rule.summary);
    output.print(&registry.iter().map(line).collect::<String>());
    exit::PASS
}

/// The level that a rule has by default.
pub(super) fn level(rule: &Rule) -> String {
    rule.severity.map_or_else(|| "off".to_owned(), |severity| severity.to_string())
}
