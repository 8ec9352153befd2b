//! The chart from which an archive that is judged should be made.

use std::path::{Path, PathBuf};

use super::place;
use super::plan::Plan;
use super::{Charts, Error, Request};
use crate::chart::{self, Chart};
use crate::source::{FILE_LIMIT, join};
use crate::text::Sources;

/// The chart in the folder that `--source` names.
pub(super) fn source(plan: &Plan<'_>, folder: &Path, sources: &Sources) -> Result<Chart, Error> {
    let is_one_archive = plan.charts.len() == 1 && plan.places[plan.charts[0].place].is_archive;
    if !is_one_archive {
        return Err(Error::usage(
            "`--source` is for one packaged chart",
            "name a `.tgz` and the folder it was made from",
        ));
    }
    let charts = Charts::at_paths([PathBuf::from(folder)]);
    let places = place::places(plan.session, &Request { charts, ..plan.request.clone() })?;
    let place = places.first().filter(|place| !place.is_archive);
    let found = place.and_then(|place| Some((place, place.named.first()?)));
    let has_chart =
        |folder: &str, place: &place::Place| place.tree.read(&join(folder, "Chart.yaml"), FILE_LIMIT).is_ok();
    match found.filter(|(place, named)| has_chart(&named.folder, place)) {
        Some((place, named)) => Ok(chart::load(&place.tree, &named.folder, sources)),
        None => Err(Error::usage(format!("no chart in `{}`", folder.display()), "name a folder that has a Chart.yaml")),
    }
}
