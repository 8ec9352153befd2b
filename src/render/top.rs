//! What templates see at the top: `.Values .Chart .Release .Capabilities .Files .Subcharts`, one map for each chart.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Options;
use super::capabilities::capabilities;
use super::files::{Files, Vain};
use super::looks::Lookout;
use super::metadata;
use crate::helm::Major;
use crate::template::value::{Data, Map, Value};
use crate::values::{Places, Scope};

/// The named map type of Helm's values.
pub(super) fn values_type(helm: Major) -> &'static str {
    helm.pick("chartutil.Values", "common.Values")
}

/// `.Values` of the chart: what was merged, as Helm's own type.
pub(super) fn values(merged: &Map, helm: Major) -> Map {
    merged.copy(values_type(helm), merged.origins().clone(), |_| {})
}

/// A template that takes part in a rendering.
pub(super) struct Entry<'c> {
    /// Its name: where it stands, by the names of charts and sub-charts.
    pub(super) name: Arc<str>,
    pub(super) file: &'c crate::chart::TextFile,
    /// What it sees.
    pub(super) top: Map,
    /// `.Template.BasePath`.
    pub(super) base: Arc<str>,
}

/// Every template of a chart and its sub-charts with what it sees, in the order in which they are parsed.
pub(super) fn entries<'c>(
    scope: &Scope<'c>,
    values: &Map,
    options: &Options,
    places: &mut Places,
    (vain, lookout): (&Vain, &Lookout),
) -> Vec<Entry<'c>> {
    let vain = vain.clone();
    let helm = options.helm;
    let capabilities = capabilities(options, lookout);
    let mut tops = Tops { helm, places, release: release(options), capabilities, entries: vec![], vain };
    tops.chart(scope, values, &scope.name, true);
    let mut entries = tops.entries;
    if helm.shares_below_aliases() {
        last_of_each(&mut entries);
    }
    entries.sort_by_cached_key(|entry| Reverse((entry.name.matches('/').count(), Arc::clone(&entry.name))));
    entries
}

/// Keeps the last entry of each name.
fn last_of_each(entries: &mut Vec<Entry<'_>>) {
    let mut known = BTreeSet::new();
    entries.reverse();
    entries.retain(|entry| known.insert(Arc::clone(&entry.name)));
    entries.reverse();
}

fn release(options: &Options) -> Value {
    let entries = [
        ("Name", Value::from(options.release.as_str())),
        ("Namespace", options.namespace.as_str().into()),
        ("IsUpgrade", options.is_upgrade.into()),
        ("IsInstall", (!options.is_upgrade).into()),
        ("Revision", Data::Int(options.revision).into()),
        ("Service", "Helm".into()),
    ];
    entries.into_iter().collect::<Map>().into()
}

struct Tops<'p, 'c> {
    helm: Major,
    places: &'p mut Places,
    release: Value,
    capabilities: Value,
    entries: Vec<Entry<'c>>,
    vain: Vain,
}

impl<'c> Tops<'_, 'c> {
    fn chart(&mut self, scope: &Scope<'c>, values: &Map, path: &str, is_root: bool) -> Map {
        let subcharts = Map::new();
        let origins = values.origins().clone();
        let top = [
            ("Chart", metadata::chart(scope, is_root, self.helm, self.places)),
            ("Files", Value::object(Files::of(scope.chart, &self.vain))),
            ("Release", self.release.clone()),
            ("Capabilities", self.capabilities.clone()),
            ("Values", Value::from(values.clone()).with_origins(origins)),
            ("Subcharts", subcharts.clone().into()),
        ];
        let top =
            Map::typed(top.into_iter().map(|(key, value)| (Arc::from(key), value)).collect(), values_type(self.helm));
        for sub in &scope.dependencies {
            let below = values.get(&sub.name).and_then(|value| value.as_map().cloned());
            let below = below.unwrap_or_else(|| Map::typed(BTreeMap::new(), values_type(self.helm)));
            let inner = self.chart(sub, &below, &scope.path_of(path, sub), false);
            subcharts.insert(Arc::clone(&sub.name), inner.into());
        }
        self.templates(scope, &top, path);
        top
    }

    /// A library chart has nothing but partials.
    fn templates(&mut self, scope: &Scope<'c>, top: &Map, path: &str) {
        let kind = scope.chart.metadata.as_ref().and_then(|metadata| metadata.text("type")).unwrap_or_default();
        let is_library = kind.eq_ignore_ascii_case("library");
        let base: Arc<str> = format!("{path}/templates").into();
        for file in scope.chart.templates.iter().filter(|file| !is_library || is_partial(&file.path)) {
            let name = format!("{path}/{}", file.path).into();
            self.entries.push(Entry { name, file, top: top.clone(), base: Arc::clone(&base) });
        }
    }
}

/// Whether a template is there for others to include, and not rendered by itself.
pub(super) fn is_partial(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with('_'))
}
