//! Makefiles, as far as they say which commands a target runs.

use std::collections::{BTreeMap, BTreeSet};

use super::command::Mode;
use super::recipe::{Line, Recipe};

/// Names of a Makefile, in the order of GNU Make.
pub(super) const NAMES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];

/// A rule of a Makefile; several targets may share it.
#[derive(Debug, Default)]
struct Rule<'t> {
    needs: Vec<&'t str>,
    commands: Vec<&'t str>,
}

#[derive(Debug, Default)]
struct Rules<'t> {
    all: Vec<Rule<'t>>,
    /// The rules of each target.
    of: BTreeMap<&'t str, Vec<usize>>,
}

enum Visit<'t> {
    Target(&'t str),
    /// The commands of a rule whose needs are made.
    Commands(usize),
}

/// The commands that a target runs, behind those of what it needs. Each rule is followed once.
pub(super) fn recipe(makefile: &str, target: &str) -> Recipe {
    let text = makefile.replace("\\\r\n", " ").replace("\\\n", " ");
    let rules = rules(&text);
    let mut lines = vec![];
    let mut known = BTreeSet::new();
    let mut open = vec![Visit::Target(target)];
    while let Some(visit) = open.pop() {
        match visit {
            Visit::Commands(rule) => {
                // `$$` is a `$` of the shell.
                lines.extend(rules.all[rule].commands.iter().map(|command| Line::marked(&command.replace("$$", "$"))));
            }
            Visit::Target(target) => {
                let own = rules.of.get(target).into_iter().flatten().copied().filter(|rule| known.insert(*rule));
                let own: Vec<usize> = own.collect();
                open.extend(own.iter().rev().map(|rule| Visit::Commands(*rule)));
                let needs = own.iter().flat_map(|rule| &rules.all[*rule].needs);
                open.extend(needs.rev().map(|needed| Visit::Target(needed)));
            }
        }
    }
    // `.IGNORE` of nothing is of all.
    if rules.of.get(".IGNORE").is_some_and(|own| own.iter().all(|rule| rules.all[*rule].needs.is_empty())) {
        for line in &mut lines {
            line.may_fail = true;
        }
    }
    let set = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| matches!(name.trim_end_matches([':', '?', ' ', '+']).trim(), "SHELL" | ".SHELLFLAGS"));
    let mode = set.fold(Mode::default(), |mode, (_, flags)| mode.with(flags.split_whitespace()));
    if rules.of.contains_key(".ONESHELL") {
        let joined = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
        lines = vec![Line::plain(joined)];
    }
    Recipe { lines, mode }
}

fn rules(makefile: &str) -> Rules<'_> {
    let mut rules = Rules::default();
    let mut is_in_rule = false;
    for line in makefile.lines() {
        if let Some(command) = line.strip_prefix('\t') {
            if let Some(rule) = rules.all.last_mut().filter(|_| is_in_rule) {
                rule.commands.push(command);
            }
        } else if let Some((targets, needs)) = rule(line) {
            is_in_rule = true;
            for target in targets.split_whitespace() {
                rules.of.entry(target).or_default().push(rules.all.len());
            }
            let needs = needs.split_whitespace().filter(|needed| *needed != "|").collect();
            rules.all.push(Rule { needs, commands: vec![] });
        } else {
            is_in_rule &= line.trim().is_empty() || line.starts_with('#');
        }
    }
    rules
}

/// The two sides of `targets: needs`; none of a line that says something else.
fn rule(line: &str) -> Option<(&str, &str)> {
    line.split_once(':').filter(|(names, rest)| !names.contains('=') && !rest.starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(makefile: &str, target: &str) -> String {
        recipe(makefile, target).lines.into_iter().map(|line| line.text + "\n").collect()
    }

    #[test]
    fn a_recipe_has_those_of_what_it_needs_before_it() {
        let makefile = "CHART := web\n\ncheck:\n\tchartgate check\n\npush: check package\n\t@helm push x oci://r\n\npackage:\n\thelm package .\n";
        assert_eq!(lines(makefile, "push"), "chartgate check\nhelm package .\nhelm push x oci://r\n");
        assert_eq!(lines(makefile, "none"), "");
    }

    #[test]
    fn each_target_is_made_once() {
        assert_eq!(lines("a: a b\n\tx\nb: a\n\ty\n", "a"), "y\nx\n");
        let names = |letter: char| format!("{letter} ").repeat(1000);
        assert_eq!(lines(&format!("a: {}\n\tx\nb: {}\n\ty\n", names('b'), names('a')), "a"), "y\nx\n");
    }
}
