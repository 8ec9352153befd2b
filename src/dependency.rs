//! What a chart is made with: which of its dependencies are within reach, and what the others lack.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use crate::chart::{Chart, Declared, Misled, ProblemKind, Unfollowed};
use crate::finding::{Failure, FailureKind};
use crate::text::{Address, Location};
use crate::values::dependency::is_compatible;

mod cache;
pub mod helm;
pub mod lock;
mod originals;
mod owner;
mod place;
mod resolve;
mod update;
mod wanted;
mod words;

pub use cache::Cache;
pub use helm::Helm;
pub use originals::Compared;
pub use owner::{Foreign, Owner, owner};
pub use resolve::{Completed, Found, Resolver};
pub use update::{Update, update};
pub use wanted::Wanted;

/// Which dependencies are fetched from their repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fetch {
    /// Those whose version a lock pins.
    #[default]
    Locked,
    /// All, at the greatest version that fits where no lock pins one.
    Always,
    /// None.
    Never,
}

/// Where a dependency was found beyond the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the cache of the user's Helm.
    Helm,
    /// In chartgate's own cache.
    Cache,
    /// In its repository.
    Network {
        /// The repository in words, without credentials.
        place: String,
    },
}

impl fmt::Display for Origin {
    /// In words, to follow "from".
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Helm => formatter.write_str("Helm's cache"),
            Self::Cache => formatter.write_str("chartgate's cache"),
            Self::Network { place } => formatter.write_str(place),
        }
    }
}

/// Where the user's machine may have dependencies already.
#[derive(Debug, Clone, Default)]
pub struct Caches {
    /// Where Helm keeps its files.
    pub helm: helm::Folders,
    /// The folder of chartgate's own cache.
    pub cache: Option<PathBuf>,
}

/// A declared dependency that no chart within reach stands for.
#[derive(Debug, Clone)]
pub struct Lack<'a> {
    /// The chart that declares it.
    pub owner: &'a Chart,
    /// The declaration.
    pub declared: Declared<'a>,
    /// The place that the author can edit: in the owner, or where the owner is packaged, in what takes it.
    pub at: Location,
    /// Why there is none.
    pub why: Why,
}

/// Why no chart stands for a dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is not named.
    Unnamed,
    /// It is not in `charts/`, and no repository is named.
    Unsourced,
    /// Its `file://` leads to no chart.
    Misled(Misled),
    /// The chart that its `file://` leads to has a version outside the range.
    Unfit {
        /// That version.
        version: String,
    },
    /// It is there, and cannot be read, which is said where it lies.
    Broken {
        /// That place.
        at: Location,
    },
    /// The owner is packaged, without it.
    Packaged,
    /// It lies in a repository that nobody asked yet.
    Elsewhere,
}

impl Why {
    /// Whether the chart's author can mend it; anything else is a matter of the surroundings.
    pub fn is_of_chart(&self) -> bool {
        !matches!(
            self,
            Self::Elsewhere
                | Self::Broken { .. }
                | Self::Misled(Misled::Outside | Misled::TooFar | Misled::NotHere { .. })
        )
    }
}

impl Lack<'_> {
    /// What is wrong, in lower case.
    pub fn problem(&self, chart: &Chart) -> String {
        words::problem(self, chart)
    }

    /// What to type.
    pub fn help(&self) -> String {
        words::help(self)
    }

    /// The failure to know what the chart is made with.
    pub fn failure(&self, chart: &Chart) -> Failure {
        let message = format!("what the chart deploys is not whole: {}", self.problem(chart));
        Failure::new(FailureKind::Render, message).at(self.at).of_chart(&chart.path).help(self.help())
    }
}

/// Everything that a chart lacks, what its dependencies lack with it, each before its own.
pub fn lacking(chart: &Chart) -> Vec<Lack<'_>> {
    let mut found = vec![];
    collect(chart, None, &mut found);
    found
}

/// `place` is where the chart around a packaged one declares it.
fn collect<'a>(owner: &'a Chart, place: Option<Location>, found: &mut Vec<Lack<'a>>) {
    let all = owner.declared();
    let known = Holdings::new(owner, &all);
    for declared in &all {
        if let Some(why) = known.why(declared) {
            let own = match why {
                Why::Misled(_) => declared.place("repository"),
                Why::Unfit { .. } => declared.place("version"),
                Why::Broken { at } => at,
                _ => declared.place("name"),
            };
            found.push(Lack { owner, declared: *declared, at: place.unwrap_or(own), why });
        }
    }
    for part in owner.parts() {
        let declares = || known.declared.get(part.name()?)?.first();
        let above = is_packaged(part).then(|| place.or(Some(declares()?.place("name")))).flatten();
        collect(part, above, found);
    }
}

/// What a chart declares and what it has, by name: a chart may declare thousands.
struct Holdings<'a> {
    owner: &'a Chart,
    declared: HashMap<&'a str, Vec<Declared<'a>>>,
    parts: HashMap<&'a str, Vec<&'a Chart>>,
    packaged: HashMap<&'a str, Vec<&'a Chart>>,
    unfollowed: HashMap<Location, &'a Unfollowed>,
}

impl<'a> Holdings<'a> {
    fn new(owner: &'a Chart, all: &[Declared<'a>]) -> Self {
        let mut known = Self {
            owner,
            declared: HashMap::new(),
            parts: HashMap::new(),
            packaged: HashMap::new(),
            unfollowed: owner.unfollowed.iter().map(|each| (each.at, each)).collect(),
        };
        for declared in all {
            known.declared.entry(declared.name.unwrap_or_default()).or_default().push(*declared);
        }
        for part in owner.parts() {
            known.parts.entry(part.name().unwrap_or_default()).or_default().push(part);
        }
        for part in &owner.dependencies {
            known.packaged.entry(part.name().unwrap_or_default()).or_default().push(part);
        }
        known
    }

    /// Why a declared dependency is not there; none where it is.
    fn why(&self, declared: &Declared<'_>) -> Option<Why> {
        let Some(name) = declared.name.filter(|name| !name.trim().is_empty()) else {
            let at = declared.place("name");
            // A name of another shape was reported as such.
            let is_given =
                declared.node.get("name").is_some_and(|name| !name.is_null() && name.scalar_text().is_none());
            return Some(if is_given { Why::Broken { at } } else { Why::Unnamed });
        };
        let candidates = self.parts.get(name).map_or(&[][..], Vec::as_slice);
        if candidates.iter().any(|part| fits(declared, part)) {
            return None;
        }
        // What lies in `charts/` and fits no declaration is packaged in the place of what was asked for.
        let is_stray = |part: &&&Chart| !self.declared[name].iter().any(|other| fits(other, part));
        if self.packaged.get(name).into_iter().flatten().any(|part| is_stray(&part)) {
            return None;
        }
        if let Some(at) = broken(self.owner, name) {
            return Some(Why::Broken { at });
        }
        Some(match (declared.repository, declared.folder()) {
            _ if is_packaged(self.owner) => Why::Packaged,
            (None, _) => Why::Unsourced,
            (_, None) => Why::Elsewhere,
            (_, Some(_)) => match self.unfollowed.get(&declared.place("repository")) {
                Some(unfollowed) => Why::Misled(unfollowed.why.clone()),
                None => Why::Unfit { version: version_of(candidates) },
            },
        })
    }
}

/// Where a chart of a name lies in `charts/` that cannot be read: an archive, or a folder whose Chart.yaml says no name.
fn broken(owner: &Chart, name: &str) -> Option<Location> {
    let is_archive = |path: &str| {
        let version = path.strip_prefix("charts/").and_then(|file| file.strip_prefix(name)?.strip_prefix('-'));
        version.is_some_and(|version| version.starts_with(|letter: char| letter.is_ascii_digit() || letter == 'v'))
    };
    let mut archives = owner.problems.iter().filter(|problem| problem.kind == ProblemKind::ArchiveInvalid);
    let archive = archives.find(|problem| is_archive(&problem.subject)).map(|problem| problem.location);
    let folders = owner.dependencies.iter().filter(|part| part.name().is_none());
    let mut folders = folders.filter(|part| part.path.rsplit('/').next() == Some(name));
    archive.or_else(|| folders.find_map(|part| part.problems.first()).map(|problem| problem.location))
}

fn version_of(charts: &[&Chart]) -> String {
    charts.last().and_then(|chart| chart.version()).unwrap_or_default().to_owned()
}

/// Whether a chart has a version that is asked for; a range that is none is another rule's matter.
pub fn fits(declared: &Declared<'_>, chart: &Chart) -> bool {
    let range = declared.version.unwrap_or_default();
    !is_range(range) || is_compatible(range, chart.version().unwrap_or_default())
}

/// Whether Helm reads a text as a range of versions.
pub fn is_range(text: &str) -> bool {
    crate::template::go::semver::Constraints::parse(text).is_ok()
}

/// Whether a chart comes out of an archive.
pub fn is_packaged(chart: &Chart) -> bool {
    matches!(chart.tree.address(&chart.folder), Address::Archived { .. })
}
