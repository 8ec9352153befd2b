//! A release as names in it see it: which objects it has, which names are its own, and what its objects may make in a cluster.

use super::super::part::Problem;
use crate::admission::workload;
use crate::kubernetes;
use crate::profile::Profile;
use crate::render::{Object, Options, Rendered};
use crate::text::{Location, Sources};
use crate::yaml::{KeyPath, Mapping, Node, Value};

/// Everything of a rendering.
pub(super) struct Release<'a> {
    objects: Vec<Object<'a>>,
    name: String,
    sources: &'a Sources,
}

/// Keys below which a text may tell something to make an object of a name.
const TELLING: [&str; 7] = ["annotations", "args", "command", "data", "resourceNames", "stringData", "value"];

impl<'a> Release<'a> {
    pub(super) fn of(rendered: &'a Rendered, profile: &Profile, sources: &'a Sources) -> Self {
        let name = profile.release.clone().unwrap_or_else(|| Options::default().release);
        Self { objects: rendered.objects().collect(), name, sources }
    }

    pub(super) fn objects(&self) -> &[Object<'a>] {
        &self.objects
    }

    /// An object of a group and kind by its name, in whatever namespace.
    pub(super) fn find(&self, group: &str, kind: &str, name: &str) -> Option<Object<'a>> {
        let is_it = |object: &&Object<'_>| (object.group(), object.kind(), object.name()) == (group, kind, name);
        self.objects.iter().find(is_it).copied()
    }

    /// Pods that labels select, in the namespace of an object.
    pub(super) fn selected(&self, selector: &Node, of: Object<'_>) -> Vec<&'a Node> {
        let wanted: Vec<_> = selector.as_map().map(Mapping::effective).unwrap_or_default();
        let meets = |labels: Option<&Node>| {
            wanted.iter().all(|(key, entry)| {
                labels.and_then(|labels| labels.get(key)).and_then(Node::scalar_text) == entry.value.scalar_text()
            })
        };
        let near = self.objects.iter().filter(|object| object.namespace() == of.namespace());
        let pods = near.filter_map(|object| workload::pod(object.root, object.api_version(), object.kind()));
        pods.filter(|pod| meets(pod.at(&KeyPath::dotted("metadata.labels")))).collect()
    }

    /// Every pod template.
    pub(super) fn pods(&self) -> impl Iterator<Item = &'a Node> {
        self.objects.iter().filter_map(|object| workload::pod(object.root, object.api_version(), object.kind()))
    }

    /// Whether a name can only be meant for an object of this release: the template makes it of the release's name, and nothing of the
    /// release makes objects of such names.
    pub(super) fn is_surely_own(&self, object: Object<'_>, node: &Node) -> bool {
        let Some(name) = node.as_str() else { return false };
        let is_named = name == self.name || name.strip_prefix(&*self.name).is_some_and(|rest| rest.starts_with('-'));
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
        self.objects.iter().any(|object| {
            let is_custom = !kubernetes::is_own_group(object.group());
            let own = object.name();
            (is_custom && !own.is_empty() && name.starts_with(own)) || speaks(object.root, name, is_custom)
        })
    }
}

/// Whether a text below a node has a name as a word of its own; of Kubernetes' own kinds only texts that may tell something to make it.
fn speaks(node: &Node, name: &str, is_telling: bool) -> bool {
    match &node.value {
        Value::Map(mapping) => mapping
            .effective()
            .iter()
            .any(|(key, entry)| speaks(&entry.value, name, is_telling || TELLING.contains(&&**key))),
        Value::Seq(items) => items.iter().any(|item| speaks(item, name, is_telling)),
        Value::String(text) => is_telling && has_word(text, name),
        _ => false,
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
