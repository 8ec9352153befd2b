//! Verbs for integers.

use super::quote::quote_char;
use super::{Printed, Printer};
use crate::template::value::Value;
use crate::text::unicode::is_print;

impl Printer<'_> {
    pub(super) fn signed(&mut self, number: i64, value: &Value, verb: char) -> Printed {
        self.integer(number.unsigned_abs(), number < 0, value, verb)
    }

    pub(super) fn unsigned(&mut self, number: u64, value: &Value, verb: char) -> Printed {
        if verb == 'v' && self.flags.go_syntax {
            self.pad(format!("{number:#x}").as_bytes());
            return Ok(());
        }
        self.integer(number, false, value, verb)
    }

    fn integer(&mut self, magnitude: u64, negative: bool, value: &Value, verb: char) -> Printed {
        let (digits, prefix) = match verb {
            'v' | 'd' => (magnitude.to_string(), ""),
            'b' => (format!("{magnitude:b}"), "0b"),
            'o' | 'O' => (format!("{magnitude:o}"), "0"),
            'x' => (format!("{magnitude:x}"), "0x"),
            'X' => (format!("{magnitude:X}"), "0X"),
            'c' | 'q' | 'U' => {
                let negative = negative && magnitude != 0;
                let code = if negative { magnitude.wrapping_neg() } else { magnitude };
                self.character(code, verb);
                return Ok(());
            }
            _ => return self.bad_verb(value, verb),
        };
        self.digits(digits, prefix, negative, verb);
        Ok(())
    }

    fn digits(&mut self, mut digits: String, prefix: &str, negative: bool, verb: char) {
        let flags = self.flags;
        if flags.precision == Some(0) && digits == "0" {
            let zero = std::mem::replace(&mut self.flags.zero, false);
            self.pad(b"");
            self.flags.zero = zero;
            return;
        }
        let signed = negative || flags.plus || flags.space;
        let least = match (flags.precision, flags.width) {
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => width - usize::from(signed && width > 0),
            _ => 0,
        };
        if digits.len() < least {
            digits.insert_str(0, &"0".repeat(least - digits.len()));
        }
        let prefix = match verb {
            'O' => "0o",
            _ if !flags.sharp || (verb == 'o' && digits.starts_with('0')) => "",
            _ => prefix,
        };
        let sign = if negative {
            "-"
        } else if flags.plus {
            "+"
        } else if flags.space {
            " "
        } else {
            ""
        };
        self.flags.zero = false;
        self.pad(format!("{sign}{prefix}{digits}").as_bytes());
        self.flags.zero = flags.zero;
    }

    fn character(&mut self, code: u64, verb: char) {
        let character = u32::try_from(code).ok().and_then(char::from_u32);
        let shown = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        let text = match verb {
            'c' => shown.to_string(),
            'q' => quote_char(shown, self.flags.plus),
            _ => {
                let digits = format!("{code:X}");
                let zeros = "0".repeat(self.flags.precision.unwrap_or(4).max(4).saturating_sub(digits.len()));
                let glyph = character.filter(|character| self.flags.sharp && is_print(*character));
                let glyph = glyph.map(|glyph| format!(" '{glyph}'")).unwrap_or_default();
                format!("U+{zeros}{digits}{glyph}")
            }
        };
        let zero = self.flags.zero;
        self.flags.zero &= verb != 'U';
        self.pad(text.as_bytes());
        self.flags.zero = zero;
    }
}
