//! Which configuration counts for each chart; every one is read once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::place;
use super::plan::{Plan, Planned};
use super::subject::Chartless;
use super::{Error, PolicySource, Selection};
use crate::chart::{Discovery, Found};
use crate::config::discover::Search;
use crate::config::{self, Config};
use crate::finding::Skipped;
use crate::source::{self, Archive, CHART_LIMIT, Dir, FILE_LIMIT, Tree};
use crate::text::{Address, Source, Sources};

/// Reads each configuration once.
pub(super) struct Configs<'a> {
    sources: &'a Sources,
    /// The place of the working directory and its folder there, where an archive needs them.
    beside: Option<(usize, String)>,
    known: BTreeMap<String, usize>,
    /// By place.
    searches: BTreeMap<usize, Search>,
}

impl<'a> Configs<'a> {
    /// None was read yet.
    pub(super) fn new(sources: &'a Sources, beside: Option<(usize, String)>) -> Self {
        Self { sources, beside, known: BTreeMap::new(), searches: BTreeMap::new() }
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
        let (tree, policy) = (Arc::clone(&place.tree), Arc::clone(&place.policy));
        if place.is_archive {
            let config = self.beside_archive(plan)?;
            plan.charts.push(Planned::chart(index, tree, String::new(), config));
            return Ok(());
        }
        let Discovery { charts, unseen } = found.map_err(|error| no_chart(&written, Some(&error)))?;
        plan.not_looked_into(&*tree, &unseen);
        let before = plan.charts.len();
        let is_all = !charts.is_empty();
        let mut left_out: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for found in charts {
            let planned = match found {
                Found::Folder(chart) => {
                    let config = self.nearest(plan, index, &*policy, &chart)?;
                    if chart != folder && !is_wanted(&plan.configs[config], &tree.shown(&chart)) {
                        left_out.entry(config).or_default().push(tree.shown(&chart));
                        continue;
                    }
                    Planned::chart(index, Arc::clone(&tree), chart, config)
                }
                Found::Archive(path) => {
                    let config = self.nearest(plan, index, &*policy, place::parent(&path))?;
                    Planned::chart(index, archive(&*tree, &path)?, String::new(), config)
                }
            };
            plan.charts.push(planned);
        }
        for (config, charts) in left_out {
            let config = plan.configs[config].source.map(|source| self.sources.get(source).path.clone());
            plan.left_out.push(unwanted(&charts, &config.unwrap_or_default()));
        }
        match plan.charts.len() - before {
            0 if matches!(plan.request.selection, Selection::Files(_)) => Ok(()),
            0 if is_all => Err(Error::usage(
                format!("the configuration's `charts` leave out every chart below `{written}`"),
                "name a chart itself, or widen `charts`",
            )),
            0 if plan.places[index].repository.is_some() => {
                let config = self.nearest(plan, index, &*policy, &folder)?;
                plan.chartless.push(Chartless { place: index, folder, written, config });
                Ok(())
            }
            0 => Err(no_chart(&written, None)),
            _ => Ok(()),
        }
    }

    /// The configuration that counts for a folder: the command line's, else the nearest upwards.
    fn nearest(&mut self, plan: &mut Plan<'_>, index: usize, tree: &dyn Tree, folder: &str) -> Result<usize, Error> {
        if let PolicySource::File(file) = &plan.request.policy.from {
            return self.named(plan, index, tree, file);
        }
        let found = self.searches.entry(index).or_default().nearest(tree, folder);
        let found = found.map_err(|error| Error::usage(error.to_string(), error.help()))?;
        let Some(found) = found else { return Ok(0) };
        let shown = tree.shown(&found.path);
        if let Some(index) = self.known.get(&shown) {
            return Ok(*index);
        }
        let text = String::from_utf8(found.data);
        let text = text.map_err(|_| Error::usage(format!("`{shown}` is not UTF-8"), "save it as UTF-8"))?;
        let below = if found.folder.is_empty() { String::new() } else { tree.shown(&found.folder) };
        self.read((plan, index), shown, tree.address(&found.path), text, &below)
    }

    /// The file of `--config`; its patterns are relative to its folder if that lies in the tree, else to the tree's root.
    fn named(&mut self, plan: &mut Plan<'_>, index: usize, tree: &dyn Tree, file: &Path) -> Result<usize, Error> {
        let shown = file.display().to_string();
        if let Some(index) = self.known.get(&shown) {
            return Ok(*index);
        }
        let working_dir = &plan.session.surroundings.working_dir;
        let folder = Dir::folder(working_dir);
        let unreadable = |error: source::Error| Error::usage(error.to_string(), "see `--config`");
        let disk = working_dir.join(file);
        let parent = disk.parent().unwrap_or(&disk).to_path_buf();
        let name = disk.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let here = Dir::folder(&parent).or(folder).map_err(unreadable)?.within(None);
        let text = read_text(&here, &name)?;
        let below = match tree.address("") {
            Address::Disk(root) => here.root().strip_prefix(&root).map(|path| path.display().to_string()).ok(),
            _ => None,
        };
        self.read((plan, index), shown, Address::Disk(disk), text, &below.unwrap_or_default())
    }

    /// An archive holds no configuration of its own: the nearest upwards from the working directory counts.
    fn beside_archive(&mut self, plan: &mut Plan<'_>) -> Result<usize, Error> {
        let Some((index, folder)) = self.beside.clone() else { return Ok(0) };
        let tree = Arc::clone(&plan.places[index].tree);
        self.nearest(plan, index, &*tree, &folder)
    }

    fn read(
        &mut self,
        (plan, index): (&mut Plan<'_>, usize),
        shown: String,
        address: Address,
        text: String,
        folder: &str,
    ) -> Result<usize, Error> {
        let id = self.sources.add(Source::new(shown.clone(), address, text));
        let config = config::read(id, &self.sources.get(id).text, folder, &plan.names).map_err(Error::Config)?;
        plan.configs.push(config);
        plan.homes.push(index);
        self.known.insert(shown, plan.configs.len() - 1);
        Ok(plan.configs.len() - 1)
    }
}

pub(super) fn no_chart(written: &str, error: Option<&source::Error>) -> Error {
    let message = match error {
        Some(error) => format!("no chart in `{written}`: {error}"),
        None => format!("no chart in `{written}`"),
    };
    Error::usage(message, "a chart is a folder with a Chart.yaml, or a `.tgz`")
}

fn is_wanted(config: &Config, shown: &str) -> bool {
    config.charts.is_empty()
        || config.charts.iter().any(|pattern| pattern.value.matches(relative(shown, &config.folder)))
}

/// A path as seen from the configuration's folder.
fn relative<'a>(path: &'a str, folder: &str) -> &'a str {
    path.strip_prefix(folder).map_or(path, |rest| rest.trim_start_matches('/'))
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
    let data =
        tree.read(path, FILE_LIMIT).map_err(|error| Error::usage(error.to_string(), "make the file readable"))?;
    String::from_utf8(data).map_err(|_| Error::usage(format!("`{path}` is not UTF-8"), "save it as UTF-8"))
}
