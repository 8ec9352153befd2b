//! Findings as people count them: those of one place that differ only in their profile are one.

use std::collections::HashMap;

use crate::finding::{Finding, Label, Report, Severity, Status};

/// Findings that say the same of the same place under several profiles; at least one.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    findings: Vec<&'a Finding>,
}

/// The findings that count, in the order of the first of each group.
pub fn open(report: &Report) -> Vec<Group<'_>> {
    groups(report.findings.iter().filter(|finding| finding.status == Status::Open))
}

/// The findings that do not count.
pub(super) fn closed(report: &Report) -> Vec<Group<'_>> {
    groups(report.findings.iter().filter(|finding| finding.status != Status::Open))
}

fn groups<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Group<'a>> {
    let mut places = HashMap::new();
    let mut groups: Vec<Group<'a>> = vec![];
    for finding in findings {
        let Finding { rule, severity, chart, primary, help, status, .. } = finding;
        let index =
            *places.entry((rule, severity, chart, primary, nameless(finding), help, status)).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.findings.push(finding),
            None => groups.push(Group { findings: vec![finding] }),
        }
    }
    groups
}

/// The message without the name of its own profile.
fn nameless(finding: &Finding) -> String {
    let Some(profile) = &finding.profile else { return finding.message.clone() };
    finding.message.replace(&format!("`{profile}`"), "``")
}

impl<'a> Group<'a> {
    /// The finding that speaks for all.
    pub fn first(&self) -> &'a Finding {
        self.findings[0]
    }

    pub(super) fn severity(&self) -> Severity {
        self.first().severity
    }

    pub(super) fn profiles(&self) -> Vec<&'a str> {
        self.findings.iter().filter_map(|finding| finding.profile.as_deref()).collect()
    }

    /// What is wrong, with the profiles under which it is.
    pub fn message(&self) -> String {
        let message = &self.first().message;
        let quoted: Vec<_> = self.profiles().iter().map(|profile| format!("`{profile}`")).collect();
        match quoted.as_slice() {
            [] => message.clone(),
            [profile] if message.contains(profile.as_str()) => message.clone(),
            [profile] => format!("{message} (profile {profile})"),
            _ => format!("{message} (profiles {})", quoted.join(", ")),
        }
    }

    /// Further places that explain it, each once.
    pub fn related(&self) -> Vec<&'a Label> {
        let mut labels = vec![];
        for label in self.findings.iter().flat_map(|finding| &finding.related) {
            if label != &self.first().primary && !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }

    /// What to do.
    pub fn advice(&self) -> Option<&'a str> {
        let finding = self.first();
        finding.help.as_deref().or_else(|| finding.fix.as_ref().map(|fix| fix.title.as_str()))
    }
}
