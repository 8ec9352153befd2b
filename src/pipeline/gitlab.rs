//! Pipelines of GitLab: `.gitlab-ci.yml` with what it includes from the repository.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::command::Mode;
use super::events::Events;
use super::judged::Judged;
use super::script::Setting;
use super::{Files, Job, Jobs, Kind, Notice, Step, gated, pushes, script, text, texts};
use crate::yaml::{Node, Value};

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
/// Files that a pipeline is made of; GitLab takes no more.
const MOST: usize = 150;
/// Jobs that extend jobs that extend jobs; GitLab takes no more.
const DEEPEST: usize = 11;

/// What is so of the pipeline of a repository.
pub(super) fn notices(files: &Files<'_>) -> Vec<Notice> {
    let (roots, remote) = roots(files);
    let entries = roots.iter().filter_map(|(_, root)| root.as_map()).flat_map(crate::yaml::Mapping::effective);
    let all: Vec<(String, &Node)> = entries.map(|(name, entry)| (name.into_owned(), &entry.value)).collect();
    let is_job = |(name, node): &&(String, &Node)| {
        !name.starts_with('.') && !NO_JOBS.contains(&name.as_str()) && node.as_map().is_some()
    };
    let before = all.iter().find(|(name, _)| name == "before_script").map(|(_, node)| *node);
    let default = all.iter().find(|(name, _)| name == "default").and_then(|(_, node)| node.get("before_script"));
    let stages = all.iter().find(|(name, _)| name == "stages").map(|(_, node)| texts(Some(node)));
    let stages = stages.unwrap_or_else(|| STAGES.map(str::to_owned).into());
    let variables = all.iter().filter(|(name, _)| name == "variables");
    let variables = variables.fold(Setting::default(), |setting, (_, node)| setting.with(files, Some(node)));
    let nodes = all.iter().map(|(name, node)| (name.as_str(), *node)).collect();
    let known = RefCell::default();
    let resolve = Resolve { files, nodes, known, before: before.or(default), stages: &stages, variables };
    let mut jobs: Jobs = all.iter().filter(is_job).map(|(name, _)| (name.clone(), resolve.job(name))).collect();
    resolve.needs(&mut jobs);
    let mut found = vec![];
    for (job, step, what, at, judged) in pushes(files, &jobs) {
        let judged = match (judged, &remote) {
            (Judged::Never(None), Some(include)) => Judged::Untold(format!("what `include` brings from `{include}`")),
            (judged, _) => judged,
        };
        let subject = format!("{FILE} {} {what}", job.name);
        found.extend(gated(what, at, &subject, &judged));
        if resolve.runs_for_merge_requests(&job.name) && job.steps[step].condition.is_none() {
            found.push(Notice {
                kind: Kind::PullRequest,
                at,
                subject,
                message: format!("`{what}` pushes a chart from merge requests"),
                help: "keep the job to the default branch or to tags by its `rules`".to_owned(),
            });
        }
    }
    found
}

/// The file and those that it includes, and one that is not in the repository.
fn roots(files: &Files<'_>) -> (Vec<(String, Node)>, Option<String>) {
    let (mut found, mut remote) = (vec![], None);
    let mut open = vec![FILE.to_owned()];
    let mut known = BTreeSet::new();
    while let Some(path) = open.pop().filter(|_| known.len() < MOST) {
        if !known.insert(path.clone()) {
            continue;
        }
        let Some(root) = files.yaml(&path) else { continue };
        let include = root.get("include");
        let items: Vec<&Node> = match include.map(|include| &include.value) {
            Some(Value::Seq(items)) => items.iter().collect(),
            Some(_) => include.into_iter().collect(),
            None => vec![],
        };
        for item in items {
            let written = text(item, "local").or_else(|| item.scalar_text());
            if let Some(path) = written.filter(|path| !path.contains("://") && !path.contains('*')) {
                open.push(path.trim_start_matches('/').to_owned());
                continue;
            }
            let keys = ["component", "project", "remote", "template", "local"];
            let named = keys.iter().find_map(|key| text(item, key)).or(written);
            remote = remote.or_else(|| Some(named.unwrap_or("elsewhere").to_owned()));
        }
        found.push((path, root));
    }
    (found, remote)
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
    /// What is written at the root, by its key; the last counts.
    nodes: BTreeMap<&'a str, &'a Node>,
    /// What is known of keys of jobs.
    known: RefCell<BTreeMap<(&'a str, &'static str), Option<&'a Node>>>,
    /// What runs before every job that says nothing else.
    before: Option<&'a Node>,
    stages: &'a [String],
    /// What `variables` of the pipeline sets.
    variables: Setting,
}

impl<'a> Resolve<'a> {
    /// A key of a job, or of those that it extends.
    fn get(&self, name: &str, key: &'static str) -> Option<&'a Node> {
        self.at(name, key, DEEPEST)
    }

    fn at(&self, name: &str, key: &'static str, depth: usize) -> Option<&'a Node> {
        let (name, node) = self.nodes.get_key_value(name)?;
        if let Some(known) = self.known.borrow().get(&(*name, key)) {
            return *known;
        }
        self.known.borrow_mut().insert((name, key), None);
        let extended = || {
            let names = texts(node.get("extends").filter(|_| depth > 0));
            if self.files.spend(names.len()) { names } else { vec![] }
        };
        let found = node.get(key).or_else(|| extended().iter().rev().find_map(|name| self.at(name, key, depth - 1)));
        self.known.borrow_mut().insert((name, key), found);
        found
    }

    fn job(&self, name: &str) -> Job {
        let before = self.get(name, "before_script").or(self.before);
        let setting = self.variables.with(self.files, self.get(name, "variables"));
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
        Job { name: name.to_owned(), steps, condition: regardless(when, rules), may_fail, events, ..Job::default() }
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
        let job = way.next().filter(|_| inner.len() > 1).and_then(|job| self.nodes.get(job).copied());
        let referred = job.and_then(|job| way.try_fold(job, |node, key| node.get(key)));
        let found = referred.unwrap_or(item);
        found.as_seq().map_or(vec![found], |items| items.iter().flat_map(|item| self.lines(item, depth - 1)).collect())
    }

    /// Fills in what jobs need: what they name, else every job of an earlier stage.
    fn needs(&self, jobs: &mut Jobs) {
        let stage = |name: &str| {
            let stage = self.get(name, "stage").and_then(Node::scalar_text);
            self.stages.iter().position(|known| known == stage.unwrap_or("test"))
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
