//! What a profile renders to as the other Helm does it, where a cheap look says that it may be otherwise.

use std::sync::Arc;

use super::lens::{Lens, layers, options, render_with};
use crate::chart::Chart;
use crate::helm::Major;
use crate::profile::Profile;
use crate::render::{self, Options, Rendered};
use crate::yaml::{Node, Value};

/// The other Helm and what it renders; none where nobody asks, and of profiles that are neither the chart's defaults nor production.
pub(super) fn other(
    chart: &Chart,
    profile: &Profile,
    lens: Lens<'_>,
) -> Option<(Major, Result<Arc<Rendered>, render::Error>)> {
    let is_default = profile.found_at.is_none() && profile.values.is_empty();
    let is_looked_at = lens.compares_helms && (profile.production || is_default);
    if !is_looked_at || !may_differ(chart, profile, lens) {
        return None;
    }
    let own = options(chart, profile, lens);
    let helm = own.helm.other();
    let options = Options { helm, ..own };
    Some((helm, render_with(chart, profile, lens, &options)))
}

/// Whether anything of a chart asks for what differs between the two.
fn may_differ(chart: &Chart, profile: &Profile, lens: Lens<'_>) -> bool {
    let counting = |helm| layers(profile, helm, lens.sources).len();
    counting(Major::Three) != counting(Major::Four)
        || profile.values.iter().any(holds_null)
        || profile.set.iter().any(|setting| setting.expression.contains("null"))
        || chart.with_dependencies().into_iter().any(part_may_differ)
}

fn part_may_differ(part: &Chart) -> bool {
    let documents = part.values.as_ref().map_or(&[][..], |values| &values.documents);
    let has_any_version = || {
        let version = part.metadata.as_ref().and_then(|metadata| metadata.text("apiVersion"));
        version.is_some_and(|version| !matches!(version, "v1" | "v2"))
    };
    let has_shared_parts = || part.parts().any(|sub| sub.parts().next().is_some()) && declares_twice(part);
    let has_urn = || part.schema.as_ref().is_some_and(|schema| schema.text.contains("\"urn:"));
    documents.len() > 1
        || documents.iter().any(|document| holds_null(&document.root))
        || has_any_version()
        || has_shared_parts()
        || has_urn()
        || part.templates.iter().any(|template| asks_for_helm(&template.text))
}

/// Whether a chart depends on one chart under several names.
fn declares_twice(part: &Chart) -> bool {
    let mut names: Vec<_> = part.declared().iter().map(|declared| declared.name).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

/// Whether a mapping has a null in it; lists are the same for both.
fn holds_null(node: &Node) -> bool {
    match &node.value {
        Value::Map(mapping) => mapping.entries.iter().any(|entry| entry.value.is_null() || holds_null(&entry.value)),
        _ => false,
    }
}

/// Whether a template asks for something that is another thing in each Helm.
fn asks_for_helm(text: &str) -> bool {
    const TYPES: [&str; 3] = ["HelmVersion", "chartutil.", "common."];
    TYPES.iter().chain(Major::Three.lacks()).any(|word| text.contains(word))
        || text.contains("|+")
        || text.match_indices(".Chart").any(|(at, word)| is_whole_chart(&text[..at], &text[at + word.len()..]))
}

/// Whether a use of `.Chart` is more than a field that is the same for both; a name for it in a `dict` is none.
fn is_whole_chart(before: &str, after: &str) -> bool {
    const SAME: [&str; 14] = [
        "Annotations",
        "APIVersion",
        "AppVersion",
        "Condition",
        "Deprecated",
        "Description",
        "Home",
        "Icon",
        "IsRoot",
        "KubeVersion",
        "Name",
        "Tags",
        "Type",
        "Version",
    ];
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    match after.strip_prefix('.') {
        Some(field) => {
            let end = field.find(|letter| !is_word(letter)).unwrap_or(field.len());
            !SAME.contains(&&field[..end])
        }
        None => !after.starts_with(is_word) && !before.trim_end_matches(['$', ' ']).ends_with("\"Chart\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_ask_for_helm_by_what_differs() {
        for text in [
            "{{ .Chart | toYaml }}",
            "{{ $.Chart.Keywords }}",
            "{{ .Chart.name }}",
            "{{ index .Chart \"Name\" }}",
            "{{ mustToYaml .Values }}",
            "{{ .Capabilities.HelmVersion.Version }}",
        ] {
            assert!(asks_for_helm(text), "{text}");
        }
        for text in [
            "{{ .Chart.Name }}-{{ .Chart.Version | replace \"+\" \"_\" }}",
            "{{ include \"x\" (dict \"Chart\" .Chart \"Values\" .Values) }}",
            "{{ include \"x\" (dict \"Chart\" $.Chart) }}",
            "{{ .Charts }}",
        ] {
            assert!(!asks_for_helm(text), "{text}");
        }
    }
}
