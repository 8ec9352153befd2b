//! Tasks of runners other than make, as the commands that they are made of.

use super::command::{Mode, Runner};
use super::recipe::{Line, Recipe};
use super::{Files, text, texts};
use crate::source::join;
use crate::yaml::Node;

/// The commands of a task; those that run the tasks that it needs stand before its own. None where no file names it.
pub(super) fn recipe(files: &Files<'_>, runner: Runner, folder: &str, task: &str) -> Option<Recipe> {
    let read = |name: &&str| files.text(&join(folder, name));
    match runner {
        Runner::Just => of_justfile(&["justfile", "Justfile", ".justfile"].iter().find_map(read)?, task),
        Runner::Npm => {
            let package: serde_json::Value = serde_json::from_str(&read(&"package.json")?).ok()?;
            let scripts = package.get("scripts")?;
            let named = |name: &str| scripts.get(name).and_then(serde_json::Value::as_str).map(Line::plain);
            let own = named(task)?;
            let lines = named(&format!("pre{task}")).into_iter().chain([own]).chain(named(&format!("post{task}")));
            Some(Recipe { lines: lines.collect(), mode: Mode::default() })
        }
        Runner::Task => {
            let names = ["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"];
            of_taskfile(&names.iter().find_map(|name| files.yaml(&join(folder, name)))?, task)
        }
    }
}

fn called(runner: Runner, task: &str) -> Line {
    Line::plain(format!("{} {task}", runner.words()))
}

/// A recipe: the lines below its name that are indented, each of which a shell of its own runs unless they name a program by `#!`.
fn of_justfile(justfile: &str, task: &str) -> Option<Recipe> {
    let mut lines = justfile.lines();
    let is_head = |line: &&str| {
        let head = line.split(':').next().unwrap_or_default().trim_start_matches('@');
        line.contains(':') && !line.starts_with([' ', '\t', '#']) && head.split_whitespace().next() == Some(task)
    };
    let (_, needed) = lines.find(is_head)?.split_once(':')?;
    let (before, behind) = needed.split_once("&&").unwrap_or((needed, ""));
    let names = |needed: &str| -> Vec<Line> {
        let names = needed.split(['(', ')', ' ']).filter(|name| !name.is_empty());
        names.map(|name| called(Runner::Just, name)).collect()
    };
    let body = lines.take_while(|line| line.trim().is_empty() || line.starts_with([' ', '\t']));
    let body: Vec<&str> = body.map(str::trim).filter(|line| !line.is_empty()).collect();
    let shell = justfile.lines().find_map(|line| line.strip_prefix("set shell")).unwrap_or_default();
    let mut mode = Mode::default().with(shell.split(['"', '\'', ' ', ',']));
    let body = match body.first().and_then(|line| line.strip_prefix("#!")) {
        Some(head) => {
            mode = Mode::default().with(head.split_whitespace());
            vec![Line::plain(body.join("\n"))]
        }
        None => body.join("\n").replace("\\\n", " ").lines().map(Line::marked).collect(),
    };
    let lines = names(before).into_iter().chain(body).chain(names(behind));
    Some(Recipe { lines: lines.collect(), mode })
}

/// A task of a Taskfile: `deps`, then `cmds`, each a command or another task.
fn of_taskfile(root: &Node, task: &str) -> Option<Recipe> {
    let node = root.get("tasks")?.get(task)?;
    let options = [root, node].into_iter().flat_map(|node| texts(node.get("set")));
    let mode = options.fold(Mode::STOPPING, |mode, option| mode.with(["-o", &option]));
    if let Some(command) = node.scalar_text() {
        return Some(Recipe { lines: vec![Line::plain(command)], mode });
    }
    let items = |key: &str| {
        let items = node.get(key);
        let listed = items.and_then(Node::as_seq);
        listed.map_or_else(|| items.into_iter().collect(), |items| items.iter().collect::<Vec<_>>())
    };
    let may_fail = |node: &Node| node.get("ignore_error").and_then(Node::as_bool) == Some(true);
    let named = |item: &Node| text(item, "task").map(|name| called(Runner::Task, name));
    let needed = |item: &Node| named(item).or_else(|| item.scalar_text().map(|name| called(Runner::Task, name)));
    let command = |item: &Node| {
        let line = named(item).or_else(|| text(item, "cmd").or(item.scalar_text()).map(Line::plain))?;
        Some(Line { may_fail: may_fail(item) || may_fail(node), ..line })
    };
    let needed = items("deps").into_iter().filter_map(needed);
    let commands = ["cmds", "cmd"].into_iter().flat_map(items).filter_map(command);
    Some(Recipe { lines: needed.chain(commands).collect(), mode })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    fn lines(recipe: Option<Recipe>) -> Option<String> {
        Some(recipe?.lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn a_recipe_of_just_runs_what_it_needs_before() {
        let justfile =
            "v := '1'\n\n# all\nrelease version='1': check (pack version)\n    @helm push x oci://r\n\ncheck:\n  a\n";
        let expected = "just check\njust pack\njust version\nhelm push x oci://r";
        assert_eq!(lines(of_justfile(justfile, "release")).as_deref(), Some(expected));
        assert_eq!(of_justfile(justfile, "none"), None);
    }

    #[test]
    fn a_task_runs_what_it_depends_on_before() {
        let text = "tasks:\n  check: chartgate check\n  push:\n    deps: [check]\n    cmds:\n    - task: pack\n    - cmd: helm push x oci://r\n    - ls\n";
        let id = Sources::new().add(Source::new("Taskfile.yml", Address::Rendered, text));
        let root = Document::parse(id, text).expect("valid").root;
        let expected = "task check\ntask pack\nhelm push x oci://r\nls";
        assert_eq!(lines(of_taskfile(&root, "push")).as_deref(), Some(expected));
        assert_eq!(lines(of_taskfile(&root, "check")).as_deref(), Some("chartgate check"));
    }
}
