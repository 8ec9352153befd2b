//! What profiles that are no production read and set no longer. Of production every difference is said.

use super::{Moved, Pair};
use crate::config::{Located, ProfileConfig};
use crate::rule::Fact;

/// Values that switch off what they are given to.
const OFF: [&str; 6] = ["", "false", "null", "0", "{}", "[]"];

impl Pair<'_> {
    /// What a profile lacks of what it was made of.
    pub(super) fn emptied(&self, before: &ProfileConfig, now: &ProfileConfig, moved: Moved<'_>) -> Option<Fact> {
        let name = before.name.value.as_str();
        let what = unread(before, now, moved).or_else(|| unset(&before.set, &now.set))?;
        let message = format!("the profile `{name}` {what}");
        Some(self.fact("profile", &["profiles", name], message))
    }
}

/// A values file that is read no more, and did not move.
fn unread(before: &ProfileConfig, now: &ProfileConfig, moved: Moved<'_>) -> Option<String> {
    let is_in =
        |file: &Located<String>, profile: &ProfileConfig| profile.values.iter().any(|other| other.value == file.value);
    let mut added: Vec<&Located<String>> = now.values.iter().filter(|file| !is_in(file, before)).collect();
    for file in before.values.iter().filter(|file| !is_in(file, now)) {
        match added.iter().position(|other| moved(before, &file.value, &other.value)) {
            Some(index) => _ = added.remove(index),
            None => return Some(format!("does not read `{}` any more", file.value)),
        }
    }
    None
}

/// A key that is set no more, or is switched off now.
fn unset(before: &[Located<String>], now: &[Located<String>]) -> Option<String> {
    let parts = |all: &[Located<String>]| -> Vec<(String, String)> {
        all.iter().flat_map(|expression| assignments(&expression.value)).collect()
    };
    let (before, now) = (parts(before), parts(now));
    let gone = before.iter().find(|(key, _)| !now.iter().any(|(other, _)| other == key));
    let off = || now.iter().find(|set| OFF.contains(&set.1.as_str()) && !before.contains(set));
    gone.map(|(key, _)| format!("does not set `{key}` any more"))
        .or_else(|| off().map(|(key, value)| format!("sets `{key}` to `{value}`, and did not")))
}

/// The keys that an expression sets, each with its value.
fn assignments(expression: &str) -> Vec<(String, String)> {
    let (mut parts, mut depth, mut is_escaped) = (vec![String::new()], 0_usize, false);
    for letter in expression.chars() {
        match letter {
            ',' if depth == 0 && !is_escaped => {
                parts.push(String::new());
                continue;
            }
            '{' if !is_escaped => depth += 1,
            '}' if !is_escaped => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
        parts.last_mut().into_iter().for_each(|part| part.push(letter));
    }
    let assignment = |part: String| {
        let (key, value) = part.split_once('=').unwrap_or((&part, ""));
        (key.trim().to_owned(), value.trim().to_owned())
    };
    parts.into_iter().map(assignment).collect()
}
