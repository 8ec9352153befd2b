//! What a search finds: deployments, releases of charts that are elsewhere, and what could not be followed.

use std::collections::{BTreeMap, BTreeSet};

use super::files::is_part;
use super::folders::Folders;
use super::overlays::Overlays;
use super::{Deployment, Release, Search};
use crate::text::{Location, Sources};

/// Something that cannot be followed, at its line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub at: Location,
    /// What, in lower case.
    pub message: String,
    /// Whether it is something that lies outside the repository and is deployed beside what is in it.
    pub(super) is_elsewhere: bool,
}

impl Problem {
    pub(super) fn new(at: Location, message: String) -> Self {
        Self { at, message, is_elsewhere: false }
    }

    pub(super) fn elsewhere(at: Location, message: String) -> Self {
        Self { at, message, is_elsewhere: true }
    }
}

/// Something a GitOps file says that cannot be followed without a cluster or the network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unresolved {
    /// Folder of the chart that it surely is about, if known.
    pub chart: Option<String>,
    /// The profile that is not judged because of it, if known.
    pub profile: Option<String>,
    /// Where.
    pub at: Location,
    /// What, in lower case.
    pub message: String,
}

impl From<Problem> for Unresolved {
    fn from(problem: Problem) -> Self {
        Self { chart: None, profile: None, at: problem.at, message: problem.message }
    }
}

/// What makes no deployment though it is there for that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PassedOver {
    /// Its file.
    pub path: String,
    /// Why, as half a sentence.
    pub reason: String,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Discovered {
    /// By chart and profile name.
    pub deployments: Vec<Deployment>,
    /// Deployments of charts that are not in the repository, by file and name.
    pub releases: Vec<Release>,
    /// What could not be followed.
    pub unresolved: Vec<Unresolved>,
    /// What makes no deployment though it is there for that.
    pub passed_over: BTreeSet<PassedOver>,
    /// Kustomizations that objects of a tool deploy.
    pub(super) overlays: Overlays,
    /// Folders that Applications deploy file by file.
    pub(super) folders: Folders,
    /// Kustomizations that others build on, and that objects of a tool deploy by themselves as well.
    pub(super) deployed_bases: BTreeSet<String>,
    /// Kustomizations that objects of a tool deploy with options, which may be such as well.
    pub(super) changed_bases: BTreeSet<String>,
    /// Files and overlays that Kustomizations apply which fetched charts make.
    pub(super) claimed: BTreeSet<String>,
}

impl Discovered {
    pub(super) fn unresolved(&mut self, chart: Option<&str>, profile: &str, problem: Problem) {
        let profile = Some(profile.to_owned()).filter(|profile| !profile.is_empty());
        let Problem { at, message, .. } = problem;
        self.unresolved.push(Unresolved { chart: chart.map(str::to_owned), profile, at, message });
    }

    /// Says what may be about any chart.
    pub(super) fn say(&mut self, profile: &str, problems: impl IntoIterator<Item = Problem>) {
        for problem in problems {
            self.unresolved(None, profile, problem);
        }
    }

    /// Leaves out deployments of charts that are not judged, and says what of them is not followed, since they would make others.
    pub(super) fn keep(&mut self, search: &Search<'_>) {
        let all = std::mem::take(&mut self.deployments);
        let (judged, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|each| search.charts.contains_key(&each.chart));
        self.deployments = judged;
        for Deployment { chart, profile, problems, .. } in others {
            for problem in problems {
                self.unresolved(None, &profile.name, problem);
            }
            if let Some((parent, at)) =
                search.charts.keys().find(|parent| is_part(parent, &chart)).zip(profile.found_at)
            {
                let [shown, whole] = [&chart, parent].map(|folder| search.tree.shown(folder));
                let whole = if whole.is_empty() { "." } else { &whole };
                let message = format!(
                    "`{shown}` is deployed by itself here and judged as a part of `{whole}` alone: have it judged, too, with `chartgate check {whole} {shown}`"
                );
                self.unresolved(Some(parent), &profile.name, Problem::new(at, message));
            }
        }
    }

    /// Leaves out kustomizations by themselves that objects of a tool deploy otherwise, and takes for tests what only tests deploy.
    pub(super) fn as_deployed(&mut self) {
        self.deployments.retain_mut(|deployment| self.overlays.keeps(deployment));
        self.releases.retain_mut(|release| self.overlays.keeps(&mut release.deployment));
        self.folders.settle();
        let releases = self.releases.iter_mut().map(|release| &mut release.deployment);
        self.deployments.iter_mut().chain(releases).for_each(|deployment| self.folders.judge(deployment));
    }

    /// Whether a release that was found before is of an object which is nothing by itself: a Kustomization applies it that a chart makes.
    pub fn applies(&self, release: &Release) -> bool {
        self.applies_object(&release.deployment, Some(&release.file))
    }

    pub(super) fn applies_object(&self, deployment: &Deployment, file: Option<&str>) -> bool {
        // What a Kustomization applies has that above it.
        let [path] = deployment.profile.above.as_slice() else { return false };
        self.claimed.contains(path) || file.is_some_and(|file| self.claimed.contains(file))
    }

    /// Adds what else was found, which is there in the place of objects that it applies.
    pub fn join(&mut self, other: Self, sources: &Sources) {
        let (gone, kept) = std::mem::take(&mut self.deployments)
            .into_iter()
            .partition::<Vec<_>, _>(|deployment| other.applies_object(deployment, None));
        self.deployments = kept;
        self.releases.retain(|release| !other.applies(release));
        let said = |each: &Unresolved, deployment: &Deployment| {
            let mut problems = deployment.problems.iter();
            each.chart.as_ref() == Some(&deployment.chart)
                && problems.any(|problem| problem.at == each.at && problem.message == each.message)
        };
        // What is still so is said again below.
        self.unresolved.retain(|each| !gone.iter().any(|deployment| said(each, deployment)));
        self.deployments.extend(other.deployments);
        self.releases.extend(other.releases);
        self.unresolved.extend(other.unresolved);
        self.overlays.extend(other.overlays);
        self.folders.extend(other.folders);
        self.passed_over.extend(other.passed_over);
        self.as_deployed();
        self.finish(sources);
    }

    /// Names the profiles apart, sorts, and says what keeps some of them from being judged.
    pub(super) fn finish(&mut self, sources: &Sources) {
        // Files are read side by side, so that a source's number says nothing.
        let place = |at: Location| (sources.path(at), at.span.start, at.span.end);
        let releases = self.releases.iter_mut().map(|release| &mut release.deployment);
        for deployment in self.deployments.iter_mut().chain(releases) {
            if deployment.profile.name.is_empty() {
                ".".clone_into(&mut deployment.profile.name);
            }
        }
        name_apart(&mut self.deployments);
        self.deployments
            .sort_by(|left, right| (&left.chart, &left.profile.name).cmp(&(&right.chart, &right.profile.name)));
        for deployment in &mut self.deployments {
            deployment.problems.sort_by_cached_key(|problem| (place(problem.at), problem.message.clone()));
            deployment.problems.dedup();
            let say = |problem: &Problem| Unresolved {
                chart: Some(deployment.chart.clone()),
                profile: Some(deployment.profile.name.clone()),
                at: problem.at,
                message: problem.message.clone(),
            };
            self.unresolved.extend(deployment.problems.iter().map(say));
        }
        let order =
            |each: &Release| (each.file.clone(), each.chart.name.clone(), each.deployment.profile.release.clone());
        self.releases.sort_by_key(order);
        self.say_once();
        self.say_general(&place);
        let order =
            |each: &Unresolved| (each.chart.clone(), each.profile.clone(), place(each.at), each.message.clone());
        self.unresolved.sort_by_cached_key(order);
    }

    /// Says what keeps several profiles of a chart from being judged once, and of none of them by name.
    pub(super) fn say_once(&mut self) {
        let mut said: BTreeMap<(Option<String>, Location, String), BTreeSet<Option<String>>> = BTreeMap::new();
        for Unresolved { chart, profile, at, message } in self.unresolved.drain(..) {
            said.entry((chart, at, message)).or_default().insert(profile);
        }
        let general: BTreeSet<(Location, String)> =
            said.keys().filter(|(chart, ..)| chart.is_none()).map(|(_, at, message)| (*at, message.clone())).collect();
        // What may be about any chart is about this one as well.
        said.retain(|(chart, at, message), _| chart.is_none() || !general.contains(&(*at, message.clone())));
        let once = |((chart, at, message), profiles): (_, BTreeSet<_>)| {
            let only = if profiles.len() == 1 { profiles.into_iter().next() } else { None };
            Unresolved { chart, profile: only.flatten(), at, message }
        };
        self.unresolved = said.into_iter().map(once).collect();
    }
}

impl Discovered {
    /// Leaves out what is said of one chart where the same is said there of all; a file that is read twice is one place.
    fn say_general(&mut self, place: &dyn Fn(Location) -> (String, u32, u32)) {
        let general = self.unresolved.iter().filter(|each| each.chart.is_none());
        let mut general: BTreeMap<_, usize> = general.map(|each| ((place(each.at), each.message.clone()), 0)).collect();
        self.unresolved.retain(|each| match general.get_mut(&(place(each.at), each.message.clone())) {
            Some(count) if each.chart.is_none() => {
                *count += 1;
                *count == 1
            }
            found => found.is_none(),
        });
    }
}

/// Two deployments that one folder declares get their release names behind the folder's, and numbers where those are the same.
fn name_apart(deployments: &mut [Deployment]) {
    let key = |each: &Deployment| (each.chart.clone(), each.profile.name.clone());
    let count = |deployments: &[Deployment]| {
        let mut count: BTreeMap<(String, String), usize> = BTreeMap::new();
        for each in deployments {
            *count.entry(key(each)).or_default() += 1;
        }
        count
    };
    let of_folder = count(deployments);
    for each in deployments.iter_mut().filter(|each| of_folder[&key(each)] > 1) {
        let release = each.profile.release.as_deref().unwrap_or("release");
        each.profile.name = format!("{}/{release}", each.profile.name);
    }
    let of_release = count(deployments);
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for each in deployments.iter_mut().filter(|each| of_release[&key(each)] > 1) {
        let number = seen.entry(key(each)).or_default();
        *number += 1;
        each.profile.name = format!("{}-{number}", each.profile.name);
    }
}
