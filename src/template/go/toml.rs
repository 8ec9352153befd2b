//! TOML as github.com/BurntSushi/toml 1.6 writes and reads it.

use crate::template::value::{Data, List, Map, Value};
use crate::yaml::emit::{Bounds, Error, Form, Input, Shape, number};

/// What `toToml` prints.
///
/// # Errors
/// What the encoder refuses, in its words, and bounds.
pub fn to_toml<I: Input>(value: &I, bounds: Bounds<'_>) -> Result<String, Error> {
    let mut writer = TomlWriter { out: String::new(), bounds, depth: 0 };
    writer.encode(&mut vec![], value)?;
    Ok(writer.out)
}

fn refused(message: &str) -> Error {
    Error::Unsupported(message.to_owned())
}

/// What a value is in TOML; `None` for nil, which has no place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TomlKind {
    Nil,
    Scalar,
    Array,
    Tables,
    Table,
}

fn kind<I: Input>(value: &I) -> Result<TomlKind, Error> {
    value.inspect(Form::Toml, |shape| {
        Ok(match shape {
            Shape::Null => TomlKind::Nil,
            Shape::Map(_) | Shape::Fields(_) => TomlKind::Table,
            Shape::List(items) => {
                let mut kinds = items.iter().map(|item| flat_kind(*item)).collect::<Vec<_>>();
                if kinds.contains(&TomlKind::Nil) {
                    return Err(refused("toml: cannot encode array with nil element"));
                }
                kinds.retain(|kind| *kind != TomlKind::Table);
                if kinds.is_empty() && !items.is_empty() { TomlKind::Tables } else { TomlKind::Array }
            }
            _ => TomlKind::Scalar,
        })
    })
}

/// As [`kind`], but lists are not looked into.
fn flat_kind<I: Input>(value: &I) -> TomlKind {
    value.inspect(Form::Toml, |shape| match shape {
        Shape::Null => TomlKind::Nil,
        Shape::Map(_) | Shape::Fields(_) => TomlKind::Table,
        Shape::List(_) => TomlKind::Array,
        _ => TomlKind::Scalar,
    })
}

struct TomlWriter<'a> {
    out: String,
    bounds: Bounds<'a>,
    depth: usize,
}

impl TomlWriter<'_> {
    fn encode<I: Input>(&mut self, key: &mut Vec<String>, value: &I) -> Result<(), Error> {
        match kind(value)? {
            TomlKind::Nil => Ok(()),
            TomlKind::Table => {
                if key.len() == 1 {
                    self.newline();
                }
                if !key.is_empty() {
                    self.header(key, "[", "]");
                }
                self.table(key, value)
            }
            TomlKind::Tables => self.tables(key, value),
            TomlKind::Scalar | TomlKind::Array if key.is_empty() => self.element(value),
            TomlKind::Scalar | TomlKind::Array => {
                let name = key.last().map(String::as_str).unwrap_or_default();
                self.out.extend(std::iter::repeat_n("  ", key.len() - 1));
                self.out.push_str(&bare_or_quoted(name));
                self.out.push_str(" = ");
                self.element(value)?;
                self.newline();
                Ok(())
            }
        }
    }

    /// A line break, unless nothing has been written yet.
    fn newline(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn header(&mut self, key: &[String], open: &str, close: &str) {
        let names: Vec<String> = key.iter().map(|name| bare_or_quoted(name)).collect();
        let indent = "  ".repeat(key.len() - 1);
        for part in [&indent, open, &names.join("."), close] {
            self.out.push_str(part);
        }
        self.newline();
    }

    fn tables<I: Input>(&mut self, key: &mut Vec<String>, value: &I) -> Result<(), Error> {
        if key.is_empty() {
            return Err(refused("toml: top-level values must be Go maps or structs"));
        }
        value.inspect(Form::Toml, |shape| {
            let Shape::List(items) = shape else { return Ok(()) };
            for item in items {
                self.newline();
                self.header(key, "[[", "]]");
                self.table(key, item)?;
            }
            Ok(())
        })
    }

    /// The entries below a header: scalars and arrays first, then tables.
    fn table<I: Input>(&mut self, key: &mut Vec<String>, value: &I) -> Result<(), Error> {
        self.enter()?;
        let done = entries(value, |direct, sub| {
            for (name, value) in direct.into_iter().chain(sub) {
                key.push(name.to_owned());
                let done = self.encode(key, value);
                key.pop();
                done?;
            }
            Ok(())
        });
        self.depth -= 1;
        done
    }

    fn enter(&mut self) -> Result<(), Error> {
        if self.out.len() > self.bounds.bytes {
            return Err(Error::TooLarge(self.bounds.bytes));
        }
        self.bounds.enter(self.depth)?;
        self.depth += 1;
        Ok(())
    }

    fn element<I: Input>(&mut self, value: &I) -> Result<(), Error> {
        self.enter()?;
        let done = value.inspect(Form::Toml, |shape| self.shape(value, shape));
        self.depth -= 1;
        done
    }

    fn shape<I: Input>(&mut self, value: &I, shape: Shape<'_, I>) -> Result<(), Error> {
        match shape {
            Shape::Null => return Err(refused("toml: cannot encode array with nil element")),
            Shape::Bool(value) => self.out.push_str(if value { "true" } else { "false" }),
            Shape::Int(number) => self.out.push_str(&number.to_string()),
            Shape::Uint(number) => self.out.push_str(&number.to_string()),
            Shape::Float(number) => self.out.push_str(&float(number)),
            Shape::Text(text) => self.out.push_str(&quoted(text)),
            Shape::Bare(text) => self.out.push_str(text),
            Shape::Unsupported(message) => return Err(refused(message)),
            Shape::List(items) => {
                self.out.push('[');
                for (index, item) in items.into_iter().enumerate() {
                    self.out.push_str(if index > 0 { ", " } else { "" });
                    self.element(item)?;
                }
                self.out.push(']');
            }
            Shape::Map(_) | Shape::Fields(_) => self.inline_table(value)?,
        }
        Ok(())
    }

    fn inline_table<I: Input>(&mut self, value: &I) -> Result<(), Error> {
        self.out.push('{');
        entries(value, |direct, sub| {
            let (count, has_tables) = (direct.len(), !sub.is_empty());
            let last = count + sub.len();
            for (index, (name, value)) in direct.into_iter().chain(sub).enumerate() {
                if flat_kind(value) == TomlKind::Nil {
                    continue;
                }
                self.out.push_str(&bare_or_quoted(name));
                self.out.push_str(" = ");
                self.element(value)?;
                let before_tables = index < count && has_tables;
                self.out.push_str(if before_tables || index + 1 < last { ", " } else { "" });
            }
            Ok(())
        })?;
        self.out.push('}');
        Ok(())
    }
}

/// Hands over the sorted entries, those that are no tables first.
fn entries<I: Input>(
    value: &I,
    write: impl FnOnce(Vec<(&str, &I)>, Vec<(&str, &I)>) -> Result<(), Error>,
) -> Result<(), Error> {
    value.inspect(Form::Toml, |shape| {
        let (Shape::Map(mut entries) | Shape::Fields(mut entries)) = shape else { return Ok(()) };
        entries.sort_by(|left, right| left.0.cmp(right.0));
        let (mut direct, mut sub) = (vec![], vec![]);
        for entry in entries {
            let is_table = matches!(kind(entry.1)?, TomlKind::Table | TomlKind::Tables);
            if is_table { sub.push(entry) } else { direct.push(entry) }
        }
        write(direct, sub)
    })
}

fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let text = number::general(value);
    if text.contains(['e', '.']) { text } else { text + ".0" }
}

fn bare_or_quoted(key: &str) -> String {
    let bare = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { quoted(key) }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{C}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1F}' | '\u{7F}' => out.push_str(&escape(char)),
            _ => out.push(char),
        }
    }
    out.push('"');
    out
}

fn escape(char: char) -> String {
    format!("\\u{:04x}", u32::from(char))
}

/// Reads a document into a map.
///
/// # Errors
/// The message of the first syntax error.
pub fn from_toml(text: &str) -> Result<Value, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| format!("toml: {}", error.message()))?;
    Ok(from_table(table))
}

fn from_table(table: toml::Table) -> Value {
    Value::from(table.into_iter().map(|(key, value)| (key, from_value(value))).collect::<Map>())
}

fn from_value(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => Data::Int64(number).into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(value) => value.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => {
            let tables = !items.is_empty() && items.iter().all(toml::Value::is_table);
            let type_name = if tables { "[]map[string]interface {}" } else { List::ANY };
            List::typed(items.into_iter().map(from_value).collect(), type_name).into()
        }
        toml::Value::Table(table) => from_table(table),
    }
}
