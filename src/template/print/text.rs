//! Verbs for strings and bytes.

use std::fmt::Write as _;

use super::quote::{quote, quote_ascii};
use super::{Flags, Printed, Printer};
use crate::template::limits::Exceeded;
use crate::template::value::{List, Value};

impl Printer<'_> {
    pub(super) fn string(&mut self, value: &Value, verb: char) -> Printed {
        let Some(text) = value.as_string() else { return Ok(()) };
        match verb {
            'v' if self.flags.go_syntax => self.quoted(text.as_bytes()),
            'v' | 's' if self.flags.width.is_none() && self.flags.precision.is_none() => {
                let known = if value.origins.is_empty() && text.pieces().is_empty() {
                    value.clone().with_origins(self.reading.clone())
                } else {
                    value.clone()
                };
                self.out.push_value(&known);
            }
            'v' | 's' => {
                let cut = truncate(text.as_bytes(), self.flags.precision);
                self.pad(cut);
            }
            'x' | 'X' => self.hex(text.as_bytes(), verb),
            'q' => self.quoted(truncate(text.as_bytes(), self.flags.precision)),
            _ => self.bad_verb(value, verb)?,
        }
        Ok(())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8], value: &Value, verb: char) -> Printed {
        match verb {
            'v' | 'd' if self.flags.go_syntax => {
                let items: Vec<_> = bytes.iter().map(|byte| format!("{byte:#x}")).collect();
                self.emit(&format!("[]byte{{{}}}", items.join(", ")));
            }
            'v' | 'd' if self.flags == Flags::default() => self.numbers(bytes)?,
            'v' | 'd' => {
                let items = bytes.iter().map(|byte| Value::from(crate::template::value::Data::Uint8(*byte)));
                return self.items(List::ANY, &items.collect::<Vec<_>>(), 'd');
            }
            's' => self.pad(truncate(bytes, self.flags.precision)),
            'x' | 'X' => self.hex(bytes, verb),
            'q' => self.quoted(truncate(bytes, self.flags.precision)),
            _ => self.bad_verb(value, verb)?,
        }
        Ok(())
    }

    /// Bytes as a list of numbers, all at once: whole files are printed this way.
    fn numbers(&mut self, bytes: &[u8]) -> Printed {
        self.budget.scan(bytes.len().saturating_mul(4))?;
        let most = bytes.len().saturating_mul(4);
        if self.out.len().saturating_add(most) > self.budget.limits().string {
            return Err(Exceeded::Text);
        }
        let mut text = [b' '; 4 * CHUNK + 4];
        self.emit("[");
        let mut left = bytes.len();
        for chunk in bytes.chunks(CHUNK) {
            let mut end = 0;
            for byte in chunk {
                let (digits, length) = &DECIMAL[usize::from(*byte)];
                // All four are written; the next number overwrites those that this one does not have.
                if let Some(place) = text[end..].first_chunk_mut() {
                    *place = *digits;
                }
                end += length;
            }
            left -= chunk.len();
            // The last number has no space behind it.
            self.emit_bytes(&text[..end - usize::from(left == 0)]);
        }
        self.emit("]");
        Ok(())
    }

    fn quoted(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let raw = self.flags.sharp && std::str::from_utf8(bytes).is_ok() && can_backquote(&text);
        let quoted = if raw {
            format!("`{text}`")
        } else if self.flags.plus {
            quote_ascii(bytes)
        } else {
            quote(bytes)
        };
        self.pad(quoted.as_bytes());
    }

    /// Two digits for each byte; the precision limits the bytes.
    fn hex(&mut self, bytes: &[u8], verb: char) {
        let bytes = &bytes[..self.flags.precision.unwrap_or(usize::MAX).min(bytes.len())];
        let prefix = if self.flags.sharp { if verb == 'x' { "0x" } else { "0X" } } else { "" };
        let mut text = String::with_capacity(bytes.len() * 2);
        for (index, byte) in bytes.iter().enumerate() {
            if index > 0 && self.flags.space {
                text.push(' ');
            }
            if index == 0 || self.flags.space {
                text.push_str(prefix);
            }
            let _ = if verb == 'x' { write!(text, "{byte:02x}") } else { write!(text, "{byte:02X}") };
        }
        self.pad(text.as_bytes());
    }
}

/// Bytes that are written as numbers at a time.
const CHUNK: usize = 1024;

/// Every byte in decimal with a space behind it, and how many bytes that takes.
const DECIMAL: [([u8; 4], usize); 256] = {
    let mut all = [([b' '; 4], 0); 256];
    let mut number = 0_u8;
    loop {
        let (hundreds, tens, ones) = (b'0' + number / 100, b'0' + number / 10 % 10, b'0' + number % 10);
        all[number as usize] = match number {
            0..10 => ([ones, b' ', b' ', b' '], 2),
            10..100 => ([tens, ones, b' ', b' '], 3),
            _ => ([hundreds, tens, ones, b' '], 4),
        };
        if number == u8::MAX {
            break all;
        }
        number += 1;
    }
};

/// The first `count` characters.
fn truncate(bytes: &[u8], count: Option<usize>) -> &[u8] {
    let Some(count) = count else { return bytes };
    let mut left = count;
    let mut end = 0;
    for chunk in bytes.utf8_chunks() {
        let sizes = chunk.valid().chars().map(char::len_utf8).chain(chunk.invalid().iter().map(|_| 1));
        for size in sizes {
            if left == 0 {
                return &bytes[..end];
            }
            left -= 1;
            end += size;
        }
    }
    bytes
}

/// Go's `strconv.CanBackquote`.
fn can_backquote(text: &str) -> bool {
    text.chars()
        .all(|character| !matches!(character, '`' | '\u{feff}' | '\u{7f}') && (character >= ' ' || character == '\t'))
}
