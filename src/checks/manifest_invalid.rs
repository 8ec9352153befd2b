//! `manifest-invalid`: what a template prints is no object that Kubernetes could take, or is there twice.

use std::collections::BTreeMap;

use super::manifest_indented::is_linted;
use super::render_failed;
use crate::finding::Label;
use crate::kubernetes::is_of_cluster;
use crate::render::{ErrorKind, Manifest, Object, Rendered};
use crate::rule::{Context, Findings, ProfileView};
use crate::text::{Location, Span};
use crate::yaml::Mapping;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, error) in render_failed::errors(context) {
        if error.kind == ErrorKind::Manifest {
            render_failed::report(context, view, error, &error.message, findings);
        }
    }
    for view in context.profiles {
        let Some(rendered) = view.seen() else { continue };
        for object in rendered.manifests.iter().filter(|manifest| manifest.is_whole).flat_map(judged) {
            incomplete(&object, view, findings);
        }
        for manifest in rendered.manifests.iter().filter(|manifest| manifest.before.is_tabbed) {
            tabbed(manifest, view, findings);
        }
        repeated(rendered, view, findings);
    }
}

/// A document behind a tab: `helm lint` reads the text as it is printed, in which no line begins with one.
fn tabbed(manifest: &Manifest, view: &ProfileView, findings: &mut Findings<'_>) {
    if is_linted(&manifest.path) {
        let start = manifest.document.root.location;
        let written = manifest.origins(Span::new(0, 1)).template;
        let problem = format!("a tab stands before {} in what `{}` prints", manifest.label(), manifest.path);
        let subject = format!("{} {} tab", manifest.path, manifest.label());
        findings
            .report(Label::new(written.unwrap_or(start), ""), subject, &[("problem", &problem)])
            .help("take the tab away, with the white space around it: `{{- … }}`")
            .profile(&view.profile.name);
    }
}

/// What two objects of a cluster cannot have in common: group, kind, namespace and name.
type Identity<'a> = (&'a str, &'a str, &'a str, &'a str);

/// What a manifest holds, and a list itself: it too has to say what it is.
fn judged(manifest: &Manifest) -> Vec<Object<'_>> {
    let root = &manifest.document.root;
    let whole = manifest.is_list().then_some(Object { manifest, root, position: None });
    whole.into_iter().chain(manifest.objects()).collect()
}

/// Hooks come and go, and may share a name; what has no name of its own gets one.
fn identity<'a>(object: &Object<'a>, namespace: &'a str) -> Option<Identity<'a>> {
    let is_named = object.manifest.hook.is_none() && !object.name().is_empty();
    let (group, kind) = (object.group(), object.kind());
    let namespace = if is_of_cluster(group, kind) { "" } else { object.namespace().unwrap_or(namespace) };
    is_named.then(|| (group, kind, namespace, object.name()))
}

fn written(object: &Object<'_>, place: Location) -> Option<Location> {
    object.origins(place).line()
}

fn incomplete(object: &Object<'_>, view: &ProfileView, findings: &mut Findings<'_>) {
    if object.root.as_map().is_none() {
        let problem =
            format!("an item of the list `{}` is {}, not an object", object.manifest.path, object.root.kind());
        report(object, object.root.location, &object.subject(), &problem, None, view, findings);
        return;
    }
    for (key, text) in [("apiVersion", object.api_version()), ("kind", object.kind())] {
        if !text.is_empty() {
            continue;
        }
        let entries = object.root.as_map().map(Mapping::entries).unwrap_or_default();
        let first = entries.first().map_or(object.root.location, |entry| entry.key.location);
        let problem = format!("an object of `{}` has no `{key}`", object.manifest.path);
        report(object, first, &format!("{} {key}", object.subject()), &problem, None, view, findings);
    }
}

fn repeated(rendered: &Rendered, view: &ProfileView, findings: &mut Findings<'_>) {
    let namespace = view.profile.namespace.as_deref().unwrap_or("default");
    // A made-up release name is longer than most, and charts cut names at 63 letters: what is cut may be equal by that alone.
    let longest = if view.profile.release.is_none() { 60 } else { usize::MAX };
    let mut first: BTreeMap<Identity<'_>, Object<'_>> = BTreeMap::new();
    for object in rendered.objects() {
        let Some(identity) = identity(&object, namespace).filter(|identity| identity.3.len() < longest) else {
            continue;
        };
        let Some(known) = first.get(&identity) else {
            first.insert(identity, object);
            continue;
        };
        let place = |object: &Object<'_>| object.metadata("name").map_or(object.root.location, |name| name.location);
        let known_place = written(known, place(known)).unwrap_or(place(known));
        let (_, kind, namespace, name) = identity;
        let within = if namespace.is_empty() { String::new() } else { format!(" in namespace `{namespace}`") };
        let problem = format!("`{kind}/{name}` is there twice{within}");
        let other = Label::new(known_place, "the first");
        let subject = format!("{} {namespace}", object.subject());
        report(&object, place(&object), &subject, &problem, Some(other), view, findings);
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
    let written = written(object, place);
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
