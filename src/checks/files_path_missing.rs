//! `files-path-missing`: a template reads a file of the chart that the package does not have.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::chart::{Chart, Hidden, TextFile};
use crate::finding::Label;
use crate::render::{FilePattern, is_file_for_templates};
use crate::rule::{Context, Findings, ProfileView};
use crate::source::{below, join};
use crate::text::{Location, Span};

/// A file, or a pattern of files, that a template names as it stands.
static READ: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\.Files\.(?P<how>Get|GetBytes|Lines|Glob)\s+(?:"(?P<path>[^"\\\n]+)"|`(?P<raw>[^`\n]+)`)"#)
        .expect("the pattern is fixed")
});
/// Words by which an action says that it can do without the file.
const ASKING: [&str; 10] = ["if", "with", "default", "empty", "coalesce", "ternary", "or", "and", "not", "len"];

/// Why the package does not have it.
enum Why<'a> {
    /// Helm keeps it from templates.
    Kept,
    /// `.helmignore` hides it.
    Hidden(&'a Hidden),
    /// It is not there.
    Absent,
    /// No file of a folder that is there fits the pattern.
    Unfit,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut said = BTreeSet::new();
    named(context, &mut said, findings);
    for lacking in context.profiles.iter().filter_map(ProfileView::seen).flat_map(|rendered| &rendered.lacking) {
        if context.chart.hidden.is_empty() {
            continue;
        }
        let hidden = hidden(context.chart, &lacking.folder, &Asked::new(&lacking.path, lacking.is_pattern));
        let Some(hidden) = hidden.filter(|hidden| said.insert(hidden.path.clone())) else { continue };
        let args = [("path", lacking.path.as_str()), ("why", "this pattern hides it")];
        findings
            .report(Label::new(hidden.by, ""), hidden.path.as_str(), &args)
            .help("narrow the pattern: one without a slash counts at any depth, in sub-charts too");
    }
}

/// What templates name as it stands; `said` takes the hidden files among it.
fn named(context: &Context<'_>, said: &mut BTreeSet<String>, findings: &mut Findings<'_>) {
    for part in context.chart.with_dependencies() {
        for template in &part.templates {
            let mut asked = None;
            for found in READ.captures_iter(&template.text) {
                let Some(path) = found.name("path").or(found.name("raw")) else { continue };
                let is_own = std::ptr::eq(part, context.chart);
                let action = action(&template.text, path.start());
                let Some(why) = why(context.chart, part, &found, path.as_str()) else { continue };
                // Where a template asks first, or has something to put there, the file need not be there.
                let mut is_asked = || asked.get_or_insert_with(|| asked_for(&template.text)).contains(path.as_str());
                let is_fine = matches!(why, Why::Absent | Why::Unfit) && (!is_own || is_asked());
                if let Why::Hidden(hidden) = &why {
                    said.insert(hidden.path.clone());
                }
                if !is_fine && !is_comment(action) {
                    report(context, template, path.as_str(), Span::new(path.start(), path.end()), &why, findings);
                }
            }
        }
    }
}

/// What a template asks for.
enum Asked<'p> {
    Path(&'p str),
    Pattern(FilePattern),
}

impl<'p> Asked<'p> {
    fn new(path: &'p str, is_pattern: bool) -> Self {
        if is_pattern { Self::Pattern(FilePattern::new(path)) } else { Self::Path(path) }
    }

    fn is(&self, file: &str) -> bool {
        match self {
            Self::Path(path) => *path == file,
            Self::Pattern(pattern) => pattern.fits(file),
        }
    }
}

fn why<'a>(root: &'a Chart, part: &Chart, found: &Captures<'_>, path: &str) -> Option<Why<'a>> {
    let is_pattern = &found["how"] == "Glob";
    let asked = Asked::new(path, is_pattern);
    if part.files.iter().any(|file| is_file_for_templates(&file.path) && asked.is(&file.path)) {
        return None;
    }
    match hidden(root, &part.folder, &asked) {
        Some(hidden) => Some(Why::Hidden(hidden)),
        None if is_pattern && path.contains(WILD) => has_folder(part, path).then_some(Why::Unfit),
        None if part.file(path).is_some() => Some(Why::Kept),
        None => Some(Why::Absent),
    }
}

/// What makes a pattern stand for more than one path.
const WILD: [char; 4] = ['*', '?', '[', '{'];

/// Whether the folder of a pattern has files; where it has none, users of the chart may add them.
fn has_folder(part: &Chart, pattern: &str) -> bool {
    let fixed = pattern.split(WILD).next().unwrap_or_default();
    let folder = fixed.rsplit_once('/').map(|(folder, _)| format!("{folder}/"));
    folder.is_some_and(|folder| {
        part.files.iter().any(|file| is_file_for_templates(&file.path) && file.path.starts_with(&folder))
    })
}

/// The hidden file that a template of the chart in a folder asks for.
fn hidden<'a>(root: &'a Chart, folder: &str, asked: &Asked<'_>) -> Option<&'a Hidden> {
    let inside = join(folder, "x");
    let inner = below(&inside, &root.folder)?.strip_suffix('x')?;
    root.hidden.iter().find(|hidden| hidden.path.strip_prefix(inner).is_some_and(|path| asked.is(path)))
}

/// The action around a place.
fn action(text: &str, at: usize) -> &str {
    let start = text[..at].rfind("{{").unwrap_or(0);
    let end = text[at..].find("}}").map_or(text.len(), |end| at + end);
    &text[start..end]
}

fn is_comment(action: &str) -> bool {
    !action.starts_with("{{") || action.trim_start_matches("{{").trim_start_matches('-').trim_start().starts_with("/*")
}

/// What a template can do without among what it names: it asks for it somewhere.
fn asked_for(text: &str) -> BTreeSet<&str> {
    let asked = |found: Captures<'_>| {
        let at = found.get(0)?.start();
        let path = found.name("path").or(found.name("raw"))?.range();
        is_asking(action(text, at)).then(|| &text[path])
    };
    READ.captures_iter(text).filter_map(asked).collect()
}

fn is_asking(action: &str) -> bool {
    action.split_whitespace().map(|word| word.trim_matches(['(', ')', '{', '-'])).any(|word| ASKING.contains(&word))
}

fn report(
    context: &Context<'_>,
    template: &TextFile,
    path: &str,
    span: Span,
    why: &Why<'_>,
    findings: &mut Findings<'_>,
) {
    let place = Location::new(template.source, span);
    let (said, help) = match why {
        Why::Kept => {
            ("Helm keeps it from templates", "move it out of `templates/`, or read it by `include` or `.Values`")
        }
        Why::Hidden(_) => (
            "`.helmignore` hides it",
            "narrow the pattern in `.helmignore`: one without a slash counts at any depth, in sub-charts too",
        ),
        Why::Absent => ("there is no such file", "add the file, or correct its path"),
        Why::Unfit => ("no file of the folder fits the pattern", "correct the pattern, or add the files"),
    };
    let subject = format!("{} {path}", context.sources.path(place));
    let reported = findings.report(Label::new(place, ""), subject, &[("path", path), ("why", said)]).help(help);
    if let Why::Hidden(hidden) = why {
        reported.related(Label::new(hidden.by, "this pattern hides it"));
    }
}
