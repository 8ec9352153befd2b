//! What a verdict rests on: the digest of the policy, and of the content of every chart.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::extended::RuleFolder;
use super::past::{self, Past};
use super::plan::Plan;
use super::policy::On;
use super::{Error, Request, Session, dependencies, prepare};
use crate::chart::{self, Chart, package};
use crate::config::FailOn;
use crate::finding::Failure;
use crate::source::{FILE_LIMIT, list_whole};
use crate::text::{Sources, hex};

/// What was judged, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// SHA-256 over the version of chartgate, the configurations, the user's rules, and every rule that is on with its level and
    /// parameters, in lower-case hexadecimal digits.
    pub policy: String,
    /// The same, had registries been asked where they are not, or the other way round.
    pub policy_otherwise: String,
    /// Whether no registry is asked.
    pub is_offline: bool,
    /// The registry that charts are pushed to, where all configurations name the same.
    pub registry: Option<String>,
    /// Everybody who was asked what charts were before: registries, indexes, folders and tags by name, `git` for its history; sorted.
    pub asked: Vec<String>,
    /// Every chart, in the order of a check.
    pub charts: Vec<Identity>,
}

/// A chart by its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `name` of Chart.yaml.
    pub name: Option<String>,
    /// `version` of Chart.yaml.
    pub version: Option<String>,
    /// Its path in reports.
    pub path: String,
    /// See [`package::digest`].
    pub content: String,
}

impl Identity {
    pub(super) fn of(chart: &Chart) -> Self {
        Self {
            name: chart.name().map(str::to_owned),
            version: chart.version().map(str::to_owned),
            path: chart.path.clone(),
            content: package::digest(chart),
        }
    }
}

impl Session {
    /// What the charts of a request are now, without judging them; with what kept them from being read.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn identify(&self, request: &Request, sources: &Sources) -> Result<(Evidence, Vec<Failure>), Error> {
        identified(&prepare::plan(self, request, sources)?, sources)
    }
}

fn identified(plan: &Plan<'_>, sources: &Sources) -> Result<(Evidence, Vec<Failure>), Error> {
    let mut failures: Vec<Failure> = plan.places.iter().filter_map(|place| place.failure.clone()).collect();
    let mut charts = vec![];
    let resolver = dependencies::resolver(plan);
    for planned in &plan.charts {
        let mut chart = chart::load(&planned.tree, &planned.folder, sources);
        failures.extend(resolver.complete(&mut chart, plan.config(planned).fetch, sources).failures);
        failures.extend(chart.with_dependencies().into_iter().flat_map(|chart| chart.failures.clone()));
        charts.push(Identity::of(&chart));
    }
    let (pasts, unasked) = past::all(plan);
    failures.extend(unasked);
    Ok((evidence(plan, &pasts, charts, sources)?, failures))
}

pub(super) fn evidence(
    plan: &Plan<'_>,
    pasts: &BTreeMap<(usize, usize), Past>,
    charts: Vec<Identity>,
    sources: &Sources,
) -> Result<Evidence, Error> {
    let used: BTreeSet<usize> = plan.charts.iter().map(|planned| planned.config).collect();
    // A file counts by what it says, not by its path: an archive is judged elsewhere than its source.
    let configurations: BTreeMap<String, Value> =
        used.iter().map(|index| (text_of(plan, *index, sources), rules(&plan.policies[*index].on))).collect();
    let mut policy = json!({
        "chartgate": env!("CARGO_PKG_VERSION"),
        "offline": plan.session.is_offline(),
        "failOn": plan.request.policy.fail_on.map(words),
        "configurations": configurations.into_iter().map(|(text, rules)| json!([text, rules])).collect::<Vec<_>>(),
        "rules": rule_files(plan)?,
    });
    let schemas: BTreeSet<String> = used.iter().map(|index| schemas(plan, *index)).collect::<Result<_, _>>()?;
    let schemas: Vec<String> = schemas.into_iter().filter(|schemas| !schemas.is_empty()).collect();
    if !schemas.is_empty() {
        policy["schemas"] = json!(schemas);
    }
    let is_offline = plan.session.is_offline();
    let digest = |policy: &Value| hex(&Sha256::digest(policy.to_string()));
    let own = digest(&policy);
    policy["offline"] = json!(!is_offline);
    let policy_otherwise = digest(&policy);
    let registries: BTreeSet<Option<String>> = used
        .iter()
        .map(|index| plan.configs[*index].published.oci.as_ref().map(|registry| registry.value.clone()))
        .collect();
    let registry = if registries.len() == 1 { registries.into_iter().next().flatten() } else { None };
    let asked: BTreeSet<String> = pasts.values().flat_map(Past::asked).collect();
    let asked = asked.into_iter().collect();
    Ok(Evidence { policy: own, policy_otherwise, is_offline, registry, asked, charts })
}

fn words(threshold: FailOn) -> &'static str {
    match threshold {
        FailOn::Never => "never",
        FailOn::Info => "info",
        FailOn::Warning => "warning",
        FailOn::Error => "error",
    }
}

/// What a configuration says, in one text: what it extends is a part of it.
fn text_of(plan: &Plan<'_>, index: usize, sources: &Sources) -> String {
    let texts: Vec<String> = plan.configs[index].texts.iter().map(|text| sources.get(*text).text.to_string()).collect();
    match texts.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        several => json!(several).to_string(),
    }
}

/// What the definitions that a configuration names are, in one text; empty where it names none.
fn schemas(plan: &Plan<'_>, index: usize) -> Result<String, Error> {
    let unreadable = |error: crate::source::Error| Error::usage(error.to_string(), error.remedy());
    let contents = plan.schemas[index].iter().map(|catalogue| catalogue.contents().map_err(unreadable));
    let contents: Vec<BTreeMap<String, String>> = contents.collect::<Result<_, _>>()?;
    Ok(if contents.is_empty() { String::new() } else { json!(contents).to_string() })
}

/// Every rule that is on, with its level and its parameters.
fn rules(on: &[On]) -> Value {
    let mut on: Vec<_> = on
        .iter()
        .map(|On { rule, level, params, .. }| {
            let params: BTreeMap<_, _> = params.0.iter().collect();
            (rule.id.clone(), json!([rule.id, level.to_string(), params]))
        })
        .collect();
    on.sort_by(|left, right| left.0.cmp(&right.0));
    on.into_iter().map(|(_, rule)| rule).collect()
}

/// The user's rules as they are written.
fn rule_files(plan: &Plan<'_>) -> Result<Vec<Value>, Error> {
    let mut files = BTreeSet::new();
    for RuleFolder { tree: policy, folder } in &plan.rule_folders {
        let entries = match list_whole(&**policy, folder) {
            Err(crate::source::Error::NotFound { .. }) => vec![],
            entries => entries.map_err(|error| Error::usage(error.to_string(), "make the folder readable"))?,
        };
        for entry in entries {
            let data = policy.read(&entry.path, FILE_LIMIT);
            let data = data.map_err(|error| Error::usage(error.to_string(), error.remedy()))?;
            let name = entry.path.rsplit('/').next().unwrap_or_default().to_owned();
            files.insert((name, String::from_utf8_lossy(&data).into_owned()));
        }
    }
    Ok(files.into_iter().map(|(name, text)| json!([name, text])).collect())
}
