//! Two states of a chart to what differs for those who install it, each difference named by the rule that says how far it reaches.
//!
//! Nothing here decides whether a difference counts: that is for the levels of the rules named.

use crate::chart::Chart;
use crate::render::{Cache, Options};
use crate::text::{Location, Sources};

mod constraint;
mod crd;
mod dependencies;
mod identity;
mod immutable;
mod metadata;
mod reads;
mod rendered;
mod resources;
mod schema;
mod step;
mod values;

pub use reads::{Bare, Reads, Site};
pub use step::Step;

/// Schemas inside of schemas that are compared; what is deeper is said.
const DEPTH: usize = 64;

/// A difference that somebody who installs the chart may notice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The rule whose kind it is: `change-values-key-removed`.
    pub rule: &'static str,
    /// What it is about, in a way that survives moved lines: a key path, an object.
    pub subject: String,
    /// What changed, in lower case.
    pub message: String,
    /// Where it is in the earlier state; none for what is new.
    pub old: Option<Location>,
    /// Where it is in this state; none for what is gone.
    pub new: Option<Location>,
}

/// A part of two states that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uncompared {
    /// The rules that could not look.
    pub rules: &'static [&'static str],
    /// Why, in lower case.
    pub reason: String,
}

/// What differs between two states of a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Every difference, by rule and subject.
    pub found: Vec<Change>,
    /// What could not be compared.
    pub uncompared: Vec<Uncompared>,
}

impl Changes {
    fn add(&mut self, rule: &'static str, subject: impl Into<String>, message: impl Into<String>, places: Places) {
        let Places { old, new } = places;
        self.found.push(Change { rule, subject: subject.into(), message: message.into(), old, new });
    }
}

/// Where a difference is.
#[derive(Debug, Clone, Copy)]
struct Places {
    old: Option<Location>,
    new: Option<Location>,
}

impl Places {
    fn both(old: Location, new: Location) -> Self {
        Self { old: Some(old), new: Some(new) }
    }

    fn old(old: Location) -> Self {
        Self { old: Some(old), new: None }
    }

    fn new(new: Location) -> Self {
        Self { old: None, new: Some(new) }
    }
}

/// What the comparison looks at.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    /// The earlier state.
    pub old: &'a Chart,
    /// This state.
    pub new: &'a Chart,
    /// What both are rendered for.
    pub options: &'a Options,
    /// Holds the texts of both.
    pub sources: &'a Sources,
    /// Templates that were parsed already.
    pub cache: &'a Cache,
}

/// Compares two states of a chart.
pub fn compare(pair: Pair<'_>) -> Changes {
    let mut changes = Changes::default();
    metadata::compare(pair, &mut changes);
    dependencies::compare(pair, &mut changes);
    values::compare(pair, &mut changes);
    schema::compare(pair, &mut changes);
    let both = rendered::both(pair, &mut changes);
    crd::compare(pair, both.as_ref(), &mut changes);
    if let Some(both) = &both {
        resources::compare(pair, both, &mut changes);
        rendered::trace(both, &mut changes.found);
    }
    changes.found.sort();
    changes.found.dedup();
    changes.uncompared.sort();
    changes.uncompared.dedup();
    changes
}
