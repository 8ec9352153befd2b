//! Where an object of Kubernetes names images: containers, image fields of custom resources, variables and arguments.

use std::sync::LazyLock;

use regex::Regex;

use crate::yaml::path::Trail;
use crate::yaml::{Document, KeyPath, Node, Value};

/// How an object uses an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A container of a pod.
    Container,
    /// An init container.
    InitContainer,
    /// An ephemeral container.
    EphemeralContainer,
    /// An image volume of a pod.
    Volume,
    /// A field named for an image in a custom resource.
    Field,
    /// A variable whose value is an image reference: likely, not certain.
    Env,
    /// An argument whose value is an image reference: likely, not certain.
    Argument,
    /// An entry of a ConfigMap that is named for an image: whoever reads it may run it.
    Data,
}

impl Place {
    /// The word that rules know it by.
    pub fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::InitContainer => "initContainer",
            Self::EphemeralContainer => "ephemeralContainer",
            Self::Volume => "volume",
            Self::Field => "field",
            Self::Env => "env",
            Self::Argument => "argument",
            Self::Data => "data",
        }
    }

    /// Whether a node pulls the reference as it stands, with no other field to complete it.
    pub fn is_pulled(self) -> bool {
        self <= Self::Volume
    }
}

/// An image reference in an object.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// How it is used.
    pub place: Place,
    /// The container, variable or field it belongs to.
    pub name: String,
    /// The reference.
    pub reference: &'a str,
    /// The scalar that holds it.
    pub node: &'a Node,
    /// Where that stands in the object.
    pub path: KeyPath,
}

/// The annotation that says which images OpenShift fills in.
const TRIGGERS: &str = "image.openshift.io/triggers";

/// Every image an object names, in the order of the object.
pub fn images(object: &Node) -> Vec<Found<'_>> {
    let text = |key: &str| object.get(key).and_then(Node::as_str).unwrap_or("");
    let fields = if is_custom(text("apiVersion")) { Fields::Named } else { Fields::None };
    let mut walk = Walk { fields, found: vec![] };
    for (key, entry) in object.as_map().map(crate::yaml::Mapping::effective).unwrap_or_default() {
        if [("ConfigMap", "data"), ("Secret", "stringData")].contains(&(text("kind"), &key)) {
            walk.data(&entry.value);
        }
        // What else metadata, status and a ConfigMap's data hold is text for somebody else.
        if !["metadata", "status", "data", "stringData", "binaryData"].contains(&&*key) {
            walk.value(&key, &entry.value, &Trail::Root.key(&key));
        }
    }
    // OpenShift fills in the image that a trigger names, of a DeploymentConfig or by an annotation, which takes a blank until then.
    let annotations = object.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let is_triggered = annotations.is_some_and(|annotations| annotations.get(TRIGGERS).is_some());
    if is_triggered || text("apiVersion").starts_with("apps.openshift.io/") {
        walk.found.retain(|found| !found.reference.trim().is_empty());
    }
    walk.found
}

/// Whether an API group is none of Kubernetes itself.
fn is_custom(api_version: &str) -> bool {
    let Some((group, _)) = api_version.split_once('/') else { return false };
    let is_kubernetes = group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io");
    group.contains('.') && !is_kubernetes
}

/// Which fields beside those of containers are images.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fields {
    /// None: a kind of Kubernetes has no others.
    None,
    /// Those that are named for one.
    Named,
    /// Those that are named for one and hold what can be nothing else.
    Whole,
}

struct Walk<'a> {
    fields: Fields,
    found: Vec<Found<'a>>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, key: &str, node: &'a Node, path: &Trail<'_>) {
        match &node.value {
            Value::Seq(items) => self.list(key, items, path),
            Value::Map(mapping) => {
                for (key, entry) in mapping.effective() {
                    self.value(&key, &entry.value, &path.key(&key));
                }
            }
            Value::String(text) if self.takes(key, text) => {
                self.add(Place::Field, key, text, node, path);
            }
            _ => {}
        }
    }

    fn takes(&self, key: &str, text: &str) -> bool {
        match self.fields {
            Fields::None => false,
            Fields::Named => is_image_key(key, text) && is_reference(text),
            Fields::Whole => is_image_key(key, text) && is_whole_reference(text),
        }
    }

    /// Entries of a ConfigMap, which become variables more often than not, or files.
    fn data(&mut self, data: &'a Node) {
        for (key, entry) in data.as_map().map(crate::yaml::Mapping::effective).unwrap_or_default() {
            let Some(text) = entry.value.as_str() else { continue };
            let named = || parts(text).into_iter().filter(|part| is_whole_reference(part)).collect();
            let references: Vec<&str> = if is_named(&key) { named() } else { embedded(text, &entry.value) };
            for reference in references {
                self.add(Place::Data, &key, reference, &entry.value, &Trail::Root.key("data").key(&key));
            }
        }
    }

    fn list(&mut self, key: &str, items: &'a [Node], path: &Trail<'_>) {
        let place = match key {
            "containers" => Some(Place::Container),
            "initContainers" => Some(Place::InitContainer),
            "ephemeralContainers" => Some(Place::EphemeralContainer),
            _ => None,
        };
        for (index, item) in items.iter().enumerate() {
            let path = path.index(index);
            match place {
                Some(place) if item.as_map().is_some() => self.container(place, item, &path),
                None if key == "volumes" => self.volume(item, &path),
                _ => self.value(key, item, &path),
            }
        }
    }

    fn container(&mut self, place: Place, container: &'a Node, path: &Trail<'_>) {
        let name = container.get("name").and_then(Node::scalar_text).unwrap_or("");
        if let Some((text, node)) = text(container, "image") {
            self.add(place, name, text, node, &path.key("image"));
        }
        for (index, variable) in container.items("env").iter().enumerate() {
            let variable_name = variable.get("name").and_then(Node::scalar_text).unwrap_or("");
            let Some((value, node)) = text(variable, "value") else { continue };
            for reference in of_variable(variable_name, value) {
                self.add(Place::Env, variable_name, reference, node, &path.key("env").index(index).key("value"));
            }
        }
        for field in ["command", "args"] {
            for (index, argument) in container.items(field).iter().enumerate() {
                if let Some((name, reference)) = argument.as_str().and_then(of_argument) {
                    self.add(Place::Argument, name, reference, argument, &path.key(field).index(index));
                }
            }
        }
    }

    fn volume(&mut self, volume: &'a Node, path: &Trail<'_>) {
        let name = volume.get("name").and_then(Node::scalar_text).unwrap_or("");
        if let Some((reference, node)) = volume.get("image").and_then(|image| text(image, "reference")) {
            self.add(Place::Volume, name, reference, node, &path.key("image").key("reference"));
        }
    }

    fn add(&mut self, place: Place, name: &str, reference: &'a str, node: &'a Node, path: &Trail<'_>) {
        self.found.push(Found { place, name: name.to_owned(), reference, node, path: path.to_path() });
    }
}

fn text<'a>(node: &'a Node, field: &str) -> Option<(&'a str, &'a Node)> {
    let node = node.get(field)?;
    Some((node.scalar_text()?, node))
}

/// Whether a field is named for an image; less common names take more than a word for a value.
fn is_image_key(key: &str, text: &str) -> bool {
    let is_other = key.ends_with("_image") || key == "imageName" || key.ends_with("ImageName");
    key == "image" || key.ends_with("Image") || (is_other && text.contains(['/', ':']))
}

/// A reference by the distribution project's grammar: host, path, tag and digest in their places.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z0-9]+:[0-9A-Fa-f]+)?$",
    )
    .expect("the pattern is fixed")
});

/// A reference that cannot well be anything else: a host with a dot, a path, and a tag or a digest.
static WHOLE_REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?::[0-9]+)?/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(?:@[a-z0-9]+:[0-9A-Fa-f]+)?|@[a-z0-9]+:[0-9A-Fa-f]+)$",
    )
    .expect("the pattern is fixed")
});

fn is_reference(text: &str) -> bool {
    REFERENCE.is_match(text)
}

fn is_whole_reference(text: &str) -> bool {
    // Most texts lack one of the two, and most charts have only such: the pattern is then not even compiled.
    text.contains('/') && text.contains([':', '@']) && WHOLE_REFERENCE.is_match(text)
}

/// Whether a name is that of an image or of several, in whatever case: `WORKER_IMAGE`, `imageName`, `RELATED_IMAGE_DB`.
fn is_named(name: &str) -> bool {
    const ENDS: [&str; 5] = ["IMAGE", "IMAGES", "IMAGENAME", "IMAGEREF", "IMAGEURL"];
    let name = name.to_ascii_uppercase();
    let plain = name.replace(['_', '-'], "");
    ENDS.iter().any(|end| plain.ends_with(end)) || name.starts_with("RELATED_IMAGE_")
}

/// The images in a variable's value: those of a name that ends in `IMAGE`, else only what can be nothing else, by itself or in a list.
fn of_variable<'v>(name: &str, value: &'v str) -> Vec<&'v str> {
    let says_more = |text: &str| text.contains(['/', ':', '@']);
    let is_image = |text: &str| is_whole_reference(text) || (is_named(name) && says_more(text) && is_reference(text));
    let parts = parts(value);
    if parts.iter().all(|part| is_image(part)) { parts } else { vec![] }
}

/// The images in a text that is YAML itself, as of a pod that somebody makes by it: those of containers and of fields that are named for one,
/// where nothing is left to fill in.
fn embedded<'t>(text: &'t str, entry: &Node) -> Vec<&'t str> {
    if !text.contains("image") && !text.contains("Image") || !text.contains('\n') {
        return vec![];
    }
    let documents = Document::parse_all(entry.location.source, text).unwrap_or_default();
    let mut found = vec![];
    for document in &documents {
        let mut walk = Walk { fields: Fields::Whole, found: vec![] };
        walk.value("", &document.root, &Trail::Root);
        found.extend(walk.found.iter().filter_map(|image| {
            let written = text.get(image.node.location.span.range())?.trim_matches(['"', '\'']);
            let is_certain = image.place != Place::Env && image.place != Place::Argument;
            let is_whole = written == image.reference && written.contains([':', '@']) && is_reference(written);
            (is_certain && is_whole).then_some(written)
        }));
    }
    found
}

/// The items of a list as texts have them: behind commas, spaces or lines, as JSON too.
fn parts(text: &str) -> Vec<&str> {
    text.split([',', ';', ' ', '\n', '[', ']', '"', '\'']).filter(|part| !part.is_empty()).collect()
}

/// The option's name and the reference of `--sidecar-image=ghcr.io/a/b:1`, or of a bare reference.
fn of_argument(argument: &str) -> Option<(&str, &str)> {
    let (name, value) = argument.split_once('=').unwrap_or(("", argument));
    let named = name.ends_with("image");
    let fits = is_whole_reference(value) || (named && value.contains(['/', ':']) && is_reference(value));
    fits.then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, Sources};

    fn shown(text: &str) -> Vec<String> {
        let source = Sources::new().add(Source::new("a.yaml", Address::Rendered, text));
        let root = Document::parse(source, text).expect("valid").root;
        images(&root)
            .iter()
            .map(|found| format!("{:?} {} {} {}", found.place, found.name, found.reference, found.path))
            .collect()
    }

    #[test]
    fn every_kind_of_container_of_every_kind_of_workload_counts() {
        let job = "apiVersion: batch/v1\nkind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          initContainers: [{name: i, image: busybox}]\n          containers: [{name: c, image: 'nginx:1'}]\n          volumes: [{name: v, image: {reference: 'r.io/a:1'}}]\n";
        let pod = "spec.jobTemplate.spec.template.spec";
        let expected = [
            format!("InitContainer i busybox {pod}.initContainers[0].image"),
            format!("Container c nginx:1 {pod}.containers[0].image"),
            format!("Volume v r.io/a:1 {pod}.volumes[0].image.reference"),
        ];
        assert_eq!(shown(job), expected);
    }

    #[test]
    fn variables_and_arguments_count_where_they_can_be_nothing_else() {
        let pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: c\n    image: a\n    args: ['--reloader=quay.io/p/reloader:v1', '--image=b:1', 'http://x.io/a:1', '--addr=redis.svc:6379', ghcr.io/o/n:1]\n    env:\n    - {name: RUNNER_IMAGE, value: 'o/runner:1'}\n    - {name: RUNNER_IMAGE_DIGEST, value: 'sha256:abc'}\n    - {name: IMAGE_PULL_POLICY, value: Always}\n    - {name: HOST, value: 'db.svc:5432/app'}\n    - {name: SIDECAR, value: 'ghcr.io/o/s@sha256:abc'}\n    - {name: PRELOAD, value: 'ghcr.io/o/t:1,ghcr.io/o/u:2'}\n    - {name: WORDS, value: 'ghcr.io/o/t:1 and more'}\n";
        let found: Vec<String> =
            shown(pod).iter().map(|line| line.split(" spec").next().unwrap_or("").to_owned()).collect();
        let expected = [
            "Container c a",
            "Env RUNNER_IMAGE o/runner:1",
            "Env SIDECAR ghcr.io/o/s@sha256:abc",
            "Env PRELOAD ghcr.io/o/t:1",
            "Env PRELOAD ghcr.io/o/u:2",
            "Argument --reloader quay.io/p/reloader:v1",
            "Argument --image b:1",
            "Argument  ghcr.io/o/n:1",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn image_fields_count_in_custom_resources_only() {
        let custom = "apiVersion: example.com/v1\nkind: Runner\nmetadata: {annotations: {image: 'a:1'}}\nspec: {image: 'a:1', sidecarImage: b, icon: {image: 'https://x/y.png'}}\n";
        assert_eq!(shown(custom), ["Field image a:1 spec.image", "Field sidecarImage b spec.sidecarImage"]);
        let other =
            "apiVersion: example.com/v1\nkind: Runner\nspec: {imageName: 'a:1', docker_image: c/b, imageName2: d}\n";
        assert_eq!(shown(other), ["Field imageName a:1 spec.imageName", "Field docker_image c/b spec.docker_image"]);
        let data = "{image: 'a:1', RUNNER_IMAGE: 'ghcr.io/o/r:1', OTHER: 'ghcr.io/o/r:1', IMAGE_TAG: '1', imageName: 'ghcr.io/o/n:1'}";
        let found = shown(&format!("apiVersion: v1\nkind: ConfigMap\ndata: {data}\n"));
        assert_eq!(
            found,
            ["Data RUNNER_IMAGE ghcr.io/o/r:1 data.RUNNER_IMAGE", "Data imageName ghcr.io/o/n:1 data.imageName"]
        );
        let lists = r#"{IMAGES: 'ghcr.io/o/r:1, ghcr.io/o/s:2', extra_images: '["ghcr.io/o/t:3"]', images: 'a and b'}"#;
        let found = shown(&format!("apiVersion: v1\nkind: ConfigMap\ndata: {lists}\n"));
        let expected = ["Data IMAGES ghcr.io/o/r:1", "Data IMAGES ghcr.io/o/s:2", "Data extra_images ghcr.io/o/t:3"];
        assert!(found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected)), "{found:?}");
        assert_eq!(found.len(), 3);
    }
}
