//! What a rule's target stands for in a chart: each thing to judge, its variables and its place.

use std::sync::OnceLock;

use cel::Value;

use super::{At, Context, ProfileView, Rule, Target};
use crate::cel::{Scope, from_json, from_node, map};
use crate::chart::{Chart, Metadata, TextFile, YamlFile};
use crate::crd;
use crate::extract::object::Place;
use crate::finding::{Failure, FailureKind, Label};
use crate::image::ImageRef;
use crate::published::{Comparison, Difference, DifferenceKind};
use crate::render::{Object, Rendered};
use crate::text::{Location, Span};
use crate::yaml::{self, Anchor, KeyPath, Mapping, Node, Step};

/// One thing that a rule judges.
pub(super) struct Subject<'a> {
    /// Names it in a way that survives moved lines.
    pub(super) name: String,
    /// The profile it is seen under.
    pub(super) profile: Option<&'a str>,
    /// Where findings point.
    pub(super) place: Location,
    /// Places that explain it.
    pub(super) related: Vec<Label>,
    /// The value a schema judges.
    pub(super) node: Option<&'a Node>,
    /// The object that the value is of.
    pub(super) object: Option<Object<'a>>,
    pub(super) scope: Scope,
}

/// The names of the variables that a target's rules see.
pub(super) fn variables(target: Target) -> &'static [&'static str] {
    match target {
        Target::Chart => &["chart", "params"],
        Target::Metadata => &["metadata", "chart", "params"],
        Target::Values => &["values", "profile", "chart", "params"],
        Target::Template => &["template", "chart", "params"],
        Target::Manifest => &["manifest", "profile", "chart", "params"],
        Target::Image => &["image", "profile", "chart", "params"],
        Target::Crd => &["crd", "chart", "params"],
        Target::Change => &["change", "chart", "params"],
        Target::Suppression => &["suppression", "params"],
        Target::Policy => &["policy", "params"],
        Target::Deployment => &["deployment", "params"],
        Target::Pipeline => &["pipeline", "params"],
    }
}

impl Target {
    /// The variable that holds what is judged.
    pub(super) fn variable(self) -> &'static str {
        variables(self)[0]
    }
}

/// Everything of a chart that a target stands for, each made when it is its turn: converted, all objects of all profiles take a
/// multiple of their room.
pub(super) fn subjects<'a>(
    target: Target,
    at: Option<&'a At>,
    context: &'a Context<'a>,
) -> Box<dyn Iterator<Item = Subject<'a>> + 'a> {
    // What is about the run is no part of a chart: see `fact`.
    if matches!(target, Target::Suppression | Target::Policy | Target::Deployment | Target::Pipeline) {
        return Box::new(std::iter::empty());
    }
    // A chart that has none is reported as such, and nothing else can be said of it.
    let Some(metadata) = &context.chart.metadata else { return Box::new(std::iter::empty()) };
    let mut common = Scope::new();
    common.insert("chart", context.value.of(context));
    common.insert("params", from_json(&serde_json::Value::Object(context.params.0.clone())));
    let place = chart_place(metadata);
    let whole =
        Subject { name: String::new(), profile: None, place, related: vec![], node: None, object: None, scope: common };
    match target {
        Target::Chart => Box::new(std::iter::once(whole)),
        Target::Metadata => {
            let root = metadata.root();
            let value = context.value.metadata(metadata);
            Box::new(std::iter::once(whole.with("metadata", value).of_node(root, at)))
        }
        Target::Values => Box::new(context.profiles.iter().map(move |view| values(view, at, &whole))),
        Target::Template => {
            Box::new(context.chart.templates.iter().map(move |template| self::template(template, at, &whole)))
        }
        Target::Manifest => Box::new(context.profiles.iter().flat_map(move |view| manifests(view, at, &whole))),
        Target::Image => Box::new(context.profiles.iter().flat_map(move |view| images(view, at, &whole))),
        Target::Crd => Box::new(context.chart.crds.iter().flat_map(move |file| crds(file, at, &whole))),
        Target::Change => Box::new(change(context, &whole).into_iter()),
        Target::Suppression | Target::Policy | Target::Deployment | Target::Pipeline => Box::new(std::iter::empty()),
    }
}

impl<'a> Subject<'a> {
    fn with(&self, variable: &'static str, value: Value) -> Self {
        let mut scope = self.scope.clone();
        scope.insert(variable, value);
        Self {
            name: self.name.clone(),
            profile: self.profile,
            place: self.place,
            related: self.related.clone(),
            node: self.node,
            object: self.object,
            scope,
        }
    }

    /// The place in the chart's files that stands for one in what is judged, with labels that explain it.
    pub(super) fn mendable(&self, place: Location) -> (Location, Vec<Label>) {
        let Some(object) = self.object else { return (place, vec![]) };
        match object.origins(place).template {
            Some(template) => (template, vec![Label::new(place, "as rendered")]),
            None => (place, vec![]),
        }
    }

    /// What a rule could not judge is neither a finding nor a pass.
    pub(super) fn unjudged(&self, rule: &Rule, reason: &str) -> Failure {
        let message = format!("rule `{}` cannot be evaluated: {reason}", rule.id);
        let failure = Failure::new(FailureKind::Rule, message).at(rule.condition.unwrap_or(self.place));
        match self.profile {
            Some(profile) => failure.of_profile(profile),
            None => failure,
        }
    }

    fn of_node(self, node: &'a Node, at: Option<&At>) -> Self {
        let Some(At::Path(path)) = at else {
            return Self { place: start_of(node.location), node: Some(node), ..self };
        };
        Self { name: format!("{}{path}", self.name), place: nearest(node, path), node: Some(node), ..self }
    }
}

/// The place where a chart as a whole is labelled: its version, else its name, else the start of Chart.yaml.
pub(crate) fn chart_place(metadata: &Metadata) -> Location {
    let named = ["version", "name"].into_iter().find_map(|field| metadata.root().get(field));
    named.map_or_else(|| start_of(metadata.root().location), |node| node.location)
}

fn start_of(location: Location) -> Location {
    let start = location.span.start as usize;
    Location::new(location.source, Span::new(start, start))
}

/// The value at the end of a path; where it is not there, the key of the nearest parent that is.
pub(super) fn nearest(root: &Node, path: &KeyPath) -> Location {
    let mut place = start_of(root.location);
    let mut node = root;
    for (position, step) in path.0.iter().enumerate() {
        let (next, key) = match step {
            Step::Key(name) => match node.entry(name) {
                Some(entry) => (&entry.value, entry.location(Anchor::Key)),
                None => return place,
            },
            Step::Index(index) => match node.as_seq().and_then(|items| items.get(*index)) {
                Some(item) => (item, item.location),
                None => return place,
            },
        };
        let is_written = next.location.span.start < next.location.span.end;
        place = if position + 1 == path.0.len() && is_written { next.location } else { key };
        node = next;
    }
    place
}

fn text(value: Option<&str>) -> Value {
    value.unwrap_or("").into()
}

/// A chart as the conditions of all rules see it, made when the first of them asks.
#[derive(Debug, Default)]
pub struct ChartValue {
    metadata: OnceLock<Value>,
    /// As it is, and as one that is meant for Artifact Hub.
    charts: [OnceLock<Value>; 2],
}

impl ChartValue {
    fn of(&self, context: &Context<'_>) -> Value {
        let (chart, is_listed) = (context.chart, context.is_listed());
        let metadata = || chart.metadata.as_ref().map_or(Value::Null, |metadata| self.metadata(metadata));
        self.charts[usize::from(is_listed)].get_or_init(|| chart_value(chart, metadata(), is_listed)).clone()
    }

    fn metadata(&self, metadata: &Metadata) -> Value {
        self.metadata.get_or_init(|| metadata_value(metadata)).clone()
    }
}

fn chart_value(chart: &Chart, metadata: Value, is_listed: bool) -> Value {
    let blank = chart.files.iter().filter(|file| file.data.iter().all(u8::is_ascii_whitespace));
    map([
        ("blank", Value::List(blank.map(|file| file.path.as_str().into()).collect::<Vec<_>>().into())),
        ("defines", Value::Bool(crd::is_named(chart))),
        ("listed", Value::Bool(is_listed)),
        ("name", text(chart.name())),
        ("version", text(chart.version())),
        ("appVersion", text(chart.app_version())),
        ("path", text(Some(&chart.path))),
        ("metadata", metadata),
        ("files", Value::List(chart.files.iter().map(|file| file.path.as_str().into()).collect::<Vec<_>>().into())),
    ])
}

/// The fields of Chart.yaml; one without a value is left out, as Helm sees none.
fn metadata_value(metadata: &Metadata) -> Value {
    let root = metadata.root();
    let Some(mapping) = root.as_map() else { return from_node(root) };
    let entries = mapping.entries().iter().filter(|entry| !entry.value.is_null()).cloned().collect();
    from_node(&Node { value: yaml::Value::Map(Mapping::new(entries).into()), ..root.clone() })
}

fn profile_value(view: &ProfileView) -> Value {
    map([
        ("name", text(Some(&view.profile.name))),
        ("production", Value::Bool(view.profile.production)),
        ("namespace", text(view.profile.namespace.as_deref())),
    ])
}

fn under<'a>(view: &'a ProfileView, whole: &Subject<'a>) -> Subject<'a> {
    let subject = whole.with("profile", profile_value(view));
    Subject { profile: Some(&view.profile.name), ..subject }
}

fn values<'a>(view: &'a ProfileView, at: Option<&At>, whole: &Subject<'a>) -> Subject<'a> {
    under(view, whole).with("values", from_node(&view.values)).of_node(&view.values, at)
}

fn template<'a>(template: &'a TextFile, at: Option<&At>, whole: &Subject<'a>) -> Subject<'a> {
    let value = map([("path", text(Some(&template.path))), ("text", text(Some(&template.text)))]);
    let found = match at {
        Some(At::Pattern(pattern)) => pattern.find(&template.text).map(|found| found.range()),
        _ => None,
    };
    let range = found.unwrap_or(0..0);
    let place = Location::new(template.source, Span::new(range.start, range.end));
    Subject { name: template.path.clone(), place, ..whole.with("template", value) }
}

/// Every object of a profile.
fn manifests<'a>(
    view: &'a ProfileView,
    at: Option<&'a At>,
    whole: &Subject<'a>,
) -> impl Iterator<Item = Subject<'a>> + use<'a> {
    let rendered = view.deployed();
    let under = under(view, whole);
    let subject = move |object: Object<'a>| {
        let root = object.root;
        let name = format!("{} ", object.subject());
        let named = Subject { name, object: Some(object), ..under.with("manifest", from_node(root)) };
        let found = named.of_node(root, at);
        let whole_object = at.is_none().then(|| root.get("kind")).flatten().map(|kind| kind.location);
        let (place, related) = found.mendable(whole_object.unwrap_or(found.place));
        Subject { place, related, ..found }
    };
    let objects = rendered.into_iter().flat_map(Rendered::objects);
    objects.filter(|object| object.manifest.is_whole).map(subject)
}

/// What the variable `image` says of an image beside its reference.
pub(super) struct Usage<'a> {
    /// In words.
    pub(super) owner: &'a str,
    /// Whether it is the release's main one.
    pub(super) main: bool,
    pub(super) place: Place,
    pub(super) is_test: bool,
}

/// The variable `image`.
pub(super) fn image_value(image: &ImageRef, usage: &Usage<'_>) -> Value {
    let name = image.repository.rsplit('/').next().unwrap_or("");
    map([
        ("registry", text(Some(&image.registry))),
        ("repository", text(Some(&image.repository))),
        ("tag", text(Some(&image.tag))),
        ("digest", text(Some(&image.digest))),
        ("name", text(Some(name))),
        ("owner", text(Some(usage.owner))),
        ("kind", text(Some(usage.place.word()))),
        ("test", Value::Bool(usage.is_test)),
        ("reference", image.to_string().into()),
        ("main", Value::Bool(usage.main)),
    ])
}

fn images<'a>(
    view: &'a ProfileView,
    at: Option<&'a At>,
    whole: &Subject<'a>,
) -> impl Iterator<Item = Subject<'a>> + use<'a> {
    let under = under(view, whole);
    let subject = move |used: &'a crate::extract::ImageUse| {
        let image = &used.image;
        let usage = Usage { owner: &used.owner, main: used.main, place: used.place, is_test: used.is_test };
        let value = image_value(image, &usage);
        // The one other place that a rule may ask for.
        let place = used.tag_at.filter(|_| at.is_some()).unwrap_or(used.at);
        Subject {
            name: format!("{} {}", used.subject(), image.name()),
            place,
            related: used.related().into_iter().filter(|label| label.location != place).collect(),
            ..under.with("image", value)
        }
    };
    view.images.iter().map(subject)
}

fn crds<'a>(
    file: &'a YamlFile,
    at: Option<&'a At>,
    whole: &Subject<'a>,
) -> impl Iterator<Item = Subject<'a>> + use<'a> {
    let whole = whole.with("crd", Value::Null);
    let roots = file.documents.iter().map(|document| &document.root).filter(|root| root.as_map().is_some());
    let subject = move |root: &'a Node| {
        let name = root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::scalar_text);
        let named = Subject { name: format!("{} ", name.unwrap_or(&file.path)), ..whole.with("crd", from_node(root)) };
        named.of_node(root, at)
    };
    roots.map(subject)
}

/// The difference from the earlier state, where there is one: a new chart has none.
fn change<'a>(context: &Context<'a>, whole: &Subject<'a>) -> Option<Subject<'a>> {
    let Comparison::Existing { baseline, version, differences, .. } = &context.history.last else { return None };
    let paths = |wanted: fn(&DifferenceKind) -> bool| {
        let found = differences.iter().filter(|difference| wanted(&difference.kind));
        Value::List(found.map(|Difference { path, .. }| path.as_str().into()).collect::<Vec<_>>().into())
    };
    let value = map([
        ("baseline", text(Some(baseline))),
        ("oldVersion", text(version.as_deref())),
        ("newVersion", text(context.chart.version())),
        ("files", paths(|_| true)),
        ("added", paths(|kind| matches!(kind, DifferenceKind::Added))),
        ("removed", paths(|kind| matches!(kind, DifferenceKind::Removed))),
        ("changed", paths(|kind| matches!(kind, DifferenceKind::Changed { .. }))),
    ]);
    Some(whole.with("change", value))
}
