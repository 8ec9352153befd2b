//! Findings as people count them: those of one place that differ only in their profile, or in the chart that reads the file, are one.

use std::collections::{BTreeSet, HashMap};

use crate::finding::{Finding, Label, Report, Severity, Status};
use crate::text::{Address, Location, Sources};

/// Charts that are named where several have a finding.
const NAMED: usize = 4;

/// Findings that say the same of the same place under several profiles, or for several charts; at least one.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    findings: Vec<&'a Finding>,
}

/// The findings that count, in the order of the first of each group.
pub fn open(report: &Report) -> Vec<Group<'_>> {
    groups(report.findings.iter().filter(|finding| finding.status == Status::Open), false)
}

/// The findings that do not count.
pub(super) fn closed(report: &Report) -> Vec<Group<'_>> {
    groups(report.findings.iter().filter(|finding| finding.status != Status::Open), false)
}

/// All findings, those that count first, with each chart's apart from those of others.
pub(super) fn by_chart(report: &Report) -> Vec<Group<'_>> {
    let (open, closed): (Vec<_>, Vec<_>) = report.findings.iter().partition(|finding| finding.status == Status::Open);
    groups(open.into_iter().chain(closed), true)
}

fn groups<'a>(findings: impl Iterator<Item = &'a Finding>, is_by_chart: bool) -> Vec<Group<'a>> {
    let mut places = HashMap::new();
    let mut groups: Vec<Group<'a>> = vec![];
    for finding in findings {
        let Finding { rule, severity, chart, primary, help, status, .. } = finding;
        let chart = chart.as_ref().filter(|_| is_by_chart);
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

    /// The profiles under which it is, each once.
    pub(super) fn profiles(&self) -> Vec<&'a str> {
        distinct(self.findings.iter().filter_map(|finding| finding.profile.as_deref()))
    }

    /// The charts that have it, each once.
    pub(super) fn charts(&self) -> Vec<&'a str> {
        distinct(self.findings.iter().filter_map(|finding| finding.chart.as_deref()))
    }

    /// The charts that have it, in words; none where it is one.
    pub(super) fn charts_in_words(&self) -> Option<String> {
        let charts = self.charts();
        let (shown, more) = charts.split_at(charts.len().min(NAMED));
        let shown: Vec<String> = shown.iter().map(|chart| format!("`{chart}`")).collect();
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        (charts.len() > 1).then(|| format!("charts {}{more}", shown.join(", ")))
    }

    /// What is wrong, with the profiles under which it is and the charts that have it.
    pub fn message(&self) -> String {
        let message = &self.first().message;
        let quoted: Vec<_> = self.profiles().iter().map(|profile| format!("`{profile}`")).collect();
        let profiles = match quoted.as_slice() {
            [] => None,
            [profile] if message.contains(profile.as_str()) => None,
            [profile] => Some(format!("profile {profile}")),
            _ => Some(format!("profiles {}", quoted.join(", "))),
        };
        let notes: Vec<String> = profiles.into_iter().chain(self.charts_in_words()).collect();
        if notes.is_empty() { message.clone() } else { format!("{message} ({})", notes.join("; ")) }
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

    /// The place in a file of the repository: of what lies in a package, the line that brings it in.
    pub(super) fn anchor(&self, sources: &Sources) -> Location {
        let primary = self.first().primary.location;
        let is_file =
            |at: Location| !matches!(sources.get(at.source).address, Address::Archived { .. } | Address::Rendered);
        if is_file(primary) {
            return primary;
        }
        self.related().into_iter().map(|label| label.location).find(|at| is_file(*at)).unwrap_or(primary)
    }

    /// What to do.
    pub fn advice(&self) -> Option<&'a str> {
        let finding = self.first();
        finding.help.as_deref().or_else(|| finding.fix.as_ref().map(|fix| fix.title.as_str()))
    }
}

/// Texts in their order, each once.
fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut known = BTreeSet::new();
    texts.filter(|text| known.insert(*text)).collect()
}
