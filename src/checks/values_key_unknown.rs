//! `values-key-unknown`: a values file sets a key that no template reads, no schema names and values.yaml does not have.

use std::collections::BTreeSet;

use super::known_values::{Known, Use};
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
    if context.chart.values.is_none() && context.chart.file("values.yaml").is_some() {
        findings.skip("values.yaml cannot be read, so that nobody knows which keys it has");
        return;
    }
    let known = Known::of(context.chart, context.cache);
    let (budget, suggest) = (Budget::new(STEPS, 1), Suggest::default());
    let mut looking = Looking { context, findings, said: BTreeSet::new(), budget, is_over: false, suggest };
    // Values that a chart is only tried with reach nobody.
    for view in context.profiles.iter().filter(|view| !view.profile.is_test()) {
        let is_own = |root: &&Node| !view.profile.shared.contains(&context.sources.path(root.location));
        for root in view.profile.values.iter().filter(is_own) {
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
    /// Whether it was said that there are no steps left.
    is_over: bool,
    suggest: Suggest,
}

impl Looking<'_, '_, '_, '_> {
    /// Looks at the keys of a mapping at a path of a chart's values; `above` is where these are among those of the judged chart.
    fn mapping(&mut self, node: &Node, above: &[String], path: &[String], known: &Known<'_>) {
        let level = known.level(path);
        for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
            if self.findings.is_full() || !self.spends(level.price(&key), entry) {
                return;
            }
            let path: Vec<String> = path.iter().cloned().chain([key.clone().into_owned()]).collect();
            match level.of_key(&key) {
                Use::Known => self.mapping(&entry.value, above, &path, known),
                Use::Below(Some(part)) => self.part(&entry.value, above, &path, &known.of_part(part, &path)),
                Use::Below(None) => {}
                Use::Unknown => {
                    let text = self.context.sources.get(entry.key.location.source).text.len();
                    if !self.spends(known.price_of_files() + text / 64, entry) {
                        return;
                    }
                    if known.is_in_file(&path) {
                        self.mapping(&entry.value, above, &path, known);
                    } else if !is_for_the_file(self.context, entry, &key) {
                        let alias = known.alias(&key).filter(|_| path.len() == 1);
                        self.report(entry, above, &path, level.names(), alias);
                    }
                }
            }
        }
    }

    /// Takes steps for looking at a key; `false` where there are none left, which is said once.
    fn spends(&mut self, steps: usize, entry: &Entry) -> bool {
        let spent = self.budget.spend(steps);
        if let Err(exceeded) = spent
            && !std::mem::replace(&mut self.is_over, true)
        {
            self.findings.exceed(exceeded, entry.key.location);
        }
        spent.is_ok()
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
