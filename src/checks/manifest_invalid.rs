//! `manifest-invalid`: what a template prints is no object that Kubernetes could take, or is there twice.

use std::collections::BTreeMap;

use super::render_failed;
use crate::finding::Label;
use crate::render::{ErrorKind, Manifest};
use crate::rule::{Context, Findings, ProfileView};
use crate::text::Location;
use crate::yaml::Node;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, error) in render_failed::errors(context) {
        if error.kind == ErrorKind::Manifest {
            render_failed::report(context, view, error, &error.message, findings);
        }
    }
    for view in context.profiles {
        let Some(Ok(rendered)) = &view.rendered else { continue };
        let objects: Vec<Object<'_>> = rendered.manifests.iter().flat_map(objects).collect();
        for object in &objects {
            incomplete(object, view, findings);
        }
        repeated(&objects, view, findings);
    }
}

/// An object: a manifest, or an item of one that is a list.
struct Object<'a> {
    manifest: &'a Manifest,
    root: &'a Node,
    /// Its position in the list.
    item: Option<usize>,
}

/// What two objects of a cluster cannot have in common: group, kind, namespace and name.
type Identity<'a> = (&'a str, &'a str, &'a str, &'a str);

fn objects(manifest: &Manifest) -> Vec<Object<'_>> {
    let root = &manifest.document.root;
    if root.as_map().is_none_or(|mapping| mapping.entries.is_empty()) {
        return vec![];
    }
    let items = root.get("items").and_then(Node::as_seq).filter(|_| manifest.kind == "List").unwrap_or_default();
    let inner = items.iter().enumerate().filter(|(_, item)| item.as_map().is_some());
    let inner = inner.map(|(index, root)| Object { manifest, root, item: Some(index) });
    std::iter::once(Object { manifest, root, item: None }).chain(inner).collect()
}

impl<'a> Object<'a> {
    fn field(&self, name: &str) -> &'a str {
        self.root.get(name).and_then(Node::scalar_text).unwrap_or("")
    }

    fn metadata(&self, name: &str) -> Option<&'a Node> {
        self.root.get("metadata").and_then(|metadata| metadata.get(name))
    }

    /// Hooks come and go, and may share a name; what has no name of its own gets one.
    fn identity(&self, namespace: &'a str) -> Option<Identity<'a>> {
        let text = |name: &str| self.metadata(name).and_then(Node::scalar_text).filter(|text| !text.is_empty());
        let name = text("name").filter(|_| self.manifest.hook.is_none())?;
        let group = self.field("apiVersion").split_once('/').map_or("", |(group, _)| group);
        Some((group, self.field("kind"), text("namespace").unwrap_or(namespace), name))
    }

    fn written(&self, place: Location) -> Option<Location> {
        self.manifest.origins(place.span).line()
    }

    fn subject(&self) -> String {
        let item = self.item.map(|index| format!("[{index}]")).unwrap_or_default();
        format!("{} {}{item}", self.manifest.path, self.manifest.label())
    }
}

fn incomplete(object: &Object<'_>, view: &ProfileView, findings: &mut Findings<'_>) {
    for key in ["apiVersion", "kind"].into_iter().filter(|key| object.field(key).is_empty()) {
        let entries = object.root.as_map().map(|mapping| mapping.entries.as_slice()).unwrap_or_default();
        let first = entries.first().map_or(object.root.location, |entry| entry.key.location);
        let problem = format!("an object of `{}` has no `{key}`", object.manifest.path);
        report(object, first, &format!("{} {key}", object.subject()), &problem, None, view, findings);
    }
}

fn repeated(objects: &[Object<'_>], view: &ProfileView, findings: &mut Findings<'_>) {
    let namespace = view.profile.namespace.as_deref().unwrap_or("default");
    // A made-up release name is longer than most, and charts cut names at 63 letters: what is cut may be equal by that alone.
    let longest = if view.profile.release.is_none() { 60 } else { usize::MAX };
    let mut first: BTreeMap<Identity<'_>, &Object<'_>> = BTreeMap::new();
    for object in objects {
        let Some(identity) = object.identity(namespace).filter(|identity| identity.3.len() < longest) else { continue };
        let Some(known) = first.get(&identity) else {
            first.insert(identity, object);
            continue;
        };
        let place = |object: &Object<'_>| object.metadata("name").map_or(object.root.location, |name| name.location);
        let known_place = known.written(place(known)).unwrap_or(place(known));
        let (_, kind, namespace, name) = identity;
        let problem = format!("`{kind}/{name}` is there twice in namespace `{namespace}`");
        let other = Label::new(known_place, "the first");
        let subject = format!("{} {namespace}", object.subject());
        report(object, place(object), &subject, &problem, Some(other), view, findings);
    }
}

fn report(
    object: &Object<'_>,
    place: Location,
    subject: &str,
    problem: &str,
    other: Option<Label>,
    view: &ProfileView,
    findings: &mut Findings<'_>,
) {
    let written = object.written(place);
    let label = Label::new(written.unwrap_or(place), "");
    let args = [("problem", problem), ("profile", &*view.profile.name)];
    let mut reported = findings.report(label, subject, &args);
    if let Some(other) = other {
        reported = reported.related(other);
    }
    if written.is_some() {
        reported = reported.related(Label::new(place, "as rendered"));
    }
    reported.profile(&view.profile.name);
}
