//! What judging an object goes along with: the way to the field that is looked at, what was found, and what it cost.

use std::collections::{BTreeMap, HashMap};

use super::pattern::{self, Pattern};
use super::source::Schema;
use super::violation::{Correction, Defect, Violation};
use crate::budget::{Budget, Exceeded};
use crate::text::Location;
use crate::yaml::{KeyPath, Node, Step};

/// Walks an object along a schema and collects what does not fit.
#[derive(Debug)]
pub(super) struct Checker<'b> {
    pub(super) found: Vec<Violation>,
    pub(super) budget: &'b Budget,
    /// Whether a field is unknown only where `additionalProperties` is false.
    pub(super) is_open: bool,
    /// Whether it judges the default of a schema: no object, and lists in it may repeat what they hold.
    pub(super) is_default: bool,
    path: Way,
    patterns: HashMap<String, Option<Pattern>>,
    /// Patterns that Go does not have, and that are not judged.
    pub(super) unread: BTreeMap<String, Location>,
}

/// The way to what is looked at, in two buffers that are used again: a text for each field of every object took a fifth of the time.
#[derive(Debug, Default)]
struct Way {
    keys: String,
    /// Where each step's key begins in `keys`, and the index of a step that has none.
    steps: Vec<(usize, Option<usize>)>,
}

impl Way {
    /// Goes on through a key, else through an index.
    fn enter(&mut self, key: Option<&str>, index: usize) {
        self.steps.push((self.keys.len(), key.is_none().then_some(index)));
        self.keys.push_str(key.unwrap_or_default());
    }

    fn leave(&mut self) {
        if let Some((start, _)) = self.steps.pop() {
            self.keys.truncate(start);
        }
    }

    fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    fn to_path(&self) -> KeyPath {
        let ends = self.steps.iter().skip(1).map(|(start, _)| *start).chain([self.keys.len()]);
        let step = |((start, index), end): (&(usize, Option<usize>), usize)| match index {
            Some(index) => Step::Index(*index),
            None => Step::Key(self.keys[*start..end].to_owned()),
        };
        KeyPath(self.steps.iter().zip(ends).map(step).collect())
    }
}

/// Compiled patterns that are kept.
const KEPT: usize = 32;
/// Steps for a violation, whose texts are kept and printed.
const REPORTING: usize = 50;

impl<'b> Checker<'b> {
    pub(super) fn new(budget: &'b Budget) -> Self {
        Self {
            found: vec![],
            budget,
            is_open: false,
            is_default: false,
            path: Way::default(),
            patterns: HashMap::new(),
            unread: BTreeMap::new(),
        }
    }

    /// The field that is being looked at.
    pub(super) fn path(&self) -> KeyPath {
        self.path.to_path()
    }

    pub(super) fn report(
        &mut self,
        location: Location,
        message: String,
        help: Option<String>,
        schema: impl Into<Option<Location>>,
    ) {
        let path = self.path();
        // Said in any case, as it is never a pass; what comes after it may be refused.
        self.budget.charge(REPORTING + (path.0.len() + message.len()) / 8);
        let defect = Defect::Value;
        let (correction, schema) = (None, schema.into());
        self.found.push(Violation { location, path, defect, message, help, correction, schema });
    }

    pub(super) fn within_key<T>(&mut self, key: &str, look: impl FnOnce(&mut Self) -> T) -> T {
        self.path.enter(Some(key), 0);
        let result = look(self);
        self.path.leave();
        result
    }

    pub(super) fn within_index<T>(&mut self, index: usize, look: impl FnOnce(&mut Self) -> T) -> T {
        self.path.enter(None, index);
        let result = look(self);
        self.path.leave();
        result
    }

    /// The field in words: its path in backticks, or the object itself.
    pub(super) fn subject(&self) -> String {
        match (self.path.is_empty(), self.is_default) {
            (false, _) => format!("`{}`", self.path()),
            (true, true) => "it".to_owned(),
            (true, false) => "the object".to_owned(),
        }
    }

    /// Reports something wrong with the field that is being looked at.
    pub(super) fn wrong(&mut self, at: Location, what: impl std::fmt::Display, schema: Schema<'_>) {
        let message = format!("{} {what}", self.subject());
        self.report(at, message, None, schema.location());
    }

    /// Reports a rule of the definition that does not hold.
    pub(super) fn broken(&mut self, at: Location, said: &str, rule: Location) {
        let message = format!("{} breaks a rule of its definition: {said}", self.subject());
        self.report(at, message, None, rule);
    }

    /// Says of what was reported last what kind of thing is wrong.
    pub(super) fn is(&mut self, defect: Defect) {
        if let Some(last) = self.found.last_mut() {
            last.defect = defect;
        }
    }

    /// Says of what was reported last what can only be meant.
    pub(super) fn means(&mut self, correction: Option<Correction>) {
        if let Some(last) = self.found.last_mut() {
            last.correction = correction;
        }
    }

    /// Whether a text matches a pattern; one that Go does not have matches every text.
    pub(super) fn matches(&mut self, pattern: &Node, text: &str) -> Result<bool, Exceeded> {
        let Some(source) = pattern.as_str() else { return Ok(true) };
        self.budget.scan(source.len())?;
        if !self.patterns.contains_key(source) {
            let compiled = pattern::compiled(source, self.budget)?;
            if compiled.is_none() {
                self.unread.insert(source.to_owned(), pattern.location);
            }
            if self.patterns.len() >= KEPT {
                self.patterns.clear();
            }
            self.patterns.insert(source.to_owned(), compiled);
        }
        let Some(pattern) = self.patterns.get(source).and_then(Option::as_ref) else { return Ok(true) };
        pattern.weight.search(text.len(), self.budget)?;
        Ok(pattern.regex.is_match(text))
    }
}

/// A text that fits a line.
pub(super) fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let mut short: String = line.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
