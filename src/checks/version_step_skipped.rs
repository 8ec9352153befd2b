//! `version-step-skipped`: a version that does not follow the one before.

use crate::chart::Version;
use crate::finding::Label;
use crate::published::{Comparison, History};
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(metadata), Some(version)) = (&context.chart.metadata, context.chart.version()) else { return };
    let Some(own) = Version::parse(version) else { return };
    let Some((earlier, place)) = before(context.history, &own) else { return };
    if let Some(next) = left_out(&earlier, &own) {
        let (next, earlier) = (next.to_string(), earlier.to_string());
        let args = [("version", version), ("next", &*next), ("earlier", &*earlier), ("place", &*place)];
        let help = format!("set `version: {next}`, unless the versions between are reserved elsewhere");
        findings.report(Label::new(metadata.place("version"), ""), "version", &args).help(help);
    }
}

/// The greatest version below a chart's own, and where it is; none where no lower one is known.
fn before(history: &History, own: &Version) -> Option<(Version, String)> {
    let versions = history.versions.as_ref();
    let listed = versions.and_then(|versions| {
        let below = versions.all.iter().rfind(|other| *other < own)?;
        Some((below.clone(), format!("the last before it in {}", versions.place)))
    });
    let earlier = match &history.own {
        Comparison::Existing { baseline, version: Some(earlier), .. } => {
            Version::parse(earlier).map(|earlier| (earlier, format!("that of {baseline}")))
        }
        Comparison::New { .. } => None,
        _ => return None,
    };
    let known = [earlier, listed].into_iter().flatten().filter(|(version, _)| version < own);
    known.max_by(|(left, _), (right, _)| left.cmp(right))
}

/// The version that should have come first, where one is left out.
fn left_out(earlier: &Version, own: &Version) -> Option<Version> {
    let [major, minor, patch] = earlier.numbers;
    let next = match own.numbers {
        // What is prepared by pre-releases comes out as itself.
        numbers if numbers == earlier.numbers => return None,
        [same, .., _] if same != major => [major.saturating_add(1), 0, 0],
        [_, same, _] if same != minor => [major, minor.saturating_add(1), 0],
        _ => [major, minor, patch.saturating_add(1)],
    };
    let next = Version { numbers: next, prerelease: String::new(), build: String::new() };
    (own.numbers != next.numbers).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::{Version, left_out};

    #[test]
    fn one_number_is_raised_by_one_and_those_after_it_are_zero() {
        let next = |earlier: &str, own: &str| {
            let read = |text| Version::parse(text).expect("a version");
            left_out(&read(earlier), &read(own)).map(|next| next.to_string())
        };
        for (earlier, own, expected) in [
            ("1.0.0", "1.0.1", None),
            ("1.0.9", "1.1.0", None),
            ("1.9.9", "2.0.0", None),
            ("1.0.0", "2.0.0-rc.1", None),
            ("2.0.0-rc.1", "2.0.0-rc.7", None),
            ("2.0.0-rc.1", "2.0.0", None),
            ("1.0.0", "1.2.0", Some("1.1.0")),
            ("1.0.0", "1.1.3", Some("1.1.0")),
            ("1.0.0", "1.0.2", Some("1.0.1")),
            ("1.0.0", "3.0.0", Some("2.0.0")),
            ("1.5.2", "2.5.2", Some("2.0.0")),
            ("1.0.0", "1.2.0-rc.1", Some("1.1.0")),
        ] {
            assert_eq!(next(earlier, own).as_deref(), expected, "{earlier} {own}");
        }
    }
}
