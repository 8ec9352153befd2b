//! Pipelines of GitLab: `.gitlab-ci.yml` with what it includes from the repository.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::command::Mode;
use super::events::Events;
use super::judged::{Judged, Void};
use super::script::Setting;
use super::{Files, Job, Jobs, Kind, Notice, Step, gated, needs, pushes, script, text, texts};
use crate::yaml::Node;

mod roots;

use roots::{Roots, included};

const FILE: &str = ".gitlab-ci.yml";
/// Keys of a pipeline that are no jobs.
const NO_JOBS: [&str; 10] = [
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "services",
    "stages",
    "variables",
    "workflow",
];
/// Stages where none are named.
const STAGES: [&str; 5] = [".pre", "build", "test", "deploy", ".post"];
/// Jobs that extend jobs that extend jobs; GitLab takes no more.
const DEEPEST: usize = 11;

/// Pipelines that start pipelines that start pipelines; GitLab takes no more.
const GENERATIONS: usize = 3;

/// A pipeline.
struct Pipeline {
    path: String,
    jobs: Jobs,
    /// A file that it includes and that is not in the repository.
    remote: Option<String>,
    /// The jobs that run for merge requests.
    of_merge_requests: BTreeSet<String>,
    /// The pipelines that its jobs start, each with the name of the job.
    children: Vec<(String, Self)>,
    /// What its jobs start that is not followed.
    unfollowed: Vec<Notice>,
}

/// What is so of the pipeline of a repository.
pub(super) fn notices(files: &Files<'_>) -> Vec<Notice> {
    let roots = Roots::read(files, &[FILE.to_owned()]);
    let mut found = vec![];
    of_pipeline(files, &pipeline(files, FILE, &roots, GENERATIONS), &Judged::default(), true, &mut found);
    found
}

/// What is so of a pipeline that is started where this is judged.
fn of_pipeline(files: &Files<'_>, pipeline: &Pipeline, before: &Judged, is_first: bool, found: &mut Vec<Notice>) {
    let Pipeline { path, jobs, remote, of_merge_requests, children, unfollowed } = pipeline;
    let told = |judged: Judged| match (judged, remote) {
        (Judged::Never(None), Some(include)) => Judged::Untold(format!("what `include` brings from `{include}`")),
        (judged, _) => judged,
    };
    for (job, step, what, at, judged) in pushes(files, jobs) {
        let subject = format!("{path} {} {what}", job.name);
        found.extend(gated(what, at, &subject, &told(before.clone().or(judged))));
        if is_first && of_merge_requests.contains(&job.name) && job.steps[step].condition.is_none() {
            found.push(Notice {
                kind: Kind::PullRequest,
                at,
                subject,
                message: format!("`{what}` pushes a chart from merge requests"),
                help: "keep the job to the default branch or to tags by its `rules`".to_owned(),
            });
        }
    }
    found.extend(unfollowed.iter().cloned());
    for (name, child) in children {
        let Some(job) = jobs.get(name) else { continue };
        let judged = told(before.clone().or(needs::judged(files, jobs, job, 0, &Judged::default())));
        of_pipeline(files, child, &judged, false, found);
    }
}

fn pipeline(files: &Files<'_>, path: &str, roots: &Roots, generations: usize) -> Pipeline {
    let layers = roots.layers();
    let resolve = Resolve::new(files, &layers);
    let names = layers.keys().filter(|name| !name.starts_with('.') && !NO_JOBS.contains(name));
    let names: Vec<&str> = names.copied().filter(|name| resolve.is_job(name)).collect();
    let mut jobs: Jobs = names.iter().map(|name| ((*name).to_owned(), resolve.job(name))).collect();
    resolve.needs(&mut jobs);
    let mut found = Pipeline {
        path: path.to_owned(),
        jobs,
        remote: roots.remote.clone(),
        of_merge_requests: names
            .iter()
            .filter(|name| resolve.runs_for_merge_requests(name))
            .map(|name| (*name).to_owned())
            .collect(),
        children: vec![],
        unfollowed: vec![],
    };
    for name in names {
        if let Some(trigger) = resolve.get(name, "trigger") {
            found.start(files, name, trigger, generations);
        }
    }
    found
}

impl Pipeline {
    /// Adds the pipeline that a job starts.
    fn start(&mut self, files: &Files<'_>, name: &str, trigger: &Node, generations: usize) {
        let waits = matches!(text(trigger, "strategy"), Some("depend" | "mirror"));
        let Some(job) = self.jobs.get_mut(name) else { return };
        let (local, other) = included(trigger);
        let end = match &other {
            Some(other) => Judged::Untold(format!("the pipeline of `{other}`")),
            None if local.is_empty() => {
                let project = text(trigger, "project").or_else(|| trigger.scalar_text()).unwrap_or("elsewhere");
                Judged::Untold(format!("the pipeline of `{project}`"))
            }
            None => {
                let Some(_level) = files.enter().filter(|_| generations > 0) else { return };
                let roots = Roots::read(files, &local);
                let child = pipeline(files, &local[0], &roots, generations - 1);
                let ends =
                    child.jobs.values().map(|child| needs::of_job(child, job)).fold(Judged::default(), Judged::or);
                self.children.push((name.to_owned(), child));
                ends
            }
        };
        let end = if waits { end } else { end.void(Void::Detached) };
        job.steps = vec![Step { end, ..Step::default() }];
        self.unfollowed.extend(other.map(|other| Notice {
            kind: Kind::Untold,
            at: trigger.location,
            subject: format!("{} {name} {other}", self.path),
            message: format!(
                "the pipeline that the job `{name}` starts from `{other}` is not followed, and may push charts"
            ),
            help: String::new(),
        }));
    }
}

/// The condition of a job that runs whatever became of those before it.
fn regardless(when: Option<&str>, rules: &[Node]) -> Option<String> {
    let is_so = |when: &str| matches!(when, "on_failure" | "always");
    let mut stances = rules.iter().map(|rule| text(rule, "when").or(when).unwrap_or("on_success"));
    let named = match rules {
        [] => when.filter(|when| is_so(when)).map(str::to_owned),
        _ if stances.clone().all(|when| is_so(when) || when == "never") => Some("always".to_owned()),
        _ if stances.any(is_so) => Some("success() of `rules` or always".to_owned()),
        _ => None,
    };
    named.map(|when| format!("{when}()"))
}

struct Resolve<'a> {
    files: &'a Files<'a>,
    /// What is written at the root, by its key, in each file that says it; the first counts.
    layers: &'a BTreeMap<&'a str, Vec<&'a Node>>,
    /// What is known of keys of jobs.
    known: RefCell<BTreeMap<(&'a str, &'static str), Option<&'a Node>>>,
    /// What runs before every job that says nothing else.
    before: Option<&'a Node>,
    stages: Vec<String>,
    /// What `variables` of the pipeline sets.
    variables: Setting,
}

impl<'a> Resolve<'a> {
    fn new(files: &'a Files<'a>, layers: &'a BTreeMap<&'a str, Vec<&'a Node>>) -> Self {
        let named = |name: &str| layers.get(name).into_iter().flatten().copied();
        let before = named("before_script").next();
        let default = named("default").find_map(|node| node.get("before_script"));
        let stages = named("stages").next().map(|node| texts(Some(node)));
        let variables = named("variables").rev();
        Self {
            files,
            layers,
            known: RefCell::default(),
            before: before.or(default),
            stages: stages.unwrap_or_else(|| STAGES.map(str::to_owned).into()),
            variables: variables.fold(Setting::default(), |setting, node| setting.with(files, Some(node))),
        }
    }

    fn is_job(&self, name: &str) -> bool {
        self.layers.get(name).and_then(|layers| layers.first()).is_some_and(|node| node.as_map().is_some())
    }

    /// A key of a job as it is written: files are laid over each other key by key.
    fn own(&self, name: &str, key: &str) -> Option<&'a Node> {
        self.layers.get(name)?.iter().find_map(|node| node.get(key))
    }

    /// A key of a job, or of those that it extends.
    fn get(&self, name: &str, key: &'static str) -> Option<&'a Node> {
        self.at(name, key, DEEPEST)
    }

    fn at(&self, name: &str, key: &'static str, depth: usize) -> Option<&'a Node> {
        let (name, _) = self.layers.get_key_value(name)?;
        if let Some(known) = self.known.borrow().get(&(*name, key)) {
            return *known;
        }
        self.known.borrow_mut().insert((name, key), None);
        let extended = || {
            let names = texts(self.own(name, "extends").filter(|_| depth > 0));
            if self.files.spend(names.len()) { names } else { vec![] }
        };
        let found =
            self.own(name, key).or_else(|| extended().iter().rev().find_map(|name| self.at(name, key, depth - 1)));
        self.known.borrow_mut().insert((name, key), found);
        found
    }

    fn job(&self, name: &str) -> Job {
        let before = self.get(name, "before_script").or(self.before);
        let own = self.layers.get(name).into_iter().flatten().rev().filter_map(|node| node.get("variables"));
        let own: Vec<&Node> = own.collect();
        let variables = if own.is_empty() { self.get(name, "variables").into_iter().collect() } else { own };
        let setting =
            variables.into_iter().fold(self.variables.clone(), |setting, node| setting.with(self.files, Some(node)));
        let own = self.step([before, self.get(name, "script")], &setting);
        // What is done after the script is done though that has failed.
        let after = self.step([self.get(name, "after_script"), None], &setting);
        let steps = vec![own, Step { condition: Some("always()".to_owned()), may_fail: true, ..after }];
        let rules = self.get(name, "rules").and_then(Node::as_seq).unwrap_or_default();
        let when = self.get(name, "when").and_then(Node::scalar_text);
        let is_manual = when == Some("manual") || rules.iter().any(|rule| text(rule, "when") == Some("manual"));
        let allowed = self.get(name, "allow_failure");
        let is_allowed = |rule: &Node| rule.get("allow_failure").and_then(Node::as_bool) == Some(true);
        let may_fail = match allowed.and_then(Node::as_bool) {
            _ if rules.iter().any(is_allowed) => true,
            Some(allowed) => allowed,
            // A job that waits for somebody holds nothing up.
            None => allowed.is_some() || (is_manual && rules.is_empty()),
        };
        let [only, except] = ["only", "except"].map(|key| self.get(name, key));
        let events = Events::new(self.get(name, "rules"), only, except);
        let condition = regardless(when, rules);
        Job { name: name.to_owned(), steps, condition, may_fail, events, asks_nearest: true, ..Job::default() }
    }

    /// What one shell runs: the lines of these keys.
    fn step(&self, keys: [Option<&'a Node>; 2], setting: &Setting) -> Step {
        let lines = keys.into_iter().flatten().flat_map(|node| match node.as_seq() {
            Some(items) => items.iter().flat_map(|item| self.lines(item, DEEPEST)).collect(),
            None => vec![node],
        });
        let lines = lines.filter_map(|line| Some((line, line.scalar_text()?)));
        let (pushes, end) = script::acts(self.files, lines, setting, Mode::STRICT);
        Step { pushes, end, ..Step::default() }
    }

    /// The lines of an item of a script: its own, those of a list, or what `!reference [JOB, KEY]` stands for.
    fn lines(&self, item: &'a Node, depth: usize) -> Vec<&'a Node> {
        let Some(inner) = item.as_seq().filter(|_| depth > 0 && self.files.spend(1)) else { return vec![item] };
        let mut way = inner.iter().filter_map(Node::scalar_text);
        let job = way.next().filter(|_| inner.len() > 1).and_then(|job| self.layers.get(job));
        let key = way.next();
        let own = job.zip(key).and_then(|(job, key)| job.iter().find_map(|node| node.get(key)));
        let referred = own.and_then(|own| way.try_fold(own, |node, key| node.get(key)));
        let found = referred.unwrap_or(item);
        found.as_seq().map_or(vec![found], |items| items.iter().flat_map(|item| self.lines(item, depth - 1)).collect())
    }

    /// Fills in what jobs need: what they name, else every job of an earlier stage.
    fn needs(&self, jobs: &mut Jobs) {
        let stage = |name: &str| {
            let stage = self.get(name, "stage").and_then(Node::scalar_text);
            let stage = stage.unwrap_or("test");
            match stage {
                ".pre" => Some(0),
                ".post" => Some(self.stages.len() + 1),
                stage => self.stages.iter().position(|known| known == stage).map(|at| at + 1),
            }
        };
        let stages: Vec<(String, Option<usize>)> = jobs.keys().map(|name| (name.clone(), stage(name))).collect();
        for (name, job) in jobs.iter_mut() {
            let own = self.get(name, "needs");
            job.needs = if let Some(items) = own.and_then(Node::as_seq) {
                let named = |item: &Node| text(item, "job").or_else(|| item.scalar_text()).map(str::to_owned);
                items.iter().filter_map(named).collect()
            } else if self.files.spend(16 * stages.len()) {
                let at = stage(name);
                let is_before = |(_, other): &&(String, Option<usize>)| other.is_some() && *other < at;
                stages.iter().filter(is_before).map(|(name, _)| name.clone()).collect()
            } else {
                vec![]
            };
        }
    }

    /// Whether the rules of a job name merge requests, and nothing else keeps it from them.
    fn runs_for_merge_requests(&self, name: &str) -> bool {
        let names =
            |text: &str| text.replace(['"', '\'', ' '], "").contains("$CI_PIPELINE_SOURCE==merge_request_event");
        let rules = self.get(name, "rules").and_then(Node::as_seq).unwrap_or_default();
        let is_ruled = rules.iter().any(|rule| {
            text(rule, "when") != Some("never")
                && text(rule, "if").is_some_and(|condition| names(condition) && !condition.contains("&&"))
        });
        is_ruled || texts(self.get(name, "only")).iter().any(|only| only == "merge_requests")
    }
}
