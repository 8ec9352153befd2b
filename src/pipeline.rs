//! Pipelines of GitHub, GitLab and Woodpecker that push charts: what judges the chart before, from what they run, and what they may do.
//!
//! Nothing is run, and nothing outside of the repository is read: what that would decide is said.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::source::{Error, FILE_LIMIT, Tree};
use crate::text::{Location, Source, Sources, Span};
use crate::yaml::{self, Document, Node};

mod command;
mod github;
mod gitlab;
mod needs;
mod permissions;
mod script;
mod target;
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
    /// Why some of their files could not be read.
    pub unread: BTreeSet<String>,
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
}

/// Files of a repository in which pipelines are written.
struct Files<'a> {
    tree: &'a Arc<dyn Tree>,
    sources: &'a Sources,
    /// Those that are there and could not be read; what they do with charts is not known.
    unread: RefCell<BTreeSet<String>>,
    /// Those that are no YAML, and so no pipelines that run.
    broken: RefCell<Vec<Notice>>,
    /// Addresses that no registry takes.
    refused: RefCell<Vec<Notice>>,
    /// Owners of the repository on GitHub, as its remotes name them.
    owners: Vec<String>,
}

impl Files<'_> {
    /// Notes why a path could not be looked at, unless nothing is there, or no file.
    fn note(&self, error: &Error) {
        if !matches!(error, Error::NotFound { .. } | Error::WrongKind { .. }) {
            self.unread.borrow_mut().insert(error.to_string());
        }
    }

    /// The text of a file; none where there is none that can be read.
    fn text(&self, path: &str) -> Option<String> {
        let data = self.tree.read(path, FILE_LIMIT).inspect_err(|error| self.note(error)).ok()?;
        // What is no text is a program, and no script.
        String::from_utf8(data).ok()
    }

    /// The root of a YAML file; none where it is not one.
    fn yaml(&self, path: &str) -> Option<Node> {
        let text = self.text(path)?;
        let id = self.sources.add(Source::new(self.tree.shown(path), self.tree.address(path), text));
        let unparsed = |error: &yaml::Error| {
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

    /// The YAML files right in a folder.
    fn within(&self, folder: &str) -> Vec<String> {
        let listed = self.tree.list_kept(folder).inspect_err(|error| self.note(error)).unwrap_or_default();
        let paths = listed.into_iter().map(|entry| entry.path);
        let is_own = |path: &String| {
            let name = path.strip_prefix(folder).map(|name| name.trim_start_matches('/'));
            name.is_some_and(|name| !name.contains('/') && (name.ends_with(".yml") || name.ends_with(".yaml")))
        };
        paths.filter(is_own).collect()
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
}

/// A step, or one command of a job.
#[derive(Debug, Clone)]
struct Step {
    /// What it does that matters, in the order in which it does it.
    acts: Vec<Act>,
    /// What decides whether it runs, as it is written.
    condition: Option<String>,
    /// Whether its failure stops nothing.
    may_fail: bool,
}

/// Something that a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Act {
    /// It pushes a chart, by this, there.
    Push(String, Location),
    /// It has the chart judged.
    Gate,
}

/// Looks at the pipelines of a repository with these remotes.
pub fn notices(tree: &Arc<dyn Tree>, sources: &Sources, remotes: &[String]) -> Notices {
    let owners = target::owners(remotes);
    let (unread, broken, refused) = Default::default();
    let files = Files { tree, sources, unread, broken, refused, owners };
    let mut found = github::notices(&files);
    found.extend(gitlab::notices(&files));
    found.extend(woodpecker::notices(&files));
    found.extend(files.broken.into_inner());
    found.extend(files.refused.into_inner());
    found.sort_by_key(|notice| notice.at);
    Notices { found, unread: files.unread.into_inner() }
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

/// Where a word of a command stands in the text of a node.
fn place(node: &Node, word: &str, sources: &Sources) -> Location {
    let Location { source, span } = node.location;
    let text = Arc::clone(&sources.get(source).text);
    let range = span.start as usize..(span.end as usize).min(text.len());
    let inside = text.get(range.clone()).unwrap_or_default();
    let is_comment =
        |at: usize| inside[..at].rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with('#'));
    let found = inside.match_indices(word).map(|(at, _)| at).find(|at| !is_comment(*at)).map(|at| range.start + at);
    found.map_or(node.location, |at| Location::new(source, Span::new(at, at + word.len())))
}

/// The jobs of a pipeline by name.
type Jobs = BTreeMap<String, Job>;

/// Every push of a chart with what is judged of it before.
fn pushes(jobs: &Jobs) -> Vec<(&Job, usize, &str, Location, needs::Judged)> {
    let mut found = vec![];
    let mut known = BTreeSet::new();
    for job in jobs.values() {
        for (index, step) in job.steps.iter().enumerate() {
            for (position, act) in step.acts.iter().enumerate() {
                let Act::Push(what, at) = act else { continue };
                if known.insert(*at) {
                    found.push((job, index, what.as_str(), *at, needs::judged(jobs, job, index, position)));
                }
            }
        }
    }
    found
}

/// The notice of a push; none where the chart is judged before.
fn gated(what: &str, at: Location, subject: &str, judged: &needs::Judged) -> Option<Notice> {
    let (kind, message) = match judged {
        needs::Judged::Before => return None,
        needs::Judged::Never => {
            (Kind::Ungated, format!("`{what}` pushes a chart that no `chartgate` step has judged before"))
        }
        needs::Judged::Untold(why) => (
            Kind::Untold,
            format!("whether `chartgate` judges the chart before `{what}` depends on {why}, which is not followed"),
        ),
    };
    let help = "run `chartgate check` in a step before it, or in a job that it needs".to_owned();
    Some(Notice { kind, at, subject: subject.to_owned(), message, help })
}
