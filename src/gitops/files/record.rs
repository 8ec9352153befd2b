//! Which files a piece of work read: a deployment rests on every one of them.

use std::collections::BTreeSet;
use std::sync::Mutex;

use super::{Files, UNPOISONED};
use crate::gitops::Discovered;
use crate::text::Location;

/// Files, as reports name them.
pub(in crate::gitops) type Read = BTreeSet<String>;

/// What was read in each of the pieces of work that are under way, the innermost last.
#[derive(Default)]
pub(super) struct Record(Mutex<Vec<Read>>);

impl Files<'_> {
    /// What a piece of work gives, and the files that it read.
    pub(in crate::gitops) fn recorded<T>(&self, work: impl FnOnce() -> T) -> (T, Read) {
        self.record.0.lock().expect(UNPOISONED).push(Read::new());
        let done = work();
        let mut open = self.record.0.lock().expect(UNPOISONED);
        let read = open.pop().unwrap_or_default();
        if let Some(outer) = open.last_mut() {
            outer.extend(read.iter().cloned());
        }
        (done, read)
    }

    /// Work that finds deployments, each of which rests on the files that it read.
    pub(in crate::gitops) fn deploying(&self, found: &mut Discovered, work: impl FnOnce(&mut Discovered)) {
        resting(found, |found| self.recorded(|| work(found)).1);
    }

    /// The same, where what is found around it does not rest on those files.
    pub(in crate::gitops) fn deploying_apart(&self, found: &mut Discovered, work: impl FnOnce(&mut Discovered)) {
        resting(found, |found| {
            self.record.0.lock().expect(UNPOISONED).push(Read::new());
            work(found);
            self.record.0.lock().expect(UNPOISONED).pop().unwrap_or_default()
        });
    }

    /// Notes that a file is read.
    pub(in crate::gitops) fn reads(&self, path: &str) {
        self.reads_all([self.search.tree.shown(path)]);
    }

    /// Notes that the file of a place is read.
    pub(in crate::gitops) fn reads_at(&self, place: Location) {
        self.reads_all([self.search.sources.path(place)]);
    }

    /// Notes that files are read, as reports name them.
    pub(in crate::gitops) fn reads_all(&self, shown: impl IntoIterator<Item = String>) {
        if let Some(innermost) = self.record.0.lock().expect(UNPOISONED).last_mut() {
            innermost.extend(shown);
        }
    }
}

/// Lets what is found by some work rest on the files that it gives.
fn resting(found: &mut Discovered, work: impl FnOnce(&mut Discovered) -> Read) {
    let (deployments, releases) = (found.deployments.len(), found.releases.len());
    let read = work(found);
    let releases = found.releases[releases..].iter_mut().map(|release| &mut release.deployment);
    for deployment in found.deployments[deployments..].iter_mut().chain(releases) {
        deployment.read.extend(read.iter().cloned());
    }
}
