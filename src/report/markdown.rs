//! Markdown, for comments on pull requests and for the summary of a job: what a chart says stays text there.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::group::{self, Group};
use super::{already, already_published, compared, place_of, shown, skipped, summary};
use crate::finding::{Failure, Report};
use crate::text::Sources;
use crate::text::printable::{Printable, single_line};

/// Room for a text, and how a part of it is measured.
#[derive(Clone, Copy)]
struct Space {
    limit: usize,
    measure: fn(&str) -> usize,
}

/// GitHub refuses a summary above 1 MiB; this leaves room for those of other steps.
const SUMMARY: Space = Space { limit: 900 * 1024, measure: str::len };
/// GitHub refuses a comment above 65,536 characters, GitLab a note above a million.
const COMMENT: Space = Space { limit: 60_000, measure: |text| text.encode_utf16().count() };

/// The report as a comment.
pub(super) fn render(report: &Report, sources: &Sources) -> Printable {
    Printable::drawn(&page(report, sources, COMMENT))
}

/// The report for `$GITHUB_STEP_SUMMARY`.
pub fn job_summary(report: &Report, sources: &Sources) -> Printable {
    Printable::drawn(&page(report, sources, SUMMARY))
}

fn page(report: &Report, sources: &Sources, space: Space) -> String {
    let mut text = format!("### chartgate: {}\n\n{}\n", report.verdict, escaped(&summary(report)));
    if !report.failures.is_empty() {
        text.push_str("\n**Not checked:**\n\n");
        let lines: Vec<_> = report.failures.iter().map(|failure| not_checked(failure, sources)).collect();
        add(&mut text, &lines, Space { limit: space.limit / 2, ..space });
    }
    let notes = notes(report, Space { limit: space.limit / 4, ..space });
    let mut groups = group::open(report);
    // What a reader must not miss stands where nothing is cut.
    groups.sort_by_key(|group| Reverse(group.severity()));
    let rows: Vec<_> = groups.iter().map(|group| row(group, report, sources)).collect();
    if !rows.is_empty() {
        text.push_str("\n| | rule | where | what |\n|---|---|---|---|\n");
        add(&mut text, &rows, Space { limit: space.limit - (space.measure)(&notes), ..space });
    }
    text + &notes
}

/// What charts were compared with, and what was not judged.
fn notes(report: &Report, space: Space) -> String {
    let mut text = String::new();
    let published =
        already_published(report).map(|chart| format!("- {}: {}\n", code(&chart.path), escaped(&already(chart))));
    let published: Vec<_> = published.collect();
    if !published.is_empty() {
        text.push('\n');
        add(&mut text, &published, Space { limit: space.limit / 3, ..space });
    }
    let compared: Vec<_> = compared(report).iter().map(|line| format!("- {}\n", escaped(line))).collect();
    if !compared.is_empty() {
        text.push('\n');
        add(&mut text, &compared, Space { limit: space.limit * 2 / 3, ..space });
    }
    let skipped: Vec<_> = skipped(report).map(|reason| format!("- {}\n", escaped(&reason))).collect();
    if !skipped.is_empty() {
        text.push_str("\n<details><summary>Not judged</summary>\n\n");
        add(&mut text, &skipped, space);
        text.push_str("\n</details>\n");
    }
    text
}

/// Adds as many lines as fit, and how many did not.
fn add(text: &mut String, lines: &[String], space: Space) {
    let fitting = lines
        .iter()
        .scan((space.measure)(text), |length, line| {
            *length += (space.measure)(line);
            (*length < space.limit).then_some(line)
        })
        .count();
    text.extend(lines[..fitting].iter().map(String::as_str));
    if fitting < lines.len() {
        let _ = writeln!(text, "\n… and {} more, in the log.", lines.len() - fitting);
    }
}

fn row(group: &Group<'_>, report: &Report, sources: &Sources) -> String {
    let finding = group.first();
    let rule = match report.rule(&finding.rule).and_then(|rule| rule.page.as_ref()) {
        Some(page) => format!("[{}]({page})", code(&finding.rule)),
        None => code(&finding.rule),
    };
    let place = code(&shown(sources, group.anchor(sources)));
    let help = group.advice().map(|help| format!("<br>help: {}", escaped(help))).unwrap_or_default();
    format!("| {} | {rule} | {place} | {}{help} |\n", finding.severity, escaped(&group.message()))
}

fn not_checked(failure: &Failure, sources: &Sources) -> String {
    let place = place_of(failure, sources).map(|place| format!("{}: ", code(&place))).unwrap_or_default();
    let help = failure.help.as_deref().map(|help| format!(" — {}", escaped(help))).unwrap_or_default();
    format!("- {place}{}{help}\n", escaped(&failure.message))
}

/// Text as it is written, but for what stands in backticks, which becomes code: no link, picture, mention, table cell or HTML comes of
/// either.
fn escaped(text: &str) -> String {
    let text = single_line(text);
    let mut parts: Vec<&str> = text.split('`').collect();
    // A backtick that none closes is a letter.
    let open = if parts.len().is_multiple_of(2) { parts.pop() } else { None };
    let quoted = |(index, part): (usize, &&str)| if index % 2 == 1 { code(part) } else { words(part) };
    let mut shown: String = parts.iter().enumerate().map(quoted).collect();
    if let Some(open) = open {
        shown += "\\`";
        shown += &words(open);
    }
    shown
}

/// Characters that mean something to Markdown or HTML are escaped; mentions and references are broken by a space that is not seen.
fn words(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '@' | '#' => shown.extend(['\\', letter, '\u{200b}']),
            // Bare links: `https://`, `www.`.
            ':' if letters.peek() == Some(&'/') => shown.push_str("\\:"),
            '.' if shown.ends_with("www") || shown.ends_with("WWW") => shown.push_str("\\."),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '|' | '~' | '$' => {
                shown.extend(['\\', letter]);
            }
            letter => shown.push(letter),
        }
    }
    shown
}

/// A code span whose fence is longer than any run of backticks in it (CommonMark, section 6.1), fit for a cell of a table.
pub fn code(text: &str) -> String {
    let text = single_line(text).replace('|', "\\|");
    if text.trim().is_empty() {
        return "` `".to_owned();
    }
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_chart_is_no_markdown() {
        let cases = [
            ("`a` is ![x](https://evil)", "`a` is \\!\\[x\\](https\\://evil)"),
            ("`a` ![x](https://evil/`b`) `", "`a` \\!\\[x\\](https\\://evil/`b`) \\`"),
            ("<b>@me</b> #12 www.evil.org", "&lt;b&gt;\\@\u{200b}me&lt;/b&gt; \\#\u{200b}12 www\\.evil.org"),
            ("a | b\n| c", "a \\| b \\| c"),
            ("a\\`b`", "a\\\\`b`"),
        ];
        for (text, expected) in cases {
            assert_eq!(escaped(text), expected);
        }
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code("a|b"), "`a\\|b`");
    }
}
