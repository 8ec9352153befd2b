//! The files that a pipeline of GitLab is made of.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Files, text};
use crate::yaml::{Node, Value};

/// Files that a pipeline is made of; GitLab takes no more.
const MOST: usize = 150;
/// The files that `include` names: those of the repository, and the first that is elsewhere.
pub(super) fn included(node: &Node) -> (Vec<String>, Option<String>) {
    let include = node.get("include");
    let items: Vec<&Node> = match include.map(|include| &include.value) {
        Some(Value::Seq(items)) => items.iter().collect(),
        Some(_) => include.into_iter().collect(),
        None => vec![],
    };
    let (mut local, mut other) = (vec![], None);
    for item in items {
        let written = text(item, "local").or_else(|| item.scalar_text());
        if let Some(path) = written.filter(|path| !path.contains("://") && !path.contains(['*', '$'])) {
            local.push(path.trim_start_matches('/').to_owned());
            continue;
        }
        let keys = ["component", "project", "remote", "template", "artifact", "local"];
        let named = keys.iter().find_map(|key| text(item, key)).or(written);
        other = other.or_else(|| Some(named.unwrap_or("elsewhere").to_owned()));
    }
    (local, other)
}

/// The files that a pipeline is made of.
#[derive(Default)]
pub(super) struct Roots {
    /// What is included stands before what includes it, which counts more.
    all: Vec<Node>,
    known: BTreeSet<String>,
    /// A file that is not in the repository.
    pub(super) remote: Option<String>,
}

impl Roots {
    /// Those of these files, with what they include.
    pub(super) fn read(files: &Files<'_>, paths: &[String]) -> Self {
        let mut found = Self::default();
        for path in paths {
            found.add(files, path);
        }
        found
    }

    fn add(&mut self, files: &Files<'_>, path: &str) {
        if self.known.len() >= MOST || !self.known.insert(path.to_owned()) {
            return;
        }
        let Some(_level) = files.enter() else { return };
        let Some(root) = files.yaml(path) else { return };
        let (local, other) = included(&root);
        self.remote = self.remote.take().or(other);
        for path in local {
            self.add(files, &path);
        }
        self.all.push(root);
    }

    /// What is written at the root by its key, and in each of the files that say it; those that count most come first.
    pub(super) fn layers(&self) -> BTreeMap<&str, Vec<&Node>> {
        let mut layers: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
        for root in self.all.iter().rev() {
            let entries = root.as_map().map(|map| map.effective()).unwrap_or_default();
            for (_, entry) in entries {
                if let Some(name) = entry.key.scalar_text() {
                    layers.entry(name).or_default().push(&entry.value);
                }
            }
        }
        layers
    }
}
