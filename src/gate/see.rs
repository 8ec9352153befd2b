//! A chart as it is looked at: loaded, completed, and rendered under its profiles.

use std::sync::Arc;

use super::Error;
use super::collided;
use super::lens::{Again, Lens};
use super::merged::Merged;
use super::past::Past;
use super::plan::Planned;
use super::policy::On;
use super::profiles::{self, Profiles};
use super::terms::Terms;
use super::timings::{self, Stage};
use super::view::{one_of, unrendered};
use crate::chart::{self, Chart};
use crate::dependency::{Compared, Completed};
use crate::finding::{Failure, Skipped};
use crate::profile::Profile;
use crate::rule::{Need, ProfileView};

/// A chart under its profiles, before any rule looks.
#[derive(Debug)]
pub(super) struct Seen {
    /// The chart.
    pub chart: Chart,
    /// It under each profile that was asked for.
    pub views: Vec<ProfileView>,
    /// What could not be read, followed or rendered.
    pub failures: Vec<Failure>,
    /// The names of all its profiles.
    pub known_profiles: Vec<String>,
    /// Profiles that are configured and do not apply to it.
    pub lacking: Vec<Skipped>,
    /// Files that may be meant as values of production and make no profile, each with the reason.
    pub passed_over: Vec<(String, String)>,
    /// What in `charts/` was not compared with its repository.
    pub unasked: Vec<Skipped>,
}

/// A chart with its profiles, before it is rendered.
pub(super) struct Opened {
    /// The chart, with what it depends on.
    pub chart: Chart,
    /// Its profiles that were asked for.
    pub profiles: Vec<Profile>,
    known_profiles: Vec<String>,
    lacking: Vec<Skipped>,
    passed_over: Vec<(String, String)>,
    /// Why profiles are none of those that are looked at.
    unread: Vec<Failure>,
    completed: Completed,
    compared: Compared,
}

/// Loads a chart and finds its profiles.
pub(super) fn open(planned: &Planned, terms: Terms<'_>) -> Result<Opened, Error> {
    timings::stage(terms.timings, Stage::Load, || opened(planned, terms))
}

fn opened(planned: &Planned, terms: Terms<'_>) -> Result<Opened, Error> {
    let mut chart = chart::load(&planned.tree, &planned.folder, terms.sources);
    if let Some(release) = &planned.release {
        chart.path.clone_from(&release.path);
    }
    let is_compared = terms.past.is_some_and(Past::compares_packages);
    let is_rendered = terms.sees_profiles || terms.policy.is_some_and(|policy| policy.needs(Need::Last));
    let completed = if is_rendered || is_compared {
        terms.resolver.complete(&mut chart, terms.config.fetch, terms.sources)
    } else {
        Completed::default()
    };
    let compared = if terms.policy.is_some_and(|policy| policy.needs(Need::Originals)) {
        terms.resolver.compare(&mut chart, terms.config.fetch)
    } else {
        Compared::default()
    };
    let Profiles { all: mut profiles, lacking, passed_over, mut unread } = profiles(&chart, planned, terms)?;
    let names = profiles.iter().map(|profile| &profile.name).chain(unread.iter().map(|(name, _)| name));
    let known_profiles = names.cloned().collect();
    if !terms.asked.names.is_empty() {
        profiles.retain(|profile| terms.asked.names.contains(&profile.name));
        unread.retain(|(name, _)| terms.asked.names.contains(name));
    }
    let unread = unread.into_iter().map(|(_, failure)| failure).collect();
    Ok(Opened { chart, profiles, known_profiles, lacking, passed_over, unread, completed, compared })
}

/// Loads a chart and renders it under its profiles.
pub(super) fn see(planned: &Planned, terms: Terms<'_>) -> Result<Seen, Error> {
    let opened = open(planned, terms)?;
    let views = views(&opened, planned, terms);
    Ok(opened.seen(views, terms))
}

/// A chart under its profiles, and what could not be read, followed or rendered.
pub(super) type Views = (Vec<ProfileView>, Vec<Failure>);

impl Opened {
    /// It with what it renders to.
    pub(super) fn seen(self, (views, mut failures): Views, terms: Terms<'_>) -> Seen {
        let Self { chart, known_profiles, lacking, passed_over, unread, compared, profiles: _, completed: _ } = self;
        failures.extend(unread);
        failures.extend(compared.failures);
        let unasked = compared.unasked.into_iter().flat_map(|reason| unasked(&reason, terms.rules())).collect();
        Seen { chart, views, failures, known_profiles, lacking, passed_over, unasked }
    }
}

/// Renders a chart under its profiles.
pub(super) fn views(opened: &Opened, planned: &Planned, terms: Terms<'_>) -> Views {
    let Opened { chart, profiles, completed, .. } = opened;
    let kube_version = terms.config.kube_version.as_ref().map(|version| version.value.as_str());
    let lens = Lens {
        sources: terms.sources,
        cache: terms.cache,
        kube_version,
        kube_versions: &terms.config.kube_versions,
        again: again(terms.rules()),
        helm: terms.config.helm.unwrap_or_default(),
        compares_helms: terms.rules().iter().any(|on| on.rule.needs.contains(&Need::Helms)),
        admitted: &Arc::default(),
        timings: terms.timings,
    };
    let seen = profiles.iter().filter(|_| terms.sees_profiles);
    let mut merged = Merged::new(if terms.sees_profiles { profiles } else { &[] }, terms.cache);
    let mut views: Vec<ProfileView> = seen.map(|profile| one_of(chart, profile, lens, &mut merged)).collect();
    collided::refuse(&mut views);
    let unread = chart.with_dependencies();
    let mut failures: Vec<Failure> = unread.iter().flat_map(|chart| chart.failures.clone()).collect();
    let is_of_folder = planned.release.is_none();
    let about = |each: &&crate::gitops::Unresolved| is_of_folder && each.chart.as_deref() == Some(&chart.folder);
    let unresolved = terms.discovered.unresolved.iter().filter(about);
    failures.extend(unresolved.map(|each| profiles::unresolved(&chart.path, each)));
    failures.extend(unrendered(chart, &views));
    if terms.past.is_some_and(Past::compares_packages) || views.iter().any(|view| view.rendered.is_some()) {
        failures.extend(completed.failures.iter().cloned());
    }
    (views, failures)
}

/// That a part was not compared, of each rule that wants it to be.
fn unasked(reason: &str, rules: &[On]) -> Vec<Skipped> {
    let wants = |on: &&On| on.rule.needs.contains(&Need::Originals);
    let skipped = |on: &On| Skipped { rule: on.rule.id.clone(), reason: reason.to_owned() };
    rules.iter().filter(wants).map(skipped).collect()
}

/// The profiles of a chart; a deployment that is judged by itself is one.
fn profiles(chart: &Chart, planned: &Planned, terms: Terms<'_>) -> Result<Profiles, Error> {
    match &planned.release {
        Some(release) => {
            Ok(Profiles { all: vec![profiles::carried(release.profile.clone(), terms.config)], ..Profiles::default() })
        }
        None => profiles::of_chart(chart, terms.config, terms.asked, &terms.discovered.deployments, terms.sources),
    }
}

/// Which profiles a rule wants rendered more than once.
fn again(rules: &[On]) -> Again {
    match rules.iter().find(|on| on.rule.needs.contains(&Need::Renderings)) {
        None => Again::Never,
        Some(on) if on.params.string("profiles") == "all" => Again::Always,
        Some(_) => Again::Templated,
    }
}
