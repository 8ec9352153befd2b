//! Pipelines, commands and operands.

use std::sync::Arc;

use super::{Kind, NodeId, Parsed, Parser, Syntax, fail};
use crate::template::ast::{Fields, Number, Pipe};
use crate::template::number::{character, number};
use crate::template::print::quote::{quote, unquote};

impl Parser<'_> {
    /// A pipeline up to the token `end`, which it takes.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<NodeId> {
        self.budget.descend()?;
        let start = self.peek_non_space().start;
        let (assign, variables) = self.declarations(context)?;
        let mut commands = Vec::new();
        loop {
            let before = self.reached;
            let token = self.next_non_space();
            if token.kind == end {
                self.check_pipeline(&commands, context)?;
                let pipe = Pipe { assign, variables: variables.into(), commands: commands.into() };
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
            commands.push(self.command()?);
        }
    }

    /// `$x :=`, `$x =` and, for `range`, `$i, $e :=`.
    fn declarations(&mut self, context: &str) -> Parsed<(bool, Vec<Arc<str>>)> {
        let mut variables: Vec<Arc<str>> = Vec::new();
        loop {
            if self.peek_non_space().kind != Kind::Variable {
                return Ok((false, variables));
            }
            let reached = self.reached;
            let variable = self.next();
            let name: Arc<str> = self.text[variable.start..variable.end].into();
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
            variables.push(Arc::clone(&name));
            self.scope.variables.push(name);
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
            let Syntax::Command(arguments) = &self.nodes[command.0 as usize].syntax else { continue };
            let first = &self.nodes[arguments[0].0 as usize].syntax;
            if matches!(first, Syntax::Bool(_) | Syntax::Dot | Syntax::Nil | Syntax::Number(_) | Syntax::String(_)) {
                return fail(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Parsed<NodeId> {
        let start = self.peek_non_space().start;
        let mut arguments = Vec::new();
        loop {
            self.peek_non_space();
            arguments.extend(self.operand()?);
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
        if arguments.is_empty() {
            return fail("empty command");
        }
        Ok(self.add(start, start, Syntax::Command(arguments.into())))
    }

    /// A term with the fields reached of it; `None` if no term starts here.
    fn operand(&mut self) -> Parsed<Option<NodeId>> {
        let start = self.peek_non_space().start;
        let Some(term) = self.term()? else { return Ok(None) };
        if self.peek() != Kind::Field {
            return Ok(Some(term));
        }
        let mut position = None;
        let mut fields: Vec<Arc<str>> = Vec::new();
        while self.peek() == Kind::Field {
            let token = self.next();
            position.get_or_insert(token.start);
            fields.push(self.text[token.start + 1..token.end].into());
        }
        let syntax = match &mut self.nodes[term.0 as usize].syntax {
            Syntax::Field(first) => Syntax::Field(joined(first, fields)),
            Syntax::Variable { name, fields: first } => {
                Syntax::Variable { name: Arc::clone(name), fields: joined(first, fields) }
            }
            Syntax::Bool(_) | Syntax::String(_) | Syntax::Number(_) | Syntax::Nil | Syntax::Dot => {
                let shown = &self.text[self.nodes[term.0 as usize].span.range()];
                return fail(format!("unexpected . after term {}", quote(shown.as_bytes())));
            }
            _ => Syntax::Chain { node: term, fields: fields.into() },
        };
        if matches!(syntax, Syntax::Field(_) | Syntax::Variable { .. }) {
            // The term was the last node added, and nothing of it is left to point at.
            self.nodes.pop();
        }
        Ok(Some(self.add(start, position.unwrap_or(start), syntax)))
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
            Kind::Variable => self.variable(text)?,
            Kind::Field => Syntax::Field([Arc::from(&text[1..])].into()),
            Kind::Bool => Syntax::Bool(text == "true"),
            Kind::CharConstant => constant(character(text))?,
            Kind::Complex | Kind::Number => constant(number(text))?,
            Kind::LeftParen => return self.pipeline("parenthesized pipeline", Kind::RightParen).map(Some),
            Kind::String | Kind::RawString => match unquote(text) {
                Some(bytes) => Syntax::String(bytes.into()),
                None => return fail("invalid syntax"),
            },
            _ => {
                self.put_back(token);
                self.reached = reached;
                return Ok(None);
            }
        };
        Ok(Some(self.add(token.start, token.start, syntax)))
    }

    fn variable(&self, text: &str) -> Parsed<Syntax> {
        match self.scope.variables.iter().find(|known| ***known == *text) {
            Some(name) => Ok(Syntax::Variable { name: Arc::clone(name), fields: Box::default() }),
            None => fail(format!("undefined variable {}", quote(text.as_bytes()))),
        }
    }
}

fn joined(first: &mut Fields, rest: Vec<Arc<str>>) -> Fields {
    let mut all = std::mem::take(first).into_vec();
    all.extend(rest);
    all.into()
}

fn constant(read: Result<Number, String>) -> Parsed<Syntax> {
    read.map_or_else(fail, |number| Ok(Syntax::Number(number)))
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
