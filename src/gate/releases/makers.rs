//! Releases of charts that are not here and whose values speak of charts that are: what they make of those may be deployments of these.

use std::sync::Arc;

use super::fetch::fetched_with_all;
use crate::finding::Failure;
use crate::gate::deployments::{self, Found};
use crate::gate::plan::{Plan, Planned};
use crate::gate::subject::Chartless;
use crate::gitops::{Own, Release, Unresolved};
use crate::source::below;
use crate::text::Sources;

/// Follows what such releases make of the charts of each place, where their charts may be fetched; else says it. Those of folders without charts are
/// `judged` themselves.
pub(super) fn follow(plan: &Plan<'_>, found: &mut Found, judged: &[Chartless], sources: &Sources) -> Vec<Failure> {
    let mut failures = vec![];
    for place in 0..plan.places.len() {
        let own = deployments::own(&plan.places[place]);
        let is_judged = |release: &&Release| {
            judged.iter().any(|each| each.place == place && below(&release.file, &each.folder).is_some())
        };
        let charts: Vec<&Planned> =
            plan.charts.iter().filter(|planned| planned.place == place && planned.release.is_none()).collect();
        let speaks =
            |release: &&Release| charts.iter().any(|chart| release.names_source(&chart.folder, &own).is_some());
        let unjudged = found.places[place].releases.iter().filter(|release| !is_judged(release));
        let makers: Vec<Release> = unjudged.filter(speaks).cloned().collect();
        let Some(config) = charts.first().map(|chart| chart.config).filter(|_| !makers.is_empty()) else { continue };
        if plan.request.fetch || plan.configs[config].fetches_releases {
            let whole = Chartless { place, folder: String::new(), written: ".".to_owned(), config };
            let all = fetched_with_all(plan, found, &whole, makers, sources, &mut failures);
            failures.extend(all.into_iter().filter_map(|(_, answer)| answer.err().map(|failure| *failure)));
        } else {
            let said = charts.iter().flat_map(|chart| makers.iter().filter_map(|maker| unfollowed(maker, chart, &own)));
            let said: Vec<Unresolved> = said.collect();
            Arc::make_mut(&mut found.places[place]).unresolved.extend(said);
        }
    }
    failures
}

/// That what a release makes of a chart is not known.
fn unfollowed(maker: &Release, chart: &Planned, own: &Own) -> Option<Unresolved> {
    let at = maker.names_source(&chart.folder, own)?;
    let message = format!(
        "what the chart `{}` makes of these values may deploy it, and that chart is not here: `--fetch` brings it",
        maker.chart.name
    );
    let profile = Some(maker.deployment.profile.name.clone());
    Some(Unresolved { chart: Some(chart.folder.clone()), profile, at, message })
}
