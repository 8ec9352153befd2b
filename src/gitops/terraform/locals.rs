//! `locals` of a module: constants that its other expressions name.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::hcl::{Text, is_constant, is_literal};
use super::{is_hcl, is_override, unmarked};
use crate::gitops::files::Files;
use crate::gitops::path;
use crate::kustomize::edit;
use crate::yaml::{Entry, Mapping, Node, Value};

/// Locals made of locals made of locals.
const DEEPEST: usize = 8;
/// Bytes and nodes that may come into the places of names in a module; names beyond stay what only Terraform knows.
const MOST: usize = 4_000_000;

/// The locals of a module by their names.
#[derive(Default)]
pub(super) struct Locals {
    known: BTreeMap<String, Local>,
    /// What has come into the places of names so far.
    spent: Cell<usize>,
}

struct Local {
    node: Node,
    /// Its bytes and nodes.
    weight: usize,
    is_constant: bool,
}

impl Local {
    fn new(node: Node, weight: usize) -> Self {
        let is_constant = is_constant(&node);
        Self { node, weight, is_constant }
    }
}

impl Locals {
    /// Those of every file of a folder. What of them cannot be read is said where it is looked at.
    pub(super) fn of(files: &Files<'_>, folder: &str) -> Self {
        let mut all = Self::default();
        let beside = files.below(folder).iter().filter(|file| is_hcl(file) && path::folder(file) == folder);
        // Some files are laid over all others.
        let (over, own): (Vec<&String>, Vec<&String>) = beside.partition(|file| is_override(file));
        for file in own.into_iter().chain(over) {
            let Ok((source, read)) = files.text(file) else { continue };
            let has_any = read.text.contains("locals");
            let written = unmarked(&read.text);
            let Some(body) = hcl_edit::parser::parse_body(&written).ok().filter(|_| has_any) else { continue };
            let text = Text { source, text: &written };
            for attribute in body.get_blocks("locals").flat_map(|block| block.body.attributes()) {
                let node = text.node(&attribute.value);
                let weight = weight(&node);
                all.known.insert(attribute.key.to_string(), Local::new(node, weight));
            }
        }
        for _ in 0..DEEPEST {
            let open = all.known.iter().filter(|(_, local)| !local.is_constant);
            let filled: Vec<_> = open.map(|(name, local)| (name.clone(), all.more(local))).collect();
            all.known.extend(filled);
        }
        all
    }

    /// A local with what is known of others.
    fn more(&self, local: &Local) -> Local {
        let before = self.spent.get();
        let node = self.filled(&local.node);
        Local::new(node, local.weight + self.spent.get() - before)
    }

    /// A node with the locals that it names in their places.
    pub(super) fn filled(&self, node: &Node) -> Node {
        let value = match &node.value {
            Value::String(text) if text.contains("${local.") && !is_literal(node) => return self.in_text(text, node),
            Value::Seq(items) => Value::Seq(items.iter().map(|item| self.filled(item)).collect()),
            Value::Map(mapping) => {
                let entry = |entry: &Entry| Entry { value: self.filled(&entry.value), ..entry.clone() };
                return edit::mapping(mapping.entries().iter().map(entry).collect(), node.location);
            }
            _ => return node.clone(),
        };
        edit::with_value(node, value)
    }

    fn in_text(&self, text: &str, node: &Node) -> Node {
        let whole = text.strip_prefix("${local.").and_then(|rest| rest.strip_suffix('}'));
        if let Some(known) = whole.and_then(|path| self.known(path)) {
            return known.clone();
        }
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, behind)) = rest.split_once("${local.") {
            let known = behind.split_once('}').and_then(|(path, after)| Some((self.known(path)?.helm_text()?, after)));
            out.push_str(before);
            let (value, after) = known.unwrap_or(("${local.".into(), behind));
            out.push_str(&value);
            rest = after;
        }
        edit::with_value(node, Value::String((out + rest).into()))
    }

    /// The constant at a path of names.
    fn known(&self, path: &str) -> Option<&Node> {
        let mut names = path.split('.');
        let local = self.known.get(names.next()?).filter(|local| local.is_constant)?;
        let found = names.try_fold(&local.node, |node, name| node.get(name))?;
        let spent = self.spent.get().saturating_add(local.weight);
        (spent <= MOST).then(|| {
            self.spent.set(spent);
            found
        })
    }
}

/// The bytes and nodes of a node.
fn weight(node: &Node) -> usize {
    let items: usize = node.as_seq().unwrap_or_default().iter().map(weight).sum();
    let entries = node.as_map().map(Mapping::entries).unwrap_or_default();
    let entries: usize = entries.iter().map(|entry| weight(&entry.key) + weight(&entry.value)).sum();
    1 + node.scalar_text().map_or(0, str::len) + items + entries
}
