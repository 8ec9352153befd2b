//! `version-step-too-small`: what changed calls for a larger step of the version.

use crate::change::Step;
use crate::chart::Version;
use crate::finding::Label;
use crate::rule::{Context, Findings, Reason};

/// Changes that are labelled one by one.
const SHOWN: usize = 12;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (chart, Some(since)) = (context.chart, context.since) else { return };
    let (Some(metadata), Some(version)) = (&chart.metadata, chart.version()) else { return };
    let (Some(old), Some(new)) = (Version::parse(&since.version), Version::parse(version)) else { return };
    // A lower version is `version-decreased`, the same one `version-reused` unless something breaks.
    if new < old {
        return;
    }
    let counts = |reason: &&Reason| !reason.step.is_met(&old, &new) && (new > old || reason.step == Step::Major);
    let reasons: Vec<&Reason> = since.reasons.iter().filter(counts).collect();
    let Some(step) = reasons.iter().map(|reason| reason.step).max() else { return };
    let least = step.least(&old).to_string();
    let changes = counted(&reasons);
    let args = [
        ("version", version),
        ("earlier", since.version.as_str()),
        ("baseline", since.baseline.as_str()),
        ("changes", changes.as_str()),
        ("least", least.as_str()),
    ];
    let help = help(&least, &chart.path, reasons.len());
    let mut reported = findings.report(Label::new(metadata.place("version"), ""), "version", &args).help(help);
    if new == old {
        let baseline = &since.baseline;
        reported = reported
            .message(format!("version `{version}` is still that of {baseline}, but {changes} for `{least}` or later"));
    }
    for label in reasons.iter().take(SHOWN).flat_map(|reason| labels(reason, &since.version)) {
        reported = reported.related(label);
    }
}

/// `2 breaking changes and 1 new feature call`.
fn counted(reasons: &[&Reason]) -> String {
    let count = |step: Step, one: &str, many: &str| {
        let count = reasons.iter().filter(|reason| reason.step == step).count();
        (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
    };
    let kinds =
        [count(Step::Major, "breaking change", "breaking changes"), count(Step::Minor, "new feature", "new features")];
    let words = kinds.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    format!("{words} {}", if reasons.len() == 1 { "calls" } else { "call" })
}

fn help(least: &str, path: &str, count: usize) -> String {
    let rest = if count > SHOWN { format!("; `chartgate diff {path}` shows all {count}") } else { String::new() };
    format!("set `version: {least}` or a later one, or take the changes back{rest}")
}

/// What changed, where it is now, and where it was.
fn labels(reason: &Reason, earlier: &str) -> impl Iterator<Item = Label> + use<> {
    let change = &reason.change;
    let words = format!("{}: {}", change.rule, change.message);
    let was = match change.new {
        Some(_) => format!("as it was in {earlier}"),
        None => format!("{words} (in {earlier})"),
    };
    let new = change.new.map(|at| Label::new(at, words));
    new.into_iter().chain(change.old.map(|at| Label::new(at, was)))
}
