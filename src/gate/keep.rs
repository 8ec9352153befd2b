//! What a session keeps of one run for the next.

use std::sync::Arc;

use super::catalogue::Shelf;
use super::inquiry::Inquiry;
use super::remembered::Remembered;
use crate::gitops::Discovered;
use crate::pipeline::Notices;
use crate::source::Tree;
use crate::source::git::Known;
use crate::text::{Address, LastingIds, Sources};

/// What a session keeps.
#[derive(Debug, Default)]
pub(super) struct Keep {
    /// For texts that are kept.
    pub(super) ids: LastingIds,
    /// What GitOps files declare.
    pub(super) deployments: Remembered<Inquiry, Arc<Discovered>>,
    /// The files of a repository that define custom resources.
    shelves: Remembered<(Address, Vec<String>), Arc<Shelf>>,
    /// What pipelines do with charts.
    pub(super) pipelines: Remembered<(Address, Vec<String>), Arc<Notices>>,
    /// What is known of commits.
    pub(super) commits: Arc<Known>,
}

impl Keep {
    /// The files with definitions among some of a tree, with what was read of them before.
    pub(super) fn shelf(&self, paths: Vec<String>, tree: &Arc<dyn Tree>, sources: &Sources) -> Arc<Shelf> {
        let look = |asked: &(Address, Vec<String>), tree: &Arc<dyn Tree>, _: &Sources| {
            Arc::new(Shelf::new(tree, asked.1.clone()))
        };
        let found = self.shelves.ask((tree.address(""), paths), tree, sources, look).answer;
        found.lend(sources);
        found
    }
}
