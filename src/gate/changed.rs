//! Which charts differ from what they were at the base, and which of the others a check must look at all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::concern::{Inputs, inputs, is_about};
use super::definitions::is_definition;
use super::departed::Departed;
use super::deployments::Found;
use super::feeding::may_feed;
use super::pipelines;
use super::place::{Place, parent};
use super::plan::{Plan, Planned};
use super::{Error, Request, Session, dependencies, headless, prepare};
use crate::chart::{self, Chart, Misled};
use crate::dependency::{Compared, Resolver};
use crate::finding::{Failure, FailureKind};
use crate::published::Comparison;
use crate::published::compare::is_in_submodules;
use crate::published::git::{Log, Since};
use crate::render::threads;
use crate::rule::Need;
use crate::source::{Error as SourceError, FILE_LIMIT, Tree, below, join};
use crate::text::Sources;

/// What differs from the base.
#[derive(Debug)]
pub struct Changes {
    /// The charts whose packages differ, in the order of a check.
    pub charts: Vec<Changed>,
    /// Number of charts that were looked at.
    pub looked_at: usize,
    /// What was not asked for or not looked at, each in a clause. Where there is any, a chart may have changed as well.
    pub unasked: Vec<String>,
    /// What could not be told. Where there is any, a chart that is not in the list may have changed as well.
    pub failures: Vec<Failure>,
}

/// A chart that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// `name` of Chart.yaml.
    pub name: Option<String>,
    /// Its path in reports.
    pub path: String,
    /// `version` of Chart.yaml.
    pub version: Option<String>,
}

impl Session {
    /// The charts of a request whose packages differ from the base, be it through a chart that they depend on by `file://`.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn changed(&self, request: &Request, sources: &Sources) -> Result<Changes, Error> {
        Ok(changes(&prepare::plan(self, request, sources)?, sources))
    }
}

fn changes(plan: &Plan<'_>, sources: &Sources) -> Changes {
    let (looked_at, failures) = (plan.charts.len(), headless::failures(plan));
    let mut changes = Changes { charts: vec![], looked_at, unasked: vec![], failures };
    let (pasts, resolver) = (Pasts::of(plan), dependencies::resolver(plan));
    for planned in &plan.charts {
        let chart = chart::load_files(&planned.tree, &planned.folder, sources);
        changes.failures.extend(chart.failures.iter().cloned());
        let differs = pasts.get(planned).and_then(|past| match past.differs(&chart)? {
            false if past.packs_otherwise(&chart)? => {
                let (is_other, compared) = past.differs_from_repositories(plan, planned, (&resolver, sources))?;
                changes.failures.extend(compared.failures);
                changes.unasked.extend(compared.unasked);
                Ok(is_other)
            }
            differs => Ok(differs),
        });
        match differs {
            Ok(false) => {}
            Ok(true) => changes.charts.push(Changed {
                name: chart.name().map(str::to_owned),
                version: chart.version().map(str::to_owned),
                path: chart.path,
            }),
            Err(failure) => changes.failures.push(*failure),
        }
    }
    changes.failures.sort();
    changes.failures.dedup();
    changes.unasked.extend(plan.left_out.iter().map(|skipped| skipped.reason.clone()));
    changes.unasked.sort();
    changes.unasked.dedup();
    changes
}

/// The charts that differ, those that are judged by a file that does, and those whose state is unknown; and why it is.
pub(super) fn open(
    plan: &Plan<'_>,
    (found, departed): (&Found, &Departed),
    sources: &Sources,
) -> Result<(Vec<Planned>, Vec<Failure>), Error> {
    let pasts = Pasts::of(plan);
    let look = |planned: &Planned| {
        // The charts that stay are read again to be judged; nothing points into these texts.
        let texts = sources.part();
        let looked = looked_at(plan, planned, pasts.get(planned), found, &texts);
        texts.keep(&BTreeSet::new());
        looked
    };
    let looked: Vec<Looked<'_>> = threads::spread(|| plan.charts.par_iter().map(look).collect::<Result<_, Error>>())?;
    let mut unclaimed: Vec<BTreeSet<String>> = plan.places.iter().map(|_| found.read.clone()).collect();
    for (planned, looked) in plan.charts.iter().zip(&looked) {
        unclaimed[planned.place].retain(|path| !looked.files.contains(path));
    }
    let other_definitions = pasts.other_definitions(plan);
    let (mut kept, mut failures) = (vec![], vec![]);
    for (planned, looked) in plan.charts.iter().zip(looked) {
        // A file that may declare deployments and is no chart's may have been one's, or be about to become one's.
        let is_open = |earlier: &States<'_>| unclaimed[planned.place].iter().any(|path| earlier.file_differs(path));
        let is_other = other_definitions.contains(&planned.place) || departed.is_about(planned);
        let is_kept = looked.earlier.map(|(earlier, is_changed)| is_changed || is_other || is_open(&earlier));
        if is_kept.unwrap_or_else(|failure| {
            failures.push(*failure);
            true
        }) {
            kept.push(planned.clone());
        }
    }
    pipelines::keep_one(plan, &mut kept, sources, |planned, notices| {
        match pasts.get(planned).map(|past| past.log.tree()) {
            Ok(Some(then)) => pipelines::differ(&plan.places[planned.place], then, notices, sources),
            Ok(None) | Err(_) => pipelines::is_said(notices),
        }
    });
    failures.sort();
    failures.dedup();
    Ok((kept, failures))
}

/// What is known of a chart before it is decided whether to judge it.
struct Looked<'a> {
    /// The files that it is judged by besides its own.
    files: BTreeSet<String>,
    /// The state that it is compared with, and whether it or what it is judged by differs from that.
    earlier: Result<(States<'a>, bool), Box<Failure>>,
}

fn looked_at<'a>(
    plan: &Plan<'_>,
    planned: &Planned,
    past: Result<&PlacePast<'a>, Box<Failure>>,
    found: &Found,
    texts: &Sources,
) -> Result<Looked<'a>, Error> {
    let chart = chart::load(&planned.tree, &planned.folder, texts);
    let discovered = &found.places[planned.place];
    let inputs = inputs(plan, planned, &chart, &discovered.deployments, texts)?;
    let earlier = past.and_then(|past| {
        let earlier = past.earlier(&chart)?;
        let is_own = past.differs(&chart)? || earlier.any_differs(&inputs) || earlier.folder_differs(&planned.folder);
        let mut unfollowed = discovered.unresolved.iter().filter(|each| is_about(each, &planned.folder));
        let is_other = |file: &str| earlier.broke(file) || past.is_fed_otherwise(file);
        let is_changed = is_own || unfollowed.any(|each| is_other(&texts.path(each.at)));
        Ok((earlier, is_changed))
    });
    Ok(Looked { files: inputs.files, earlier })
}

/// The states that charts are compared with, by place and configuration.
struct Pasts<'a>(BTreeMap<(usize, usize), Result<PlacePast<'a>, Box<Failure>>>);

impl<'a> Pasts<'a> {
    fn of(plan: &'a Plan<'_>) -> Self {
        let mut pasts = BTreeMap::new();
        for planned in &plan.charts {
            pasts.entry((planned.place, planned.config)).or_insert_with(|| PlacePast::of(plan, planned));
        }
        Self(pasts)
    }

    /// The places whose definitions of custom resources, wherever they lie, are others than before: they may be those of any chart's objects.
    fn other_definitions(&self, plan: &Plan<'_>) -> BTreeSet<usize> {
        let mut others = BTreeSet::new();
        for ((index, config), past) in &self.0 {
            let Ok(past) = past else { continue };
            if !others.contains(index) && plan.policies[*config].needs(Need::Definitions) && past.defines_otherwise() {
                others.insert(*index);
            }
        }
        others
    }

    fn get(&self, planned: &Planned) -> Result<&PlacePast<'a>, Box<Failure>> {
        self.0[&(planned.place, planned.config)].as_ref().map_err(Clone::clone)
    }
}

/// What charts of a place are compared with.
struct PlacePast<'a> {
    place: &'a Place,
    log: Log,
    /// The files that may decide about a deployment and are others than they were; none where there is no one state before.
    others: OnceLock<Option<Vec<String>>>,
}

/// The state that a chart is compared with, beside the one that is judged.
struct States<'a> {
    now: &'a dyn Tree,
    then: Option<Arc<dyn Tree>>,
}

impl<'a> PlacePast<'a> {
    fn of(plan: &'a Plan<'_>, planned: &Planned) -> Result<Self, Box<Failure>> {
        let place = &plan.places[planned.place];
        let log = plan.session.log(plan.request, place, plan.config(planned))?;
        Ok(Self { place, log, others: OnceLock::new() })
    }

    /// Whether a file with definitions is not what it was.
    fn defines_otherwise(&self) -> bool {
        let Some(then) = self.log.tree().map(Arc::clone) else { return false };
        let (Ok(now_all), Ok(then_all)) = (self.place.tree.list_kept(""), then.list("")) else { return true };
        let is_read = |path: &str| [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
        let all: BTreeSet<String> = now_all.into_iter().chain(then_all).map(|entry| entry.path).collect();
        let differs = |path: &&String| match (self.place.tree.blob_id(path), then.blob_id(path)) {
            (Some(now), Some(then)) => now != then,
            _ => true,
        };
        let trees: [&dyn Tree; 2] = [&*self.place.tree, &*then];
        all.iter().filter(|path| is_read(path)).filter(differs).any(|path| {
            let texts = trees.map(|tree| match tree.read(path, FILE_LIMIT) {
                Err(SourceError::NotFound { .. }) => Ok(vec![]),
                read => read,
            });
            match texts {
                [Ok(now), Ok(then)] => now != then && (is_definition(&now) || is_definition(&then)),
                // A link that leads nowhere then and now is the same.
                [Err(now), Err(then)] => now != then || matches!(now, SourceError::TooLarge { .. }),
                // What cannot be read may be one.
                _ => true,
            }
        })
    }

    /// Whether anything differs that a deployment may read which cannot be followed: what lies beside or below the file that declares it.
    fn is_fed_otherwise(&self, file: &str) -> bool {
        let others = self.others.get_or_init(|| self.others());
        let is_beside = |path: &String| below(path, parent(file)).is_some();
        others.as_ref().is_none_or(|others| others.iter().any(is_beside))
    }

    fn others(&self) -> Option<Vec<String>> {
        let then = self.log.tree()?;
        let lists = [self.place.tree.list_kept("").ok()?, then.list("").ok()?];
        let all: BTreeSet<String> = lists.into_iter().flatten().map(|entry| entry.path).collect();
        let states = States { now: &*self.place.tree, then: Some(Arc::clone(then)) };
        Some(all.into_iter().filter(|path| may_feed(path) && states.differs(path)).collect())
    }

    fn earlier(&self, chart: &Chart) -> Result<States<'a>, Box<Failure>> {
        let then = self.log.since(chart)?.map(|since| since.tree);
        Ok(States { now: self.place.tree.as_ref(), then })
    }

    /// Whether `charts/` holds other files than it did.
    fn packs_otherwise(&self, chart: &Chart) -> Result<bool, Box<Failure>> {
        let has_any = !chart.dependencies.is_empty();
        Ok(has_any && self.earlier(chart)?.folder_differs(&join(&chart.folder, "charts")))
    }

    /// As [`differs`](Self::differs), with what repositories have in the place of what the earlier state lacks.
    fn differs_from_repositories(
        &self,
        plan: &Plan<'_>,
        planned: &Planned,
        (resolver, sources): (&Resolver<'_>, &Sources),
    ) -> Result<(bool, Compared), Box<Failure>> {
        let mut chart = chart::load(&planned.tree, &planned.folder, sources);
        let compared = resolver.compare(&mut chart, plan.config(planned).fetch);
        Ok((self.differs(&chart)?, compared))
    }

    /// Whether the package of a chart differs, or a chart that it takes by `file://`, be it built into `charts/` yet or not.
    fn differs(&self, chart: &Chart) -> Result<bool, Box<Failure>> {
        // What lies outside the repository cannot be compared with anything.
        if chart.unfollowed.iter().any(|each| each.why == Misled::Outside) || self.has_changed(chart)? {
            return Ok(true);
        }
        let then = self.log.since(chart)?.map(|since| since.tree);
        for part in &chart.beside {
            // Its commit was compared with the chart.
            let is_compared = then.as_ref().is_some_and(|then| is_in_submodules(part, &**then));
            if !is_compared && self.differs(part)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_changed(&self, chart: &Chart) -> Result<bool, Box<Failure>> {
        let Some(Since { comparison, .. }) = self.log.since(chart)? else {
            return if self.place.repository.is_some() { Ok(true) } else { Err(Box::new(without_git())) };
        };
        match comparison {
            Comparison::New { .. } => Ok(true),
            Comparison::Existing { differences, .. } => Ok(!differences.is_empty()),
            Comparison::Failed | Comparison::Inapplicable { .. } => {
                let failure = chart.failures.first().cloned();
                let message = format!("cannot tell whether `{}` changed", chart.path);
                Err(Box::new(failure.unwrap_or_else(|| Failure::new(FailureKind::Read, message)).of_chart(&chart.path)))
            }
        }
    }
}

impl States<'_> {
    /// Whether any of the files is not what it was.
    fn any_differs(&self, inputs: &Inputs) -> bool {
        inputs.files.iter().any(|path| self.file_differs(path))
            || inputs.folders.iter().any(|folder| self.folder_differs(folder))
    }

    /// Whether a folder holds other files than it did, or files of other content; what git ignores does not count.
    fn folder_differs(&self, folder: &str) -> bool {
        let Some(then) = &self.then else { return true };
        let lists = [self.now.list_kept(folder), then.list(folder)];
        let mut all = BTreeSet::new();
        for list in lists {
            match list {
                Ok(entries) => all.extend(entries.into_iter().map(|entry| entry.path)),
                Err(SourceError::NotFound { .. }) => {}
                Err(_) => return true,
            }
        }
        all.iter().any(|path| self.file_differs(path))
    }

    /// Whether a deployment that cannot be followed, declared in a file, may have been followed before: the file is another, or one that it
    /// may have named is gone.
    fn broke(&self, file: &str) -> bool {
        let Some(then) = &self.then else { return true };
        let is_gone = |path: &str| matches!(self.now.read(path, 0), Err(SourceError::NotFound { .. }));
        let lost = || then.list("").map_or(true, |entries| entries.iter().any(|entry| is_gone(&entry.path)));
        self.file_differs(file) || lost()
    }

    /// The same as [`file_differs`](Self::file_differs), by what git knows of the file where it does.
    fn differs(&self, path: &str) -> bool {
        let id = |tree: &dyn Tree| tree.blob_id(path);
        let ids = self.then.as_ref().and_then(|then| Some((id(self.now)?, id(&**then)?)));
        ids.map_or_else(|| self.file_differs(path), |(now, then)| now != then)
    }

    fn file_differs(&self, path: &str) -> bool {
        let Some(then) = &self.then else { return true };
        match (self.now.read(path, FILE_LIMIT), then.read(path, FILE_LIMIT)) {
            (Ok(now), Ok(then)) => now != then,
            (Err(SourceError::NotFound { .. }), Err(SourceError::NotFound { .. })) => false,
            // What cannot be read may differ.
            _ => true,
        }
    }
}

fn without_git() -> Failure {
    let message = "cannot tell which charts changed: there is no git repository around the chart";
    Failure::new(FailureKind::Git, message).help("run inside the repository, or leave out the question")
}
