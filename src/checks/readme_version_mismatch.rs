//! `readme-version-mismatch`: README.md tells users of another version of the chart than this one.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{edits, readme_examples};
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::{Location, Span};

/// A version, with the `_` that stands for `+` in tags of registries.
const VERSION: &str = r"v?([0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z][0-9A-Za-z.-]*)?(?:[+_][0-9A-Za-z.-]+)?)";

static ALONE: LazyLock<Regex> = LazyLock::new(|| Regex::new(VERSION).expect("the pattern is fixed"));
/// Sentences that name the chart's own version, and texts of badges.
static STATED: LazyLock<Regex> = LazyLock::new(|| {
    let sentence = format!(r"(?i)\b(?:current|this|the) chart version\b(?: is)?[:\s*`|]{{0,8}}{VERSION}");
    Regex::new(&sentence).expect("the pattern is fixed")
});
/// The text of a badge and its address on shields.io; one of both is enough.
static BADGE: LazyLock<Regex> = LazyLock::new(|| {
    let text = format!(r"!\[(?i:chart )?(?i:version)[: ]+{VERSION}\]");
    let address = r"\bbadge/Version-v?([0-9]+\.[0-9]+\.[0-9]+(?:[0-9A-Za-z._%]|--)*)-[^-]";
    let pattern = format!(r"{text}(?:\([^)\n]*?{address})?|{address}");
    Regex::new(&pattern).expect("the pattern is fixed")
});
/// A command of Helm with a version; a command goes on behind a backslash at the end of a line.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    let (within, behind) = (r"(?:[^\n\\]|\\\r?\n|\\.)*?", r"(?:[^\n\\&|;`]|\\\r?\n|\\.)*");
    let pattern =
        format!(r#"\bhelm\s+(?:install|upgrade|pull|template|show)\b{within}--version[= ]["']?{VERSION}{behind}"#);
    Regex::new(&pattern).expect("the pattern is fixed")
});

/// A version that a text names.
struct Mention<'t> {
    /// As it is written.
    written: regex::Match<'t>,
    /// How versions are written there.
    form: Writing,
    /// The other half of the badge, where that names the same.
    beside: Option<(regex::Match<'t>, Writing)>,
}

#[derive(Clone, Copy)]
enum Writing {
    /// As it is, or as a tag of a registry.
    Plain,
    /// In the address of a badge, which doubles dashes.
    Badge,
}

impl Writing {
    /// A version without a `v` before it, in this form; `old` stands there now.
    fn write(self, version: &str, old: &str) -> String {
        match self {
            Self::Plain if old.contains('_') => version.replace('+', "_"),
            Self::Plain => version.to_owned(),
            Self::Badge => version.replace('-', "--").replace('+', "%2B"),
        }
    }

    /// The version that is written in this form.
    fn read(self, written: &str) -> String {
        match self {
            Self::Plain => written.replace('_', "+"),
            Self::Badge => written.replace("--", "-").replace("%2B", "+").replace("%2b", "+"),
        }
    }
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(metadata), Some(name), Some(version)) =
        (&context.chart.metadata, context.chart.name(), context.chart.version())
    else {
        return;
    };
    let path = context.chart.files.iter().map(|file| &file.path).find(|path| path.eq_ignore_ascii_case("readme.md"));
    let Some(readme) = path.and_then(|path| context.text(path)) else { return };
    let plain = version.trim_start_matches('v');
    // In the README of a chart around another of the same name, examples are about that one.
    let is_around = context.chart.declared().iter().any(|declared| declared.name == Some(name));
    let examples = if is_around { vec![] } else { readme_examples::versions(&readme.text, name) };
    let others = others(&readme.text, name, plain, examples);
    for (index, Mention { written, form, beside }) in others.into_iter().enumerate() {
        let place = |found: &regex::Match<'_>| Location::new(readme.source, Span::new(found.start(), found.end()));
        let edit = |(found, form): (&regex::Match<'_>, Writing)| {
            let new = form.write(plain, found.as_str());
            edits::word(context, place(found), (found.as_str(), &new), format!("write `{version}`"))
        };
        let mut fix = edit((&written, form));
        if let (Some(fix), Some(also)) = (&mut fix, beside.as_ref().and_then(|(found, form)| edit((found, *form)))) {
            fix.edits.extend(also.edits);
        }
        let found = form.read(written.as_str());
        findings
            .report(
                Label::new(place(&written), ""),
                format!("README.md[{index}]"),
                &[("found", found.as_str()), ("version", version)],
            )
            .related(Label::new(metadata.place("version"), "the version of the chart"))
            .help(format!("write `{version}`"))
            .fix(fix);
    }
}

/// The versions of a chart that a text names, other than this one, by their places.
fn others<'t>(text: &'t str, name: &str, version: &str, examples: Vec<Range<usize>>) -> Vec<Mention<'t>> {
    let plain = |written| Mention { written, form: Writing::Plain, beside: None };
    let stated = STATED.captures_iter(text).filter_map(|found| found.get(1)).map(plain);
    // What was done with an earlier version is told by its number.
    let past = Past::of(text);
    let is_meant = |found: &regex::Captures<'_>| {
        is_about(&found[0], name) && !past.holds(found.get(0).map_or(0, |whole| whole.start()))
    };
    let commands = COMMAND.captures_iter(text).filter(is_meant).filter_map(|found| found.get(1)).map(plain);
    // A range, or a version that is left to be filled in, is none.
    let whole = |range: Range<usize>| {
        let found = ALONE.captures_at(text, range.start)?;
        found.get(1).filter(|_| found.get(0).is_some_and(|all| all.range() == range))
    };
    let examples = examples.into_iter().filter(|range| !past.holds(range.start));
    let examples = examples.filter_map(whole).map(plain);
    let is_other = |(written, form): &(regex::Match<'_>, Writing)| form.read(written.as_str()) != version;
    let mut found: Vec<Mention<'t>> =
        stated.chain(commands).chain(examples).filter(|named| is_other(&(named.written, named.form))).collect();
    for badge in BADGE.captures_iter(text) {
        let address = badge.get(2).or_else(|| badge.get(3)).map(|address| (address, Writing::Badge)).filter(&is_other);
        let said = badge.get(1).map(|said| (said, Writing::Plain)).filter(&is_other);
        // A badge that says it twice is said once.
        let halves = (address.or(said), said.filter(|_| address.is_some()));
        let named = |(written, form)| Mention { written, form, beside: halves.1 };
        found.extend(halves.0.map(named));
    }
    found.sort_by_key(|named| named.written.start());
    found
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
