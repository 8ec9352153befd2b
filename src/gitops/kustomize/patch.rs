//! Patches of kustomizations: `patches`, `patchesStrategicMerge` and `patchesJson6902`, and what they do to images.

use super::Collected;
use crate::gitops::path::{folder, join};
use crate::gitops::{Search, items, text};
use crate::profile::{Container, ImagePatch};
use crate::text::Location;
use crate::yaml::{Document, Node, embedded};

/// A patch, with the kustomization's line that names it.
pub(in crate::gitops) struct Patch {
    pub(in crate::gitops) at: Location,
    /// Its documents; none where it cannot be read.
    pub(in crate::gitops) documents: Option<Vec<Document>>,
    /// `target`.
    target: Option<Node>,
}

/// Every patch on the way from the innermost kustomization outwards.
pub(in crate::gitops) fn patches(search: &Search<'_>, collected: &Collected<'_>) -> Vec<Patch> {
    let mut found = vec![];
    for kustomization in &collected.way {
        let here = folder(&kustomization.path);
        for field in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
            for item in items(&kustomization.root, field) {
                let inline =
                    item.get("patch").or((item.as_str().is_some_and(|text| text.contains('\n'))).then_some(item));
                let path = text(item, "path").or_else(|| item.as_str().filter(|_| inline.is_none()));
                let documents = match (inline, path) {
                    (Some(inline), _) => {
                        let file = search.sources.get(inline.location.source);
                        embedded::documents(inline, &file.text).ok()
                    }
                    (None, path) => path.and_then(|path| join(here, path)).and_then(|path| search.documents(&path)),
                };
                found.push(Patch { at: item.location, documents, target: item.get("target").cloned() });
            }
        }
    }
    found
}

impl Patch {
    /// Whether it may be about an object.
    pub(in crate::gitops) fn may_change(&self, kind: &str, name: &str) -> bool {
        match (&self.target, self.documents.as_deref()) {
            (Some(target), _) => covers(target, kind, name),
            (None, Some(documents)) => documents.iter().any(|document| self.fits(&document.root, kind, name)),
            (None, None) => true,
        }
    }

    /// Whether one of its documents is for an object: by the target, else by its own kind and name.
    pub(in crate::gitops) fn fits(&self, document: &Node, kind: &str, name: &str) -> bool {
        if let Some(target) = &self.target {
            return covers(target, kind, name);
        }
        let own = document.get("metadata").and_then(|metadata| text(metadata, "name"));
        text(document, "kind") == Some(kind) && own == Some(name)
    }
}

/// Whether a target selects an object. Its fields are anchored regular expressions; selectors by label may select anything.
fn covers(target: &Node, kind: &str, name: &str) -> bool {
    let fits = |field: &str, value: &str| {
        let Some(pattern) = text(target, field).filter(|pattern| !pattern.is_empty()) else { return true };
        regex::Regex::new(&format!("^(?:{pattern})$")).map_or(pattern == value, |pattern| pattern.is_match(value))
    };
    fits("kind", kind) && fits("name", name)
}

/// The images that patches give to containers; and patches of images that are no such thing, with words on that.
pub(super) fn images(search: &Search<'_>, collected: &Collected<'_>) -> (Vec<ImagePatch>, Vec<(Location, String)>) {
    let (mut known, mut opaque) = (vec![], vec![]);
    for patch in patches(search, collected) {
        let Some(documents) = &patch.documents else {
            opaque.push((patch.at, "a patch cannot be read as YAML of this repository".to_owned()));
            continue;
        };
        for document in documents {
            let found = of_document(&document.root, patch.target.as_ref());
            let mentioned = mentions(&document.root);
            if found.len() < mentioned {
                opaque.push((patch.at, "a patch changes images in a way that is not followed".to_owned()));
            }
            known.extend(found);
        }
    }
    (known, opaque)
}

/// How many fields that hold an image a patch has; of a JSON patch, its operations whose path ends so.
fn mentions(node: &Node) -> usize {
    let ends_so = |path: &str| path.rsplit('/').next() == Some("image");
    if let Some(path) = text(node, "path").filter(|_| node.get("op").is_some()) {
        return usize::from(ends_so(path)) + node.get("value").map_or(0, mentions);
    }
    let of_items: usize = node.as_seq().unwrap_or_default().iter().map(mentions).sum();
    let entries = node.as_map().map(|mapping| mapping.entries.as_slice()).unwrap_or_default();
    let of_entry = |entry: &crate::yaml::Entry| {
        usize::from(entry.key.key_text() == "image" && entry.value.scalar_text().is_some()) + mentions(&entry.value)
    };
    of_items + entries.iter().map(of_entry).sum::<usize>()
}

/// The images that a document of a patch gives to containers, where it says of which object.
fn of_document(root: &Node, target: Option<&Node>) -> Vec<ImagePatch> {
    let from_target = |field: &str| target.and_then(|target| text(target, field));
    let own = root.get("metadata").and_then(|metadata| text(metadata, "name"));
    let Some(kind) = from_target("kind").or_else(|| text(root, "kind")) else { return vec![] };
    let name = if target.is_some() { from_target("name") } else { own };
    let is_plain = |word: &str| word.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '.');
    let has_selector = ["labelSelector", "annotationSelector"].into_iter().any(|field| from_target(field).is_some());
    if !is_plain(kind) || !name.is_none_or(is_plain) || has_selector {
        return vec![];
    }
    let object = format!("{kind}/{}", name.unwrap_or(""));
    let patch = |(container, image): (Container, &Node)| {
        Some(ImagePatch {
            object: object.clone(),
            container,
            image: image.scalar_text()?.to_owned(),
            at: image.location,
        })
    };
    let operations = root.as_seq().unwrap_or(std::slice::from_ref(root));
    operations.iter().filter_map(operation).chain(merged(root)).filter_map(patch).collect()
}

/// The image that an operation of a JSON patch sets.
fn operation(node: &Node) -> Option<(Container, &Node)> {
    let path = text(node, "path").filter(|path| path.ends_with("/image"))?;
    let sets = matches!(text(node, "op"), Some("replace" | "add"));
    Some((Container::At(path.to_owned()), node.get("value").filter(|_| sets)?))
}

/// The images of the containers in a strategic merge.
fn merged(root: &Node) -> impl Iterator<Item = (Container, &Node)> {
    const PODS: [&str; 3] = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec", "/spec"];
    let pods = PODS.iter().filter_map(|path| root.pointer(path));
    let containers = pods.flat_map(|pod| ["initContainers", "containers"].map(|field| items(pod, field))).flatten();
    containers
        .filter_map(|container| Some((Container::Named(text(container, "name")?.to_owned()), container.get("image")?)))
}
