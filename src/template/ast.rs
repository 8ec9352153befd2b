//! The syntax of templates: nodes in an arena, so that no nesting, however deep, costs stack to hold or to drop.
//!
//! Nodes are small and plain: whatever has no fixed size (children, names, literals) lies in pools beside them, and fields are read off the text. A
//! text of a chart is then a handful of allocations, and its tree takes little more memory than the text.

use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};

use super::funcs::Func;
use super::number::Number;
use super::string::Content;
use crate::text::{SourceId, Span};

mod show;

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
    pub(super) code: Arc<Code>,
}

/// What a text was parsed to.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub(super) nodes: Vec<Node>,
    pub(super) children: Vec<NodeId>,
    /// Variables with their `$`, and templates that are called.
    pub(super) names: Vec<Arc<str>>,
    pub(super) strings: Vec<Content>,
    pub(super) numbers: Vec<Number>,
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
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// The bytes it was parsed from.
    pub span: Span,
    /// Go's position of it, which errors show: for a chain of fields that of the second one.
    pub position: u32,
    /// What it is.
    pub syntax: Syntax,
}

/// Children of a node; see [`Unit::nodes`].
#[derive(Debug, Clone, Copy)]
pub struct Nodes {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A name in a unit; see [`Unit::name`]. In one unit equal names have equal ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameId(pub(super) NonZeroU32);

impl NameId {
    /// The variable that every template begins with.
    pub(super) const DOLLAR: Self = Self(NonZeroU32::MIN);
}

/// The kinds of nodes.
#[derive(Debug, Clone, Copy)]
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
        name: NameId,
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
    /// A number or character; see [`Unit::number`].
    Number(u32),
    /// A string; the span holds it with its quotes. See [`Unit::string`].
    String(u32),
    /// `.A.B`.
    Field(Fields),
    /// `$x.A.B`.
    Variable {
        /// With its `$`.
        name: NameId,
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

/// Where a chain of fields stands in the text, with its dots; see [`Unit::fields`].
#[derive(Debug, Clone, Copy)]
pub struct Fields(pub(super) Span);

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
#[derive(Debug, Clone, Copy)]
pub struct Pipe {
    /// `=` instead of `:=`.
    pub assign: bool,
    /// The variables' names with their `$`; two for `range $i, $e := …`.
    pub variables: Variables,
    /// The commands.
    pub commands: Nodes,
}

/// At most two variables, in order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Variables(pub(super) [Option<NameId>; 2]);

impl Variables {
    /// The names.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = NameId> {
        self.0.into_iter().flatten()
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.iter().count()
    }

    /// True if there are none.
    pub fn is_empty(self) -> bool {
        self.0[0].is_none()
    }
}

/// The name of the variable that every template begins with.
static DOLLAR: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("$"));

impl Code {
    /// Nothing but the name of `$`, with room for what a text of `length` mostly has.
    pub(super) fn with_room(length: usize) -> Self {
        let room = (length / 24).min(1 << 12);
        let names = vec![Arc::clone(&DOLLAR)];
        Self { nodes: Vec::with_capacity(room), children: Vec::with_capacity(room), names, ..Self::default() }
    }

    /// Bytes of memory it takes, about; the texts of names and strings aside, which are no longer than the text.
    pub(super) fn weight(&self) -> usize {
        self.nodes.len() * size_of::<Node>()
            + self.children.len() * size_of::<NodeId>()
            + self.names.len() * size_of::<Arc<str>>()
            + self.strings.len() * size_of::<Content>()
            + self.numbers.len() * size_of::<Number>()
    }

    /// Gives back what was reserved and not needed.
    pub(super) fn fit(mut self) -> Self {
        self.nodes.shrink_to_fit();
        self.children.shrink_to_fit();
        self.names.shrink_to_fit();
        self.strings.shrink_to_fit();
        self.numbers.shrink_to_fit();
        self
    }
}

impl Unit {
    /// The node of an id of this unit.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.code.nodes[id.0 as usize]
    }

    /// The children that a node of this unit names.
    pub fn nodes(&self, nodes: Nodes) -> &[NodeId] {
        &self.code.children[nodes.start as usize..nodes.end as usize]
    }

    /// The name of an id of this unit.
    pub fn name(&self, name: NameId) -> &Arc<str> {
        &self.code.names[name.0.get() as usize - 1]
    }

    /// The literal of a [`Syntax::String`] of this unit.
    pub fn string(&self, index: u32) -> &Content {
        &self.code.strings[index as usize]
    }

    /// The literal of a [`Syntax::Number`] of this unit.
    pub fn number(&self, index: u32) -> &Number {
        &self.code.numbers[index as usize]
    }

    /// The names of a chain of fields of this unit, without their dots.
    pub fn fields(&self, fields: Fields) -> FieldNames<'_> {
        FieldNames { rest: &self.text[fields.0.range()] }
    }

    /// Bytes of memory it takes, about.
    pub fn weight(&self) -> usize {
        self.text.len() + self.code.weight()
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
}

/// Names of fields, read off the text.
#[derive(Debug, Clone)]
pub struct FieldNames<'t> {
    rest: &'t str,
}

impl FieldNames<'_> {
    /// True if there are no more.
    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }
}

impl<'t> Iterator for FieldNames<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let behind_dot = self.rest.get(1..)?;
        let end = behind_dot.bytes().position(|byte| byte == b'.').unwrap_or(behind_dot.len());
        let (name, rest) = behind_dot.split_at(end);
        self.rest = rest;
        Some(name)
    }
}

impl Tree {
    /// True if it holds nothing but white space: such a template never replaces another.
    pub fn is_empty(&self) -> bool {
        match self.unit.node(self.root).syntax {
            Syntax::List(nodes) => self.unit.nodes(nodes).iter().all(|node| {
                matches!(self.unit.node(*node).syntax, Syntax::Text) && self.unit.source_of(*node).trim().is_empty()
            }),
            _ => false,
        }
    }
}
