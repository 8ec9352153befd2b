//! Pipelines of GitHub, GitLab and Woodpecker that push charts: what judges the chart before, from what they run, and what they may do.
//!
//! Nothing is run, and nothing outside of the repository is read: what that would decide is said.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use judged::Judged;

use crate::budget::{Budget, Exceeded, Level};
use crate::source::{Error, FILE_LIMIT, Tree};
use crate::text::{Location, Source, Sources, Span};
use crate::yaml::{self, Document, Node};

mod command;
mod events;
mod expression;
mod flow;
mod github;
mod gitlab;
mod judged;
mod makefile;
mod needs;
mod permissions;
mod place;
mod recipe;
mod script;
mod shell;
mod target;
mod task;
mod woodpecker;

/// What is so of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind of thing.
    pub kind: Kind,
    /// Where.
    pub at: Location,
    /// Names it while lines move.
    pub subject: String,
    /// What is so, in lower case.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What is so of the pipelines of a repository.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    /// By place.
    pub found: Vec<Notice>,
    /// What `helm push` sends where.
    pub sent: Vec<Sent>,
    /// Why some of their files could not be read.
    pub unread: BTreeSet<String>,
    /// The files that it rests on.
    pub read: BTreeSet<String>,
    /// The bound that looking at them reached; nothing is found then.
    pub over: Option<Exceeded>,
}

/// A package that `helm push` sends to a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The package as it is named, with the variables that are known put in.
    pub package: String,
    /// The address.
    pub target: String,
    /// Where the command stands.
    pub at: Location,
}

/// Kinds of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A chart is pushed that nothing has judged.
    Ungated,
    /// A job that pushes may do more than pushing asks for.
    Permissions,
    /// A pull request pushes.
    PullRequest,
    /// No registry takes what is pushed to this address.
    Target,
    /// Whether something judges the chart depends on what is not followed.
    Untold,
    /// Whether a pull request pushes depends on what is not followed.
    Undecided,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Ungated, Self::Permissions, Self::PullRequest, Self::Target, Self::Untold, Self::Undecided];

    /// The name by which rules ask for it; none of what is not known for certain.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Ungated => Some("ungated"),
            Self::Permissions => Some("permissions"),
            Self::PullRequest => Some("pull-request"),
            Self::Target => Some("target"),
            Self::Untold | Self::Undecided => None,
        }
    }
}

/// What following the pipelines of one repository may cost.
const STEPS: u64 = 10_000_000;
/// Scripts, targets and actions that run each other.
const DEPTH: usize = 32;
/// Steps of a step of a job that another waits for.
const WAIT: usize = 2;
/// Steps of opening a file, and of each letter and folder of its path.
const READ: usize = 64;
const PART: usize = 8;
/// Bytes of a script that are looked at in the time of a step.
const SCANNED_PER_STEP: usize = 16;
/// Bytes of YAML that are parsed in the time of a step.
const PARSED_PER_STEP: usize = 4;

/// Files of a repository in which pipelines are written.
struct Files<'a> {
    tree: &'a Arc<dyn Tree>,
    sources: &'a Sources,
    /// Those that are there and could not be read; what they do with charts is not known.
    unread: RefCell<BTreeSet<String>>,
    /// Those that were asked for.
    read: RefCell<BTreeSet<String>>,
    /// Those that are no YAML, and so no pipelines that run.
    broken: RefCell<Vec<Notice>>,
    /// Addresses that no registry takes.
    refused: RefCell<Vec<Notice>>,
    /// What is sent where.
    sent: RefCell<Vec<Sent>>,
    /// Owners of the repository on GitHub, as its remotes name them.
    owners: Vec<String>,
    /// What scripts and targets of Makefiles do.
    scripts: script::Known,
    /// What actions of the repository do, by their folders.
    actions: github::Actions,
    budget: Budget,
    /// The bound that was reached.
    over: Cell<Option<Exceeded>>,
}

impl<'a> Files<'a> {
    fn new(tree: &'a Arc<dyn Tree>, sources: &'a Sources, remotes: &[String]) -> Self {
        Self {
            tree,
            sources,
            unread: RefCell::default(),
            read: RefCell::default(),
            broken: RefCell::default(),
            refused: RefCell::default(),
            sent: RefCell::default(),
            owners: target::owners(remotes),
            scripts: script::Known::default(),
            actions: github::Actions::default(),
            budget: Budget::new(STEPS, DEPTH),
            over: Cell::new(None),
        }
    }

    /// Takes steps; `false` where there are none left, and nothing more is looked at.
    fn spend(&self, steps: usize) -> bool {
        let spent = self.budget.spend(steps);
        self.over.set(self.over.get().or(spent.err()));
        spent.is_ok()
    }

    /// Takes the steps of looking through a text; `false` where there are none left.
    fn scan(&self, text: &str) -> bool {
        self.spend(1 + text.len() / SCANNED_PER_STEP)
    }

    /// Goes into what something runs; none where that is too deep.
    fn enter(&self) -> Option<Level<'_>> {
        self.budget.enter().inspect_err(|over| self.over.set(self.over.get().or(Some(*over)))).ok()
    }

    /// Notes that something is nested too deep to be followed.
    fn too_deep(&self) {
        self.over.set(self.over.get().or(Some(Exceeded::Depth(DEPTH))));
    }

    /// Notes why a path could not be looked at, unless nothing is there, or no file.
    fn note(&self, error: &Error) {
        if !matches!(error, Error::NotFound { .. } | Error::WrongKind { .. }) {
            self.unread.borrow_mut().insert(error.to_string());
        }
    }

    /// The text of a file; none where there is none that can be read.
    fn text(&self, path: &str) -> Option<String> {
        // Each folder on the way is looked at with those above it.
        let parts = path.split('/').count();
        if !self.spend(READ + PART * (path.len() + parts * parts)) {
            return None;
        }
        self.read.borrow_mut().insert(path.to_owned());
        let data = self.tree.read(path, FILE_LIMIT).inspect_err(|error| self.note(error)).ok()?;
        // What is no text is a program, and no script.
        String::from_utf8(data).ok().filter(|text| self.scan(text))
    }

    /// The root of a YAML file; none where it is not one.
    fn yaml(&self, path: &str) -> Option<Node> {
        let text = self.text(path).filter(|text| self.spend(text.len() / PARSED_PER_STEP))?;
        let id = self.sources.add(Source::new(self.tree.shown(path), self.tree.address(path), text));
        let unparsed = |error: &yaml::Error| {
            if error.is_limit {
                // Who runs it may have other bounds.
                _ = self.unread.borrow_mut().insert(format!("cannot read `{path}`: {error}"));
                return;
            }
            self.broken.borrow_mut().push(Notice {
                kind: Kind::Untold,
                at: Location::new(id, Span::default()),
                subject: path.to_owned(),
                message: format!("what the pipeline does is not known, since it is no YAML: {}", error.message),
                help: String::new(),
            });
        };
        let documents = Document::parse_all(id, &self.sources.get(id).text).inspect_err(unparsed).ok()?;
        documents.into_iter().find(|document| document.root.as_map().is_some()).map(|document| document.root)
    }

    /// All files below a folder.
    fn below(&self, folder: &str) -> Vec<String> {
        let listed = self.tree.list_kept(folder).inspect_err(|error| self.note(error)).unwrap_or_default();
        let paths = listed.into_iter().map(|entry| entry.path);
        paths.take_while(|_| self.spend(1)).collect()
    }

    /// The YAML files right in a folder.
    fn within(&self, folder: &str) -> Vec<String> {
        let is_own = |path: &String| {
            let name = path.strip_prefix(folder).map(|name| name.trim_start_matches('/'));
            name.is_some_and(|name| !name.contains('/') && (name.ends_with(".yml") || name.ends_with(".yaml")))
        };
        self.below(folder).into_iter().filter(is_own).collect()
    }

    /// Where a word of a command stands in the text of a node, comments aside: on the first of the lines that have most of the other words. None where
    /// it is not there as it is read.
    fn place(&self, node: &Node, word: &str, others: &[String]) -> Option<Location> {
        let Location { source, span } = node.location;
        let text = Arc::clone(&self.sources.get(source).text);
        let start = span.start as usize;
        let inside = text.get(start..(span.end as usize).min(text.len())).unwrap_or_default();
        if !self.scan(inside) {
            return None;
        }
        let mut at = start;
        let mut best: Option<(usize, Location)> = None;
        for line in inside.split_inclusive('\n') {
            for (found, _) in line.match_indices(word).filter(|_| !line.trim_start().starts_with('#')) {
                if best.is_some() && !self.spend(1 + others.len() * (1 + line.len() / SCANNED_PER_STEP)) {
                    break;
                }
                let behind = &line[found..];
                let fits = others.iter().filter(|other| behind.contains(&***other)).count();
                if best.is_none_or(|(most, _)| fits > most) {
                    best = Some((fits, Location::new(source, Span::new(at + found, at + found + word.len()))));
                }
                if fits == others.len() {
                    return best.map(|(_, place)| place);
                }
            }
            at += line.len();
        }
        best.map(|(_, place)| place)
    }
}

/// A job of a pipeline: steps that follow each other.
#[derive(Debug, Clone, Default)]
struct Job {
    name: String,
    steps: Vec<Step>,
    /// Jobs that must have succeeded before.
    needs: Vec<String>,
    /// What decides whether it runs, as it is written.
    condition: Option<String>,
    /// Whether its failure stops nothing.
    may_fail: bool,
    /// What it runs that is not followed, in words.
    untold: Option<String>,
    /// The pipelines that it is part of, where the system tells that by job.
    events: events::Events,
    /// Whether it asks those alone that it needs how they ended, and not what those need in turn.
    asks_nearest: bool,
    /// The steps that each step names to wait for, where they do not run one behind the other.
    waits: Option<Vec<Vec<usize>>>,
}

impl Job {
    /// The steps that are over before one: those that it waits for, and those that they wait for.
    fn before(&self, files: &Files<'_>, step: usize) -> Vec<&Step> {
        let Some(waits) = &self.waits else {
            return if files.spend(step) { self.steps[..step].iter().collect() } else { vec![] };
        };
        let mut known = BTreeSet::new();
        let mut open = waits[step].clone();
        while let Some(index) = open.pop() {
            if known.insert(index) && files.spend(WAIT * (1 + waits[index].len())) {
                open.extend(&waits[index]);
            }
        }
        known.into_iter().map(|index| &self.steps[index]).collect()
    }
}

/// A step of a job.
#[derive(Debug, Clone, Default)]
struct Step {
    /// What conditions call it.
    id: Option<String>,
    /// What it pushes, each with what is judged before in the step itself.
    pushes: Vec<Push>,
    /// What is so for whoever waits for its success.
    end: Judged,
    /// What decides whether it runs, as it is written.
    condition: Option<String>,
    /// Whether its failure stops nothing.
    may_fail: bool,
}

/// A chart is pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Push {
    /// By this.
    what: String,
    at: Location,
    /// What is judged before.
    judged: Judged,
}

/// Looks at the pipelines of a repository with these remotes.
pub fn notices(tree: &Arc<dyn Tree>, sources: &Sources, remotes: &[String]) -> Notices {
    let files = Files::new(tree, sources, remotes);
    let mut found = github::notices(&files);
    found.extend(gitlab::notices(&files));
    found.extend(woodpecker::notices(&files));
    found.extend(files.broken.into_inner());
    found.extend(files.refused.into_inner());
    let found = single(found);
    let over = files.over.get();
    // What was not followed to its end may have judged the chart.
    let found = if over.is_some() { vec![] } else { found };
    let (sent, read) = (files.sent.into_inner(), files.read.into_inner());
    Notices { found, sent, unread: files.unread.into_inner(), read, over }
}

/// Text of a scalar.
fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).and_then(Node::scalar_text)
}

/// A text, or a list of them.
fn texts(node: Option<&Node>) -> Vec<String> {
    match node {
        Some(node) => match node.as_seq() {
            Some(items) => items.iter().filter_map(Node::scalar_text).map(str::to_owned).collect(),
            None => node.scalar_text().map(str::to_owned).into_iter().collect(),
        },
        None => vec![],
    }
}

/// The jobs of a pipeline by name.
type Jobs = BTreeMap<String, Job>;

/// Every push of a chart with what is judged of it before. One that several jobs do is there for each of them.
fn pushes<'j>(files: &Files<'_>, jobs: &'j Jobs) -> Vec<(&'j Job, usize, &'j str, Location, Judged)> {
    let mut found = vec![];
    for job in jobs.values() {
        for (index, step) in job.steps.iter().enumerate() {
            for push in &step.pushes {
                let judged = needs::judged(files, jobs, job, index, &push.judged);
                found.push((job, index, push.what.as_str(), push.at, judged));
            }
        }
    }
    found
}

/// The notices by place: of what is said there of one push, what is worst.
fn single(mut found: Vec<Notice>) -> Vec<Notice> {
    let rank = |kind: Kind| match kind {
        Kind::Ungated => 0,
        Kind::Untold => 1,
        Kind::PullRequest => 2,
        Kind::Undecided => 3,
        Kind::Permissions => 4,
        Kind::Target => 5,
    };
    found.sort_by_key(|notice| (notice.at, rank(notice.kind)));
    let class = |kind: Kind| match kind {
        Kind::Untold => Kind::Ungated,
        Kind::Undecided => Kind::PullRequest,
        kind => kind,
    };
    let is_of_push = |kind: Kind| matches!(kind, Kind::Ungated | Kind::Untold | Kind::PullRequest | Kind::Undecided);
    found.dedup_by(|next, kept| next.at == kept.at && class(next.kind) == class(kept.kind) && is_of_push(next.kind));
    found
}

/// The notice of a push; none where the chart is judged before.
fn gated(what: &str, at: Location, subject: &str, judged: &Judged) -> Option<Notice> {
    let help = "run `chartgate check` in a step before it, or in a job that it needs";
    let (kind, message, help) = match judged {
        Judged::Before => return None,
        Judged::Never(None) => {
            (Kind::Ungated, format!("`{what}` pushes a chart that no `chartgate` step has judged before"), help)
        }
        Judged::Never(Some(void)) => {
            let (why, help) = void.words();
            (Kind::Ungated, format!("`{what}` pushes the chart though `chartgate` fails before it: {why}"), help)
        }
        Judged::Untold(why) => (
            Kind::Untold,
            format!("whether `chartgate` judges the chart before `{what}` depends on {why}, which is not followed"),
            help,
        ),
    };
    Some(Notice { kind, at, subject: subject.to_owned(), message, help: help.to_owned() })
}

#[cfg(test)]
mod tests;
