//! Which configuration counts for each chart; every one is read once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::extended::{Extended, Text, extended};
use super::place::{self, Place};
use super::plan::{Ground, Plan, Planned, Unlisted};
use super::seat::Seat;
use super::subject::Chartless;
use super::{Error, Request, Selection, Session, trust};
use crate::chart::{Discovery, Found};
use crate::config::discover::Search;
use crate::config::{self, Config};
use crate::finding::{Failure, FailureKind, Skipped};
use crate::network::oci::artifact::Reference;
use crate::network::{Network, Trust};
use crate::source::{self, Archive, CHART_LIMIT, Dir, FILE_LIMIT, Tree};
use crate::text::{Address, Sources};

/// Finds the configuration of each folder once, and reads each once.
pub(super) struct Configs<'a> {
    sources: &'a Sources,
    /// The place of the working directory and its folder there, where an archive needs them.
    beside: Option<(usize, String)>,
    found: Vec<Counting>,
    /// What counts for a folder of a place, by indices of `found`.
    by_folder: BTreeMap<(usize, String), Option<usize>>,
    /// What counts where `--config` names a file.
    named: GivenFile,
    /// Indices of the plan's configurations, by those of `found`.
    read: BTreeMap<usize, usize>,
}

/// The file of `--config`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GivenFile {
    /// It was not looked for, or none is named.
    Nothing,
    /// It is not there where the policy is taken from.
    Lacking,
    /// Its index of `found`.
    Found(usize),
}

/// A configuration that counts for something.
pub(super) struct Counting {
    /// The index of its place.
    place: usize,
    /// Its folder as reports name it.
    pub folder: String,
    /// Its path in reports.
    shown: String,
    /// The configuration further up that it takes the place of, as reports name it.
    outer: Option<String>,
    /// What it is made of.
    pub extended: Extended,
}

/// Where configurations and policies are found.
#[derive(Clone, Copy)]
pub(super) struct Finding<'a> {
    pub session: &'a Session,
    pub request: &'a Request,
    pub network: &'a Arc<Network>,
    pub places: &'a [Place],
}

impl<'a> Configs<'a> {
    /// None was found yet.
    pub(super) fn new(sources: &'a Sources, beside: Option<(usize, String)>) -> Self {
        let (found, by_folder, read) = (vec![], BTreeMap::new(), BTreeMap::new());
        Self { sources, beside, found, by_folder, named: GivenFile::Nothing, read }
    }

    /// Finds what counts for every chart, for folders without any, and beside archives.
    ///
    /// # Errors
    /// A configuration that cannot be read, or extends what cannot be had.
    pub(super) fn find(
        &mut self,
        finding: Finding<'_>,
        discovered: &[Vec<Result<Discovery, source::Error>>],
    ) -> Result<(), Error> {
        for (index, place) in finding.places.iter().enumerate().filter(|(_, place)| !place.is_archive) {
            for (named, discovery) in place.named.iter().zip(&discovered[index]) {
                let Ok(discovery) = discovery else { continue };
                for chart in &discovery.charts {
                    let folder = match chart {
                        Found::Folder(folder) => folder,
                        Found::Archive(path) => place::parent(path),
                    };
                    self.find_for(finding, index, folder)?;
                }
                if discovery.charts.is_empty() && place.repository.is_some() {
                    self.find_for(finding, index, &named.folder)?;
                }
            }
        }
        match self.beside.clone() {
            Some((index, folder)) if finding.places.iter().any(|place| place.is_archive) => {
                self.find_for(finding, index, &folder)
            }
            _ => Ok(()),
        }
    }

    /// Every configuration that counts for something.
    pub(super) fn counting(&self) -> &[Counting] {
        &self.found
    }

    fn find_for(&mut self, finding: Finding<'_>, index: usize, folder: &str) -> Result<(), Error> {
        if let Some(file) = &finding.request.policy.from.file {
            if self.named == GivenFile::Nothing {
                self.named = self.find_named(finding, index, file)?.map_or(GivenFile::Lacking, GivenFile::Found);
            }
            return Ok(());
        }
        let tree = &finding.places[index].policy;
        let mut passed = vec![];
        let mut at = folder;
        let counts = loop {
            if let Some(known) = self.by_folder.get(&(index, at.to_owned())) {
                break *known;
            }
            passed.push(at.to_owned());
            let here = config::discover::of_folder(&**tree, at);
            if let Some(found) = here.map_err(|error| Error::usage(error.to_string(), error.help()))? {
                let outer = if at.is_empty() {
                    None
                } else {
                    config::discover::nearest(&**tree, place::parent(at)).ok().flatten()
                };
                let outer = outer.map(|outer| tree.shown(&outer.path));
                let trust = || trust::of_folder(finding.session, finding.request, &finding.places[index], at);
                break Some(self.gather(finding, index, Text::of(tree, found), outer, &trust)?);
            }
            if at.is_empty() {
                break None;
            }
            at = place::parent(at);
        };
        self.by_folder.extend(passed.into_iter().map(|folder| ((index, folder), counts)));
        Ok(())
    }

    /// The file of `--config`; its patterns are relative to its folder if that lies in the tree, else to the tree's root.
    fn find_named(&mut self, finding: Finding<'_>, index: usize, file: &Path) -> Result<Option<usize>, Error> {
        let place = &finding.places[index];
        let trust = || trust::of_folder(finding.session, finding.request, place, "");
        let seat = Seat::of(finding.request, place, "");
        if finding.request.policy.from.revision.is_some() && !seat.is_outside() {
            let found = seat.find(&*place.policy, &mut Search::default());
            let found = found.map_err(|error| Error::usage(error.to_string(), error.help()))?;
            let read = found.map(|found| self.gather(finding, index, Text::of(&place.policy, found), None, &trust));
            return read.transpose();
        }
        let working_dir = &finding.session.surroundings.working_dir;
        let unreadable = |error: source::Error| Error::usage(error.to_string(), "see `--config`");
        let disk = working_dir.join(file);
        let parent = disk.parent().unwrap_or(&disk).to_path_buf();
        let name = disk.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let here = Dir::folder(&parent).or_else(|_| Dir::folder(working_dir)).map_err(unreadable)?;
        let here = here.within(None);
        let data = read_data(&here, &name)?;
        let below = match place.tree.address("") {
            Address::Disk(root) => here.root().strip_prefix(&root).map(|path| path.display().to_string()).ok(),
            _ => None,
        };
        let (shown, address) = (file.display().to_string(), Address::Disk(disk));
        let text = match below {
            Some(below) => {
                let (tree, path) = (Arc::clone(&place.tree), source::join(&below, &name));
                Text { tree, path, shown, address, data, home: Some(below) }
            }
            None => Text { tree: Arc::new(here), path: name, shown, address, data, home: Some(String::new()) },
        };
        self.gather(finding, index, text, None, &trust).map(Some)
    }

    /// That the file of `--config` is not there where the policy is taken from.
    pub(super) fn lacking(&self, request: &Request) -> Option<Skipped> {
        let is_lacking = self.named == GivenFile::Lacking;
        let (file, revision) = (request.policy.from.file.as_ref()?, request.policy.from.revision.as_ref()?);
        is_lacking.then(|| {
            let file = file.display();
            Skipped::all(format!("`{file}` is not there where HEAD left `{revision}`: no configuration counts"))
        })
    }

    fn gather(
        &mut self,
        finding: Finding<'_>,
        place: usize,
        text: Text,
        outer: Option<String>,
        trust: &dyn Fn() -> Trust,
    ) -> Result<usize, Error> {
        let (shown, folder) = (text.shown.clone(), text.folder());
        let fetch = |reference: &Reference| finding.session.policy(reference, &finding.network.trusting(trust()));
        let extended = extended(text, &fetch, self.sources)?;
        self.found.push(Counting { place, folder, shown, outer, extended });
        Ok(self.found.len() - 1)
    }

    /// Adds to the plan the charts that were found at or below a path that was named in a place, each under its configuration.
    pub(super) fn add_charts(
        &mut self,
        plan: &mut Plan<'_>,
        index: usize,
        named: usize,
        found: Result<Discovery, source::Error>,
    ) -> Result<(), Error> {
        let place = &plan.places[index];
        let (folder, written) = (place.named[named].folder.clone(), place.named[named].written.clone());
        let tree = Arc::clone(&place.tree);
        if place.is_archive {
            let config = self.beside_archive(plan)?;
            let (place, folder) = self.beside.clone().unwrap_or((index, String::new()));
            plan.charts.push(Planned::package(index, tree, config, Ground { place, folder }));
            return Ok(());
        }
        let Discovery { charts, unseen, headless, packages, ignored, files } =
            found.map_err(|error| no_chart(&written, Some(&error)))?;
        plan.not_looked_into(&*tree, &unseen);
        plan.left_out.extend(ignored.iter().map(|chart| {
            let chart = tree.shown(chart);
            Skipped::all(format!("git ignores the chart in `{chart}`: name it to have it judged"))
        }));
        plan.packages.extend(packages.into_iter().map(|package| (index, package)));
        plan.headless.extend(headless.into_iter().map(|headless| (index, headless)));
        plan.met.extend(files.into_iter().map(|path| (index, path)));
        let before = plan.charts.len();
        let is_all = !charts.is_empty();
        let mut left_out: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for found in charts {
            let planned = match found {
                Found::Folder(chart) => {
                    let config = self.nearest(plan, index, &chart)?;
                    if chart != folder && !plan.configs[config].includes_chart(&tree.shown(&chart)) {
                        left_out.entry(config).or_default().push(tree.shown(&chart));
                        plan.unlisted.push(Unlisted { place: index, config, folder: chart });
                        continue;
                    }
                    Planned::chart(index, Arc::clone(&tree), chart, config)
                }
                Found::Archive(path) => {
                    let folder = place::parent(&path).to_owned();
                    let config = self.nearest(plan, index, &folder)?;
                    Planned::package(index, archive(&*tree, &path)?, config, Ground { place: index, folder })
                }
            };
            plan.charts.push(planned);
        }
        let meant = left_out.keys().find_map(|config| meant(&plan.configs[*config]));
        for (config, charts) in left_out {
            let config = plan.configs[config].source.map(|source| self.sources.get(source).path.clone());
            plan.left_out.push(unwanted(&charts, &config.unwrap_or_default()));
        }
        match plan.charts.len() - before {
            0 if matches!(plan.request.selection, Selection::Files(_)) => Ok(()),
            0 if is_all => Err(Error::usage(
                format!("the configuration's `charts` leave out every chart below `{written}`"),
                meant.unwrap_or_else(|| "name a chart itself, or widen `charts`".to_owned()),
            )),
            0 if plan.places[index].repository.is_some() => {
                let config = self.nearest(plan, index, &folder)?;
                plan.chartless.push(Chartless { place: index, folder, written, config });
                Ok(())
            }
            0 => Err(no_chart(&written, None)),
            _ => Ok(()),
        }
    }

    /// The index of the configuration that counts for a folder: the command line's, else the nearest upwards.
    fn nearest(&mut self, plan: &mut Plan<'_>, index: usize, folder: &str) -> Result<usize, Error> {
        let found = match self.named {
            GivenFile::Found(named) => Some(named),
            GivenFile::Lacking => None,
            GivenFile::Nothing => self.by_folder.get(&(index, folder.to_owned())).copied().flatten(),
        };
        let Some(found) = found else { return Ok(0) };
        if let Some(read) = self.read.get(&found) {
            return Ok(*read);
        }
        let counting = &self.found[found];
        let config = config::merged(&counting.extended.layers, self.sources, &plan.names).map_err(Error::Config)?;
        plan.left_out.extend(counting.unsaid(&config, self.sources));
        plan.configs.push(config);
        plan.homes.push(counting.place);
        plan.extended.push(counting.extended.clone());
        self.read.insert(found, plan.configs.len() - 1);
        Ok(plan.configs.len() - 1)
    }

    /// An archive holds no configuration of its own: the nearest upwards from the working directory counts.
    fn beside_archive(&mut self, plan: &mut Plan<'_>) -> Result<usize, Error> {
        let Some((index, folder)) = self.beside.clone() else { return Ok(0) };
        self.nearest(plan, index, &folder)
    }
}

/// What to type where patterns of `charts` are meant to count from the root.
fn meant(config: &Config) -> Option<String> {
    let pattern = config.charts.iter().map(|pattern| &pattern.value).find(|pattern| pattern.from_root().is_some())?;
    let (_, written) = pattern.from_root()?;
    let folder = pattern.folder();
    Some(format!("paths count from `{folder}`, the configuration's folder: for charts elsewhere write `{written}`"))
}

impl Counting {
    /// That it takes the place of a configuration further up and says neither that nor the opposite.
    fn unsaid(&self, config: &Config, sources: &Sources) -> Option<Skipped> {
        let outer = self.outer.as_ref()?;
        let is_extended = config.texts.iter().any(|text| sources.path_of(*text) == *outer);
        if is_extended || config.replaces {
            return None;
        }
        let up = vec![".."; self.folder.split('/').count() - outer.split('/').count() + 1].join("/");
        let name = outer.rsplit('/').next().unwrap_or(outer);
        Some(Skipped::all(format!(
            "`{outer}` does not count where `{}` does; write `extends: [{up}/{name}]` or `replaces: true` into it",
            self.shown
        )))
    }
}

pub(super) fn no_chart(written: &str, error: Option<&source::Error>) -> Error {
    let message = match error {
        Some(error @ source::Error::Unreadable { .. }) => {
            let message = format!("cannot look for charts in `{written}`: {error}");
            return Error::Failed(vec![Failure::new(FailureKind::Read, message)]);
        }
        Some(error) => format!("no chart in `{written}`: {error}"),
        None => format!("no chart in `{written}`"),
    };
    Error::usage(message, "a chart is a folder with a Chart.yaml, or a `.tgz`")
}

/// A packaged chart that lies in a tree.
fn archive(tree: &dyn Tree, path: &str) -> Result<Arc<dyn Tree>, Error> {
    let unreadable = |error: source::Error| Error::usage(error.to_string(), "name a packaged chart");
    let data = tree.read(path, CHART_LIMIT).map_err(unreadable)?;
    let provenance = match tree.read(&format!("{path}.prov"), FILE_LIMIT) {
        Ok(provenance) => Some(provenance),
        Err(source::Error::NotFound { .. }) => None,
        Err(error) => return Err(Error::usage(error.to_string(), "make the provenance readable, or remove it")),
    };
    let read = Archive::from_bytes(&data, &tree.shown(path)).map(|archive| archive.signed(&data, provenance));
    Ok(place::opened(read, &tree.shown(path)))
}

/// The charts that a configuration's `charts` leave out.
fn unwanted(charts: &[String], config: &str) -> Skipped {
    const SHOWN: usize = 5;
    let names: Vec<String> = charts.iter().take(SHOWN).map(|chart| format!("`{chart}`")).collect();
    let more = charts.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Skipped::all(format!("`charts` in `{config}` leaves out {}{more}", names.join(", ")))
}

pub(super) fn read_text(tree: &dyn Tree, path: &str) -> Result<String, Error> {
    let data = read_data(tree, path)?;
    String::from_utf8(data).map_err(|_| Error::usage(format!("`{path}` is not UTF-8"), "save it as UTF-8"))
}

fn read_data(tree: &dyn Tree, path: &str) -> Result<Vec<u8>, Error> {
    tree.read(path, FILE_LIMIT).map_err(|error| {
        let help = match error {
            source::Error::NotFound { .. } => "name a file that is there, relative to the working directory",
            source::Error::WrongKind { .. } => "name a file",
            _ => error.remedy(),
        };
        Error::usage(error.to_string(), help)
    })
}
