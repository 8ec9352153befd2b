//! Patterns of schemas are Go's; this says them in Rust's syntax.
//!
//! What Go does not have (look-around, back-references) is left unjudged.

use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, RegexBuilder};

use crate::budget::pattern::{Weight, reading, weighed};
use crate::budget::{Budget, Exceeded};

/// Bytes that searching may take.
const CACHE: usize = 1024 * 1024;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) regex: Regex,
    pub(super) weight: Weight,
}

/// The pattern, where it is one of Go's.
///
/// # Errors
/// Where it is too large for what is left.
pub(super) fn compiled(go: &str, budget: &Budget) -> Result<Option<Pattern>, Exceeded> {
    budget.spend(go.len() + reading(go))?;
    let Some(rust) = translated(go) else { return Ok(None) };
    let build = |size| RegexBuilder::new(&rust).size_limit(size).dfa_size_limit(CACHE).nest_limit(100).build();
    match weighed(&rust, build) {
        Ok((regex, weight)) => {
            budget.spend(weight.building())?;
            Ok(Some(Pattern { regex, weight }))
        }
        Err(regex::Error::CompiledTooBig(_)) => Err(budget.overdraw()),
        Err(_) => Ok(None),
    }
}

fn translated(go: &str) -> Option<String> {
    let mut out = String::with_capacity(go.len() + 16);
    let mut rest = go.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' if rest.peek() == Some(&'Q') => quoted(&mut rest, &mut out),
            '\\' => out.push_str(&escape(&mut rest, false)?),
            '[' => class(&mut rest, &mut out)?,
            '{' if !is_repetition(rest.clone()) => out.push_str(r"\{"),
            _ => out.push(character),
        }
    }
    Some(out)
}

/// `\Q…\E`: everything between stands for itself.
fn quoted(rest: &mut Peekable<Chars<'_>>, out: &mut String) {
    rest.next();
    while let Some(character) = rest.next() {
        if character == '\\' && rest.next_if_eq(&'E').is_some() {
            return;
        }
        out.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
    }
}

/// Whether `{` opens `{n}`, `{n,}` or `{n,m}`; to Go it is a brace otherwise.
fn is_repetition(rest: Peekable<Chars<'_>>) -> bool {
    let inner: String = rest.take_while(|character| *character != '}').take(12).collect();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (least, most) = inner.split_once(',').unwrap_or((&inner, ""));
    !least.is_empty() && digits(least) && digits(most)
}

/// What follows a backslash. Go's classes are ASCII; inside brackets `\b` is no boundary.
fn escape(rest: &mut Peekable<Chars<'_>>, in_class: bool) -> Option<String> {
    let character = rest.next()?;
    let text = match character {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => r"[\t\n\x0C\r ]",
        'S' => r"[^\t\n\x0C\r ]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        'b' | 'B' if in_class => return None,
        'b' => r"(?-u:\b)",
        // On text, Rust has the negated ASCII boundary only in Unicode's form.
        'B' => r"\B",
        '0'..='9' | 'Z' => return None,
        'p' | 'P' | 'x' if rest.peek() == Some(&'{') => return braced(character, rest),
        _ if character.is_ascii() && !character.is_ascii_alphanumeric() => {
            return Some(format!(r"\x{{{:x}}}", u32::from(character)));
        }
        _ => return Some(format!("\\{character}")),
    };
    Some(text.into())
}

/// `\p{Greek}`, `\P{L}` and `\x{1F600}`, the same in both but for a caret, which Rust has as the other letter.
fn braced(letter: char, rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    rest.next();
    let is_other = letter != 'x' && rest.next_if_eq(&'^').is_some();
    let mut name = String::new();
    loop {
        match rest.next()? {
            '}' => break,
            character => name.push(character),
        }
    }
    let letter = match (letter, is_other) {
        ('p', true) => 'P',
        ('P', true) => 'p',
        (letter, _) => letter,
    };
    // To Rust there are more classes, and case makes no difference.
    let is_known = letter == 'x' || name.starts_with(|first: char| first.is_ascii_uppercase());
    is_known.then(|| format!("\\{letter}{{{name}}}"))
}

/// A bracket expression. To Rust `[`, `&&`, `--` and `~~` inside have a meaning of their own.
fn class(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    if rest.next_if_eq(&']').is_some() {
        out.push_str(r"\]");
    }
    let mut after_class = true;
    loop {
        let character = rest.next()?;
        let is_shorthand = character == '\\' && rest.peek().is_some_and(|next| "dDsSwW".contains(*next));
        match character {
            ']' => break,
            '\\' => out.push_str(&escape(rest, true)?),
            '[' if rest.peek() == Some(&':') => posix(rest, out)?,
            '[' | '&' | '~' => out.extend(['\\', character]),
            '-' if after_class || rest.peek() == Some(&'-') => out.push_str(r"\-"),
            _ => out.push(character),
        }
        after_class = is_shorthand;
    }
    out.push(']');
    Some(())
}

/// `[:alpha:]`, the same in both.
fn posix(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    loop {
        let character = rest.next()?;
        out.push(character);
        if character == ']' {
            return Some(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(pattern: &str) -> Option<Regex> {
        let compiled = super::compiled(pattern, &Budget::new(10_000_000, 1)).expect("within the limits");
        compiled.map(|pattern| pattern.regex)
    }

    #[test]
    fn patterns_mean_what_they_mean_to_go() {
        let cases = [
            (r"^\d+$", "12", true),
            (r"^\d+$", "١٢", false),
            (r"^[\w-.]+$", "a-b.c", true),
            (r"^[\w.-]+$", "a b", false),
            (r"^[a-z[]+$", "a[", true),
            (r"^[&&]+$", "&", true),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^\Q\E\Qa\\E[b]$", "a\\b", true),
            (r"^\Qa\.", r"a\.", true),
            (r"^{a}{,2}$", "{a}{,2}", true),
            (r"^a{2,3}$", "aa", true),
            (r"^a\/b\_c$", "a/b_c", true),
            (r"^[]a]+$", "]a", true),
            (r"^[[:alpha:]]+$", "ab", true),
            (r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-b", true),
            (r"\bfoo\b", "a foo b", true),
            (r"^[+-]$", "-", true),
            (r"^\p{L}+$", "5", false),
            (r"^\p{Lu}\P{Greek}$", "Äb", true),
            (r"^[\p{^Greek}]+$", "α", false),
            (r"^\x{1F600}{2}$", "😀😀", true),
        ];
        for (pattern, text, expected) in cases {
            let compiled = compiled(pattern).unwrap_or_else(|| panic!("{pattern} does not compile"));
            assert_eq!(compiled.is_match(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_go_does_not_have_is_left_alone() {
        for pattern in [r"(?=a)b", r"(a)\1", "[a", r"\", "(?!x)", r"\p{", r"\p{alphabetic}"] {
            assert!(compiled(pattern).is_none(), "{pattern}");
        }
        assert!(compiled(&"(".repeat(10_000)).is_none());
    }

    #[test]
    fn what_is_too_large_is_a_limit() {
        let budget = Budget::new(10_000_000, 1);
        let refused = super::compiled("a{1000}{1000}{1000}", &budget).map(|_| ());
        assert_eq!(refused, Err(Exceeded::Steps(10_000_000)));
    }
}
