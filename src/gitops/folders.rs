//! Folders of manifests that Applications deploy file by file: what lies there is for what those are for, and they may leave some of it out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::Read;
use super::glob::Glob;
use super::{Deployment, path};
use crate::chart::values_file::production_word;

/// An Application that deploys the files of a folder.
#[derive(Debug, Clone)]
pub(super) struct Deployer {
    /// Its name.
    pub(super) name: String,
    /// Whether what it deploys is production, and the words that say why.
    pub(super) production: bool,
    pub(super) why: String,
    /// The paths and names that say what it is for itself.
    pub(super) ways: Vec<String>,
    /// Which files it takes.
    pub(super) filter: Filter,
    /// The files that it rests on.
    pub(super) read: Arc<Read>,
}

/// Which files of a folder an Application takes.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    /// Whether those of the folders below count.
    pub(super) is_deep: bool,
    /// Whether they may have any name.
    pub(super) takes_any_name: bool,
    pub(super) include: Include,
    /// `exclude`.
    pub(super) exclude: Option<Glob>,
}

/// `include`.
#[derive(Debug, Clone, Default)]
pub(super) enum Include {
    #[default]
    Everything,
    Fitting(Glob),
    /// It is no pattern, which fits nothing.
    Nothing,
}

impl Include {
    fn takes(&self, path: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Fitting(glob) => glob.matches(path),
            Self::Nothing => false,
        }
    }
}

/// What becomes of a file in a folder.
enum Fate {
    Taken,
    /// Left out by the option of this name.
    LeftOut(&'static str),
    /// Not one of those that are looked at.
    Elsewhere,
}

impl Filter {
    /// What becomes of a file at a path below the folder.
    fn fate(&self, below: &str) -> Fate {
        let is_looked_at = is_manifest(below) || (self.takes_any_name && !is_of_tool(below));
        if (!self.is_deep && below.contains('/')) || !is_looked_at {
            Fate::Elsewhere
        } else if self.exclude.as_ref().is_some_and(|glob| glob.matches(below)) {
            Fate::LeftOut("exclude")
        } else if !self.include.takes(below) {
            Fate::LeftOut("include")
        } else {
            Fate::Taken
        }
    }
}

/// Whether a path may be one of a file with manifests, by its name.
fn is_manifest(path: &str) -> bool {
    const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];
    let has_ending = path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending));
    has_ending && !is_of_tool(path)
}

/// Whether a file belongs to Helm or kustomize, which Argo CD takes for a manifest in vain.
fn is_of_tool(path: &str) -> bool {
    const NAMES: [&str; 4] = ["Chart.yaml", "kustomization.yaml", "kustomization.yml", "Kustomization"];
    NAMES.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// Folders, each with the Applications that deploy it.
#[derive(Debug, Clone, Default)]
pub(super) struct Folders(BTreeMap<String, Vec<Deployer>>);

/// Applications that deploy folders of Applications that deploy folders.
const DEEPEST: usize = 32;
/// More Applications of one folder than decide anything.
const MOST: usize = 100;

impl Folders {
    /// Notes an Application that deploys the files of a folder.
    pub(super) fn deployed(&mut self, folder: String, deployer: Deployer) {
        let known = self.0.entry(folder).or_default();
        if known.len() < MOST {
            known.push(deployer);
        } else if deployer.production && !known.iter().any(|each| each.production && each.filter.is_open()) {
            // What is not looked at any more has to count as production.
            known.push(Deployer { filter: Filter::everything(), ..deployer });
        }
    }

    pub(super) fn extend(&mut self, other: Self) {
        for (folder, deployers) in other.0 {
            for deployer in deployers {
                self.deployed(folder.clone(), deployer);
            }
        }
    }

    /// Lets Applications be for testing that only such ones deploy, level by level.
    pub(super) fn settle(&mut self) {
        // Deeper than that, what is called nothing else stays production.
        for _ in 0..DEEPEST {
            let settled = self.clone();
            let mut is_same = true;
            for deployer in self.0.values_mut().flatten().filter(|deployer| deployer.production) {
                let called = [deployer.name.as_str()];
                if let Some(Test { why, .. }) = settled.test_of(&deployer.ways, &called) {
                    (deployer.production, deployer.why, is_same) = (false, why, false);
                }
            }
            if is_same {
                return;
            }
        }
    }

    /// Lets a deployment be no production that only tests deploy, or nothing at all.
    pub(super) fn judge(&self, deployment: &mut Deployment) {
        let profile = &mut deployment.profile;
        if !profile.production || self.0.is_empty() {
            return;
        }
        let called = [profile.release.as_deref(), profile.namespace.as_deref()];
        let called: Vec<&str> = called.into_iter().flatten().collect();
        if let Some(Test { why, read }) = self.test_of(&profile.above, &called) {
            (profile.production, profile.decided_by) = (false, why);
            deployment.read.extend(read.iter().cloned());
        }
    }

    /// Why what is declared in these ways is no production, which nothing that is called production is.
    fn test_of(&self, ways: &[String], called: &[&str]) -> Option<Test<'_>> {
        let mut names = ways.iter().map(String::as_str).chain(called.iter().copied());
        if self.0.is_empty() || names.any(|name| production_word(name).is_some()) {
            return None;
        }
        // Of what a chart makes, or a Kustomization applies, that is decided by what stands above it.
        let files: Vec<&String> = match ways {
            [own] => vec![own],
            _ => ways.iter().skip(1).filter(|way| is_manifest(way)).collect(),
        };
        let tests: Option<Vec<Test<'_>>> = files.into_iter().map(|file| self.test(file)).collect();
        tests?.into_iter().next()
    }

    /// The same of a file.
    fn test(&self, file: &str) -> Option<Test<'_>> {
        let (mut test, mut left_out) = (None, None);
        let above = crate::source::upwards(path::folder(file)).chain([""]);
        let deployers = above.filter_map(|folder| Some((folder, self.0.get(folder)?)));
        for (folder, deployer) in deployers.flat_map(|(folder, all)| all.iter().map(move |each| (folder, each))) {
            let below = crate::source::below(file, folder).unwrap_or(file);
            match deployer.filter.fate(below) {
                Fate::Taken if deployer.production => return None,
                Fate::Taken => _ = test.get_or_insert(deployer),
                Fate::LeftOut(option) if deployer.production => _ = left_out.get_or_insert((deployer, option)),
                Fate::LeftOut(_) | Fate::Elsewhere => {}
            }
        }
        let of_test = |deployer: &Deployer| format!("the Application `{}` deploys it: {}", deployer.name, deployer.why);
        let of_option = |(deployer, option): (&Deployer, &str)| {
            format!("`directory.{option}` of the Application `{}` leaves it out", deployer.name)
        };
        match (test, left_out) {
            (Some(deployer), _) => Some(Test { why: of_test(deployer), read: &deployer.read }),
            (None, Some(left_out)) => Some(Test { why: of_option(left_out), read: &left_out.0.read }),
            (None, None) => None,
        }
    }
}

/// Why something is no production.
struct Test<'a> {
    why: String,
    /// The files that this rests on.
    read: &'a Read,
}

impl Filter {
    /// One that takes every file.
    fn everything() -> Self {
        Self { is_deep: true, takes_any_name: true, ..Self::default() }
    }

    fn is_open(&self) -> bool {
        self.is_deep && self.takes_any_name && matches!(self.include, Include::Everything) && self.exclude.is_none()
    }
}
