//! One page that needs nothing else: the verdict, the charts, what was found with the lines it is about, and what could not be checked.
//!
//! It has no scripts and loads nothing, so that it can be kept as an artifact and printed.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::group::{self, Group};
use super::place::place;
use super::{already, place_of, shown, skipped, summary};
use crate::finding::{ChartReport, Failure, Label, PublishedState, Report, Severity, Status};
use crate::text::Sources;
use crate::text::printable::{Printable, plain, single_line};
use crate::text::veil::veiled;

mod images;

const STYLE: &str = include_str!("html/style.css");
/// Lines shown before and after the one that a label is on.
const AROUND: usize = 2;
/// Characters of a line that are shown at most.
/// Bytes of a line that secrets are looked for in, to both sides of what is shown.
const LONG: usize = 16 * 1024;
const WIDEST: usize = 240;
/// Further places of a finding that are shown with their lines.
const RELATED: usize = 4;

pub use images::Images;

/// The page, with the images of each profile where they are known.
pub fn page(report: &Report, images: Option<&Images>, sources: &Sources) -> Printable {
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>chartgate: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        report.verdict
    );
    let _ = writeln!(
        text,
        "<header class=\"{}\"><h1>{}</h1><p>{}</p></header>\n<main>",
        report.verdict,
        report.verdict,
        Escaped(&summary(report))
    );
    charts(report, &mut text);
    failures(report, sources, &mut text);
    findings("Findings", &group::open(report), report, sources, &mut text);
    findings("Suppressed", &group::closed(report), report, sources, &mut text);
    if let Some(images) = images {
        images.write(&mut text);
    }
    left_out(report, &mut text);
    let _ = write!(text, "</main>\n<footer>chartgate {}</footer>\n</body>\n</html>\n", env!("CARGO_PKG_VERSION"));
    Printable::document(text)
}

/// Text that is no HTML, whoever wrote it.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in plain(self.0).chars() {
            match letter {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                letter => formatter.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// Text with what stands in backticks as code.
struct Words<'a>(&'a str);

impl fmt::Display for Words<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.0.split('`').collect();
        for (index, part) in parts.iter().enumerate() {
            match index % 2 {
                1 if index + 1 < parts.len() => write!(formatter, "<code>{}</code>", Escaped(part))?,
                1 => write!(formatter, "`{}", Escaped(part))?,
                _ => write!(formatter, "{}", Escaped(part))?,
            }
        }
        Ok(())
    }
}

fn charts(report: &Report, text: &mut String) {
    if report.charts.is_empty() {
        return;
    }
    text.push_str("<section><h2>Charts</h2><table><thead><tr><th>chart</th><th>version</th><th>path</th><th>verdict</th><th>published</th><th>compared with</th></tr></thead><tbody>\n");
    for chart in &report.charts {
        let ChartReport { name, version, path, verdict, published, compared_with, fail_on: _ } = chart;
        let compared: Vec<_> = compared_with.iter().map(|with| with.place.as_str()).collect();
        let published = match published {
            PublishedState::Absent => "not published".to_owned(),
            PublishedState::Identical => already(chart),
            PublishedState::Different => "published with other content".to_owned(),
            PublishedState::Unknown => "not known".to_owned(),
        };
        let _ = writeln!(
            text,
            "<tr><td>{}</td><td>{}</td><td><code>{}</code></td><td class=\"{verdict}\">{verdict}</td><td>{}</td><td>{}</td></tr>",
            Escaped(name.as_deref().unwrap_or("?")),
            Escaped(version.as_deref().unwrap_or("?")),
            Escaped(path),
            Words(&published),
            Words(&compared.join(", "))
        );
    }
    text.push_str("</tbody></table></section>\n");
}

fn failures(report: &Report, sources: &Sources, text: &mut String) {
    if report.failures.is_empty() {
        return;
    }
    text.push_str("<section><h2>Not checked</h2>\n");
    for failure in &report.failures {
        let Failure { kind, message, help, location, .. } = failure;
        let place = place_of(failure, sources).unwrap_or_default();
        let _ = writeln!(
            text,
            "<article class=\"error\"><h3>failure: {kind}</h3><p>{}</p><p class=\"place\">{}</p>",
            Words(message),
            Escaped(&place)
        );
        if let Some(location) = location {
            excerpt(&Label::new(*location, ""), sources, text);
        }
        advice(help.as_deref(), text);
        text.push_str("</article>\n");
    }
    text.push_str("</section>\n");
}

fn findings(heading: &str, groups: &[Group<'_>], report: &Report, sources: &Sources, text: &mut String) {
    if groups.is_empty() {
        return;
    }
    let _ = writeln!(text, "<section><h2>{heading} <small>{}</small></h2>", groups.len());
    for group in groups {
        finding(group, report, sources, text);
    }
    text.push_str("</section>\n");
}

fn finding(group: &Group<'_>, report: &Report, sources: &Sources, text: &mut String) {
    let finding = group.first();
    let rule = match report.rule(&finding.rule).and_then(|rule| rule.page.as_ref()) {
        Some(page) => format!("<a href=\"{}\">{}</a>", Escaped(page), Escaped(&finding.rule)),
        None => Escaped(&finding.rule).to_string(),
    };
    let _ = writeln!(
        text,
        "<article class=\"{}\"><h3><span>{}</span> {rule}</h3><p>{}</p>",
        class(finding.severity),
        finding.severity,
        Words(&group.message())
    );
    labelled(&finding.primary, sources, text);
    let related = group.related();
    for label in related.iter().take(RELATED) {
        labelled(label, sources, text);
    }
    for label in related.iter().skip(RELATED) {
        let _ = writeln!(
            text,
            "<p class=\"place\">{} {}</p>",
            Escaped(&shown(sources, label.location)),
            Words(&label.message)
        );
    }
    advice(group.advice(), text);
    if let Status::Suppressed { by, reason } = &finding.status {
        let _ = writeln!(text, "<p class=\"help\">suppressed by {}: {}</p>", Escaped(by), Words(reason));
    }
    text.push_str("</article>\n");
}

fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn labelled(label: &Label, sources: &Sources, text: &mut String) {
    let words = if label.message.is_empty() { String::new() } else { format!(": {}", Words(&label.message)) };
    let _ = writeln!(text, "<p class=\"place\">{}{words}</p>", Escaped(&single_line(&shown(sources, label.location))));
    excerpt(label, sources, text);
}

/// The lines around a label, the label itself marked on its first line.
fn excerpt(label: &Label, sources: &Sources, text: &mut String) {
    let (source, at) = (sources.get(label.location.source), place(label.location, sources));
    if source.text.is_empty() {
        return;
    }
    text.push_str("<pre>");
    for number in at.line.saturating_sub(AROUND).max(1)..=at.line + AROUND {
        let line = without_secrets(source.line(number), if number == at.line { at.column } else { 1 });
        if number > at.line && source.line_start(number) >= source.text.len() {
            break;
        }
        let _ = write!(text, "<b>{number}</b>");
        if number == at.line {
            let end = if at.end_line == at.line { at.end_column } else { usize::MAX };
            marked(&line, at.column, end, text);
        } else {
            text.push_str(&Escaped(&clipped(&line, 0)).to_string());
        }
        text.push('\n');
    }
    text.push_str("</pre>\n");
}

/// A line with stars for secrets, as far as it is shown around a column; what is not shown of a long line is not looked at.
fn without_secrets(line: &str, column: usize) -> Cow<'_, str> {
    if line.len() <= LONG {
        return veiled(line);
    }
    let column = line.char_indices().nth(column - 1).map_or(line.len(), |(at, _)| at);
    let boundary = |at: usize| (0..=at.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    let (start, end) = (boundary(column.saturating_sub(LONG)), boundary(column.saturating_add(LONG)));
    Cow::Owned([&line[..start], &veiled(&line[start..end]), &line[end..]].concat())
}

/// A line with the letters from one column to another marked, the start of a long one left out.
fn marked(line: &str, column: usize, end: usize, text: &mut String) {
    let from = (column - 1).saturating_sub(WIDEST / 2);
    let take = |skip: usize, count: usize| line.chars().skip(skip).take(count).collect::<String>();
    let length = end.saturating_sub(column).min(WIDEST);
    let (before, inside) = (take(from, column - 1 - from), take(column - 1, length));
    let after = clipped(line, column - 1 + length);
    let cut = if from > 0 { "…" } else { "" };
    let _ = write!(text, "{cut}{}<mark>{}</mark>{}", Escaped(&before), Escaped(&inside), Escaped(&after));
}

fn clipped(line: &str, skip: usize) -> String {
    let mut rest = line.chars().skip(skip);
    let mut shown: String = rest.by_ref().take(WIDEST).collect();
    if rest.next().is_some() {
        shown.push('…');
    }
    shown
}

fn advice(help: Option<&str>, text: &mut String) {
    if let Some(help) = help {
        let _ = writeln!(text, "<p class=\"help\">help: {}</p>", Words(help));
    }
}

fn left_out(report: &Report, text: &mut String) {
    let reasons: Vec<_> = skipped(report).collect();
    if reasons.is_empty() {
        return;
    }
    text.push_str("<section><h2>Not judged</h2><ul>\n");
    text.extend(reasons.iter().map(|reason| format!("<li>{}</li>\n", Words(reason))));
    text.push_str("</ul></section>\n");
}
