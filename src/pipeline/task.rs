//! Tasks of runners other than make, as the commands that they are made of.

use super::command::Runner;
use super::{Files, text};
use crate::source::join;
use crate::yaml::Node;

/// The commands of a task, a line for each; those that run the tasks that it needs stand before its own. None where no file names it.
pub(super) fn recipe(files: &Files<'_>, runner: Runner, folder: &str, task: &str) -> Option<String> {
    let read = |name: &&str| files.text(&join(folder, name));
    match runner {
        Runner::Just => of_justfile(&["justfile", "Justfile", ".justfile"].iter().find_map(read)?, task),
        Runner::Npm => {
            let package: serde_json::Value = serde_json::from_str(&read(&"package.json")?).ok()?;
            package.get("scripts")?.get(task)?.as_str().map(str::to_owned)
        }
        Runner::Task => {
            let names = ["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"];
            of_taskfile(&names.iter().find_map(|name| files.yaml(&join(folder, name)))?, task)
        }
    }
}

fn called(runner: Runner, task: &str) -> String {
    format!("{} {task}", runner.words())
}

/// A recipe: the lines below its name that are indented.
fn of_justfile(justfile: &str, task: &str) -> Option<String> {
    let mut lines = justfile.lines();
    let is_head = |line: &&str| {
        let head = line.split(':').next().unwrap_or_default().trim_start_matches('@');
        line.contains(':') && !line.starts_with([' ', '\t', '#']) && head.split_whitespace().next() == Some(task)
    };
    let (_, needed) = lines.find(is_head)?.split_once(':')?;
    let needed = needed.split(['(', ')', ' ']).filter(|name| !matches!(*name, "" | "&&"));
    let body = lines.take_while(|line| line.trim().is_empty() || line.starts_with([' ', '\t']));
    let body = body.map(|line| line.trim().trim_start_matches(['@', '-']).to_owned()).filter(|line| !line.is_empty());
    Some(needed.map(|name| called(Runner::Just, name)).chain(body).collect::<Vec<_>>().join("\n"))
}

/// A task of a Taskfile: `deps`, then `cmds`, each a command or another task.
fn of_taskfile(root: &Node, task: &str) -> Option<String> {
    let node = root.get("tasks")?.get(task)?;
    if let Some(command) = node.scalar_text() {
        return Some(command.to_owned());
    }
    let items = |key: &str| {
        let items = node.get(key);
        let listed = items.and_then(Node::as_seq);
        listed.map_or_else(|| items.into_iter().collect(), |items| items.iter().collect::<Vec<_>>())
    };
    let named = |item: &Node| text(item, "task").map(|name| called(Runner::Task, name));
    let needed = |item: &Node| named(item).or_else(|| item.scalar_text().map(|name| called(Runner::Task, name)));
    let command = |item: &Node| named(item).or_else(|| text(item, "cmd").or(item.scalar_text()).map(str::to_owned));
    let needed = items("deps").into_iter().filter_map(needed);
    let commands = ["cmds", "cmd"].into_iter().flat_map(items).filter_map(command);
    Some(needed.chain(commands).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    #[test]
    fn a_recipe_of_just_runs_what_it_needs_before() {
        let justfile =
            "v := '1'\n\n# all\nrelease version='1': check (pack version)\n    @helm push x oci://r\n\ncheck:\n  a\n";
        let expected = "just check\njust pack\njust version\nhelm push x oci://r";
        assert_eq!(of_justfile(justfile, "release").as_deref(), Some(expected));
        assert_eq!(of_justfile(justfile, "none"), None);
    }

    #[test]
    fn a_task_runs_what_it_depends_on_before() {
        let text = "tasks:\n  check: chartgate check\n  push:\n    deps: [check]\n    cmds:\n    - task: pack\n    - cmd: helm push x oci://r\n    - ls\n";
        let id = Sources::new().add(Source::new("Taskfile.yml", Address::Rendered, text));
        let root = Document::parse(id, text).expect("valid").root;
        let expected = "task check\ntask pack\nhelm push x oci://r\nls";
        assert_eq!(of_taskfile(&root, "push").as_deref(), Some(expected));
        assert_eq!(of_taskfile(&root, "check").as_deref(), Some("chartgate check"));
    }
}
