//! Patterns of schemas are Go's; this says them in Rust's syntax.
//!
//! What Go does not have (look-around, back-references) is left unjudged.

use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, RegexBuilder};

/// Bytes that a compiled pattern may take.
const SIZE: usize = 4 * 1024 * 1024;

/// The pattern, where it is one of Go's and not too large.
pub(super) fn compiled(go: &str) -> Option<Regex> {
    RegexBuilder::new(&translated(go)?).size_limit(SIZE).dfa_size_limit(SIZE).nest_limit(100).build().ok()
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
    let text: String = rest.clone().collect();
    let body = text.split_once(r"\E").map_or(text.as_str(), |(body, _)| body);
    let taken = body.chars().count() + if body.len() < text.len() { 2 } else { 0 };
    rest.nth(taken.saturating_sub(1));
    out.push_str(&regex::escape(body));
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
        _ if character.is_ascii() && !character.is_ascii_alphanumeric() => {
            return Some(format!(r"\x{{{:x}}}", u32::from(character)));
        }
        _ => return Some(format!("\\{character}")),
    };
    Some(text.into())
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
    use super::compiled;

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
            (r"^{a}{,2}$", "{a}{,2}", true),
            (r"^a{2,3}$", "aa", true),
            (r"^a\/b\_c$", "a/b_c", true),
            (r"^[]a]+$", "]a", true),
            (r"^[[:alpha:]]+$", "ab", true),
            (r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-b", true),
            (r"\bfoo\b", "a foo b", true),
            (r"^[+-]$", "-", true),
        ];
        for (pattern, text, expected) in cases {
            let compiled = compiled(pattern).unwrap_or_else(|| panic!("{pattern} does not compile"));
            assert_eq!(compiled.is_match(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_go_does_not_have_is_left_alone() {
        for pattern in [r"(?=a)b", r"(a)\1", "[a", r"a{1000}{1000}{1000}", r"\", "(?!x)"] {
            assert!(compiled(pattern).is_none(), "{pattern}");
        }
        assert!(compiled(&"(".repeat(100_000)).is_none());
    }
}
