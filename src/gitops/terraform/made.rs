//! Objects that Terraform makes, and whatever else of it leads to a chart: followed where it is a constant object, else said.

use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;

use super::hcl::{Text, argument, arguments, is_constant, unwrapped};
use super::locals::Locals;
use super::modules::Roots;
use super::{Reference, template};
use crate::gitops::declared::{Declared, is_spoken};
use crate::gitops::files::{self, Files, Read, WORDS};
use crate::gitops::path::folder;
use crate::gitops::{Discovered, Problem, leads};
use crate::kustomize::edit;
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
    text.contains("module") || deploys(text) || asks(text)
}

/// Whether a file may make objects of what other files hold.
pub(super) fn asks(text: &str) -> bool {
    text.contains("file(") && OBJECTS.iter().any(|(kind, _)| text.contains(kind))
}

/// A file of a module.
#[derive(Clone, Copy)]
pub(super) struct File<'a, 's> {
    pub(super) files: &'a Files<'s>,
    pub(super) path: &'a str,
    pub(super) text: Text<'a>,
    pub(super) locals: &'a Locals,
    /// The modules that Terraform is run in and that come to its own.
    pub(super) roots: &'a Roots,
}

/// What an argument holds.
enum Argument {
    /// These objects.
    Objects(Vec<Node>),
    /// What Terraform alone knows: the text as far as it is written, where it stands in another file.
    Open(Option<Node>),
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
        let (held, read) = self.files.recorded(|| self.held(&attribute.value));
        let roots = match held {
            Argument::Objects(roots) => roots,
            Argument::Open(text) => return self.say_with(block, name, text, found),
        };
        let read = Arc::new(read.into_iter().chain([self.files.search.tree.shown(self.path)]).collect::<Read>());
        let beside = Arc::new(roots.clone());
        let spoken = roots.into_iter().filter(is_spoken);
        spoken.map(|root| Declared::new(self.path, root, &beside, &read)).collect()
    }

    /// The objects of an argument, or of what it encodes, decodes or reads.
    fn held(self, expression: &Expression) -> Argument {
        let expression = unwrapped(expression);
        if let Expression::FuncCall(call) = expression {
            if let Some(text) = argument(call, "yamldecode").or_else(|| argument(call, "jsondecode")) {
                return self.held(text);
            }
            if let Some(path) = argument(call, "file") {
                return self.file(path).map_or(Argument::Open(None), |file| self.of_file(&file));
            }
            if let [path, variables] = arguments(call, template::FUNCTION).as_slice() {
                let file = self.file(path);
                return file.map_or(Argument::Open(None), |file| self.filled(&file, variables, expression));
            }
        }
        let node = self.encoded(expression);
        self.roots(&node).filter(|_| is_constant(&node)).map_or(Argument::Open(None), Argument::Objects)
    }

    /// The file that a constant path leads to.
    fn file(self, path: &Expression) -> Option<String> {
        let path = self.locals.filled(&self.text.node(path));
        let located = Reference::read(path.as_str()?)?.located(folder(self.path), self.roots)?;
        Some(located).filter(|file| self.files.is_file(file))
    }

    /// The objects of a file; a manifest is read by itself.
    fn of_file(self, file: &str) -> Argument {
        if files::is_manifest(file) {
            return Argument::Objects(vec![]);
        }
        match self.files.documents(file) {
            Ok(documents) => Argument::Objects(files::objects(&documents).into_iter().map(|each| each.root).collect()),
            Err(_) => Argument::Open(None),
        }
    }

    /// The objects that a template makes, at the place of the call.
    fn filled(self, file: &str, variables: &Expression, call: &Expression) -> Argument {
        let Ok((_, source)) = self.files.text(file) else { return Argument::Open(None) };
        if !template::is_open(&source.text) {
            return self.of_file(file);
        }
        let variables = self.locals.filled(&self.text.node(variables));
        let at = self.text.place(hcl_edit::Span::span(call));
        let filled = template::filled(&source.text, &variables).map(|text| edit::text(text, at));
        let roots = filled.and_then(|node| self.roots(&node));
        roots.map_or_else(|| Argument::Open(Some(edit::text(&*source.text, at))), Argument::Objects)
    }

    /// An argument, or what it encodes as YAML or JSON.
    fn encoded(self, expression: &Expression) -> Node {
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
        self.say_with(block, name, None, found)
    }

    /// The same of one that takes a text from elsewhere.
    fn say_with(self, block: &Block, name: &str, text: Option<Node>, found: &mut Discovered) -> Vec<Declared> {
        let at = self.text.place(hcl_edit::Span::span(&block.ident));
        let root = self.locals.filled(&self.text.block(&block.body, at));
        let root = text.map_or_else(|| root.clone(), |text| edit::with(&root, "text", text));
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
