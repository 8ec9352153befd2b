//! What outlives a request: the surroundings of the process, chartgate's own rules, and the network with its connections. An editor judges
//! a thousand times in one session.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Request, Timings, Watch};
use crate::checks;
use crate::dependency::{Cache, Caches};
use crate::finding::Failure;
use crate::network::oci::artifact::{self, Kept, Reference};
use crate::network::{self, Network};
use crate::published::ReleaseTag;
use crate::rule::Registry;
use crate::source::{Memory, Tree};
use crate::text::{Date, Sources};

use super::keep::Keep;

/// What the gate knows of the process around it; nothing is read from there later.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The folder that relative paths start from.
    pub working_dir: PathBuf,
    /// The day that suppressions run out by.
    pub today: Date,
    /// What a CI system says of the run.
    pub ci: Ci,
    /// What the network needs to know.
    pub network: network::Options,
    /// Where dependencies may lie.
    pub caches: Caches,
    /// Who is told how far a run is.
    pub watch: Option<Arc<dyn Watch>>,
    /// Takes how long the parts of a run take.
    pub timings: Option<Arc<Timings>>,
}

impl Surroundings {
    /// A working directory on a day, without CI system, credentials and caches.
    pub fn new(working_dir: PathBuf, today: Date) -> Self {
        let (ci, network, caches) = (Ci::default(), network::Options::default(), Caches::default());
        Self { working_dir, today, ci, network, caches, watch: None, timings: None }
    }
}

/// What a CI system says of the run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ci {
    /// The branch that the change is to be merged into.
    pub target_branch: Option<String>,
    /// The commit that the branch was at before the push; zeros where it is new.
    pub pushed_from: Option<String>,
    /// The git tag that the run is for.
    pub tag: Option<String>,
}

/// Judges any number of requests.
#[derive(Debug)]
pub struct Session {
    /// The process around it.
    pub(super) surroundings: Surroundings,
    network: Arc<Network>,
    built_in: OnceLock<Registry>,
    /// Policies that were fetched; what a digest names stays what it is.
    policies: Mutex<BTreeMap<Reference, Arc<dyn Tree>>>,
    /// What is kept of one run for the next.
    pub(super) keep: Keep,
}

impl Session {
    /// Nothing is read or asked yet.
    pub fn new(surroundings: Surroundings) -> Self {
        let network = Network::new(surroundings.network.clone());
        Self { surroundings, network, built_in: OnceLock::new(), policies: Mutex::default(), keep: Keep::default() }
    }

    /// Takes the texts of a run of which this session keeps for the next what will not have changed by then: GitOps files, definitions and
    /// pipelines as they were read, and releases as git has them. A run with other texts begins from nothing.
    pub fn sources(&self) -> Sources {
        Sources::with_lasting(&self.keep.ids)
    }

    /// The way to registries and chart repositories, for one run.
    pub(super) fn network(&self) -> Arc<Network> {
        self.network.anew()
    }

    /// chartgate's own rules, to which a run adds the user's.
    pub(super) fn registry(&self) -> Registry {
        self.built_in.get_or_init(|| Registry::built_in(checks::find)).clone()
    }

    /// The files of a published policy.
    pub(super) fn policy(&self, reference: &Reference, network: &Arc<Network>) -> Result<Arc<dyn Tree>, Box<Failure>> {
        if let Some(known) = self.known_policy(reference) {
            return Ok(known);
        }
        let cache = self.surroundings.caches.cache.clone().map(Cache::new);
        let files = artifact::files(reference, network, cache.as_ref().map(|cache| cache as &dyn Kept))?;
        let tree: Arc<dyn Tree> = Arc::new(Memory::new(reference.to_string(), files));
        let mut policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        policies.insert(reference.clone(), Arc::clone(&tree));
        Ok(tree)
    }

    /// The same where it was fetched already.
    pub(super) fn known_policy(&self, reference: &Reference) -> Option<Arc<dyn Tree>> {
        self.policies.lock().unwrap_or_else(PoisonError::into_inner).get(reference).cloned()
    }

    /// Takes how long the parts of a run take, where somebody wants to know.
    pub(super) fn timings(&self) -> Option<&Timings> {
        self.surroundings.timings.as_deref()
    }

    /// Whether to ask no registry and no chart repository.
    pub(super) fn is_offline(&self) -> bool {
        self.surroundings.network.offline
    }

    /// The git tag that a request is for.
    pub(super) fn tag(&self, request: &Request) -> Option<ReleaseTag> {
        let named = request.tag.clone().filter(|tag| !tag.is_empty());
        let named = named.map(|name| ReleaseTag { name, is_named: true });
        named.or_else(|| self.surroundings.ci.tag.clone().map(|name| ReleaseTag { name, is_named: false }))
    }
}
