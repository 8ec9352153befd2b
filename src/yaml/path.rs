//! Key paths: the way from a document's root to a node, as `spec.containers[0].image`.

use std::fmt;

use super::{Node, Value};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A key of a mapping.
    Key(String),
    /// An index of a list, from 0.
    Index(usize),
}

/// A way through mappings and lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct KeyPath(pub Vec<Step>);

impl KeyPath {
    /// The path of plain keys joined by dots, as in `image.tag`.
    pub fn dotted(text: &str) -> Self {
        Self(text.split('.').filter(|key| !key.is_empty()).map(|key| Step::Key(key.to_owned())).collect())
    }

    /// The path with one more key.
    pub fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    /// The path with one more index.
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// The path as a JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        self.0.iter().fold(String::new(), |pointer, step| match step {
            Step::Key(key) => pointer + "/" + &key.replace('~', "~0").replace('/', "~1"),
            Step::Index(index) => format!("{pointer}/{index}"),
        })
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

/// A path on the way down a document. Steps cost nothing: only what is found there needs a [`KeyPath`].
#[derive(Debug, Clone, Copy)]
pub enum Trail<'t> {
    /// The document's root.
    Root,
    /// A key of what lies above.
    Key(&'t Self, &'t str),
    /// An index of what lies above.
    Index(&'t Self, usize),
}

impl<'t> Trail<'t> {
    /// The way on through a key.
    pub fn key(&'t self, key: &'t str) -> Self {
        Self::Key(self, key)
    }

    /// The way on through an index.
    pub fn index(&'t self, index: usize) -> Self {
        Self::Index(self, index)
    }

    /// Whether the way leads through a key.
    pub fn has_key(self, wanted: &str) -> bool {
        let mut here = self;
        loop {
            here = match here {
                Self::Root => return false,
                Self::Key(_, key) if key == wanted => return true,
                Self::Key(above, _) | Self::Index(above, _) => *above,
            };
        }
    }

    /// The path from the root to here.
    pub fn to_path(self) -> KeyPath {
        let mut steps = vec![];
        let mut here = self;
        loop {
            let above = match here {
                Self::Root => break,
                Self::Key(above, key) => {
                    steps.push(Step::Key(key.to_owned()));
                    above
                }
                Self::Index(above, index) => {
                    steps.push(Step::Index(index));
                    above
                }
            };
            here = *above;
        }
        steps.reverse();
        KeyPath(steps)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(formatter, "[{index}]")?,
                Step::Key(key) if key.contains(['.', '[', '"']) || key.is_empty() => write!(formatter, "[{key:?}]")?,
                Step::Key(key) if position == 0 => formatter.write_str(key)?,
                Step::Key(key) => write!(formatter, ".{key}")?,
            }
        }
        Ok(())
    }
}

impl Node {
    /// The node at the end of a path.
    pub fn at(&self, path: &KeyPath) -> Option<&Node> {
        path.0.iter().try_fold(self, |node, step| match (step, &node.value) {
            (Step::Key(key), Value::Map(mapping)) => mapping.entry(key).map(|entry| &entry.value),
            (Step::Index(index), Value::Seq(items)) => items.get(*index),
            _ => None,
        })
    }

    /// The node behind a JSON pointer (RFC 6901), as JSON Schema validators report instance paths.
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        pointer.split('/').skip(1).try_fold(self, |node, token| {
            let token = token.replace("~1", "/").replace("~0", "~");
            match &node.value {
                Value::Map(mapping) => mapping.entry(&token).map(|entry| &entry.value),
                Value::Seq(items) => items.get(token.parse::<usize>().ok()?),
                _ => None,
            }
        })
    }
}
