//! `readme-version-mismatch`: README.md tells users of another version of the chart than this one.

use std::sync::LazyLock;

use regex::Regex;

use super::edits;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::{Location, Span};

const VERSION: &str = r"v?([0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z][0-9A-Za-z.-]*)?(?:\+[0-9A-Za-z.-]+)?)";

/// A sentence or a badge that names the chart's own version.
static STATED: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    let sentence = format!(r"(?i)\b(?:current|this|the) chart version\b(?: is)?[:\s*`|]{{0,8}}{VERSION}");
    let badge = r"badge/Version-v?([0-9]+\.[0-9]+\.[0-9]+(?:--[0-9A-Za-z.]+)*)-".to_owned();
    [sentence, badge].map(|pattern| Regex::new(&pattern).expect("the pattern is fixed"))
});
/// A command of Helm with a version; a command goes on behind a backslash at the end of a line.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = format!(
        r#"(?m)\bhelm\s+(?:install|upgrade|pull|template|show)\b(?:[^\n\\]|\\\r?\n|\\.)*?--version[= ]["']?{VERSION}"#
    );
    Regex::new(&pattern).expect("the pattern is fixed")
});

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(metadata), Some(name), Some(version)) =
        (&context.chart.metadata, context.chart.name(), context.chart.version())
    else {
        return;
    };
    let path = context.chart.files.iter().map(|file| &file.path).find(|path| path.eq_ignore_ascii_case("readme.md"));
    let Some(readme) = path.and_then(|path| context.text(path)) else { return };
    let stated = STATED.iter().flat_map(|pattern| pattern.captures_iter(&readme.text));
    let commands = COMMAND.captures_iter(&readme.text).filter(|found| is_about(&found[0], name));
    // What was done with an earlier version is told by its number.
    let past = Past::of(&readme.text);
    let commands = commands.filter(|found| !past.holds(found.get(0).map_or(0, |whole| whole.start())));
    let mut found: Vec<_> = stated.chain(commands).filter_map(|found| found.get(1)).collect();
    found.sort_by_key(regex::Match::start);
    let is_other = |text: &str| text.replace("--", "-") != version.trim_start_matches('v');
    for (index, found) in found.into_iter().filter(|found| is_other(found.as_str())).enumerate() {
        let place = Location::new(readme.source, Span::new(found.start(), found.end()));
        let args = [("found", found.as_str()), ("version", version)];
        // A badge doubles its dashes.
        let is_plain = !version.contains('-');
        let plain = version.trim_start_matches('v');
        let word = |place: Location, old: &str| edits::word(context, place, (old, plain), format!("write `{version}`"));
        let mut fix = word(place, found.as_str());
        // A badge says it twice.
        let beside = beside(&readme.text, found).map(|span| Location::new(readme.source, span));
        if let (Some(fix), Some(also)) = (&mut fix, beside.and_then(|place| word(place, found.as_str()))) {
            fix.edits.extend(also.edits);
        }
        findings
            .report(Label::new(place, ""), format!("README.md[{index}]"), &args)
            .related(Label::new(metadata.place("version"), "the version of the chart"))
            .help(format!("write `{version}`"))
            .fix(fix.filter(|_| is_plain));
    }
}

/// The text of a badge's image that names the same version as its address.
fn beside(text: &str, address: regex::Match<'_>) -> Option<Span> {
    let line = text[..address.start()].rfind('\n').map_or(0, |end| end + 1);
    let before = &text[line..address.start()];
    let open = before.rfind("![")?;
    let (said, _) = before[open..].split_once("](")?;
    let named = said.to_lowercase().contains("version").then(|| said.rfind(address.as_str()))??;
    let start = line + open + named;
    Some(Span::new(start, start + address.len()))
}

/// The parts of a text whose headings say that they are about moving from one version to another.
struct Past {
    /// Where each heading starts, with whether what is below it is such a part.
    headings: Vec<(usize, bool)>,
}

impl Past {
    fn of(text: &str) -> Self {
        static MOVING: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r"(?i)upgrad|migrat|breaking|changelog|release notes|rollback|^#+\s*(?:to|from)\b|^#+\s*v?[0-9]+[.][0-9x]",
            )
            .expect("the pattern is fixed")
        });
        let (mut headings, mut above, mut is_code, mut start) = (vec![], Vec::<(usize, bool)>::new(), false, 0);
        for line in text.split_inclusive('\n') {
            is_code ^= line.trim_start().starts_with("```");
            if !is_code && line.starts_with('#') {
                let level = line.len() - line.trim_start_matches('#').len();
                above.retain(|(outer, _)| *outer < level);
                above.push((level, MOVING.is_match(line.trim_end())));
                headings.push((start, above.iter().any(|(_, is_moving)| *is_moving)));
            }
            start += line.len();
        }
        Self { headings }
    }

    fn holds(&self, at: usize) -> bool {
        let next = self.headings.partition_point(|(start, _)| *start < at);
        next.checked_sub(1).is_some_and(|last| self.headings[last].1)
    }
}

/// Whether a command names the chart, by itself or as the end of an address.
fn is_about(command: &str, name: &str) -> bool {
    let words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'', '`']));
    words.filter(|word| word.contains('/')).any(|word| word.rsplit('/').next() == Some(name))
}
