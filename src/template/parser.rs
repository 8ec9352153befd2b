//! Tokens to nodes, with Go's grammar, look-ahead and error texts.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::ast::{Code, NameId, Node, NodeId, Nodes, Syntax, Tree, Unit};
use super::error::{Error, ErrorKind};
use super::funcs::Table;
use super::lexer::{Kind, Lexer, Token};
use super::limits::{Budget, Exceeded, Limits};
use crate::text::{Location, SourceId, Span};

mod cache;
mod control;
mod pipeline;

pub use self::cache::Cache;

/// What is parsed.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name of the template, which errors show.
    pub name: Arc<str>,
    /// The source of the text, `None` if it is made from a value.
    pub source: Option<SourceId>,
    /// The text.
    pub text: Arc<str>,
}

/// Parses a text. Returns the templates it defines, in the order in which Go would add them; the text's own is the last.
///
/// # Errors
/// Go's error, at the token that could not be used; a text nested too deeply for the stack is [`ErrorKind::Exceeded`].
pub fn parse(input: &Input, table: &Table, limits: &Limits) -> Result<Vec<Tree>, Error> {
    let mut parser = Parser::new(input, table, Budget::new(limits.clone()));
    let parsed = parser.file(&input.name);
    let Parser { code, defined, recent, .. } = parser;
    match parsed {
        Ok(()) => {
            let Input { name, source, text } = input.clone();
            let unit = Arc::new(Unit { name, source, text, code: Arc::new(code.fit()) });
            Ok(defined.into_iter().map(|(name, root)| Tree { name, unit: Arc::clone(&unit), root }).collect())
        }
        Err(stop) => Err(stop.error(input, &recent)),
    }
}

/// Why parsing ended early.
enum Stop {
    Syntax(String),
    Exceeded(Exceeded),
}

impl Stop {
    fn error(self, input: &Input, recent: &Token) -> Error {
        let line = 1 + input.text[..recent.start].matches('\n').count();
        let (text, kind) = match self {
            Self::Syntax(text) => (text, ErrorKind::Parse),
            Self::Exceeded(exceeded) => (exceeded.to_string(), ErrorKind::Exceeded(exceeded)),
        };
        let at = input.source.map(|source| Location::new(source, Span::new(recent.start, recent.end)));
        Error { message: format!("template: {}:{line}: {text}", input.name), kind, at: at.into_iter().collect() }
    }
}

impl From<Exceeded> for Stop {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded(exceeded)
    }
}

type Parsed<T> = Result<T, Stop>;

struct Parser<'a> {
    name: &'a str,
    text: &'a str,
    table: &'a Table,
    budget: Budget,
    lexer: Lexer<'a>,
    /// Tokens put back, the next one last.
    ahead: Vec<Token>,
    /// The token read last from the lexer: Go's errors show its line, whatever was put back since.
    recent: Token,
    /// End of the last token reached that is no space.
    reached: usize,
    code: Code,
    /// Children of the nodes being parsed, those of the innermost last.
    open: Vec<NodeId>,
    names: HashMap<Arc<str>, NameId>,
    defined: Vec<(Arc<str>, NodeId)>,
    /// Indexes into `defined` by name.
    definitions: HashMap<Arc<str>, usize>,
    scope: DefineScope,
}

/// Variables in one scope; they are looked up one by one.
const MOST_VARIABLES: usize = 10_000;

/// What a `define` begins anew.
struct DefineScope {
    variables: Vec<NameId>,
    ranges: usize,
    /// Start of the action being parsed, for errors that show up on another line.
    action: Option<usize>,
}

impl DefineScope {
    fn new() -> Self {
        Self { variables: vec![NameId::DOLLAR], ranges: 0, action: None }
    }
}

/// What ended a list.
enum Ending {
    End,
    Else,
}

enum Item {
    Node(NodeId),
    Ending(Ending),
}

impl<'a> Parser<'a> {
    fn new(input: &'a Input, table: &'a Table, budget: Budget) -> Self {
        let text: &str = &input.text;
        let recent = Token { kind: Kind::Eof, start: 0, end: 0 };
        Self {
            name: &input.name,
            text,
            table,
            budget,
            lexer: Lexer::new(text),
            ahead: Vec::new(),
            recent,
            reached: 0,
            code: Code::with_room(text.len()),
            open: Vec::new(),
            names: HashMap::new(),
            defined: Vec::new(),
            definitions: HashMap::new(),
            scope: DefineScope::new(),
        }
    }

    fn next(&mut self) -> Token {
        let token = self.ahead.pop().unwrap_or_else(|| {
            self.recent = self.lexer.token();
            self.recent
        });
        if token.kind != Kind::Space {
            self.reached = token.end;
        }
        token
    }

    fn put_back(&mut self, token: Token) {
        self.ahead.push(token);
    }

    fn peek(&mut self) -> Kind {
        let token = self.next();
        let kind = token.kind;
        self.put_back(token);
        kind
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    /// The next token that is no space; spaces before it are gone.
    fn peek_non_space(&mut self) -> Token {
        let reached = self.reached;
        let token = self.next_non_space();
        self.reached = reached;
        self.put_back(token);
        token
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Token> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }

    fn unexpected<T>(&self, token: &Token, context: &str) -> Parsed<T> {
        if token.kind != Kind::Error {
            return fail(format!("unexpected {} in {context}", token.show(self.text)));
        }
        let shown = self.lexer.fault();
        let line = |offset: usize| 1 + self.text[..offset].matches('\n').count();
        let begun = self.scope.action.map(line).filter(|begun| *begun != line(token.start));
        match begun {
            // An error about an unclosed action says "action" already.
            Some(begun) if shown.ends_with(" action") => fail(format!("{shown} started at {}:{begun}", self.name)),
            Some(begun) => fail(format!("{shown} in action started at {}:{begun}", self.name)),
            None => fail(shown),
        }
    }

    fn end_of(&self, node: NodeId) -> usize {
        self.code.nodes[node.0 as usize].span.end as usize
    }

    fn add(&mut self, start: usize, position: usize, syntax: Syntax) -> NodeId {
        let (span, position) = (Span::new(start, self.reached), index(position));
        self.code.nodes.push(Node { span, position, syntax });
        NodeId(index(self.code.nodes.len() - 1))
    }

    /// Makes children of the nodes that were opened since `mark`.
    fn close(&mut self, mark: usize) -> Nodes {
        let start = index(self.code.children.len());
        self.code.children.extend(self.open.drain(mark..));
        Nodes { start, end: index(self.code.children.len()) }
    }

    fn name_id(&mut self, name: &str) -> NameId {
        if name == "$" {
            return NameId::DOLLAR;
        }
        if let Some(id) = self.names.get(name) {
            return *id;
        }
        let name: Arc<str> = name.into();
        self.code.names.push(Arc::clone(&name));
        let id = NameId(NonZeroU32::new(index(self.code.names.len())).unwrap_or(NonZeroU32::MIN));
        self.names.insert(name, id);
        id
    }

    fn file(&mut self, name: &Arc<str>) -> Parsed<()> {
        while self.peek() != Kind::Eof {
            if self.peek() == Kind::LeftDelim {
                let delimiter = self.next();
                let word = self.next_non_space();
                if word.kind == Kind::Define {
                    self.definition()?;
                    continue;
                }
                self.put_back(word);
                self.put_back(delimiter);
            }
            match self.item()? {
                Item::Node(node) => self.open.push(node),
                Item::Ending(Ending::End) => return fail("unexpected {{end}}"),
                Item::Ending(Ending::Else) => return fail("unexpected {{else}}"),
            }
        }
        let nodes = self.close(0);
        let root = self.add(0, 0, Syntax::List(nodes));
        self.define(Arc::clone(name), root)
    }

    /// Items up to `end` or `else`.
    fn list(&mut self) -> Parsed<(NodeId, Ending)> {
        self.budget.descend()?;
        let start = self.peek_non_space().start;
        let mark = self.open.len();
        while self.peek_non_space().kind != Kind::Eof {
            match self.item()? {
                Item::Node(node) => self.open.push(node),
                Item::Ending(ending) => {
                    let nodes = self.close(mark);
                    return Ok((self.add(start, start, Syntax::List(nodes)), ending));
                }
            }
        }
        fail("unexpected EOF")
    }

    /// Checks that the nodes so far and the variables in scope are few enough: a hostile text is mostly delimiters.
    fn check_size(&self) -> Parsed<()> {
        if self.code.weight() > self.budget.limits().string || self.scope.variables.len() > MOST_VARIABLES {
            return Err(Stop::Exceeded(Exceeded::Text));
        }
        Ok(())
    }

    fn item(&mut self) -> Parsed<Item> {
        self.check_size()?;
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(self.add(token.start, token.start, Syntax::Text))),
            Kind::LeftDelim => {
                self.scope.action = Some(token.start);
                let item = self.action()?;
                self.scope.action = None;
                Ok(item)
            }
            _ => self.unexpected(&token, "input"),
        }
    }
}

/// Offsets and counts are 32 bits: no text that is parsed comes near to 4 GiB.
fn index(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn fail<T>(message: impl Into<String>) -> Parsed<T> {
    Err(Stop::Syntax(message.into()))
}
