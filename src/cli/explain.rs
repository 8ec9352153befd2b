//! `chartgate explain RULE`: why a rule exists, what to do, and what can be set; of a set of rules, what each is about.

use std::fmt::Write as _;

use super::environment::Environment;
use super::exit;
use super::output::Output;
use super::rules::level;
use crate::config::RuleNames;
use crate::rule::registry::page;
use crate::rule::{Examples, Fault, ParamSpec, Rule};
use crate::text::printable::Printable;

pub(super) fn run(name: &str, environment: &Environment, output: &mut Output) -> u8 {
    let Some(registry) = super::rules::registry(environment, output) else { return exit::USAGE };
    let Some(rule) = registry.get(name) else {
        let names: RuleNames = registry.iter().collect();
        let set = names.all(name);
        if set.is_empty() {
            output.refuse(format!("there is no rule `{name}`; {}", names.help(name)));
            return exit::USAGE;
        }
        let line = |id: &&str| registry.get(id).map(|rule| format!("{}: {}\n", rule.id, rule.summary));
        output.print(&Printable::lines(set.iter().filter_map(line).collect::<String>()));
        return exit::PASS;
    };
    output.print(&Printable::lines(text(rule)));
    exit::PASS
}

fn text(rule: &Rule) -> String {
    let mut text = format!("{}: {}\n\n{}\n", rule.id, rule.summary, rule.why.trim_end());
    let _ = writeln!(text, "\nWhat to do: {}", rule.remedy.trim_end());
    let _ = writeln!(text, "\nLevel: {}. Category: {}. Since: {}.", level(rule), rule.category, rule.since);
    if !rule.params.is_empty() {
        text.push_str("\nParameters:\n");
        text.extend(rule.params.iter().map(|(name, spec)| parameter(name, spec)));
    }
    if !rule.faults.is_empty() {
        text.push_str("\nWhat it finds, and how it should be:\n");
        text.extend(rule.faults.iter().map(fault));
    }
    if let Some(Examples { bad, good }) = &rule.examples {
        text.push_str("\nFound:\n");
        text.push_str(&example(bad));
        text.push_str("\nNot found:\n");
        text.push_str(&example(good));
    }
    let further: Vec<String> = rule.references.iter().cloned().chain(page(&rule.id)).collect();
    text.push_str(if further.is_empty() { "" } else { "\nFurther reading:\n" });
    text.extend(further.into_iter().map(|link| format!("  {link}\n")));
    text
}

fn parameter(name: &str, spec: &ParamSpec) -> String {
    let kind = serde_json::to_value(spec.kind).ok();
    let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default();
    let choices = if spec.choices.is_empty() { String::new() } else { format!(" One of {}.", spec.choices.join(", ")) };
    format!("  {name} ({kind}, default {}): {}{choices}\n", spec.default, spec.help)
}

fn fault(Fault { what, kind, bad, good }: &Fault) -> String {
    let of =
        |mark: &'static str, fields| Fault::lines(fields).into_iter().map(move |line| format!("    {mark} {line}\n"));
    std::iter::once(format!("  {what} ({kind})\n")).chain(of("-", bad)).chain(of("+", good)).collect()
}

fn example(example: &serde_json::Map<String, serde_json::Value>) -> String {
    let yaml = serde_yaml::to_string(example).unwrap_or_default();
    yaml.lines().flat_map(|line| ["  ", line, "\n"]).collect()
}
