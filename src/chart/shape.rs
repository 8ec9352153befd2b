//! The shapes into which Helm reads its YAML files, so that a value of another shape is reported where it stands.
//!
//! sigs.k8s.io/yaml turns numbers and booleans into text where a field is text, and null into nothing everywhere.

use std::collections::HashMap;

use crate::text::Location;
use crate::text::suggest::only;
use crate::yaml::{KeyPath, Node, Value};

/// What a field may hold.
#[derive(Debug)]
pub(super) enum Shape {
    /// Any scalar.
    Text,
    /// A boolean.
    Bool,
    /// Anything.
    Any,
    /// A list of one shape.
    List(&'static Shape),
    /// A mapping of any keys to one shape.
    Map(&'static Shape),
    /// A mapping of known keys; others do not count.
    Record(&'static [(&'static str, Shape)]),
}

impl Shape {
    /// Whether a key is that of a field, in whatever case.
    pub(super) fn knows(&self, key: &str) -> bool {
        matches!(self, Self::Record(fields) if fields.iter().any(|(name, _)| name.eq_ignore_ascii_case(key)))
    }
}

/// A value of the wrong shape.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) location: Location,
    pub(super) path: KeyPath,
    pub(super) expected: &'static str,
    pub(super) found: &'static str,
}

/// A dependency, in Chart.yaml, requirements.yaml and the locks (`pkg/chart/v2/dependency.go`).
const DEPENDENCY: Shape = Shape::Record(&[
    ("name", Shape::Text),
    ("version", Shape::Text),
    ("repository", Shape::Text),
    ("condition", Shape::Text),
    ("tags", Shape::List(&Shape::Text)),
    ("enabled", Shape::Bool),
    ("import-values", Shape::List(&Shape::Any)),
    ("alias", Shape::Text),
]);

const MAINTAINER: Shape = Shape::Record(&[("name", Shape::Text), ("email", Shape::Text), ("url", Shape::Text)]);

/// Chart.yaml and requirements.yaml (`pkg/chart/v2/metadata.go`).
pub(super) const METADATA: Shape = Shape::Record(&[
    ("name", Shape::Text),
    ("home", Shape::Text),
    ("sources", Shape::List(&Shape::Text)),
    ("version", Shape::Text),
    ("description", Shape::Text),
    ("keywords", Shape::List(&Shape::Text)),
    ("maintainers", Shape::List(&MAINTAINER)),
    ("icon", Shape::Text),
    ("apiVersion", Shape::Text),
    ("condition", Shape::Text),
    ("tags", Shape::Text),
    ("appVersion", Shape::Text),
    ("deprecated", Shape::Bool),
    ("annotations", Shape::Map(&Shape::Text)),
    ("kubeVersion", Shape::Text),
    ("dependencies", Shape::List(&DEPENDENCY)),
    ("type", Shape::Text),
]);

/// Chart.lock and requirements.lock.
pub(super) const LOCK: Shape =
    Shape::Record(&[("generated", Shape::Text), ("digest", Shape::Text), ("dependencies", Shape::List(&DEPENDENCY))]);

/// A mapping, whatever is in it.
pub(super) const MAPPING: Shape = Shape::Map(&Shape::Any);

/// A key that no field of a record has.
#[derive(Debug, Clone)]
pub struct Stray {
    /// The key.
    pub location: Location,
    /// Its path from the root of the file.
    pub path: KeyPath,
    /// The key as it is written.
    pub key: String,
    /// The keys that there are.
    pub known: Vec<&'static str>,
    /// The only key that can be meant: no other is as near, it is not there yet, and the value fits it.
    pub meant: Option<&'static str>,
}

/// Most keys that are looked at; a report shows fewer.
const MOST: usize = 10_000;

/// Every key of Chart.yaml that Helm does not know, in maintainers and dependencies too; of very many the first.
pub fn strays(root: &Node) -> Vec<Stray> {
    let mut strays = vec![];
    METADATA.strays(root, &KeyPath::default(), &mut strays);
    // What two keys may mean, neither can.
    let beside = |stray: &Stray| (stray.path.0[..stray.path.0.len().saturating_sub(1)].to_vec(), stray.meant);
    let mut meaning: HashMap<_, usize> = HashMap::new();
    for stray in &strays {
        *meaning.entry(beside(stray)).or_default() += 1;
    }
    for stray in &mut strays {
        let is_only = meaning[&beside(stray)] == 1;
        stray.meant = stray.meant.filter(|_| is_only);
    }
    strays
}

impl Shape {
    fn strays(&self, node: &Node, path: &KeyPath, strays: &mut Vec<Stray>) {
        match (self, &node.value) {
            (Self::List(shape), Value::Seq(items)) => {
                items.iter().enumerate().for_each(|(index, item)| shape.strays(item, &path.index(index), strays));
            }
            (Self::Record(fields), Value::Map(mapping)) => {
                for (key, entry) in mapping.effective() {
                    if strays.len() >= MOST {
                        return;
                    }
                    let path = path.key(&key);
                    if let Some((_, shape)) = fields.iter().find(|(name, _)| **name == *key) {
                        shape.strays(&entry.value, &path, strays);
                    } else {
                        let known: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
                        let suits = |meant: &&str| {
                            let shape = fields.iter().find(|(name, _)| name == meant).map(|(_, shape)| shape);
                            node.get(meant).is_none()
                                && shape.is_some_and(|shape| shape.misfits(&entry.value).is_empty())
                        };
                        let meant = only(&key, known.iter().copied()).filter(suits);
                        strays.push(Stray { location: entry.key.location, path, key: key.into_owned(), known, meant });
                    }
                }
            }
            _ => {}
        }
    }

    /// Every value below `node` that does not fit, in file order.
    pub(super) fn misfits(&self, node: &Node) -> Vec<Misfit> {
        let mut misfits = vec![];
        self.judge(node, &KeyPath::default(), &mut misfits);
        misfits
    }

    fn judge(&self, node: &Node, path: &KeyPath, misfits: &mut Vec<Misfit>) {
        match (self, &node.value) {
            (_, Value::Null)
            | (Self::Any, _)
            | (Self::Bool, Value::Bool(..))
            | (Self::Map(Self::Any), Value::Map(_)) => {}
            (Self::Text, _) if node.scalar_text().is_some() => {}
            (Self::List(shape), Value::Seq(items)) => {
                for (index, item) in items.iter().enumerate() {
                    shape.judge(item, &path.index(index), misfits);
                }
            }
            (Self::Map(shape), Value::Map(mapping)) => {
                for (key, entry) in mapping.effective() {
                    shape.judge(&entry.value, &path.key(&key), misfits);
                }
            }
            (Self::Record(fields), Value::Map(mapping)) => {
                // Of several spellings one counts, and all have to fit.
                for (key, entry) in mapping.effective() {
                    let field = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key));
                    if let Some((name, shape)) = field {
                        shape.judge(&entry.value, &path.key(name), misfits);
                    }
                }
            }
            _ => misfits.push(Misfit {
                location: node.location,
                path: path.clone(),
                expected: self.words(),
                found: node.kind(),
            }),
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Bool => "a boolean",
            Self::Any => "anything",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Record(_) => "a mapping",
        }
    }
}
