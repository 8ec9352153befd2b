//! Which deployments of two states are one.

use crate::gitops::Deployment;
use crate::text::{Location, Sources};

/// What became of deployments of production.
#[derive(Debug, Clone, Default)]
pub(super) struct Departures {
    /// Those that nothing declares any more.
    pub gone: Vec<Counterpart>,
    /// Those that are tests now.
    pub turned: Vec<Counterpart>,
    /// Files that deployments of charts read, be they production or not, and that are not there any more: folders of the charts as they are now, and
    /// the files as reports name them.
    pub lost: Vec<(String, String)>,
}

impl Departures {
    /// What became of one chart's.
    pub(super) fn of(&self, chart: &str) -> Self {
        let own = |all: &[Counterpart]| all.iter().filter(|each| each.chart == chart).cloned().collect();
        let lost = self.lost.iter().filter(|(of, _)| of == chart).cloned().collect();
        Self { gone: own(&self.gone), turned: own(&self.turned), lost }
    }
}

/// What a deployment is known by in two states.
#[derive(Debug, Clone)]
pub(super) struct Counterpart {
    /// Folder of its chart, as it is now.
    pub chart: String,
    /// The name of the profile that it makes.
    pub name: String,
    release: Option<String>,
    namespace: Option<String>,
    /// The file that declares it, as reports name it.
    pub file: Option<String>,
    production: bool,
    /// What decided about production, in words.
    pub decided_by: String,
    /// The line that declares it, where that is of the state that is judged.
    pub at: Option<Location>,
}

impl Counterpart {
    /// What a deployment is known by.
    pub(super) fn of(deployment: &Deployment, sources: &Sources) -> Self {
        let profile = &deployment.profile;
        Self {
            chart: deployment.chart.clone(),
            name: profile.name.clone(),
            release: profile.release.clone().filter(|release| !release.is_empty()),
            namespace: profile.namespace.clone(),
            file: profile.found_at.map(|at| sources.path(at)),
            production: profile.production,
            decided_by: profile.decided_by.clone(),
            at: profile.found_at,
        }
    }

    /// The same, of an earlier state: its chart is in another folder now, perhaps.
    pub(super) fn earlier(self, chart: &str) -> Self {
        Self { chart: chart.to_owned(), at: None, ..self }
    }

    fn has_release(&self, other: &Self) -> bool {
        self.release.is_some() && self.release == other.release
    }

    fn has_file(&self, other: &Self) -> bool {
        self.file.is_some() && self.file == other.file
    }

    /// Whether two deployments are of one release, or declared in one file.
    fn is_like(&self, other: &Self) -> bool {
        self.chart == other.chart && (self.has_release(other) || self.has_file(other))
    }
}

/// In what two deployments of production may be alike to be one, the surest first. One that a change renames and moves is in the end the one
/// that was not there before.
const LIKENESSES: [fn(&Counterpart, &Counterpart) -> bool; 6] = [
    |was, is| {
        let key =
            |each: &Counterpart| (each.chart.clone(), each.name.clone(), each.release.clone(), each.namespace.clone());
        key(was) == key(is)
    },
    |was, is| was.has_release(is) && was.has_file(is),
    |was, is| was.chart == is.chart && was.has_release(is) && was.namespace == is.namespace,
    |was, is| was.is_like(is),
    |was, is| was.has_release(is) && was.namespace == is.namespace,
    |was, is| was.chart == is.chart,
];

/// What became of deployments: of production that has no counterpart, some are tests now, and the others are gone.
pub(super) fn departures(was: Vec<Counterpart>, is: Vec<Counterpart>) -> Departures {
    let (mut was, were_tests): (Vec<Counterpart>, Vec<Counterpart>) = was.into_iter().partition(|each| each.production);
    let (mut is, mut tests): (Vec<Counterpart>, Vec<Counterpart>) = is.into_iter().partition(|each| each.production);
    for are_alike in LIKENESSES {
        pair(&mut was, &mut is, are_alike);
    }
    let mut known = were_tests;
    pair(&mut known, &mut tests, LIKENESSES[0]);
    let mut turned = vec![];
    was.retain(|each| {
        let test = tests.iter().position(|test| each.is_like(test)).map(|index| tests.swap_remove(index));
        let is_gone = test.is_none();
        turned.extend(test);
        is_gone
    });
    Departures { gone: was, turned, lost: vec![] }
}

/// Takes away what is one in both; each stands for one at most.
fn pair(was: &mut Vec<Counterpart>, is: &mut Vec<Counterpart>, are_alike: fn(&Counterpart, &Counterpart) -> bool) {
    was.retain(|each| match is.iter().position(|other| are_alike(each, other)) {
        Some(index) => {
            is.remove(index);
            false
        }
        None => true,
    });
}
