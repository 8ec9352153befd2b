//! One chart: loaded, compared with its earlier state, laid under each profile, and shown to every rule.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Error;
use super::plan::Planned;
use super::profiles::{self, Asked};
use crate::chart::{self, Chart};
use crate::config::Config;
use crate::extract;
use crate::finding::{Failure, FailureKind, Finding, Severity, Skipped};
use crate::gitops::Discovered;
use crate::profile::Profile;
use crate::published::Comparison;
use crate::published::git::Baselines;
use crate::rule::{self, Context, Files, Params, ProfileView, Rule, Target};
use crate::source;
use crate::text::{Location, Source, Sources, Span};
use crate::values;
use crate::yaml::Node;

/// What a chart is judged by.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    /// Its configuration.
    pub config: &'a Config,
    /// The rules that are on, with their levels and parameters.
    pub rules: &'a [(&'a Rule, Severity, Params)],
    /// What it is compared with; none where finding the base failed.
    pub baselines: Option<&'a Baselines>,
    /// What GitOps files say.
    pub discovered: &'a Discovered,
    /// What the command line says of profiles.
    pub asked: &'a Asked,
    /// Takes the texts.
    pub sources: &'a Sources,
}

/// What is to be said of a chart.
#[derive(Debug)]
pub(super) struct Judged {
    /// The chart, without the bytes of its files.
    pub chart: Chart,
    /// What the rules found.
    pub findings: Vec<Finding>,
    /// What could not be checked.
    pub failures: Vec<Failure>,
    /// Which rules did not apply.
    pub skipped: Vec<Skipped>,
    /// The profiles it was judged under.
    pub profiles: Vec<Profile>,
    /// The names of all its profiles.
    pub known_profiles: Vec<String>,
}

pub(super) fn judge(planned: &Planned, terms: Terms<'_>) -> Result<Judged, Error> {
    let chart = chart::load(&planned.tree, &planned.folder, terms.sources);
    let deployments = &terms.discovered.deployments;
    let mut profiles = profiles::of_chart(&chart, terms.config, terms.asked, deployments, terms.sources)?;
    let known_profiles = profiles.iter().map(|profile| profile.name.clone()).collect();
    if !terms.asked.names.is_empty() {
        profiles.retain(|profile| terms.asked.names.contains(&profile.name));
    }
    let views: Vec<ProfileView> = profiles.iter().map(|profile| view(&chart, profile, terms.sources)).collect();
    let mut judged = Judged { chart, findings: vec![], failures: vec![], skipped: vec![], profiles, known_profiles };
    judged.failures.append(&mut judged.chart.failures);
    let about = |each: &&crate::gitops::Unresolved| each.chart.as_deref() == Some(&judged.chart.folder);
    let unresolved = terms.discovered.unresolved.iter().filter(about);
    judged.failures.extend(unresolved.map(|each| profiles::unresolved(&judged.chart.path, each)));
    let comparison = compare(&judged.chart, terms.baselines, &mut judged.failures);
    run_rules(&mut judged, terms, &views, &comparison);
    for failure in &mut judged.failures {
        failure.chart.get_or_insert_with(|| judged.chart.path.clone());
    }
    judged.chart.files = vec![];
    Ok(judged)
}

fn view(chart: &Chart, profile: &Profile, sources: &Sources) -> ProfileView {
    let own = chart.values.as_ref().and_then(|values| values.root());
    let defaults = own.cloned().unwrap_or_else(|| no_values(chart, sources));
    let values = profile.values.iter().fold(defaults, |below, above| values::merge(&below, above));
    let images = extract::values::images(&values);
    ProfileView { profile: profile.clone(), values, images }
}

/// Values for a chart without any: null, in a values.yaml that does not exist.
fn no_values(chart: &Chart, sources: &Sources) -> Node {
    let path = source::join(&chart.folder, "values.yaml");
    let id = sources.add(Source::new(chart.tree.shown(&path), chart.tree.address(&path), ""));
    Node::null(Location::new(id, Span::default()))
}

fn compare(chart: &Chart, baselines: Option<&Baselines>, failures: &mut Vec<Failure>) -> Comparison {
    let Some(baselines) = baselines else { return Comparison::Failed };
    baselines.compare(chart).unwrap_or_else(|failure| {
        failures.push(*failure);
        Comparison::Failed
    })
}

fn run_rules(judged: &mut Judged, terms: Terms<'_>, views: &[ProfileView], comparison: &Comparison) {
    for (rule, severity, params) in terms.rules {
        if let (Target::Change, Comparison::Inapplicable { reason }) = (rule.target, comparison) {
            judged.skipped.push(Skipped { rule: rule.id.clone(), reason: reason.clone() });
            continue;
        }
        let (files, failures) = Files::read(&judged.chart, terms.sources, params.files(rule));
        judged.failures.extend(failures);
        let context = Context {
            chart: &judged.chart,
            sources: terms.sources,
            profiles: views,
            comparison,
            params,
            files: &files,
        };
        // A rule that panics is a bug of ours: said as such, and the other rules still look.
        match catch_unwind(AssertUnwindSafe(|| rule::run(rule, *severity, &context))) {
            Ok((findings, failures)) => {
                judged.findings.extend(findings);
                judged.failures.extend(failures);
            }
            Err(_) => judged.failures.push(panicked(rule)),
        }
    }
}

fn panicked(rule: &Rule) -> Failure {
    Failure::new(FailureKind::Internal, format!("the rule `{}` went wrong in chartgate itself", rule.id))
        .help("please report it with the chart that it happened on")
}
