//! Actions that control: `if`, `range`, `with`, `define`, `block`, `template` and their ends.

use std::sync::Arc;

use super::{DefineScope, Ending, Item, Kind, NodeId, Parsed, Parser, Syntax, Token, fail};
use crate::template::ast::Branch;
use crate::template::print::quote::{quote, unquote};

impl Parser<'_> {
    /// What follows a left delimiter.
    pub(super) fn action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        let node = match token.kind {
            Kind::Block => self.block()?,
            Kind::Break => self.jump(&token, "{{break}}", Syntax::Break)?,
            Kind::Continue => self.jump(&token, "{{continue}}", Syntax::Continue)?,
            Kind::Else => return self.else_ending(),
            Kind::End => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Item::Ending(Ending::End));
            }
            Kind::If => self.branch("if")?,
            Kind::Range => self.branch("range")?,
            Kind::With => self.branch("with")?,
            Kind::Template => self.template()?,
            _ => self.plain(token)?,
        };
        Ok(Item::Node(node))
    }

    fn plain(&mut self, first: Token) -> Parsed<NodeId> {
        let start = first.start;
        self.put_back(first);
        let pipe = self.pipeline("command", Kind::RightDelim)?;
        self.reached = self.end_of(pipe);
        Ok(self.add(start, start, Syntax::Action(pipe)))
    }

    fn jump(&mut self, token: &Token, context: &str, syntax: Syntax) -> Parsed<NodeId> {
        self.expect(Kind::RightDelim, context)?;
        if self.scope.ranges == 0 {
            return fail(format!("{context} outside {{{{range}}}}"));
        }
        Ok(self.add(token.start, token.start, syntax))
    }

    /// `else`; an `if` or `with` behind it stays, for [`Parser::branch`] to see.
    fn else_ending(&mut self) -> Parsed<Item> {
        if !matches!(self.peek_non_space().kind, Kind::If | Kind::With) {
            self.expect(Kind::RightDelim, "else")?;
        }
        Ok(Item::Ending(Ending::Else))
    }

    fn branch(&mut self, word: &'static str) -> Parsed<NodeId> {
        self.budget.descend()?;
        let variables = self.scope.variables.len();
        let start = self.peek_non_space().start;
        let pipe = self.pipeline(word, Kind::RightDelim)?;
        self.scope.ranges += usize::from(word == "range");
        let (body, ending) = self.list()?;
        self.scope.ranges -= usize::from(word == "range");
        let otherwise = match ending {
            Ending::End => None,
            Ending::Else => Some(self.otherwise(word)?),
        };
        self.scope.variables.truncate(variables);
        let branch = Branch { pipe, body, otherwise };
        let syntax = match word {
            "if" => Syntax::If(branch),
            "range" => Syntax::Range(branch),
            _ => Syntax::With(branch),
        };
        Ok(self.add(start, start, syntax))
    }

    /// The list after `else`. For `else if` and `else with` that is one node, and its `end` is the end of both.
    fn otherwise(&mut self, word: &'static str) -> Parsed<NodeId> {
        let start = self.reached;
        let next = self.peek();
        if (word == "if" && next == Kind::If) || (word == "with" && next == Kind::With) {
            self.next();
            let node = self.branch(word)?;
            let mark = self.open.len();
            self.open.push(node);
            let nodes = self.close(mark);
            return Ok(self.add(start, start, Syntax::List(nodes)));
        }
        match self.list()? {
            (list, Ending::End) => Ok(list),
            (_, Ending::Else) => fail("expected end; found {{else}}"),
        }
    }

    /// `define`, whose word is past.
    pub(super) fn definition(&mut self) -> Parsed<()> {
        let context = "define clause";
        let name = self.next_non_space();
        let name = self.name(&name, context)?;
        self.expect(Kind::RightDelim, context)?;
        let root = self.in_own_scope(context)?;
        self.define(name, root)
    }

    fn in_own_scope(&mut self, context: &str) -> Parsed<NodeId> {
        let outer = std::mem::replace(&mut self.scope, DefineScope::new());
        let (root, ending) = self.list()?;
        self.scope = outer;
        match ending {
            Ending::End => Ok(root),
            Ending::Else => fail(format!("unexpected {{{{else}}}} in {context}")),
        }
    }

    fn block(&mut self) -> Parsed<NodeId> {
        let context = "block clause";
        let token = self.next_non_space();
        let name = self.name(&token, context)?;
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let root = self.in_own_scope(context)?;
        let called = self.name_id(&name);
        self.define(name, root)?;
        let end = self.reached;
        self.reached = self.end_of(pipe);
        let node = self.add(token.start, token.start, Syntax::Template { name: called, pipe: Some(pipe) });
        self.reached = end;
        Ok(node)
    }

    fn template(&mut self) -> Parsed<NodeId> {
        let context = "template clause";
        let token = self.next_non_space();
        let name = self.name(&token, context)?;
        let next = self.next_non_space();
        let pipe = if next.kind == Kind::RightDelim {
            None
        } else {
            self.put_back(next);
            Some(self.pipeline(context, Kind::RightDelim)?)
        };
        let name = self.name_id(&name);
        Ok(self.add(token.start, token.start, Syntax::Template { name, pipe }))
    }

    fn name(&mut self, token: &Token, context: &str) -> Parsed<Arc<str>> {
        if !matches!(token.kind, Kind::String | Kind::RawString) {
            return self.unexpected(token, context);
        }
        match unquote(&self.text[token.start..token.end]) {
            Some(name) => Ok(String::from_utf8_lossy(&name).into()),
            None => fail("invalid syntax"),
        }
    }

    /// Adds a template of this text. Of two with one name all but one have to be empty.
    pub(super) fn define(&mut self, name: Arc<str>, root: NodeId) -> Parsed<()> {
        let Some(old) = self.definitions.get(&name).copied() else {
            self.definitions.insert(Arc::clone(&name), self.defined.len());
            self.defined.push((name, root));
            return Ok(());
        };
        if self.is_blank(self.defined[old].1) {
            self.defined[old].1 = root;
        } else if !self.is_blank(root) {
            return fail(format!("template: multiple definition of template {}", quote(name.as_bytes())));
        }
        Ok(())
    }

    fn is_blank(&self, list: NodeId) -> bool {
        let node = |id: NodeId| &self.code.nodes[id.0 as usize];
        let Syntax::List(items) = node(list).syntax else { return false };
        self.code.children[items.start as usize..items.end as usize]
            .iter()
            .map(|item| node(*item))
            .all(|item| matches!(item.syntax, Syntax::Text) && self.text[item.span.range()].trim().is_empty())
    }
}
