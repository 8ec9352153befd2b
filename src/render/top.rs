//! What templates see at the top: `.Values .Chart .Release .Capabilities .Files .Subcharts`, one map for each chart.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Options;
use super::capabilities::capabilities;
use super::files::{Files, Vain};
use crate::chart::sanitized;
use crate::template::origin::Origins;
use crate::template::value::{Data, List, Map, Value};
use crate::values::{Dependency, Places, Scope, text_of};
use crate::yaml::Node;

/// The named map type of Helm's values.
const VALUES: &str = "common.Values";

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
    vain: &Vain,
) -> Vec<Entry<'c>> {
    let vain = vain.clone();
    let mut tops = Tops { places, release: release(options), capabilities: Value::NIL, entries: vec![], vain };
    tops.capabilities = capabilities(&options.kube_version, &options.api_versions);
    let values = values.copy(VALUES, values.origins().clone(), |_| {});
    tops.chart(scope, &values, &scope.name, true);
    let mut entries = tops.entries;
    entries.sort_by_cached_key(|entry| Reverse((entry.name.matches('/').count(), Arc::clone(&entry.name))));
    entries
}

fn release(options: &Options) -> Value {
    let entries = [
        ("Name", Value::from(options.release.as_str())),
        ("Namespace", options.namespace.as_str().into()),
        ("IsUpgrade", options.is_upgrade.into()),
        ("IsInstall", (!options.is_upgrade).into()),
        ("Revision", Data::Int(1).into()),
        ("Service", "Helm".into()),
    ];
    entries.into_iter().collect::<Map>().into()
}

struct Tops<'p, 'c> {
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
            ("Chart", self.metadata(scope, is_root)),
            ("Files", Value::object(Files::of(scope.chart, &self.vain))),
            ("Release", self.release.clone()),
            ("Capabilities", self.capabilities.clone()),
            ("Values", Value::from(values.clone()).with_origins(origins)),
            ("Subcharts", subcharts.clone().into()),
        ];
        let top = Map::typed(top.into_iter().map(|(key, value)| (Arc::from(key), value)).collect(), VALUES);
        for sub in &scope.dependencies {
            let below = values.get(&sub.name).and_then(|value| value.as_map().cloned());
            let below = below.unwrap_or_else(|| Map::typed(BTreeMap::new(), VALUES));
            let inner = self.chart(sub, &below, &format!("{path}/charts/{}", sub.name), false);
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

    /// `.Chart`: Chart.yaml under Go's field names, all of them there.
    fn metadata(&mut self, scope: &Scope<'_>, is_root: bool) -> Value {
        let root = scope.chart.metadata.as_ref().map(crate::chart::Metadata::root);
        let mut chart: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (field, key) in TEXTS {
            chart.insert(field.into(), self.text(root.and_then(|root| root.get(key))));
        }
        for (field, key) in [("Sources", "sources"), ("Keywords", "keywords")] {
            let items = root.and_then(|root| root.get(key)?.as_seq()).unwrap_or_default();
            chart.insert(field.into(), List::new(items.iter().map(|item| self.text(Some(item))).collect()).into());
        }
        let maintainers = root.and_then(|root| root.get("maintainers")?.as_seq()).unwrap_or_default();
        let maintainers = maintainers.iter().map(|maintainer| self.maintainer(maintainer)).collect();
        chart.insert("Maintainers".into(), List::new(maintainers).into());
        chart.insert("Annotations".into(), self.annotations(root.and_then(|root| root.get("annotations"))));
        let deprecated = root.and_then(|root| root.get("deprecated")?.as_bool()).unwrap_or_default();
        chart.insert("Deprecated".into(), deprecated.into());
        let dependencies = scope.declared.iter().flatten().map(dependency).collect();
        chart.insert("Dependencies".into(), List::new(dependencies).into());
        if chart.get("APIVersion").is_some_and(|version| version.text().is_empty()) {
            chart.insert("APIVersion".into(), "v1".into());
        }
        let named = Value::from(Arc::clone(&scope.name));
        if chart.get("Name").is_none_or(|name| name.text() != named.text()) {
            chart.insert("Name".into(), named);
        }
        chart.insert("IsRoot".into(), is_root.into());
        Map::typed(chart, Map::ANY).into()
    }

    fn text(&mut self, node: Option<&Node>) -> Value {
        let Some((node, text)) = node.and_then(|node| Some((node, text_of(node)?))) else { return Value::from("") };
        let text = sanitized(&text);
        Value::from(text).with_origins(Origins::one(self.places.note(node.location)))
    }

    fn maintainer(&mut self, node: &Node) -> Value {
        let fields = [("Name", "name"), ("Email", "email"), ("URL", "url")];
        fields.into_iter().map(|(field, key)| (field, self.text(node.get(key)))).collect::<Map>().into()
    }

    fn annotations(&mut self, node: Option<&Node>) -> Value {
        let Some(mapping) = node.and_then(Node::as_map) else { return Map::nil(Map::STRINGS).into() };
        let entries = mapping.effective().into_iter().map(|(key, entry)| {
            let text = text_of(&entry.value).unwrap_or_default();
            let origins = Origins::one(self.places.note(entry.value.location));
            (Arc::from(key.as_ref()), Value::from(text.as_ref()).with_origins(origins))
        });
        Map::typed(entries.collect(), Map::STRINGS).into()
    }
}

/// Fields of Chart.yaml that are text, by Go's names.
const TEXTS: [(&str, &str); 11] = [
    ("Name", "name"),
    ("Home", "home"),
    ("Version", "version"),
    ("Description", "description"),
    ("Icon", "icon"),
    ("APIVersion", "apiVersion"),
    ("Condition", "condition"),
    ("Tags", "tags"),
    ("AppVersion", "appVersion"),
    ("KubeVersion", "kubeVersion"),
    ("Type", "type"),
];

fn dependency(dependency: &Dependency) -> Value {
    let import = |import: &crate::values::Import| {
        let pair = [("child", import.child.as_str()), ("parent", import.parent.as_str())];
        Value::from(Map::typed(pair.into_iter().map(|(key, path)| (key.into(), path.into())).collect(), Map::STRINGS))
    };
    let texts = |items: &[String]| List::new(items.iter().map(|item| item.as_str().into()).collect());
    let fields: [(&str, Value); 8] = [
        ("Name", dependency.name.as_str().into()),
        ("Version", dependency.version.as_str().into()),
        ("Repository", dependency.repository.as_str().into()),
        ("Condition", dependency.condition.as_str().into()),
        ("Tags", texts(&dependency.tags).into()),
        ("Enabled", dependency.enabled.into()),
        ("ImportValues", List::new(dependency.imports.iter().map(import).collect()).into()),
        ("Alias", dependency.alias.as_str().into()),
    ];
    fields.into_iter().collect::<Map>().into()
}

/// Whether a template is there for others to include, and not rendered by itself.
pub(super) fn is_partial(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with('_'))
}
