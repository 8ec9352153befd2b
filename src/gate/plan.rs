//! Which charts are judged, each under which configuration and by which rules.

use std::path::Path;
use std::sync::Arc;

use super::catalogue::Catalogue;
use super::extended::{Extended, RuleFolder};
use super::place::Place;
use super::policy::Policy;
use super::seat::Seat;
use super::subject::{Chartless, Subject};
use super::{Error, Request, Session};
use crate::chart::Headless;
use crate::config::{Config, RuleNames};
use crate::finding::{Failure, FailureKind, Skipped};
use crate::network::Network;
use crate::rule::Registry;
use crate::source::{self, Entry, EntryKind, FILE_LIMIT, Tree, below, join, normal};
use crate::text::{Location, Source, Sources, Span};

/// What a run does.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// What outlives the run.
    pub session: &'a Session,
    /// What was asked.
    pub request: &'a Request,
    /// The way to registries and chart repositories.
    pub network: Arc<Network>,
    /// Where charts lie.
    pub places: Vec<Place>,
    /// Every configuration that counts for a chart; the first is the empty one.
    pub configs: Vec<Config>,
    /// The index of the place that each configuration was found in.
    pub homes: Vec<usize>,
    /// What each configuration is made of.
    pub extended: Vec<Extended>,
    /// Where each configuration says that definitions lie.
    pub schemas: Vec<Vec<Catalogue>>,
    /// What counts under each of them.
    pub policies: Vec<Policy>,
    /// The charts.
    pub charts: Vec<Planned>,
    /// Folders without charts, whose deployments may be judged.
    pub chartless: Vec<Chartless>,
    /// chartgate's rules and the user's.
    pub registry: Registry,
    /// Folders of the user's rules.
    pub rule_folders: Vec<RuleFolder>,
    /// Names of all rules.
    pub names: RuleNames,
    /// What looks like a chart and is none, each with the index of its place.
    pub headless: Vec<(usize, Headless)>,
    /// Packages that lie beside charts, each with the index of its place.
    pub packages: Vec<(usize, String)>,
    /// The files that were met on the way, each with the index of its place.
    pub met: Vec<(usize, String)>,
    /// Where no chart could be looked for.
    pub failures: Vec<Failure>,
    /// Charts that are not judged, and why.
    pub left_out: Vec<Skipped>,
    /// Charts that the configuration's `charts` leave out.
    pub unlisted: Vec<Unlisted>,
}

/// A chart that `charts` leave out.
#[derive(Debug, Clone)]
pub(super) struct Unlisted {
    /// Index of its place.
    pub place: usize,
    /// Index of the configuration that leaves it out.
    pub config: usize,
    /// Its folder.
    pub folder: String,
}

/// A chart to judge.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// Index of its place.
    pub place: usize,
    /// The tree to load it from: the place's, or the archive itself.
    pub tree: Arc<dyn Tree>,
    /// Its folder there.
    pub folder: String,
    /// Index of its configuration.
    pub config: usize,
    /// Where that is looked for.
    pub ground: Ground,
    /// The deployment that is judged in place of a chart of the repository.
    pub release: Option<Arc<Subject>>,
}

/// A folder from which the configuration of a chart is looked for upwards: the chart's own, that of a package, or the working directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ground {
    /// Index of its place, which is no archive.
    pub place: usize,
    /// The folder there.
    pub folder: String,
}

impl Planned {
    /// A chart that lies in a folder.
    pub(super) fn chart(place: usize, tree: Arc<dyn Tree>, folder: String, config: usize) -> Self {
        let ground = Ground { place, folder: folder.clone() };
        Self { place, tree, folder, config, ground, release: None }
    }

    /// A packaged chart.
    pub(super) fn package(place: usize, tree: Arc<dyn Tree>, config: usize, ground: Ground) -> Self {
        Self { place, tree, folder: String::new(), config, ground, release: None }
    }

    /// The start of its Chart.yaml, read once more: of what nothing pointed into, the text is gone.
    pub(super) fn start(&self, sources: &Sources) -> Result<Location, source::Error> {
        start(&*self.tree, &self.folder, sources)
    }
}

/// The start of the Chart.yaml in a folder.
pub(super) fn start(tree: &dyn Tree, folder: &str, sources: &Sources) -> Result<Location, source::Error> {
    let path = join(folder, "Chart.yaml");
    let text = String::from_utf8_lossy(&tree.read(&path, FILE_LIMIT)?).into_owned();
    let source = Source::new(tree.shown(&path), tree.address(&path), text);
    Ok(Location::new(sources.add(source), Span::default()))
}

/// The folder of the user's rules.
pub(super) const RULES: &str = ".chartgate/rules";

impl Plan<'_> {
    /// The configuration of a chart.
    pub(super) fn config(&self, planned: &Planned) -> &Config {
        &self.configs[planned.config]
    }

    /// The place of a chart's configuration.
    pub(super) fn ground(&self, planned: &Planned) -> &Place {
        &self.places[planned.ground.place]
    }

    /// Where a chart's configuration lies in any state of its place.
    pub(super) fn seat(&self, planned: &Planned) -> Seat {
        Seat::of(self.request, self.ground(planned), &planned.ground.folder)
    }

    /// What counts for a chart.
    pub(super) fn policy(&self, planned: &Planned) -> &Policy {
        &self.policies[planned.config]
    }

    /// Notes what a sparse checkout leaves out of the folders that were named: charts and deployments may be there.
    pub(super) fn left_out_of_checkout(&mut self, index: usize) -> Result<(), Error> {
        let place = &self.places[index];
        let (Some(repository), None, false) = (&place.repository, &place.revision, place.is_archive) else {
            return Ok(());
        };
        let is_named = |path: &&String| place.named.iter().any(|named| below(path, &named.folder).is_some());
        let is_absent = |path: &&String| matches!(place.tree.read(path, 0), Err(source::Error::NotFound { .. }));
        // A whole folder has no ending.
        let may_matter = |path: &&String| {
            let name = path.rsplit('/').next().unwrap_or(path);
            !name.contains('.') || [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end))
        };
        let left_out = repository.left_out().map_err(Error::git)?;
        let mut left_out: Vec<&String> =
            left_out.iter().filter(may_matter).filter(is_named).filter(is_absent).collect();
        left_out.sort_by_key(|path| (!path.ends_with("Chart.yaml"), path.as_str()));
        let Some(first) = left_out.first() else { return Ok(()) };
        let reason = match left_out.len() - 1 {
            0 => format!("`{first}`"),
            more => format!("`{first}` and {more} more"),
        };
        self.left_out
            .push(Skipped::all(format!("the sparse checkout leaves out {reason}; what lies there is not judged")));
        Ok(())
    }

    /// Notes packages that lie beside charts, but for those that say what is published.
    pub(super) fn beside_charts(&mut self) {
        let releases = self.configs.iter().zip(&self.homes).filter_map(|(config, home)| {
            let folder = config.published.folder.as_ref()?;
            Some((*home, normal(self.places.get(*home)?.folder_of(config), Path::new(&folder.value))?))
        });
        let releases: Vec<(usize, String)> = releases.collect();
        let is_release = |(place, package): &(usize, String)| {
            releases.iter().any(|(home, folder)| home == place && below(package, folder).is_some())
        };
        let others = self.packages.iter().filter(|package| !is_release(package));
        let shown: Vec<String> = others.map(|(place, path)| self.places[*place].tree.shown(path)).collect();
        let Some((first, rest)) = shown.split_first() else { return };
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let reason = format!("beside charts a package is judged only where it is named: `{first}`{more}");
        self.left_out.push(Skipped::all(reason));
    }

    /// Notes what may hold charts and was not looked into.
    pub(super) fn not_looked_into(&mut self, tree: &dyn Tree, unseen: &[Entry]) {
        for entry in unseen {
            let shown = tree.shown(&entry.path);
            match &entry.kind {
                EntryKind::Unreadable { reason } => {
                    let message = format!("cannot look for charts in `{shown}`: {reason}");
                    self.failures.push(Failure::new(FailureKind::Read, message).at_path(shown));
                }
                EntryKind::BrokenLink { why } => {
                    let reason = format!("charts behind the link `{shown}` are not judged: it {why}");
                    self.left_out.push(Skipped::all(reason));
                }
                _ => {
                    let reason = format!("charts in `{shown}`, a git repository of its own, are not judged here");
                    self.left_out.push(Skipped::all(reason));
                }
            }
        }
    }
}
