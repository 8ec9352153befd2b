//! Scripts and Makefiles of the repository that pipelines run, and what is in them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::command::{Callee, Does, read};
use super::{Act, Deed, Files, makefile, target, task, text};
use crate::source::{join, normal};
use crate::yaml::Node;

/// What a script runs in.
#[derive(Debug, Clone, Default)]
pub(super) struct Setting {
    /// The folder.
    pub folder: String,
    /// Variables that the pipeline sets, by name.
    pub variables: BTreeMap<String, String>,
}

impl Setting {
    /// The same with more variables, which go before those there are.
    pub(super) fn with(&self, files: &Files<'_>, variables: Option<&Node>) -> Self {
        let entries = variables.and_then(Node::as_map).map(|map| map.effective()).unwrap_or_default();
        if !files.spend(1 + 4 * (self.variables.len() + entries.len())) {
            return Self { folder: self.folder.clone(), ..Self::default() };
        }
        let mut all = self.variables.clone();
        let value = |node: &Node| node.scalar_text().or_else(|| text(node, "value")).map(str::to_owned);
        all.extend(entries.into_iter().filter_map(|(name, entry)| Some((name.into_owned(), value(&entry.value)?))));
        Self { folder: self.folder.clone(), variables: all }
    }
}

/// What files and targets do, each looked at once: the first push and the first judgement, in their order.
#[derive(Debug, Default)]
pub(super) struct Known(RefCell<BTreeMap<(Callee, String), Vec<Deed>>>);

/// What a script in a pipeline does that matters, in order.
pub(super) fn acts(files: &Files<'_>, node: &Node, script: &str, setting: &Setting) -> Vec<Act> {
    let mut found = vec![];
    if !files.scan(script) {
        return found;
    }
    for does in read(script) {
        match does {
            Does::Judge(true) => found.push(Act::Gate),
            Does::Judge(false) => {}
            Does::Push(what, target) => {
                let program = what.split(' ').next().unwrap_or_default();
                let at = files.place(node, &what);
                let at = if at == node.location { files.place(node, program) } else { at };
                if let Some(target) = target {
                    target::note(files, node, &target, &setting.variables, at);
                }
                found.push(Act::Push(what, at));
            }
            Does::Run(callee) => {
                let act = |deed| match deed {
                    Deed::Judge => Act::Gate,
                    Deed::Push => Act::Push(shown(&callee), files.place(node, &shown(&callee))),
                };
                found.extend(deeds(files, &callee, &setting.folder).into_iter().map(act));
            }
        }
    }
    found
}

fn shown(callee: &Callee) -> String {
    match callee {
        Callee::File(path) => path.clone(),
        Callee::Task(runner, task) => format!("{} {task}", runner.words()),
        Callee::Make(target, folder) if folder.is_empty() => format!("make {target}"),
        Callee::Make(target, folder) => format!("make -C {folder} {target}"),
    }
}

/// What a file or a target does, and what those do that it runs. What runs itself does nothing more by that.
fn deeds(files: &Files<'_>, callee: &Callee, folder: &str) -> Vec<Deed> {
    let key = (callee.clone(), folder.to_owned());
    if let Some(known) = files.scripts.0.borrow().get(&key) {
        return known.clone();
    }
    let Some(_level) = files.enter() else { return vec![] };
    files.scripts.0.borrow_mut().insert(key.clone(), vec![]);
    let (script, folder) = script(files, callee, folder);
    let mut found: Vec<Deed> = vec![];
    for does in script.map(|script| read(&script)).unwrap_or_default() {
        match does {
            Does::Judge(true) => Deed::Judge.note(&mut found),
            Does::Judge(false) => {}
            Does::Push(..) => Deed::Push.note(&mut found),
            Does::Run(callee) => deeds(files, &callee, &folder).into_iter().for_each(|deed| deed.note(&mut found)),
        }
    }
    files.scripts.0.borrow_mut().insert(key, found.clone());
    found
}

/// The commands of a file or a target, and the folder that they run in.
fn script(files: &Files<'_>, callee: &Callee, folder: &str) -> (Option<String>, String) {
    match callee {
        Callee::File(path) => (normal(folder, path).and_then(|path| files.text(&path)), folder.to_owned()),
        Callee::Task(runner, task) => (task::recipe(files, *runner, folder, task), folder.to_owned()),
        Callee::Make(target, below) => {
            let folder = normal(folder, below).unwrap_or_default();
            let text = makefile::NAMES.iter().find_map(|name| files.text(&join(&folder, name)));
            (text.map(|text| makefile::recipe(&text, target)), folder)
        }
    }
}
