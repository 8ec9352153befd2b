//! What a session keeps of one run for the next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::catalogue::Shelf;
use super::inquiry::Inquiry;
use super::remembered::Remembered;
use crate::gitops::Discovered;
use crate::pipeline::Notices;
use crate::render::Own;
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
    /// What was read of the charts that were judged last, by the roots of their trees and their folders.
    charts: Mutex<BTreeMap<(Address, String), Arc<Own>>>,
}

/// Most charts of which something is kept: those of the files that somebody has open.
const CHARTS: usize = 16;

impl Keep {
    /// What was read of a chart before, for a run that others follow.
    pub(super) fn chart(&self, tree: &dyn Tree, folder: &str, sources: &Sources) -> Arc<Own> {
        if sources.lasting().is_none() {
            return Arc::default();
        }
        let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = (tree.address(""), folder.to_owned());
        if charts.len() >= CHARTS && !charts.contains_key(&asked) {
            charts.clear();
        }
        Arc::clone(charts.entry(asked).or_default())
    }

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
