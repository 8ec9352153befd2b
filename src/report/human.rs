//! For people: what is wrong, the lines it is about, and what to do.

use std::fmt;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::excerpt::{AROUND, Excerpts, Mark, WIDEST};
use super::fold::{Fold, folded};
use super::group::{self, Group};
use super::{Look, Screen, already, already_published, compared, skipped, summary};
use crate::finding::{Failure, Label, Report, Severity};
use crate::text::Sources;
use crate::text::printable::{Printable, plain};

pub(super) fn render(report: &Report, sources: &Sources, look: Look) -> Printable {
    let handler = handler(look);
    let groups = group::open(report);
    let mut text = Printable::default();
    for Fold { first, others } in folded(&groups) {
        text.push(&show(&handler, &of_finding(first, report, sources, look)));
        text.extend(others_of(first, &others, sources));
    }
    text.extend(report.failures.iter().map(|failure| show(&handler, &of_failure(failure, sources, look))));
    if !look.quiet {
        text.extend(
            already_published(report).map(|chart| Printable::line(format!("{}: {}", chart.path, already(chart)))),
        );
        text.extend(compared(report).into_iter().map(Printable::line));
        text.extend(skipped(report).map(Printable::line));
        text.push(&Printable::line(summary(report)));
    }
    text
}

/// What is like a finding that was shown, a line each.
fn others_of(first: &Group<'_>, others: &[&Group<'_>], sources: &Sources) -> Vec<Printable> {
    if others.is_empty() {
        return vec![];
    }
    let count = others.len();
    let heading = Printable::line(format!("{count} more by {}:", first.first().rule));
    let line = |group: &&Group<'_>| {
        Printable::line(format!("  {}: {}", sources.seen(group.first().primary.location), group.message()))
    };
    std::iter::once(heading).chain(others.iter().map(line)).chain([Printable::line("")]).collect()
}

/// A message of any origin, a configuration error say, in the manner of findings.
pub fn message(
    code: &str,
    message: &str,
    label: Option<&Label>,
    help: Option<&str>,
    sources: &Sources,
    look: Look,
) -> Printable {
    let labels: Vec<_> = label.into_iter().collect();
    let block = Block {
        severity: Severity::Error,
        code: code.to_owned(),
        url: None,
        message: plain(message),
        help: help.map(plain),
        excerpts: Excerpts::new(&labels, sources, widest(look)),
    };
    show(&handler(look), &block)
}

/// A failure outside of a report.
pub fn failure(failure: &Failure, sources: &Sources, look: Look) -> Printable {
    let label = failure.location.map(|at| Label::new(at, ""));
    message("failure", &failure.message, label.as_ref(), failure.help.as_deref(), sources, look)
}

fn handler(look: Look) -> GraphicalReportHandler {
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
        // An address in each header says no more than `chartgate explain RULE`.
        handler.with_links(false).with_urls(false)
    }
}

/// Columns beside an excerpt: numbers of lines, a bar, and signs for what is cut.
const MARGIN: usize = 10;

/// Letters of a line that are shown: a screen has so many columns, a log as many as anybody wants.
fn widest(look: Look) -> usize {
    if look.screen > Screen::Plain { look.width.saturating_sub(MARGIN).clamp(30, WIDEST) } else { WIDEST }
}

fn show(handler: &GraphicalReportHandler, block: &Block) -> Printable {
    let mut shown = String::new();
    // A label that cannot be drawn must not lose the finding.
    if handler.render_report(&mut shown, block).is_err() {
        shown = format!("{}: {}\n", block.code, block.message);
    }
    let lines = shown.lines().map(str::trim_end).chain([""]);
    Printable::drawn(&lines.flat_map(|line| [line, "\n"]).collect::<String>())
}

fn of_finding(group: &Group<'_>, report: &Report, sources: &Sources, look: Look) -> Block {
    let finding = group.first();
    let labels: Vec<_> = std::iter::once(&finding.primary).chain(group.related()).collect();
    Block {
        severity: finding.severity,
        code: format!("{}[{}]", finding.severity, finding.rule),
        url: report.rule(&finding.rule).and_then(|rule| rule.page.clone()),
        message: plain(&group.message()),
        help: group.advice().map(plain),
        excerpts: Excerpts::new(&labels, sources, widest(look)),
    }
}

fn of_failure(failure: &Failure, sources: &Sources, look: Look) -> Block {
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
        excerpts: Excerpts::new(&labels, sources, widest(look)),
    }
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
