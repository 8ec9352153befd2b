//! What a value is under each profile of a chart, and which lines set it.

use std::sync::Arc;

use super::model::Charts;
use crate::chart::Chart;
use crate::gate::{Outlined, overrides};
use crate::profile::Profile;
use crate::render::merged;
use crate::template::origin::OriginId;
use crate::template::value::{Data, Map, Value};
use crate::text::Location;
use crate::values::{Places, Scope};
use crate::yaml::{Node, Step};

/// The path of a value from the root of a chart's values; `*` is any key.
pub(super) type Path = Vec<Arc<str>>;

/// A value under a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    /// The profile.
    pub(super) profile: String,
    /// Whether it is production.
    pub(super) is_production: bool,
    /// The value in one line; none where nothing sets it.
    pub(super) value: Option<String>,
    /// The lines that set it: the key, where it has one.
    pub(super) at: Vec<Location>,
    /// What those took the place of, the strongest first.
    pub(super) over: Vec<Location>,
}

/// A chart's values under one profile.
pub(super) struct Merged<'c> {
    /// The sub-charts that take part.
    pub(super) scope: Scope<'c>,
    values: Map,
    places: Places,
}

/// Merges the values of a profile.
///
/// # Errors
/// Helm's words where it cannot.
pub(super) fn merge<'c>(outlined: &'c Outlined, profile: &Profile, charts: &Charts) -> Result<Merged<'c>, String> {
    let helm = profile.helm.major.unwrap_or_default();
    let merged = merged(&outlined.chart, &overrides(profile, helm, &charts.sources), helm);
    let (scope, values, places) = merged.map_err(|error| error.message)?;
    Ok(Merged { scope, values, places })
}

impl Merged<'_> {
    /// The value at a path, as far as its keys are known; with the keys that lead to it.
    pub(super) fn value<'p>(&self, path: &'p [Arc<str>]) -> Option<(Value, &'p [Arc<str>])> {
        let mut value: Value = self.values.clone().into();
        for (index, key) in path.iter().enumerate() {
            if **key == *"*" {
                return Some((value, &path[..index]));
            }
            let Data::Map(map) = &value.data else { return None };
            value = map.get(key)?;
        }
        Some((value, path))
    }

    /// The keys below a path.
    pub(super) fn keys(&self, path: &[Arc<str>]) -> Vec<(Arc<str>, Value)> {
        match self.value(path) {
            Some((Value { data: Data::Map(map), .. }, known)) if known.len() == path.len() => map.snapshot(),
            _ => vec![],
        }
    }

    /// The value at a path under the profile.
    pub(super) fn setting(&self, path: &[Arc<str>], profile: &Profile, outlined: &Outlined) -> Setting {
        let found = self.value(path).filter(|(value, _)| !value.is_nil());
        let ids: Vec<OriginId> = found.iter().flat_map(|(value, _)| value.origins.iter()).collect();
        let at = |id: &OriginId| self.line(*id, outlined);
        let mut over: Vec<Location> =
            ids.iter().flat_map(|id| self.places.shadowed(*id)).filter_map(|id| at(&id)).collect();
        let mut set: Vec<Location> = ids.iter().filter_map(at).collect();
        set.dedup();
        over.dedup();
        Setting {
            profile: profile.name.clone(),
            is_production: profile.production,
            value: found.map(|(value, _)| shown(&value)),
            at: set,
            over,
        }
    }

    /// The line of an origin: its key, else its value.
    fn line(&self, id: OriginId, outlined: &Outlined) -> Option<Location> {
        let at = self.places.get(id)?.location;
        let path = self.places.path(id);
        let key = roots(outlined).filter(|root| root.location.source == at.source).find_map(|root| {
            let (last, parents) = path.0.split_last()?;
            let parent = parents.iter().try_fold(root, |node, step| match step {
                Step::Key(key) => node.get(key),
                Step::Index(index) => node.as_seq()?.get(*index),
            })?;
            let Step::Key(key) = last else { return None };
            let entry = parent.entry(key)?;
            (entry.value.location == at).then_some(entry.key.location)
        });
        Some(key.unwrap_or(at))
    }
}

/// The root of every values file that a chart's profiles are made of.
pub(super) fn roots(outlined: &Outlined) -> impl Iterator<Item = &Node> {
    let own = outlined.chart.with_dependencies().into_iter().flat_map(documents);
    own.chain(outlined.profiles.iter().flat_map(|profile| &profile.values))
}

fn documents(chart: &Chart) -> impl Iterator<Item = &Node> {
    chart.values.iter().flat_map(|file| &file.documents).map(|document| &document.root)
}

/// The chart and the sub-charts that take part under any profile, each with the keys that lead to its values; several times where it
/// goes by several names.
pub(super) fn parts<'c>(charts: &Charts, outlined: &'c Outlined) -> Vec<(Path, &'c Chart)> {
    let mut found: Vec<(Path, &Chart)> = vec![(Path::new(), &outlined.chart)];
    for profile in &outlined.profiles {
        let Ok(merged) = merge(outlined, profile, charts) else { continue };
        let mut open = vec![(&merged.scope, Path::new())];
        while let Some((scope, path)) = open.pop() {
            if !found.iter().any(|(known, chart)| std::ptr::eq(*chart, scope.chart) && *known == path) {
                found.push((path.clone(), scope.chart));
            }
            let below = |sub: &Scope<'_>| path.iter().cloned().chain([Arc::clone(&sub.name)]).collect();
            open.extend(scope.dependencies.iter().map(|sub| (sub, below(sub))));
        }
    }
    found
}

/// Characters of a value that are shown.
const LONGEST: usize = 80;

/// A value in one line.
pub(super) fn shown(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text, 0);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Levels that are written; what lies deeper would not be shown.
const DEPTH: usize = 8;

fn write(value: &Value, text: &mut String, depth: usize) {
    if text.len() > LONGEST * 4 {
        return;
    }
    match &value.data {
        Data::Nil => text.push_str("null"),
        Data::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Data::Float(number) => text.push_str(&serde_json::Value::from(whole(*number)).to_string()),
        Data::String(_) => text.push_str(&serde_json::Value::from(value.text()).to_string()),
        Data::List(items) if depth < DEPTH => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write(item, text, depth + 1);
            }
            text.push(']');
        }
        Data::Map(map) if depth < DEPTH => {
            text.push('{');
            for (index, (key, value)) in map.snapshot().iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                text.push_str(key);
                text.push_str(": ");
                write(value, text, depth + 1);
            }
            text.push('}');
        }
        _ => text.push('…'),
    }
}

/// A number as it was written: without a fraction where it has none.
fn whole(number: f64) -> serde_json::Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below the bound")]
    let integer = (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64);
    integer.map(Into::into).or_else(|| serde_json::Number::from_f64(number)).unwrap_or_else(|| 0.into())
}
