//! Which charts are judged, each under which configuration and by which rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::place::{self, Place};
use super::versioned::versioned;
use super::{Error, Request};
use crate::chart::{self, Discovery, Found};
use crate::checks;
use crate::config::{self, Config, RuleNames};
use crate::finding::{Failure, FailureKind, Severity, Skipped};
use crate::rule::{Registry, Rule, Target};
use crate::source::{self, Archive, CHART_LIMIT, Dir, Entry, EntryKind, FILE_LIMIT, Tree};
use crate::text::{Address, Source, Sources};

/// What a run does.
#[derive(Debug)]
pub(super) struct Plan {
    /// Where charts lie.
    pub places: Vec<Place>,
    /// Every configuration that counts for a chart; the first is the empty one.
    pub configs: Vec<Config>,
    /// The charts.
    pub charts: Vec<Planned>,
    /// chartgate's rules and the user's.
    pub registry: Registry,
    /// Folders of the user's rules, each with the index of its place.
    pub rule_folders: Vec<(usize, String)>,
    /// Names of all rules.
    pub names: RuleNames,
    /// Where no chart could be looked for.
    pub failures: Vec<Failure>,
    /// Charts that are not judged, and why.
    pub left_out: Vec<Skipped>,
}

/// A chart to judge.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// Index of its place.
    pub place: usize,
    /// The tree to load it from: the place's, or the archive itself.
    pub tree: Arc<dyn Tree>,
    /// Its folder there.
    pub folder: String,
    /// Index of its configuration.
    pub config: usize,
}

pub(super) fn plan(request: &Request, sources: &Sources) -> Result<Plan, Error> {
    let (built_in, places) = rayon::join(|| Registry::built_in(checks::find), || place::places(request));
    let mut places = places?;
    let beside =
        places.iter().any(|place| place.is_archive).then(|| place::beside(request, &mut places)).transpose()?;
    let found: Vec<Vec<_>> = places.par_iter().map(discover).collect();
    let homes = homes(&found, beside.as_ref(), places.len());
    let (registry, rule_folders) = registry(built_in, &places, &homes, sources)?;
    let names: RuleNames = registry.iter().collect();
    let configs = vec![Config::default()];
    let (failures, left_out) = (vec![], vec![]);
    let mut plan = Plan { places, configs, charts: vec![], registry, rule_folders, names, failures, left_out };
    let mut configs = Configs { request, sources, beside, known: BTreeMap::new() };
    for (index, found) in found.into_iter().enumerate() {
        for (named, found) in found.into_iter().enumerate() {
            configs.add_charts(&mut plan, index, named, found)?;
        }
    }
    let same = |left: &Planned, right: &Planned| Arc::ptr_eq(&left.tree, &right.tree) && left.folder == right.folder;
    plan.charts.sort_by(|left, right| (left.place, &left.folder).cmp(&(right.place, &right.folder)));
    plan.charts.dedup_by(|left, right| same(left, right));
    if !request.versioned.is_empty() {
        for planned in &mut plan.charts {
            planned.tree = versioned(request, Arc::clone(&planned.tree), &planned.folder)?;
        }
    }
    Ok(plan)
}

/// The charts at or below each path that was named in a place; an archive is one itself.
fn discover(place: &Place) -> Vec<Result<Discovery, source::Error>> {
    let below = |named: &place::Named| {
        if place.is_archive { Ok(Discovery::default()) } else { chart::discover(&*place.tree, &named.folder) }
    };
    place.named.par_iter().map(below).collect()
}

/// The folder of the user's rules.
pub(super) const RULES: &str = ".chartgate/rules";

/// Every folder in which rules can lie, each with the index of its place: the places' roots, and the folders at and above charts.
fn homes(
    found: &[Vec<Result<Discovery, source::Error>>],
    beside: Option<&(usize, String)>,
    places: usize,
) -> BTreeSet<(usize, String)> {
    let mut homes: BTreeSet<(usize, String)> = (0..places).map(|index| (index, String::new())).collect();
    let mut climb = |index: usize, mut folder: &str| {
        while homes.insert((index, folder.to_owned())) {
            folder = place::parent(folder);
        }
    };
    for (index, found) in found.iter().enumerate() {
        for found in found.iter().flatten().flat_map(|discovery| &discovery.charts) {
            match found {
                Found::Folder(folder) => climb(index, folder),
                Found::Archive(path) => climb(index, place::parent(path)),
            }
        }
    }
    if let Some((index, folder)) = beside {
        climb(*index, folder);
    }
    homes
}

/// Built-in rules, and those in `.chartgate/rules/` of every folder given; with the folders that there are.
fn registry(
    mut registry: Registry,
    places: &[Place],
    homes: &BTreeSet<(usize, String)>,
    sources: &Sources,
) -> Result<(Registry, Vec<(usize, String)>), Error> {
    let mut folders = vec![];
    for (index, home) in homes.iter().filter(|(index, _)| !places[*index].is_archive) {
        let place = &places[*index];
        let folder = source::join(home, RULES);
        let entries = match place.policy.list(&folder) {
            Ok(entries) => entries,
            Err(source::Error::NotFound { .. }) => continue,
            Err(error) => return Err(Error::usage(error.to_string(), "mend or remove the folder of rules")),
        };
        let shown = if home.is_empty() { String::new() } else { place.policy.shown(home) };
        for entry in &entries {
            add_rule(&mut registry, &*place.policy, &entry.path, &shown, sources)?;
        }
        folders.push((*index, folder));
    }
    Ok((registry, folders))
}

fn add_rule(registry: &mut Registry, tree: &dyn Tree, path: &str, home: &str, sources: &Sources) -> Result<(), Error> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some(stem) = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")) else { return Ok(()) };
    let text = read_text(tree, path)?;
    let id = sources.add(Source::new(tree.shown(path), tree.address(path), text));
    let text = sources.get(id).text.clone();
    let added = registry.add(id, &text, stem, home);
    added.map_err(|errors| Error::Config(errors.into_iter().map(from_rule).collect()))
}

/// A mistake in a rule file or in parameters, said as one of the configuration.
pub(super) fn from_rule(error: crate::rule::read::Error) -> config::Error {
    config::Error { message: error.message, at: error.location, help: error.help }
}

fn read_text(tree: &dyn Tree, path: &str) -> Result<String, Error> {
    let data =
        tree.read(path, FILE_LIMIT).map_err(|error| Error::usage(error.to_string(), "make the file readable"))?;
    String::from_utf8(data).map_err(|_| Error::usage(format!("`{path}` is not UTF-8"), "save it as UTF-8"))
}

/// Reads each configuration once.
struct Configs<'a> {
    request: &'a Request,
    sources: &'a Sources,
    /// The place of the working directory and its folder there, where an archive needs them.
    beside: Option<(usize, String)>,
    known: BTreeMap<String, usize>,
}

impl Configs<'_> {
    fn add_charts(
        &mut self,
        plan: &mut Plan,
        index: usize,
        named: usize,
        found: Result<Discovery, source::Error>,
    ) -> Result<(), Error> {
        let place = &plan.places[index];
        let (folder, written) = (place.named[named].folder.clone(), place.named[named].written.clone());
        let (tree, policy) = (Arc::clone(&place.tree), Arc::clone(&place.policy));
        if place.is_archive {
            let config = self.beside_archive(plan)?;
            plan.charts.push(Planned { place: index, tree, folder: String::new(), config });
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
                    let config = self.nearest(plan, &*policy, &chart)?;
                    if chart != folder && !is_wanted(&plan.configs[config], &tree.shown(&chart)) {
                        left_out.entry(config).or_default().push(tree.shown(&chart));
                        continue;
                    }
                    Planned { place: index, tree: Arc::clone(&tree), folder: chart, config }
                }
                Found::Archive(path) => {
                    let config = self.nearest(plan, &*policy, super::place::parent(&path))?;
                    Planned { place: index, tree: archive(&*tree, &path)?, folder: String::new(), config }
                }
            };
            plan.charts.push(planned);
        }
        for (config, charts) in left_out {
            let config = plan.configs[config].source.map(|source| self.sources.get(source).path.clone());
            plan.left_out.push(unwanted(&charts, &config.unwrap_or_default()));
        }
        match plan.charts.len() - before {
            0 if self.request.files.is_some() => Ok(()),
            0 if is_all => Err(Error::usage(
                format!("the configuration's `charts` leave out every chart below `{written}`"),
                "name a chart itself, or widen `charts`",
            )),
            0 => Err(no_chart(&written, None)),
            _ => Ok(()),
        }
    }

    /// The configuration that counts for a folder: the command line's, else the nearest upwards.
    fn nearest(&mut self, plan: &mut Plan, tree: &dyn Tree, folder: &str) -> Result<usize, Error> {
        if let Some(file) = self.request.config.clone() {
            return self.named(plan, tree, &file);
        }
        let found = config::discover::nearest(tree, folder);
        let found = found.map_err(|error| Error::usage(error.to_string(), "make the configuration readable"))?;
        let Some(found) = found else { return Ok(0) };
        let shown = tree.shown(&found.path);
        if let Some(index) = self.known.get(&shown) {
            return Ok(*index);
        }
        let text = String::from_utf8(found.data);
        let text = text.map_err(|_| Error::usage(format!("`{shown}` is not UTF-8"), "save it as UTF-8"))?;
        let below = if found.folder.is_empty() { String::new() } else { tree.shown(&found.folder) };
        self.read(plan, shown, tree.address(&found.path), text, &below)
    }

    /// The file of `--config`; its patterns are relative to its folder if that lies in the tree, else to the tree's root.
    fn named(&mut self, plan: &mut Plan, tree: &dyn Tree, file: &Path) -> Result<usize, Error> {
        let shown = file.display().to_string();
        if let Some(index) = self.known.get(&shown) {
            return Ok(*index);
        }
        let folder = Dir::folder(&self.request.working_dir);
        let unreadable = |error: source::Error| Error::usage(error.to_string(), "see `--config`");
        let disk = self.request.working_dir.join(file);
        let parent = disk.parent().unwrap_or(&disk).to_path_buf();
        let name = disk.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let here = Dir::folder(&parent).or(folder).map_err(unreadable)?.within(None);
        let text = read_text(&here, &name)?;
        let below = match tree.address("") {
            Address::Disk(root) => here.root().strip_prefix(&root).map(|path| path.display().to_string()).ok(),
            _ => None,
        };
        self.read(plan, shown, Address::Disk(disk), text, &below.unwrap_or_default())
    }

    /// An archive holds no configuration of its own: the nearest upwards from the working directory counts.
    fn beside_archive(&mut self, plan: &mut Plan) -> Result<usize, Error> {
        let Some((index, folder)) = self.beside.clone() else { return Ok(0) };
        let tree = Arc::clone(&plan.places[index].tree);
        self.nearest(plan, &*tree, &folder)
    }

    fn read(
        &mut self,
        plan: &mut Plan,
        shown: String,
        address: Address,
        text: String,
        folder: &str,
    ) -> Result<usize, Error> {
        let id = self.sources.add(Source::new(shown.clone(), address, text));
        let config = config::read(id, &self.sources.get(id).text, folder, &plan.names).map_err(Error::Config)?;
        plan.configs.push(config);
        self.known.insert(shown, plan.configs.len() - 1);
        Ok(plan.configs.len() - 1)
    }
}

fn no_chart(written: &str, error: Option<&source::Error>) -> Error {
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
    Ok(place::opened(Archive::from_bytes(&data, &tree.shown(path)), &tree.shown(path)))
}

/// The charts that a configuration's `charts` leave out.
fn unwanted(charts: &[String], config: &str) -> Skipped {
    const SHOWN: usize = 5;
    let names: Vec<String> = charts.iter().take(SHOWN).map(|chart| format!("`{chart}`")).collect();
    let more = charts.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Skipped::all(format!("`charts` in `{config}` leaves out {}{more}", names.join(", ")))
}

impl Plan {
    /// Notes what may hold charts and was not looked into.
    fn not_looked_into(&mut self, tree: &dyn Tree, unseen: &[Entry]) {
        for entry in unseen {
            let shown = tree.shown(&entry.path);
            match &entry.kind {
                EntryKind::Unreadable { reason } => {
                    let message = format!("cannot look for charts in `{shown}`: {reason}");
                    self.failures.push(Failure::new(FailureKind::Read, message).at_path(shown));
                }
                EntryKind::BrokenLink { why } => {
                    let reason = format!("charts behind the link `{shown}` are not judged: it {why}");
                    self.left_out.push(Skipped::all(reason));
                }
                _ => {
                    let reason = format!("charts in `{shown}`, a git repository of its own, are not judged here");
                    self.left_out.push(Skipped::all(reason));
                }
            }
        }
    }

    /// The rules that are on for a chart under a configuration, each at its level.
    pub(super) fn rules(&self, request: &Request, config: &Config) -> Result<Vec<(&Rule, Severity)>, Error> {
        let select = self.ids(&request.select)?;
        let ignore = self.ids(&request.ignore)?;
        let level = |rule: &Rule| {
            let configured = config.rules.get(&rule.id).and_then(|configured| configured.level.as_ref());
            // Who takes the policy from elsewhere wants to know what the change makes of it.
            let own = if rule.target == Target::Policy && request.policy_from.is_some() {
                Some(Severity::Error)
            } else {
                rule.severity
            };
            let level = configured.map_or(own, |level| level.value.severity());
            match (select.is_empty(), select.contains(&rule.id.as_str())) {
                (true, _) => level,
                (false, false) => None,
                // A rule that was asked for by name runs, though it be off by default.
                (false, true) => level.or(rule.severity).or(Some(Severity::Warning)),
            }
        };
        // A rule that names a step speaks through `version-step-too-small`, unless it was asked for by name.
        let speaks = |rule: &&Rule| rule.step.is_none() || select.contains(&rule.id.as_str());
        let counts = |rule: &&Rule| rule.counts_in(&config.folder) && !ignore.contains(&rule.id.as_str());
        let on = self.registry.iter().filter(counts).filter(speaks);
        Ok(on.filter_map(|rule| level(rule).map(|level| (rule, level))).collect())
    }

    /// The rules that name a step and count under a configuration.
    pub(super) fn steps(&self, request: &Request, config: &Config) -> Result<Vec<&Rule>, Error> {
        let (select, ignore) = (self.ids(&request.select)?, self.ids(&request.ignore)?);
        let counts = |rule: &&Rule| {
            let configured = config.rules.get(&rule.id).and_then(|configured| configured.level.as_ref());
            let level = configured.map_or(rule.severity, |level| level.value.severity());
            let id = rule.id.as_str();
            rule.step.is_some() && !ignore.contains(&id) && (level.is_some() || select.contains(&id))
        };
        Ok(self.registry.iter().filter(counts).collect())
    }

    /// The user's rules that count under no configuration, since none lies beside or below them.
    pub(super) fn idle_rules(&self) -> impl Iterator<Item = Skipped> {
        let is_idle = |rule: &&Rule| !self.configs.iter().any(|config| rule.counts_in(&config.folder));
        self.registry.iter().filter(is_idle).map(|rule| {
            let folders: Vec<String> = rule.homes.iter().map(|home| format!("`{home}/{RULES}`")).collect();
            let reason = format!("no `.chartgate.yaml` that counts for a chart lies beside {}", folders.join(", "));
            Skipped { rule: rule.id.clone(), reason }
        })
    }

    fn ids(&self, names: &[String]) -> Result<Vec<&str>, Error> {
        let id = |name: &String| {
            let help = || self.names.help(name);
            self.names.id(name).ok_or_else(|| Error::usage(format!("there is no rule `{name}`"), help()))
        };
        names.iter().map(id).collect()
    }
}
