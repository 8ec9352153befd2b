//! Makefiles, as far as they say which commands a target runs.

use std::collections::{BTreeMap, BTreeSet};

use super::Files;
use super::command::Mode;
use super::recipe::{Line, Recipe};
use crate::source::normal;

/// Names of a Makefile, in the order of GNU Make.
const NAMES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];
/// Ways to bring in another file, and whether it has to be there.
const INCLUDES: [(&str, bool); 3] = [("include ", true), ("-include ", false), ("sinclude ", false)];

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
    /// The targets with a `%`.
    patterns: Vec<&'t str>,
    /// The first target, which is meant where none is named.
    first: Option<&'t str>,
}

impl Rules<'_> {
    /// The rules of a target: its own, else those of the first pattern that it fits.
    fn of(&self, target: &str, spend: &dyn Fn(usize) -> bool) -> &[usize] {
        let fits = |pattern: &&&str| {
            let (before, behind) = pattern.split_once('%').unwrap_or((pattern, ""));
            target.strip_prefix(before).is_some_and(|rest| rest.ends_with(behind))
        };
        let by_pattern = || {
            let pattern = if spend(self.patterns.len()) { self.patterns.iter().find(fits) } else { None };
            self.of.get(*pattern?)
        };
        self.of.get(target).or_else(by_pattern).map(Vec::as_slice).unwrap_or_default()
    }
}

enum Visit<'t> {
    Target(&'t str),
    /// The commands of a rule whose needs are made.
    Commands(usize),
}

/// The commands that targets run which are made in a folder; those of the first target where none is named. None where there is no Makefile.
pub(super) fn recipe(files: &Files<'_>, folder: &str, file: Option<&str>, targets: &[String]) -> Option<Recipe> {
    let read = |name: &str| normal(folder, name).and_then(|path| files.text(&path));
    let text = match file {
        Some(name) => read(name)?,
        None => NAMES.iter().find_map(|name| read(name))?,
    };
    let (text, outside) = whole(text, read);
    let mut recipe = of_targets(&text, targets, &|steps| files.spend(steps));
    // A target that is not there may be in a file that is not, or is named by a variable.
    let may_judge = |name: &String| !name.contains('$') || names_chartgate(files);
    let outside = recipe.untold.and(outside).filter(may_judge);
    recipe.untold = outside.map(|name| format!("the Makefile that `include {name}` names"));
    Some(recipe)
}

/// Whether a Makefile of the repository names chartgate, be it included or not.
fn names_chartgate(files: &Files<'_>) -> bool {
    let is_makefile =
        |path: &String| path.ends_with(".mk") || path.rsplit('/').next().is_some_and(|name| name.contains("akefile"));
    files
        .below("")
        .iter()
        .filter(|path| is_makefile(path))
        .any(|path| files.text(path).is_some_and(|text| text.contains("chartgate")))
}

/// A Makefile with those that it includes, and one of them that is not in the repository.
fn whole(text: String, read: impl Fn(&str) -> Option<String>) -> (String, Option<String>) {
    let (mut whole, mut outside) = (String::new(), None);
    let mut known = BTreeSet::new();
    let mut open = vec![text];
    while let Some(text) = open.pop() {
        let included = text.lines().filter_map(|line| {
            INCLUDES
                .iter()
                .find_map(|(word, is_needed)| Some((line.trim_start_matches(' ').strip_prefix(word)?, *is_needed)))
        });
        for (name, is_needed) in
            included.flat_map(|(names, is_needed)| names.split_whitespace().map(move |name| (name, is_needed)))
        {
            if !known.insert(name.to_owned()) {
                continue;
            }
            match read(name) {
                Some(text) => open.push(text),
                None if is_needed || name.contains('$') => outside = outside.or_else(|| Some(name.to_owned())),
                None => {}
            }
        }
        whole.push_str(&text);
        whole.push('\n');
    }
    (whole, outside)
}

/// The commands that targets run, behind those of what they need. Each rule is followed once.
fn of_targets(makefile: &str, targets: &[String], spend: &dyn Fn(usize) -> bool) -> Recipe {
    let text = makefile.replace("\\\r\n", " ").replace("\\\n", " ");
    let rules = rules(&text);
    let goal = setting(&text, ".DEFAULT_GOAL").next().map(str::trim).or(rules.first);
    let targets: Vec<&str> = match targets {
        [] => goal.into_iter().collect(),
        targets => targets.iter().map(String::as_str).collect(),
    };
    let is_missing = |target: &&&str| rules.of(target, spend).is_empty();
    let missing = targets.iter().find(is_missing).map(|target| (*target).to_owned());
    let mut lines = vec![];
    let mut known = BTreeSet::new();
    let mut open: Vec<Visit<'_>> = targets.into_iter().rev().map(Visit::Target).collect();
    while let Some(visit) = open.pop() {
        match visit {
            Visit::Commands(rule) => {
                lines.extend(rules.all[rule].commands.iter().map(|command| Line::marked(&as_shell(command))));
            }
            Visit::Target(target) => {
                let own: Vec<usize> =
                    rules.of(target, spend).iter().copied().filter(|rule| known.insert(*rule)).collect();
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
    let flags = setting(&text, "SHELL").chain(setting(&text, ".SHELLFLAGS"));
    let mode = flags.fold(Mode::default(), |mode, flags| mode.with(flags.split_whitespace()));
    if rules.of.contains_key(".ONESHELL") {
        let joined = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
        lines = vec![Line::plain(joined)];
    }
    Recipe { lines, mode, untold: missing }
}

/// What a variable of a Makefile is set to.
fn setting<'t>(text: &'t str, name: &'static str) -> impl Iterator<Item = &'t str> {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.filter(move |(known, _)| known.trim_end_matches([':', '?', ' ', '+']).trim() == name).map(|(_, value)| value)
}

/// A command as make gives it to a shell: `$$` is a `$` of the shell, `$(NAME)` is a variable and no command.
fn as_shell(command: &str) -> String {
    let mut out = String::with_capacity(command.len());
    let mut rest = command;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            rest = behind;
        } else if let Some(behind) = rest.strip_prefix('(') {
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
            let (name, behind) = behind.split_at(behind.find(|letter| !is_part(letter)).unwrap_or(behind.len()));
            if let Some(behind) = behind.strip_prefix(')').filter(|_| !name.is_empty()) {
                out.extend(["{", &name.replace(['-', '.'], "_"), "}"]);
                rest = behind;
            }
        }
    }
    out + rest
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
                if target.contains('%') {
                    rules.patterns.push(target);
                }
                if rules.first.is_none() && !target.starts_with('.') && !target.contains(['%', '$']) {
                    rules.first = Some(target);
                }
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
        let targets: Vec<String> = target.split_whitespace().map(str::to_owned).collect();
        of_targets(makefile, &targets, &|_| true).lines.into_iter().map(|line| line.text + "\n").collect()
    }

    #[test]
    fn a_recipe_has_those_of_what_it_needs_before_it() {
        let makefile = "CHART := web\n\ncheck:\n\tchartgate check\n\npush: check package\n\t@helm push x oci://r\n\npackage:\n\thelm package .\n";
        assert_eq!(lines(makefile, "push"), "chartgate check\nhelm package .\nhelm push x oci://r\n");
        assert_eq!(lines(makefile, "none"), "");
        assert_eq!(lines(makefile, "package check"), "helm package .\nchartgate check\n");
        assert_eq!(lines(makefile, ""), "chartgate check\n");
        assert_eq!(lines("push-%: check\n\thelm push $*\ncheck:\n\ta\n", "push-web"), "a\nhelm push $*\n");
        assert_eq!(lines(&format!(".DEFAULT_GOAL := package\n{makefile}"), ""), "helm package .\n");
    }

    #[test]
    fn variables_of_make_are_variables_and_no_commands() {
        for (command, shell) in [
            ("$(HELM) push $(CHART)-$$V.tgz", "${HELM} push ${CHART}-$V.tgz"),
            ("$(helm-bin) push $@ $(shell ls) $$(ls) $", "${helm_bin} push $@ $(shell ls) $(ls) $"),
        ] {
            assert_eq!(as_shell(command), shell);
        }
    }

    #[test]
    fn what_is_included_belongs_to_it() {
        let read = |name: &str| (name == "b.mk").then(|| "b:\n\ty\ninclude a.mk b.mk\n".to_owned());
        let (text, outside) = whole("a: b\n\tx\ninclude b.mk\n-include c.mk\n".to_owned(), read);
        assert_eq!((lines(&text, "a"), outside.as_deref()), ("y\nx\n".to_owned(), Some("a.mk")));
    }

    #[test]
    fn each_target_is_made_once() {
        assert_eq!(lines("a: a b\n\tx\nb: a\n\ty\n", "a"), "y\nx\n");
        let names = |letter: char| format!("{letter} ").repeat(1000);
        assert_eq!(lines(&format!("a: {}\n\tx\nb: {}\n\ty\n", names('b'), names('a')), "a"), "y\nx\n");
    }
}
