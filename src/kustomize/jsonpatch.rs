//! JSON patches (RFC 6902), with what evanphx/json-patch adds to them: indexes from the end.

use super::{Error, edit};
use crate::text::Location;
use crate::yaml::{Node, Value};

/// The object after every operation of a patch.
pub(super) fn apply(root: &Node, operations: &Node) -> Result<Node, Error> {
    let Some(items) = operations.as_seq() else {
        return Err(Error::refused(operations.location, "a JSON patch has to be a list"));
    };
    let annotations = ["metadata", "annotations"];
    let found = annotations.iter().try_fold(root, |node, key| node.get(key));
    // While kustomize builds, every object has annotations: its own.
    let marked = if found.is_some() {
        root.clone()
    } else {
        edit::with_at(root, &annotations, edit::mapping(vec![], operations.location))
    };
    let patched = items.iter().try_fold(marked, |root, operation| Operation::read(operation)?.apply(&root))?;
    let metadata = patched.get("metadata").filter(|_| found.is_none());
    let left = metadata.and_then(|metadata| metadata.get("annotations")?.as_map());
    Ok(match metadata.filter(|_| left.is_some_and(|left| left.entries().is_empty())) {
        Some(metadata) => edit::with(&patched, "metadata", edit::without(metadata, "annotations")),
        None => patched,
    })
}

/// One operation.
struct Operation<'a> {
    node: &'a Node,
    name: &'a str,
    path: Vec<String>,
}

impl<'a> Operation<'a> {
    fn read(node: &'a Node) -> Result<Self, Error> {
        let text = |field: &str| node.get(field).and_then(Node::scalar_text);
        let (Some(name), Some(path)) = (text("op"), text("path")) else {
            return Err(Error::refused(node.location, "an operation of a JSON patch needs `op` and `path`"));
        };
        // What stands before the first slash is passed over.
        Ok(Self { node, name, path: pointer(path) })
    }

    fn at(&self) -> Location {
        self.node.location
    }

    fn apply(&self, root: &Node) -> Result<Node, Error> {
        // What is left out is nothing, as evanphx/json-patch has it.
        let value = || self.node.get("value").cloned().unwrap_or_else(|| Node::null(self.at()));
        match self.name {
            "add" => self.add(root, value()),
            "replace" => self.replace(root, &value()),
            "remove" => self.change(root, &self.path, &|_| Ok(None)),
            "move" => {
                let from = self.from()?;
                let moved = self.find(root, &from)?;
                self.add(&self.change(root, &from, &|_| Ok(None))?, moved)
            }
            "copy" => {
                let from = self.from()?;
                let parent = self.find(root, from.split_last().map_or(&[], |(_, parents)| parents))?;
                let copied = if parent.as_map().is_some() {
                    self.find(root, &from).unwrap_or_else(|_| Node::null(self.at()))
                } else {
                    self.find(root, &from)?
                };
                let copied = self.add(root, copied)?;
                if edit::is_overgrown(&copied) {
                    return Err(Error::ours(self.at(), "copies make the object larger than is followed"));
                }
                Ok(copied)
            }
            "test" => self.test(root),
            name => Err(Error::refused(self.at(), format!("`{name}` is no operation of a JSON patch"))),
        }
    }

    fn from(&self) -> Result<Vec<String>, Error> {
        let from = self.node.get("from").and_then(Node::scalar_text);
        from.map(pointer)
            .ok_or_else(|| Error::refused(self.at(), format!("the operation `{}` needs `from`", self.name)))
    }

    fn test(&self, root: &Node) -> Result<Node, Error> {
        let found = self.find(root, &self.path).ok();
        let wanted = self.node.get("value");
        let is_equal = match (&found, wanted) {
            (None, None) => true,
            (None, Some(wanted)) => wanted.is_null(),
            (Some(found), wanted) => wanted.is_some_and(|wanted| found.to_json() == wanted.to_json()),
        };
        if is_equal {
            Ok(root.clone())
        } else {
            Err(Error::refused(self.at(), "a `test` of a JSON patch does not hold"))
        }
    }

    fn missing(&self) -> Error {
        let path = self.path.iter().fold(String::new(), |path, part| path + "/" + part);
        Error::refused(self.at(), format!("the JSON patch `{}` finds nothing at `{path}`", self.name))
    }

    fn find(&self, root: &Node, path: &[String]) -> Result<Node, Error> {
        let mut here = root;
        for part in path {
            here = match here.as_seq() {
                Some(items) => items.get(index(part, items.len()).ok_or_else(|| self.missing())?),
                None => here.get(part),
            }
            .ok_or_else(|| self.missing())?;
        }
        Ok(here.clone())
    }

    /// The node with what stands at a path changed; nothing takes it away.
    fn change(
        &self,
        node: &Node,
        path: &[String],
        change: &dyn Fn(&Node) -> Result<Option<Node>, Error>,
    ) -> Result<Node, Error> {
        let Some((part, rest)) = path.split_first() else {
            return change(node)?.ok_or_else(|| self.missing());
        };
        let below = |child: &Node| {
            if rest.is_empty() { change(child) } else { self.change(child, rest, change).map(Some) }
        };
        if let Some(items) = node.as_seq() {
            let at = index(part, items.len()).filter(|at| *at < items.len()).ok_or_else(|| self.missing())?;
            let mut items = items.to_vec();
            match below(&items[at])? {
                Some(child) => items[at] = child,
                None => _ = items.remove(at),
            }
            return Ok(edit::with_value(node, Value::Seq(items.into())));
        }
        if node.as_map().is_none() {
            return Err(self.missing());
        }
        let child = node.get(part).ok_or_else(|| self.missing())?;
        Ok(match below(child)? {
            Some(child) => edit::with(node, part, child),
            None => edit::without(node, part),
        })
    }

    /// Sets what stands at the path; a key of a mapping need not be there.
    fn replace(&self, root: &Node, value: &Node) -> Result<Node, Error> {
        let Some((last, parents)) = self.path.split_last() else { return Ok(value.clone()) };
        let put = |parent: &Node| match parent.as_map() {
            Some(_) => Ok(Some(edit::with(parent, last, value.clone()))),
            None => self.change(parent, std::slice::from_ref(last), &|_| Ok(Some(value.clone()))).map(Some),
        };
        self.change(root, parents, &put)
    }

    fn add(&self, root: &Node, value: Node) -> Result<Node, Error> {
        let Some((last, parents)) = self.path.split_last() else { return Ok(value) };
        let put = |parent: &Node| {
            let Some(items) = parent.as_seq() else {
                return if parent.as_map().is_some() {
                    Ok(Some(edit::with(parent, last, value.clone())))
                } else {
                    Err(self.missing())
                };
            };
            let at = if last == "-" { Some(items.len()) } else { index(last, items.len() + 1) };
            let at = at.filter(|at| *at <= items.len()).ok_or_else(|| self.missing())?;
            let mut items = items.to_vec();
            items.insert(at, value.clone());
            Ok(Some(edit::with_value(parent, Value::Seq(items.into()))))
        };
        self.change(root, parents, &put)
    }
}

/// The parts of a JSON pointer.
fn pointer(text: &str) -> Vec<String> {
    text.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

/// An index of a list; a negative one counts from the end.
fn index(part: &str, length: usize) -> Option<usize> {
    let number: i64 = part.parse().ok()?;
    if number < 0 {
        length.checked_sub(usize::try_from(number.unsigned_abs()).ok()?)
    } else {
        usize::try_from(number).ok()
    }
}
