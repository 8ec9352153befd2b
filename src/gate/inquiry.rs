//! What is asked of the GitOps files of a place.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::gitops::{self, Configured, Discovered, Fetched, Own, Search, Tool};
use crate::helm::Major;
use crate::source::Tree;
use crate::text::{Address, Sources};

/// What is asked of the GitOps files of a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inquiry {
    pub root: Address,
    pub paths: Vec<String>,
    pub charts: BTreeMap<String, String>,
    pub published: Vec<String>,
    pub test_words: Vec<String>,
    pub tools: Vec<Tool>,
    pub by_name: bool,
    pub helm: Option<Major>,
    pub own: Own,
    pub configured: Vec<Configured>,
}

impl Inquiry {
    /// Looks through the files.
    pub(super) fn discover(&self, tree: &Arc<dyn Tree>, sources: &Sources) -> Arc<Discovered> {
        Arc::new(gitops::discover(&self.search(tree, sources)))
    }

    /// What fetched charts make.
    pub(super) fn made(&self, tree: &Arc<dyn Tree>, fetched: &[Fetched<'_>], sources: &Sources) -> Discovered {
        gitops::made(&self.search(tree, sources), fetched)
    }

    fn search<'a>(&'a self, tree: &'a Arc<dyn Tree>, sources: &'a Sources) -> Search<'a> {
        Search {
            tree,
            paths: &self.paths,
            charts: &self.charts,
            published: &self.published,
            test_words: &self.test_words,
            sources,
            tools: &self.tools,
            by_name: self.by_name,
            helm: self.helm,
            own: &self.own,
            configured: &self.configured,
        }
    }
}
