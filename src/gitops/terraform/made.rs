//! Objects that Terraform makes, and whatever else of it leads to a chart: followed where it is a constant object, else said.

use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;

use super::hcl::{Text, argument, is_constant, unwrapped};
use super::locals::Locals;
use crate::gitops::declared::{Declared, is_spoken};
use crate::gitops::files::{self, Files, Read, WORDS};
use crate::gitops::path::folder;
use crate::gitops::{Discovered, Problem, leads};
use crate::yaml::{Node, embedded};

/// Resources that make the object of an argument.
const OBJECTS: [(&str, &str); 2] = [("kubernetes_manifest", "manifest"), ("kubectl_manifest", "yaml_body")];
/// Resources that deploy charts by arguments of their own, and data that render them.
const OTHERS: [&str; 3] = ["argocd_application", "argocd_application_set", "helm_template"];

/// Whether a file speaks of what may deploy a chart.
pub(super) fn deploys(text: &str) -> bool {
    WORDS.iter().chain(&OTHERS).any(|word| text.contains(word))
}

/// Whether a file may have something that leads to a chart.
pub(super) fn speaks(text: &str) -> bool {
    text.contains("module") || deploys(text)
}

/// A file of a module.
#[derive(Clone, Copy)]
pub(super) struct File<'a, 's> {
    pub(super) files: &'a Files<'s>,
    pub(super) path: &'a str,
    pub(super) text: Text<'a>,
    pub(super) locals: &'a Locals,
}

impl File<'_, '_> {
    /// The objects that a block makes.
    pub(super) fn of(self, block: &Block, found: &mut Discovered) -> Vec<Declared> {
        let labels: Vec<&str> = block.labels.iter().map(hcl_edit::structure::BlockLabel::as_str).collect();
        match (block.ident.as_str(), labels.as_slice()) {
            ("resource", [kind, name]) => match OBJECTS.iter().find(|(known, _)| known == kind) {
                Some((_, argument)) => self.objects(block, &format!("{kind}.{name}"), argument, found),
                None if OTHERS.contains(kind) => self.say(block, &format!("{kind}.{name}"), found),
                None => vec![],
            },
            ("data", [kind, name]) if OTHERS.contains(kind) => self.say(block, &format!("data.{kind}.{name}"), found),
            ("module", [name]) if !is_local(block) => self.say(block, &format!("module.{name}"), found),
            _ => vec![],
        }
    }

    fn objects(self, block: &Block, name: &str, argument: &str, found: &mut Discovered) -> Vec<Declared> {
        let Some(attribute) = block.body.get_attribute(argument) else { return vec![] };
        let node = self.encoded(&attribute.value);
        let Some(roots) = self.roots(&node).filter(|_| is_constant(&node)) else { return self.say(block, name, found) };
        let read = Arc::new(Read::from([self.files.search.tree.shown(self.path)]));
        let beside = Arc::new(roots.clone());
        let spoken = roots.into_iter().filter(is_spoken);
        spoken.map(|root| Declared::new(self.path, root, &beside, &read)).collect()
    }

    /// An argument, or what it encodes as YAML or JSON.
    fn encoded(self, expression: &Expression) -> Node {
        let expression = unwrapped(expression);
        let inner = match expression {
            Expression::FuncCall(call) => argument(call, "yamlencode").or_else(|| argument(call, "jsonencode")),
            _ => None,
        };
        self.locals.filled(&self.text.node(inner.unwrap_or(expression)))
    }

    /// The objects of an argument; none where it cannot be read.
    fn roots(self, node: &Node) -> Option<Vec<Node>> {
        if node.as_map().is_some() {
            return Some(vec![node.clone()]);
        }
        node.as_str()?;
        let file = self.files.search.sources.get(node.location.source);
        let documents = embedded::documents(node, &file.text).ok()?;
        Some(files::objects(&documents).into_iter().map(|document| document.root).collect())
    }

    /// Says a block that leads to a chart of the repository.
    fn say(self, block: &Block, name: &str, found: &mut Discovered) -> Vec<Declared> {
        let at = self.text.place(hcl_edit::Span::span(&block.ident));
        let root = self.locals.filled(&self.text.block(&block.body, at));
        let held = || leads::held(self.files, &root).map(|held| held.chart);
        let leads = leads::chart_of(self.files, &root, folder(self.path)).map(Some).or_else(held);
        let Some(chart) = leads else { return vec![] };
        let judged = chart.as_deref().filter(|chart| self.files.search.charts.contains_key(*chart));
        let message = match chart.as_deref() {
            None => format!("`{name}` may deploy a chart of this repository, which is not followed"),
            Some("") => format!("`{name}` speaks of the chart in the root of this repository, which is not followed"),
            Some(chart) => format!("`{name}` speaks of the chart `{chart}`, which is not followed"),
        };
        found.unresolved(judged, folder(self.path), Problem::new(at, message));
        vec![]
    }
}

/// Whether a module lies in the repository, where what it does is read.
fn is_local(block: &Block) -> bool {
    let source = block.body.get_attribute("source").map(|source| &source.value);
    matches!(source, Some(Expression::String(text)) if text.as_str().starts_with('.'))
}
