//! The order of map keys in Go-YAML: numbers inside keys count as numbers, letters come after everything else.

use std::cmp::Ordering;

use super::Dialect;

/// Sorts entries by key. The order is not a total one for all keys, so this sorts in a way that does not mind.
pub(super) fn sort<T>(entries: &mut Vec<(&str, T)>, dialect: Dialect) {
    let sorted = entries.windows(2).all(|pair| compare(pair[0].0, pair[1].0, dialect) != Ordering::Greater);
    if !sorted {
        // A total order first, so that the result does not depend on how the caller stores its map.
        entries.sort_by(|left, right| left.0.cmp(right.0));
        let items = std::mem::take(entries);
        *entries = merge_sort(items, dialect);
    }
}

fn merge_sort<T>(mut items: Vec<(&str, T)>, dialect: Dialect) -> Vec<(&str, T)> {
    if items.len() < 2 {
        return items;
    }
    let right = merge_sort(items.split_off(items.len() / 2), dialect);
    let left = merge_sort(items, dialect);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let right_first = compare(second.0, first.0, dialect) == Ordering::Less;
        merged.extend(if right_first { right.next() } else { left.next() });
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

/// Compares two keys as `keyList.Less` of Go-YAML's `sorter.go` does.
fn compare(left: &str, right: &str, dialect: Dialect) -> Ordering {
    let mut after_digit = false;
    let (mut left_rest, mut right_rest) = (left.chars(), right.chars());
    loop {
        let (left_here, right_here) = (left_rest.as_str(), right_rest.as_str());
        match (left_rest.next(), right_rest.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(one), Some(other)) if one == other => after_digit = one.is_ascii_digit(),
            (Some(one), Some(other)) => {
                let (letter, other_letter) = (one.is_alphabetic(), other.is_alphabetic());
                if letter && other_letter {
                    return one.cmp(&other);
                }
                if letter || other_letter {
                    let first = if dialect == Dialect::Pretty3 && after_digit { letter } else { other_letter };
                    return if first { Ordering::Less } else { Ordering::Greater };
                }
                let shared = &left[..left.len() - left_here.len()];
                let zero = one == '0' || other == '0';
                let start = i64::from(zero && inside_number(shared));
                return number(left_here, start).cmp(&number(right_here, start)).then(one.cmp(&other));
            }
        }
    }
}

/// Whether the text ends in digits of which one is not zero.
fn inside_number(text: &str) -> bool {
    text.bytes().rev().take_while(u8::is_ascii_digit).any(|byte| byte != b'0')
}

/// The number that the text begins with, put behind the digits of `start`, and how many digits it has.
fn number(text: &str, start: i64) -> (i64, usize) {
    let digits = text.bytes().take_while(u8::is_ascii_digit);
    digits.fold((start, 0), |(value, count), digit| {
        (value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')), count + 1)
    })
}
