//! Scripts and Makefiles of the repository that pipelines run, and what is in them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use super::command::{Callee, Delivery, Mode};
use super::flow::{Shell, World};
use super::judged::{Judged, Void};
use super::recipe::{Line, Recipe};
use super::{Files, Push, makefile, target, task, text};
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

/// Bytes of a variable that are kept: more is no part of an address.
const LONGEST: usize = 512;

/// What files and targets do, each looked at once.
#[derive(Debug, Default)]
pub(super) struct Known(RefCell<BTreeMap<(Callee, String, Mode), Deeds>>);

/// What something does that is run by name, whatever it is that does it below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Deeds {
    /// What is judged before the first of its pushes that is judged least; none where it pushes nothing.
    pub pushes: Option<Judged>,
    /// What is so for whoever waits for it to succeed.
    pub end: Judged,
}

impl Deeds {
    /// Adds a push with what is judged before it.
    pub(super) fn push(&mut self, judged: Judged) {
        let rank = |judged: &Judged| match judged {
            Judged::Never(_) => 0,
            Judged::Untold(_) => 1,
            Judged::Before => 2,
        };
        if self.pushes.as_ref().is_none_or(|known| rank(&judged) < rank(known)) {
            self.pushes = Some(judged);
        }
    }
}

/// A script in a pipeline, as it is read line by line.
pub(super) struct Script<'f, 'a> {
    files: &'f Files<'a>,
    setting: &'f Setting,
    /// Variables as they are set so far.
    variables: Cow<'f, BTreeMap<String, String>>,
    /// The line that is read.
    node: &'f Node,
    pushes: Vec<Push>,
}

impl World for Script<'_, '_> {
    fn set(&mut self, name: &str, value: Option<&str>) {
        if !self.files.spend(1 + self.variables.len()) {
            return;
        }
        // What it is filled with may be long as well, and twice as long each time.
        let is_short = |value: &str| value.len() <= LONGEST;
        let filled = value.filter(|value| is_short(value)).map(|value| target::filled(value, &self.variables));
        match filled.filter(|value| is_short(value)) {
            Some(value) => _ = self.variables.to_mut().insert(name.to_owned(), value),
            None if self.variables.contains_key(name) => _ = self.variables.to_mut().remove(name),
            None => {}
        }
    }

    fn pushed(&mut self, delivery: &Delivery, judged: Judged) {
        let what = &*delivery.what;
        let program = what.split(' ').next().unwrap_or_default();
        let at = self.files.place(self.node, what);
        let at = if at == self.node.location { self.files.place(self.node, program) } else { at };
        target::note(self.files, self.node, delivery, &self.variables, at);
        self.pushes.push(Push { what: what.to_owned(), at, judged });
    }

    fn sourced(&self, path: &str) -> Option<String> {
        sourced(self.files, path, &self.setting.folder, &self.setting.folder)
    }

    fn run(&mut self, callee: &Callee, mode: Mode, judged: &Judged) -> Judged {
        let Deeds { pushes, end } = deeds(self.files, callee, mode, &self.setting.folder);
        if let Some(pushes) = pushes {
            let (what, judged) = (shown(callee), judged.clone().or(pushes));
            let at = self.files.place(self.node, &what);
            self.pushes.push(Push { what, at, judged });
        }
        end
    }
}

/// The pushes of scripts that one shell runs one behind the other, and what is so behind them.
pub(super) fn acts<'n>(
    files: &Files<'_>,
    lines: impl IntoIterator<Item = (&'n Node, &'n str)>,
    setting: &Setting,
    mode: Mode,
) -> (Vec<Push>, Judged) {
    let mut lines = lines.into_iter().peekable();
    let Some((node, _)) = lines.peek() else { return (vec![], Judged::default()) };
    let variables = Cow::Borrowed(&setting.variables);
    let mut script = Script { files, setting, variables, node, pushes: vec![] };
    let mut shell = Shell::new(files, &mut script, mode, Judged::default());
    for (node, text) in lines {
        shell.world().node = node;
        shell.run(text);
    }
    let end = shell.finish();
    (script.pushes, end)
}

fn shown(callee: &Callee) -> String {
    match callee {
        Callee::File(path) => path.clone(),
        Callee::Task(runner, task) => format!("{} {task}", runner.words()),
        Callee::Make(target, folder) if folder.is_empty() => format!("make {target}"),
        Callee::Make(target, folder) => format!("make -C {folder} {target}"),
    }
}

/// A file or target, as it is run.
struct Called<'f, 'a> {
    files: &'f Files<'a>,
    folder: &'f str,
    /// The folder in which the file lies.
    home: String,
    deeds: Deeds,
}

impl World for Called<'_, '_> {
    fn pushed(&mut self, _: &Delivery, judged: Judged) {
        self.deeds.push(judged);
    }

    fn sourced(&self, path: &str) -> Option<String> {
        sourced(self.files, path, self.folder, &self.home)
    }

    fn run(&mut self, callee: &Callee, mode: Mode, judged: &Judged) -> Judged {
        let Deeds { pushes, end } = deeds(self.files, callee, mode, self.folder);
        if let Some(pushes) = pushes {
            self.deeds.push(judged.clone().or(pushes));
        }
        end
    }
}

/// The text of a file that a script sources: from the folder that it runs in, or behind `$(dirname "$0")/` and its like from its own.
fn sourced(files: &Files<'_>, path: &str, folder: &str, home: &str) -> Option<String> {
    if !path.starts_with('$') {
        return normal(folder, path).and_then(|path| files.text(&path));
    }
    let end = path.rfind(['}', ')']).map_or(0, |end| end + 1);
    let (_, tail) = path[end..].split_once('/')?;
    normal(home, tail).filter(|_| !tail.contains('$')).and_then(|path| files.text(&path))
}

/// What a file or a target does, and what those do that it runs. What runs itself does nothing more by that.
fn deeds(files: &Files<'_>, callee: &Callee, mode: Mode, folder: &str) -> Deeds {
    let key = (callee.clone(), folder.to_owned(), mode);
    if let Some(known) = files.scripts.0.borrow().get(&key) {
        return known.clone();
    }
    let Some(_level) = files.enter() else { return Deeds::default() };
    files.scripts.0.borrow_mut().insert(key.clone(), Deeds::default());
    let (recipe, folder) = recipe(files, callee, mode, folder);
    let home = match callee {
        Callee::File(path) => normal(&folder, path).and_then(|path| Some(path.rsplit_once('/')?.0.to_owned())),
        Callee::Make(..) | Callee::Task(..) => Some(folder.clone()),
    };
    let mut world = Called { files, folder: &folder, home: home.unwrap_or_default(), deeds: Deeds::default() };
    let mut end = Judged::default();
    for line in recipe.lines {
        let mut shell = Shell::new(files, &mut world, recipe.mode, end.clone());
        shell.run(&line.text);
        let after = shell.finish();
        end = if line.may_fail && after != end { end.beside(Void::MayFail) } else { after };
    }
    let found = Deeds { end, ..world.deeds };
    files.scripts.0.borrow_mut().insert(key, found.clone());
    found
}

/// The commands of a file or a target, and the folder that they run in.
fn recipe(files: &Files<'_>, callee: &Callee, mode: Mode, folder: &str) -> (Recipe, String) {
    match callee {
        Callee::File(path) => {
            let text = normal(folder, path).and_then(|path| files.text(&path)).unwrap_or_default();
            let head = text.lines().next().and_then(|line| line.strip_prefix("#!")).unwrap_or_default();
            let mode = mode.with(head.split_whitespace());
            (Recipe { lines: vec![Line::plain(text)], mode }, folder.to_owned())
        }
        Callee::Task(runner, task) => {
            (task::recipe(files, *runner, folder, task).unwrap_or_default(), folder.to_owned())
        }
        Callee::Make(target, below) => {
            // A Makefile outside of the repository is not known.
            let Some(folder) = normal(folder, below) else { return (Recipe::default(), String::new()) };
            let text = makefile::NAMES.iter().find_map(|name| files.text(&join(&folder, name)));
            (text.map(|text| makefile::recipe(&text, target)).unwrap_or_default(), folder)
        }
    }
}
