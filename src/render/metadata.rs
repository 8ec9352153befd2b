//! `.Chart`: Chart.yaml as templates see it, a map in Helm 4 and a struct in Helm 3.

use std::any::Any;
use std::sync::Arc;

use crate::chart::sanitized;
use crate::helm::Major;
use crate::template::origin::Origins;
use crate::template::value::{List, Map, Object, Value, View};
use crate::values::{Dependency, Import, Places, Scope, text_of};
use crate::yaml::Node;

/// A field: its name in Go, its key in JSON, and its value.
type Field = (&'static str, &'static str, Value);

/// `.Chart` of a chart.
pub(super) fn chart(scope: &Scope<'_>, is_root: bool, helm: Major, places: &mut Places) -> Value {
    let root = scope.chart.metadata.as_ref().map(crate::chart::Metadata::root);
    let mut reader = Reader { helm, places, root };
    let fields = reader.fields(scope);
    if !helm.has_chart_struct() {
        let fields = fields.into_iter().map(|(name, _, value)| (name, value));
        return fields.chain([("IsRoot", is_root.into())]).collect::<Map>().into();
    }
    Value::object(Chart { metadata: Struct { type_name: "chart.Metadata", kind: "struct", fields }, is_root })
}

struct Reader<'p, 'n> {
    helm: Major,
    places: &'p mut Places,
    root: Option<&'n Node>,
}

impl<'n> Reader<'_, 'n> {
    /// The fields in the order of Helm's struct.
    fn fields(&mut self, scope: &Scope<'_>) -> Vec<Field> {
        let version = self.own("apiVersion");
        let version = if version.text().is_empty() { Value::from("v1") } else { version };
        let named = Value::from(Arc::clone(&scope.name));
        let name = self.own("name");
        let name = if name.text() == named.text() { name } else { named };
        let deprecated = self.get("deprecated").and_then(Node::as_bool).unwrap_or_default();
        let maintainers = self.items("maintainers").iter().map(|node| self.maintainer(node)).collect();
        let dependencies = scope.declared.iter().flatten().map(|one| dependency(one, self.helm)).collect();
        let annotations = self.annotations();
        vec![
            ("Name", "name", name),
            ("Home", "home", self.own("home")),
            ("Sources", "sources", self.texts("sources")),
            ("Version", "version", self.own("version")),
            ("Description", "description", self.own("description")),
            ("Keywords", "keywords", self.texts("keywords")),
            ("Maintainers", "maintainers", list(maintainers, "[]*chart.Maintainer", self.helm)),
            ("Icon", "icon", self.own("icon")),
            ("APIVersion", "apiVersion", version),
            ("Condition", "condition", self.own("condition")),
            ("Tags", "tags", self.own("tags")),
            ("AppVersion", "appVersion", self.own("appVersion")),
            ("Deprecated", "deprecated", deprecated.into()),
            ("Annotations", "annotations", annotations),
            ("KubeVersion", "kubeVersion", self.own("kubeVersion")),
            ("Dependencies", "dependencies", list(dependencies, "[]*chart.Dependency", self.helm)),
            ("Type", "type", self.own("type")),
        ]
    }

    fn get(&self, key: &str) -> Option<&'n Node> {
        self.root?.get(key)
    }

    fn items(&self, key: &str) -> &'n [Node] {
        self.get(key).and_then(Node::as_seq).unwrap_or_default()
    }

    fn own(&mut self, key: &str) -> Value {
        self.text(self.get(key))
    }

    fn text(&mut self, node: Option<&Node>) -> Value {
        let Some((node, text)) = node.and_then(|node| Some((node, text_of(node)?))) else { return Value::from("") };
        let text = sanitized(&text);
        Value::from(text).with_origins(Origins::one(self.places.note(node.location)))
    }

    fn texts(&mut self, key: &str) -> Value {
        let texts = self.items(key).iter().map(|item| self.text(Some(item))).collect();
        list(texts, List::STRINGS, self.helm)
    }

    fn maintainer(&mut self, node: &Node) -> Value {
        let keys = [("Name", "name"), ("Email", "email"), ("URL", "url")];
        let fields = keys.map(|(name, key)| (name, key, self.text(node.get(key))));
        record("*chart.Maintainer", fields.into(), self.helm)
    }

    fn annotations(&mut self) -> Value {
        let Some(mapping) = self.get("annotations").and_then(Node::as_map) else {
            return Map::nil(Map::STRINGS).into();
        };
        let entries = mapping.effective().into_iter().map(|(key, entry)| {
            let text = text_of(&entry.value).unwrap_or_default();
            let origins = Origins::one(self.places.note(entry.value.location));
            (Arc::from(key.as_ref()), Value::from(text.as_ref()).with_origins(origins))
        });
        Map::typed(entries.collect(), Map::STRINGS).into()
    }
}

fn dependency(dependency: &Dependency, helm: Major) -> Value {
    let import = |import: &Import| {
        let pair = [("child", import.child.as_str()), ("parent", import.parent.as_str())];
        Value::from(Map::typed(pair.into_iter().map(|(key, path)| (key.into(), path.into())).collect(), Map::STRINGS))
    };
    let imports = dependency.imports.iter().map(import).collect();
    let tags = dependency.tags.iter().map(|tag| tag.as_str().into()).collect();
    let fields: Vec<Field> = vec![
        ("Name", "name", dependency.name.as_str().into()),
        ("Version", "version", dependency.version.as_str().into()),
        ("Repository", REPOSITORY, dependency.repository.as_str().into()),
        ("Condition", "condition", dependency.condition.as_str().into()),
        ("Tags", "tags", list(tags, List::STRINGS, helm)),
        ("Enabled", "enabled", dependency.enabled.into()),
        ("ImportValues", "import-values", list(imports, List::ANY, helm)),
        ("Alias", "alias", dependency.alias.as_str().into()),
    ];
    record("*chart.Dependency", fields, helm)
}

/// The one key that JSON has where it is empty too.
const REPOSITORY: &str = "repository";

/// A slice: in Helm 3 of the type that its field has, and nil where it is empty.
fn list(items: Vec<Value>, type_name: &'static str, helm: Major) -> Value {
    match helm {
        Major::Four => List::new(items).into(),
        Major::Three if items.is_empty() => List::nil(type_name).into(),
        Major::Three => List::typed(items, type_name).into(),
    }
}

/// What is a pointer to a struct in Helm 3.
fn record(type_name: &'static str, fields: Vec<Field>, helm: Major) -> Value {
    if helm.has_chart_struct() {
        return Value::object(Struct { type_name, kind: "ptr", fields });
    }
    fields.into_iter().map(|(name, _, value)| (name, value)).collect::<Map>().into()
}

/// A struct of Helm 3's package `chart`, or a pointer to one.
#[derive(Debug, Clone)]
struct Struct {
    type_name: &'static str,
    kind: &'static str,
    fields: Vec<Field>,
}

impl Struct {
    fn named(&self) -> Vec<(&'static str, Value)> {
        self.fields.iter().map(|(name, _, value)| (*name, value.clone())).collect()
    }

    fn in_json(&self) -> Vec<(&'static str, Value)> {
        let is_kept = |(_, key, value): &&Field| *key == REPOSITORY || value.is_true();
        self.fields.iter().filter(is_kept).map(|(_, key, value)| (*key, value.clone())).collect()
    }
}

impl Object for Struct {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn kind(&self) -> &'static str {
        self.kind
    }

    fn view(&self) -> View {
        View::Struct(self.named())
    }

    fn keyed(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.in_json())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The metadata of a chart, embedded beside whether it is the root.
#[derive(Debug)]
struct Chart {
    metadata: Struct,
    is_root: bool,
}

impl Object for Chart {
    fn type_name(&self) -> &'static str {
        "struct { chart.Metadata; IsRoot bool }"
    }

    fn view(&self) -> View {
        let metadata = Value::object(self.metadata.clone());
        View::Struct(vec![("Metadata", metadata), ("IsRoot", self.is_root.into())])
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "IsRoot" => Some(self.is_root.into()),
            "Metadata" => Some(Value::object(self.metadata.clone())),
            _ => self.metadata.fields.iter().find(|(known, ..)| *known == name).map(|(.., value)| value.clone()),
        }
    }

    fn keyed(&self) -> Option<Vec<(&'static str, Value)>> {
        let mut fields = self.metadata.in_json();
        fields.push(("IsRoot", self.is_root.into()));
        Some(fields)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
