//! The syntax of templates: nodes in an arena, so that no nesting, however deep, costs stack to hold or to drop.

use std::fmt::Write as _;
use std::sync::Arc;

use super::funcs::Func;
use super::print::quote::quote;
use super::string::Content;
use crate::text::{SourceId, Span};

/// Index of a node in its [`Unit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeId(pub(super) u32);

/// One parsed text with all templates defined in it. Shared between threads.
#[derive(Debug)]
pub struct Unit {
    /// The name under which it was parsed, which errors show.
    pub name: Arc<str>,
    /// The source, `None` for text that `tpl` made from a value.
    pub source: Option<SourceId>,
    /// The text.
    pub text: Arc<str>,
    /// Shared by all units parsed from the same text.
    pub(super) nodes: Arc<[Node]>,
}

/// A template: a name and its root in a unit.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The name given by `define`, `block` or the caller.
    pub name: Arc<str>,
    /// Where its nodes are.
    pub unit: Arc<Unit>,
    /// A list.
    pub root: NodeId,
}

/// A node.
#[derive(Debug)]
pub struct Node {
    /// The bytes it was parsed from.
    pub span: Span,
    /// Go's position of it, which errors show: for a chain of fields that of the second one.
    pub position: u32,
    /// What it is.
    pub syntax: Syntax,
}

/// Children of a node.
pub type Nodes = Box<[NodeId]>;

/// The kinds of nodes.
#[derive(Debug)]
pub enum Syntax {
    /// Text outside actions: the bytes of the span.
    Text,
    /// `{{pipeline}}`.
    Action(NodeId),
    /// `{{break}}`.
    Break,
    /// `{{continue}}`.
    Continue,
    /// `{{if}}`.
    If(Branch),
    /// `{{range}}`.
    Range(Branch),
    /// `{{with}}`.
    With(Branch),
    /// `{{template}}`, also for `{{block}}`.
    Template {
        /// The template called.
        name: Arc<str>,
        /// Its dot.
        pipe: Option<NodeId>,
    },
    /// A sequence of texts and actions.
    List(Nodes),
    /// A pipeline.
    Pipe(Pipe),
    /// A function, field or operand with its arguments.
    Command(Nodes),
    /// `true` or `false`.
    Bool(bool),
    /// `.`.
    Dot,
    /// `nil`.
    Nil,
    /// A number or character.
    Number(Number),
    /// A string; the span holds it with its quotes.
    String(Content),
    /// `.A.B`.
    Field(Fields),
    /// `$x.A.B`.
    Variable {
        /// With its `$`.
        name: Arc<str>,
        /// May be empty.
        fields: Fields,
    },
    /// `(pipeline).A.B`.
    Chain {
        /// What the fields are taken of.
        node: NodeId,
        /// Never empty.
        fields: Fields,
    },
    /// A function's name.
    Function(&'static Func),
}

/// Names of fields, without their dots.
pub type Fields = Box<[Arc<str>]>;

/// `if`, `range` or `with`.
#[derive(Debug, Clone, Copy)]
pub struct Branch {
    /// The condition.
    pub pipe: NodeId,
    /// A list.
    pub body: NodeId,
    /// A list; of one node for `else if` and `else with`.
    pub otherwise: Option<NodeId>,
}

/// A pipeline, with the variables it declares or assigns.
#[derive(Debug)]
pub struct Pipe {
    /// `=` instead of `:=`.
    pub assign: bool,
    /// The variables' names with their `$`; two for `range $i, $e := …`.
    pub variables: Box<[Arc<str>]>,
    /// The commands.
    pub commands: Nodes,
}

/// A constant number under every type that can hold it, as Go's untyped constants are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Number {
    /// As a signed integer.
    pub int: Option<i64>,
    /// As an unsigned integer.
    pub uint: Option<u64>,
    /// As a float.
    pub float: Option<f64>,
    /// Written as a float, so that it is one where nothing says otherwise.
    pub written_float: bool,
}

impl Unit {
    /// The node of an id of this unit.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Bytes of memory it takes, about.
    pub fn weight(&self) -> usize {
        self.text.len() + self.nodes.len() * size_of::<Node>()
    }

    /// The text of a node's span.
    pub fn source_of(&self, id: NodeId) -> &str {
        &self.text[self.node(id).span.range()]
    }

    /// Go's place of a node: `NAME:LINE:COLUMN`, the column in bytes from 0.
    pub fn place(&self, id: NodeId) -> String {
        let before = &self.text[..self.node(id).position as usize];
        let column = before.rfind('\n').map_or(before.len(), |found| before.len() - found - 1);
        format!("{}:{}:{column}", self.name, 1 + before.matches('\n').count())
    }

    /// The node as Go writes it, which errors show.
    pub fn show(&self, id: NodeId) -> String {
        let mut text = String::new();
        self.write(&mut text, id);
        text
    }

    fn write(&self, out: &mut String, id: NodeId) {
        match &self.node(id).syntax {
            Syntax::Text | Syntax::Number(_) | Syntax::String(_) => out.push_str(self.source_of(id)),
            Syntax::Action(pipe) => self.write_all(out, &["{{", "}}"], &[*pipe]),
            Syntax::Break => out.push_str("{{break}}"),
            Syntax::Continue => out.push_str("{{continue}}"),
            Syntax::If(branch) => self.write_branch(out, "if", *branch),
            Syntax::Range(branch) => self.write_branch(out, "range", *branch),
            Syntax::With(branch) => self.write_branch(out, "with", *branch),
            Syntax::Template { name, pipe } => {
                let _ = write!(out, "{{{{template {}", quote(name.as_bytes()));
                if let Some(pipe) = pipe {
                    self.write_all(out, &[" ", ""], &[*pipe]);
                }
                out.push_str("}}");
            }
            Syntax::List(nodes) => self.write_all(out, &["", ""], nodes),
            Syntax::Pipe(pipe) => self.write_pipe(out, pipe),
            Syntax::Command(nodes) => self.write_command(out, nodes),
            Syntax::Bool(value) => drop(write!(out, "{value}")),
            Syntax::Dot => out.push('.'),
            Syntax::Nil => out.push_str("nil"),
            Syntax::Field(fields) => write_fields(out, fields),
            Syntax::Variable { name, fields } => {
                out.push_str(name);
                write_fields(out, fields);
            }
            Syntax::Chain { node, fields } => {
                self.write_operand(out, *node);
                write_fields(out, fields);
            }
            Syntax::Function(func) => out.push_str(func.name),
        }
    }

    fn write_all(&self, out: &mut String, around: &[&str; 2], nodes: &[NodeId]) {
        out.push_str(around[0]);
        for node in nodes {
            self.write(out, *node);
        }
        out.push_str(around[1]);
    }

    fn write_branch(&self, out: &mut String, word: &str, branch: Branch) {
        let _ = write!(out, "{{{{{word} ");
        self.write_all(out, &["", "}}"], &[branch.pipe]);
        self.write(out, branch.body);
        if let Some(list) = branch.otherwise {
            self.write_all(out, &["{{else}}", ""], &[list]);
        }
        out.push_str("{{end}}");
    }

    fn write_pipe(&self, out: &mut String, pipe: &Pipe) {
        if !pipe.variables.is_empty() {
            out.push_str(&pipe.variables.join(", "));
            out.push_str(if pipe.assign { " = " } else { " := " });
        }
        for (index, command) in pipe.commands.iter().enumerate() {
            out.push_str(if index > 0 { " | " } else { "" });
            self.write(out, *command);
        }
    }

    fn write_command(&self, out: &mut String, nodes: &[NodeId]) {
        for (index, node) in nodes.iter().enumerate() {
            out.push_str(if index > 0 { " " } else { "" });
            self.write_operand(out, *node);
        }
    }

    fn write_operand(&self, out: &mut String, node: NodeId) {
        let parenthesised = matches!(self.node(node).syntax, Syntax::Pipe(_));
        self.write_all(out, if parenthesised { &["(", ")"] } else { &["", ""] }, &[node]);
    }
}

fn write_fields(out: &mut String, fields: &Fields) {
    for field in fields {
        out.push('.');
        out.push_str(field);
    }
}

impl Tree {
    /// True if it holds nothing but white space: such a template never replaces another.
    pub fn is_empty(&self) -> bool {
        match &self.unit.node(self.root).syntax {
            Syntax::List(nodes) => nodes.iter().all(|node| {
                matches!(self.unit.node(*node).syntax, Syntax::Text) && self.unit.source_of(*node).trim().is_empty()
            }),
            _ => false,
        }
    }
}
