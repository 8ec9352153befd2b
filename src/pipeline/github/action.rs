//! Actions that steps of GitHub use: those that push, the one that judges, and those of the repository.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::super::command::Mode;
use super::super::expression::is_open;
use super::super::judged::{Judged, Void};
use super::super::script::{Deeds, Setting};
use super::super::{Files, Job, Jobs, Push, needs, script, text};
use super::matrix::Matrix;
use super::of_step;
use crate::yaml::Node;

/// Actions that push charts, by the names of their repositories: many are copied from owner to owner.
const PUSHING: [&str; 6] = [
    "chart-releaser-action",
    "helm-gh-pages",
    "helm-gh-pages-action",
    "helm-oci-chart-releaser",
    "helm-oci-charts-releaser",
    "helm-push",
];
/// The action that judges.
const JUDGING: &str = "chartgate/chartgate";
/// What the action of the repository runs that judges, where it is chartgate's own.
const OWN: &str = "scripts/action/check.sh";
/// What actions of the repository do, by their folders, each read once.
#[derive(Debug, Default)]
pub(in super::super) struct Actions {
    known: RefCell<BTreeMap<String, Deeds>>,
    /// The folders of chartgate's own.
    own: RefCell<BTreeSet<String>>,
}

/// Actions that run a script that they are given, by the names of their repositories, each with the input that it stands in.
const RUNNING: [(&str, &str); 3] = [("docker-run-action", "run"), ("retry", "command"), ("wretry.action", "command")];

/// A script that an action is given.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// Where it is written.
    pub node: Node,
    /// The script.
    pub text: String,
    /// What its shell does with a failure.
    pub mode: Mode,
    /// Whether its failure is passed over.
    pub may_fail: bool,
}

/// The script that a step gives an action to run.
pub(super) fn script(step: &Node, uses: &Node) -> Option<Given> {
    let name = uses.scalar_text()?.split('@').next()?.to_lowercase();
    let with = step.get("with");
    let given = |key: &str| with.and_then(|with| text(with, key));
    if name == "pre-commit/action" {
        let text = format!("pre-commit run {}", given("extra_args").unwrap_or("--all-files"));
        return Some(Given { node: step.clone(), text, mode: Mode::STOPPING, may_fail: false });
    }
    let repository = name.split('/').nth(1)?;
    let (_, input) = RUNNING.iter().find(|(known, _)| *known == repository)?;
    let node = with?.get(input)?;
    let shell = given("shell").unwrap_or_default();
    let may_fail = given("continue_on_error") == Some("true");
    let mode = Mode::default().with(shell.split_whitespace());
    Some(Given { text: node.scalar_text()?.to_owned(), node: node.clone(), mode, may_fail })
}

/// What a step does that uses an action.
pub(super) fn of_action(files: &Files<'_>, step: &Node, uses: &Node) -> (Vec<Push>, Judged) {
    let written = uses.scalar_text().unwrap_or_default();
    let push = |what: &str, judged| Push { what: what.to_owned(), at: uses.location, judged };
    if let Some(path) = written.strip_prefix("./") {
        let path = path.trim_end_matches('/');
        let Deeds { pushes, mut end, .. } = deeds(files, path);
        if files.actions.own.borrow().contains(path) {
            end = of_inputs(step.get("with"));
        }
        return (pushes.map(|judged| push(written, judged)).into_iter().collect(), end);
    }
    let name = written.split('@').next().unwrap_or_default().to_lowercase();
    if name == JUDGING {
        return (vec![], of_inputs(step.get("with")));
    }
    // What others do with it is not known, but that some only put it there.
    if name.contains("chartgate") && !name.contains("setup") && !name.contains("install") {
        return (vec![], Judged::Untold(format!("the action `{name}`")));
    }
    let is_pushing = name.split('/').nth(1).is_some_and(|repository| PUSHING.contains(&repository));
    let pushes = if is_pushing { vec![push(&name, Judged::default())] } else { vec![] };
    (pushes, Judged::default())
}

/// What chartgate's own action judges with these inputs.
fn of_inputs(with: Option<&Node>) -> Judged {
    let given = |key: &str| with.and_then(|with| text(with, key)).filter(|value| !value.trim().is_empty());
    let untold = |key: &str| Judged::Untold(format!("the value of `{key}`"));
    let open = ["setup-only", "fail-on"].into_iter().find(|key| given(key).is_some_and(is_open));
    if let Some(key) = open {
        untold(key)
    } else if given("setup-only") == Some("true") {
        Judged::default()
    } else if given("fail-on") == Some("never") {
        Judged::Never(Some(Void::Lenient))
    } else if given("select").is_some() {
        Judged::Never(Some(Void::Partial))
    } else {
        ["ignore", "profile"].into_iter().find(|key| given(key).is_some()).map_or(Judged::Before, untold)
    }
}

/// What an action of the repository does, and what those do that it uses. What uses itself does nothing more by that.
fn deeds(files: &Files<'_>, path: &str) -> Deeds {
    if let Some(known) = files.actions.known.borrow().get(path) {
        return known.clone();
    }
    let Some(_level) = files.enter() else { return Deeds::default() };
    files.actions.known.borrow_mut().insert(path.to_owned(), Deeds::default());
    let found = read(files, path);
    files.actions.known.borrow_mut().insert(path.to_owned(), found.clone());
    found
}

fn read(files: &Files<'_>, path: &str) -> Deeds {
    let names = ["action.yml", "action.yaml"];
    let Some(action) = names.iter().find_map(|name| files.yaml(&crate::source::join(path, name))) else {
        return Deeds::default();
    };
    let runs = |key: &str| action.get("runs").and_then(|runs| text(runs, key));
    // What is not made of steps is a program, whose text is there at best.
    if runs("using").is_some_and(|using| using != "composite") {
        let program = ["main", "entrypoint", "image"].into_iter().find_map(runs).unwrap_or_default();
        let program = files.text(&crate::source::join(path, program));
        return program.map(|program| script::foreign(&program, path)).unwrap_or_default();
    }
    let steps = action.get("runs").and_then(|runs| runs.get("steps")).and_then(Node::as_seq).unwrap_or_default();
    let is_own = || steps.iter().any(|step| text(step, "run").is_some_and(|run| run.contains(OWN)));
    if text(&action, "name").is_some_and(|name| name.eq_ignore_ascii_case("chartgate")) && is_own() {
        files.actions.own.borrow_mut().insert(path.to_owned());
        return Deeds::new(None, Judged::Before);
    }
    let setting = Setting { home: Some(path.to_owned()), ..Setting::default() };
    let steps = steps.iter().map(|step| of_step(files, step, &setting, None, &Matrix::default()));
    let job = Job { steps: steps.collect(), ..Job::default() };
    let mut found = Deeds::new(None, needs::of_job(&job, &Job::default()));
    for (index, step) in job.steps.iter().enumerate() {
        for push in &step.pushes {
            found.push(needs::judged(files, &Jobs::new(), &job, index, &push.judged));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_rule_names_each_action() {
        let page = include_str!("../../../rules/publish-not-gated.yaml");
        for name in PUSHING.iter().chain([&JUDGING]).chain(RUNNING.iter().map(|(name, _)| name)) {
            assert!(page.contains(&format!("`{name}`")), "rules/publish-not-gated.yaml does not name `{name}`");
        }
    }
}
