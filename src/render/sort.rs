//! A rendered file cut into documents, and the order in which Helm prints them (`pkg/release/v1/util`).

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use crate::helm::Major;

/// Kinds in the order in which Helm 4 installs them; others follow, by name.
const INSTALL_ORDER: &str = "PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy
    PodDisruptionBudget ServiceAccount Secret SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim
    CustomResourceDefinition ClusterRole ClusterRoleList ClusterRoleBinding ClusterRoleBindingList Role RoleList
    RoleBinding RoleBindingList Service DaemonSet Pod ReplicationController ReplicaSet Deployment
    HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService MutatingWebhookConfiguration
    ValidatingWebhookConfiguration";

/// Kinds of those that have no place in each Helm.
const WEBHOOKS: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// The places of those kinds.
static RANKS: LazyLock<BTreeMap<&str, usize>> = LazyLock::new(|| INSTALL_ORDER.split_whitespace().zip(0..).collect());

/// How two kinds follow each other.
pub(super) fn by_kind(helm: Major, left: &str, right: &str) -> Ordering {
    let rank = |kind: &str| RANKS.get(kind).filter(|_| helm.orders_webhooks() || !WEBHOOKS.contains(&kind));
    match (rank(left), rank(right)) {
        (Some(left), Some(right)) => left.cmp(right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// The documents of a rendered file that are not blank, as ranges of it. A line that begins with `---` separates,
/// whatever follows.
pub(super) fn documents(helm: Major, text: &str) -> Vec<Range<usize>> {
    if helm.trims_documents() { trimmed(text) } else { whole(text) }
}

/// Whether both Helms find the same documents in a rendered file: white space that one of them leaves to a document counts in a text in block style.
pub(super) fn is_cut_alike(text: &str) -> bool {
    let (three, four) = (trimmed(text), whole(text));
    let is_alike = |(three, four): (&Range<usize>, &Range<usize>)| {
        let (document, left) = (&text[three.clone()], &text[three.end..four.end.max(three.end)]);
        three.start == four.start && !(left.contains([' ', '\t']) && document.contains(['|', '>']))
    };
    three.len() == four.len() && three.iter().zip(&four).all(is_alike)
}

/// Documents as Helm 4 cuts them (`(?m)^---[ \t]*`): white space at their ends is theirs.
fn whole(text: &str) -> Vec<Range<usize>> {
    let mut found = vec![];
    let mut start = text.len() - text.trim_start().len();
    let mut end = if text[start..].starts_with("---") { Some(start) } else { separator_line(text, start) };
    loop {
        let document = &text[start..end.unwrap_or(text.len())];
        let rest = document.trim_start();
        if !rest.is_empty() {
            found.push(start + document.len() - rest.len()..start + document.len());
        }
        let Some(at) = end else { return found };
        start = at + 3;
        start += text[start..].bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        end = separator_line(text, start);
    }
}

/// Where the next line begins that has `---` at its beginning.
fn separator_line(text: &str, from: usize) -> Option<usize> {
    Some(from + text[from..].find("\n---")? + 1)
}

/// Documents as Helm 3 cuts them (`(?:^|\s*\n)---\s*`): white space around them is nobody's, and of separators that follow each other
/// the second begins a document.
fn trimmed(text: &str) -> Vec<Range<usize>> {
    let text = text.trim_end();
    let mut found = vec![];
    let mut start = text.len() - text.trim_start().len();
    let mut end = separator(text.as_bytes(), start, true);
    loop {
        let (stop, next) = end.unwrap_or((text.len(), text.len()));
        let document = &text[start..stop];
        let blank = document.len() - document.trim_start().len();
        if blank < document.len() {
            found.push(start + blank..start + document.trim_end().len());
        }
        if end.is_none() {
            return found;
        }
        start = next;
        end = separator(text.as_bytes(), start, false);
    }
}

/// Where the next separator begins, white space before it included, and where what follows it begins.
fn separator(bytes: &[u8], from: usize, is_start: bool) -> Option<(usize, usize)> {
    let after = |dashes: usize| {
        let rest = bytes[dashes + 3..].iter().position(|byte| !is_space(*byte));
        rest.map_or(bytes.len(), |rest| dashes + 3 + rest)
    };
    if is_start && bytes[from..].starts_with(b"---") {
        return Some((from, after(from)));
    }
    let line = bytes[from..].windows(4).position(|window| window == b"\n---")? + from;
    let blank = bytes[from..line].iter().rev().take_while(|byte| is_space(**byte)).count();
    Some((line - blank, after(line + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(helm: Major, text: &str) -> Vec<&str> {
        documents(helm, text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn documents_are_cut_where_helm_4_cuts_them() {
        let split = |text| split(Major::Four, text);
        assert_eq!(split("\n---\na: 1\n\n---\n\n---b: 2\n"), ["a: 1\n\n", "b: 2\n"]);
        assert_eq!(split("a: 1\n--- # x\nb: 2"), ["a: 1\n", "# x\nb: 2"]);
        assert_eq!(split("a: |\n  ---\n"), ["a: |\n  ---\n"]);
        assert_eq!(split("  ---\n---\n \n---"), [""; 0]);
    }

    #[test]
    fn documents_are_cut_where_helm_3_cuts_them() {
        let split = |text| split(Major::Three, text);
        assert_eq!(split("\n---\na: 1\n\n---\n\n---b: 2\n"), ["a: 1", "---b: 2"]);
        assert_eq!(split("a: 1\n--- # x\nb: 2"), ["a: 1", "# x\nb: 2"]);
        assert_eq!(split("a: |+\n  b\n\n---\n"), ["a: |+\n  b"]);
        assert_eq!(split(" \n---\n---\n"), ["---"]);
    }

    #[test]
    fn white_space_and_separators_that_one_helm_counts_are_no_alike_cut() {
        for text in ["a: 1\n---\nb: |\n  c\n\n", "a: 1  \n---\nb: 2\n  ", "\n# x\n---\n"] {
            assert!(is_cut_alike(text), "{text:?}");
        }
        for text in ["a: |\n  b = \n", "a: >\n  b\n      \n---\nc: 1\n", "---\n---\na: 1\n"] {
            assert!(!is_cut_alike(text), "{text:?}");
        }
    }

    #[test]
    fn unknown_kinds_come_last_by_name() {
        let mut kinds = ["Zebra", "MutatingWebhookConfiguration", "Ingress", "Ant", "Namespace", ""];
        kinds.sort_by(|left, right| by_kind(Major::Four, left, right));
        assert_eq!(kinds, ["Namespace", "Ingress", "MutatingWebhookConfiguration", "", "Ant", "Zebra"]);
        kinds.sort_by(|left, right| by_kind(Major::Three, left, right));
        assert_eq!(kinds, ["Namespace", "Ingress", "", "Ant", "MutatingWebhookConfiguration", "Zebra"]);
    }
}
