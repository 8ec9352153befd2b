//! Finds the charts that neither `charts/` nor `file://` gives: in Helm's cache, in chartgate's, in their repository.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::lock::is_alias;
use super::place::{Package, Place};
use super::wanted::{Wanted, wanted};
use super::{Cache, Caches, Fetch, Helm, Origin, is_packaged};
use crate::chart::{self, Chart};
use crate::finding::{Failure, FailureKind};
use crate::network::Network;
use crate::source::{Archive, CHART_LIMIT, Tree};
use crate::text::Sources;

/// Charts that one may be completed with, or compared with.
const COUNT_LIMIT: usize = 500;
/// Bytes that they may unpack to.
const SIZE_LIMIT: u64 = 2 * CHART_LIMIT;

/// Packages that were unpacked for one chart.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    count: usize,
    size: u64,
}

impl Unpacked {
    /// Counts one that a declaration asks for.
    ///
    /// # Errors
    /// Where there are too many, or they are too large.
    pub(super) fn add(&mut self, archive: &Archive, wanted: &Wanted) -> Result<(), Box<Failure>> {
        self.count += 1;
        self.size += archive.size();
        if self.count <= COUNT_LIMIT && self.size <= SIZE_LIMIT {
            return Ok(());
        }
        let message =
            format!("the chart is made with more than {COUNT_LIMIT} charts, or more than {SIZE_LIMIT} bytes of them");
        Err(Box::new(Failure::new(FailureKind::Limit, message).at(wanted.at)))
    }
}

/// A package that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The packaged chart.
    pub data: Arc<[u8]>,
    /// The version under which it was asked for.
    pub version: String,
    /// The file that Helm would write it to.
    pub file_name: String,
    /// Where it was found.
    pub origin: Origin,
}

/// What completing a chart led to.
#[derive(Debug, Default)]
pub struct Completed {
    /// Where each chart came from, by its path.
    pub origins: BTreeMap<String, Origin>,
    /// What could not be had, and why.
    pub failures: Vec<Failure>,
}

type Answer = Result<Found, Box<Failure>>;

/// The same of one version; none where the repository has no such one.
type Released = Result<Option<Found>, Box<Failure>>;

/// Gives the network when it is first needed.
type Connect<'a> = Box<dyn Fn() -> Arc<Network> + Send + Sync + 'a>;

/// Finds dependencies for the charts of a run, each package once.
pub struct Resolver<'a> {
    connect: Connect<'a>,
    network: OnceLock<Arc<Network>>,
    is_offline: bool,
    helm: Helm,
    cache: Option<Cache>,
    places: Mutex<BTreeMap<String, Arc<Place>>>,
    known: Mutex<BTreeMap<[String; 4], Arc<OnceLock<Answer>>>>,
    released: Mutex<BTreeMap<[String; 3], Arc<OnceLock<Released>>>>,
}

impl fmt::Debug for Resolver<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Resolver").field("is_offline", &self.is_offline).finish_non_exhaustive()
    }
}

impl<'a> Resolver<'a> {
    /// Nothing is read yet but Helm's list of repositories, and nothing is connected to before a package is in no cache.
    pub fn new(caches: &Caches, connect: impl Fn() -> Arc<Network> + Send + Sync + 'a, is_offline: bool) -> Self {
        Self {
            connect: Box::new(connect),
            network: OnceLock::new(),
            is_offline,
            helm: Helm::read(caches.helm.clone()),
            cache: caches.cache.clone().map(Cache::new),
            places: Mutex::default(),
            known: Mutex::default(),
            released: Mutex::default(),
        }
    }

    /// Adds to a chart, and to the folders that it is made with, what they lack and what can be had.
    pub fn complete(&self, chart: &mut Chart, fetch: Fetch, sources: &Sources) -> Completed {
        let mut run = Run { resolver: self, fetch, sources, unpacked: Unpacked::default(), done: Completed::default() };
        run.fill(chart);
        run.done
    }

    /// The greatest version that fits, as the repository has it now.
    ///
    /// # Errors
    /// As a completion has them.
    pub fn newest(&self, wanted: &Wanted) -> Answer {
        if self.is_offline {
            return Err(Box::new(wanted.unasked("and `--offline` asks nobody")));
        }
        let wanted = Wanted { pinned: None, ..wanted.clone() };
        self.fetched(&wanted, &self.address(&wanted)?)
    }

    /// The chart that a deployment asks for; none where its repository has no such version.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn release(&self, wanted: &Wanted) -> Released {
        let address = self.address(wanted)?;
        if let Some(found) = wanted.exact.as_ref().and_then(|version| self.cached(wanted, &address, version)) {
            return Ok(Some(found));
        }
        let place = self.asked(wanted, &address)?;
        let failed = |failure: Box<Failure>| Box::new(wanted.failed(*failure));
        let newest = || place.greatest(wanted).map_err(failed);
        let Some(version) = wanted.exact.clone().map_or_else(newest, |exact| Ok(Some(exact)))? else { return Ok(None) };
        let mut found = place.package(&wanted.name, &version).map_err(failed)?.map(|package| (version, package));
        // In a chart repository a version that nothing is called is a range: `v1.0.0` is `1.0.0`, and `1.0` the newest patch of it.
        if found.is_none() && wanted.exact.is_some() && place.is_index() {
            let fitting = newest()?.map(|version| {
                Ok::<_, Box<Failure>>((place.package(&wanted.name, &version).map_err(failed)?, version))
            });
            found = fitting.transpose()?.and_then(|(package, version)| Some((version, package?)));
        }
        let Some((version, Package { data, file_name })) = found else { return Ok(None) };
        if let Some(cache) = &self.cache {
            cache.keep(&address, &wanted.name, &version, &data);
        }
        Ok(Some(Found { data: data.into(), version, file_name, origin: Origin::Network { place: place.words() } }))
    }

    /// The package of a deployment that names one by its address; none where nothing is there.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn file(&self, wanted: &Wanted, file: &str) -> Result<Option<Found>, Box<Failure>> {
        let place = self.asked(wanted, &wanted.repository)?;
        let data = place.file(file).map_err(|failure| Box::new(wanted.failed(*failure)))?;
        Ok(data.map(|data| Found {
            data: data.into(),
            version: wanted.range.clone(),
            file_name: file.to_owned(),
            origin: Origin::Network { place: place.words() },
        }))
    }

    /// The digest of what a registry has under the tag of a chart that a deployment asks for; none where it has no such tag.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub fn digest(&self, wanted: &Wanted) -> Result<Option<String>, Box<Failure>> {
        let place = self.asked(wanted, &self.address(wanted)?)?;
        let tag = wanted.exact.as_deref().unwrap_or_default();
        place.digest(&wanted.name, tag).map_err(|failure| Box::new(wanted.failed(*failure)))
    }

    /// The place at an address, which may be asked.
    fn asked(&self, wanted: &Wanted, address: &str) -> Result<Arc<Place>, Box<Failure>> {
        if self.is_offline {
            return Err(Box::new(wanted.unfetched()));
        }
        self.place(address).map_err(|failure| Box::new(wanted.failed(*failure)))
    }

    /// The address that Helm writes into a lock for a repository.
    pub fn written(&self, repository: &str) -> String {
        self.helm.named(repository).map_or(repository, super::helm::Repository::url).to_owned()
    }

    /// The version of a chart that is written out, asked for once; none where its repository has no such version.
    pub(super) fn released(&self, wanted: &Wanted) -> Released {
        let key = [&wanted.repository, &wanted.name, &wanted.range].map(Clone::clone);
        let slot = Arc::clone(self.released.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        let answer = slot.get_or_init(|| self.release(&wanted.of_any()));
        answer.clone().map_err(|failure| Box::new(wanted.placed(*failure)))
    }

    /// The version of a chart that is written out, where a cache has it.
    pub(super) fn kept(&self, wanted: &Wanted) -> Option<Found> {
        self.cached(wanted, &self.address(wanted).ok()?, wanted.exact.as_ref()?)
    }

    /// Why nobody is asked for a version; none where somebody is.
    pub(super) fn unasked(&self, is_pinned: bool, fetch: Fetch) -> Option<&'static str> {
        match fetch {
            _ if self.is_offline => Some("`--offline` asks nobody"),
            Fetch::Never => Some("`dependencies.fetch: never` asks nobody"),
            Fetch::Locked if !is_pinned => Some("no lock pins its version"),
            Fetch::Locked | Fetch::Always => None,
        }
    }

    /// Whether a repository is an alias that the user's Helm does not know.
    pub(super) fn is_unknown(&self, repository: &str) -> bool {
        is_alias(repository) && self.helm.named(repository).is_none()
    }

    fn find(&self, wanted: &Wanted, fetch: Fetch) -> Answer {
        let key = [&wanted.repository, &wanted.name, &wanted.range, wanted.pinned.as_deref().unwrap_or_default()];
        let slot = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(key.map(str::to_owned)).or_default())
        };
        let answer = slot.get_or_init(|| self.look(&wanted.of_any(), fetch));
        answer.clone().map_err(|failure| Box::new(wanted.placed(*failure)))
    }

    fn look(&self, wanted: &Wanted, fetch: Fetch) -> Answer {
        let address = self.address(wanted)?;
        if let Some(version) = wanted.pinned.as_ref().or(wanted.exact.as_ref())
            && let Some(found) = self.cached(wanted, &address, version)
        {
            return Ok(found);
        }
        match self.unasked(wanted.pinned.is_some(), fetch) {
            None => self.fetched(wanted, &address),
            Some(_) if fetch == Fetch::Locked && !self.is_offline => Err(Box::new(wanted.unpinned())),
            Some(why) => Err(Box::new(wanted.unasked(&format!("and {why}")))),
        }
    }

    fn cached(&self, wanted: &Wanted, address: &str, version: &str) -> Option<Found> {
        let found = |data: Vec<u8>, origin| Found {
            data: data.into(),
            version: version.to_owned(),
            file_name: format!("{}-{version}.tgz", wanted.name),
            origin,
        };
        let of_helm = || self.helm.find(address, &wanted.name, version);
        let of_cache = || self.cache.as_ref()?.find(address, &wanted.name, version);
        of_helm().map(|data| found(data, Origin::Helm)).or_else(|| of_cache().map(|data| found(data, Origin::Cache)))
    }

    /// The address behind an alias of the user's Helm, else the repository itself.
    fn address(&self, wanted: &Wanted) -> Result<String, Box<Failure>> {
        if !is_alias(&wanted.repository) {
            return Ok(wanted.repository.clone());
        }
        let known = self.helm.named(&wanted.repository);
        known.map(|known| known.url().to_owned()).ok_or_else(|| Box::new(wanted.unnamed()))
    }

    fn fetched(&self, wanted: &Wanted, address: &str) -> Answer {
        let failed = |failure: Box<Failure>| Box::new(wanted.failed(*failure));
        let place = self.place(address).map_err(failed)?;
        let version = match &wanted.pinned {
            Some(version) => version.clone(),
            None => place.greatest(wanted).map_err(failed)?.ok_or_else(|| Box::new(wanted.unfit(&place.words())))?,
        };
        let package = place.package(&wanted.name, &version).map_err(failed)?;
        let Package { data, file_name } = package.ok_or_else(|| Box::new(wanted.absent(&version, &place.words())))?;
        if let Some(cache) = &self.cache {
            cache.keep(address, &wanted.name, &version, &data);
        }
        Ok(Found { data: data.into(), version, file_name, origin: Origin::Network { place: place.words() } })
    }

    fn place(&self, address: &str) -> Result<Arc<Place>, Box<Failure>> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = places.get(address) {
            return Ok(Arc::clone(known));
        }
        let full = self.helm.at(address).map_or_else(|| address.to_owned(), super::helm::Repository::address);
        let place = Arc::new(Place::new(&full, self.network.get_or_init(&self.connect))?);
        places.insert(address.to_owned(), Arc::clone(&place));
        Ok(place)
    }
}

/// One chart's completion.
struct Run<'a> {
    resolver: &'a Resolver<'a>,
    fetch: Fetch,
    sources: &'a Sources,
    unpacked: Unpacked,
    done: Completed,
}

impl Run<'_> {
    fn fill(&mut self, chart: &mut Chart) {
        if is_packaged(chart) {
            return;
        }
        for wanted in wanted(chart) {
            match self.resolver.find(&wanted, self.fetch).and_then(|found| self.load(&wanted, &found)) {
                Ok(found) => chart.fetched.push(found),
                Err(failure) => self.done.failures.push(*failure),
            }
        }
        let counts: Vec<bool> = chart.beside.iter().map(|part| !chart.is_in_charts(part.name())).collect();
        let beside = chart.beside.iter_mut().zip(counts).filter(|(_, counts)| *counts).map(|(part, _)| part);
        for part in chart.dependencies.iter_mut().chain(beside) {
            self.fill(part);
        }
    }

    /// The chart in a package, shown where a dependency build would put it.
    fn load(&mut self, wanted: &Wanted, found: &Found) -> Result<Chart, Box<Failure>> {
        let shown = format!("{}charts/{}", wanted.folder, found.file_name);
        let archive =
            Archive::from_bytes(&found.data, &shown).map_err(|error| Box::new(wanted.broken(&error.to_string())))?;
        self.unpacked.add(&archive, wanted)?;
        let tree: Arc<dyn Tree> = Arc::new(archive);
        let chart = chart::load(&tree, "", self.sources);
        match chart.name() {
            Some(name) if name == wanted.name => {
                self.done.origins.insert(chart.path.clone(), found.origin.clone());
                Ok(chart)
            }
            other => Err(Box::new(wanted.broken(&format!("the chart in it is `{}`", other.unwrap_or_default())))),
        }
    }
}
