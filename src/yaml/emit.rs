//! YAML text as Go-YAML writes it, byte for byte: what `toYaml` and `toYamlPretty` print.
//!
//! Helm hands values to sigs.k8s.io/yaml, which goes through JSON and then through go.yaml.in/yaml/v2; `toYamlPretty` uses
//! v3 directly. The emitter is written straight from those rules instead of over a port of libyaml, because callers need
//! to know which bytes each scalar became.

use std::ops::Range;

mod json;
pub mod number;
mod order;
mod scalar;
mod writer;

use scalar::ScalarStyle;
use writer::BlockWriter;

/// Something that can be written as YAML, JSON or TOML without being copied first.
pub trait Input: Sized {
    /// Shows what the value looks like in `form` to `see`, once.
    fn inspect<R>(&self, form: Form, see: impl FnOnce(Shape<'_, Self>) -> R) -> R;
}

/// The encoder that asks: Go types such as times and durations look different to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `encoding/json`, which `toYaml` goes through as well.
    Json,
    /// go.yaml.in/yaml/v3.
    Yaml,
    /// github.com/BurntSushi/toml.
    Toml,
}

/// What a value looks like to an encoder.
#[derive(Debug)]
pub enum Shape<'a, I> {
    /// Nil.
    Null,
    /// A boolean.
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// Text that goes out without quotes, such as a date.
    Bare(&'a str),
    /// A list.
    List(Vec<&'a I>),
    /// A map or struct, its keys in any order.
    Map(Vec<(&'a str, &'a I)>),
    /// A struct whose fields keep their order.
    Fields(Vec<(&'a str, &'a I)>),
    /// A value that Go's encoders refuse; the text says why.
    Unsupported(&'a str),
}

/// Why a value cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Lists and maps are nested too deep, or contain themselves.
    #[error("value is nested deeper than {0} levels")]
    TooDeep(usize),
    /// The text would be longer than allowed.
    #[error("output is larger than {0} bytes")]
    TooLarge(usize),
    /// Go's encoder refuses the value; the text is its message.
    #[error("{0}")]
    Unsupported(String),
}

/// Bounds for one call.
#[derive(Clone, Copy)]
pub struct Bounds<'a> {
    /// Longest output, in bytes.
    pub bytes: usize,
    /// Deepest nesting of lists and maps.
    pub depth: usize,
    /// Whether there is stack for one more level.
    pub has_room: &'a dyn Fn() -> bool,
}

impl Bounds<'_> {
    /// Checks that one more level may be entered from level `depth`.
    ///
    /// # Errors
    /// [`Error::TooDeep`].
    pub fn enter(&self, depth: usize) -> Result<(), Error> {
        if depth >= self.depth || !(self.has_room)() { Err(Error::TooDeep(depth)) } else { Ok(()) }
    }
}

impl Default for Bounds<'_> {
    /// 64 MiB and 100 levels, which any stack has room for.
    fn default() -> Self {
        Self { bytes: 64 << 20, depth: 100, has_room: &|| true }
    }
}

/// The rules in which the two Go-YAML versions differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// v2 after a round trip through JSON.
    Json2,
    /// v3, from Go values.
    Pretty3,
}

/// What `toYaml` prints, with the line break at the end still on. `leaf` gets every value without
/// parts (not the keys) with the bytes it became.
pub fn to_yaml<I: Input>(value: &I, bounds: Bounds<'_>, leaf: impl FnMut(&I, Range<usize>)) -> Result<String, Error> {
    emit(value, Dialect::Json2, bounds, leaf)
}

/// What `toYamlPretty` prints: lists are indented below their key, nothing is folded; otherwise as [`to_yaml`].
pub fn to_yaml_pretty<I: Input>(
    value: &I,
    bounds: Bounds<'_>,
    leaf: impl FnMut(&I, Range<usize>),
) -> Result<String, Error> {
    emit(value, Dialect::Pretty3, bounds, leaf)
}

fn emit<I: Input>(
    value: &I,
    dialect: Dialect,
    bounds: Bounds<'_>,
    leaf: impl FnMut(&I, Range<usize>),
) -> Result<String, Error> {
    let mut emitter = Emitter { writer: BlockWriter::new(dialect), dialect, bounds, depth: 0, open: 0, leaf };
    emitter.node(value, Place::Root)?;
    emitter.writer.line_start();
    emitter.check_size()?;
    Ok(emitter.writer.into_text())
}

/// Where a node stands, as far as its looks depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    /// The value of an entry, or a key too long for one line.
    Entry,
    Key,
}

struct Emitter<'a, F> {
    writer: BlockWriter,
    dialect: Dialect,
    bounds: Bounds<'a>,
    depth: usize,
    /// Entries of the lists and maps that are open: a wide one that holds itself is copied at each level.
    open: usize,
    leaf: F,
}

/// Entries that may be open at once.
const OPEN_LIMIT: usize = 1_000_000;

impl<F> Emitter<'_, F> {
    fn node<I: Input>(&mut self, value: &I, place: Place) -> Result<(), Error>
    where
        F: FnMut(&I, Range<usize>),
    {
        self.check_size()?;
        let form = match self.dialect {
            Dialect::Json2 => Form::Json,
            Dialect::Pretty3 => Form::Yaml,
        };
        value.inspect(form, |shape| self.shape(value, shape, place))
    }

    fn shape<I: Input>(&mut self, value: &I, shape: Shape<'_, I>, place: Place) -> Result<(), Error>
    where
        F: FnMut(&I, Range<usize>),
    {
        let range = match shape {
            Shape::Null => self.bare("null"),
            Shape::Bool(value) => self.bare(if value { "true" } else { "false" }),
            Shape::Int(value) => self.bare(&value.to_string()),
            Shape::Uint(value) => self.bare(&value.to_string()),
            Shape::Float(value) => self.float(value)?,
            Shape::Bare(text) => self.bare(text),
            Shape::Text(text) => self.text(text, place)?,
            Shape::Unsupported(message) => return Err(Error::Unsupported(message.to_owned())),
            Shape::List(items) if items.is_empty() => self.writer.empty("[", "]"),
            Shape::Map(entries) | Shape::Fields(entries) if entries.is_empty() => self.writer.empty("{", "}"),
            Shape::List(items) => return self.nested(items.len(), |this| this.list(&items, place)),
            Shape::Map(mut entries) => {
                order::sort(&mut entries, self.dialect);
                return self.nested(entries.len(), |this| this.map(&entries));
            }
            Shape::Fields(mut entries) => {
                if self.dialect == Dialect::Json2 {
                    order::sort(&mut entries, self.dialect);
                }
                return self.nested(entries.len(), |this| this.map(&entries));
            }
        };
        (self.leaf)(value, range);
        Ok(())
    }

    fn nested(&mut self, width: usize, write: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        self.bounds.enter(self.depth)?;
        if self.open + width > OPEN_LIMIT {
            return Err(Error::TooLarge(self.bounds.bytes));
        }
        (self.depth, self.open) = (self.depth + 1, self.open + width);
        let result = write(self);
        (self.depth, self.open) = (self.depth - 1, self.open - width);
        result
    }

    fn list<I: Input>(&mut self, items: &[&I], place: Place) -> Result<(), Error>
    where
        F: FnMut(&I, Range<usize>),
    {
        let flat = self.dialect == Dialect::Json2 && place == Place::Entry && !self.writer.at_indention();
        let outer = self.writer.indent(flat);
        for item in items {
            self.writer.line_start();
            self.writer.indicator("-", true, true);
            self.node(*item, Place::Item)?;
        }
        self.writer.dedent(outer);
        Ok(())
    }

    fn map<I: Input>(&mut self, entries: &[(&str, &I)]) -> Result<(), Error>
    where
        F: FnMut(&I, Range<usize>),
    {
        let outer = self.writer.indent(false);
        for (key, value) in entries {
            self.check_size()?;
            self.key(key)?;
            self.node(*value, Place::Entry)?;
        }
        self.writer.dedent(outer);
        Ok(())
    }

    /// A key and its colon; one of several lines or more than 128 bytes needs the `? ` form.
    fn key(&mut self, key: &str) -> Result<(), Error> {
        self.writer.line_start();
        if scalar::fits_simple_key(&self.arrived(key)?) {
            self.text(key, Place::Key)?;
            self.writer.indicator(":", false, false);
        } else {
            self.writer.indicator("?", true, true);
            self.text(key, Place::Entry)?;
            self.writer.line_start();
            self.writer.indicator(":", true, true);
        }
        Ok(())
    }

    fn bare(&mut self, text: &str) -> Range<usize> {
        self.writer.plain(text, true)
    }

    fn float(&mut self, value: f64) -> Result<Range<usize>, Error> {
        if self.dialect == Dialect::Pretty3 {
            return Ok(self.bare(&number::yaml(value)));
        }
        let json = number::json(value)
            .ok_or_else(|| Error::Unsupported(format!("json: unsupported value: {}", number::general(value))))?;
        Ok(self.bare(&number::through_json(&json)))
    }

    fn text(&mut self, text: &str, place: Place) -> Result<Range<usize>, Error> {
        let text = self.arrived(text)?;
        let simple_key = place == Place::Key;
        let outer = self.writer.indent_scalar();
        let range = match scalar::style(&text, self.dialect, simple_key) {
            ScalarStyle::Plain => self.writer.plain(&text, !simple_key),
            ScalarStyle::Single => self.writer.single_quoted(&text, !simple_key),
            ScalarStyle::Double => self.writer.double_quoted(&text, !simple_key),
            ScalarStyle::Literal => self.writer.literal(&text),
        };
        self.writer.dedent(outer);
        Ok(range)
    }

    /// The text as it arrives at the emitter: through JSON, some characters change or are refused.
    fn arrived<'a>(&self, text: &'a str) -> Result<std::borrow::Cow<'a, str>, Error> {
        match self.dialect {
            Dialect::Json2 => scalar::through_json(text),
            Dialect::Pretty3 => Ok(text.into()),
        }
    }

    fn check_size(&self) -> Result<(), Error> {
        if self.writer.len() > self.bounds.bytes {
            return Err(Error::TooLarge(self.bounds.bytes));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
