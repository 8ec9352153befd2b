//! A text that numbers were printed into. Thousands may have been: it is read once for all of them.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

/// A text.
pub(super) struct Printed<'t> {
    pub(super) text: &'t str,
    /// The first of each number with an exponent, by its value.
    exponents: OnceCell<HashMap<u64, &'t str>>,
    /// Every number that stands by itself.
    numbers: OnceCell<HashSet<&'t str>>,
}

impl<'t> Printed<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, exponents: OnceCell::new(), numbers: OnceCell::new() }
    }

    /// The first `1.048576e+06` of a value.
    pub(super) fn exponent(&self, value: f64) -> Option<&'t str> {
        let known = self.exponents.get_or_init(|| {
            let mut known = HashMap::new();
            for text in exponents(self.text) {
                if let Ok(value) = text.parse::<f64>() {
                    known.entry(value.to_bits()).or_insert(text);
                }
            }
            known
        });
        known.get(&value.to_bits()).copied()
    }

    /// Whether a number stands in the text by itself, or behind a `v`; it may end a sentence.
    pub(super) fn has(&self, number: &str) -> bool {
        self.numbers.get_or_init(|| numbers(self.text)).contains(number)
    }
}

/// Every number that stands by itself, among other words.
fn numbers(text: &str) -> HashSet<&str> {
    let bytes = text.as_bytes();
    let is_part = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
    let is_free = |at: usize| at == 0 || !is_part(at - 1);
    // A word begins behind nothing that is part of one, or behind a `v` of which that is so.
    let is_led = |at: usize| is_free(at) || bytes[at - 1] == b'v' && is_free(at - 1);
    let mut found = HashSet::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while is_part(at) {
            at += 1;
        }
        if start == at {
            at += 1;
            continue;
        }
        let is_signed = start > 0 && bytes[start - 1] == b'-' && is_led(start - 1);
        let starts = [Some(start), (bytes[start] == b'v').then_some(start + 1), is_signed.then(|| start - 1)];
        let ends = [Some(at), sentence_end(bytes, start, at)];
        for start in starts.into_iter().flatten() {
            found.extend(ends.into_iter().flatten().filter_map(|end| text.get(start..end)));
        }
    }
    found
}

/// Where a word ends that a full stop follows: it is no point of a number.
fn sentence_end(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    (start..end).find(|at| bytes[*at] == b'.' && !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric))
}

/// Every `1.048576e+06` in a text.
fn exponents(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |pair: &[u8]| pair[0] == b'e' && matches!(pair[1], b'+' | b'-');
    let marks = text.as_bytes().windows(2).enumerate().filter(move |(_, pair)| is_mark(pair)).map(|(at, _)| at);
    marks.filter_map(|at| {
        let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        let before = text.as_bytes()[..at].iter().rev().take_while(|byte| is_part(byte)).count();
        let after = text.as_bytes()[at + 2..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        (before > 0 && after >= 2).then(|| &text[at - before..at + 2 + after])
    })
}
