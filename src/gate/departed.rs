//! Deployments of production that a change takes away, and those that it makes deployments for testing.

use std::collections::{BTreeMap, BTreeSet};

use super::before::log;
use super::deployments::{self, Found};
use super::feeding::may_feed;
use super::plan::{self, Plan, Planned};
use crate::gitops::{self, Deployment, Discovered};
use crate::published::git::Log;
use crate::rule::Fact;
use crate::source::{Error as SourceError, FILE_LIMIT, Tree};
use crate::text::{Location, Source, Sources, Span};

mod counterpart;

use counterpart::{Counterpart, Departures, departures};

/// What became of the deployments of each chart, by its place and folder.
#[derive(Debug, Default)]
pub(super) struct Departed(BTreeMap<(usize, String), Result<Departures, String>>);

/// Compares what GitOps files declare with what they declared before the change: once for all charts that one configuration counts for.
pub(super) fn departed(plan: &Plan<'_>, found: &Found, sources: &Sources) -> Departed {
    let mut groups: BTreeMap<(usize, usize), Vec<&Planned>> = BTreeMap::new();
    let is_here = |planned: &&Planned| planned.release.is_none() && !plan.places[planned.place].is_archive;
    for planned in plan.charts.iter().filter(is_here) {
        groups.entry((planned.place, planned.config)).or_default().push(planned);
    }
    let mut departed = BTreeMap::new();
    for charts in groups.values() {
        let compared = compared(plan, charts, found, sources);
        for planned in charts {
            let of_chart = compared.as_ref().map(|all| all.of(&planned.folder)).map_err(Clone::clone);
            departed.insert((planned.place, planned.folder.clone()), of_chart);
        }
    }
    Departed(departed)
}

/// What became of the deployments of charts that one configuration counts for.
fn compared(plan: &Plan<'_>, charts: &[&Planned], found: &Found, sources: &Sources) -> Result<Departures, String> {
    let Some(first) = charts.first() else { return Ok(Departures::default()) };
    let (tree, discovered) = (&plan.places[first.place].tree, &found.places[first.place]);
    let log = log(plan, first)?;
    let Some(then) = log.tree() else { return Ok(Departures::default()) };
    let feeds = Feeds { now: &**tree, then: &**then, read: &found.read };
    if !feeds.may_deploy_otherwise().map_err(|error| error.to_string())? {
        return Ok(Departures::default());
    }
    let (texts, folders) = (Sources::new(), folders(charts, &log)?);
    let earlier = deployments::before(plan, first.place, (then, &folders), (sources, &texts));
    let earlier = earlier.map_err(|failure| failure.message)?;
    let lost = feeds.gone().map_err(|error| error.to_string())?;
    let lost_by = |each: &Deployment| {
        let chart = folders.get(&each.chart).cloned();
        let values = each.profile.values.iter().map(|values| texts.path(values.location));
        let files: Vec<String> = each.read.iter().cloned().chain(values).filter(|file| lost.contains(file)).collect();
        chart.into_iter().flat_map(move |chart| files.clone().into_iter().map(move |file| (chart.clone(), file)))
    };
    let lost = earlier.deployments.iter().flat_map(lost_by).collect();
    Ok(Departures { lost, ..between((&earlier, &texts), (discovered, sources), &folders) })
}

/// What became of deployments from one state to the next; `folders` are those of charts then, each with that of now.
fn between(
    (earlier, texts): (&Discovered, &Sources),
    (discovered, sources): (&Discovered, &Sources),
    folders: &BTreeMap<String, String>,
) -> Departures {
    let was = earlier.deployments.iter().filter_map(|each| {
        let known = Counterpart::of(each, texts);
        Some(known.earlier(folders.get(&each.chart)?))
    });
    let is = discovered.deployments.iter().map(|each| Counterpart::of(each, sources));
    let mut departures = departures(was.collect(), is.collect());
    // That a file cannot be followed is a failure.
    let unfollowed: BTreeSet<String> = discovered.unresolved.iter().map(|each| sources.path(each.at)).collect();
    departures.gone.retain(|each| each.file.as_ref().is_none_or(|file| !unfollowed.contains(file)));
    departures
}

/// The deployments of production of a chart that were declared in an earlier state, with its texts, and are not any more.
///
/// # Errors
/// Where a file cannot be read to point into it.
pub fn of_departed(
    earlier: (&Discovered, &Sources),
    now: &Discovered,
    (tree, folder): (&dyn Tree, &str),
    sources: &Sources,
) -> Result<Vec<Fact>, SourceError> {
    let folders = earlier.0.deployments.iter().map(|each| (each.chart.clone(), each.chart.clone())).collect();
    let gone = between(earlier, (now, sources), &folders).of(folder).gone;
    gone.iter().map(|each| self::gone(each, (tree, folder), sources)).collect()
}

/// Folders of charts as they were, each with that as it is.
fn folders(charts: &[&Planned], log: &Log) -> Result<BTreeMap<String, String>, String> {
    let mut folders = BTreeMap::new();
    for planned in charts {
        let name = deployments::name(&*planned.tree, &planned.folder).map_err(|failure| failure.message)?;
        let before = log.before(name.as_deref(), &planned.folder, &*planned.tree);
        if let Some(before) = before.map_err(|failure| failure.message)? {
            folders.insert(before.folder, planned.folder.clone());
        }
    }
    Ok(folders)
}

/// The files that say what is deployed, in a state and in the one before.
struct Feeds<'a> {
    now: &'a dyn Tree,
    then: &'a dyn Tree,
    /// The files that say what is deployed now.
    read: &'a BTreeSet<String>,
}

impl Feeds<'_> {
    /// Whether a file that may say what is deployed is gone or another: one that is read, or was by what it looks like.
    fn may_deploy_otherwise(&self) -> Result<bool, SourceError> {
        let entries = self.then.list("")?;
        let feeding = entries.iter().map(|entry| entry.path.as_str()).filter(|path| may_feed(path));
        let mut changed = vec![];
        for path in feeding {
            match self.differs(path) {
                Some(true) if self.read.contains(&self.now.shown(path)) => return Ok(true),
                Some(true) => changed.push(path),
                Some(false) => {}
                None => return Ok(true),
            }
        }
        Ok(gitops::sign(self.then, changed.into_iter()).is_some())
    }

    /// The files of before that may feed a deployment and are gone, as reports name them.
    fn gone(&self) -> Result<BTreeSet<String>, SourceError> {
        let entries = self.then.list("")?;
        let is_gone = |path: &&str| may_feed(path) && self.differs(path).is_none();
        let gone = entries.iter().map(|entry| entry.path.as_str()).filter(is_gone);
        Ok(gone.map(|path| self.now.shown(path)).collect())
    }

    /// Whether a file of before is another now; none where it is gone.
    fn differs(&self, path: &str) -> Option<bool> {
        if let (Some(now), Some(then)) = (self.now.blob_id(path), self.then.blob_id(path)) {
            return Some(now != then);
        }
        match self.now.read(path, FILE_LIMIT) {
            Ok(now) => Some(self.then.read(path, FILE_LIMIT).map_or(true, |then| then != now)),
            Err(SourceError::NotFound { .. }) => None,
            Err(_) => Some(true),
        }
    }
}

impl Departed {
    fn of(&self, planned: &Planned) -> Result<Departures, String> {
        self.0.get(&(planned.place, planned.folder.clone())).cloned().unwrap_or_else(|| Ok(Departures::default()))
    }

    /// Whether a chart is deployed otherwise, or nobody can tell.
    pub(super) fn is_about(&self, planned: &Planned) -> bool {
        self.of(planned).map_or(true, |all| !all.gone.is_empty() || !all.turned.is_empty() || !all.lost.is_empty())
    }

    /// Whether a deployment of a chart has read a file, as reports name it, that is gone, or nobody can tell.
    pub(super) fn has_lost(&self, planned: &Planned, file: &str) -> bool {
        self.of(planned).map_or(true, |all| all.lost.iter().any(|(_, lost)| lost == file))
    }

    /// The deployments of a chart that were production and are tests now.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub(super) fn turned(&self, planned: &Planned, help: &str, sources: &Sources) -> Result<Vec<Fact>, String> {
        let fact = |test: Counterpart| {
            let Counterpart { name, decided_by: why, .. } = &test;
            let message = format!("the deployment `{name}` was production, and is taken for a test now: {why}");
            let at = test.at.map_or_else(|| planned.start(sources), Ok).map_err(|error| error.to_string())?;
            let subject = format!("deployment {name}");
            Ok(Fact { kind: "deployment", at, related: vec![], subject, message, help: help.to_owned() })
        };
        self.of(planned)?.turned.into_iter().map(fact).collect()
    }

    /// The deployments of a chart that were production and that nothing declares any more.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub(super) fn gone(&self, planned: &Planned, sources: &Sources) -> Result<Vec<Fact>, String> {
        let gone = self.of(planned)?.gone;
        let chart = (&*planned.tree, planned.folder.as_str());
        gone.iter().map(|each| self::gone(each, chart, sources).map_err(|error| error.to_string())).collect()
    }
}

fn gone(known: &Counterpart, (tree, folder): (&dyn Tree, &str), sources: &Sources) -> Result<Fact, SourceError> {
    let Counterpart { name, file, .. } = known;
    let chart = tree.shown(folder);
    let (at, why) = match file.as_ref().map(|file| (file, start(tree, file, sources))) {
        None => (None, "nothing declares it any more".to_owned()),
        Some((file, Ok(Some(at)))) => (Some(at), format!("`{file}` does not declare it any more")),
        Some((file, Ok(None))) => (None, format!("`{file}` is not there any more")),
        Some((_, Err(error))) => return Err(error),
    };
    let at = at.map_or_else(|| plan::start(tree, folder, sources), Ok)?;
    let path = sources.path(at);
    Ok(Fact {
        kind: "gone",
        at,
        related: vec![],
        subject: format!("deployment {name}"),
        message: format!("the production deployment `{name}` of `{chart}` is gone: {why}"),
        help: format!(
            "correct what declares it; if it is retired, agree to the change, or accept it for good with \
             `suppress: [{{ rule: deployment-gone, path: {path}, reason: … }}]`"
        ),
    })
}

/// The start of a file by its path in reports; none where it is not there.
fn start(tree: &dyn Tree, shown: &str, sources: &Sources) -> Result<Option<Location>, SourceError> {
    let root = tree.shown("");
    let prefix = if root.is_empty() || root == "." { String::new() } else { format!("{root}/") };
    let Some(path) = shown.strip_prefix(&prefix) else { return Ok(None) };
    match tree.read(path, FILE_LIMIT) {
        Ok(data) => {
            let text = String::from_utf8_lossy(&data).into_owned();
            let source = Source::new(shown, tree.address(path), text);
            Ok(Some(Location::new(sources.add(source), Span::default())))
        }
        Err(SourceError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
