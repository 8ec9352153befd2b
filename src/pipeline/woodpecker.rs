//! Pipelines of Woodpecker: `.woodpecker.yml`, and each file in `.woodpecker/`.

use std::collections::BTreeMap;

use super::command::Mode;
use super::judged::{Judged, Void};
use super::script::Setting;
use super::{Files, Job, Jobs, Kind, Notice, Step, gated, pushes, script, text, texts};
use crate::yaml::Node;

const FOLDER: &str = ".woodpecker";

/// What is so of the pipelines of a repository.
///
/// What `when` of a whole workflow says is no matter to those that depend on it: Woodpecker leaves them out with it.
pub(super) fn notices(files: &Files<'_>) -> Vec<Notice> {
    let mut paths = files.within(FOLDER);
    paths.extend([".woodpecker.yml", ".woodpecker.yaml"].map(str::to_owned));
    let read = |path: String| files.yaml(&path).map(|root| (path, root));
    let workflows: BTreeMap<String, Node> = paths.into_iter().filter_map(read).collect();
    // A workflow is one job; others name it by its file.
    let mut named: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for path in workflows.keys() {
        named.entry(stem(path)).or_default().push(path);
    }
    let jobs: Jobs = workflows.iter().map(|(path, root)| (path.clone(), job(files, path, root, &named))).collect();
    let steps: BTreeMap<&String, Vec<&Node>> = workflows.iter().map(|(path, root)| (path, steps(root))).collect();
    let mut found = vec![];
    for (job, step, what, at, judged) in pushes(files, &jobs) {
        let (path, root) = (&job.name, &workflows[&job.name]);
        let subject = format!("{path} {what}");
        found.extend(gated(what, at, &subject, &judged));
        let own = steps[path].get(step).and_then(|node| node.get("when"));
        if names_pull_requests(own) || (own.is_none() && names_pull_requests(root.get("when"))) {
            found.push(Notice {
                kind: Kind::PullRequest,
                at,
                subject,
                message: format!("`{what}` pushes a chart from pull requests"),
                help: "keep the step to `when: [{event: tag}]`, or to pushes of the default branch".to_owned(),
            });
        }
    }
    found
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")).unwrap_or(name);
    name.strip_prefix('.').unwrap_or(name)
}

/// The steps in order.
fn steps(root: &Node) -> Vec<&Node> {
    let Some(steps) = root.get("steps").or_else(|| root.get("pipeline")) else { return vec![] };
    let named = || steps.as_map().map(|steps| steps.effective()).unwrap_or_default();
    match steps.as_seq() {
        Some(items) => items.iter().collect(),
        None => named().into_iter().map(|(_, entry)| &entry.value).collect(),
    }
}

fn job(files: &Files<'_>, path: &str, root: &Node, named: &BTreeMap<&str, Vec<&String>>) -> Job {
    let nodes = steps(root);
    let steps = nodes.iter().map(|node| step(files, node)).collect();
    // Of two by one name it is not known which of them runs.
    let needed = |name: String| match named.get(&*name).map(Vec::as_slice) {
        Some([path]) => Some((*path).clone()),
        _ => None,
    };
    Job {
        name: path.to_owned(),
        steps,
        needs: texts(root.get("depends_on")).into_iter().filter_map(needed).collect(),
        condition: regardless(root.get("runs_on")),
        asks_nearest: true,
        waits: waits(&nodes, root),
        ..Job::default()
    }
}

/// The steps that each step names to wait for; none where they follow each other, as they do unless one says what it depends on.
fn waits(nodes: &[&Node], root: &Node) -> Option<Vec<Vec<usize>>> {
    if !nodes.iter().any(|node| node.get("depends_on").is_some()) {
        return None;
    }
    let named = root.get("steps").and_then(Node::as_map).map(|map| map.effective()).unwrap_or_default();
    let name = |index: usize| text(nodes[index], "name").or_else(|| named.get(index).map(|(name, _)| &**name));
    let places: BTreeMap<&str, usize> = (0..nodes.len()).filter_map(|index| Some((name(index)?, index))).collect();
    let own =
        |node: &Node| texts(node.get("depends_on")).iter().filter_map(|name| places.get(&**name).copied()).collect();
    Some(nodes.iter().map(|node| own(node)).collect())
}

/// The condition of what runs for these ends of what is before it; none where it waits for success.
fn regardless(ends: Option<&Node>) -> Option<String> {
    texts(ends).iter().any(|end| end == "failure").then(|| "always()".to_owned())
}

fn step(files: &Files<'_>, node: &Node) -> Step {
    let commands = node.get("commands");
    let lines: Vec<&Node> = match commands.and_then(Node::as_seq) {
        Some(items) => items.iter().collect(),
        None => commands.into_iter().collect(),
    };
    let folder = text(node, "directory").unwrap_or_default().to_owned();
    let setting = Setting { folder, ..Setting::default() }.with(files, node.get("environment"));
    let entry = texts(node.get("entrypoint")).join(" ");
    let written = lines.iter().filter_map(|line| Some((*line, line.scalar_text()?)));
    let entered = Some((node, entry.as_str())).filter(|_| lines.is_empty() && !entry.is_empty());
    let (pushes, mut end) = script::acts(files, written.chain(entered), &setting, Mode::STOPPING);
    let image = text(node, "image").unwrap_or_default();
    if lines.is_empty() && entry.is_empty() && image.contains("chartgate") {
        end = Judged::Untold(format!("what the image `{image}` runs"));
    }
    if node.get("detach").and_then(Node::as_bool) == Some(true) {
        end = end.void(Void::Background);
    }
    let when = node.get("when");
    let conditions = when.and_then(Node::as_seq).unwrap_or_else(|| when.map(std::slice::from_ref).unwrap_or_default());
    let ends = conditions.iter().find_map(|condition| regardless(condition.get("status")));
    let condition = ends.or_else(|| when.map(|when| when.to_json().to_string()));
    Step { id: None, pushes, end, condition, may_fail: text(node, "failure") == Some("ignore") }
}

/// Whether the events of a condition are pull requests, among others or alone.
fn names_pull_requests(when: Option<&Node>) -> bool {
    let is_event = |condition: &Node| {
        texts(condition.get("event"))
            .iter()
            .any(|event| event.starts_with("pull_request") && event != "pull_request_closed")
    };
    match when.and_then(Node::as_seq) {
        Some(conditions) => conditions.iter().any(is_event),
        None => when.is_some_and(is_event),
    }
}
