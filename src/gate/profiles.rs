//! The profiles a chart is judged under: its defaults, configured ones, those found beside it and in GitOps files.

use std::collections::BTreeSet;
use std::path::Path;

use super::Error;
use super::asked::{Asked, ValuesPath};
use super::values_files::{Unread, ValuesFiles};
use crate::chart::Chart;
use crate::config::{self, Config, Located};
use crate::finding::{Failure, FailureKind, Skipped};
use crate::gitops::Deployment;
use crate::profile::{self, Beside, Helm, Profile, Setting};
use crate::source::{Dir, normal};
use crate::text::Sources;
use crate::values::set::Form;
use crate::yaml::Node;

/// The profiles of a chart, and those that are configured and do not apply to it.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    /// The defaults first.
    pub all: Vec<Profile>,
    /// Configured profiles whose values file the chart does not have.
    pub lacking: Vec<Skipped>,
    /// Files that may be meant as values of production and make no profile, each with the reason.
    pub passed_over: Vec<(String, String)>,
    /// Profiles whose values are more than is read, each with the failure that says so.
    pub unread: Vec<(String, Failure)>,
}

/// The profiles of a chart; values named on the command line take the place of all others.
pub(super) fn of_chart(
    chart: &Chart,
    config: &Config,
    asked: &Asked,
    deployments: &[Deployment],
    sources: &Sources,
) -> Result<Profiles, Error> {
    let mut profiles = vec![Profile::defaults()];
    if !asked.values.is_empty() {
        profiles.push(ad_hoc(chart, asked, sources)?);
        return Ok(Profiles { all: profiles, ..Profiles::default() });
    }
    let (mut errors, mut lacking, mut passed_over, mut unread) = (vec![], vec![], vec![], vec![]);
    let mut files = ValuesFiles::new(&*chart.tree, sources);
    for declared in config.profiles.iter().filter(|declared| applies(declared, &chart.path)) {
        match configured(chart, declared, &mut files) {
            Ok(Configured::Profile(profile)) => profiles.push(*profile),
            Ok(Configured::Lacking) => lacking.push(without_values(chart, declared)),
            Ok(Configured::Unread(failure)) => unread.push((declared.name.value.clone(), failure)),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Error::Config(errors));
    }
    let Beside { profiles: found, passed_over: others } = profile::beside(chart);
    let here =
        deployments.iter().filter(|deployment| deployment.chart == chart.folder && deployment.problems.is_empty());
    let deployed = here.map(|deployment| carried(deployment.profile.clone(), config));
    if config.profiles.is_empty() {
        profiles.extend(found);
        passed_over = others;
    } else {
        // Other files of values are what the configuration says; with these chart-testing installs the chart all the same.
        let (tests, others): (Vec<Profile>, Vec<Profile>) = found.into_iter().partition(Profile::is_test);
        profiles.extend(tests.into_iter().filter(|test| !is_configured(chart, test, config)));
        let deployed: Vec<Profile> = deployed.clone().collect();
        lacking.extend(unnamed(&others, profiles.iter().chain(&deployed), sources));
    }
    profiles.extend(deployed);
    let others = deployments.iter().filter(|deployment| deployment.chart != chart.folder);
    let others: BTreeSet<&String> = others.flat_map(|deployment| &deployment.read).collect();
    for profile in &mut profiles {
        let files = profile.values.iter().map(|root| sources.path(root.location));
        profile.shared = files.filter(|file| others.contains(file)).collect();
    }
    Ok(Profiles { all: profiles, lacking, passed_over, unread })
}

/// A profile of a GitOps file, with the Helm that its tool carries where the file does not tell.
pub(super) fn carried(mut profile: Profile, config: &Config) -> Profile {
    profile.helm.major = profile.helm.major.or(config.gitops_helm);
    profile
}

/// Whether a configured profile has the name of a test, or is of its file alone.
fn is_configured(chart: &Chart, test: &Profile, config: &Config) -> bool {
    let own = crate::source::join(&chart.folder, &format!("{}.yaml", test.name));
    let is_its = |file: &Located<String>| normal(&chart.folder, Path::new(&file.value)).is_some_and(|path| path == own);
    let mut declared = config.profiles.iter().filter(|declared| applies(declared, &chart.path));
    declared.any(|declared| {
        declared.name.value == test.name
            || matches!(declared.values.as_slice(), [only] if is_its(only) && declared.set.is_empty())
    })
}

/// Says which values of production, by their names, no profile is made of.
fn unnamed<'a>(found: &[Profile], named: impl Iterator<Item = &'a Profile>, sources: &Sources) -> Vec<Skipped> {
    let paths =
        |profile: &Profile| -> Vec<String> { profile.values.iter().map(|root| sources.path(root.location)).collect() };
    let known: BTreeSet<String> = named.flat_map(paths).collect();
    let lost = found.iter().filter(|profile| profile.production).flat_map(paths).filter(|path| !known.contains(path));
    let said = |path: String| Skipped::all(format!("`{path}` is not judged: no profile of the configuration names it"));
    lost.map(said).collect()
}

/// Says that a chart is not judged under a profile that others have.
fn without_values(chart: &Chart, declared: &config::ProfileConfig) -> Skipped {
    let file = declared.values.first().map_or("", |file| file.value.as_str());
    Skipped::all(format!(
        "`{}` is not judged under the profile `{}`: it has no `{file}`",
        chart.path, declared.name.value
    ))
}

pub(super) fn applies(declared: &config::ProfileConfig, chart: &str) -> bool {
    declared.charts.is_empty() || declared.charts.iter().any(|pattern| pattern.value.covers(chart))
}

/// What a profile of the configuration is to a chart.
enum Configured {
    Profile(Box<Profile>),
    /// No file of it exists for this chart; another chart of the repository has them.
    Lacking,
    /// Its values are more than is read.
    Unread(Failure),
}

fn configured(
    chart: &Chart,
    declared: &config::ProfileConfig,
    files: &mut ValuesFiles<'_>,
) -> Result<Configured, config::Error> {
    let mut values = vec![];
    let mut missing = None;
    for file in &declared.values {
        let path = resolve(&chart.folder, file)?;
        match files.read(&path) {
            Ok(roots) => values.extend(roots),
            Err(Unread::Absent) => missing = missing.or(Some((file, path))),
            Err(Unread::TooMuch(message)) => {
                let failure = Failure::new(FailureKind::Limit, message).at(file.at).of_chart(&chart.path);
                return Ok(Configured::Unread(failure.of_profile(&declared.name.value)));
            }
            Err(Unread::Wrong(message)) => return Err(config::Error::new(file.at, message)),
        }
    }
    match missing {
        Some(_) if values.is_empty() && declared.charts.is_empty() && declared.values.len() == 1 => {
            return Ok(Configured::Lacking);
        }
        Some((file, path)) => {
            let message = format!("the values file `{path}` of profile `{}` does not exist", declared.name.value);
            let help = format!("it is looked for relative to the chart `{}`", chart.path);
            return Err(config::Error::new(file.at, message).help(help));
        }
        None => {}
    }
    let setting =
        |set: &Located<String>| Setting { expression: set.value.clone(), form: Form::Typed, at: Some(set.at) };
    Ok(Configured::Profile(Box::new(Profile {
        name: declared.name.value.clone(),
        production: declared.production,
        decided_by: if declared.production {
            "`production: true` in the configuration".into()
        } else {
            "the configuration does not say `production: true`".into()
        },
        values,
        set: declared.set.iter().map(setting).collect(),
        namespace: declared.namespace.clone(),
        release: declared.release.clone(),
        helm: Helm { major: declared.helm, ..Helm::default() },
        found_at: Some(declared.name.at),
        ..Profile::default()
    })))
}

fn resolve(folder: &str, file: &Located<String>) -> Result<String, config::Error> {
    let path = std::path::Path::new(&file.value);
    let outside =
        || config::Error::new(file.at, format!("the values file `{}` leads out of the repository", file.value));
    normal(folder, path).ok_or_else(outside)
}

fn ad_hoc(chart: &Chart, asked: &Asked, sources: &Sources) -> Result<Profile, Error> {
    let mut values = vec![];
    let mut name = String::new();
    for path in &asked.values {
        let (shown, roots) = match path {
            ValuesPath::Tree(path) => (path.clone(), ValuesFiles::new(&*chart.tree, sources).read(path)),
            ValuesPath::Disk { path, boundary } => {
                (path.display().to_string(), read_disk(path, boundary.as_deref(), sources))
            }
        };
        values.extend(roots.map_err(|unread| match unread {
            Unread::Absent => Error::usage(format!("the values file `{shown}` does not exist"), "see `--values`"),
            Unread::Wrong(message) | Unread::TooMuch(message) => Error::usage(message, "see `--values`"),
        })?);
        name = shown;
    }
    let decided_by = "the command line".into();
    Ok(Profile { name, production: asked.production, decided_by, values, ..Profile::default() })
}

fn read_disk(path: &Path, boundary: Option<&Path>, sources: &Sources) -> Result<Vec<Node>, Unread> {
    let wrong = |error: crate::source::Error| Unread::Wrong(error.to_string());
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Err(Unread::Absent) };
    let folder_shown = folder.display().to_string();
    let folder = Dir::folder(folder).map_err(wrong)?.within(boundary.map(Path::to_path_buf));
    ValuesFiles::new(&folder.shown_below(folder_shown), sources).read(&name.to_string_lossy())
}

/// What to do about a deployment that cannot be followed.
const HELP: &str = "configure the profile by hand in `.chartgate.yaml`, or leave `discover` without it";

/// The failure of a GitOps file that may be about any chart.
pub(super) fn unfollowed(each: &crate::gitops::Unresolved) -> Failure {
    Failure::new(FailureKind::Read, format!("a deployment cannot be followed: {}", each.message)).at(each.at).help(HELP)
}

/// The failure of a GitOps deployment that cannot be followed.
pub(super) fn unresolved(chart: &str, each: &crate::gitops::Unresolved) -> Failure {
    let failure =
        Failure::new(FailureKind::Read, format!("a deployment of this chart cannot be followed: {}", each.message))
            .at(each.at)
            .of_chart(chart)
            .help(HELP);
    match &each.profile {
        Some(profile) => failure.of_profile(profile),
        None => failure,
    }
}
