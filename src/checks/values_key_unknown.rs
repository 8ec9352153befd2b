//! `values-key-unknown`: a values file sets a key that no template reads, no schema names and values.yaml does not have.

use std::collections::BTreeSet;

use super::known_values::{Known, Level, Use};
use crate::budget::Budget;
use crate::dependency::lacking;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::Location;
use crate::text::suggest::Suggest;
use crate::yaml::{Entry, Mapping, Node};

/// What looking for keys that nothing knows may cost.
const STEPS: u64 = 10_000_000;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    // What a chart that is not at hand would read is not known.
    if !lacking(context.chart).is_empty() {
        return;
    }
    let known = Known::of(context.chart);
    let mut looking = Looking {
        context,
        findings,
        said: BTreeSet::new(),
        budget: Budget::new(STEPS, 1),
        suggest: Suggest::default(),
    };
    // Values that a chart is only tried with reach nobody.
    for view in context.profiles.iter().filter(|view| !view.profile.name.starts_with("ci/")) {
        for root in &view.profile.values {
            looking.mapping(root, &[], &[], &known);
        }
    }
    if let Some(root) = context.chart.values.as_ref().and_then(|values| values.root()) {
        looking.shadowed(root, &known);
    }
}

struct Looking<'a, 'c, 'f, 'r> {
    context: &'a Context<'c>,
    findings: &'f mut Findings<'r>,
    /// Places of keys that were told: several profiles are made of one file.
    said: BTreeSet<Location>,
    budget: Budget,
    suggest: Suggest,
}

impl Looking<'_, '_, '_, '_> {
    /// Looks at the keys of a mapping at a path of a chart's values; `above` is where these are among those of the judged chart.
    fn mapping(&mut self, node: &Node, above: &[String], path: &[String], known: &Known<'_>) {
        let level = known.level(path);
        for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
            if !self.goes_on(&level, entry, &key) {
                return;
            }
            let path: Vec<String> = path.iter().cloned().chain([key.clone().into_owned()]).collect();
            match level.of_key(&key) {
                Use::Known => self.mapping(&entry.value, above, &path, known),
                Use::Below(Some(part)) => self.part(&entry.value, above, &path, &known.of_part(part, &path)),
                Use::Below(None) => {}
                Use::Unknown if is_for_the_file(self.context, entry, &key) => {}
                Use::Unknown => {
                    self.report(entry, above, &path, level.names(), known.alias(&key).filter(|_| path.len() == 1));
                }
            }
        }
    }

    /// Whether a key is looked at: not where enough was found, nor where it takes too much to tell.
    fn goes_on(&mut self, level: &Level<'_, '_>, entry: &Entry, key: &str) -> bool {
        if self.findings.is_full() || self.budget.left() == 0 {
            return false;
        }
        let text = self.context.sources.get(entry.key.location.source).text.len();
        let price = if level.has(key) { 1 } else { level.price() + text / 64 };
        match self.budget.spend(price) {
            Ok(()) => true,
            Err(exceeded) => {
                self.findings.exceed(exceeded, entry.key.location);
                false
            }
        }
    }

    fn part(&mut self, node: &Node, above: &[String], path: &[String], part: &Known<'_>) {
        let above: Vec<String> = above.iter().chain(path).cloned().collect();
        self.mapping(node, &above, &[], part);
    }

    /// The chart's own values for a sub-chart that is known by an alias.
    fn shadowed(&mut self, root: &Node, known: &Known<'_>) {
        for (key, entry) in root.as_map().map(Mapping::effective).unwrap_or_default() {
            let path = [key.clone().into_owned()];
            if let Some(alias) = known.alias(&key).filter(|_| !known.reads_own(&path)) {
                self.report(entry, &[], &path, &BTreeSet::new(), Some(alias));
            }
        }
    }

    fn report(
        &mut self,
        entry: &Entry,
        above: &[String],
        path: &[String],
        names: &BTreeSet<String>,
        alias: Option<&str>,
    ) {
        if !self.said.insert(entry.key.location) {
            return;
        }
        let whole = above.iter().chain(path).cloned().collect::<Vec<_>>().join(".");
        let key = path.last().map(String::as_str).unwrap_or_default();
        let help = match (alias, self.suggest.nearest(key, names.iter().map(String::as_str))) {
            (Some(alias), _) => format!("write `{alias}`: the dependency is known by its alias"),
            (None, Some(meant)) => format!("did you mean `{meant}`?"),
            (None, None) => "remove it, or add it to values.yaml".to_owned(),
        };
        self.findings.report(Label::new(entry.key.location, ""), whole.as_str(), &[("key", &whole)]).help(help);
    }
}

/// Whether a key is there for the rest of its file: an anchor, or what a text that is rendered names.
fn is_for_the_file(context: &Context<'_>, entry: &Entry, key: &str) -> bool {
    let source = context.sources.get(entry.key.location.source);
    let start = entry.value.location.span.start as usize;
    let between = source.text.get(entry.key.location.span.end as usize..=start);
    key.starts_with("x-")
        || key.starts_with(['_', '.', '$'])
        || between.is_some_and(|between| between.contains('&'))
        || source.text.contains(&format!(".{key}"))
        || entry.merged
}
