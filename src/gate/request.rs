//! What is asked of the gate: which charts, which of them, under which profiles and policy, against which state.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::Versioned;
use crate::config::FailOn;

/// What is to be judged, and how.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The charts, and the state they are judged in.
    pub charts: Charts,
    /// Which of those charts.
    pub selection: Selection,
    /// Under which profiles.
    pub profiles: ProfileChoice,
    /// By which rules.
    pub policy: PolicyChoice,
    /// The revision to compare with, and no other.
    pub base: Option<String>,
    /// The git tag that the release is made from, where the user names it; else the one of the surroundings counts.
    pub tag: Option<String>,
    /// Whether charts are fetched that a repository without charts deploys, whatever its configuration says.
    pub fetch: bool,
    /// The folder of the chart from which the one archive that is judged should be made.
    pub source: Option<PathBuf>,
}

/// Where charts lie, and in which state they are judged.
#[derive(Debug, Clone, Default)]
pub struct Charts {
    /// Charts, archives or folders of charts; the working directory where empty.
    pub paths: Vec<PathBuf>,
    /// The revision to judge in place of the working tree.
    pub at: Option<String>,
    /// The repository of `at`, where it is not the one around the working directory.
    pub git_dir: Option<PathBuf>,
    /// What is set in place of what each Chart.yaml says.
    pub versioned: Versioned,
    /// Texts that count in place of those on disk, by path: what an editor has not saved yet, files that
    /// do not exist included.
    pub unsaved: BTreeMap<PathBuf, Arc<[u8]>>,
}

impl Charts {
    /// Charts at these paths, as they lie on disk.
    pub fn at_paths(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { paths: paths.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn paths_or_here(&self) -> Vec<PathBuf> {
        if self.paths.is_empty() { vec![PathBuf::from(".")] } else { self.paths.clone() }
    }
}

/// Which of the named charts are judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// All.
    #[default]
    All,
    /// Those that these files belong to.
    Files(Vec<PathBuf>),
    /// Those that differ from the base, or are judged by files that do.
    Changed,
}

/// Which profiles charts are judged under.
#[derive(Debug, Clone, Default)]
pub struct ProfileChoice {
    /// Their names; all where empty.
    pub names: Vec<String>,
    /// Values files of an ad-hoc profile, the last wins.
    pub values: Vec<PathBuf>,
    /// Whether the ad-hoc profile is production.
    pub production: bool,
}

/// Which policy counts, and what the command line changes of it.
#[derive(Debug, Clone, Default)]
pub struct PolicyChoice {
    /// Where configuration and rules are read from.
    pub from: PolicySource,
    /// Rules to run in place of those on by default.
    pub select: Vec<String>,
    /// Rules not to run.
    pub ignore: Vec<String>,
    /// Whether registries are asked for the images, whatever the configuration says.
    pub resolve: bool,
    /// The least severity that fails, over the configuration's.
    pub fail_on: Option<FailOn>,
}

/// Where configuration and rules are read from: where the charts lie, where nothing is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicySource {
    /// The one configuration for all charts, in place of the nearest upwards from each.
    pub file: Option<PathBuf>,
    /// The revision: where HEAD left it. A file outside of the repository is in none, and is read as it is.
    pub revision: Option<String>,
}

impl PolicySource {
    /// What `--config` and `--policy-from` name.
    pub fn of(file: Option<PathBuf>, revision: Option<String>) -> Self {
        Self { file, revision }
    }
}
