//! Go's `fmt.Sprintf`: verbs with flags, widths, precisions and argument indexes, and its way of printing their misuse.

use super::{Flags, Printer};
use crate::template::limits::{Budget, Exceeded};
use crate::template::value::{Data, Value};

/// Go's `fmt.Sprintf`.
///
/// # Errors
/// Only bounds; wrong verbs and arguments are printed, as Go does.
pub fn sprintf(budget: &mut Budget, format: &Value, values: &[Value]) -> Result<Value, Exceeded> {
    let mut formatter = Formatter {
        printer: Printer::new(budget),
        format,
        text: format.bytes(),
        values,
        position: 0,
        next: 0,
        reordered: false,
        good_index: true,
        after_index: false,
    };
    formatter.run()?;
    formatter.printer.finish()
}

struct Formatter<'a> {
    printer: Printer<'a>,
    format: &'a Value,
    text: &'a [u8],
    values: &'a [Value],
    position: usize,
    /// Index of the argument to print next.
    next: usize,
    reordered: bool,
    good_index: bool,
    after_index: bool,
}

impl Formatter<'_> {
    fn run(&mut self) -> Result<(), Exceeded> {
        while self.position < self.text.len() {
            let rest = &self.text[self.position..];
            let literal = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
            self.printer.out.push_slice(self.format, self.position..self.position + literal);
            self.position += literal + 1;
            if literal < rest.len() {
                self.verb()?;
            }
        }
        self.extra()
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    fn verb(&mut self) -> Result<(), Exceeded> {
        self.good_index = true;
        self.after_index = false;
        self.printer.flags = self.flags();
        self.index();
        self.width();
        self.precision();
        if !self.after_index {
            self.index();
        }
        let Some(verb) = self.take_character() else {
            self.printer.out.push("%!(NOVERB)");
            return Ok(());
        };
        if verb == '%' {
            self.printer.out.push("%");
        } else if !self.good_index {
            self.printer.out.push(&format!("%!{verb}(BADINDEX)"));
        } else if let Some(value) = self.values.get(self.next) {
            self.next += 1;
            self.adapt_to_v(verb);
            self.printer.argument(value, verb)?;
        } else {
            self.printer.out.push(&format!("%!{verb}(MISSING)"));
        }
        self.printer.flags = Flags::default();
        Ok(())
    }

    /// `%#v` and `%+v` are forms of their own.
    fn adapt_to_v(&mut self, verb: char) {
        let flags = &mut self.printer.flags;
        if verb == 'v' {
            flags.go_syntax = std::mem::take(&mut flags.sharp);
            flags.plus_fields = std::mem::take(&mut flags.plus);
        }
    }

    fn take_character(&mut self) -> Option<char> {
        let rest = &self.text[self.position.min(self.text.len())..];
        let chunk = rest.utf8_chunks().next()?;
        let character = chunk.valid().chars().next();
        self.position += character.map_or(1, char::len_utf8);
        Some(character.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        loop {
            match self.peek() {
                Some(b'#') => flags.sharp = true,
                Some(b'0') => flags.zero = true,
                Some(b'+') => flags.plus = true,
                Some(b'-') => flags.minus = true,
                Some(b' ') => flags.space = true,
                _ => return flags,
            }
            self.position += 1;
        }
    }

    fn width(&mut self) {
        if self.peek() == Some(b'*') {
            self.position += 1;
            match self.integer_argument() {
                None => self.printer.out.push("%!(BADWIDTH)"),
                Some(width) => {
                    self.printer.flags.minus |= width < 0;
                    self.printer.flags.width = usize::try_from(width.unsigned_abs()).ok();
                }
            }
            self.after_index = false;
            return;
        }
        self.printer.flags.width = self.number();
        if self.after_index && self.printer.flags.width.is_some() {
            self.good_index = false;
        }
    }

    fn precision(&mut self) {
        if self.peek() != Some(b'.') {
            return;
        }
        self.position += 1;
        if self.after_index {
            self.good_index = false;
        }
        self.index();
        if self.peek() == Some(b'*') {
            self.position += 1;
            match self.integer_argument() {
                Some(precision) if precision >= 0 => self.printer.flags.precision = usize::try_from(precision).ok(),
                // A negative precision counts as given badly, like one that is no integer.
                _ => self.printer.out.push("%!(BADPREC)"),
            }
            self.after_index = false;
            return;
        }
        self.printer.flags.precision = Some(self.number().unwrap_or(0));
    }

    /// A decimal number. One that passes a million before its last digit ends the format, as in Go.
    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            if number.is_some_and(|number| number > LARGEST) {
                self.position = self.text.len();
                return None;
            }
            number = Some(number.unwrap_or(0) * 10 + usize::from(digit - b'0'));
            self.position += 1;
        }
        number
    }

    /// `[n]`.
    fn index(&mut self) {
        if self.peek() != Some(b'[') {
            self.after_index = false;
            return;
        }
        self.reordered = true;
        let rest = &self.text[self.position..];
        let Some(close) = rest.iter().position(|byte| *byte == b']').filter(|_| rest.len() >= 3) else {
            self.position += 1;
            self.good_index = false;
            self.after_index = false;
            return;
        };
        let number =
            std::str::from_utf8(&rest[1..close]).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let number = number.and_then(|text| text.parse::<usize>().ok()).filter(|number| *number <= LARGEST);
        self.position += close + 1;
        self.after_index = number.is_some();
        match number.and_then(|number| number.checked_sub(1)).filter(|index| *index < self.values.len()) {
            Some(index) => self.next = index,
            None => self.good_index = false,
        }
    }

    fn integer_argument(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        let number = match value.data {
            Data::Int(_) | Data::Int64(_) | Data::Uint8(_) | Data::Uint64(_) => value.integer(),
            _ => return None,
        };
        (number.unsigned_abs() <= LARGEST as u64).then_some(number)
    }

    /// Arguments that no verb asked for.
    fn extra(&mut self) -> Result<(), Exceeded> {
        if self.reordered || self.next >= self.values.len() {
            return Ok(());
        }
        self.printer.out.push("%!(EXTRA ");
        for (index, value) in self.values[self.next..].iter().enumerate() {
            self.printer.out.push(if index > 0 { ", " } else { "" });
            if value.is_nil() {
                self.printer.out.push("<nil>");
                continue;
            }
            self.printer.out.push(&format!("{}=", value.type_name()));
            self.printer.argument(value, 'v')?;
        }
        self.printer.out.push(")");
        Ok(())
    }
}

/// Go's bound on widths, precisions and indexes.
const LARGEST: usize = 1_000_000;
