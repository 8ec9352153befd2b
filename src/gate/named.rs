//! Profiles that are named are profiles of some chart: on the command line, and in a configuration.

use std::collections::BTreeSet;

use super::asked::Asked;
use super::deployments::Found;
use super::judge::Judged;
use super::plan::Plan;
use super::{Error, Selection, profiles};
use crate::chart;
use crate::config::{self, Located, Pattern};
use crate::text::Sources;

/// Every name that was asked for belongs to a profile of some chart. Asked before anything is judged, and only where somebody names one.
pub(super) fn all_known(plan: &Plan<'_>, found: &Found, asked: &[Asked], sources: &Sources) -> Result<(), Error> {
    let names = &plan.request.profiles.names;
    if names.is_empty() {
        return Ok(());
    }
    // The charts are read again to be judged; nothing points into these texts.
    let texts = sources.part();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for planned in &plan.charts {
        if let Some(release) = &planned.release {
            known.insert(release.profile.name.clone());
            continue;
        }
        let chart = chart::load(&planned.tree, &planned.folder, &texts);
        let deployments = &found.places[planned.place].deployments;
        let own = profiles::of_chart(&chart, plan.config(planned), &asked[planned.place], deployments, &texts)?;
        known.extend(own.all.into_iter().map(|profile| profile.name));
        known.extend(own.unread.into_iter().map(|(name, _)| name));
    }
    texts.keep(&BTreeSet::new());
    match names.iter().find(|name| !known.contains(name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            Err(Error::usage(format!("there is no profile `{name}`"), format!("there are {}", listed.join(", "))))
        }
    }
}

/// Every profile of a configuration applies to one of its charts at least; one that reads no file anywhere is a slip of the pen,
/// and must not leave production unjudged.
pub(super) fn all_found(plan: &Plan<'_>, judged: &[Judged]) -> Result<(), Error> {
    let mut errors: Vec<config::Error> = absent_charts(plan, judged);
    for (index, config) in plan.configs.iter().enumerate() {
        let own =
            || judged.iter().zip(&plan.charts).filter(|(_, planned)| planned.config == index).map(|(each, _)| each);
        let is_whole = is_whole(plan, index);
        for declared in config.profiles.iter().filter(|_| own().next().is_some()) {
            let name = &declared.name.value;
            // What is extended may be for charts under other configurations, and a published policy for those of other repositories.
            let is_written_here = config.source == Some(declared.name.at.source);
            if is_whole && is_written_here && !judged.iter().any(|each| profiles::applies(declared, &each.path)) {
                let message = format!("`charts` of the profile `{name}` names none of the charts");
                let help = "they are patterns of paths, relative to the configuration, as `charts/web`";
                errors.push(config::Error::new(declared.name.at, message).help(help));
                continue;
            }
            if own().any(|each| each.known_profiles.contains(name))
                || !own().all(|each| profiles::applies(declared, &each.path))
            {
                continue;
            }
            if let Some(file) = declared.values.first() {
                let message = format!("no chart has the values file `{}` of profile `{name}`", file.value);
                errors.push(config::Error::new(file.at, message).help("it is looked for relative to each chart"));
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Config(errors)) }
}

/// The entries of `charts` that name one chart, which is not there: it was to be judged.
fn absent_charts(plan: &Plan<'_>, judged: &[Judged]) -> Vec<config::Error> {
    let mut errors = vec![];
    for (_, config) in plan.configs.iter().enumerate().filter(|(index, _)| is_whole(plan, *index)) {
        let is_written_here = |entry: &&Located<Pattern>| config.source == Some(entry.at.source);
        let is_absent = |entry: &&Located<Pattern>| !judged.iter().any(|each| entry.value.matches(&each.path));
        let literal = config.charts.iter().filter(|entry| entry.value.is_literal());
        errors.extend(literal.filter(is_written_here).filter(is_absent).map(|entry| {
            let message = format!("`charts` names `{}`, where no chart is", entry.value.as_str());
            config::Error::new(entry.at, message).help("correct the path, or take the entry away with the chart")
        }));
    }
    errors
}

/// Whether every chart that a configuration counts for is judged, and the configuration is as new as the charts: a policy from a revision may
/// name one by the path that it had.
pub(super) fn is_whole(plan: &Plan<'_>, config: usize) -> bool {
    let place = &plan.places[plan.homes[config]];
    plan.request.selection == Selection::All
        && plan.request.policy.from.revision.is_none()
        && place.named.iter().any(|named| named.folder.is_empty())
}
