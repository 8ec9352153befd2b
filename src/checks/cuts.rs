//! To how many letters expressions of templates cut what they print.

use crate::text::{Location, Sources, Span};

/// The expressions around a place of a template, the outermost first, from the action to the innermost brackets, with what each cuts to.
/// Something that is cut to no number that is known counts as nothing.
pub(super) fn around(at: Location, sources: &Sources) -> Vec<(Location, Option<usize>)> {
    let file = sources.get(at.source);
    let text: &str = &file.text;
    // The end of a place may lie behind the brackets or the action that it stands in.
    let start = at.span.start as usize;
    let Some(open) = text.get(..start).and_then(|before| before.rfind("{{")) else { return vec![] };
    let close = text[start..].find("}}").map_or(text.len(), |close| start + close);
    let mut groups = vec![(open + 2, close)];
    let mut opened = vec![];
    for (position, letter) in brackets(&text[open + 2..close]) {
        let position = open + 2 + position;
        match (letter, opened.last()) {
            ('(', _) => opened.push(position),
            (_, Some(first)) => {
                if *first < start && position > start {
                    groups.push((first + 1, position));
                }
                opened.pop();
            }
            (_, None) => {}
        }
    }
    groups.sort_unstable();
    groups.into_iter().map(|(from, to)| (Location::new(at.source, Span::new(from, to)), cut(&text[from..to]))).collect()
}

/// The brackets of an expression, those in strings left out.
fn brackets(text: &str) -> Vec<(usize, char)> {
    let mut found = vec![];
    let mut quote = None;
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match quote {
            Some(open) => {
                if letter == open && !is_escaped {
                    quote = None;
                }
                is_escaped = letter == '\\' && open == '"' && !is_escaped;
            }
            None if letter == '"' || letter == '`' => quote = Some(letter),
            None if letter == '(' || letter == ')' => found.push((at, letter)),
            None => {}
        }
    }
    found
}

/// The shortest length that an expression cuts to, what stands in brackets aside.
fn cut(text: &str) -> Option<usize> {
    let mut own = String::new();
    let (mut depth, mut from) = (0_usize, 0);
    for (at, letter) in brackets(text) {
        if depth == 0 {
            own.push_str(&text[from..at]);
        }
        depth = if letter == '(' { depth + 1 } else { depth.saturating_sub(1) };
        from = at + 1;
    }
    if depth == 0 {
        own.push_str(&text[from..]);
    }
    let lengths = own.split("trunc ").skip(1).filter_map(|rest| {
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    // What is not cut to a number is cut somehow.
    let unknown = (own.contains("trunc") || own.contains("substr")).then_some(0);
    lengths.min().or(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source};

    #[test]
    fn what_stands_around_a_call_cuts_it_and_what_stands_in_other_brackets_does_not() {
        for (text, expected) in [
            ("a: {{ @include }}", vec![None]),
            ("a: {{ @include | trunc 63 | trimSuffix \"-\" }}-b", vec![Some(63)]),
            ("a: {{ printf \"%s)-b\" (@include | trunc 20) | trunc 63 }}", vec![Some(63), Some(20)]),
            ("a: {{ printf \"%s-%s\" (trunc 5 .x) (@include) }}", vec![None, None]),
            ("a: {{ @include | trunc (int .Values.x) }}", vec![Some(0)]),
        ] {
            let start = text.find('@').expect("a mark");
            let text = text.replace('@', "");
            let sources = Sources::new();
            let source = sources.add(Source::new("a", Address::Rendered, text));
            let at = Location::new(source, Span::new(start, start + "include".len()));
            let found: Vec<Option<usize>> = around(at, &sources).into_iter().map(|(_, cut)| cut).collect();
            assert_eq!(found, expected);
        }
    }
}
