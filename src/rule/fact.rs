//! What a run finds out about its own terms, the suppressions and the policy, for rules to judge once charts were judged.

use super::run::message;
use super::{Check, Findings, Params, Rule, Said, Target};
use crate::cel::{self, Scope, from_json, map};
use crate::finding::{Failure, FailureKind, Label, Severity};
use crate::text::Location;

/// Something about a run's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What kind of thing, as conditions compare it: `unused`, `level`.
    pub kind: &'static str,
    /// Where.
    pub at: Location,
    /// Places that explain it.
    pub related: Vec<Label>,
    /// Names it while lines move.
    pub subject: String,
    /// What is so, in lower case.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What a rule, at the level the user gave it, says of a fact about the chart at a path; nothing where facts of another target are meant.
pub fn judge_fact(rule: &Rule, severity: Severity, params: &Params, chart: &str, target: Target, fact: &Fact) -> Said {
    let mut findings = Findings::new(rule, severity, chart);
    let Check::Cel(deny) = &rule.check else { return findings.finish() };
    if rule.target != target {
        return findings.finish();
    }
    let params = from_json(&serde_json::Value::Object(params.0.clone()));
    let value = map([("kind", fact.kind.into()), ("message", fact.message.as_str().into())]);
    let scope = Scope::from([("params", params), (target.variable(), value)]);
    let budget = cel::budget();
    let denies = deny.holds(&scope, &budget);
    let said = denies.and_then(|denies| if denies { message(rule, &scope, &budget).map(Some) } else { Ok(None) });
    match said {
        Ok(None) => {}
        Ok(Some(text)) => {
            let reported = findings.report(Label::new(fact.at, ""), fact.subject.as_str(), &[]);
            let reported = reported.message(text).help(fact.help.as_str());
            fact.related.iter().fold(reported, |reported, label| reported.related(label.clone()));
        }
        Err(reason) => {
            let text = format!("rule `{}` cannot be evaluated: {reason}", rule.id);
            findings.fail(Failure::new(FailureKind::Rule, text).at(rule.condition.unwrap_or(fact.at)));
        }
    }
    findings.finish()
}
