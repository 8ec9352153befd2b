//! Blocks and expressions of HCL as nodes, in the way of Terraform's JSON: what is no constant is text with `${…}`.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::template::Element;

use crate::kustomize::edit;
use crate::text::{Location, SourceId, Span};
use crate::yaml::{Entry, Node, Style, Value};

/// The text of a file, to read parts of it by their places.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
}

impl<'a> Text<'a> {
    pub(super) fn place(self, span: Option<std::ops::Range<usize>>) -> Location {
        let span = span.unwrap_or_default();
        Location::new(self.source, Span::new(span.start, span.end))
    }

    pub(super) fn written(self, expression: &Expression) -> &'a str {
        expression.span().and_then(|span| self.text.get(span)).unwrap_or("").trim()
    }

    /// The mapping that a block is; blocks inside it are lists by their names.
    pub(super) fn block(self, body: &Body, at: Location) -> Node {
        let mut entries: Vec<Entry> = vec![];
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let key = self.place(attribute.key.span());
                    entries.push(edit::entry(&attribute.key, self.node(&attribute.value), key));
                }
                Structure::Block(block) => {
                    let known = entries.iter_mut().find(|entry| entry.key.key_text() == block.ident.as_str());
                    let inner = self.labelled(block);
                    let key = self.place(block.ident.span());
                    match known {
                        Some(known) => {
                            let all = known.value.as_seq().unwrap_or_default().iter().cloned().chain([inner]);
                            known.value = edit::list(all.collect(), known.value.location);
                        }
                        None => entries.push(edit::entry(&block.ident, edit::list(vec![inner], key), key)),
                    }
                }
            }
        }
        edit::mapping(entries, at)
    }

    /// The mapping of a block, below its labels.
    fn labelled(self, block: &Block) -> Node {
        let at = self.place(block.span());
        let wrap = |inner: Node, label: &str| edit::mapping(vec![edit::entry(label, inner, at)], at);
        block.labels.iter().rev().fold(self.block(&block.body, at), |inner, label| wrap(inner, label.as_str()))
    }

    pub(super) fn node(self, expression: &Expression) -> Node {
        let at = self.place(expression.span());
        let value = match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(bool) => Value::Bool(*bool.value(), self.written(expression).into()),
            Expression::Number(_) => number(self.written(expression)),
            Expression::String(text) => Value::String(text.as_str().into()),
            Expression::Array(items) => Value::Seq(items.iter().map(|item| self.node(item)).collect()),
            Expression::Object(object) => {
                return edit::mapping(object.iter().map(|(key, value)| self.entry(key, value.expr())).collect(), at);
            }
            Expression::Parenthesis(_) => return self.node(unwrapped(expression)),
            Expression::HeredocTemplate(_) => {
                return self.heredoc(expression).unwrap_or_else(|| edit::text("${heredoc}", at));
            }
            Expression::StringTemplate(_) if !std::ptr::eq(unwrapped(expression), expression) => {
                return self.node(unwrapped(expression));
            }
            Expression::StringTemplate(template) => {
                let whole = || format!("${{{}}}", self.written(expression));
                Value::String(self.filled_in(template.iter()).unwrap_or_else(whole).into())
            }
            _ => Value::String(format!("${{{}}}", self.written(expression)).into()),
        };
        // In a text without expressions nothing is filled in, whatever it looks like.
        let style = if matches!(expression, Expression::String(_)) { Style::DoubleQuoted } else { Style::Plain };
        Node { value, location: at, style }
    }

    /// A text with what is filled in as it is written; none where what is not filled in looks like it.
    fn filled_in<'e>(self, elements: impl Iterator<Item = &'e Element>) -> Option<String> {
        let mut whole = String::new();
        for element in elements {
            match element {
                Element::Literal(text) if text.contains("${") || text.contains("%{") => return None,
                Element::Literal(text) => whole.push_str(text),
                element => whole.push_str(self.text.get(element.span()?)?),
            }
        }
        Some(whole)
    }

    fn entry(self, key: &ObjectKey, value: &Expression) -> Entry {
        let value = self.node(value);
        match key {
            ObjectKey::Ident(ident) => edit::entry(ident, value, self.place(ident.span())),
            ObjectKey::Expression(expression) => {
                let key = self.node(expression);
                edit::entry(&key.key_text(), value, key.location)
            }
        }
    }

    /// The text of a heredoc with what is filled in as it is written; without that its lines are its place. None where what is not filled in
    /// looks as if it were.
    fn heredoc(self, expression: &Expression) -> Option<Node> {
        let heredoc = expression.as_heredoc_template()?;
        let is_literal = heredoc.template.iter().all(|element| matches!(element, Element::Literal(_)));
        let span = expression.span()?;
        let written = self.text.get(span.clone())?;
        let body = written.find('\n')? + 1;
        let lines = written[body..].split_inclusive('\n');
        let lines: Vec<&str> = lines.take_while(|line| line.trim() != heredoc.delimiter.as_str()).collect();
        let blanks = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let is_dedented = written.starts_with("<<-");
        let indent = lines.iter().filter(|line| !line.trim().is_empty()).map(blanks).min().filter(|_| is_dedented);
        let content: String = lines.iter().map(|line| line.get(indent.unwrap_or(0)..).unwrap_or("\n")).collect();
        let has_escapes = content.contains("$${") || content.contains("%%{");
        if has_escapes && !is_literal {
            return None;
        }
        let content = content.replace("$${", "${").replace("%%{", "%{");
        let length: usize = lines.iter().map(|line| line.len()).sum();
        let start = span.start + body;
        let location = self.place(if is_literal { Some(start..start + length) } else { expression.span() });
        let style = if is_literal { Style::Literal } else { Style::Plain };
        Some(Node { value: Value::String(content.into()), location, style })
    }
}

/// What parentheses hold, and a text that is one expression and nothing else.
pub(super) fn unwrapped(expression: &Expression) -> &Expression {
    match expression {
        Expression::Parenthesis(inner) => unwrapped(inner.inner()),
        Expression::StringTemplate(template) => {
            let mut elements = template.iter();
            match (elements.next(), elements.next()) {
                (Some(Element::Interpolation(inner)), None) => unwrapped(&inner.expr),
                _ => expression,
            }
        }
        _ => expression,
    }
}

/// The argument of a function that takes one.
pub(super) fn argument<'e>(call: &'e FuncCall, name: &str) -> Option<&'e Expression> {
    let is_meant = call.name.namespace.is_empty() && call.name.name.as_str() == name && call.args.len() == 1;
    call.args.iter().next().filter(|_| is_meant)
}

/// The arguments of a function that takes two; none of another one.
pub(super) fn arguments<'e>(call: &'e FuncCall, name: &str) -> Vec<&'e Expression> {
    let is_meant = call.name.namespace.is_empty() && call.name.name.as_str() == name && call.args.len() == 2;
    call.args.iter().filter(|_| is_meant).collect()
}

/// Whether what an expression gives surely is text.
pub(super) fn is_text(expression: &Expression) -> bool {
    const TEXTS: [&str; 5] = ["file", "format", "jsonencode", "templatefile", "yamlencode"];
    match expression {
        Expression::FuncCall(call) => {
            call.name.namespace.is_empty() && TEXTS.iter().any(|name| call.name.name.as_str() == *name)
        }
        Expression::String(_) | Expression::HeredocTemplate(_) => true,
        _ => false,
    }
}

fn number(written: &str) -> Value {
    let whole = written.parse().map(|number| Value::Int(number, written.into()));
    whole.unwrap_or_else(|_| match written.parse() {
        Ok(number) => Value::Float(number, written.into()),
        Err(_) => Value::String(written.into()),
    })
}

/// Whether a text is one in which nothing is filled in.
pub(super) fn is_literal(node: &Node) -> bool {
    matches!(node.style, Style::DoubleQuoted | Style::Literal)
}

/// Whether nothing of a node is filled in by Terraform.
pub(super) fn is_constant(node: &Node) -> bool {
    match &node.value {
        Value::String(_) if is_literal(node) => true,
        Value::String(text) => !text.contains("${") && !text.contains("%{"),
        Value::Seq(items) => items.iter().all(is_constant),
        Value::Map(mapping) => {
            mapping.entries().iter().all(|entry| is_constant(&entry.key) && is_constant(&entry.value))
        }
        _ => true,
    }
}
