//! Images as they would run: found in rendered manifests and traced to the values line that should pin them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::object::{self, Place};
use super::{Cause, ImageUse};
use crate::image::ImageRef;
use crate::kustomize;
use crate::render::origin::{Origin, Origins};
use crate::render::{Hook, Object, Rendered};
use crate::text::{Location, Sources, Span};
use crate::yaml::{KeyPath, Step};

/// Every image that the objects of a profile name, as they are rendered or as kustomize leaves them.
pub fn images(rendered: Option<&Rendered>, built: Option<&[kustomize::Object]>, sources: &Sources) -> Vec<ImageUse> {
    let objects: Vec<Object<'_>> = rendered.into_iter().flat_map(Rendered::objects).collect();
    let found: Vec<ImageUse> = match built {
        Some(built) => built.iter().flat_map(|built| of_built(&objects, built, sources)).collect(),
        None => objects.iter().flat_map(|object| of_whole(object, sources)).collect(),
    };
    let mut all: Vec<ImageUse> = vec![];
    let mut known: HashMap<(Location, String), usize> = HashMap::new();
    for used in found {
        // One value may reach several containers and variables: that is one thing to mend.
        match known.entry((used.at, used.written.clone())) {
            Entry::Occupied(at) => {
                let known = &mut all[*at.get()];
                known.place = known.place.min(used.place);
                known.is_test &= used.is_test;
                known.also.push(used.owner);
            }
            Entry::Vacant(place) => {
                place.insert(all.len());
                all.push(used);
            }
        }
    }
    all
}

fn of_whole(object: &Object<'_>, sources: &Sources) -> Vec<ImageUse> {
    let owner = object.label();
    object::images(object.root).iter().map(|found| of_object(object, &owner, found, sources)).collect()
}

/// The images of an object after kustomize: traced to the chart where they are still what it rendered, else to the line that set them.
fn of_built(objects: &[Object<'_>], built: &kustomize::Object, sources: &Sources) -> Vec<ImageUse> {
    let object = built.rendered.and_then(|index| objects.get(index));
    let owner = built.id().label();
    let use_of = |found: &object::Found<'_>| {
        let over =
            built.overridden.iter().find(|over| over.path == found.path && over.before.location != found.node.location);
        let before = over.map_or(found.node, |over| &over.before);
        let is_rendered = |object: &&Object<'_>| object.root.location.source == before.location.source;
        let traced =
            object::Found { node: before, reference: before.scalar_text().unwrap_or(found.reference), ..found.clone() };
        let used = match object.filter(is_rendered) {
            Some(object) => of_object(object, &owner, &traced, sources),
            None => of_written(object, &owner, &traced),
        };
        match over {
            Some(over) => overridden(used, found, over),
            None => used,
        }
    };
    object::images(&built.root).iter().map(use_of).collect()
}

/// The use of an image that an entry of `images` changed.
fn overridden(mut used: ImageUse, found: &object::Found<'_>, over: &kustomize::image::Overridden) -> ImageUse {
    let image = ImageRef::split(found.reference);
    let is_pinned = (&image.tag, &image.digest) != (&used.image.tag, &used.image.digest);
    let (entry, tag_at) = over.by;
    if image.tag != used.image.tag {
        used.tag_at = Some(if found.node.location == entry { tag_at } else { found.node.location });
        used.tag_over = vec![];
    }
    if image.digest != used.image.digest {
        used.digest_at = None;
    }
    used.image = image;
    found.reference.clone_into(&mut used.written);
    if is_pinned {
        used.set_by.extend((!used.set_by.contains(&used.at)).then_some(used.at));
        used.at = found.node.location;
        used.cause = Cause::Override;
    }
    used
}

fn of_object(object: &Object<'_>, owner: &str, found: &object::Found<'_>, sources: &Sources) -> ImageUse {
    let rendered = narrowed(found, sources);
    let (manifest, origins) = (object.manifest, object.origins(rendered));
    let image = ImageRef::split(found.reference);
    let template = origins.line();
    let helper = origins.template.filter(|place| Some(*place) != template);
    let (at, path, cause) = cause(&origins, rendered, &|path| manifest.reads_digest(path));
    let tag = read(&origins, "tag").or_else(|| read(&origins, "version"));
    let tag_at = written_as(&origins, &image.tag, sources).or(tag.map(|origin| origin.location));
    let tag_path = tag.map(|origin| origin.path.clone()).filter(|_| !manifest.reads_digest(&path));
    let tag_over = tag_at.and_then(|at| origins.printed.iter().find(|origin| origin.location == at));
    let tag_over = tag_over.map(|origin| origin.shadowed.clone()).unwrap_or_default();
    let digest_at = written_as(&origins, &image.digest, sources);
    // A sub-chart has values of its own, and a root block of its own in them.
    let is_own = !manifest.path.contains("/charts/");
    let is_root = is_own && (in_root(&path) || takes_root(&origins, &image, sources));
    let is_workload = WORKLOADS.contains(&manifest.kind.as_str()) && manifest.hook.is_none();
    ImageUse {
        image,
        written: found.reference.to_owned(),
        place: found.place,
        is_test: manifest.hook.as_ref().is_some_and(is_test),
        at,
        path,
        cause,
        owner: words(owner, found),
        also: vec![],
        set_by: origins.printed.iter().filter(|origin| !origin.is_absent).map(|origin| origin.location).collect(),
        tag_at,
        tag_over,
        digest_at,
        tag_path,
        main: is_root && found.place == Place::Container,
        leads: is_own && is_workload && found.place == Place::Container,
        template,
        helper,
        rendered: Some(rendered),
        manifest: Arc::clone(&manifest.path),
        above: None,
    }
}

/// The part of a rendered text that names an image, where it holds more; the whole of it where the image stands there twice.
fn narrowed(found: &object::Found<'_>, sources: &Sources) -> Location {
    let Location { source, span } = found.node.location;
    if found.node.scalar_text() == Some(found.reference) {
        return found.node.location;
    }
    let file = sources.get(source);
    let mut places = file.slice(span).match_indices(found.reference);
    match (places.next(), places.next()) {
        (Some((at, _)), None) => {
            let start = span.start as usize + at;
            Location::new(source, Span::new(start, start + found.reference.len()))
        }
        _ => found.node.location,
    }
}

/// An image that is written out, in an object beside the chart or in a patch: its own line is the one to change.
fn of_written(object: Option<&Object<'_>>, owner: &str, found: &object::Found<'_>) -> ImageUse {
    let at = found.node.location;
    let is_test = object.and_then(|object| object.manifest.hook.as_ref()).is_some_and(is_test);
    ImageUse {
        image: ImageRef::split(found.reference),
        written: found.reference.to_owned(),
        place: found.place,
        is_test,
        at,
        path: found.path.clone(),
        cause: Cause::Whole,
        owner: words(owner, found),
        also: vec![],
        set_by: vec![],
        tag_at: Some(at),
        tag_over: vec![],
        digest_at: None,
        tag_path: None,
        main: false,
        leads: false,
        template: None,
        helper: None,
        rendered: None,
        manifest: Arc::default(),
        above: None,
    }
}

/// Whether a hook runs for nothing but tests.
fn is_test(hook: &Hook) -> bool {
    hook.events.iter().all(|event| event.starts_with("test"))
}

/// ``container `agents` of `Deployment/agents` ``
fn words(owner: &str, found: &object::Found<'_>) -> String {
    let kind = match found.place {
        Place::Container => "container",
        Place::InitContainer => "init container",
        Place::EphemeralContainer => "ephemeral container",
        Place::Volume => "image volume",
        Place::Field => "field",
        Place::Env => "variable",
        Place::Argument if found.name.is_empty() => return format!("an argument in `{owner}`"),
        Place::Argument => "argument",
        Place::Data => "entry",
    };
    format!("{kind} `{}` of `{owner}`", found.name)
}

/// The line to change: the digest's value or the place where one belongs, else the tag, else the whole reference, else the template.
fn cause(origins: &Origins, rendered: Location, reads_digest: &dyn Fn(&KeyPath) -> bool) -> (Location, KeyPath, Cause) {
    if let Some(digest) = read(origins, "digest").or_else(|| read(origins, "sha")) {
        return (digest.location, digest.path.clone(), Cause::Digest);
    }
    if let Some(tag) = read(origins, "tag").or_else(|| read(origins, "version")) {
        let paths = ["digest", "sha"].map(|key| beside(&tag.path, key));
        let path = paths.iter().find(|path| reads_digest(path)).unwrap_or(&paths[0]);
        return (tag.location, path.clone(), Cause::Tag);
    }
    let named = ["repository", "image", "name"].iter().find_map(|key| read(origins, key));
    if let Some(whole) = named.or_else(|| origins.printed.iter().rfind(|origin| !origin.is_absent)) {
        return (whole.location, whole.path.clone(), Cause::Whole);
    }
    (origins.template.unwrap_or(rendered), KeyPath::default(), Cause::Template)
}

/// Kinds whose containers run for as long as the release is there.
const WORKLOADS: [&str; 4] = ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];

/// Whether a path leads into the root `image` block.
fn in_root(path: &KeyPath) -> bool {
    path.0.len() <= 2 && path.0.first() == Some(&Step::Key("image".into()))
}

/// Whether repository, tag or digest of an image is what the root `image` block says.
fn takes_root(origins: &Origins, image: &ImageRef, sources: &Sources) -> bool {
    let name = image.name();
    let takes = |origin: &Origin| {
        let written = written(origin.location, sources);
        match origin.path.0.last() {
            _ if origin.is_absent || written.is_empty() => false,
            Some(Step::Key(key)) => match key.as_str() {
                "repository" | "name" | "image" => name.ends_with(&*written),
                "tag" | "version" => image.tag == written,
                "digest" | "sha" => image.digest.ends_with(&*written),
                _ => false,
            },
            _ => false,
        }
    };
    let all = origins.printed.iter().chain(&origins.decided);
    all.filter(|origin| in_root(&origin.path)).any(takes)
}

/// The place of the value that reads like a tag or digest, whatever its key: `appVersion` of Chart.yaml as well. It may stand at the end of a
/// whole reference or of a setting, and a digest may lack its algorithm.
fn written_as(origins: &Origins, part: &str, sources: &Sources) -> Option<Location> {
    let is_it = |place: &Location| {
        let text = written(*place, sources);
        let ends = text.strip_suffix(part).is_some_and(|before| before.is_empty() || before.ends_with([':', '@', '=']));
        ends || part.split_once(':').is_some_and(|(_, hexadecimal)| hexadecimal == text)
    };
    let mut places = origins.printed.iter().filter(|origin| !origin.is_absent).map(|origin| origin.location);
    places.rfind(|place| !part.is_empty() && is_it(place))
}

/// What stands at a place, without its quotes.
fn written(place: Location, sources: &Sources) -> String {
    let source = sources.get(place.source);
    source.slice(place.span).trim().trim_matches(['"', '\'']).to_owned()
}

/// A value read for the image under a key: beside the repository's own value before any other, set before absent.
fn read<'a>(origins: &'a Origins, key: &str) -> Option<&'a Origin> {
    let is_named = |origin: &&Origin| matches!(origin.path.0.last(), Some(Step::Key(last)) if last == key);
    let repository = origins.printed.iter().find(|origin| {
        !origin.is_absent
            && matches!(origin.path.0.last(), Some(Step::Key(last)) if last == "repository" || last == "name")
    });
    let is_beside =
        |origin: &Origin| repository.is_some_and(|repository| parent(&repository.path) == parent(&origin.path));
    let all = || origins.printed.iter().chain(&origins.decided).filter(is_named);
    let rank = |origin: &&Origin| (is_beside(origin), !origin.is_absent);
    // The last of equals: the innermost fallback was read first, what finally counted last.
    all().max_by_key(rank)
}

fn parent(path: &KeyPath) -> &[Step] {
    path.0.split_last().map_or(&[], |(_, parent)| parent)
}

fn beside(path: &KeyPath, key: &str) -> KeyPath {
    KeyPath(parent(path).to_vec()).key(key)
}
