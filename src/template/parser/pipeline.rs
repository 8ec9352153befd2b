//! Pipelines, commands and operands.

use super::{Kind, NameId, NodeId, Parsed, Parser, Syntax, fail, index};
use crate::template::ast::{Fields, Pipe, Variables};
use crate::template::number::{Number, character, number};
use crate::template::print::quote::{quote, unescaped, unquote};
use crate::template::string::Content;
use crate::text::Span;

impl Parser<'_> {
    /// A pipeline up to the token `end`, which it takes.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<NodeId> {
        self.budget.descend()?;
        let start = self.peek_non_space().start;
        let (assign, variables) = self.declarations(context)?;
        let mark = self.open.len();
        loop {
            let before = self.reached;
            let token = self.next_non_space();
            if token.kind == end {
                self.check_pipeline(&self.open[mark..], context)?;
                let pipe = Pipe { assign, variables, commands: self.close(mark) };
                self.reached = before;
                let node = self.add(start, start, Syntax::Pipe(pipe));
                self.reached = token.end;
                return Ok(node);
            }
            if !starts_operand(token.kind) {
                return self.unexpected(&token, context);
            }
            self.put_back(token);
            self.reached = before;
            let command = self.command()?;
            self.open.push(command);
        }
    }

    /// `$x :=`, `$x =` and, for `range`, `$i, $e :=`.
    fn declarations(&mut self, context: &str) -> Parsed<(bool, Variables)> {
        let mut variables = Variables::default();
        loop {
            if self.peek_non_space().kind != Kind::Variable {
                return Ok((false, variables));
            }
            let reached = self.reached;
            let variable = self.next();
            // White space is a token: `$x foo` has to be told from `$x := foo`, and then all three are put back.
            let after = self.next();
            let next = if after.kind == Kind::Space { self.peek_non_space() } else { after };
            let comma = next.kind == Kind::Char && &self.text[next.start..next.end] == ",";
            if !comma && !matches!(next.kind, Kind::Assign | Kind::Declare) {
                self.put_back(after);
                self.put_back(variable);
                self.reached = reached;
                return Ok((false, variables));
            }
            if after.kind == Kind::Space {
                self.next_non_space();
            }
            let name = self.name_id(&self.text[variable.start..variable.end]);
            self.scope.variables.push(name);
            variables.0[usize::from(!variables.is_empty())] = Some(name);
            if !comma {
                return Ok((next.kind == Kind::Assign, variables));
            }
            self.check_second(context, variables.len())?;
        }
    }

    /// After a comma, only `range` may declare one more variable.
    fn check_second(&mut self, context: &str, count: usize) -> Parsed<()> {
        if context != "range" || count >= 2 {
            return fail(format!("too many declarations in {context}"));
        }
        match self.peek_non_space().kind {
            Kind::Variable | Kind::RightDelim | Kind::RightParen => Ok(()),
            _ => fail("range can only initialize variables"),
        }
    }

    fn check_pipeline(&self, commands: &[NodeId], context: &str) -> Parsed<()> {
        if commands.is_empty() {
            return fail(format!("missing value for {context}"));
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            let Syntax::Command(arguments) = self.code.nodes[command.0 as usize].syntax else { continue };
            let first = self.code.children[arguments.start as usize];
            let first = self.code.nodes[first.0 as usize].syntax;
            if matches!(first, Syntax::Bool(_) | Syntax::Dot | Syntax::Nil | Syntax::Number(_) | Syntax::String(_)) {
                return fail(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Parsed<NodeId> {
        let start = self.peek_non_space().start;
        let mark = self.open.len();
        loop {
            self.peek_non_space();
            let operand = self.operand()?;
            self.open.extend(operand);
            let reached = self.reached;
            let token = self.next();
            self.reached = reached;
            match token.kind {
                Kind::Space => {}
                Kind::RightDelim | Kind::RightParen => {
                    self.put_back(token);
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(&token, "operand"),
            }
        }
        if self.open.len() == mark {
            return fail("empty command");
        }
        let arguments = self.close(mark);
        Ok(self.add(start, start, Syntax::Command(arguments)))
    }

    /// A term with the fields reached of it; `None` if no term starts here.
    fn operand(&mut self) -> Parsed<Option<NodeId>> {
        let start = self.peek_non_space().start;
        let Some(term) = self.term()? else { return Ok(None) };
        if self.peek() != Kind::Field {
            return Ok(Some(term));
        }
        let first = self.next();
        let mut end = first.end;
        while self.peek() == Kind::Field {
            end = self.next().end;
        }
        // Nothing stands between the fields of a chain, so that they are one range of the text.
        let fields = |start: u32| Fields(Span { start, end: index(end) });
        let syntax = match self.code.nodes[term.0 as usize].syntax {
            Syntax::Field(Fields(before)) => Syntax::Field(fields(before.start)),
            Syntax::Variable { name, fields: Fields(before) } => {
                Syntax::Variable { name, fields: fields(before.start) }
            }
            Syntax::Bool(_) | Syntax::String(_) | Syntax::Number(_) | Syntax::Nil | Syntax::Dot => {
                let shown = &self.text[self.code.nodes[term.0 as usize].span.range()];
                return fail(format!("unexpected . after term {}", quote(shown.as_bytes())));
            }
            _ => Syntax::Chain { node: term, fields: fields(index(first.start)) },
        };
        if matches!(syntax, Syntax::Field(_) | Syntax::Variable { .. }) {
            // The term was the last node added, and nothing of it is left to point at.
            self.code.nodes.pop();
        }
        Ok(Some(self.add(start, first.start, syntax)))
    }

    fn term(&mut self) -> Parsed<Option<NodeId>> {
        self.check_size()?;
        let reached = self.reached;
        let token = self.next_non_space();
        let text = &self.text[token.start..token.end];
        let syntax = match token.kind {
            Kind::Identifier => match self.table.get(text) {
                Some(func) => Syntax::Function(func),
                None => return fail(format!("function {} not defined", quote(text.as_bytes()))),
            },
            Kind::Dot => Syntax::Dot,
            Kind::Nil => Syntax::Nil,
            Kind::Variable => {
                let fields = Fields(Span::new(token.end, token.end));
                Syntax::Variable { name: self.variable(text)?, fields }
            }
            Kind::Field => Syntax::Field(Fields(Span::new(token.start, token.end))),
            Kind::Bool => Syntax::Bool(text == "true"),
            Kind::CharConstant => self.constant(character(text))?,
            Kind::Complex | Kind::Number => self.constant(number(text))?,
            Kind::LeftParen => return self.pipeline("parenthesized pipeline", Kind::RightParen).map(Some),
            Kind::String | Kind::RawString => self.literal(text)?,
            _ => {
                self.put_back(token);
                self.reached = reached;
                return Ok(None);
            }
        };
        Ok(Some(self.add(token.start, token.start, syntax)))
    }

    fn variable(&self, text: &str) -> Parsed<NameId> {
        let named = |name: NameId| *self.code.names[name.0.get() as usize - 1] == *text;
        match self.scope.variables.iter().find(|known| named(**known)) {
            Some(name) => Ok(*name),
            None => fail(format!("undefined variable {}", quote(text.as_bytes()))),
        }
    }

    fn literal(&mut self, text: &str) -> Parsed<Syntax> {
        let content = match unescaped(text) {
            Some(inner) => Content::Utf8(inner.into()),
            None => unquote(text).map(Content::from).map_or_else(|| fail("invalid syntax"), Ok)?,
        };
        self.code.strings.push(content);
        Ok(Syntax::String(index(self.code.strings.len() - 1)))
    }

    fn constant(&mut self, read: Result<Number, String>) -> Parsed<Syntax> {
        self.code.numbers.push(read.or_else(fail)?);
        Ok(Syntax::Number(index(self.code.numbers.len() - 1)))
    }
}

fn starts_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Bool
            | Kind::CharConstant
            | Kind::Complex
            | Kind::Dot
            | Kind::Field
            | Kind::Identifier
            | Kind::Number
            | Kind::Nil
            | Kind::RawString
            | Kind::String
            | Kind::Variable
            | Kind::LeftParen
    )
}
