//! A rule over what a chart renders to for each Kubernetes version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Context, Judged, Need, ProfileView, Rule, Said, Target, run};
use crate::finding::{Finding, Severity};
use crate::kubernetes::Minor;

/// A chart under its profiles, once for each rendering that stands for some Kubernetes versions, and once more for upgrades.
#[derive(Debug, Default)]
pub struct Stretches {
    versions: Vec<Vec<ProfileView>>,
    upgrades: Vec<ProfileView>,
}

impl Stretches {
    /// What profiles render to for their versions; nothing where each renders to one thing for all.
    pub fn of(views: &[ProfileView]) -> Self {
        let most = views.iter().map(|view| view.versions.len()).max().unwrap_or_default();
        let at = |position: usize| views.iter().filter_map(|view| view.for_version(position)).collect();
        let versions = if most > 1 { (0..most).map(at).collect() } else { vec![] };
        Self { versions, upgrades: views.iter().filter_map(ProfileView::for_upgrade).collect() }
    }

    /// Everything that a rule says of a chart, of what only an upgrade renders too.
    pub fn run(&self, rule: &Rule, severity: Severity, context: &Context<'_>) -> Said {
        let mut said = self.of_versions(rule, severity, context);
        if self.upgrades.is_empty() || !is_of_upgrades(rule) {
            return said;
        }
        let of_upgrades = run(rule, severity, &Context { profiles: &self.upgrades, ..*context });
        let known: BTreeSet<(String, String)> = said.findings.iter().map(key).collect();
        let own = |finding: &Finding| {
            // What holds for some versions is said with them.
            let (fingerprint, message) = key(finding);
            !known.iter().any(|(known, said)| *known == fingerprint && said.starts_with(&message))
        };
        said.findings.extend(of_upgrades.findings.into_iter().filter(own).map(|mut finding| {
            finding.message.push_str(" (on an upgrade)");
            finding
        }));
        said.failures.extend(of_upgrades.failures);
        said.skipped.extend(of_upgrades.skipped);
        unrepeated(said)
    }

    /// Everything that a rule says of a chart. Where it looks at objects or images, and not at the versions by itself, it is asked for each
    /// rendering; what it does not find in all of them is said with the versions that it is so for.
    fn of_versions(&self, rule: &Rule, severity: Severity, context: &Context<'_>) -> Said {
        if self.versions.is_empty() || !is_of_renderings(rule) {
            return run(rule, severity, context);
        }
        let each =
            self.versions.iter().map(|profiles| (profiles, run(rule, severity, &Context { profiles, ..*context })));
        let mut all = Said::default();
        let mut held = BTreeMap::<Key, Held>::new();
        for (profiles, said) in each {
            let minors = |profile: &str| profiles.iter().find(|view| view.profile.name == profile).map(span);
            let mut now = BTreeSet::new();
            for finding in said.findings {
                let key = key(&finding);
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
        unrepeated(all)
    }
}

/// The same without failures and reasons that stand there before.
fn unrepeated(mut said: Said) -> Said {
    said.failures.sort();
    said.failures.dedup();
    said.skipped.sort();
    said.skipped.dedup();
    said
}

fn key(finding: &Finding) -> Key {
    (finding.fingerprint.clone(), finding.message.clone())
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
        let spans = joined(self.minors);
        let of_profile = |finding: &Finding| {
            let view = views.iter().find(|view| Some(&view.profile.name) == finding.profile.as_ref())?;
            Some(view.versions_in_words(&spans))
        };
        let said = |mut finding: Finding| {
            finding.message.push_str(&of_profile(&finding).unwrap_or_default());
            finding
        };
        self.findings.into_iter().map(said).collect()
    }
}

/// Spans of versions in order, those as one that follow each other.
fn joined(mut spans: Vec<(Minor, Minor)>) -> Vec<(Minor, Minor)> {
    spans.sort();
    let mut joined: Vec<(Minor, Minor)> = vec![];
    for (first, last) in spans {
        match joined.last_mut().filter(|(_, before)| first.0 <= before.0.saturating_add(1)) {
            Some((_, before)) => *before = last.max(*before),
            None => joined.push((first, last)),
        }
    }
    joined
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

/// Whether a rule looks at objects or images, and at nothing that an upgrade is rendered apart for.
fn is_of_upgrades(rule: &Rule) -> bool {
    let own = [Need::Renderings, Need::Helms, Need::Registries];
    matches!(rule.target, Target::Manifest | Target::Image) && own.iter().all(|need| !rule.needs.contains(need))
}

impl ProfileView {
    /// It with what an upgrade renders, where that is something else.
    fn for_upgrade(&self) -> Option<Self> {
        let judged = self.upgrade.clone()?;
        Some(Self { is_upgrade: true, ..self.with(judged) })
    }

    /// It with one of the renderings that stand for Kubernetes versions.
    fn for_version(&self, position: usize) -> Option<Self> {
        if self.versions.len() < 2 {
            return (position == 0).then(|| self.clone());
        }
        Some(self.with(self.versions.get(position)?.clone()))
    }

    fn with(&self, judged: Judged) -> Self {
        Self {
            profile: self.profile.clone(),
            values: self.values.clone(),
            rendered: Some(Ok(Arc::clone(&judged.rendered))),
            softened: None,
            overlaid: judged.overlaid.clone(),
            again: vec![],
            other_helm: None,
            images: judged.images.clone(),
            unfit: vec![],
            upgrade: None,
            no_upgrade: None,
            is_upgrade: false,
            versions: vec![judged],
        }
    }

    /// ` (in Kubernetes 1.33)`, say, of what holds from versions to others; nothing where those are all that the view is judged for.
    pub fn versions_in_words(&self, spans: &[(Minor, Minor)]) -> String {
        let asked = || self.versions.iter().flat_map(|judged| &judged.minors);
        let is_whole = |(first, last): &(Minor, Minor)| asked().min() == Some(first) && asked().max() == Some(last);
        if spans.is_empty() || spans.iter().any(is_whole) {
            return String::new();
        }
        let words = |(first, last): &(Minor, Minor)| {
            if first == last { first.to_string() } else { format!("{first} to {last}") }
        };
        format!(" (in Kubernetes {})", spans.iter().map(words).collect::<Vec<_>>().join(" and "))
    }
}
