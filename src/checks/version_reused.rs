//! `version-reused`: the same version with other packaged content than before.

use regex::Regex;

use crate::chart::Version;
use crate::finding::Label;
use crate::published::{Comparison, Difference};
use crate::rule::{Context, Findings, Since};

/// Files that the help names one by one.
const NAMED: usize = 8;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    // Where versions are raised at releases alone, `version-not-raised` speaks until then.
    if !context.intent.awaits_release(context.chart.name().unwrap_or_default()) {
        report(context, findings);
    }
}

/// Says that the chart's version was used with other content, in the words of whichever rule asks.
pub(super) fn report(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (chart, comparison) = (context.chart, &context.history.own);
    let (Some(metadata), Some(version)) = (&chart.metadata, chart.version()) else { return };
    let Comparison::Existing { baseline, version: Some(earlier), differences, .. } = comparison else { return };
    if !comparison.has_version(Some(version)) {
        return;
    }
    let exempt: Vec<Regex> = context.params.strings("exempt").filter_map(pattern).collect();
    let is_exempt = |difference: &Difference| exempt.iter().any(|pattern| pattern.is_match(&difference.path));
    let counted: Vec<&Difference> = differences.iter().filter(|difference| !is_exempt(difference)).collect();
    if counted.is_empty() {
        return;
    }
    let changes = changes(counted.len(), version, earlier);
    let args = [("version", version), ("baseline", baseline.as_str()), ("changes", changes.as_str())];
    findings
        .report(Label::new(metadata.place("version"), ""), "version", &args)
        .help(help(&raise(version, context.since), &counted));
}

fn changes(count: usize, version: &str, earlier: &str) -> String {
    let files =
        if count == 1 { "1 packaged file differs".to_owned() } else { format!("{count} packaged files differ") };
    if version == earlier {
        files
    } else {
        format!("{files}; it is `{earlier}` there, which is the same version written otherwise")
    }
}

fn help(raise: &str, differences: &[&Difference]) -> String {
    let named: Vec<String> = differences.iter().take(NAMED).map(|difference| words(difference)).collect();
    let others = differences.len().saturating_sub(NAMED);
    let rest = if others == 0 { String::new() } else { format!(" and {others} more") };
    format!("{raise}; what differs: {}{rest}", named.join(", "))
}

/// What to type: the next version, or one as far as what changed calls for where that is known.
pub(super) fn raise(version: &str, since: Option<&Since>) -> String {
    let Some(read) = Version::parse(version) else { return "raise `version`".to_owned() };
    let steps = since.into_iter().flat_map(|since| &since.reasons).map(|reason| reason.step);
    let is_last = since.is_some_and(|since| Version::parse(&since.version).as_ref() == Some(&read));
    let least = steps.max().filter(|_| is_last).map(|step| step.least(&read));
    format!("set `version: {}`", least.unwrap_or_else(|| read.next()))
}

fn words(difference: &Difference) -> String {
    format!("`{}`: {}", difference.path, difference.kind)
}

/// A path pattern: `*` and `?` within a folder, `**` across folders.
fn pattern(text: &str) -> Option<Regex> {
    let escaped = regex::escape(text.strip_prefix("./").unwrap_or(text));
    let translated =
        escaped.replace(r"\*\*/", "(?:.+/)?").replace(r"\*\*", ".+").replace(r"\*", "[^/]*").replace(r"\?", "[^/]");
    Regex::new(&format!("^(?:{translated})$")).ok()
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn exempt_patterns_name_whole_paths() {
        for (text, path, matches) in [
            ("README.md", "README.md", true),
            ("README.md", "docs/README.md", false),
            ("*.md", "README.md", true),
            ("*.md", "docs/a.md", false),
            ("**/*.md", "docs/a.md", true),
            ("**/*.md", "a.md", true),
            ("docs/**", "docs/a/b", true),
            ("docs/**", "docs", false),
            ("./ci/?.yaml", "ci/a.yaml", true),
            ("a(.yaml", "a(.yaml", true),
        ] {
            let pattern = pattern(text).expect(text);
            assert_eq!(pattern.is_match(path), matches, "{text} {path}");
        }
    }
}
