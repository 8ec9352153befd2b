//! Go's `fmt` and the parts of `strconv` below it.
//!
//! Everything is printed into a [`Weave`], so that each leaf of a printed container keeps its own origins.

use super::limits::{Budget, Exceeded};
use super::origin::Origins;
use super::value::{Data, List, Map, Object, Value, View};
use super::weave::Weave;

pub mod float;
mod format;
mod integer;
pub mod quote;
mod text;

pub use self::format::sprintf;

/// The flags of a verb.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one character of a verb, in any combination")]
struct Flags {
    width: Option<usize>,
    precision: Option<usize>,
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    /// `%#v`.
    go_syntax: bool,
    /// `%+v`.
    plus_fields: bool,
}

/// Prints values one after the other.
struct Printer<'a> {
    out: Weave,
    budget: &'a mut Budget,
    flags: Flags,
    /// What was read to know the value being printed.
    reading: Origins,
    /// Inside `%!d(…)`, where methods are not called.
    erroring: bool,
}

type Printed = Result<(), Exceeded>;

/// Go's `fmt.Sprint`: a space between two operands that are both no strings.
pub fn sprint(budget: &mut Budget, values: &[Value]) -> Result<Value, Exceeded> {
    if let [value] = values
        && value.as_string().is_some()
    {
        return Ok(value.clone());
    }
    let mut printer = Printer::new(budget);
    let mut string_before = true;
    for value in values {
        let string = value.kind() == "string";
        if !string && !string_before {
            printer.out.push(" ");
        }
        printer.argument(value, 'v')?;
        string_before = string;
    }
    printer.finish()
}

/// Go's `fmt.Sprintln`.
pub fn sprintln(budget: &mut Budget, values: &[Value]) -> Result<Value, Exceeded> {
    let mut printer = Printer::new(budget);
    for (index, value) in values.iter().enumerate() {
        printer.out.push(if index > 0 { " " } else { "" });
        printer.argument(value, 'v')?;
    }
    printer.out.push("\n");
    printer.finish()
}

impl<'a> Printer<'a> {
    fn new(budget: &'a mut Budget) -> Self {
        Self { out: Weave::default(), budget, flags: Flags::default(), reading: Origins::NONE, erroring: false }
    }

    fn finish(self) -> Result<Value, Exceeded> {
        self.budget.text(self.out.len())?;
        Ok(self.out.finish())
    }

    /// Text made from the value being printed.
    fn emit(&mut self, text: &str) {
        self.emit_bytes(text.as_bytes());
    }

    fn emit_bytes(&mut self, bytes: &[u8]) {
        self.out.push_read(bytes, &self.reading);
    }

    /// An argument of a print function.
    fn argument(&mut self, value: &Value, verb: char) -> Printed {
        self.reading = value.all_origins();
        match verb {
            'T' => self.plain(value.type_name().as_bytes()),
            _ if value.is_nil() && verb == 'v' => self.plain(b"<nil>"),
            'p' => self.bad_verb(value, verb)?,
            _ => self.value(value, verb)?,
        }
        self.reading = Origins::NONE;
        Ok(())
    }

    fn value(&mut self, value: &Value, verb: char) -> Printed {
        self.budget.step(1)?;
        self.budget.descend()?;
        if self.out.len() > self.budget.limits().string {
            return Err(Exceeded::Text);
        }
        match &value.data {
            Data::Nil => self.bad_verb(value, verb)?,
            Data::Bool(_) if !matches!(verb, 't' | 'v') => self.bad_verb(value, verb)?,
            Data::Bool(truth) => self.pad(if *truth { b"true" } else { b"false" }),
            Data::Int(number) | Data::Int64(number) => self.signed(*number, value, verb)?,
            Data::Uint8(number) => self.unsigned(u64::from(*number), value, verb)?,
            Data::Uint64(number) => self.unsigned(*number, value, verb)?,
            Data::Float(number) => self.float(*number, value, verb)?,
            Data::String(_) => self.string(value, verb)?,
            Data::Bytes(bytes) => self.bytes(bytes, value, verb)?,
            Data::List(list) => self.list(list, verb)?,
            Data::Map(map) => self.map(map, verb)?,
            Data::Object(object) => self.object(&**object, value, verb)?,
        }
        Ok(())
    }

    /// An element of a container, which is an interface in Go.
    fn element(&mut self, value: &Value, verb: char) -> Printed {
        let around = self.reading.clone();
        let own = value.all_origins();
        if !own.is_empty() {
            self.reading = own;
        }
        match value.data {
            Data::Nil if self.flags.go_syntax => self.emit("interface {}(nil)"),
            Data::Nil => self.emit("<nil>"),
            _ => self.value(value, verb)?,
        }
        self.reading = around;
        Ok(())
    }

    fn list(&mut self, list: &List, verb: char) -> Printed {
        if self.flags.go_syntax && list.is_nil() {
            self.emit(&format!("{}(nil)", list.type_name()));
            return Ok(());
        }
        self.items(list.type_name(), list, verb)
    }

    fn items(&mut self, type_name: &str, items: &[Value], verb: char) -> Printed {
        let (open, separator, close) =
            if self.flags.go_syntax { (format!("{type_name}{{"), ", ", "}") } else { ("[".to_owned(), " ", "]") };
        self.emit(&open);
        for (index, item) in items.iter().enumerate() {
            self.emit(if index > 0 { separator } else { "" });
            self.element(item, verb)?;
        }
        self.emit(close);
        Ok(())
    }

    fn map(&mut self, map: &Map, verb: char) -> Printed {
        if self.flags.go_syntax && map.is_nil() {
            self.emit(&format!("{}(nil)", map.type_name()));
            return Ok(());
        }
        self.entries(map.type_name(), map.snapshot(), verb)
    }

    fn entries(&mut self, type_name: &str, entries: Vec<(std::sync::Arc<str>, Value)>, verb: char) -> Printed {
        let (open, separator, close) =
            if self.flags.go_syntax { (format!("{type_name}{{"), ", ", "}") } else { ("map[".to_owned(), " ", "]") };
        self.emit(&open);
        for (index, (key, value)) in entries.into_iter().enumerate() {
            self.emit(if index > 0 { separator } else { "" });
            self.value(&Value::from(key).with_origins(self.reading.clone()), verb)?;
            self.emit(":");
            self.element(&value, verb)?;
        }
        self.emit(close);
        Ok(())
    }

    /// `{a 1}`, with names for `%+v` and with name and type for `%#v`.
    fn fields(&mut self, type_name: &str, fields: &[(&str, Value)], verb: char) -> Printed {
        let named = self.flags.go_syntax || self.flags.plus_fields;
        let separator = if self.flags.go_syntax { ", " } else { " " };
        self.emit(if self.flags.go_syntax { type_name } else { "" });
        self.emit("{");
        for (index, (name, value)) in fields.iter().enumerate() {
            self.emit(if index > 0 { separator } else { "" });
            if named {
                self.emit(&format!("{name}:"));
            }
            self.element(value, verb)?;
        }
        self.emit("}");
        Ok(())
    }

    fn object(&mut self, object: &dyn Object, value: &Value, verb: char) -> Printed {
        let text = if self.erroring || self.flags.go_syntax { None } else { object.string() };
        if let Some(text) = text
            && matches!(verb, 'v' | 's' | 'x' | 'X' | 'q')
        {
            return self.string(&Value::from(text).with_origins(self.reading.clone()), verb);
        }
        match object.view() {
            View::Opaque => self.fields(object.type_name(), &[], verb),
            View::Struct(fields) => self.fields(object.type_name(), &fields, verb),
            View::Map(entries) => self.entries(object.type_name(), entries, verb),
            View::List(items) => self.items(object.type_name(), &items, verb),
            View::Int64(number) => self.signed(number, value, verb),
        }
    }

    /// `%!d(string=hi)`.
    fn bad_verb(&mut self, value: &Value, verb: char) -> Printed {
        self.erroring = true;
        self.emit(&format!("%!{verb}("));
        if value.is_nil() {
            self.emit("<nil>");
        } else {
            self.emit(&format!("{}=", value.type_name()));
            self.value(value, 'v')?;
        }
        self.emit(")");
        self.erroring = false;
        Ok(())
    }

    /// A text that flags do not pad.
    fn plain(&mut self, text: &[u8]) {
        self.pad(text);
    }

    /// The text, padded to the width, which counts characters.
    fn pad(&mut self, text: &[u8]) {
        let padding = self.flags.width.map_or(0, |width| width.saturating_sub(characters(text)));
        if padding == 0 {
            return self.emit_bytes(text);
        }
        let zero = self.flags.zero && !self.flags.minus;
        let padding = if zero { "0" } else { " " }.repeat(padding);
        let parts = if self.flags.minus { [text, padding.as_bytes()] } else { [padding.as_bytes(), text] };
        self.emit_bytes(&parts.concat());
    }
}

/// Go's `utf8.RuneCount`: each invalid byte counts as one.
fn characters(text: &[u8]) -> usize {
    text.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}
