//! Go's regular expressions (RE2 syntax) on top of the `regex` crate, which differs in what it accepts and in what classes mean.
//!
//! A pattern is read by Go's grammar and written anew for the crate: `\d`, `\w`, `\s` and `\b` are ASCII, set operators in classes are
//! plain characters, `\Q…\E` and `{,n}` are text, repeat counts end at 1,000, and what Go refuses is refused in its words.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use regex::bytes::{Captures, Regex, RegexBuilder};

use crate::budget::pattern::{Reach, Weight, weighed};
use crate::template::print::quote::quote;

mod translate;

pub use translate::translate;

/// Compiled patterns that are kept; charts use the same few, in loops and like their neighbours.
const KEPT: usize = 64;

static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Pattern>>>> = LazyLock::new(Mutex::default);

fn kept() -> MutexGuard<'static, HashMap<String, Arc<Pattern>>> {
    // A panic elsewhere leaves the map whole.
    COMPILED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    /// The crate's own; its groups have no names.
    pub regex: Regex,
    /// Go's names of the groups, the whole match first, empty where there is none.
    names: Vec<String>,
    /// What it costs.
    pub weight: Weight,
    /// How far its searches go.
    pub reach: Reach,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Go refuses it; the text is Go's.
    Syntax(String),
    /// It would take too much memory.
    TooLarge,
}

/// `regexp.Compile`.
///
/// # Errors
/// Go's syntax errors, and a bound on the compiled size.
pub fn compile(pattern: &str) -> Result<Arc<Pattern>, Error> {
    if let Some(regex) = kept().get(pattern) {
        return Ok(Arc::clone(regex));
    }
    let (translated, names) =
        translate(pattern).map_err(|error| Error::Syntax(format!("error parsing regexp: {error}")))?;
    let build = |size| RegexBuilder::new(&translated).size_limit(size).dfa_size_limit(4 << 20).build();
    let (regex, weight) = weighed(&translated, build).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => Error::TooLarge,
        error => Error::Syntax(format!("error parsing regexp: {error}")),
    })?;
    let regex = Arc::new(Pattern { regex, names, weight, reach: Reach::new(translated, weight) });
    let mut kept = kept();
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(pattern.to_owned(), Arc::clone(&regex));
    Ok(regex)
}

/// The text of the panic of `regexp.MustCompile`.
pub fn must_compile_message(pattern: &str, error: &str) -> String {
    let plain = pattern.chars().all(|char| char == '\t' || (char >= ' ' && char != '\u{7F}' && char != '\u{FEFF}'));
    let shown = if plain && !pattern.contains('`') { format!("`{pattern}`") } else { quote(pattern.as_bytes()) };
    format!("regexp: Compile({shown}): {error}")
}

/// One part of a replacement: text of the template, or bytes of the text that is searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplacementPart<'t> {
    /// Bytes of the template.
    Literal(&'t [u8]),
    /// Bytes that a group matched.
    Group(Range<usize>),
}

/// `Regexp.Expand`: `$1`, `$name`, `${name}` stand for groups, `$$` for a dollar sign. Names are as long as possible, so `$1x` is a group
/// named `1x`; a group that does not exist is empty.
pub fn expand<'t>(template: &'t [u8], pattern: &Pattern, captures: &Captures<'_>) -> Vec<ReplacementPart<'t>> {
    let mut parts = vec![];
    let mut rest = template;
    while let Some(position) = rest.iter().position(|byte| *byte == b'$') {
        parts.push(ReplacementPart::Literal(&rest[..position]));
        let after = &rest[position + 1..];
        if after.first() == Some(&b'$') {
            parts.push(ReplacementPart::Literal(b"$"));
            rest = &after[1..];
        } else if let Some((name, length)) = group_name(after) {
            parts.extend(group(name, pattern, captures).map(ReplacementPart::Group));
            rest = &after[length..];
        } else {
            parts.push(ReplacementPart::Literal(b"$"));
            rest = after;
        }
    }
    parts.push(ReplacementPart::Literal(rest));
    parts
}

fn group(name: &str, pattern: &Pattern, captures: &Captures<'_>) -> Option<Range<usize>> {
    let numbered = name.bytes().all(|byte| byte.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
    if numbered {
        return captures.get(name.parse().ok()?).map(|found| found.range());
    }
    let named = pattern.names.iter().enumerate().filter(|(_, other)| *other == name);
    named.filter_map(|(index, _)| captures.get(index)).map(|found| found.range()).next()
}

/// Whether a match is empty in the middle of a character, where Go finds none.
pub fn splits_character(text: &[u8], range: &Range<usize>) -> bool {
    range.is_empty() && text.get(range.start).is_some_and(|byte| (0x80..0xC0).contains(byte))
}

/// The name after a dollar sign and the bytes it takes.
fn group_name(text: &[u8]) -> Option<(&str, usize)> {
    let braced = text.first() == Some(&b'{');
    let start = usize::from(braced);
    let text = std::str::from_utf8(text).unwrap_or_else(|error| {
        std::str::from_utf8(&text[..error.valid_up_to()]).expect("the text is valid up to there")
    });
    let word = |char: char| char == '_' || char.is_alphanumeric();
    let length: usize = text.get(start..)?.chars().take_while(|char| word(*char)).map(char::len_utf8).sum();
    let end = start + length;
    if length == 0 || (braced && text.as_bytes().get(end) != Some(&b'}')) {
        return None;
    }
    Some((&text[start..end], end + usize::from(braced)))
}

/// `regexp.QuoteMeta`.
pub fn quote_meta(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if r"\.+*?()|[]{}^$".contains(char) {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern).expect("a pattern").regex.is_match(text.as_bytes())
    }

    fn refusal(pattern: &str) -> String {
        match compile(pattern) {
            Err(Error::Syntax(message)) => message,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn perl_classes_are_ascii() {
        assert!(!matches(r"^\d$", "٣") && !matches(r"^\w$", "é") && matches(r"^\W$", "é"));
        assert!(matches(r"^[\d\s]+$", "1 2") && !matches(r"\s", "\u{b}"));
        assert!(matches(r"é\b", "éa") && !matches(r"a\b", "ab"));
    }

    #[test]
    fn what_is_special_only_to_the_crate_is_text() {
        assert!(matches(r"^[a&&b]+$", "a&b") && matches(r"^[a~~b]+$", "~") && matches(r"^[[a]+$", "["));
        assert!(matches(r"^\Qa.b\E$", "a.b") && matches(r"^a{,2}$", "a{,2}") && matches(r"^a{$", "a{"));
        assert!(matches(r"^[]a]+$", "]a") && matches(r"^a#b c$", "a#b c"));
    }

    #[test]
    fn refusals_have_gos_words() {
        let cases = [
            (r"a(?=b)", "invalid or unsupported Perl syntax: `(?=`"),
            (r"(?!a)", "invalid or unsupported Perl syntax: `(?!`"),
            (r"(a", "missing closing ): `(a`"),
            (r"a)", "unexpected ): `a)`"),
            (r"[a", "missing closing ]: `[a`"),
            (r"a**", "invalid nested repetition operator: `**`"),
            (r"*a", "missing argument to repetition operator: `*`"),
            (r"a{1001}", "invalid repeat count: `{1001}`"),
            (r"a\1", "invalid escape sequence: `\\1`"),
            (r"[z-a]", "invalid character class range: `z-a`"),
            ("a\\", "trailing backslash at end of expression: ``"),
            (r"\pX", "invalid character class range: `\\pX`"),
        ];
        for (pattern, message) in cases {
            assert_eq!(refusal(pattern), format!("error parsing regexp: {message}"), "{pattern}");
        }
    }

    #[test]
    fn replacements_take_the_longest_name() {
        let regex = compile(r"(?P<key>\w+)=(\w+)").expect("a pattern");
        let captures = regex.regex.captures(b"a=b").expect("a match");
        let expanded = |template: &str| -> String {
            let parts = expand(template.as_bytes(), &regex, &captures);
            let bytes = parts.into_iter().map(|part| match part {
                ReplacementPart::Literal(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                ReplacementPart::Group(range) => "a=b"[range].to_owned(),
            });
            bytes.collect()
        };
        assert_eq!(expanded("$2-${key}x-$1x-$$-$-${1"), "b-ax--$-$-${1");
    }
}
