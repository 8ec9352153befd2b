//! What counts for each chart of a request: which configuration, which rules at which level, with which parameters, and who says so.

use std::sync::Arc;

use super::plan::Planned;
use super::policy::On;
use super::{Error, Request, Session, headless, prepare};
use crate::config::{Config, RuleConfig};
use crate::finding::{Failure, Severity};
use crate::rule::Rule;
use crate::text::{Location, SourceId, Sources};
use crate::yaml::Node;

/// What counts for a chart.
#[derive(Debug)]
pub struct Settings {
    /// The chart's path in reports.
    pub chart: String,
    /// The configuration file, where there is one.
    pub file: Option<SourceId>,
    /// Every text that it is made of, itself the last.
    pub texts: Vec<SourceId>,
    /// Whether it takes the place of configurations further up.
    pub replaces: bool,
    /// The least severity that fails a run; none where nothing does.
    pub fail_on: Option<Severity>,
    /// Whether the command line names that severity.
    pub is_fail_on_asked: bool,
    /// Every rule, by id.
    pub rules: Vec<RuleSetting>,
}

/// How a rule counts.
#[derive(Debug)]
pub struct RuleSetting {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Its level; none where it is off.
    pub level: Option<Severity>,
    /// Who sets the level.
    pub by: By,
    /// Its parameters, with the place that sets each; none where the rule's own value counts.
    pub params: Vec<(String, serde_json::Value, Option<Location>)>,
}

/// Who sets a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The rule itself.
    Default,
    /// The configuration, at this place.
    File(Location),
    /// The command line.
    CommandLine,
    /// Nobody who asks for what it needs: registries, or a state of the policy.
    Unasked,
}

impl Session {
    /// What counts for every chart that a request names; with why charts could not be looked for.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn settings(&self, request: &Request, sources: &Sources) -> Result<(Vec<Settings>, Vec<Failure>), Error> {
        let plan = prepare::plan(self, request, sources)?;
        let of_chart = |planned: &Planned| {
            let (config, on) = (plan.config(planned), &plan.policy(planned).on);
            let chosen = request.policy.fail_on;
            let fail_on = chosen.or(config.fail_on).unwrap_or(crate::config::FailOn::Error).threshold();
            Settings {
                chart: planned.tree.shown(&planned.folder),
                file: config.source,
                texts: config.texts.clone(),
                replaces: config.replaces,
                fail_on,
                is_fail_on_asked: chosen.is_some(),
                rules: plan.registry.shared().map(|rule| of_rule(rule, on, config, request)).collect(),
            }
        };
        Ok((plan.charts.iter().map(of_chart).collect(), headless::failures(&plan)))
    }
}

fn of_rule(rule: &Arc<Rule>, on: &[On], config: &Config, request: &Request) -> RuleSetting {
    let counted = on.iter().find(|on| on.rule.id == rule.id && !on.is_somewhere);
    let configured = config.rules.get(&rule.id);
    let level = counted.map(|on| on.level);
    let in_file = configured.and_then(|configured| configured.level.as_ref());
    let by = match (in_file, level == rule.severity) {
        (Some(located), _) if located.value.severity() == level => By::File(located.at),
        (None, true) => By::Default,
        // It counts by the step that it calls for.
        (None, _) if rule.step.is_some() => By::Default,
        _ if !request.policy.select.is_empty() || !request.policy.ignore.is_empty() => By::CommandLine,
        _ => By::Unasked,
    };
    let params = counted.into_iter().flat_map(|on| &on.params.0);
    let place = |name: &str| configured.and_then(|configured: &RuleConfig| parameter(configured, name));
    let params = params.map(|(name, value)| (name.clone(), value.clone(), place(name))).collect();
    RuleSetting { rule: Arc::clone(rule), level, by, params }
}

fn parameter(configured: &RuleConfig, name: &str) -> Option<Location> {
    Some(configured.params.as_ref().and_then(|params: &Node| params.entry(name))?.key.location)
}
