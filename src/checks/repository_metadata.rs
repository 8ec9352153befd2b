//! What the rules on artifacthub-repo.yml share: the file, and the entries of its `ignore`.

use crate::chart::ProblemKind;
use crate::rule::Context;
use crate::text::{Location, Span};
use crate::yaml::Node;

/// The file's root, null where it is empty, and its start; none where there is no such file or it is no mapping.
pub(super) fn root(context: &Context<'_>) -> Option<(Node, Location)> {
    let file = context.chart.repository.as_ref()?;
    let start = Location::new(file.source, Span::default());
    let mut wrong = context.chart.problems.iter().filter(|problem| problem.kind == ProblemKind::YamlInvalid);
    if wrong.any(|problem| problem.location.source == file.source) {
        return None;
    }
    Some((file.root().cloned().unwrap_or_else(|| Node::null(start)), start))
}

/// An entry of `ignore`.
pub(super) struct Ignored<'a> {
    pub(super) name: &'a str,
    /// The regular expression, empty where every version is meant, and its place.
    pub(super) version: (&'a str, Location),
    pub(super) at: Location,
}

/// The entries of `ignore` that are mappings.
pub(super) fn ignored(root: &Node) -> Vec<Ignored<'_>> {
    let items = root.items("ignore");
    let entry = |item| {
        let text = |key: &str| Node::get(item, key).and_then(Node::scalar_text).unwrap_or_default();
        let place = |key: &str| Node::get(item, key).map_or(item.location, |node| node.location);
        Ignored { name: text("name"), version: (text("version"), place("version")), at: place("name") }
    };
    let is_text =
        |item: &Node, key| item.get(key).is_none_or(|node: &Node| node.is_null() || node.scalar_text().is_some());
    let is_read = |item: &&Node| item.as_map().is_some() && ["name", "version"].iter().all(|key| is_text(item, key));
    items.iter().filter(is_read).map(entry).collect()
}
