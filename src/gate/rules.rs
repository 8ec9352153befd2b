//! The rules over a chart that was seen.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use super::policy::On;
use super::terms::Terms;
use super::timings;
use crate::chart::Chart;
use crate::crd::Definitions;
use crate::finding::{Failure, FailureKind, Skipped};
use crate::published::{Comparison, History, compare};
use crate::rule::{ChartValue, Context, Files, Need, ProfileView, Registered, Rule, Said, Since, Stretches, Target};

/// What to do about a defect of ours.
pub(super) const REPORT: &str = "please report it with the chart that it happened on";

/// What rules see: a chart under its profiles, beside its earlier states.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub chart: &'a Chart,
    pub views: &'a [ProfileView],
    pub history: &'a History,
    pub definitions: &'a Definitions,
    pub registered: &'a Registered,
    /// Whether a deployment is judged, and not the chart.
    pub is_release: bool,
}

impl Sight<'_> {
    /// Whether a rule looks at what is judged: of a deployment at what it makes, as the chart is somebody else's.
    fn concerns(&self, rule: &Rule) -> bool {
        !self.is_release || matches!(rule.target, Target::Manifest | Target::Image)
    }
}

/// What the rules that are on say of a chart.
pub(super) fn run(seen: Sight<'_>, since: Option<&Since>, terms: Terms<'_>) -> Said {
    let mut all = Said::default();
    let Sight { chart, views, history, registered, .. } = seen;
    let intent = terms.past.map(|past| past.intent.clone()).unwrap_or_default();
    let source = terms.source.map(|source| compare::differences(chart, source));
    all.skipped.extend(terms.past.iter().flat_map(|past| past.skipped(chart, terms.rules())));
    let value = ChartValue::default();
    let stretches = Stretches::of(views);
    let said = |on: &On| {
        let On { rule, level, params, is_named, .. } = on;
        let skipped = |reason: &str| {
            let skipped = vec![Skipped { rule: rule.id.clone(), reason: reason.to_owned() }];
            Said { skipped, ..Said::default() }
        };
        if let (Target::Change, Comparison::Inapplicable { reason }) = (rule.target, &history.own) {
            return skipped(reason);
        }
        if let Some(reason) = unasked(rule, terms) {
            return skipped(reason);
        }
        let (files, failures) = Files::read(chart, terms.sources, params.files(rule));
        let context = Context {
            chart,
            sources: terms.sources,
            profiles: views,
            definitions: seen.definitions,
            cache: terms.cache,
            history,
            registered,
            intent: &intent,
            source: source.as_deref(),
            since,
            params,
            is_named: *is_named,
            value: &value,
            files: &files,
        };
        let mut said =
            timings::rule(terms.timings, &rule.id, || guarded(rule, || stretches.run(rule, *level, &context)));
        said.failures.extend(failures);
        said
    };
    let rules: Vec<&On> = terms.rules().iter().filter(|on| seen.concerns(&on.rule)).collect();
    // A thread that waits here takes up whatever else there is to do: another chart would be held in memory beside this one.
    let each: Vec<Said> =
        if terms.is_alone { rules.into_par_iter().map(said).collect() } else { rules.into_iter().map(said).collect() };
    for said in each {
        all.findings.extend(said.findings);
        all.failures.extend(said.failures);
        all.skipped.extend(said.skipped);
    }
    all
}

/// Why no registry is asked for what a rule needs to know of images; none where it needs nothing, or they are.
fn unasked(rule: &Rule, terms: Terms<'_>) -> Option<&'static str> {
    if !rule.needs.contains(&Need::Registries) || terms.registries.is_some() {
        return None;
    }
    Some(if terms.policy.is_some_and(|policy| policy.resolves) {
        "no registry was asked for images, as `--offline` wants it"
    } else {
        "registries are asked for images with `--resolve`, or `resolve: true` in the configuration"
    })
}

/// What a rule says. One that panics is a bug of ours: said as such, and the other rules still look.
fn guarded(rule: &Rule, run: impl FnOnce() -> Said) -> Said {
    let failed = |_| Said { failures: vec![panicked(rule)], ..Said::default() };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(failed)
}

fn panicked(rule: &Rule) -> Failure {
    Failure::new(FailureKind::Internal, format!("the rule `{}` went wrong in chartgate itself", rule.id)).help(REPORT)
}

#[cfg(test)]
mod tests {
    use super::{Said, guarded};
    use crate::checks;
    use crate::finding::FailureKind;

    #[test]
    fn a_rule_that_goes_wrong_is_a_failure_that_names_it() {
        let registry = checks::registry();
        let rule = registry.get("version-reused").expect("it is there");
        let Said { findings, failures, .. } = guarded(rule, || panic!("as a check with a defect does"));
        assert!(findings.is_empty());
        let [failure] = failures.as_slice() else { panic!("one failure: {failures:?}") };
        assert_eq!(failure.kind, FailureKind::Internal);
        assert!(failure.message.contains("`version-reused`"), "{}", failure.message);
    }
}
