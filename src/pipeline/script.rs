//! Scripts and Makefiles of the repository that pipelines run, and what is in them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use super::command::{Callee, Delivery, Made, Mode, Runner};
use super::flow::{Shell, World};
use super::judged::{Judged, Void};
use super::place::Place;
use super::recipe::{Line, Recipe};
use super::{Files, Push, makefile, target, task, text};
use crate::source::normal;
use crate::yaml::Node;

/// What a script runs in.
#[derive(Debug, Clone, Default)]
pub(super) struct Setting {
    /// The folder.
    pub folder: String,
    /// The folder that the script lies in, where that is another.
    pub home: Option<String>,
    /// Variables that the pipeline sets, by name.
    pub variables: BTreeMap<String, String>,
}

impl Setting {
    /// The same with more variables, which go before those there are.
    pub(super) fn with(&self, files: &Files<'_>, variables: Option<&Node>) -> Self {
        let entries = variables.and_then(Node::as_map).map(|map| map.effective()).unwrap_or_default();
        if !files.spend(1 + 4 * (self.variables.len() + entries.len())) {
            return Self { variables: BTreeMap::new(), folder: self.folder.clone(), home: self.home.clone() };
        }
        let mut all = self.variables.clone();
        let value = |node: &Node| node.scalar_text().or_else(|| text(node, "value")).map(str::to_owned);
        all.extend(entries.into_iter().filter_map(|(name, entry)| Some((name.into_owned(), value(&entry.value)?))));
        Self { folder: self.folder.clone(), home: self.home.clone(), variables: all }
    }
}

/// Bytes of a variable that are kept: more is no part of an address.
const LONGEST: usize = 512;
/// Steps of a value that is kept.
const KEPT: usize = 4;

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
    /// Whether nothing is there that could be followed.
    is_missing: bool,
}

impl Deeds {
    /// With these pushes and this end.
    pub(super) fn new(pushes: Option<Judged>, end: Judged) -> Self {
        Self { pushes, end, is_missing: false }
    }

    /// Adds a push with what is judged before it.
    pub(super) fn push(&mut self, judged: Judged) {
        self.pushes = Some(match self.pushes.take() {
            Some(known) => known.least(judged),
            None => judged,
        });
    }
}

/// A script in a pipeline, as it is read line by line.
pub(super) struct Script<'f, 'a> {
    files: &'f Files<'a>,
    /// Variables as they are set so far.
    variables: Cow<'f, BTreeMap<String, String>>,
    /// The line that is read.
    node: &'f Node,
    pushes: Vec<Push>,
}

impl World for Script<'_, '_> {
    fn set(&mut self, name: &str, value: Option<&str>) {
        set(self.files, &mut self.variables, name, value);
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    fn pushed(&mut self, delivery: &Delivery, judged: Judged) {
        let at = place(self.files, self.node, &delivery.what, &delivery.words);
        target::note(self.files, self.node, delivery, &self.variables, at);
        self.pushes.push(Push { what: delivery.what.clone(), at, judged });
    }

    fn sourced(&self, path: &str, place: &Place) -> Option<String> {
        sourced(self.files, path, place)
    }

    fn run(&mut self, callee: &Callee, mode: Mode, from: &Place, judged: &Judged) -> Judged {
        let Deeds { pushes, end, .. } = called(self.files, callee, mode, from);
        if let Some(pushes) = pushes {
            let (what, judged) = (callee.shown(), judged.clone().or(pushes));
            let at = place(self.files, self.node, &what, &[]);
            self.pushes.push(Push { what, at, judged });
        }
        end
    }
}

/// Sets a variable, or forgets it where its value is not known.
fn set(files: &Files<'_>, variables: &mut Cow<'_, BTreeMap<String, String>>, name: &str, value: Option<&str>) {
    let copied = if matches!(variables, Cow::Borrowed(_)) { KEPT * variables.len() } else { 0 };
    if !files.spend(KEPT + copied) {
        return;
    }
    let short = |value: &str| value.len() <= LONGEST;
    let value = value.filter(|value| short(value));
    match value.map(|value| target::filled(files, value, variables)).filter(|value| short(value)) {
        Some(value) => _ = variables.to_mut().insert(name.to_owned(), value),
        None if variables.contains_key(name) => _ = variables.to_mut().remove(name),
        None => {}
    }
}

/// Where a command stands in the text of a node: where most of its words follow, else where its program is named.
fn place(files: &Files<'_>, node: &Node, what: &str, words: &[String]) -> crate::text::Location {
    let program = || files.place(node, what.split(' ').next().unwrap_or_default(), &[]);
    files.place(node, what, words).or_else(program).unwrap_or(node.location)
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
    let mut script = Script { files, variables, node, pushes: vec![] };
    let start = Place::new(&*setting.folder, setting.home.as_deref().unwrap_or(&setting.folder));
    let mut shell = Shell::new(files, &mut script, mode, start, Judged::default());
    for (node, text) in lines {
        shell.world().node = node;
        shell.run(text);
    }
    let end = shell.finish();
    (script.pushes, end)
}

/// A file or target, as it is run.
struct Called<'f, 'a> {
    files: &'f Files<'a>,
    /// Variables that it sets.
    variables: Cow<'f, BTreeMap<String, String>>,
    deeds: Deeds,
}

impl World for Called<'_, '_> {
    fn set(&mut self, name: &str, value: Option<&str>) {
        set(self.files, &mut self.variables, name, value);
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    fn pushed(&mut self, _: &Delivery, judged: Judged) {
        self.deeds.push(judged);
    }

    fn sourced(&self, path: &str, place: &Place) -> Option<String> {
        sourced(self.files, path, place)
    }

    fn run(&mut self, callee: &Callee, mode: Mode, from: &Place, judged: &Judged) -> Judged {
        let Deeds { pushes, end, .. } = called(self.files, callee, mode, from);
        if let Some(pushes) = pushes {
            self.deeds.push(judged.clone().or(pushes));
        }
        end
    }
}

/// The text of a file that a script sources.
fn sourced(files: &Files<'_>, path: &str, place: &Place) -> Option<String> {
    files.text(&place.path(path)?)
}

/// What something does that is run from a place. What may lie elsewhere, and is not there, may do anything.
fn called(files: &Files<'_>, callee: &Callee, mode: Mode, from: &Place) -> Deeds {
    let found = deeds(files, callee, mode, from);
    let is_script = match callee {
        Callee::File(path) | Callee::Foreign(path) => [".sh", ".bash", ".py"].iter().any(|end| path.ends_with(end)),
        Callee::Made(_) => true,
    };
    if found.is_missing && from.is_lost && is_script {
        return Deeds { end: Judged::Untold(format!("the folder that `{}` runs in", callee.shown())), ..found };
    }
    found
}

/// What a file or a target does, and what those do that it runs. What runs itself does nothing more by that.
fn deeds(files: &Files<'_>, callee: &Callee, mode: Mode, from: &Place) -> Deeds {
    // A file is the same one under each of its paths, in one folder.
    let (callee, folder) = match callee {
        Callee::File(path) => (from.path(path).map(Callee::File), from.folder.clone()),
        Callee::Foreign(path) => (from.path(path).map(Callee::Foreign), String::new()),
        Callee::Made(asked) => (Some(Callee::Made(asked.clone())), from.folder.clone()),
    };
    let missing = Deeds { is_missing: true, ..Deeds::default() };
    let Some(callee) = callee else { return missing };
    let key = (callee, folder, mode);
    if let Some(known) = files.scripts.0.borrow().get(&key) {
        return known.clone();
    }
    let Some(_level) = files.enter() else { return Deeds::default() };
    files.scripts.0.borrow_mut().insert(key.clone(), Deeds::default());
    let found = match &key {
        (Callee::File(path), folder, mode) => of_file(files, path, folder, *mode),
        (Callee::Foreign(path), ..) => files.text(path).map(|text| foreign(&text, path)),
        (Callee::Made(asked), folder, _) => of_made(files, asked, folder),
    };
    let found = found.unwrap_or(missing);
    files.scripts.0.borrow_mut().insert(key, found.clone());
    found
}

/// Languages whose scripts are not followed, as a first line names them.
const FOREIGN: [&str; 5] = ["python", "node", "ruby", "perl", "deno"];

fn of_file(files: &Files<'_>, path: &str, folder: &str, mode: Mode) -> Option<Deeds> {
    let text = files.text(path)?;
    let head = text.lines().next().and_then(|line| line.strip_prefix("#!")).unwrap_or_default();
    if FOREIGN.iter().any(|language| head.contains(language)) {
        return Some(foreign(&text, path));
    }
    let mode = mode.with(head.split_whitespace());
    let home = path.rsplit_once('/').map_or("", |(home, _)| home);
    Some(followed(files, Recipe { lines: vec![Line::plain(&*text)], mode, untold: None }, &Place::new(folder, home)))
}

/// What a script of another language may do, as far as its words tell.
pub(super) fn foreign(text: &str, name: &str) -> Deeds {
    let untold = || Judged::Untold(format!("what `{name}` does"));
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let pushes = has(&["helm push", "helm cm-push", "cr upload"])
        || (has(&["\"helm\"", "'helm'"]) && has(&["\"push\"", "'push'", "\"cm-push\"", "'cm-push'"]));
    Deeds::new(pushes.then(untold), if has(&["chartgate"]) { untold() } else { Judged::default() })
}

fn of_made(files: &Files<'_>, made: &Made, folder: &str) -> Option<Deeds> {
    // What lies outside of the repository is not known.
    let folder = normal(folder, &made.folder).filter(|_| !made.folder.contains('$'))?;
    let recipe = match made.runner {
        Runner::Make => makefile::recipe(files, &folder, made.file.as_deref(), &made.names),
        _ => task::recipe(files, &folder, made),
    };
    Some(followed(files, recipe?, &Place::new(&*folder, &*folder)))
}

/// What commands do one behind the other, each in a shell of its own that starts at a place.
fn followed(files: &Files<'_>, recipe: Recipe, from: &Place) -> Deeds {
    let mut world = Called { files, variables: Cow::default(), deeds: Deeds::default() };
    let mut end = Judged::default();
    for line in recipe.lines {
        let mut shell = Shell::new(files, &mut world, recipe.mode, from.clone(), end.clone());
        shell.run(&line.text);
        let after = shell.finish();
        end = if line.may_fail && after != end { end.beside(Void::MayFail) } else { after };
    }
    if let Some(why) = recipe.untold {
        end = end.or(Judged::Untold(why));
    }
    Deeds { end, ..world.deeds }
}
