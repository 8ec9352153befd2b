//! `ref`: the names under which the sources of an Application know each other.

use std::collections::BTreeSet;

use crate::gitops::{Problem, text};
use crate::yaml::Node;

/// What Argo CD refuses of the names of sources, whatever asks for them.
pub(super) fn refused(sources: &[Node]) -> Vec<Problem> {
    let named = sources.iter().filter_map(|source| source.get("ref").zip(text(source, "ref")));
    let mut known = BTreeSet::new();
    let wrong = |(at, name): (&Node, &str)| {
        let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'));
        let message = if !is_name {
            format!("Argo CD refuses `ref: {name}`, in which other letters stand than `a-z`, `A-Z`, `0-9`, `_` and `-`")
        } else if known.insert(name.to_owned()) {
            return None;
        } else {
            format!("Argo CD refuses two sources with `ref: {name}`")
        };
        Some(Problem::new(at.location, message))
    };
    named.filter(|(_, name)| !name.is_empty()).filter_map(wrong).collect()
}
