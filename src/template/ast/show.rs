//! Nodes as Go writes them in errors.

use std::fmt::Write as _;

use super::{Branch, Fields, NodeId, Pipe, Syntax, Unit};
use crate::template::print::quote::quote;

impl Unit {
    /// The node as Go writes it, which errors show.
    pub fn show(&self, id: NodeId) -> String {
        let mut text = String::new();
        self.write(&mut text, id);
        text
    }

    fn write(&self, out: &mut String, id: NodeId) {
        match self.node(id).syntax {
            Syntax::Text | Syntax::Number(_) | Syntax::String(_) => out.push_str(self.source_of(id)),
            Syntax::Action(pipe) => self.write_all(out, &["{{", "}}"], &[pipe]),
            Syntax::Break => out.push_str("{{break}}"),
            Syntax::Continue => out.push_str("{{continue}}"),
            Syntax::If(branch) => self.write_branch(out, "if", branch),
            Syntax::Range(branch) => self.write_branch(out, "range", branch),
            Syntax::With(branch) => self.write_branch(out, "with", branch),
            Syntax::Template { name, pipe } => {
                let _ = write!(out, "{{{{template {}", quote(self.name(name).as_bytes()));
                if let Some(pipe) = pipe {
                    self.write_all(out, &[" ", ""], &[pipe]);
                }
                out.push_str("}}");
            }
            Syntax::List(nodes) => self.write_all(out, &["", ""], self.nodes(nodes)),
            Syntax::Pipe(pipe) => self.write_pipe(out, pipe),
            Syntax::Command(nodes) => self.write_command(out, self.nodes(nodes)),
            Syntax::Bool(value) => drop(write!(out, "{value}")),
            Syntax::Dot => out.push('.'),
            Syntax::Nil => out.push_str("nil"),
            Syntax::Field(fields) => self.write_fields(out, fields),
            Syntax::Variable { name, fields } => {
                out.push_str(self.name(name));
                self.write_fields(out, fields);
            }
            Syntax::Chain { node, fields } => {
                self.write_operand(out, node);
                self.write_fields(out, fields);
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

    fn write_pipe(&self, out: &mut String, pipe: Pipe) {
        if !pipe.variables.is_empty() {
            for (index, name) in pipe.variables.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(self.name(name));
            }
            out.push_str(if pipe.assign { " = " } else { " := " });
        }
        for (index, command) in self.nodes(pipe.commands).iter().enumerate() {
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

    fn write_fields(&self, out: &mut String, fields: Fields) {
        out.push_str(&self.text[fields.0.range()]);
    }
}
