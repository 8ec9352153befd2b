//! What one rule says of one chart, collected.

use sha2::{Digest, Sha256};

use super::Rule;
use crate::budget::Exceeded;
use crate::finding::{Failure, FailureKind, Finding, Fix, Label, Severity, Skipped, Status};
use crate::text::{Location, hex};

/// Collects what one rule says of one chart; rule, severity and chart are filled in here, so that no check can forget them.
#[derive(Debug)]
pub struct Findings<'a> {
    rule: &'a Rule,
    severity: Severity,
    chart: &'a str,
    found: Vec<Finding>,
    failures: Vec<Failure>,
    skipped: Vec<String>,
    /// What was found beyond the limit.
    spare: Option<Finding>,
    /// How often something could not be checked.
    failed: usize,
}

/// What a rule says of a chart.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// What it found.
    pub findings: Vec<Finding>,
    /// What could not be checked.
    pub failures: Vec<Failure>,
    /// Why it does not apply.
    pub skipped: Vec<Skipped>,
}

/// Most findings of one rule in one chart that are kept; nobody reads so many.
const FOUND_LIMIT: usize = 5_000;
/// Most failures of one rule in one chart that are kept.
const FAILED_LIMIT: usize = 100;

/// A finding that a check is still adding to.
#[derive(Debug)]
pub struct Reported<'a> {
    finding: &'a mut Finding,
    subject: String,
}

impl<'a> Findings<'a> {
    /// Nothing found yet of `rule`, at the level the user gave it, in the chart at a path.
    pub fn new(rule: &'a Rule, severity: Severity, chart: &'a str) -> Self {
        Self { rule, severity, chart, found: vec![], failures: vec![], skipped: vec![], spare: None, failed: 0 }
    }

    /// Adds a finding at a place. `subject` names the thing in a way that survives moved lines: a key path, an object, a file;
    /// `args` fill the `{name}` places of the rule's message.
    pub fn report(&mut self, primary: Label, subject: impl Into<String>, args: &[(&str, &str)]) -> Reported<'_> {
        let subject = subject.into();
        let given = |name: &str| args.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let message = self.rule.message.filled(|place, _| Ok::<_, std::convert::Infallible>(given(place)));
        let message = message.unwrap_or_else(|never| match never {});
        let finding = Finding {
            rule: self.rule.id.clone(),
            severity: self.severity,
            message,
            chart: Some(self.chart.to_owned()),
            profile: None,
            primary,
            related: vec![],
            help: Some(self.rule.help()),
            fix: None,
            status: Status::Open,
            fingerprint: fingerprint(&self.rule.id, self.chart, "", &subject),
        };
        if self.found.len() >= FOUND_LIMIT {
            return Reported { finding: self.spare.insert(finding), subject };
        }
        self.found.push(finding);
        let finding = self.found.last_mut().expect("one was just added");
        Reported { finding, subject }
    }

    /// Whether more was found than is kept, so that looking further says nothing new.
    pub fn is_full(&self) -> bool {
        self.spare.is_some()
    }

    /// Notes that the rule stops at a bound: what it has not looked at is not known to be right.
    pub fn exceed(&mut self, exceeded: Exceeded, at: Location) {
        let message = format!("`{}` asks for too much: {exceeded}", self.rule.id);
        self.fail(Failure::new(FailureKind::Limit, message).at(at));
    }

    /// The rule that is speaking.
    pub fn rule(&self) -> &'a Rule {
        self.rule
    }

    /// Adds something that could not be checked.
    pub fn fail(&mut self, failure: Failure) {
        self.failed += 1;
        if self.failed <= FAILED_LIMIT {
            self.failures.push(failure.of_chart(self.chart));
        }
    }

    /// Says why the rule does not apply to the chart.
    pub fn skip(&mut self, reason: impl Into<String>) {
        self.skipped.push(reason.into());
    }

    /// All that was said.
    pub fn finish(mut self) -> Said {
        if self.failed > FAILED_LIMIT {
            let message =
                format!("`{}` cannot be checked in {} further places", self.rule.id, self.failed - FAILED_LIMIT);
            self.failures.push(Failure::new(FailureKind::Limit, message).of_chart(self.chart));
        }
        if self.spare.is_some() {
            let message = format!("`{}` finds more than {FOUND_LIMIT} things; the others are not shown", self.rule.id);
            self.failures.push(Failure::new(FailureKind::Limit, message).of_chart(self.chart));
        }
        let Self { rule, found, failures, skipped, .. } = self;
        let skipped = skipped.into_iter().map(|reason| Skipped { rule: rule.id.clone(), reason }).collect();
        Said { findings: found, failures, skipped }
    }
}

impl Reported<'_> {
    /// Says the finding's message in other words than the rule's.
    pub fn message(self, message: impl Into<String>) -> Self {
        self.finding.message = message.into();
        self
    }

    /// Names the profile it is about.
    pub fn profile(self, profile: &str) -> Self {
        let chart = self.finding.chart.as_deref().unwrap_or_default();
        self.finding.fingerprint = fingerprint(&self.finding.rule, chart, profile, &self.subject);
        self.finding.profile = Some(profile.to_owned());
        self
    }

    /// Adds a place that explains it.
    pub fn related(self, label: Label) -> Self {
        self.finding.related.push(label);
        self
    }

    /// Says what to do, in other words than the rule's remedy.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.finding.help = Some(help.into());
        self
    }

    /// Offers a change that resolves it, where there is one.
    pub fn fix(self, fix: impl Into<Option<Fix>>) -> Self {
        self.finding.fix = fix.into();
        self
    }
}

/// 16 hex digits that name a finding for as long as it is about the same thing.
fn fingerprint(rule: &str, chart: &str, profile: &str, subject: &str) -> String {
    let digest = Sha256::digest([rule, chart, profile, subject].join("\0"));
    hex(&digest[..8])
}
