//! A release as names in it see it: which objects it has, which names are its own, and what its objects may make in a cluster.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::super::part::Problem;
use crate::admission::workload;
use crate::kubernetes;
use crate::profile::Profile;
use crate::render::{Object, Options, Rendered};
use crate::text::{Location, Sources};
use crate::yaml::{Entry, KeyPath, Mapping, Node, Value};

/// Everything of a rendering.
pub(super) struct Release<'a> {
    objects: Vec<Object<'a>>,
    /// By group, kind and name.
    named: HashMap<(&'a str, &'a str, &'a str), Object<'a>>,
    pods: Vec<Pod<'a>>,
    /// Positions of the pods that have a label, by its key and its text.
    labelled: HashMap<Cow<'a, str>, HashMap<&'a str, Vec<usize>>>,
    /// Names of custom resources.
    custom: Vec<&'a str>,
    /// Names of the ports of all pods that labels select in a namespace, as services ask for them.
    ports: RefCell<HashMap<String, Option<Rc<HashSet<&'a str>>>>>,
    /// Texts that may tell something to make an object, once somebody asks.
    telling: OnceCell<Vec<&'a str>>,
    name: String,
    sources: &'a Sources,
}

/// A pod template.
struct Pod<'a> {
    node: &'a Node,
    labels: Option<&'a Node>,
    namespace: Option<&'a str>,
}

/// Keys below which a text may tell something to make an object of a name.
const TELLING: [&str; 7] = ["annotations", "args", "command", "data", "resourceNames", "stringData", "value"];

impl<'a> Release<'a> {
    pub(super) fn of(rendered: &'a Rendered, profile: &Profile, sources: &'a Sources) -> Self {
        let name = profile.release.clone().unwrap_or_else(|| Options::default().release);
        let objects: Vec<Object<'a>> = rendered.objects().collect();
        let mut named = HashMap::new();
        for object in &objects {
            named.entry((object.group(), object.kind(), object.name())).or_insert(*object);
        }
        let pods: Vec<Pod<'a>> = objects.iter().filter_map(Pod::of).collect();
        let mut labelled: HashMap<_, HashMap<_, Vec<usize>>> = HashMap::new();
        for (position, pod) in pods.iter().enumerate() {
            for (key, entry) in pod.labels.and_then(Node::as_map).map(Mapping::effective).unwrap_or_default() {
                if let Some(text) = entry.value.scalar_text() {
                    labelled.entry(key).or_default().entry(text).or_default().push(position);
                }
            }
        }
        let custom = objects.iter().filter(|object| is_custom(object)).map(Object::name);
        let custom = custom.filter(|own| !own.is_empty()).collect();
        let (ports, telling) = (RefCell::default(), OnceCell::new());
        Self { objects, named, pods, labelled, custom, ports, telling, name, sources }
    }

    pub(super) fn objects(&self) -> &[Object<'a>] {
        &self.objects
    }

    /// An object of a group and kind by its name, in whatever namespace.
    pub(super) fn find(&self, group: &str, kind: &str, name: &str) -> Option<Object<'a>> {
        self.named.get(&(group, kind, name)).copied()
    }

    /// Pods that labels select, in the namespace of an object.
    fn selected(&self, selector: &Node, of: Object<'_>) -> Vec<&'a Node> {
        let wanted: Vec<_> = selector.as_map().map(Mapping::effective).unwrap_or_default();
        let meets = |labels: Option<&Node>| {
            wanted.iter().all(|(key, entry)| {
                labels.and_then(|labels| labels.get(key)).and_then(Node::scalar_text) == entry.value.scalar_text()
            })
        };
        let near = self.candidates(&wanted).filter(|pod| pod.namespace == of.namespace());
        near.filter(|pod| meets(pod.labels)).map(|pod| pod.node).collect()
    }

    /// The names of the ports of all pods that labels select, in the namespace of an object; none where they select no pod.
    pub(super) fn ports_of(&self, selector: &Node, of: Object<'_>) -> Option<Rc<HashSet<&'a str>>> {
        let key = format!("{} {}", of.namespace().unwrap_or_default(), selector.to_json());
        if let Some(known) = self.ports.borrow().get(&key) {
            return known.clone();
        }
        let pods = self.selected(selector, of);
        let names = (!pods.is_empty()).then(|| Rc::new(pods.into_iter().flat_map(port_names).collect()));
        self.ports.borrow_mut().insert(key, names.clone());
        names
    }

    /// Whether a selector with `matchLabels` selects a pod of the release, or may, as it cannot be judged.
    pub(super) fn may_select(&self, selector: &Node) -> bool {
        let labels = selector.get("matchLabels").and_then(Node::as_map).map(Mapping::effective).unwrap_or_default();
        // Whether it can be judged at all is the same for every pod.
        let mut looked_at = self.candidates(&labels).chain(self.pods.first());
        looked_at.any(|pod| workload::is_selected(selector, pod.labels) != Some(false))
    }

    /// Whether plain labels select a pod, in whatever namespace.
    pub(super) fn selects_any(&self, selector: &Node) -> bool {
        let wanted: Vec<_> = selector.as_map().map(Mapping::effective).unwrap_or_default();
        let meets = |pod: &Pod<'_>| {
            wanted.iter().all(|(key, entry)| {
                let label = pod.labels.and_then(|labels| labels.get(key)).and_then(Node::scalar_text);
                label == entry.value.scalar_text()
            })
        };
        self.candidates(&wanted).any(meets)
    }

    /// Whether the release has pods at all: a chart may make none until somebody sets what they need.
    pub(super) fn has_pods(&self) -> bool {
        !self.pods.is_empty()
    }

    /// Whether the release has custom resources, which may make anything.
    pub(super) fn has_custom(&self) -> bool {
        !self.custom.is_empty()
    }

    /// The pods that have the rarest of some labels; all where there is none.
    fn candidates<'s>(&'s self, wanted: &[(Cow<'_, str>, &Entry)]) -> impl Iterator<Item = &'s Pod<'a>> + use<'s, 'a> {
        let lists = wanted.iter().filter_map(|(key, entry)| Some(self.labelled(key, entry.value.scalar_text()?)));
        let rarest = lists.min_by_key(|list| list.len());
        let all = if rarest.is_none() { self.pods.as_slice() } else { &[] };
        rarest.into_iter().flatten().map(|position| &self.pods[*position]).chain(all)
    }

    fn labelled(&self, key: &str, text: &str) -> &[usize] {
        self.labelled.get(key).and_then(|texts| texts.get(text)).map_or(&[], Vec::as_slice)
    }

    /// Whether a name can only be meant for an object of this release: the template makes it of the release's name, and nothing of the
    /// release makes objects of such names.
    pub(super) fn is_surely_own(&self, object: Object<'_>, node: &Node) -> bool {
        let Some(name) = node.as_str() else { return false };
        let is_named =
            name == self.name || name.strip_prefix(&*self.name).is_some_and(|rest| rest.starts_with(['-', ':']));
        is_named && self.is_made(object, node.location, name) && !self.may_make(name)
    }

    /// Whether an action of a template made a text, and it was not written as it is.
    fn is_made(&self, object: Object<'_>, at: Location, text: &str) -> bool {
        let origins = object.origins(at);
        let written = |at: &Location| self.sources.get(at.source).slice(at.span).contains(text);
        let is_given = origins.printed.iter().any(|origin| !origin.is_absent && written(&origin.location));
        origins.template.is_some_and(|template| !written(&template)) && !is_given
    }

    /// Whether something of the release may make an object of a name in the cluster: a custom resource of that name or the beginning of
    /// it, or a text that speaks of it.
    pub(super) fn may_make(&self, name: &str) -> bool {
        self.custom.iter().any(|own| name.starts_with(own)) || self.telling().iter().any(|text| has_word(text, name))
    }

    fn telling(&self) -> &[&'a str] {
        self.telling.get_or_init(|| {
            let mut found = vec![];
            for object in &self.objects {
                gather_telling(object.root, is_custom(object), &mut found);
            }
            found
        })
    }
}

impl<'a> Pod<'a> {
    fn of(object: &Object<'a>) -> Option<Self> {
        let node = workload::pod(object.root, object.api_version(), object.kind())?;
        Some(Self { node, labels: node.at(&KeyPath::dotted("metadata.labels")), namespace: object.namespace() })
    }
}

/// The names of the ports of a pod.
fn port_names(pod: &Node) -> impl Iterator<Item = &str> {
    let containers = pod.get("spec").into_iter().flat_map(workload::containers);
    let ports = containers.flat_map(|(_, _, container)| container.items("ports"));
    ports.filter_map(|port| port.get("name")?.as_str())
}

fn is_custom(object: &Object<'_>) -> bool {
    !kubernetes::is_own_group(object.group())
}

/// Every text below a node; of Kubernetes' own kinds only those that may tell something to make an object.
fn gather_telling<'a>(node: &'a Node, is_telling: bool, found: &mut Vec<&'a str>) {
    match &node.value {
        Value::Map(mapping) => {
            for (key, entry) in mapping.effective() {
                gather_telling(&entry.value, is_telling || TELLING.contains(&&*key), found);
            }
        }
        Value::Seq(items) => items.iter().for_each(|item| gather_telling(item, is_telling, found)),
        Value::String(text) if is_telling => found.push(text),
        _ => {}
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    text.match_indices(word).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        !is_part(before) && !is_part(text.as_bytes().get(at + word.len()))
    })
}

/// A problem at a part of an object.
pub(super) fn problem<'a>(
    object: Object<'a>,
    at: Location,
    name: impl Into<String>,
    what: String,
    help: &str,
) -> Problem<'a> {
    Problem { object, at, name: name.into(), kind: what.clone(), what, help: Some(help.to_owned()), other: None }
}
