//! Workflows of GitHub Actions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::command::Mode;
use super::expression::is_open;
use super::judged::{Judged, Void, cut};
use super::script::{Deeds, Setting};
use super::{Files, Job, Jobs, Kind, Notice, Push, Step, gated, needs, permissions, pushes, script, text, texts};
use crate::text::Location;
use crate::yaml::{Entry, Mapping, Node};

mod action;
mod condition;
mod event;
mod matrix;
mod value;

pub(super) use action::Actions;
use action::of_action;
use event::Event;
use matrix::Matrix;
use value::Truth;

/// Workflows that call workflows; GitHub runs no more.
const DEEPEST: usize = 10;
const FOLDER: &str = ".github/workflows";

/// A workflow.
struct Workflow {
    path: String,
    root: Node,
    jobs: Jobs,
    /// What starts it, each with what is said of it.
    triggers: Vec<(String, Option<Node>)>,
}

/// What is so of the workflows of a repository.
pub(super) fn notices(files: &Files<'_>) -> Vec<Notice> {
    let read = |path: String| files.yaml(&path).map(|root| (path, root));
    let roots: BTreeMap<String, Node> = files.within(FOLDER).into_iter().filter_map(read).collect();
    let mut all: Vec<Workflow> = roots.iter().map(|(path, root)| workflow(files, path, root)).collect();
    // What a workflow does that calls another is known once it is known of that one.
    let mut known = BTreeMap::new();
    for _ in 0..DEEPEST {
        let found = called(files, &all);
        if found == known {
            break;
        }
        for Workflow { root, jobs, .. } in &mut all {
            for (name, entry) in nodes(root) {
                if let Some((job, uses)) = jobs.get_mut(&*name).zip(entry.value.get("uses")) {
                    call(job, uses, &found, files);
                }
            }
        }
        known = found;
    }
    let used: BTreeSet<String> = all.iter().flat_map(uses).map(str::to_owned).collect();
    all.iter().flat_map(|workflow| of_workflow(files, workflow, &all, &used)).collect()
}

fn workflow(files: &Files<'_>, path: &str, root: &Node) -> Workflow {
    let folder = run_default(root, "working-directory").unwrap_or_default().to_owned();
    let own = Setting { folder, ..Setting::default() }.with(files, root.get("env"));
    let shell = run_default(root, "shell");
    let job = |(name, entry): (Cow<'_, str>, &Entry)| (name.to_string(), job(files, &name, &entry.value, &own, shell));
    let jobs = nodes(root).into_iter().map(job);
    Workflow { path: path.to_owned(), root: root.clone(), jobs: jobs.collect(), triggers: triggers(root) }
}

/// The jobs as they are written, by name.
fn nodes(root: &Node) -> Vec<(Cow<'_, str>, &Entry)> {
    root.get("jobs").and_then(Node::as_map).map(|jobs| jobs.effective()).unwrap_or_default()
}

/// `on`, which YAML 1.1 takes for a boolean.
fn triggers(root: &Node) -> Vec<(String, Option<Node>)> {
    let entries = root.as_map().map(Mapping::entries).unwrap_or_default();
    let Some(on) = entries.iter().find(|entry| entry.key.scalar_text() == Some("on")) else { return vec![] };
    match on.value.as_map() {
        Some(map) => {
            map.effective().into_iter().map(|(name, entry)| (name.to_string(), Some(entry.value.clone()))).collect()
        }
        None => texts(Some(&on.value)).into_iter().map(|name| (name, None)).collect(),
    }
}

/// What `defaults.run` says of scripts.
fn run_default<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    text(node.get("defaults")?.get("run")?, key)
}

fn job(files: &Files<'_>, name: &str, node: &Node, own: &Setting, shell: Option<&str>) -> Job {
    let mut setting = own.with(files, node.get("env"));
    if let Some(below) = run_default(node, "working-directory") {
        below.clone_into(&mut setting.folder);
    }
    let is_windows = texts(node.get("runs-on")).iter().any(|label| label.starts_with("windows"));
    let shell = run_default(node, "shell").or(shell).or_else(|| is_windows.then_some("pwsh"));
    let matrix = Matrix::of(files, node);
    let mut steps = vec![];
    for step in node.items("steps") {
        let own = of_step(files, step, &setting, shell, &matrix);
        steps.push(Step { end: sure(node, own.end), ..own });
        // What a step writes there counts for those behind it.
        if let Some(run) = text(step, "run").filter(|run| run.contains("GITHUB_ENV")) {
            setting.variables.retain(|name, _| !files.scan(run) || !run.contains(&format!("{name}=")));
        }
    }
    Job {
        name: name.to_owned(),
        steps,
        needs: texts(node.get("needs")),
        condition: text(node, "if").map(str::to_owned),
        may_fail: may_fail(node),
        ..Job::default()
    }
}

/// Whether a failure may be passed over; an expression tells that only when it is run.
fn may_fail(node: &Node) -> bool {
    node.get("continue-on-error").and_then(Node::as_bool) == Some(true)
}

/// Whether a shell has blocks of its own form.
fn is_other(shell: Option<&str>) -> bool {
    shell.is_some_and(|shell| shell.starts_with("pwsh") || shell.starts_with("powershell"))
}

/// The language of a script that is none of a shell.
fn language(shell: Option<&str>) -> Option<&str> {
    let program = shell?.split_whitespace().next()?;
    ["python", "node", "perl", "ruby"].iter().any(|name| program.starts_with(name)).then_some(program)
}

/// What a judgement comes to in a script whose blocks are not followed.
fn unread(judged: Judged) -> Judged {
    if judged == Judged::Before { Judged::Untold("a script of PowerShell".to_owned()) } else { judged }
}

/// What a judgement comes to where an expression says whether its failure is passed over.
fn sure(node: &Node, end: Judged) -> Judged {
    let is_unsure = text(node, "continue-on-error").is_some_and(is_open);
    if is_unsure && end == Judged::Before { Judged::Untold("`continue-on-error`".to_owned()) } else { end }
}

/// What a failure does in a shell of GitHub.
fn mode(shell: Option<&str>) -> Mode {
    match shell {
        None | Some("sh") => Mode::STOPPING,
        Some("bash") => Mode::STRICT,
        Some(shell) => Mode::default().with(shell.split_whitespace()),
    }
}

fn of_step(files: &Files<'_>, node: &Node, setting: &Setting, shell: Option<&str>, matrix: &Matrix) -> Step {
    let mut setting = setting.with(files, node.get("env"));
    if let Some(folder) = text(node, "working-directory") {
        folder.clone_into(&mut setting.folder);
    }
    let run = node.get("run").and_then(|run| Some((run, run.scalar_text()?)));
    let shell = text(node, "shell").or(shell);
    let (pushes, end) = match (run, node.get("uses")) {
        (Some((run, text)), _) if language(shell).is_some() => {
            let Deeds { pushes, end, .. } = script::foreign(text, language(shell).unwrap_or_default());
            let push = |judged| Push { what: "helm push".to_owned(), at: run.location, judged };
            (pushes.map(push).into_iter().collect(), end)
        }
        (Some((run, text)), _) => of_scripts(files, &matrix.scripts(files, run, text), &setting, mode(shell)),
        (None, Some(uses)) if action::script(node, uses).is_some() => {
            action::script(node, uses).map(|given| of_given(files, &given, &setting, matrix)).unwrap_or_default()
        }
        (None, Some(uses)) => match uses.scalar_text().and_then(|uses| uses.strip_prefix("docker://")) {
            Some(image) => script::acts(files, [(node, in_image(image, node).as_str())], &setting, Mode::STOPPING),
            None => of_action(files, node, uses),
        },
        (None, None) => (vec![], Judged::default()),
    };
    let (pushes, end) = match run {
        Some((_, run)) if is_other(shell) && run.contains('{') => {
            let pushes = pushes.into_iter().map(|push| Push { judged: unread(push.judged), ..push });
            (pushes.collect(), unread(end))
        }
        _ => (pushes, end),
    };
    let named = |key: &str| text(node, key).map(str::to_owned);
    Step { id: named("id"), pushes, end: sure(node, end), condition: named("if"), may_fail: may_fail(node) }
}

/// What a step does that runs one script or the other.
fn of_scripts(files: &Files<'_>, scripts: &[(Node, String)], setting: &Setting, mode: Mode) -> (Vec<Push>, Judged) {
    let mut found: Option<(Vec<Push>, Judged)> = None;
    for (node, text) in scripts {
        let (pushes, end) = script::acts(files, [(node, text.as_str())], setting, mode);
        found = Some(match found {
            None => (pushes, end),
            Some((mut known, least)) => {
                let is_new = |push: &Push| !known.contains(push);
                let new: Vec<Push> = pushes.into_iter().filter(|push| is_new(push)).collect();
                known.extend(new);
                (known, least.least(end))
            }
        });
    }
    found.unwrap_or_default()
}

/// What a step does whose action runs a script that it is given.
fn of_given(files: &Files<'_>, given: &action::Given, setting: &Setting, matrix: &Matrix) -> (Vec<Push>, Judged) {
    let scripts = matrix.scripts(files, &given.node, &given.text);
    let (pushes, end) = of_scripts(files, &scripts, setting, given.mode);
    (pushes, if given.may_fail { end.void(Void::MayFail) } else { end })
}

/// The command that a step has an image run.
fn in_image(image: &str, step: &Node) -> String {
    let given = |key: &str| step.get("with").and_then(|with| text(with, key)).unwrap_or_default();
    format!("docker run {image} {} {}", given("entrypoint"), given("args"))
}

/// What workflows do for those that call them.
fn called(files: &Files<'_>, all: &[Workflow]) -> BTreeMap<String, Deeds> {
    let of = |workflow: &Workflow| {
        let mut deeds = Deeds::new(None, outcome(files, workflow));
        for (.., judged) in pushes(files, &workflow.jobs) {
            deeds.push(judged);
        }
        (workflow.path.clone(), deeds)
    };
    all.iter().map(of).collect()
}

/// What is so for whoever waits for a workflow to succeed. A job that is left out fails nothing, unless the others are left out with it.
fn outcome(files: &Files<'_>, workflow: &Workflow) -> Judged {
    let is_alone = |job: &Job| {
        let goes_with = |other: &Job| other.needs.contains(&job.name) && other.condition.is_none();
        files.spend(workflow.jobs.len())
            && workflow.jobs.values().all(|other| other.name == job.name || goes_with(other))
    };
    let of_job = |job: &Job| {
        let judged = needs::of_job(job, &Job::default());
        match needs::conditions(files, &workflow.jobs, job) {
            Some(condition) if judged == Judged::Before && !is_alone(job) => Judged::of_condition(condition),
            _ => judged,
        }
    };
    workflow.jobs.values().map(of_job).fold(Judged::default(), Judged::or)
}

/// Fills in what a job does that calls a workflow.
fn call(job: &mut Job, uses: &Node, called: &BTreeMap<String, Deeds>, files: &Files<'_>) {
    let written = uses.scalar_text().unwrap_or_default();
    let Some(path) = written.strip_prefix("./") else {
        job.untold = Some(format!("the workflow `{written}`"));
        return;
    };
    let Some(Deeds { pushes, end, .. }) = called.get(path).cloned() else { return };
    // What is not told of a push there is told there.
    let push = |judged| Push {
        what: written.to_owned(),
        at: files.place(uses, written, &[]).unwrap_or(uses.location),
        judged,
    };
    let pushes = pushes.filter(|judged| matches!(judged, Judged::Never(_))).map(push);
    job.steps = vec![Step { pushes: pushes.into_iter().collect(), end, ..Step::default() }];
}

/// What is so of one workflow; `used` are those that others call.
fn of_workflow(files: &Files<'_>, workflow: &Workflow, all: &[Workflow], used: &BTreeSet<String>) -> Vec<Notice> {
    let is_only_called =
        !workflow.triggers.is_empty() && workflow.triggers.iter().all(|(name, _)| name == "workflow_call");
    let is_called = used.contains(&format!("./{}", workflow.path));
    let nodes: BTreeMap<_, &Node> =
        nodes(&workflow.root).into_iter().map(|(name, entry)| (name, &entry.value)).collect();
    let mut found = vec![];
    let mut known = BTreeSet::new();
    for (job, step, what, at, judged) in pushes(files, &workflow.jobs) {
        let subject = format!("{} {} {what}", workflow.path, job.name);
        let judged = match judged {
            Judged::Never(_) if is_only_called && is_called => Judged::Before,
            Judged::Never(None) if is_only_called => Judged::Untold("the workflows that call this one".to_owned()),
            judged @ Judged::Never(_) => judged.or(after_others(files, workflow, job, step, all)),
            judged => judged,
        };
        found.extend(gated(what, at, &subject, &judged));
        let Some(node) = nodes.get(job.name.as_str()).copied() else { continue };
        let run = node.items("steps").get(step).and_then(|step| text(step, "run")).unwrap_or_default();
        let request = of_pull_requests(files, workflow, job, &job.steps[step], run);
        found.extend(request.map(|request| of_request(what, at, subject.clone(), request)));
        if known.insert(job.name.as_str()) {
            let wide = permissions::too_wide(&workflow.root, node);
            let subject = format!("{} {}", workflow.path, job.name);
            found.extend(wide.map(|(at, scopes)| permissions::notice(at, &scopes, subject)));
        }
    }
    // A workflow's own permissions count for all of its jobs, and are said once.
    found.sort_by_key(|notice| notice.at);
    found.dedup_by(|next, notice| next.kind == Kind::Permissions && (next.kind, next.at) == (notice.kind, notice.at));
    found
}

/// The workflows that the jobs of one call.
fn uses(workflow: &Workflow) -> impl Iterator<Item = &str> {
    let jobs = workflow.root.get("jobs").and_then(Node::as_map).map(Mapping::entries).unwrap_or_default();
    jobs.iter().filter_map(|entry| text(&entry.value, "uses"))
}

/// Whether a chart is judged by the workflows that must be over before.
fn after_others(files: &Files<'_>, workflow: &Workflow, job: &Job, step: usize, all: &[Workflow]) -> Judged {
    let run = workflow.triggers.iter().find(|(name, _)| name == "workflow_run");
    let Some((_, Some(run))) = run else { return Judged::default() };
    // It starts behind either of them.
    let of_name = |name: String| {
        let is_named = |other: &&Workflow| text(&other.root, "name").unwrap_or(&other.path) == name;
        let other = if files.spend(all.len()) { all.iter().find(is_named) } else { None };
        other.map_or_else(|| Judged::Untold(format!("the workflow `{name}`")), |other| outcome(files, other))
    };
    let found = texts(run.get("workflows")).into_iter().map(of_name).reduce(Judged::least).unwrap_or_default();
    if workflow.triggers.len() > 1 && found == Judged::Before {
        return Judged::Untold("what starts the workflow".to_owned());
    }
    let needed = job.needs.iter().filter_map(|name| workflow.jobs.get(name));
    let conditions = needed.map(|job| &job.condition).chain([&job.condition, &job.steps[step].condition]);
    let asks = |condition: &String| condition.contains("workflow_run.conclusion");
    match conditions.flatten().find(|condition| asks(condition)) {
        Some(condition) if condition.contains("success") => found,
        Some(condition) => found.either(Judged::default(), &format!("the condition `{condition}`")),
        None => found.void(Void::Completed),
    }
}

/// Whether a push runs for pull requests: where what decides that is not followed, that is named.
fn of_pull_requests(
    files: &Files<'_>,
    workflow: &Workflow,
    job: &Job,
    step: &Step,
    run: &str,
) -> Option<(Truth, String)> {
    let asks = |text: &str| {
        ["event", "EVENT", "github.ref", "GITHUB_REF", "pull_request"].iter().any(|word| text.contains(word))
    };
    if asks(run) {
        return None;
    }
    let mut conditions = needs::all_conditions(files, &workflow.jobs, job);
    conditions.extend(&step.condition);
    let events = workflow.triggers.iter().filter_map(|(name, said)| Event::new(name, said.as_ref()));
    // It runs for the event that is kept away least, and what keeps that away most decides.
    let least = |event: Event| {
        let each = conditions.iter().map(|text| (condition::holds(files, text, &event), cut(text.trim())));
        each.min_by_key(|(truth, _)| *truth).unwrap_or((Truth::Yes, String::new()))
    };
    events.map(least).max_by_key(|(truth, _)| *truth).filter(|(truth, _)| *truth != Truth::No)
}

/// The notice of a push that runs for pull requests, or that may.
fn of_request(what: &str, at: Location, subject: String, found: (Truth, String)) -> Notice {
    let (kind, message) = match found {
        (Truth::Computed, condition) => {
            let decides = format!("depends on the condition `{condition}`, which is not followed");
            (Kind::Undecided, format!("whether `{what}` pushes a chart from pull requests {decides}"))
        }
        _ => (Kind::PullRequest, format!("`{what}` pushes a chart from pull requests")),
    };
    let help = "give the job `if: github.event_name != 'pull_request'`, or a workflow of its own for releases";
    Notice { kind, at, subject, message, help: help.to_owned() }
}
