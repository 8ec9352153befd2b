//! Values files outside of charts whose path names a chart and says production: `envs/prod/web.yaml`.

use std::collections::BTreeSet;

use super::files::Files;
use super::path::folder;
use super::{Deployment, Discovered, Problem, text};
use crate::chart::values_file::{is_encrypted, is_object, is_template, production_word, stem};
use crate::profile::Profile;
use crate::source::join;
use crate::yaml::{Mapping, Node};

/// Adds a deployment for each such file of a chart that nothing else deploys in production.
pub(super) fn discover(files: &Files<'_>, found: &mut Discovered) {
    let production = found.deployments.iter().filter(|each| each.profile.production);
    let deployed: BTreeSet<String> = production.map(|each| each.chart.clone()).collect();
    let paths: Vec<&String> = files.search.paths.iter().filter(|path| may_be_values(files, path)).collect();
    for (chart, name) in files.search.charts.iter().filter(|(chart, _)| !deployed.contains(*chart)) {
        let named = paths.iter().copied().filter(|path| is_named(files, path, chart, name));
        let named: Vec<&String> = named.filter(|path| !is_other(files, path)).collect();
        let Some(first) = named.first() else { continue };
        let known = match known_keys(files, chart) {
            Ok(known) => known,
            Err(reason) => {
                let message = format!("cannot tell whether `{first}` holds values of the chart: {reason}");
                found.unresolved(Some(chart), "", Problem::new(files.beginning(first), message));
                continue;
            }
        };
        for path in named {
            match values(files, path, &known) {
                Ok(Some(roots)) => found.deployments.push(deployment(chart, path, roots)),
                Ok(None) => {}
                Err(message) => found.unresolved(Some(chart), "", Problem::new(files.beginning(path), message)),
            }
        }
    }
}

/// Whether a file lies in a folder outside of charts, and its path says production.
fn may_be_values(files: &Files<'_>, path: &str) -> bool {
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    let is_of_chart = || files.charts().any(|chart| crate::source::below(path, chart).is_some());
    stem(path).is_some() && path.contains('/') && !is_hidden && production_word(path).is_some() && !is_of_chart()
}

/// Whether a file holds an object, or the template of anything.
fn is_other(files: &Files<'_>, path: &str) -> bool {
    // What cannot be read is said where it is looked for.
    files.text(path).is_ok_and(|(_, source)| is_object(&source.text) || is_template(&source.text))
}

/// Whether a path names a chart: by its file, a folder, or as values where there is but one chart.
fn is_named(files: &Files<'_>, path: &str, chart: &str, name: &str) -> bool {
    let stem = stem(path).unwrap_or_default();
    let own = chart.rsplit('/').next().filter(|own| !own.is_empty()).unwrap_or(name);
    let is_name = |part: &str| part == name || part == own;
    let is_only = files.charts().count() == 1 && stem.contains("values");
    is_name(stem) || folder(path).split('/').any(is_name) || is_only
}

/// The values of a file; none where it holds something else.
fn values(files: &Files<'_>, path: &str, known: &BTreeSet<String>) -> Result<Option<Vec<Node>>, String> {
    let root = files.values(path)?;
    let keys = root.as_map().map(Mapping::effective).unwrap_or_default();
    let shared = keys.iter().filter(|(key, _)| known.contains(key.as_ref())).count();
    let is_other = keys.is_empty() || shared * 2 < keys.len() || is_encrypted(&root);
    if is_other { Ok(None) } else { files.layers(path).map(Some) }
}

/// The keys that values of a chart can begin with; an `Err` says in words which of its files cannot be read.
fn known_keys(files: &Files<'_>, chart: &str) -> Result<BTreeSet<String>, String> {
    let root = |name: &str| {
        let path = join(chart, name);
        match files.values(&path) {
            Ok(root) => Ok(Some(root)),
            Err(reason) if files.is_file(&path) => Err(reason),
            Err(_) => Ok(None),
        }
    };
    let own = root("values.yaml")?;
    let own = own.iter().filter_map(Node::as_map).flat_map(Mapping::effective).map(|(key, _)| key.to_string());
    let metadata = root("Chart.yaml")?;
    let parts = metadata.iter().flat_map(|root| root.items("dependencies"));
    let parts = parts.filter_map(|part| text(part, "alias").or_else(|| text(part, "name"))).map(str::to_owned);
    Ok(own.chain(parts).chain(["global".to_owned()]).collect())
}

fn deployment(chart: &str, path: &str, roots: Vec<Node>) -> Deployment {
    let word = production_word(path).unwrap_or_default();
    let profile = Profile {
        name: path.rsplit_once('.').map_or(path, |(bare, _)| bare).to_owned(),
        production: true,
        decided_by: format!("the word `{word}` in `{path}`"),
        found_at: roots.first().map(|root| root.location),
        values: roots,
        ..Profile::default()
    };
    Deployment::new(chart, profile, None, vec![])
}
