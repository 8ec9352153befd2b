//! `images`: new names, tags and digests, where kustomize looks for them.

use regex::Regex;

use super::{Error, Object, edit};
use crate::text::Location;
use crate::yaml::{KeyPath, Node, Value};

/// An entry of `images`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOverride {
    /// The image name it applies to, without tag and digest. kustomize takes it as a pattern.
    pub name: String,
    /// The name that takes its place.
    pub new_name: Option<String>,
    /// The tag that takes the place of tag and digest.
    pub new_tag: Option<String>,
    /// The digest that takes the place of tag and digest.
    pub digest: Option<String>,
    /// What is added to the tag where neither of the two is set.
    pub tag_suffix: Option<String>,
    /// Where the entry stands.
    pub at: Location,
    /// Where its tag, or what it adds to one, stands.
    pub tag_at: Location,
    /// The fields that it looks at by name, after all containers.
    pub fields: Vec<FieldSpec>,
}

/// A field of some kinds of objects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldSpec {
    /// The API group; empty for any.
    pub group: String,
    /// The version; empty for any.
    pub version: String,
    /// The kind; empty for any.
    pub kind: String,
    /// `spec/template/spec/containers[]/image`.
    pub path: String,
}

/// An image that an entry changed.
#[derive(Debug, Clone)]
pub struct Overridden {
    /// Where in the object.
    pub path: KeyPath,
    /// What stood there before the first entry changed it.
    pub before: Node,
    /// The last entry that changed it, and where that has its tag.
    pub by: (Location, Location),
}

/// The fields of images that `images` knows without configuration.
const FIELDS: [&str; 6] = [
    "spec/containers[]/image",
    "spec/initContainers[]/image",
    "spec/volumes[]/image/reference",
    "spec/template/spec/containers[]/image",
    "spec/template/spec/initContainers[]/image",
    "spec/template/spec/volumes[]/image/reference",
];

impl ImageOverride {
    /// The fields that entries of `images` look at by name: those of pods, and those that `configurations` add.
    pub fn fields(configured: &[FieldSpec]) -> Vec<FieldSpec> {
        let own = FIELDS.iter().map(|path| FieldSpec { path: (*path).to_owned(), ..FieldSpec::default() });
        own.chain(configured.iter().cloned()).collect()
    }

    /// Reads an entry that looks at fields by name.
    pub fn read(node: &Node, fields: Vec<FieldSpec>) -> Option<Self> {
        let field = |name: &str| node.get(name).and_then(Node::scalar_text).filter(|value| !value.is_empty());
        let owned = |name: &str| field(name).map(str::to_owned);
        Some(Self {
            name: owned("name")?,
            new_name: owned("newName"),
            new_tag: owned("newTag"),
            digest: owned("digest"),
            tag_suffix: owned("tagSuffix"),
            at: node.location,
            tag_at: ["newTag", "tagSuffix"]
                .into_iter()
                .find(|name| field(name).is_some())
                .and_then(|name| node.get(name))
                .map_or(node.location, |value| value.location),
            fields,
        })
    }

    /// What tells the references that it is for.
    fn pattern(&self, at: Location) -> Result<Regex, Error> {
        let pattern = format!("^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", self.name);
        let wrong = |_| Error::ours(at, format!("the image name `{}` is no pattern that is followed", self.name));
        Regex::new(&pattern).map_err(wrong)
    }

    /// What it makes of a reference that it is for.
    fn replaced(&self, reference: &str) -> String {
        let (name, tag, digest) = split(reference);
        let name = self.new_name.as_deref().unwrap_or(name);
        let (tag, digest) = match (&self.new_tag, &self.digest, &self.tag_suffix) {
            (Some(tag), Some(digest), _) => (tag.clone(), digest.as_str()),
            (Some(tag), None, _) => (tag.clone(), ""),
            (None, Some(digest), _) => (String::new(), digest.as_str()),
            (None, None, Some(suffix)) => (format!("{tag}{suffix}"), ""),
            (None, None, None) => (tag.to_owned(), digest),
        };
        let behind = |sign: &str, text: &str| if text.is_empty() { String::new() } else { format!("{sign}{text}") };
        format!("{name}{}{}", behind(":", &tag), behind("@", digest))
    }

    pub(super) fn apply(&self, objects: &mut [Object], at: Location) -> Result<(), Error> {
        let pattern = self.pattern(at)?;
        for object in objects.iter_mut().filter(|object| object.id().kind != "CustomResourceDefinition") {
            let mut walk = Walk { over: self, pattern: &pattern, found: vec![] };
            walk.containers(&object.root, &KeyPath::default());
            self.put(object, walk.found, at)?;
            // kustomize goes through the fields that it knows by name after that: a suffix is added twice.
            let mut walk = Walk { over: self, pattern: &pattern, found: vec![] };
            let id = object.id();
            let is_for = |spec: &&FieldSpec| {
                let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
                fits(&spec.group, &id.group) && fits(&spec.version, &id.version) && fits(&spec.kind, &id.kind)
            };
            for spec in self.fields.iter().filter(is_for) {
                walk.field(&object.root, &KeyPath::default(), &spec.path);
            }
            self.put(object, walk.found, at)?;
        }
        Ok(())
    }

    /// Puts what a walk found into an object.
    fn put(&self, object: &mut Object, found: Vec<(KeyPath, Node, String)>, at: Location) -> Result<(), Error> {
        for (path, before, after) in found {
            let node = Node { location: self.at, ..edit::with_value(&before, Value::String(after.into())) };
            object.root = set(&object.root, &path.0, node).ok_or_else(|| Error::ours(at, "an image was lost"))?;
            let by = (self.at, self.tag_at);
            match object.overridden.iter_mut().find(|known| known.path == path) {
                Some(known) => known.by = by,
                None => object.overridden.push(Overridden { path, before, by }),
            }
        }
        Ok(())
    }
}

/// Name, tag and digest of a reference, as kustomize splits it.
fn split(reference: &str) -> (&str, &str, &str) {
    let start = reference.find('/').unwrap_or(0);
    let rest = &reference[start..];
    let (colon, sign) = (rest.find(':'), rest.find('@'));
    match (colon, sign) {
        (None, None) => (reference, "", ""),
        (Some(colon), Some(sign)) if colon < sign => {
            (&reference[..start + colon], &rest[colon + 1..sign], &rest[sign + 1..])
        }
        (_, Some(sign)) => (&reference[..start + sign], "", &rest[sign + 1..]),
        (Some(colon), None) => (&reference[..start + colon], &rest[colon + 1..], ""),
    }
}

/// The images of an object that an entry changes.
struct Walk<'a> {
    over: &'a ImageOverride,
    pattern: &'a Regex,
    found: Vec<(KeyPath, Node, String)>,
}

impl Walk<'_> {
    /// The images of every list of containers and init containers, however deep.
    fn containers(&mut self, node: &Node, path: &KeyPath) {
        if let Some(items) = node.as_seq() {
            for (index, item) in items.iter().enumerate() {
                self.containers(item, &path.index(index));
            }
        }
        for entry in edit::entries(node) {
            let key = entry.key.key_text();
            let path = path.key(&key);
            self.containers(&entry.value, &path);
            let is_list = matches!(&*key, "containers" | "initContainers");
            for (index, item) in entry.value.as_seq().filter(|_| is_list).unwrap_or_default().iter().enumerate() {
                if let Some(image) = item.get("image") {
                    self.scalar(image, path.index(index).key("image"));
                }
            }
        }
    }

    /// The field at a path of `/`-separated keys, in which `[]` behind a key stands for every item.
    fn field(&mut self, node: &Node, path: &KeyPath, spec: &str) {
        let (key, rest) = spec.split_once('/').unwrap_or((spec, ""));
        let (key, is_list) = key.strip_suffix("[]").map_or((key, false), |key| (key, true));
        let Some(value) = node.get(key) else { return };
        let path = path.key(key);
        let below: Vec<(&Node, KeyPath)> = match value.as_seq() {
            Some(items) if is_list || !rest.is_empty() => {
                items.iter().enumerate().map(|(index, item)| (item, path.index(index))).collect()
            }
            _ => vec![(value, path)],
        };
        for (node, path) in below {
            if rest.is_empty() { self.scalar(node, path) } else { self.field(node, &path, rest) }
        }
    }

    fn scalar(&mut self, node: &Node, path: KeyPath) {
        let known = self.found.iter().any(|(known, ..)| *known == path);
        let text = node.scalar_text().filter(|text| self.pattern.is_match(text));
        let replaced = text.map(|text| self.over.replaced(text));
        self.found.extend(replaced.filter(|_| !known).map(|replaced| (path, node.clone(), replaced)));
    }
}

/// The node with another one at a path that it has.
fn set(node: &Node, path: &[crate::yaml::Step], value: Node) -> Option<Node> {
    use crate::yaml::Step;
    match path {
        [] => Some(value),
        [Step::Key(key), rest @ ..] => Some(edit::with(node, key, set(node.get(key)?, rest, value)?)),
        [Step::Index(index), rest @ ..] => {
            let mut items = node.as_seq()?.to_vec();
            items[*index] = set(items.get(*index)?, rest, value)?;
            Some(edit::with_value(node, Value::Seq(items.into())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, SourceId, Sources, Span};

    fn over(name: &str, fields: [&str; 4]) -> ImageOverride {
        let source: SourceId = Sources::new().add(Source::new("k", Address::Rendered, ""));
        let [new_name, new_tag, digest, tag_suffix] =
            fields.map(|field| Some(field.to_owned()).filter(|field| !field.is_empty()));
        let at = Location::new(source, Span::default());
        ImageOverride { name: name.into(), new_name, new_tag, digest, tag_suffix, at, tag_at: at, fields: vec![] }
    }

    #[test]
    fn references_change_as_kustomize_changes_them() {
        let cases = [
            (over("nginx", ["", "2", "", ""]), "nginx:1@sha256:aa", Some("nginx:2")),
            (over("nginx", ["", "", "sha256:bb", ""]), "nginx:1", Some("nginx@sha256:bb")),
            (over("nginx", ["", "2", "sha256:bb", ""]), "nginx", Some("nginx:2@sha256:bb")),
            (over("nginx", ["r.io/n", "", "", ""]), "nginx:1", Some("r.io/n:1")),
            (over("nginx", ["", "2@sha256:bb", "", ""]), "nginx:1", Some("nginx:2@sha256:bb")),
            (over("nginx", ["", "", "", "-x"]), "nginx:1", Some("nginx:1-x")),
            (over("nginx", ["", "2", "", ""]), "r.io/nginx:1", None),
            (over("r.io:5000/n", ["", "2", "", ""]), "r.io:5000/n:1", Some("r.io:5000/n:2")),
            (over("ngin.", ["", "2", "", ""]), "nginx", Some("nginx:2")),
        ];
        for (over, reference, expected) in cases {
            let is_for = over.pattern(over.at).expect("a pattern").is_match(reference);
            assert_eq!(is_for.then(|| over.replaced(reference)).as_deref(), expected, "{reference}");
        }
        let wrong = over("[", ["", "2", "", ""]);
        assert!(wrong.pattern(wrong.at).is_err_and(|error| error.is_ours));
    }
}
