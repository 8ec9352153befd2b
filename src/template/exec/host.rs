//! `include` and `tpl`, as Helm's engine gives them to templates.

use std::rc::Rc;
use std::sync::Arc;

use super::{Base, Entry, Exec, Frame, ScopeKind, State, Value, fail, served};
use crate::template::ast::Tree;
use crate::template::call::Host;
use crate::template::error::Error;
use crate::template::funcs::Fault;
use crate::template::limits::Exceeded;
use crate::template::parser::{Input, parse};
use crate::template::print::quote::quote;
use crate::template::string::Str;
use crate::template::weave::Weave;

/// The name of Helm's template set, which texts given to `tpl` go by.
const ROOT: &str = "gotpl";

/// Steps that parsing a text takes, those of its length and of what it is parsed to aside.
const PARSE_STEPS: u64 = 20;
/// Bytes of text, and of what it is parsed to, that a step parses: plain text goes by many times as fast as actions.
const PARSED_PER_STEP: usize = 64;
/// Bytes that a parsed text takes, however short it is.
const PARSE_WEIGHT: usize = 2048;

impl Host for Exec<'_> {
    fn state(&mut self) -> &mut State {
        &mut self.session.state
    }

    fn include(&mut self, name: &Value, data: Value) -> Result<Value, Fault> {
        let key = name.text();
        let Some(entry) = self.set.0.get(&*key).cloned() else {
            return Err(nested(String::new(), fail::no_template(&key)));
        };
        let count = entry.included.get();
        if count > self.session.state.budget.limits().includes {
            return Err(Fault::Message(format!(
                "rendering template has a nested reference name: {key}: unable to execute template"
            )));
        }
        entry.included.set(count + 1);
        let result = self.capture(&entry, ScopeKind::Include(Arc::clone(&entry.tree.name)), data);
        entry.included.set(count);
        result
    }

    fn tpl(&mut self, text: &Value, data: Value) -> Result<Value, Fault> {
        if self.session.nested_tpl >= self.session.state.budget.limits().includes {
            return Err(Exceeded::Depth.into());
        }
        self.session.nested_tpl += 1;
        let result = self.tpl_here(text, data);
        self.session.nested_tpl -= 1;
        result
    }
}

impl Exec<'_> {
    fn tpl_here(&mut self, text: &Value, data: Value) -> Result<Value, Fault> {
        let trees = self.parse_once(text)?;
        let base = self.calling.map(|location| Rc::new(Base { location, text: text.clone() }));
        let Some((main, defined)) = trees.split_last() else { return Ok(Value::from("")) };
        let entry = Rc::new(Entry { tree: main.clone(), base, included: Rc::default() });
        let outer = self.set.clone();
        if !defined.is_empty() {
            self.set.add_based(defined, entry.base.as_ref());
        }
        let result = self.capture(&entry, ScopeKind::Tpl, data);
        self.set = outer;
        let context = |error| match error {
            Fault::Nested { context, error } => {
                let context = format!("error during tpl function execution for {}: {context}", quote(text.bytes()));
                Fault::Nested { context, error }
            }
            other => other,
        };
        result.map(without_no_value).map_err(context)
    }

    /// Executes a template into a string of its own.
    fn capture(&mut self, entry: &Rc<Entry>, kind: ScopeKind, data: Value) -> Result<Value, Fault> {
        self.session.state.budget.descend()?;
        let outer_scope = self.open(kind, self.calling, &Value::NIL);
        let frame = Frame::new(entry, self.frame.scope);
        let asked_before = std::mem::take(&mut self.asked_served);
        let outer = std::mem::replace(&mut self.frame, frame);
        let out = std::mem::take(&mut self.out);
        let done = self.run(&entry.tree.unit, entry.tree.root, data);
        let printed = std::mem::replace(&mut self.out, out);
        self.frame = outer;
        self.frame.scope = outer_scope;
        done.map_err(|error| Fault::Nested { context: String::new(), error })?;
        self.session.state.budget.text(printed.weight())?;
        let answer = printed.finish();
        let answer = if self.asked_served { served::answered(answer) } else { answer };
        self.asked_served |= asked_before;
        Ok(answer)
    }

    /// The templates of a text; each text is parsed once in a session.
    fn parse_once(&mut self, text: &Value) -> Result<Rc<[Tree]>, Fault> {
        let key = text.as_string().map(Str::to_key).unwrap_or_default();
        if let Some(trees) = self.session.parsed.get(&key) {
            return Ok(Rc::clone(trees));
        }
        self.session.state.budget.step(PARSE_STEPS + (key.len() / PARSED_PER_STEP) as u64)?;
        let input = Input { name: Arc::from(ROOT), source: None, text: Arc::clone(&key) };
        let limits = self.session.state.budget.limits_here();
        let trees: Rc<[Tree]> = parse(&input, &self.session.table, &limits)
            .map_err(|error| nested(format!("cannot parse template {}: ", quote(text.bytes())), error))?
            .into();
        let weight = trees.first().map_or(0, |tree| tree.unit.weight());
        self.session.state.budget.step((weight / PARSED_PER_STEP) as u64)?;
        self.session.state.budget.text(weight + PARSE_WEIGHT)?;
        self.session.parsed.insert(key, Rc::clone(&trees));
        Ok(trees)
    }
}

fn nested(context: String, error: Error) -> Fault {
    Fault::Nested { context, error: Box::new(error) }
}

/// The text without Go's mark for absent values, as Helm removes it.
pub(super) fn without_no_value(value: Value) -> Value {
    let Some(string) = value.as_string() else { return value };
    let marks = positions(string);
    if marks.is_empty() {
        return value;
    }
    let mut text = Weave::with_capacity(string.len());
    let mut start = 0;
    for found in marks {
        text.push_slice(&value, start..found);
        start = found + MARK.len();
    }
    text.push_slice(&value, start..string.len());
    text.finish()
}

const MARK: &str = "<no value>";

/// Where the mark stands in a text. Bracket by bracket, as a search for all of it at once takes thrice as long.
fn positions(text: &Str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let is_mark = |at: &usize| bytes[*at..].starts_with(MARK.as_bytes());
    match text.get(0..bytes.len()) {
        Some(text) => text.match_indices('<').map(|(at, _)| at).filter(is_mark).collect(),
        None => (0..bytes.len()).filter(is_mark).collect(),
    }
}
