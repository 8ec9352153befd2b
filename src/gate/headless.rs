//! Folders that were charts before the change, or are meant as charts, and are none: nobody judges what is in them.

use std::sync::Arc;

use super::place::Place;
use super::plan::Plan;
use crate::chart::Headless;
use crate::config::Config;
use crate::finding::{Failure, FailureKind};
use crate::source::{Error, Tree, join};

/// Why charts could not be looked for, and why folders that look like charts are not judged, where they are meant to be.
pub(super) fn failures(plan: &Plan<'_>) -> Vec<Failure> {
    let mut failures = plan.failures.clone();
    for (index, place) in plan.places.iter().enumerate() {
        let mut open = plan.headless.iter().filter(|(of, _)| *of == index).map(|(_, headless)| headless).peekable();
        if open.peek().is_some() {
            let before = before(plan, place);
            for headless in open {
                match failure(place, headless, before.as_deref()) {
                    Ok(failure) => failures.extend(failure),
                    Err(error) => failures.push(Failure::new(FailureKind::Git, error.to_string())),
                }
            }
        }
    }
    failures
}

/// Everything as it was before the change; none where git does not tell, which is said where charts are compared.
fn before(plan: &Plan<'_>, place: &Place) -> Option<Arc<dyn Tree>> {
    plan.session.log(plan.request, place, &Config::default()).ok()?.tree().cloned()
}

fn failure(place: &Place, headless: &Headless, before: Option<&dyn Tree>) -> Result<Option<Failure>, Error> {
    let Headless { folder, meant } = headless;
    let shown = place.tree.shown(folder);
    let shown = if shown.is_empty() { "." } else { &shown };
    let (message, help) = if let Some(file) = meant {
        let file = place.tree.shown(file);
        let message = format!("`{shown}` is not judged: Helm does not take `{file}` for its Chart.yaml");
        (message, "rename it to `Chart.yaml`")
    } else if was_chart(before, folder)? {
        let message =
            format!("`{shown}` is not judged: it was a chart, and has `templates/` and no Chart.yaml any more");
        (message, "bring Chart.yaml back, or take the whole chart away")
    } else {
        return Ok(None);
    };
    Ok(Some(Failure::new(FailureKind::Read, message).at_path(shown).help(help)))
}

fn was_chart(before: Option<&dyn Tree>, folder: &str) -> Result<bool, Error> {
    match before.map(|before| before.read(&join(folder, "Chart.yaml"), 0)) {
        None | Some(Err(Error::NotFound { .. })) => Ok(false),
        Some(Ok(_) | Err(Error::TooLarge { .. })) => Ok(true),
        Some(Err(error)) => Err(error),
    }
}
