//! What a chart depends on: the versions that it would be packaged with.

use super::{Changes, Pair, Places};
use crate::chart::{Chart, Declared, Version};
use crate::yaml::Node;

pub(super) fn compare(pair: Pair<'_>, changes: &mut Changes) {
    let (old, new) = (pair.old.declared(), pair.new.declared());
    let same = |left: &Declared<'_>, right: &Declared<'_>| left.key().is_some() && left.key() == right.key();
    for before in old.iter().filter(|before| !is_library(pair.old, before)) {
        let Some(key) = before.key() else { continue };
        match new.iter().find(|after| same(before, after)) {
            Some(after) => major(pair, key, before, after, changes),
            None if new.iter().any(|after| after.name == before.name) && before.alias.is_none() => {
                let message = format!("the dependency `{key}` has another alias: its values are no longer read");
                changes.add("change-dependency-removed", key, message, Places::old(before.place("name")));
            }
            None => {
                let message = format!("the dependency `{key}` is gone");
                changes.add("change-dependency-removed", key, message, Places::old(before.place("name")));
            }
        }
    }
    for after in new.iter().filter(|after| !is_library(pair.new, after)) {
        let Some(key) = after.key().filter(|_| !old.iter().any(|before| same(before, after))) else { continue };
        let message = format!("the dependency `{key}` is new");
        changes.add("change-dependency-added", key, message, Places::new(after.place("name")));
    }
}

/// The keys under which dependencies get their values; what lies there is theirs.
pub(super) fn keys(chart: &Chart) -> Vec<String> {
    let declared = chart.declared().into_iter().filter_map(|declared| declared.key().map(str::to_owned));
    declared.chain(chart.parts().filter_map(Chart::name).map(str::to_owned)).collect()
}

/// The chart, and the sub-charts that it holds itself rather than takes from elsewhere, each before its own.
pub(super) fn with_local(chart: &Chart) -> Vec<&Chart> {
    let declared = chart.declared();
    let of = |sub: &Chart| declared.iter().find(|declared| declared.name == sub.name());
    let local = chart.parts().filter(|sub| of(sub).is_none_or(is_local));
    std::iter::once(chart).chain(local.flat_map(with_local)).collect()
}

/// Whether a chart holds a dependency itself.
pub(super) fn is_local(declared: &Declared<'_>) -> bool {
    declared.repository.is_none_or(|from| from.starts_with("file://"))
}

/// A library has templates for the chart's own use and nothing that its users see.
fn is_library(chart: &Chart, declared: &Declared<'_>) -> bool {
    let sub = chart.parts().find(|sub| sub.name() == declared.name);
    let kind = sub.and_then(|sub| sub.metadata.as_ref()).and_then(|metadata| metadata.text("type"));
    match sub {
        Some(_) => kind == Some("library"),
        // The one library that many charts share is seldom there to be asked.
        None => declared.name == Some("common"),
    }
}

fn major(pair: Pair<'_>, key: &str, before: &Declared<'_>, after: &Declared<'_>, changes: &mut Changes) {
    let (Some(old), Some(new)) = (version(pair.old, before), version(pair.new, after)) else { return };
    let breaking =
        |version: &Version| if version.numbers[0] == 0 { [0, version.numbers[1]] } else { [version.numbers[0], 0] };
    if breaking(&new) > breaking(&old) {
        let message = format!("the dependency `{key}` goes from {old} to {new}");
        let places = Places::both(before.place("version"), after.place("version"));
        changes.add("change-dependency-major", key, message, places);
    }
}

/// The version that a declaration stands for: that of the lock, else of the chart in `charts/`, else the least it admits.
fn version(chart: &Chart, declared: &Declared<'_>) -> Option<Version> {
    let name = declared.name?;
    let is_it = |node: &&Node| node.get("name").and_then(Node::scalar_text) == Some(name);
    let items = chart.lock.as_ref().and_then(|lock| lock.root()?.get("dependencies")?.as_seq()).unwrap_or_default();
    // Of a chart that is there under several aliases, the lock has a line for each, in the order of the declarations.
    let position = chart
        .declared()
        .iter()
        .filter(|other| other.name == Some(name))
        .position(|other| other.key() == declared.key());
    let locked = items.iter().filter(is_it).nth(position.unwrap_or(0));
    let locked = locked.and_then(|node| node.get("version")?.scalar_text());
    let vendored = || chart.parts().find(|sub| sub.name() == Some(name)).and_then(Chart::version);
    locked.or_else(vendored).and_then(Version::parse).or_else(|| least(declared.version?))
}

/// The version that a range begins at, as far as one number says it: `^1.2`, `~1.2.0`, `>=1.2.0`, `1.x.x`.
fn least(range: &str) -> Option<Version> {
    let is_plain = !range.contains("||") && !range.trim_start().starts_with(['<', '!', '*']);
    let text = range.trim_start_matches(['^', '~', '>', '=', ' ', 'v']);
    let text = text.split([' ', ',', '-']).next()?;
    let numbers: Vec<&str> = text.split('.').take_while(|part| part.parse::<u64>().is_ok()).collect();
    Version::parse(&numbers.join(".")).filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::least;

    #[test]
    fn a_range_begins_at_the_version_that_it_names() {
        let cases = [
            ("^1.2", "1.2.0"),
            ("~8.5.0", "8.5.0"),
            (">=1.2.0", "1.2.0"),
            (">= 1.2.0, < 3", "1.2.0"),
            ("1.x.x", "1.0.0"),
            ("7.4.*", "7.4.0"),
            ("v2", "2.0.0"),
        ];
        for (range, version) in cases {
            assert_eq!(least(range).map(|version| version.to_string()).as_deref(), Some(version), "{range}");
        }
        for range in ["*", "", "<2", "1 || 2", "x"] {
            assert!(least(range).is_none(), "{range}");
        }
    }
}
