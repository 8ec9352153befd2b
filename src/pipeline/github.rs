//! Workflows of GitHub Actions.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::script::Setting;
use super::{Act, Deed, Files, Job, Jobs, Kind, Notice, Step, gated, needs, permissions, pushes, script, text, texts};
use crate::yaml::{Entry, Mapping, Node};

/// Actions that push charts, by the names of their repositories: many are copied from owner to owner.
const PUSHING: [&str; 6] = [
    "chart-releaser-action",
    "helm-gh-pages",
    "helm-gh-pages-action",
    "helm-oci-chart-releaser",
    "helm-oci-charts-releaser",
    "helm-push",
];
/// Workflows that call workflows; GitHub runs no more.
const DEEPEST: usize = 10;
const FOLDER: &str = ".github/workflows";

/// What actions of the repository do, by their folders, each read once.
#[derive(Debug, Default)]
pub(super) struct Actions(RefCell<BTreeMap<String, Vec<Deed>>>);

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
    let own = Setting { folder: folder(root.get("defaults")), ..Setting::default() }.with(files, root.get("env"));
    let jobs = nodes(root).into_iter().map(|(name, entry)| (name.to_string(), job(files, &name, &entry.value, &own)));
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

fn folder(defaults: Option<&Node>) -> String {
    let run = defaults.and_then(|defaults| defaults.get("run"));
    run.and_then(|run| text(run, "working-directory")).unwrap_or_default().to_owned()
}

fn job(files: &Files<'_>, name: &str, node: &Node, own: &Setting) -> Job {
    let below = folder(node.get("defaults"));
    let mut setting = own.with(files, node.get("env"));
    if !below.is_empty() {
        setting.folder = below;
    }
    let steps = node.get("steps").and_then(Node::as_seq).unwrap_or_default();
    Job {
        name: name.to_owned(),
        steps: steps.iter().map(|step| of_step(files, step, &setting)).collect(),
        needs: texts(node.get("needs")),
        condition: text(node, "if").map(str::to_owned),
        may_fail: node.get("continue-on-error").and_then(Node::as_bool) == Some(true),
        untold: None,
    }
}

fn of_step(files: &Files<'_>, node: &Node, setting: &Setting) -> Step {
    let mut setting = setting.with(files, node.get("env"));
    if let Some(folder) = text(node, "working-directory") {
        folder.clone_into(&mut setting.folder);
    }
    let run = node.get("run").and_then(|run| Some((run, run.scalar_text()?)));
    let acts = match (run, node.get("uses")) {
        (Some((node, run)), _) => script::acts(files, node, run, &setting),
        (None, Some(uses)) => match uses.scalar_text().and_then(|uses| uses.strip_prefix("docker://")) {
            Some(image) => script::acts(files, node, &in_image(image, node), &setting),
            None => of_action(files, node, uses),
        },
        (None, None) => vec![],
    };
    Step {
        acts,
        condition: text(node, "if").map(str::to_owned),
        may_fail: node.get("continue-on-error").and_then(Node::as_bool) == Some(true),
    }
}

/// The command that a step has an image run.
fn in_image(image: &str, step: &Node) -> String {
    let given = |key: &str| step.get("with").and_then(|with| text(with, key)).unwrap_or_default();
    format!("docker run {image} {} {}", given("entrypoint"), given("args"))
}

fn of_action(files: &Files<'_>, step: &Node, uses: &Node) -> Vec<Act> {
    let written = uses.scalar_text().unwrap_or_default();
    if let Some(path) = written.strip_prefix("./") {
        let act = |deed| match deed {
            Deed::Judge => Act::Gate,
            Deed::Push => Act::Push(written.to_owned(), uses.location),
        };
        return deeds(files, path.trim_end_matches('/')).into_iter().map(act).collect();
    }
    let name = written.split('@').next().unwrap_or_default().to_lowercase();
    if name.contains("chartgate") {
        let is_lenient = step.get("with").and_then(|with| text(with, "fail-on")) == Some("never");
        return if is_lenient { vec![] } else { vec![Act::Gate] };
    }
    let is_pushing = name.split('/').nth(1).is_some_and(|repository| PUSHING.contains(&repository));
    if is_pushing { vec![Act::Push(name, uses.location)] } else { vec![] }
}

/// What an action of the repository does, and what those do that it uses. What uses itself does nothing more by that.
fn deeds(files: &Files<'_>, path: &str) -> Vec<Deed> {
    if let Some(known) = files.actions.0.borrow().get(path) {
        return known.clone();
    }
    let Some(_level) = files.enter() else { return vec![] };
    files.actions.0.borrow_mut().insert(path.to_owned(), vec![]);
    let found = read(files, path);
    files.actions.0.borrow_mut().insert(path.to_owned(), found.clone());
    found
}

fn read(files: &Files<'_>, path: &str) -> Vec<Deed> {
    let names = ["action.yml", "action.yaml"];
    let Some(action) = names.iter().find_map(|name| files.yaml(&crate::source::join(path, name))) else {
        return vec![];
    };
    if text(&action, "name").is_some_and(|name| name.eq_ignore_ascii_case("chartgate")) {
        return vec![Deed::Judge];
    }
    let steps = action.get("runs").and_then(|runs| runs.get("steps")).and_then(Node::as_seq).unwrap_or_default();
    let mut found = vec![];
    for step in steps.iter().map(|step| of_step(files, step, &Setting::default())) {
        let is_sure = step.condition.is_none() && !step.may_fail;
        for act in step.acts {
            match act {
                Act::Gate if is_sure => Deed::Judge.note(&mut found),
                Act::Gate => {}
                Act::Push(..) => Deed::Push.note(&mut found),
            }
        }
    }
    found
}

/// What workflows do for those that call them.
#[derive(Debug, PartialEq, Eq)]
struct Called {
    /// Whether one of its jobs judges.
    judges: bool,
    /// Whether it pushes a chart that it has not judged itself.
    pushes: bool,
    /// What it runs that is not followed, in words.
    untold: Option<String>,
}

fn called(files: &Files<'_>, all: &[Workflow]) -> BTreeMap<String, Called> {
    let of = |workflow: &Workflow| {
        let judges = |job: &Job| !job.may_fail && job.steps.iter().any(|step| step.acts.contains(&Act::Gate));
        let called = Called {
            judges: workflow.jobs.values().any(judges),
            pushes: pushes(files, &workflow.jobs).iter().any(|(.., judged)| *judged == needs::Judged::Never),
            untold: workflow.jobs.values().find_map(|job| job.untold.clone()),
        };
        (workflow.path.clone(), called)
    };
    all.iter().map(of).collect()
}

/// Fills in what a job does that calls a workflow.
fn call(job: &mut Job, uses: &Node, called: &BTreeMap<String, Called>, files: &Files<'_>) {
    let written = uses.scalar_text().unwrap_or_default();
    let Some(path) = written.strip_prefix("./") else {
        job.untold = Some(format!("the workflow `{written}`"));
        return;
    };
    let Some(called) = called.get(path) else { return };
    let push = || Act::Push(written.to_owned(), files.place(uses, written));
    let acts = called.judges.then_some(Act::Gate).into_iter().chain(called.pushes.then(push)).collect();
    job.steps = vec![Step { acts, condition: None, may_fail: false }];
    job.untold.clone_from(&called.untold);
}

/// What is so of one workflow; `used` are those that others call.
fn of_workflow(files: &Files<'_>, workflow: &Workflow, all: &[Workflow], used: &BTreeSet<String>) -> Vec<Notice> {
    let is_only_called = !workflow.triggers.is_empty()
        && workflow.triggers.iter().all(|(name, _)| name == "workflow_call" || name == "workflow_dispatch")
        && workflow.triggers.iter().any(|(name, _)| name == "workflow_call");
    let is_called = used.contains(&format!("./{}", workflow.path));
    let nodes: BTreeMap<_, &Node> =
        nodes(&workflow.root).into_iter().map(|(name, entry)| (name, &entry.value)).collect();
    let mut found = vec![];
    let mut known = BTreeSet::new();
    for (job, step, what, at, judged) in pushes(files, &workflow.jobs) {
        let subject = format!("{} {} {what}", workflow.path, job.name);
        let judged = match judged {
            needs::Judged::Never if is_only_called && is_called => needs::Judged::Before,
            needs::Judged::Never if is_only_called => {
                needs::Judged::Untold("the workflows that call this one".to_owned())
            }
            needs::Judged::Never => after_others(files, workflow, all),
            judged => judged,
        };
        found.extend(gated(what, at, &subject, &judged));
        let Some(node) = nodes.get(job.name.as_str()).copied() else { continue };
        if pushes_from_pull_request(workflow, job, &job.steps[step], node, step) {
            found.push(Notice {
                kind: Kind::PullRequest,
                at,
                subject: subject.clone(),
                message: format!("`{what}` pushes a chart from pull requests"),
                help: "give the job `if: github.event_name != 'pull_request'`, or a workflow of its own for releases"
                    .to_owned(),
            });
        }
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
fn after_others(files: &Files<'_>, workflow: &Workflow, all: &[Workflow]) -> needs::Judged {
    let run = workflow.triggers.iter().find(|(name, _)| name == "workflow_run");
    let Some((_, Some(run))) = run else { return needs::Judged::Never };
    for name in texts(run.get("workflows")) {
        if !files.spend(all.len()) {
            break;
        }
        let Some(other) = all.iter().find(|other| text(&other.root, "name") == Some(name.as_str())) else {
            return needs::Judged::Untold(format!("the workflow `{name}`"));
        };
        if other.jobs.values().any(|job| job.steps.iter().any(|step| step.acts.contains(&Act::Gate))) {
            return needs::Judged::Before;
        }
    }
    needs::Judged::Never
}

/// Whether nothing keeps a push from running for pull requests.
fn pushes_from_pull_request(workflow: &Workflow, job: &Job, step: &Step, node: &Node, index: usize) -> bool {
    let is_started = |(name, said): &(String, Option<Node>)| {
        let types = texts(said.as_ref().and_then(|said| said.get("types")));
        matches!(name.as_str(), "pull_request" | "pull_request_target") && !types.iter().any(|name| name == "closed")
    };
    let asks = |text: &str| {
        ["event", "EVENT", "github.ref", "GITHUB_REF", "pull_request"].iter().any(|word| text.contains(word))
    };
    let steps = node.get("steps").and_then(Node::as_seq).unwrap_or_default();
    let run = steps.get(index).and_then(|step| text(step, "run")).unwrap_or_default();
    let needed = job.needs.iter().filter_map(|name| workflow.jobs.get(name));
    workflow.triggers.iter().any(is_started)
        && step.condition.is_none()
        && job.condition.is_none()
        && needed.into_iter().all(|job| job.condition.is_none())
        && !asks(run)
}
