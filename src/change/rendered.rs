//! Both states rendered alike, with their defaults: the same release, namespace and Kubernetes version.
//!
//! Sub-charts that come from elsewhere are left aside: their own releases say what changed in them.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Change, Changes, Pair, Places, Uncompared, dependencies};
use crate::chart::{Chart, Metadata, YamlFile};
use crate::render::{self, Error, ErrorKind, Manifest, Object, Overrides, Rendered};
use crate::template::trace::ScopeKind;
use crate::text::{Location, SourceId};
use crate::yaml::{Document, Mapping, Node, Value};

/// The rules that look at what is rendered.
const RULES: &[&str] = &[
    "change-immutable-field-changed",
    "change-resource-added",
    "change-resource-removed",
    "change-value-required",
    "change-values-default-identity",
];

/// What both states render to.
pub(super) struct Both {
    pub(super) old: State,
    pub(super) new: State,
}

/// One state of a chart, rendered.
pub(super) struct State {
    /// The chart that was rendered.
    pub(super) chart: Chart,
    rendered: Rendered,
    /// Folders of sub-charts whose manifests do not count, as they stand in the names of templates.
    foreign: Vec<String>,
}

impl State {
    /// Objects of the chart and of what it holds itself, hooks left out: nothing of those stays to be upgraded.
    pub(super) fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        let is_own = |path: &str| !self.foreign.iter().any(|folder| path.starts_with(folder.as_str()));
        let counts = move |manifest: &Manifest| manifest.hook.is_none() && is_own(&manifest.path);
        self.rendered.objects().filter(move |object| counts(object.manifest))
    }
}

/// Renders both; none where one cannot be, which `changes` then says.
pub(super) fn both(pair: Pair<'_>, changes: &mut Changes) -> Option<Both> {
    if is_library(pair.old) || is_library(pair.new) {
        return None;
    }
    let is_whole = pair.old.unreachable_dependencies().is_empty() && pair.new.unreachable_dependencies().is_empty();
    let prepared = |chart: &Chart| if is_whole { chart.clone() } else { without_foreign(chart) };
    let uncompared = |whose: &str, error: &Error| {
        let message = error.message.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        Uncompared { rules: RULES, reason: format!("{whose} does not render with its default values: {message}") }
    };
    let old = match state(prepared(pair.old), &Overrides::default(), pair) {
        Ok(state) => state,
        Err(error) => {
            changes.uncompared.push(uncompared("the last release", &error));
            return None;
        }
    };
    match state(prepared(pair.new), &Overrides::default(), pair) {
        Ok(new) => Some(Both { old, new }),
        Err(error) => {
            if let ErrorKind::Refused(said) = &error.kind {
                let message = format!("the chart no longer renders with its default values: {}", said.trim());
                let places = Places { old: None, new: error.at.last().copied() };
                changes.add("change-value-required", "the default values", message, places);
            }
            changes.uncompared.push(uncompared("the chart", &error));
            None
        }
    }
}

/// A chart with some values over its own.
pub(super) fn state(chart: Chart, overrides: &Overrides<'_>, pair: Pair<'_>) -> Result<State, Error> {
    let rendered = render::render(&chart, overrides, pair.options, pair.sources, pair.cache)?;
    let foreign = foreign(&chart);
    Ok(State { chart, rendered, foreign })
}

fn is_library(chart: &Chart) -> bool {
    chart.metadata.as_ref().is_none_or(|metadata| metadata.text("type") == Some("library"))
}

/// Folders of sub-charts that come from elsewhere.
fn foreign(chart: &Chart) -> Vec<String> {
    let name = chart.name().unwrap_or_default();
    let taken = chart.declared().into_iter().filter(|declared| !dependencies::is_local(declared));
    taken.filter_map(|declared| Some(format!("{name}/charts/{}/", declared.key()?))).collect()
}

/// A chart without the sub-charts that come from elsewhere, libraries aside, whose templates its own may use.
fn without_foreign(chart: &Chart) -> Chart {
    let declared = chart.declared();
    let is_foreign = |sub: &Chart| {
        let of_sub = declared.iter().find(|declared| declared.name == sub.name());
        of_sub.is_some_and(|declared| !dependencies::is_local(declared)) && !is_library(sub)
    };
    let kept: Vec<Chart> = chart.parts().filter(|sub| !is_foreign(sub)).cloned().collect();
    let is_kept = |item: &Node| {
        let name = item.get("name").and_then(Node::scalar_text);
        kept.iter().any(|sub| sub.name() == name)
    };
    let metadata = chart.metadata.as_ref().map(|metadata| Metadata {
        document: Document { root: with_dependencies(metadata.root(), &is_kept), ..metadata.document.clone() },
        ..metadata.clone()
    });
    let requirements = chart.requirements.as_ref().map(|file| YamlFile {
        documents: file
            .documents
            .iter()
            .map(|document| Document { root: with_dependencies(&document.root, &is_kept), ..document.clone() })
            .collect(),
        ..file.clone()
    });
    // Notes often speak of sub-charts, and make no object.
    let templates = chart.templates.iter().filter(|template| !template.path.ends_with("NOTES.txt")).cloned().collect();
    let (beside, fetched) = (vec![], vec![]);
    Chart { dependencies: kept.clone(), beside, fetched, metadata, requirements, templates, ..chart.clone() }
}

/// A mapping whose `dependencies` are only those kept.
fn with_dependencies(root: &Node, is_kept: &dyn Fn(&Node) -> bool) -> Node {
    let Value::Map(mapping) = &root.value else { return root.clone() };
    let mut entries = mapping.entries().to_vec();
    for entry in entries.iter_mut().filter(|entry| entry.key.key_text() == "dependencies") {
        let items = entry.value.as_seq().unwrap_or_default().iter().filter(|item| is_kept(item));
        entry.value.value = Value::Seq(items.cloned().collect());
    }
    Node { value: Value::Map(Arc::new(Mapping::new(entries))), ..root.clone() }
}

/// The manifests of a state by their texts.
fn by_source(state: &State) -> HashMap<SourceId, &Manifest> {
    state.rendered.manifests.iter().map(|manifest| (manifest.document.source, manifest)).collect()
}

/// Moves places in what was rendered to the templates that wrote it.
pub(super) fn trace(both: &Both, changes: &mut [Change]) {
    // What both states print alike is one text.
    let (old, new) = (by_source(&both.old), by_source(&both.new));
    let traced = |by_source: &HashMap<SourceId, &Manifest>, place: Location| {
        let Some(manifest) = by_source.get(&place.source) else { return place };
        let origins = manifest.origins(place.span);
        // A helper writes many names: the call in the object's own template says which.
        let calls =
            origins.chain.iter().rev().find(|link| matches!(link.kind, ScopeKind::Include(_) | ScopeKind::Template(_)));
        calls.map(|link| link.at).or(origins.template).unwrap_or(place)
    };
    for change in changes {
        change.old = change.old.map(|place| traced(&old, place));
        change.new = change.new.map(|place| traced(&new, place));
    }
}
