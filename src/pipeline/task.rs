//! Tasks of runners other than make, as the commands that they are made of.

use super::command::{Made, Mode, Runner};
use super::recipe::{Line, Recipe};
use super::{Files, text, texts};
use crate::source::join;
use crate::yaml::Node;

const HOOKS: &str = ".pre-commit-config.yaml";
const JUSTFILES: [&str; 3] = ["justfile", "Justfile", ".justfile"];
const TASKFILES: [&str; 4] = ["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"];

/// The commands of tasks that are run in a folder, one task behind the other; those that run the tasks that one needs stand before its own. None where
/// there is no file that names them.
pub(super) fn recipe(files: &Files<'_>, folder: &str, made: &Made) -> Option<Recipe> {
    let own = made.file.as_deref();
    let mut names: Vec<&str> = made.names.iter().map(String::as_str).collect();
    match made.runner {
        Runner::Make => None,
        Runner::Just => {
            let read = |name: &&str| files.text(&join(folder, name));
            let justfile = own.map_or_else(|| JUSTFILES.iter().find_map(read), |own| read(&own))?;
            if names.is_empty() {
                names.extend(first(&justfile));
            }
            let call = Call::new("just", own.map(|own| ("-f", own)));
            // What is no recipe is an argument of one.
            let found = names.into_iter().take_while(|_| files.scan(&justfile));
            together(found.filter_map(|name| of_justfile(&justfile, name, &call)))
        }
        Runner::Npm => {
            let package = files.text(&join(folder, "package.json"))?;
            let package: serde_json::Value = serde_json::from_str(&package).ok()?;
            together(names.into_iter().filter_map(|name| of_package(&package, name)))
        }
        Runner::PreCommit => {
            let root = files.yaml(&join(folder, own.unwrap_or(HOOKS)))?;
            Some(of_hooks(&root, &names))
        }
        Runner::Task => {
            let read = |name: &&str| files.yaml(&join(folder, name));
            let root = own.map_or_else(|| TASKFILES.iter().find_map(read), |own| read(&own))?;
            if names.is_empty() {
                names.push("default");
            }
            let call = Call::new("task", own.map(|own| ("-t", own)));
            together(names.into_iter().filter_map(|name| of_taskfile(&root, name, &call)))
        }
    }
}

/// The commands of the hooks that judge charts; all hooks where none is named.
fn of_hooks(root: &Node, names: &[&str]) -> Recipe {
    let mut recipe = Recipe::default();
    for repository in root.items("repos") {
        let is_own = text(repository, "repo").is_some_and(|url| url.contains("chartgate"));
        for hook in repository.items("hooks") {
            let id = text(hook, "id").unwrap_or_default();
            let is_named = names.is_empty()
                || names.contains(&id)
                || text(hook, "alias").is_some_and(|alias| names.contains(&alias));
            let entry =
                text(hook, "entry").or_else(|| (is_own && id.starts_with("chartgate")).then_some("chartgate check"));
            let Some(entry) = entry.filter(|_| is_named && is_of_commits(hook)) else { continue };
            let quoted = |word: &String| format!("'{}'", word.replace('\'', r"'\''"));
            let arguments: Vec<String> = texts(hook.get("args")).iter().map(quoted).collect();
            // All files are given, so that `--files` leaves none out.
            let command = format!("{entry} {}", arguments.join(" ")).replace("--files", "");
            match ["files", "exclude", "types", "types_or"].into_iter().find(|key| hook.get(key).is_some()) {
                Some(key) if command.contains("chartgate") => {
                    recipe.untold = Some(format!("the `{key}` of the hook `{id}`"));
                }
                _ => recipe.lines.push(Line::plain(command)),
            }
        }
    }
    recipe
}

/// Whether a hook runs where no stage is named.
fn is_of_commits(hook: &Node) -> bool {
    let stages = texts(hook.get("stages"));
    stages.is_empty() || stages.iter().any(|stage| stage == "pre-commit" || stage == "commit")
}

/// How a task calls another of its file.
struct Call(String);

impl Call {
    fn new(program: &str, file: Option<(&str, &str)>) -> Self {
        Self(file.map_or_else(|| program.to_owned(), |(option, file)| format!("{program} {option} {file}")))
    }

    fn of(&self, task: &str) -> Line {
        Line::plain(format!("{} {task}", self.0))
    }
}

/// Recipes one behind the other; none of none.
fn together(recipes: impl Iterator<Item = Recipe>) -> Option<Recipe> {
    recipes.reduce(|mut all, next| {
        all.lines.extend(next.lines);
        all
    })
}

/// A script of `package.json` with those that run before and behind it.
fn of_package(package: &serde_json::Value, script: &str) -> Option<Recipe> {
    let scripts = package.get("scripts")?;
    let named = |name: &str| scripts.get(name).and_then(serde_json::Value::as_str).map(Line::plain);
    let own = named(script)?;
    let lines = named(&format!("pre{script}")).into_iter().chain([own]).chain(named(&format!("post{script}")));
    Some(Recipe { lines: lines.collect(), ..Recipe::default() })
}

/// The name of the recipe that a line of a justfile begins.
fn head(line: &str) -> Option<&str> {
    let is_head = line.contains(':') && !line.contains(":=") && !line.starts_with([' ', '\t', '#', '[']);
    line.split(':').next()?.trim_start_matches('@').split_whitespace().next().filter(|_| is_head)
}

/// The first recipe, which is meant where none is named.
fn first(justfile: &str) -> Option<&str> {
    justfile.lines().find_map(head)
}

/// A recipe: the lines below its name that are indented, each of which a shell of its own runs unless they name a program by `#!`.
fn of_justfile(justfile: &str, task: &str, call: &Call) -> Option<Recipe> {
    let mut lines = justfile.lines();
    let (_, needed) = lines.find(|line| head(line) == Some(task))?.split_once(':')?;
    let (before, behind) = needed.split_once("&&").unwrap_or((needed, ""));
    let names = |needed: &str| -> Vec<Line> {
        let names = needed.split(['(', ')', ' ']).filter(|name| !name.is_empty());
        names.map(|name| call.of(name)).collect()
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
    Some(Recipe { lines: lines.collect(), mode, untold: None })
}

/// A task of a Taskfile that another one includes, as the command that runs it.
fn of_included(root: &Node, task: &str) -> Option<Recipe> {
    let (name, task) = task.trim_start_matches(':').split_once(':')?;
    let included = root.get("includes")?.get(name)?;
    let path = included.scalar_text().or_else(|| text(included, "taskfile"))?;
    let is_file = path.ends_with(".yml") || path.ends_with(".yaml");
    let file = if is_file { path.to_owned() } else { join(path, TASKFILES[0]) };
    Some(Recipe { lines: vec![Line::plain(format!("task -t {file} {task}"))], ..Recipe::default() })
}

/// A task of a Taskfile: `deps`, then `cmds`, each a command or another task.
fn of_taskfile(root: &Node, task: &str, call: &Call) -> Option<Recipe> {
    let Some(node) = root.get("tasks").and_then(|tasks| tasks.get(task)) else { return of_included(root, task) };
    let options = [root, node].into_iter().flat_map(|node| texts(node.get("set")));
    let mode = options.fold(Mode::STOPPING, |mode, option| mode.with(["-o", &option]));
    if let Some(command) = node.scalar_text() {
        return Some(Recipe { lines: vec![Line::plain(command)], mode, untold: None });
    }
    let items = |key: &str| {
        let items = node.get(key);
        let listed = items.and_then(Node::as_seq);
        listed.map_or_else(|| items.into_iter().collect(), |items| items.iter().collect::<Vec<_>>())
    };
    let may_fail = |node: &Node| node.get("ignore_error").and_then(Node::as_bool) == Some(true);
    let named = |item: &Node| text(item, "task").map(|name| call.of(name));
    let needed = |item: &Node| named(item).or_else(|| item.scalar_text().map(|name| call.of(name)));
    let command = |item: &Node| {
        let line = named(item).or_else(|| text(item, "cmd").or(item.scalar_text()).map(Line::plain))?;
        Some(Line { may_fail: may_fail(item) || may_fail(node), ..line })
    };
    let needed = items("deps").into_iter().filter_map(needed);
    let commands = ["cmds", "cmd"].into_iter().flat_map(items).filter_map(command);
    Some(Recipe { lines: needed.chain(commands).collect(), mode, untold: None })
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
        let call = Call::new("just", None);
        assert_eq!(lines(of_justfile(justfile, "release", &call)).as_deref(), Some(expected));
        assert_eq!(of_justfile(justfile, "none", &call), None);
        assert_eq!(first(justfile), Some("release"));
    }

    #[test]
    fn a_task_runs_what_it_depends_on_before() {
        let text = "tasks:\n  check: chartgate check\n  push:\n    deps: [check]\n    cmds:\n    - task: pack\n    - cmd: helm push x oci://r\n    - ls\n";
        let id = Sources::new().add(Source::new("Taskfile.yml", Address::Rendered, text));
        let root = Document::parse(id, text).expect("valid").root;
        let expected = "task check\ntask pack\nhelm push x oci://r\nls";
        let call = Call::new("task", None);
        assert_eq!(lines(of_taskfile(&root, "push", &call)).as_deref(), Some(expected));
        assert_eq!(lines(of_taskfile(&root, "check", &call)).as_deref(), Some("chartgate check"));
    }
}
