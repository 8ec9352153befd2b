//! A rule over a chart.

use ::cel::Value;

use super::subject::{Subject, Usage, image_value, subjects, variables};
use super::{Check, Context, Findings, Rule, Said, schema};
use crate::budget::Budget;
use crate::cel::{self, Expression, Scope, from_json, map, show};
use crate::extract::object::Place;
use crate::finding::{Label, Severity};
use crate::image::ImageRef;
use crate::json_schema;

/// How an image of a rule's examples is used.
const EXAMPLE: Usage<'_> = Usage { owner: "an example", main: false, place: Place::Container, is_test: false };

/// Everything that a rule, at the level the user gave it, says of a chart. Pure: the same context gives the same findings.
pub fn run(rule: &Rule, severity: Severity, context: &Context<'_>) -> Said {
    let mut findings = Findings::new(rule, severity, &context.chart.path);
    match &rule.check {
        Check::Native(check) => check(context, &mut findings),
        Check::Cel(deny) => {
            let budget = cel::budget();
            for subject in subjects(rule.target, rule.at.as_ref(), context) {
                judge(rule, (deny, &budget), &subject, &mut findings);
            }
        }
        Check::Schema(schema) => {
            let budget = json_schema::budget(u64::MAX);
            for subject in subjects(rule.target, rule.at.as_ref(), context) {
                schema::judge(rule, (schema, &budget), &subject, &mut findings);
            }
        }
    }
    super::offer::settled(super::vendored::placed(findings.finish(), context), context)
}

impl Rule {
    /// Whether the rule, with its default parameters, denies an example: variables by name, an image as its reference.
    ///
    /// # Errors
    /// Why it cannot be judged, in words; a native rule judges charts alone.
    pub fn denies(&self, example: &serde_json::Map<String, serde_json::Value>) -> Result<bool, String> {
        match &self.check {
            Check::Native(_) => Err("a native rule judges charts, not examples".to_owned()),
            Check::Cel(deny) => {
                let params = self.params.iter().map(|(name, spec)| (name.as_str(), from_json(&spec.default)));
                let mut scope = Scope::from([("params", map(params))]);
                for name in variables(self.target) {
                    match (*name, example.get(*name)) {
                        ("image", Some(serde_json::Value::String(text))) => {
                            scope.insert(name, image_value(&ImageRef::split(text), &EXAMPLE));
                        }
                        (_, Some(value)) => _ = scope.insert(name, from_json(value)),
                        (_, None) => {}
                    }
                }
                deny.holds(&scope, &cel::budget())
            }
            Check::Schema(schema) => {
                let judged = variables(self.target).first().and_then(|name| example.get(*name));
                let judged = judged.ok_or("the example does not have what the rule looks at")?;
                let accepts = schema.accepts(judged, &json_schema::budget(u64::MAX));
                accepts.map(|accepts| !accepts).map_err(|exceeded| format!("the schema asks for too much: {exceeded}"))
            }
        }
    }
}

fn judge(rule: &Rule, (deny, budget): (&Expression, &Budget), subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let said = match deny.holds(&subject.scope, budget) {
        Ok(false) => return,
        Ok(true) => message(rule, &subject.scope, budget),
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
        Err(reason) => findings.fail(subject.unjudged(rule, &reason)),
    }
}

pub(super) fn message(rule: &Rule, scope: &Scope, budget: &Budget) -> Result<String, String> {
    rule.message.filled(|_, expression| {
        let value = expression.map(|expression| expression.evaluate(scope, budget)).transpose()?;
        Ok(value.as_ref().map(|value: &Value| show(value)))
    })
}
