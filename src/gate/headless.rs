//! Folders that were charts before the change, or are meant as charts, and are none: nobody judges what is in them.

use std::sync::Arc;

use super::place::Place;
use super::plan::Plan;
use crate::chart::Headless;
use crate::config::Config;
use crate::finding::{Failure, FailureKind};
use crate::source::{Error, Tree, join};

/// Why folders that look like charts are not judged, where they are meant to be.
pub(super) fn failures(plan: &Plan<'_>) -> Vec<Failure> {
    let mut failures = vec![];
    for (index, place) in plan.places.iter().enumerate() {
        let mut open = plan.headless.iter().filter(|(of, _)| *of == index).map(|(_, headless)| headless).peekable();
        if open.peek().is_some() {
            let before = before(plan, place);
            failures.extend(open.filter_map(|headless| failure(place, headless, before.as_deref())));
        }
    }
    failures
}

/// Everything as it was before the change; none where git does not tell, which is said where charts are compared.
fn before(plan: &Plan<'_>, place: &Place) -> Option<Arc<dyn Tree>> {
    plan.session.log(plan.request, place, &Config::default()).ok()?.tree().cloned()
}

fn failure(place: &Place, headless: &Headless, before: Option<&dyn Tree>) -> Option<Failure> {
    let Headless { folder, meant } = headless;
    let shown = place.tree.shown(folder);
    let shown = if shown.is_empty() { "." } else { &shown };
    let was_chart = || match before?.read(&join(folder, "Chart.yaml"), 0) {
        Ok(_) | Err(Error::TooLarge { .. }) => Some(()),
        Err(_) => None,
    };
    let (message, help) = if let Some(file) = meant {
        let file = place.tree.shown(file);
        let message = format!("`{shown}` is not judged: Helm does not take `{file}` for its Chart.yaml");
        (message, "rename it to `Chart.yaml`")
    } else {
        was_chart()?;
        let message =
            format!("`{shown}` is not judged: it was a chart, and has `templates/` and no Chart.yaml any more");
        (message, "bring Chart.yaml back, or take the whole chart away")
    };
    Some(Failure::new(FailureKind::Read, message).at_path(shown).help(help))
}
