//! Charts that a change moves to where the configuration's `charts` leave them out.

use super::earlier::{before_at, read};
use super::fact::HELP;
use crate::gate::plan::{Plan, Unlisted};
use crate::gate::seat::Seat;
use crate::gate::trust;
use crate::published::Earlier;
use crate::published::git::Log;
use crate::rule::Fact;
use crate::source::join;
use crate::text::Sources;

/// That a chart which was judged is left out since it moved; none where it was left out before, or is new.
pub(super) fn unlisted(
    plan: &Plan<'_>,
    unlisted: &Unlisted,
    log: &Log,
    sources: &Sources,
) -> Result<Option<Fact>, String> {
    let place = &plan.places[unlisted.place];
    let chart = crate::chart::load_files(&place.tree, &unlisted.folder, &Sources::new());
    let Some(Earlier { tree, folder }) = before_at(chart.name(), &unlisted.folder, &*place.tree, log)? else {
        return Ok(None);
    };
    if folder == unlisted.folder {
        return Ok(None);
    }
    let seat = Seat::of(plan.request, place, &folder);
    let trust = || trust::trusted(plan.session, &*tree, &seat);
    let (counted, _) = read(&tree, &seat, place, plan, &trust, sources)?;
    let (was, is) = (tree.shown(&folder), place.tree.shown(&unlisted.folder));
    if !counted.includes_chart(&was) {
        return Ok(None);
    }
    let Some(at) = plan.configs[unlisted.config].charts.first().map(|pattern| pattern.at) else { return Ok(None) };
    Ok(Some(Fact {
        kind: "charts",
        at,
        related: vec![],
        subject: format!("charts {}", join(&is, "Chart.yaml")),
        message: format!("`{is}` is not judged any more: `charts` leave it out since it moved from `{was}`"),
        help: HELP.to_owned(),
    }))
}
