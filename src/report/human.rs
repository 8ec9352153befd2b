//! For people: what is wrong, the lines it is about, and what to do.

use std::fmt::{self, Write as _};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::excerpt::{AROUND, Excerpts, Mark};
use super::{Look, Screen, already, already_published, open, plain, summary};
use crate::finding::{Failure, Finding, Label, Report, Severity, Skipped};
use crate::text::Sources;

pub(super) fn render(report: &Report, sources: &Sources, look: Look<'_>) -> String {
    let handler = handler(look);
    let mut text = String::new();
    for group in merged(report) {
        show(&mut text, &handler, &of_finding(&group, sources, look));
    }
    for failure in &report.failures {
        show(&mut text, &handler, &of_failure(failure, sources));
    }
    if !look.quiet {
        for chart in already_published(report) {
            let _ = writeln!(text, "{}: {}", plain(&chart.path), plain(&already(chart)));
        }
        text.push_str(&skipped(&report.skipped));
        let _ = writeln!(text, "{}", summary(report));
    }
    text
}

/// A message of any origin, a configuration error say, in the manner of findings.
pub fn message(
    code: &str,
    message: &str,
    label: Option<&Label>,
    help: Option<&str>,
    sources: &Sources,
    look: Look<'_>,
) -> String {
    let labels: Vec<_> = label.into_iter().collect();
    let block = Block {
        severity: Severity::Error,
        code: code.to_owned(),
        url: None,
        message: plain(message),
        help: help.map(plain),
        excerpts: Excerpts::new(&labels, sources),
    };
    let mut text = String::new();
    show(&mut text, &handler(look), &block);
    text
}

fn handler(look: Look<'_>) -> GraphicalReportHandler {
    let theme = match (look.unicode, look.screen > Screen::Plain) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme { characters: miette::ThemeCharacters::ascii(), ..GraphicalTheme::unicode() },
        (false, false) => GraphicalTheme::none(),
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_context_lines(AROUND).with_break_words(false);
    let handler = handler.with_width(look.width.clamp(40, 160)).without_syntax_highlighting();
    // What is copied out of a log must not be broken in the middle.
    let handler = handler.with_wrap_lines(look.screen > Screen::Plain);
    if look.screen == Screen::Links {
        handler.with_link_display_text("(why)")
    } else {
        handler.with_links(false).with_urls(true)
    }
}

fn show(text: &mut String, handler: &GraphicalReportHandler, block: &Block) {
    let mut shown = String::new();
    // A label that cannot be drawn must not lose the finding.
    if handler.render_report(&mut shown, block).is_err() {
        shown = format!("{}: {}\n", block.code, block.message);
    }
    let lines = shown.lines().map(str::trim_end);
    text.extend(lines.flat_map(|line| [line, "\n"]));
    text.push('\n');
}

/// Findings that say the same of the same place under several profiles, in the order of the first of each.
fn merged(report: &Report) -> Vec<Vec<&Finding>> {
    let mut places = std::collections::HashMap::new();
    let mut groups: Vec<Vec<&Finding>> = vec![];
    for finding in open(report) {
        let key = (&finding.rule, finding.severity, &finding.chart, &finding.primary, &finding.message, &finding.help);
        let index = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

fn of_finding(group: &[&Finding], sources: &Sources, look: Look<'_>) -> Block {
    let finding = group[0];
    let profiles: Vec<_> = group.iter().filter_map(|finding| finding.profile.as_deref()).collect();
    let mut labels = vec![&finding.primary];
    for label in group.iter().flat_map(|finding| &finding.related) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let advice = finding.help.clone().or_else(|| finding.fix.as_ref().map(|fix| fix.title.clone()));
    Block {
        severity: finding.severity,
        code: format!("{}[{}]", finding.severity, finding.rule),
        url: (look.page)(&finding.rule),
        message: plain(&with_profiles(&finding.message, &profiles)),
        help: advice.as_deref().map(plain),
        excerpts: Excerpts::new(&labels, sources),
    }
}

fn with_profiles(message: &str, profiles: &[&str]) -> String {
    let quoted: Vec<_> = profiles.iter().map(|profile| format!("`{profile}`")).collect();
    match quoted.as_slice() {
        [] => message.to_owned(),
        [profile] if message.contains(profile.as_str()) => message.to_owned(),
        [profile] => format!("{message} (profile {profile})"),
        _ => format!("{message} (profiles {})", quoted.join(", ")),
    }
}

fn of_failure(failure: &Failure, sources: &Sources) -> Block {
    let label = failure.location.map(|location| Label::new(location, ""));
    let labels: Vec<_> = label.iter().collect();
    let path = failure.path.as_ref().filter(|path| label.is_none() && !failure.message.contains(path.as_str()));
    let path = path.map(|path| format!(" (`{path}`)")).unwrap_or_default();
    Block {
        severity: Severity::Error,
        code: format!("failure[{}]", failure.kind),
        url: None,
        message: plain(&format!("{}{path}", failure.message)),
        help: failure.help.as_deref().map(plain),
        excerpts: Excerpts::new(&labels, sources),
    }
}

/// One line a reason.
fn skipped(skipped: &[Skipped]) -> String {
    let mut reasons: indexmap::IndexMap<&str, Vec<&str>> = indexmap::IndexMap::new();
    for skip in skipped {
        reasons.entry(&skip.reason).or_default().push(&skip.rule);
    }
    let line = |(reason, rules): (&str, Vec<&str>)| match rules.as_slice() {
        ["*"] => format!("not judged: {}\n", plain(reason)),
        rules => format!("skipped {}: {}\n", rules.join(", "), plain(reason)),
    };
    reasons.into_iter().map(line).collect()
}

/// What miette draws.
#[derive(Debug)]
struct Block {
    severity: Severity,
    code: String,
    url: Option<String>,
    message: String,
    help: Option<String>,
    excerpts: (Excerpts, Vec<Mark>),
}

impl fmt::Display for Block {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Block {}

impl Diagnostic for Block {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display + 'a>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.url.as_ref().map(|url| Box::new(url) as Box<dyn fmt::Display + 'a>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.excerpts.1.is_empty()).then_some(&self.excerpts.0 as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.excerpts.1.iter().map(|mark| {
            let message = (!mark.message.is_empty()).then(|| mark.message.clone());
            let span = (mark.offset, mark.length);
            if mark.is_primary {
                LabeledSpan::new_primary_with_span(message, span)
            } else {
                LabeledSpan::new_with_span(message, span)
            }
        });
        Some(Box::new(labels))
    }
}
