//! A rule over what a chart renders to for each Kubernetes version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Context, Need, ProfileView, Rule, Said, Target, run};
use crate::finding::{Finding, Severity};
use crate::kubernetes::Minor;

/// A chart under its profiles, once for each rendering that stands for some Kubernetes versions.
#[derive(Debug, Default)]
pub struct Stretches(Vec<Vec<ProfileView>>);

impl Stretches {
    /// What profiles render to for their versions; nothing where each renders to one thing for all.
    pub fn of(views: &[ProfileView]) -> Self {
        let most = views.iter().map(|view| view.versions.len()).max().unwrap_or_default();
        let at = |position: usize| views.iter().filter_map(|view| view.for_version(position)).collect();
        Self(if most > 1 { (0..most).map(at).collect() } else { vec![] })
    }

    /// Everything that a rule says of a chart. Where it looks at objects or images, and not at the versions by itself, it is asked for each
    /// rendering; what it does not find in all of them is said with the versions that it is so for.
    pub fn run(&self, rule: &Rule, severity: Severity, context: &Context<'_>) -> Said {
        if self.0.is_empty() || !is_of_renderings(rule) {
            return run(rule, severity, context);
        }
        let each = self.0.iter().map(|profiles| (profiles, run(rule, severity, &Context { profiles, ..*context })));
        let mut all = Said::default();
        let mut held = BTreeMap::<Key, Held>::new();
        for (profiles, said) in each {
            let minors = |profile: &str| profiles.iter().find(|view| view.profile.name == profile).map(span);
            let mut now = BTreeSet::new();
            for finding in said.findings {
                let key = (finding.fingerprint.clone(), finding.message.clone());
                let found = held.entry(key.clone()).or_default();
                found.minors.extend(finding.profile.as_deref().and_then(minors).flatten());
                // Two that one rendering has are two.
                if found.findings.is_empty() || now.contains(&key) {
                    found.findings.push(finding);
                    now.insert(key);
                }
            }
            all.failures.extend(said.failures);
            all.skipped.extend(said.skipped);
        }
        all.findings = held.into_values().flat_map(|found| found.said(context.profiles)).collect();
        all.failures.sort();
        all.failures.dedup();
        all.skipped.sort();
        all.skipped.dedup();
        all
    }
}

type Key = (String, String);

/// A finding with the versions of the renderings that have it.
#[derive(Default)]
struct Held {
    findings: Vec<Finding>,
    minors: Vec<(Minor, Minor)>,
}

impl Held {
    fn said(self, views: &[ProfileView]) -> Vec<Finding> {
        let first = self.minors.iter().map(|(first, _)| *first).min();
        let last = self.minors.iter().map(|(_, last)| *last).max();
        let of_profile = |finding: &Finding| {
            let view = views.iter().find(|view| Some(&view.profile.name) == finding.profile.as_ref())?;
            Some(view.versions_in_words(first.zip(last)?))
        };
        let said = |mut finding: Finding| {
            finding.message.push_str(&of_profile(&finding).unwrap_or_default());
            finding
        };
        self.findings.into_iter().map(said).collect()
    }
}

/// The versions that the one rendering of a view stands for.
fn span(view: &ProfileView) -> Option<(Minor, Minor)> {
    let minors = &view.versions.first()?.minors;
    minors.first().copied().zip(minors.last().copied())
}

/// Whether a rule sees one rendering of each profile.
fn is_of_renderings(rule: &Rule) -> bool {
    let own = [Need::Kubernetes, Need::Renderings, Need::Helms, Need::Registries];
    matches!(rule.target, Target::Manifest | Target::Image) && own.iter().all(|need| !rule.needs.contains(need))
}

impl ProfileView {
    /// It with one of the renderings that stand for Kubernetes versions.
    fn for_version(&self, position: usize) -> Option<Self> {
        if self.versions.len() < 2 {
            return (position == 0).then(|| self.clone());
        }
        let judged = self.versions.get(position)?.clone();
        Some(Self {
            profile: self.profile.clone(),
            values: self.values.clone(),
            rendered: Some(Ok(Arc::clone(&judged.rendered))),
            softened: None,
            again: vec![],
            other_helm: None,
            images: judged.images.clone(),
            unfit: None,
            versions: vec![judged],
        })
    }

    /// ` (in Kubernetes 1.33)`, say, of what holds from a version to another; nothing where those are all that the view is judged for.
    pub fn versions_in_words(&self, (first, last): (Minor, Minor)) -> String {
        let asked = || self.versions.iter().flat_map(|judged| &judged.minors);
        let is_whole = asked().min() == Some(&first) && asked().max() == Some(&last);
        match (is_whole, first == last) {
            (true, _) => String::new(),
            (false, true) => format!(" (in Kubernetes {first})"),
            (false, false) => format!(" (in Kubernetes {first} to {last})"),
        }
    }
}
