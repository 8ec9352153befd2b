//! What a new version of a chart asks for elsewhere: the charts that take it by `file://`, and their locks.

use std::path::Path;

use serde_json::Value;

use super::place::normal;
use super::{Error, Request, Session, prepare};
use crate::chart::{self, Chart, Declared, Found, Version, package};
use crate::dependency::lock;
use crate::finding::Fix;
use crate::text::Sources;
use crate::values::dependency::is_compatible;
use crate::yaml::edit::Writer;
use crate::yaml::{Entry, Node};

/// A chart that takes another one by `file://`.
#[derive(Debug)]
pub struct Parent {
    /// Its path in reports.
    pub path: String,
    /// What is to be written: its range and its lock.
    pub fixes: Vec<Fix>,
    /// What has to be done by hand.
    pub open: Option<String>,
}

impl Session {
    /// The one chart that a request names.
    ///
    /// # Errors
    /// As [`check`](Self::check), where there are several, and where it is packaged.
    pub fn chart(&self, request: &Request, sources: &Sources) -> Result<Chart, Error> {
        let plan = prepare::plan(self, request, sources)?;
        let [planned] = plan.charts.as_slice() else {
            return Err(Error::usage(format!("there are {} charts there", plan.charts.len()), "name one of them"));
        };
        if plan.places[planned.place].is_archive {
            return Err(Error::usage("a packaged chart keeps its version", "name the folder it is made from"));
        }
        Ok(chart::load(&planned.tree, &planned.folder, sources))
    }

    /// The charts of the repository that take a chart by `file://`, with what its new version asks of them.
    ///
    /// # Errors
    /// Where the repository cannot be looked through.
    pub fn dependents(&self, chart: &Chart, version: &str, sources: &Sources) -> Result<Vec<Parent>, Error> {
        let unreadable = |error: crate::source::Error| Error::usage(error.to_string(), "make the repository readable");
        let found = chart::discover(&*chart.tree, "").map_err(unreadable)?.charts;
        let mut parents = vec![];
        for folder in
            found.into_iter().filter_map(|found| if let Found::Folder(folder) = found { Some(folder) } else { None })
        {
            let takes = |declared: &Declared<'_>| {
                declared.folder().and_then(|path| normal(&folder, Path::new(path))).as_ref() == Some(&chart.folder)
            };
            let thin = chart::load_files(&chart.tree, &folder, &Sources::new());
            if !thin.declared().iter().any(takes) {
                continue;
            }
            let parent = chart::load(&chart.tree, &folder, sources);
            let declared = parent.declared();
            parents.extend(
                declared
                    .iter()
                    .filter(|declared| takes(declared))
                    .map(|declared| raised(&parent, declared, version, sources)),
            );
        }
        Ok(parents)
    }
}

/// What a new version asks of a chart that declares it.
fn raised(parent: &Chart, declared: &Declared<'_>, version: &str, sources: &Sources) -> Parent {
    let (range, node) = (declared.version.unwrap_or_default(), declared.node.get("version"));
    let mut result = Parent { path: parent.path.clone(), fixes: vec![], open: None };
    let new = if is_compatible(range, version) { Some(range.to_owned()) } else { range_of(range, version) };
    let Some(new) = new else {
        result.open = Some(format!("its range `{range}` does not hold `{version}`: write another one by hand"));
        return result;
    };
    let set = |node: &Node, text: &str| {
        let source = sources.get(node.location.source);
        let edit = Writer::new(&source.text).scalar(node, text)?;
        Some(Fix::safe(format!("{} → {text}", node.scalar_text().unwrap_or_default()), vec![edit]))
    };
    if new != range {
        match node.and_then(|node| set(node, &new)) {
            Some(fix) => result.fixes.push(fix),
            None => result.open = Some(format!("its range `{range}` cannot be written over: write `{new}` by hand")),
        }
    }
    result.fixes.extend(locked(parent, declared, (&new, version), &set));
    result
}

/// The edits of the lock: the version that it pins, and the digest of all together.
fn locked(
    parent: &Chart,
    declared: &Declared<'_>,
    (range, version): (&str, &str),
    set: &dyn Fn(&Node, &str) -> Option<Fix>,
) -> Vec<Fix> {
    let Some(root) = parent.lock.as_ref().and_then(|lock| lock.root()) else { return vec![] };
    let (name, repository) = (declared.name.unwrap_or_default(), declared.repository.unwrap_or_default());
    let entries = root.get("dependencies").and_then(Node::as_seq).unwrap_or_default();
    let text = |node: &Node, field: &str| node.get(field).and_then(Node::scalar_text).map(str::to_owned);
    let is_it = |node: &&Node| {
        text(node, "name").as_deref() == Some(name) && text(node, "repository").as_deref() == Some(repository)
    };
    let Some(pinned) = entries.iter().find(is_it).and_then(|entry| entry.get("version")) else { return vec![] };
    let with = |list: Value, version: &str| {
        let mut list = list;
        let items = list.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut);
        for item in items.filter(|item| item.get("name").and_then(Value::as_str) == Some(name)) {
            if item.get("repository").and_then(Value::as_str) == Some(repository) {
                item.insert("version".to_owned(), version.into());
            }
        }
        list
    };
    let digest = lock::digest(&with(package::declared(parent), range), &with(package::locked(parent), version));
    let digest = root.entry("digest").and_then(|Entry { value, .. }| set(value, &digest));
    set(pinned, version).into_iter().chain(digest).collect()
}

/// A range of one version with another version in it; none where it has several.
fn range_of(range: &str, version: &str) -> Option<String> {
    let operator = ["^", "~", ">=", "=", ""].into_iter().find(|operator| range.trim_start().starts_with(operator))?;
    let rest = range.trim_start().strip_prefix(operator)?;
    let blank = &rest[..rest.len() - rest.trim_start().len()];
    Version::parse(rest.trim())?;
    Some(format!("{operator}{blank}{version}"))
}

#[cfg(test)]
mod tests {
    use super::range_of;

    #[test]
    fn a_range_of_one_version_keeps_its_operator() {
        for (range, expected) in
            [("1.2.3", "2.0.0"), ("^1.2", "^2.0.0"), ("~ 1.2.3", "~ 2.0.0"), (">=1.0.0", ">=2.0.0")]
        {
            assert_eq!(range_of(range, "2.0.0").as_deref(), Some(expected), "{range}");
        }
        for range in ["1.x", ">=1.0.0 <2.0.0", "1.0.0 || 1.2.0", "*"] {
            assert_eq!(range_of(range, "2.0.0"), None, "{range}");
        }
    }
}
