//! What the charts of a run are measured against: the places that are configured to know releases, else the git base.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::place::Place;
use super::plan::{Plan, Planned};
use super::policy::On;
use super::{Request, Session, trust};
use crate::chart::Chart;
use crate::config::{Config, Located, PublishedConfig};
use crate::finding::{Failure, FailureKind, PublishedState, Skipped};
use crate::network::Network;
use crate::published::folder::Folder;
use crate::published::git::Log;
use crate::published::index::Index;
use crate::published::oci::Registry;
use crate::published::places::Answer;
use crate::published::tags::Tags;
use crate::published::{Comparison, Depth, History, Intent, Places, Published};
use crate::rule::Need;
use crate::source::{Dir, normal};
use crate::text::Address;
use crate::text::veil::without_user;

/// What is asked of a chart's past, and whom.
#[derive(Debug, Default)]
pub(super) struct Past {
    asked: Whom,
    depth: Depth,
    /// What the release is meant to be.
    pub intent: Intent,
    /// Why less is asked than is configured or might be known.
    reservations: Vec<String>,
    /// Whether the run sets the version, so that what files have for one is a placeholder.
    sets_version: bool,
}

#[derive(Debug, Default)]
enum Whom {
    /// Nobody: no rule wants to know, or finding whom to ask failed, which is a failure of the run.
    #[default]
    Nobody,
    Places(Places),
    Git(Log),
}

impl Past {
    /// Which rules do not apply to a chart, or to less than they might, beside those that say so themselves.
    pub(super) fn skipped(&self, chart: &Chart, rules: &[On]) -> Vec<Skipped> {
        let needing = |wanted: fn(&Need) -> bool| {
            let rules = rules.iter().filter(move |on| on.rule.needs.iter().any(wanted));
            rules.map(|on| on.rule.id.clone())
        };
        let of_past = needing(|need| need.depth() > Depth::Nothing);
        let mut skipped: Vec<Skipped> = of_past
            .flat_map(|rule| {
                self.reservations.iter().map(move |reason| Skipped { rule: rule.clone(), reason: reason.clone() })
            })
            .collect();
        let is_stray = |name: &str| self.intent.tagged(name).is_none();
        if let Some(tag) = self.intent.tag.as_ref().filter(|_| chart.name().is_some_and(is_stray)) {
            let reason = format!("the tag `{}` is not one of the chart's", tag.name);
            let rules = needing(|need| *need == Need::Tag);
            skipped.extend(rules.map(|rule| Skipped { rule, reason: reason.clone() }));
        }
        skipped
    }

    /// Everybody who is asked, in words: places by their addresses, git by its name.
    pub(super) fn asked(&self) -> Vec<String> {
        match &self.asked {
            Whom::Nobody => vec![],
            Whom::Places(places) => places.all(),
            Whom::Git(log) => log.words().map(|_| "git".to_owned()).into_iter().collect(),
        }
    }

    /// Whether charts are compared with packages, and so with what a package of theirs would hold.
    pub(super) fn compares_packages(&self) -> bool {
        matches!(self.asked, Whom::Places(_))
    }

    /// What is known of a chart.
    pub(super) fn answer(&self, chart: &Chart) -> Answer {
        let (history, failures) = match &self.asked {
            Whom::Places(places) => return places.answer(chart, self.depth),
            Whom::Nobody => (History::of(Comparison::Failed), vec![]),
            Whom::Git(log) => log.history(chart, self.depth),
        };
        let history = if self.sets_version { history.without_versions() } else { history };
        Answer { history, state: PublishedState::Unknown, failures }
    }
}

/// The past of each place under each configuration that a chart there has, and why one could not be found.
pub(super) fn all(plan: &Plan<'_>) -> (BTreeMap<(usize, usize), Past>, Vec<Failure>) {
    let (mut all, mut failures) = (BTreeMap::new(), vec![]);
    for planned in plan.charts.iter().filter(|planned| planned.release.is_none()) {
        all.entry((planned.place, planned.config)).or_insert_with(|| {
            let needs = plan.policy(planned).on.iter().flat_map(|on| &on.rule.needs);
            let depth = needs.map(|need| need.depth()).max().unwrap_or_default();
            Finder::new(plan, planned, plan.request).past(depth, &mut failures)
        });
    }
    failures.sort();
    failures.dedup();
    (all, failures)
}

/// The past of one chart down to its last release, compared with `base` where it is some, and what keeps it from being known.
pub(super) fn last(plan: &Plan<'_>, planned: &Planned, base: Option<&str>) -> (Past, Vec<Failure>) {
    let mut failures: Vec<Failure> = plan.places[planned.place].failure.iter().cloned().collect();
    let base = base.map(str::to_owned).or_else(|| plan.request.base.clone());
    let request = Request { base, ..plan.request.clone() };
    (Finder::new(plan, planned, &request).past(Depth::Last, &mut failures), failures)
}

struct Finder<'a> {
    session: &'a Session,
    network: &'a Arc<Network>,
    request: &'a Request,
    place: &'a Place,
    config: &'a Config,
    /// The place that the configuration was found in: for an archive that of the working directory.
    home: &'a Place,
}

impl<'a> Finder<'a> {
    fn new(plan: &'a Plan<'_>, planned: &Planned, request: &'a Request) -> Self {
        let (place, home) = (&plan.places[planned.place], &plan.places[plan.homes[planned.config]]);
        Self { session: plan.session, network: &plan.network, request, place, config: plan.config(planned), home }
    }

    fn past(&self, depth: Depth, failures: &mut Vec<Failure>) -> Past {
        let sets_version = self.request.charts.versioned.version.is_some();
        let past = Past { depth, intent: self.intent(), sets_version, ..Past::default() };
        if depth == Depth::Nothing {
            return past;
        }
        // A base that was named is what the user wants to compare with, and nothing else.
        let is_base_named = self.request.base.as_deref().is_some_and(|base| !base.is_empty());
        let places = if is_base_named { Ok(Places::default()) } else { self.places() };
        let asked = match places {
            Ok(places) if places.is_empty() => self.git(),
            Ok(places) => Ok(Whom::Places(places)),
            Err(failure) => Err(failure),
        };
        let asked = asked.unwrap_or_else(|failure| {
            failures.push(*failure);
            Whom::Nobody
        });
        let unasked = if is_base_named { vec![] } else { self.unasked() };
        let mut reservations: Vec<String> =
            unasked.into_iter().map(|place| format!("`{place}` was not asked, as `--offline` wants it")).collect();
        if let Whom::Git(log) = &asked {
            reservations.extend(log.reservation().map(str::to_owned));
            let unknown = "the run sets the version, and git does not tell which versions are out; `published` can";
            reservations.extend(sets_version.then(|| unknown.to_owned()));
        }
        Past { asked, reservations, ..past }
    }

    /// Git alone; nobody where the repository could not be opened, which is said once for the place.
    fn git(&self) -> Result<Whom, Box<Failure>> {
        if self.place.failure.is_some() {
            return Ok(Whom::Nobody);
        }
        self.session.log(self.request, self.place, self.config).map(Whom::Git)
    }

    /// The places that are configured and may be asked.
    fn places(&self) -> Result<Places, Box<Failure>> {
        let PublishedConfig { tags, folder, oci, index, plain_http, .. } = &self.config.published;
        let tags = tags.as_ref().map(|tags| self.tags(tags)).transpose()?;
        let folders = folder.as_ref().map(|folder| self.folders(folder)).transpose()?;
        let is_asking = (oci.is_some() || index.is_some()) && !self.session.is_offline();
        let trust = is_asking.then(|| trust::of(self.session, self.request, self.home, self.config));
        let network = self.network.trusting(trust.unwrap_or_default());
        let mut shared: Vec<Arc<dyn Published>> = vec![];
        shared.extend(folders.into_iter().flatten().map(|folder| Arc::new(folder) as _));
        for place in oci.iter().filter(|_| !self.session.is_offline()) {
            let registry = Registry::new(&place.value, *plain_http, &network);
            shared.push(Arc::new(registry.map_err(|failure| at(*failure, place))?));
        }
        for place in index.iter().filter(|_| !self.session.is_offline()) {
            let index = Index::new(&place.value, *plain_http, &network);
            shared.push(Arc::new(index.map_err(|failure| at(*failure, place))?));
        }
        let is_partial = !self.unasked().is_empty();
        Ok(Places { shared, tags, is_partial })
    }

    fn tags(&self, pattern: &Located<String>) -> Result<Tags, Box<Failure>> {
        let repository = if self.place.is_archive {
            self.place.home.repository().map_err(|error| Box::new(error.failure()))?
        } else {
            self.place.repository.as_ref()
        };
        let current = self.session.tag(self.request).map(|tag| tag.name);
        let tags = repository.and_then(|repository| Tags::new(repository, &pattern.value, current.as_deref()));
        let tags = tags.map(|tags| tags.over_placeholders(self.request.charts.versioned.version.is_some()));
        tags.ok_or_else(|| {
            let failure =
                Failure::new(FailureKind::Git, "there is no git repository whose tags could say what is published");
            let help = "run inside the repository, or take `published.tags` out of the configuration";
            Box::new(failure.at(pattern.at).help(help))
        })
    }

    /// The folder of packages, and as it was before the change that is judged where it lies in the repository.
    fn folders(&self, folder: &Located<String>) -> Result<Vec<Folder>, Box<Failure>> {
        let unreadable = |error: &dyn std::fmt::Display| {
            let message = format!("the packages in `{}` cannot say what is published: {error}", folder.value);
            let help = "`published.folder` names a folder of packages, relative to the configuration's";
            Box::new(Failure::new(FailureKind::Read, message).at(folder.at).help(help))
        };
        let path = Path::new(&folder.value);
        let tree = &self.home.tree;
        let base = self.home.folder_of(self.config);
        if let Some(below) = normal(base, path).filter(|_| path.is_relative()) {
            let now = Folder::new(Arc::clone(tree), below);
            // What an archive is measured by no change of the repository makes.
            let settled = if self.place.is_archive { None } else { self.settled(&now, folder)? };
            return Ok(settled.into_iter().chain([now]).collect());
        }
        let Address::Disk(root) = tree.address("") else { return Err(unreadable(&"it is not in the revision")) };
        let outside = Dir::folder(&root.join(base).join(path)).map_err(|error| unreadable(&error))?;
        Ok(vec![Folder::new(Arc::new(outside.shown_below(folder.value.as_str())), "")])
    }

    /// A folder of the repository as it was before anything that is judged could change it.
    fn settled(&self, now: &Folder, written: &Located<String>) -> Result<Option<Folder>, Box<Failure>> {
        let log = self.session.log(self.request, self.place, self.config);
        let settled = log.and_then(|log| log.settled()).map_err(|failure| {
            let what = format!("cannot tell which packages were in `{}` before the change", written.value);
            Box::new(Failure { message: format!("{what}: {}", failure.message), ..*failure }.at(written.at))
        })?;
        settled.map_or(Ok(None), |revision| now.in_commit(revision))
    }

    /// The configured places that are not asked.
    fn unasked(&self) -> Vec<String> {
        let PublishedConfig { oci, index, .. } = &self.config.published;
        let network = [oci, index].into_iter().flatten().filter(|_| self.session.is_offline());
        network.map(|place| without_user(&place.value)).collect()
    }

    fn intent(&self) -> Intent {
        let written = |value: &Option<Located<String>>| value.as_ref().map(|text| (text.value.clone(), text.at));
        Intent {
            oci: written(&self.config.published.oci).filter(|(text, _)| *text == without_user(text)),
            tags: written(&self.config.published.tags),
            tag: self.session.tag(self.request),
            bump: self.config.published.bump,
        }
    }
}

/// A failure at the line of the configuration that names the place, unless the line would show a password.
fn at(failure: Failure, place: &Located<String>) -> Box<Failure> {
    let is_secret = place.value != without_user(&place.value);
    Box::new(if is_secret { failure } else { failure.at(place.at) })
}
