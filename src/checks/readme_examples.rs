//! Examples in a README that ask for a chart at a version: deployments of Argo CD, Flux, helmfile, kustomize and Terraform, and dependencies of charts.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A line of an example that sets a key.
struct Entry<'t> {
    /// The column of the key.
    column: usize,
    /// Whether it begins an item of a list.
    begins: bool,
    key: &'t str,
    value: &'t str,
    /// Where the value stands.
    at: Range<usize>,
}

/// `key: value` or `key = value`, alone on a line, quotes aside.
static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"^([ \t]*)(- +)?"?([A-Za-z_]+)"?[ \t]*[:=][ \t]*["']?([^"'#\s]+)["']?,?[ \t]*(?:#.*)?$"#;
    Regex::new(pattern).expect("the pattern is fixed")
});
/// `key:` of a mapping or list below it, or an end of one.
static OTHER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^([ \t]*)(- +)?\S").expect("the pattern is fixed"));

/// Where versions stand that examples ask for a chart of this name at.
pub(super) fn versions(text: &str, chart: &str) -> Vec<Range<usize>> {
    blocks(text).iter().flat_map(|block| of_block(text, block, chart)).collect()
}

/// The insides of fenced blocks.
fn blocks(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut open, mut at) = (vec![], None::<(usize, String)>, 0);
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let marks: String = bare.chars().take_while(|letter| matches!(letter, '`' | '~')).collect();
        match &open {
            None if marks.len() >= 3 => open = Some((at + line.len(), marks)),
            Some((start, fence)) if marks.starts_with(fence.as_str()) && bare.len() == marks.len() => {
                found.push(*start..at);
                open = None;
            }
            _ => {}
        }
        at += line.len();
    }
    found
}

fn of_block(text: &str, block: &Range<usize>, chart: &str) -> Vec<Range<usize>> {
    let mut at = block.start;
    let mut entries = vec![];
    for line in text[block.clone()].split_inclusive('\n') {
        entries.extend(entry(line.trim_end_matches(['\n', '\r']), at));
        at += line.len();
    }
    let asks = |index: &usize| is_version_of(&entries, *index, chart);
    (0..entries.len()).filter(asks).map(|index| entries[index].at.clone()).collect()
}

fn entry(line: &str, at: usize) -> Option<Entry<'_>> {
    if line.trim_start().starts_with('#') {
        return None;
    }
    if let Some(found) = ENTRY.captures(line) {
        let (key, value) = (found.get(3)?, found.get(4)?);
        let range = at + value.start()..at + value.end();
        let quoted = usize::from(line[..key.start()].ends_with('"'));
        let (column, begins) = (key.start() - quoted, found.get(2).is_some());
        return Some(Entry { column, begins, key: key.as_str(), value: value.as_str(), at: range });
    }
    let found = OTHER.captures(line)?;
    let column = found.get(0)?.len() - 1;
    Some(Entry { column, begins: found.get(2).is_some(), key: "", value: "", at: at..at })
}

/// Whether an entry is the version of a mapping that asks for the chart.
fn is_version_of(entries: &[Entry<'_>], index: usize, chart: &str) -> bool {
    let own = &entries[index];
    if !matches!(own.key, "version" | "targetRevision") {
        return false;
    }
    let beside = beside(entries, index);
    let has = |keys: &[&str], is: &dyn Fn(&str) -> bool| {
        beside.iter().any(|entry| keys.contains(&entry.key) && is(entry.value))
    };
    let is_named = |value: &str| value.rsplit('/').next() == Some(chart);
    let is_own = |value: &str| value == chart;
    match own.key {
        "version" => {
            has(&["chart"], &is_named)
                || has(&["name"], &is_own)
                    && has(&["repository", "repo", "repoURL"], &|address| address.contains("://"))
        }
        _ => {
            has(&["chart"], &is_named)
                || has(&["repoURL"], &|address| address.starts_with("oci://") && is_named(address))
        }
    }
}

/// The entries of the mapping that one stands in.
fn beside<'e, 't>(entries: &'e [Entry<'t>], index: usize) -> Vec<&'e Entry<'t>> {
    let column = entries[index].column;
    let mut found = vec![];
    if !entries[index].begins {
        for entry in entries[..index].iter().rev() {
            if entry.column < column {
                break;
            }
            if entry.column == column {
                found.push(entry);
                if entry.begins {
                    break;
                }
            }
        }
    }
    let is_within = |entry: &&Entry<'_>| entry.column > column || entry.column == column && !entry.begins;
    found.extend(entries[index + 1..].iter().take_while(is_within).filter(|entry| entry.column == column));
    found
}

#[cfg(test)]
mod tests {
    use super::versions;

    fn found(block: &str) -> Vec<String> {
        let text = format!("text\n```yaml\n{block}\n```\nversion: 9.9.9\n");
        versions(&text, "web").into_iter().map(|range| text[range].to_owned()).collect()
    }

    #[test]
    fn versions_stand_beside_the_chart_that_they_are_of() {
        for block in [
            "source:\n  chart: web\n  repoURL: https://a.b\n  targetRevision: 1.0.0",
            "sources:\n- repoURL: https://x\n  targetRevision: HEAD\n- targetRevision: \"1.0.0\" # pinned\n  chart: web",
            "source:\n  repoURL: oci://ghcr.io/acme/web\n  targetRevision: 1.0.0",
            "spec:\n  chart:\n    spec:\n      chart: web\n      sourceRef:\n        kind: HelmRepository\n        name: acme\n      version: '1.0.0'",
            "releases:\n  - name: x\n    chart: acme/web\n    version: 1.0.0\n  - name: y\n    chart: acme/other\n    version: 2.0.0",
            "dependencies:\n  - name: web\n    version: 1.0.0\n    repository: https://a.b\n  - name: x\n    version: 2.0.0",
            "helmCharts:\n- name: web\n  repo: https://a.b\n  version: 1.0.0",
            "resource \"helm_release\" \"web\" {\n  chart   = \"web\"\n  version = \"1.0.0\"\n}",
        ] {
            assert_eq!(found(block), ["1.0.0"], "{block}");
        }
        for block in [
            "chart: other\nversion: 1.0.0",
            "name: web\nversion: 1.0.0",
            "source:\n  path: charts/web\n  repoURL: https://github.com/acme/web\n  targetRevision: 1.0.0",
            "- name: web\n  repository: https://a.b\n- name: x\n  version: 1.0.0",
            "a:\n  chart: web\nb:\n  version: 1.0.0",
            "# chart: web\nversion: 1.0.0",
        ] {
            assert_eq!(found(block), [""; 0], "{block}");
        }
    }
}
