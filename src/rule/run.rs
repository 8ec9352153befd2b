//! A rule over a chart.

use cel::Value;

use super::cel::{Expression, Scope, show};
use super::subject::{Subject, subjects};
use super::{Check, Context, Findings, Rule, schema};
use crate::finding::{Failure, FailureKind, Finding, Label, Severity};

/// Everything that a rule, at the level the user gave it, says of a chart. Pure: the same context gives the same findings.
pub fn run(rule: &Rule, severity: Severity, context: &Context<'_>) -> (Vec<Finding>, Vec<Failure>) {
    let mut findings = Findings::new(rule, severity, &context.chart.path);
    match &rule.check {
        Check::Native(check) => check(context, &mut findings),
        Check::Cel(deny) => {
            for subject in subjects(rule.target, rule.at.as_ref(), context) {
                judge(rule, deny, &subject, &mut findings);
            }
        }
        Check::Schema(validator) => {
            for subject in subjects(rule.target, rule.at.as_ref(), context) {
                schema::judge(rule, validator, &subject, &mut findings);
            }
        }
    }
    findings.finish()
}

fn judge(rule: &Rule, deny: &Expression, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let said = match deny.holds(&subject.scope) {
        Ok(false) => return,
        Ok(true) => message(rule, &subject.scope),
        Err(reason) => Err(reason),
    };
    match said {
        Ok(message) => {
            let label = Label::new(subject.place, "");
            let mut reported = findings.report(label, subject.name.as_str(), &[]).message(message);
            for label in &subject.related {
                reported = reported.related(label.clone());
            }
            if let Some(profile) = subject.profile {
                reported.profile(profile);
            }
        }
        Err(reason) => findings.fail(failure(rule, subject, &reason)),
    }
}

fn message(rule: &Rule, scope: &Scope) -> Result<String, String> {
    rule.message.filled(|_, expression| {
        let value = expression.map(|expression| expression.evaluate(scope)).transpose()?;
        Ok(value.as_ref().map(|value: &Value| show(value)))
    })
}

/// A condition that could not be evaluated is neither a finding nor a pass.
pub(super) fn failure(rule: &Rule, subject: &Subject<'_>, reason: &str) -> Failure {
    let message = format!("rule `{}` cannot be evaluated: {reason}", rule.id);
    let failure = Failure::new(FailureKind::Rule, message).at(rule.condition.unwrap_or(subject.place));
    match subject.profile {
        Some(profile) => failure.of_profile(profile),
        None => failure,
    }
}
