//! JSON as Go's `encoding/json` writes it: keys sorted, HTML escaped unless told otherwise.

use std::fmt::Write as _;
use std::ops::Range;

use crate::yaml::emit::{Bounds, Error, Form, Input, Shape, number};

/// How JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// Two spaces per level, one entry to a line.
    pub pretty: bool,
    /// `<`, `>` and `&` as they are.
    pub raw: bool,
}

/// `json.Marshal` and its kin. `leaf` gets every scalar value with the bytes it became.
///
/// # Errors
/// What Go refuses (infinities), and bounds.
pub fn to_json<I: Input>(
    value: &I,
    layout: Layout,
    bounds: Bounds<'_>,
    leaf: impl FnMut(&I, Range<usize>),
) -> Result<String, Error> {
    let mut writer = JsonWriter { out: String::new(), layout, bounds, depth: 0, leaf };
    writer.node(value)?;
    Ok(writer.out)
}

struct JsonWriter<'a, F> {
    out: String,
    layout: Layout,
    bounds: Bounds<'a>,
    depth: usize,
    leaf: F,
}

impl<F> JsonWriter<'_, F> {
    fn node<I: Input>(&mut self, value: &I) -> Result<(), Error>
    where
        F: FnMut(&I, Range<usize>),
    {
        if self.out.len() > self.bounds.bytes {
            return Err(Error::TooLarge(self.bounds.bytes));
        }
        let start = self.out.len();
        let is_leaf = value.inspect(Form::Json, |shape| self.shape(shape))?;
        if is_leaf {
            (self.leaf)(value, start..self.out.len());
        }
        Ok(())
    }

    /// Writes the value; whether it has no parts.
    fn shape<I: Input>(&mut self, shape: Shape<'_, I>) -> Result<bool, Error>
    where
        F: FnMut(&I, Range<usize>),
    {
        match shape {
            Shape::Null => self.out.push_str("null"),
            Shape::Bool(value) => self.out.push_str(if value { "true" } else { "false" }),
            Shape::Int(number) => self.out.push_str(&number.to_string()),
            Shape::Uint(number) => self.out.push_str(&number.to_string()),
            Shape::Float(number) => self.float(number)?,
            Shape::Text(text) | Shape::Bare(text) => quote(&mut self.out, text, self.layout.raw),
            Shape::Unsupported(message) => return Err(Error::Unsupported(message.to_owned())),
            Shape::List(items) if items.is_empty() => self.out.push_str("[]"),
            Shape::Map(entries) | Shape::Fields(entries) if entries.is_empty() => self.out.push_str("{}"),
            Shape::List(items) => {
                self.nested('[', ']', items, Self::node)?;
                return Ok(false);
            }
            Shape::Map(mut entries) => {
                entries.sort_by(|left, right| left.0.cmp(right.0));
                self.entries(entries)?;
                return Ok(false);
            }
            Shape::Fields(entries) => {
                self.entries(entries)?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn entries<I: Input>(&mut self, entries: Vec<(&str, &I)>) -> Result<(), Error>
    where
        F: FnMut(&I, Range<usize>),
    {
        self.nested('{', '}', entries, |this, (key, value)| {
            quote(&mut this.out, key, this.layout.raw);
            this.out.push_str(if this.layout.pretty { ": " } else { ":" });
            this.node(value)
        })
    }

    fn nested<T>(
        &mut self,
        open: char,
        close: char,
        items: Vec<T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.bounds.enter(self.depth)?;
        self.depth += 1;
        self.out.push(open);
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.line();
            write(self, item)?;
        }
        self.depth -= 1;
        self.line();
        self.out.push(close);
        Ok(())
    }

    fn line(&mut self) {
        if self.layout.pretty {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.depth));
        }
    }

    fn float(&mut self, value: f64) -> Result<(), Error> {
        let refused = || Error::Unsupported(format!("json: unsupported value: {}", number::general(value)));
        self.out.push_str(&number::json(value).ok_or_else(refused)?);
        Ok(())
    }
}

/// The text in double quotes with JSON's escapes, and those of HTML unless `raw`.
pub fn quote(out: &mut String, text: &str, raw: bool) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{C}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' if !raw => escape(out, char),
            '\0'..='\u{1F}' | '\u{2028}' | '\u{2029}' => escape(out, char),
            _ => out.push(char),
        }
    }
    out.push('"');
}

fn escape(out: &mut String, char: char) {
    write!(out, "\\u{:04x}", u32::from(char)).expect("writing to a string never fails");
}
