//! Fixes in templates that are called by name, which others may call as well: for something that no profile renders, and in other charts.

use std::sync::LazyLock;

use regex::Regex;

use crate::finding::{Fix, Safety};
use crate::render::Origins;
use crate::rule::Context;
use crate::text::Location;

/// The beginning of a helper, with its name.
static BEGINNING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\{\{-?\s*define\s+"([^"]+)""#).expect("a fixed pattern"));

/// A fix of what an object is rendered from: no safe one where it changes a helper that is called from more than one place.
pub(super) fn cautious(context: &Context<'_>, origins: &Origins, fix: Fix) -> Fix {
    let is_called = origins.template.filter(|_| origins.line() != origins.template);
    let helper = is_called.filter(|helper| fix.edits.iter().any(|edit| edit.location.source == helper.source));
    match helper {
        Some(helper) if fix.safety == Safety::Safe && !is_called_once(context, helper) => fix.with(Safety::Unsafe),
        _ => fix,
    }
}

/// Whether the helper that a place lies in is the chart's own and named in one place besides.
fn is_called_once(context: &Context<'_>, place: Location) -> bool {
    let templates = &context.chart.templates;
    let Some(file) = templates.iter().find(|file| file.source == place.source) else { return false };
    let before = file.text.get(..place.span.start as usize).unwrap_or_default();
    let Some(found) = BEGINNING.captures_iter(before).last() else { return false };
    let name = format!("\"{}\"", &found[1]);
    let named: usize = templates.iter().map(|file| file.text.matches(&name).count()).sum();
    named == 2
}
