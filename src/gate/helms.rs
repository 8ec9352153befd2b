//! What a profile renders to as the other Helm does it, where a cheap look says that it may be otherwise.

use std::sync::Arc;

use super::lens::{Lens, layers, options, render_with};
use crate::chart::Chart;
use crate::helm::Major;
use crate::profile::Profile;
use crate::render::{self, Comparing, Options, Rendered, SAME_FIELDS};
use crate::yaml::{Document, Node, Value};

/// Whether a chart under a profile may come out otherwise by the other Helm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Nobody asks, as of profiles that are neither the chart's defaults nor production.
    None,
    /// As its own Helm's rendering tells, which looks at this.
    Some {
        /// What it looks at.
        comparing: Comparing,
        /// Whether the other Helm may render what its own does not.
        may_fail_alone: bool,
    },
    /// It may.
    Full,
}

pub(super) fn doubt(chart: &Chart, profile: &Profile, lens: Lens<'_>) -> Doubt {
    let is_default = profile.found_at.is_none() && profile.values.is_empty();
    if !(lens.compares_helms && (profile.production || is_default)) {
        return Doubt::None;
    }
    let counting = |helm| layers(profile, helm, lens.sources).len();
    let parts = chart.with_dependencies();
    let own = profile.helm.major.unwrap_or(lens.helm);
    let asks = asks(&parts);
    // In Helm 4 the rendering sees whether a template looks at what its text speaks of.
    let may_differ = if own == Major::Four { speaks(&parts) } else { asks };
    if counting(Major::Three) != counting(Major::Four) || parts.iter().any(|part| part_may_differ(part)) || may_differ {
        return Doubt::Full;
    }
    let nulls = profile.values.iter().any(holds_null)
        || profile.set.iter().any(|setting| setting.expression.contains("null"))
        || parts.iter().flat_map(|part| documents(part)).any(|document| holds_null(&document.root));
    let comparing = if nulls { Comparing::DocumentsAndNulls } else { Comparing::Documents };
    Doubt::Some { comparing, may_fail_alone: asks || nulls }
}

/// The other Helm and what it renders, where that may be something else than what its own does.
pub(super) fn other(
    chart: &Chart,
    profile: &Profile,
    lens: Lens<'_>,
    (doubt, own): (Doubt, &Result<Arc<Rendered>, render::Error>),
) -> Option<(Major, Result<Arc<Rendered>, render::Error>)> {
    let is_same = match doubt {
        Doubt::None => true,
        Doubt::Some { may_fail_alone, .. } => own.as_ref().map_or(!may_fail_alone, |own| !own.may_differ),
        Doubt::Full => false,
    };
    if is_same {
        return None;
    }
    let own = options(chart, profile, lens);
    let helm = own.helm.other();
    let options = Options { helm, ..own };
    Some((helm, render_with(chart, profile, lens, &options)))
}

fn documents(part: &Chart) -> &[Document] {
    part.values.as_ref().map_or(&[], |values| &values.documents)
}

fn part_may_differ(part: &Chart) -> bool {
    let has_any_version = || {
        let version = part.metadata.as_ref().and_then(|metadata| metadata.text("apiVersion"));
        version.is_some_and(|version| !matches!(version, "v1" | "v2"))
    };
    let has_shared_parts = || part.parts().any(|sub| sub.parts().next().is_some()) && declares_twice(part);
    let has_urn = || part.schema.as_ref().is_some_and(|schema| schema.text.contains("\"urn:"));
    documents(part).len() > 1 || has_any_version() || has_shared_parts() || has_urn()
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
        Value::Map(mapping) => mapping.entries().iter().any(|entry| entry.value.is_null() || holds_null(&entry.value)),
        _ => false,
    }
}

/// Whether templates speak of what is another thing in each Helm, and what no rendering sees them look at: functions, names of types, blocks that keep their last lines.
fn speaks(parts: &[&Chart]) -> bool {
    let mut texts = parts.iter().flat_map(|part| &part.templates).map(|template| &*template.text);
    texts.any(speaks_of_helm)
}

fn speaks_of_helm(text: &str) -> bool {
    Major::Three.lacks().iter().chain(&["chartutil.", "%T", "|+"]).any(|word| text.contains(word)) || names_type(text)
}

/// Whether templates ask for something that is another thing in each Helm.
fn asks(parts: &[&Chart]) -> bool {
    let texts = || parts.iter().flat_map(|part| &part.templates).map(|template| &*template.text);
    // Helpers that are given the chart as `"chart" .Chart` know it by that name.
    let is_handed_on =
        texts().any(|text| text.match_indices(".Chart").any(|(at, _)| is_behind(&text[..at], "\"chart\"")));
    let names: &[&str] = if is_handed_on { &[".Chart", ".chart"] } else { &[".Chart"] };
    texts().any(|text| asks_for_helm(text, names))
}

/// Whether a template asks for such a thing of Helm, or of the chart by one of several names.
fn asks_for_helm(text: &str, chart: &[&str]) -> bool {
    let whole = |name: &&str| {
        let mut found = text.match_indices(*name);
        found.any(|(at, word)| is_whole_chart(&text[..at], &text[at + word.len()..]))
    };
    speaks_of_helm(text) || text.contains("HelmVersion") || chart.iter().any(whole)
}

/// Whether a type of Helm 4's package `common` is named; names of helpers such as `common.names.fullname` go on in lower case.
fn names_type(text: &str) -> bool {
    text.match_indices("common.")
        .any(|(at, word)| text[at + word.len()..].starts_with(|next: char| next.is_ascii_uppercase()))
}

/// Whether a use of the chart is more than a field that is the same for both; a name for it in a `dict` is none, and neither is a value of that name.
fn is_whole_chart(before: &str, after: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    if before.ends_with(".Values") {
        return false;
    }
    if let Some(field) = after.strip_prefix('.') {
        let end = field.find(|letter| !is_word(letter)).unwrap_or(field.len());
        return !SAME_FIELDS.contains(&&field[..end]);
    }
    let is_handed_on = ["\"Chart\"", "\"chart\""].into_iter().any(|name| is_behind(before, name));
    !after.starts_with(is_word) && !is_handed_on
}

/// Whether what follows is the value of a name in a `dict`.
fn is_behind(before: &str, name: &str) -> bool {
    before.trim_end_matches(['$', ' ']).ends_with(name)
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
            "{{ eq (typeOf .Values) \"common.Values\" }}",
            "{{ .chart.name }}",
            "{{ toYaml .chart }}",
        ] {
            assert!(asks_for_helm(text, &[".Chart", ".chart"]), "{text}");
        }
        for text in [
            "{{ .Chart.Name }}-{{ .Chart.Version | replace \"+\" \"_\" }}",
            "{{ include \"x\" (dict \"Chart\" .Chart \"Values\" .Values) }}",
            "{{ include \"x\" (dict \"Chart\" $.Chart) }}",
            "{{ .Charts }}",
            "{{ include \"common.names.fullname\" (dict \"chart\" .Chart) }}",
            "{{ .chart.AppVersion }} {{ .Values.chart.name }}",
        ] {
            assert!(!asks_for_helm(text, &[".Chart", ".chart"]), "{text}");
        }
    }
}
