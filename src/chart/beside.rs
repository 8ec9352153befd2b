//! Charts that one takes by `file://`, each with its own: what `helm dependency build` would copy into `charts/`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Chart, Declared};
use crate::finding::{Failure, FailureKind};
use crate::source::{CHART_LIMIT, Entry, EntryKind, Error, Tree, join, normal};
use crate::text::{Address, Location};

/// Charts that one may take by `file://`, however far down.
const COUNT_LIMIT: usize = 1_000;
/// Bytes that they may have together.
const SIZE_LIMIT: usize = 200 * 1024 * 1024;

/// A dependency by `file://` that leads to no chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfollowed {
    /// The place of the dependency's `repository`.
    pub at: Location,
    /// Why.
    pub why: Misled,
}

/// Why a `file://` leads to no chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misled {
    /// Out of the repository or the folder that is judged.
    Outside,
    /// Back to a chart that takes this one.
    Circle,
    /// To a path with no Chart.yaml.
    Nothing {
        /// The path as reports name it.
        path: String,
    },
    /// To a folder of the repository whose files are not here.
    NotHere {
        /// The path as reports name it.
        path: String,
        /// Why, to follow the path.
        why: &'static str,
        /// What brings it.
        help: &'static str,
    },
    /// To a chart of another name, as which Helm packages it.
    Renamed {
        /// That name.
        name: String,
    },
    /// Further than chartgate goes, which is a failure of the chart.
    TooFar,
}

/// Loads one chart's own files.
pub(super) type Load<'a> = &'a mut dyn FnMut(&str) -> Chart;

/// The charts of a tree that are taken by `file://`, each loaded once.
pub(super) struct Beside<'a> {
    tree: &'a Arc<dyn Tree>,
    load: Load<'a>,
    known: BTreeMap<String, Chart>,
    count: usize,
    size: usize,
}

impl<'a> Beside<'a> {
    pub(super) fn new(tree: &'a Arc<dyn Tree>, load: Load<'a>) -> Self {
        Self { tree, load, known: BTreeMap::new(), count: 0, size: 0 }
    }

    /// Adds to a chart, and to those in its `charts/`, what they take by `file://`. What is packaged has its `charts/`.
    pub(super) fn fill(&mut self, chart: &mut Chart, around: &mut Vec<String>) {
        if matches!(chart.tree.address(&chart.folder), Address::Archived { .. }) {
            return;
        }
        around.push(chart.folder.clone());
        let mut taken = BTreeSet::new();
        for (repository, name, at) in wanted(chart) {
            if taken.contains(&(repository.clone(), name.clone())) {
                continue;
            }
            match self.follow(&repository, &name, around) {
                Ok(found) => {
                    chart.beside.push(found);
                    taken.insert((repository, name));
                }
                Err(why) => {
                    if why == Misled::TooFar {
                        chart.failures.push(too_far(chart, at));
                    }
                    chart.unfollowed.push(Unfollowed { at, why });
                }
            }
        }
        for inner in &mut chart.dependencies {
            self.fill(inner, around);
        }
        around.pop();
    }

    fn follow(&mut self, repository: &str, name: &str, around: &mut Vec<String>) -> Result<Chart, Misled> {
        let folder = around.last().map_or("", String::as_str);
        let path = normal(folder, repository).filter(|_| !repository.starts_with('/')).ok_or(Misled::Outside)?;
        if around.contains(&path) {
            return Err(Misled::Circle);
        }
        let found = match self.known.get(&path) {
            Some(known) => known.clone(),
            None => self.load(&path, around)?,
        };
        self.count += count(&found);
        if self.count > COUNT_LIMIT || self.size > SIZE_LIMIT {
            return Err(Misled::TooFar);
        }
        match found.name() {
            Some(other) if other != name => Err(Misled::Renamed { name: other.to_owned() }),
            _ => Ok(found),
        }
    }

    /// Why there is no chart in a folder.
    fn absent(&self, path: &str) -> Misled {
        let shown = self.tree.shown(path);
        if self.tree.submodule(path).is_some() {
            let help = "`git submodule update --init` brings it; a revision (`--at`) has no files of it";
            return Misled::NotHere {
                path: shown,
                why: "which is or lies in a submodule whose files are not here",
                help,
            };
        }
        let is_unreadable = |entry: &Entry| matches!(entry.kind, EntryKind::Unreadable { .. });
        if self.tree.list(path).is_ok_and(|entries| entries.iter().any(is_unreadable)) {
            let help = "`git sparse-checkout disable` brings it, or make the folder readable";
            return Misled::NotHere {
                path: shown,
                why: "whose files are left out of this checkout, or cannot be read",
                help,
            };
        }
        Misled::Nothing { path: shown }
    }

    fn load(&mut self, path: &str, around: &mut Vec<String>) -> Result<Chart, Misled> {
        let metadata = self.tree.read(&join(path, "Chart.yaml"), CHART_LIMIT);
        if matches!(metadata, Err(Error::NotFound { .. } | Error::WrongKind { .. } | Error::BrokenLink { .. })) {
            return Err(self.absent(path));
        }
        let mut chart = (self.load)(path);
        self.size += chart.files.iter().map(|file| file.data.len()).sum::<usize>();
        self.fill(&mut chart, around);
        // What a circle cut short is whole for whoever comes to it from elsewhere.
        if !has_circle(&chart) {
            self.known.insert(path.to_owned(), chart.clone());
        }
        Ok(chart)
    }
}

fn wanted(chart: &Chart) -> Vec<(String, String, Location)> {
    let wanted = |declared: &Declared<'_>| {
        let repository = declared.folder()?;
        Some((repository.to_owned(), declared.name?.to_owned(), declared.place("repository")))
    };
    chart.declared().iter().filter_map(wanted).collect()
}

fn too_far(chart: &Chart, at: Location) -> Failure {
    let message = format!(
        "`{}` takes more than {COUNT_LIMIT} charts, or more than {SIZE_LIMIT} bytes of them, by `file://`",
        chart.path
    );
    Failure::new(FailureKind::Limit, message).at(at).help("judge the charts that it takes by themselves")
}

fn count(chart: &Chart) -> usize {
    1 + chart.dependencies.iter().chain(&chart.beside).map(count).sum::<usize>()
}

fn has_circle(chart: &Chart) -> bool {
    chart.unfollowed.iter().any(|each| each.why == Misled::Circle)
        || chart.dependencies.iter().chain(&chart.beside).any(has_circle)
}

impl Chart {
    /// Names of declared dependencies that stand neither in `charts/` nor elsewhere within reach.
    pub fn unreachable_dependencies(&self) -> Vec<String> {
        let has = |name: &str| self.parts().any(|part| part.name() == Some(name));
        let names = self.declared().into_iter().filter_map(|declared| declared.name);
        names.filter(|name| !has(name)).map(str::to_owned).collect()
    }

    /// What takes part in a rendering and in a package: the charts in `charts/`, and those that a dependency build would put there.
    pub fn parts(&self) -> impl Iterator<Item = &Self> {
        let beside = self.beside.iter().filter(|chart| !self.is_in_charts(chart.name()));
        self.dependencies.iter().chain(beside).chain(&self.fetched)
    }

    /// Whether `charts/` has a chart for each dependency of a name.
    pub fn is_in_charts(&self, name: Option<&str>) -> bool {
        let there = self.dependencies.iter().filter(|chart| chart.name() == name).count();
        let declared = self.declared();
        let of_name = declared.iter().filter(|declared| declared.name == name);
        there > 0 && there >= of_name.map(|one| (one.version, one.repository)).collect::<BTreeSet<_>>().len()
    }
}
