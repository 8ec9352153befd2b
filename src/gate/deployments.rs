//! What the GitOps files around the charts say, place by place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::inquiry::Inquiry;
use super::place::Place;
use super::plan::{Plan, Planned};
use super::profiles;
use super::subject::Chartless;
use crate::config::{Config, Located, ProfileConfig};
use crate::finding::{Failure, FailureKind, Skipped};
use crate::gitops::{self, Configured, Discovered, Expression, Fetched, Own, Tool, Unresolved};
use crate::profile::TEST_WORDS;
use crate::source::{Entry, EntryKind, Error, FILE_LIMIT, Tree, join, normal};
use crate::text::Sources;
use crate::yaml::Document;

/// What GitOps files say; every one is read once in a run.
#[derive(Debug)]
pub(super) struct Found {
    /// What was found in each place.
    pub places: Vec<Arc<Discovered>>,
    /// The files that were read, as reports name them.
    pub read: BTreeSet<String>,
    /// What could not be looked at.
    pub failures: Vec<Failure>,
}

impl Found {
    /// What is said where nobody asks.
    pub(super) fn nothing(plan: &Plan<'_>) -> Self {
        let places = plan.places.iter().map(|_| Arc::default()).collect();
        Self { places, read: BTreeSet::new(), failures: vec![] }
    }

    /// What cannot be followed and may be about any chart.
    pub(super) fn open(&self) -> impl Iterator<Item = &Unresolved> {
        let all = self.places.iter().flat_map(|discovered| &discovered.unresolved);
        all.filter(|each| each.chart.is_none())
    }

    /// What could not be looked at, and what may be about any chart.
    pub(super) fn failures(&self) -> impl Iterator<Item = Failure> {
        self.failures.iter().cloned().chain(self.open().map(profiles::unfollowed))
    }
}

/// Looks through the files around the charts.
pub(super) fn discover(plan: &Plan<'_>, sources: &Sources) -> Found {
    let before: BTreeSet<String> = sources.paths().into_iter().collect();
    let mut found = Found { places: vec![], read: BTreeSet::new(), failures: vec![] };
    for (index, place) in plan.places.iter().enumerate() {
        let chartless = plan.chartless.iter().filter(|chartless| chartless.place == index);
        let asked =
            asked(plan, index, chartless.map(|chartless| chartless.config), sources).unwrap_or_else(|failure| {
                found.failures.push(*failure);
                None
            });
        let kept = &plan.session.keep.deployments;
        let discovered = asked.map(|asked| kept.ask(asked, &place.tree, sources, Inquiry::discover));
        let texts = discovered.iter().flat_map(|discovered| &discovered.texts);
        found.read.extend(texts.map(|(_, text)| text.path.clone()).filter(|path| !before.contains(path)));
        found.places.push(discovered.map(|discovered| discovered.answer).unwrap_or_default());
    }
    found
}

/// GitOps files that are not looked at, as no git repository says which files count: a place with any is not silent about them.
pub(super) fn unlooked(plan: &Plan<'_>) -> Vec<Skipped> {
    let said = |(index, place): (usize, &Place)| {
        let is_bare = !place.is_archive && place.repository.is_none() && place.revision.is_none();
        let planned = plan.charts.iter().filter(|planned| planned.place == index);
        let mut configs = planned.map(|planned| plan.config(planned));
        if !is_bare || !configs.any(|config| config.discover.as_ref().is_none_or(|on| !on.is_empty())) {
            return None;
        }
        let entries = place.tree.list_kept("").ok()?;
        let first = gitops::sign(&*place.tree, entries.iter().map(|entry| entry.path.as_str()))?;
        let shown = place.tree.shown(first);
        Some(Skipped::all(format!(
            "GitOps files such as `{shown}` are not looked at: there is no git repository, which says which files count"
        )))
    };
    plan.places.iter().enumerate().filter_map(said).collect()
}

/// GitOps files that were met and that git does not track: they would be passed over without a word.
pub(super) fn untracked(plan: &Plan<'_>) -> Vec<Skipped> {
    let said = |(index, place): (usize, &Place)| {
        let repository = place.repository.as_ref().filter(|_| place.revision.is_none())?;
        // Where that cannot be told, the search for deployments has failed.
        let tracked: BTreeSet<String> = repository.tracked().ok()?.into_iter().collect();
        let met = plan.met.iter().filter(|(of, path)| *of == index && !tracked.contains(path));
        let signs = gitops::signs(&*place.tree, met.map(|(_, path)| path.as_str()));
        let shown: Vec<String> = signs.iter().take(NAMED).map(|path| format!("`{}`", place.tree.shown(path))).collect();
        let others = signs.len().saturating_sub(NAMED);
        let more = if others > 0 { format!(" and {others} more") } else { String::new() };
        let reason = format!(
            "GitOps files that git does not track yet are not looked at: {}{more}; `git add` brings them in",
            shown.join(", ")
        );
        (!shown.is_empty()).then(|| Skipped::all(reason))
    };
    plan.places.iter().enumerate().filter_map(said).collect()
}

/// How many files a note names.
const NAMED: usize = 5;

/// What the GitOps files of an earlier state say of charts, given by their folders there, each with that of now;
/// its texts are added to `texts`.
///
/// # Errors
/// Where the files of one of the two states cannot be listed.
pub(super) fn before(
    plan: &Plan<'_>,
    place: usize,
    (then, folders): (&Arc<dyn Tree>, &BTreeMap<String, String>),
    (sources, texts): (&Sources, &Sources),
) -> Result<Arc<Discovered>, Box<Failure>> {
    let Some(asked) = asked(plan, place, std::iter::empty(), sources)? else { return Ok(Arc::default()) };
    let entries = then.list("").map_err(|error| {
        Box::new(Failure::new(FailureKind::Git, format!("cannot list the files of the earlier state: {error}")))
    })?;
    let is_file = |entry: &Entry| matches!(entry.kind, EntryKind::File { .. });
    let configured = |each: &Configured| {
        let (was, _) = folders.iter().find(|(_, is)| **is == each.chart)?;
        Some(Configured { chart: was.clone(), ..each.clone() })
    };
    let name = |(was, is): (&String, &String)| Some((was.clone(), asked.charts.get(is)?.clone()));
    let asked = Inquiry {
        root: then.address(""),
        paths: entries.into_iter().filter(is_file).map(|entry| entry.path).collect(),
        charts: folders.iter().filter_map(name).collect(),
        configured: asked.configured.iter().filter_map(configured).collect(),
        ..asked
    };
    Ok(asked.discover(then, texts))
}

/// What is asked of a place, with the configurations of its folders without charts; none where nothing can be found.
fn asked(
    plan: &Plan<'_>,
    index: usize,
    chartless: impl Iterator<Item = usize>,
    sources: &Sources,
) -> Result<Option<Inquiry>, Box<Failure>> {
    let place = &plan.places[index];
    let planned = plan.charts.iter().filter(|planned| planned.place == index && planned.release.is_none());
    let configs = planned.clone().map(|planned| planned.config).chain(chartless);
    let configs: Vec<&Config> = configs.map(|config| &plan.configs[config]).collect();
    let wants = |tool: &Tool| configs.iter().any(|config| config.discover.as_ref().is_none_or(|on| on.contains(tool)));
    let tools: Vec<Tool> = Tool::ALL.into_iter().filter(wants).collect();
    if tools.is_empty() || place.is_archive {
        return Ok(None);
    }
    let paths = paths(place)?;
    if paths.is_empty() {
        return Ok(None);
    }
    let mut charts = BTreeMap::new();
    for planned in planned {
        charts.extend(name(&*place.tree, &planned.folder)?.map(|name| (planned.folder.clone(), name)));
    }
    let published = configs.iter().flat_map(|config| [&config.published.oci, &config.published.index]);
    let mut published: Vec<String> = published.flatten().map(|location| location.value.clone()).collect();
    published.dedup();
    let test_words = test_words(&configs);
    Ok(Some(Inquiry {
        root: place.tree.address(""),
        paths,
        charts,
        published,
        test_words,
        tools,
        by_name: configs.iter().all(|config| config.profiles.is_empty()),
        helm: configs.iter().find_map(|config| config.gitops_helm),
        own: own(place),
        configured: configured(plan, index, sources),
    }))
}

/// What a place's repository is called elsewhere.
pub(super) fn own(place: &Place) -> Own {
    let Some(repository) = &place.repository else { return Own::default() };
    Own { addresses: repository.addresses(), branches: repository.default_branches() }
}

/// The profiles that configurations give to the charts of a place.
fn configured(plan: &Plan<'_>, index: usize, sources: &Sources) -> Vec<Configured> {
    let place = &plan.places[index];
    let planned = plan.charts.iter().filter(|planned| planned.place == index && planned.release.is_none());
    let of_chart = |planned: &Planned| {
        let declared = plan.config(planned).profiles.iter();
        let shown = place.tree.shown(&planned.folder);
        let here = declared.filter(|declared| profiles::applies(declared, &shown));
        here.filter_map(|declared| one(&planned.folder, declared, sources)).collect::<Vec<_>>()
    };
    planned.flat_map(of_chart).collect()
}

/// A profile of a configuration; none where it leads out of the repository, which is said where the chart is judged.
fn one(folder: &str, declared: &ProfileConfig, sources: &Sources) -> Option<Configured> {
    let values = declared.values.iter().map(|file| normal(folder, std::path::Path::new(&file.value)));
    Some(Configured {
        chart: folder.to_owned(),
        name: declared.name.value.clone(),
        production: declared.production,
        values: values.collect::<Option<_>>()?,
        set: declared.set.iter().map(|set| expression(set, sources)).collect(),
        namespace: declared.namespace.clone(),
        release: declared.release.clone(),
        helm: declared.helm,
    })
}

/// An expression with the text that it stands in.
fn expression(set: &Located<String>, sources: &Sources) -> Expression {
    let source = sources.get(set.at.source);
    Expression {
        text: set.value.clone(),
        path: source.path.clone(),
        address: source.address.clone(),
        whole: Arc::clone(&source.text),
        span: set.at.span,
    }
}

/// What fetched charts make that are deployed in a place.
///
/// # Errors
/// Where the files of the place cannot be listed.
pub(super) fn made(
    plan: &Plan<'_>,
    chartless: &Chartless,
    fetched: &[Fetched<'_>],
    sources: &Sources,
) -> Result<Discovered, Box<Failure>> {
    let place = &plan.places[chartless.place];
    let asked = asked(plan, chartless.place, std::iter::once(chartless.config), sources)?;
    Ok(asked.map(|asked| asked.made(&place.tree, fetched, sources)).unwrap_or_default())
}

/// The words of every configuration that has any, else the usual ones.
fn test_words(configs: &[&Config]) -> Vec<String> {
    let own: BTreeSet<String> = configs
        .iter()
        .filter_map(|config| config.test_words.as_ref())
        .flatten()
        .map(|word| word.value.clone())
        .collect();
    if configs.iter().any(|config| config.test_words.is_some()) {
        return own.into_iter().collect();
    }
    TEST_WORDS.map(str::to_owned).into()
}

/// Every file of the repository: those git tracks, or those of the revision. Without a repository there is nothing to look through.
fn paths(place: &Place) -> Result<Vec<String>, Box<Failure>> {
    let failed = |reason: String| {
        Box::new(Failure::new(FailureKind::Git, format!("cannot list the repository's files: {reason}")))
    };
    match (&place.repository, &place.revision) {
        (_, Some(revision)) => revision.paths().map_err(|error| failed(error.to_string())),
        (Some(repository), None) => repository.tracked().map_err(|error| failed(error.to_string())),
        (None, None) => Ok(vec![]),
    }
}

/// `name` of a chart; none where Chart.yaml is no mapping with one, which loading the chart will say.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn name(tree: &dyn Tree, folder: &str) -> Result<Option<String>, Box<Failure>> {
    let path = join(folder, "Chart.yaml");
    let data = match tree.read(&path, FILE_LIMIT) {
        Ok(data) => data,
        // The file may be read the next time, and the chart be judged without what is deployed of it.
        Err(error @ Error::Unreadable { .. }) => {
            let failure = Failure::new(FailureKind::Read, format!("cannot tell what is deployed of a chart: {error}"));
            return Err(Box::new(failure.at_path(tree.shown(&path))));
        }
        Err(_) => return Ok(None),
    };
    Ok(name_in(tree, &path, data))
}

fn name_in(tree: &dyn Tree, path: &str, data: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(data).ok()?;
    let scratch = Sources::new();
    let id = scratch.add(crate::text::Source::new(path, tree.address(path), text));
    let document = Document::parse(id, &scratch.get(id).text).ok()?;
    document.root.get("name")?.scalar_text().map(str::to_owned)
}
