//! The lines around labels, of several files, as one source that miette can quote.
//!
//! Only those lines are handed over: miette walks its whole source for every label.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::finding::Label;
use crate::text::printable::{plain, single_line};
use crate::text::veil::veiled;
use crate::text::{Source, SourceId, Sources};

/// Lines shown before and after a label.
pub(super) const AROUND: usize = 2;
/// A label over more lines is drawn on its first line only.
const TALLEST: usize = 5;
/// Characters of a line that are shown at most.
pub(super) const WIDEST: usize = 240;
/// Bytes around what is shown that an address may have in which it lies.
const LONGEST_ADDRESS: usize = 2048;
/// Characters shown before a label that starts beyond what would be shown.
const BEFORE: usize = 60;
/// Stands for what is left out of a line. One character, in the place of the last one before what is shown, so that columns stay what they are.
const CUT: char = '…';

/// A label in the excerpts' own offsets.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) offset: usize,
    pub(super) length: usize,
    pub(super) message: String,
    /// Whether it is the line to change, which the heading of its lines names.
    pub(super) is_primary: bool,
}

/// Excerpts of several files, each at offsets of its own with a gap between them.
#[derive(Debug)]
pub(super) struct Excerpts {
    parts: Vec<Excerpt>,
    /// Letters of a line that are shown.
    widest: usize,
}

/// Consecutive lines of a file.
#[derive(Debug)]
struct Excerpt {
    name: String,
    /// Where it starts in the offsets of all excerpts.
    start: usize,
    /// The first line, from 1.
    first_line: usize,
    text: String,
    lines: Vec<Line>,
}

/// A line of an excerpt.
#[derive(Debug)]
struct Line {
    /// Where it starts in the excerpt.
    start: usize,
    /// Characters of the file's line before the first that is drawn.
    before: usize,
    /// The bytes of the file's line that are shown.
    window: Range<usize>,
}

impl Line {
    /// What is shown of a line from byte `start` of the excerpt on, and the text of it.
    fn new(line: &str, window: Range<usize>, start: usize) -> (Self, String) {
        let is_cut = [window.start > 0, window.end < line.len()];
        let before = line[..window.start].chars().count() - usize::from(is_cut[0]);
        let sign = |is_cut: bool| if is_cut { CUT.to_string() } else { String::new() };
        let text = format!("{}{}{}", sign(is_cut[0]), plain(&shown(line, &window)), sign(is_cut[1]));
        (Self { start, before, window }, text)
    }

    /// Where a byte of the file's line stands in the excerpt.
    fn place(&self, byte: usize) -> usize {
        let sign = if self.window.start > 0 { CUT.len_utf8() } else { 0 };
        self.start + sign + byte.clamp(self.window.start, self.window.end) - self.window.start
    }
}

/// A label as lines and bytes in them.
struct Target<'a> {
    source: SourceId,
    lines: Range<usize>,
    /// Bytes from the start of the first line, and of the line it ends on.
    from: usize,
    to: usize,
    message: &'a str,
    is_primary: bool,
}

impl Excerpts {
    /// The lines around labels, the first label's file first.
    pub(super) fn new(labels: &[&Label], sources: &Sources, widest: usize) -> (Self, Vec<Mark>) {
        let mut targets: Vec<_> =
            labels.iter().map(|label| target(label, &sources.get(label.location.source))).collect();
        if let Some(first) = targets.first_mut() {
            first.is_primary = true;
        }
        let mut files: Vec<SourceId> = vec![];
        for target in &targets {
            if !files.contains(&target.source) {
                files.push(target.source);
            }
        }
        let mut excerpts = Self { parts: vec![], widest };
        let mut marks = vec![];
        for id in files {
            let of_file: Vec<_> = targets.iter().filter(|target| target.source == id).collect();
            let source = sources.get(id);
            let holds_primary = |lines: &Range<usize>| {
                of_file.iter().any(|target| target.is_primary && lines.contains(&target.lines.start))
            };
            let mut groups = groups(&of_file, last_line(&source));
            groups.sort_by_key(|lines| !holds_primary(lines));
            for lines in groups {
                let inside: Vec<_> =
                    of_file.iter().filter(|target| lines.contains(&target.lines.start)).copied().collect();
                let name = single_line(&sources.seen_path(id));
                marks.extend(excerpts.add(&source, name, lines, &inside));
            }
        }
        (excerpts, marks)
    }

    fn add(&mut self, source: &Source, name: String, lines: Range<usize>, targets: &[&Target<'_>]) -> Vec<Mark> {
        let start = self.parts.last().map_or(0, |part| part.start + part.text.len() + 1);
        let mut part = Excerpt { name, start, first_line: lines.start, text: String::new(), lines: vec![] };
        let last = lines.end - 1;
        for number in lines {
            let line = source.line(number);
            let first = targets.iter().filter(|target| target.lines.start == number).map(|target| target.from).min();
            let (line, text) = Line::new(line, window(line, first.unwrap_or(0), self.widest), part.text.len());
            part.lines.push(line);
            part.text.push_str(&text);
            if number < last {
                part.text.push('\n');
            }
        }
        // miette cannot point into nothing.
        if part.text.is_empty() {
            part.text.push(' ');
        }
        let marks = targets.iter().map(|target| mark(target, &part)).collect();
        self.parts.push(part);
        marks
    }
}

fn target<'a>(label: &'a Label, source: &Source) -> Target<'a> {
    let span = label.location.span;
    let first = source.position(span.start).line;
    let end = span.end.max(span.start);
    let mut last = source.position(end).line;
    let mut to = (end as usize).saturating_sub(source.line_start(last));
    if last > first && to == 0 {
        last -= 1;
        to = source.line(last).len();
    }
    if last - first >= TALLEST {
        last = first;
        to = source.line(first).len();
    }
    let from = (span.start as usize).saturating_sub(source.line_start(first));
    Target {
        source: label.location.source,
        lines: first..last + 1,
        from,
        to,
        message: &label.message,
        is_primary: false,
    }
}

/// The last line that holds anything.
fn last_line(source: &Source) -> usize {
    let last = source.position(u32::MAX).line;
    if source.line(last).is_empty() { last - 1 } else { last }
}

/// Runs of lines that hold the labels and what stands around them; runs that would touch are one.
fn groups(targets: &[&Target<'_>], last_line: usize) -> Vec<Range<usize>> {
    let around = |target: &&Target<'_>| {
        let end = (target.lines.end + AROUND).min(last_line + 1).max(target.lines.end);
        target.lines.start.saturating_sub(AROUND).max(1)..end
    };
    let mut runs: Vec<_> = targets.iter().map(around).collect();
    runs.sort_by_key(|run| (run.start, run.end));
    let mut merged: Vec<Range<usize>> = vec![];
    for run in runs {
        match merged.last_mut() {
            Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
            _ => merged.push(run),
        }
    }
    merged
}

/// What is shown of a line, without passwords that addresses hold.
fn shown(line: &str, window: &Range<usize>) -> String {
    let boundary = |at: usize| (0..=at.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    let start = boundary(window.start.saturating_sub(LONGEST_ADDRESS));
    let end = boundary(window.end.saturating_add(LONGEST_ADDRESS));
    veiled(&line[start..end])[window.start - start..window.end - start].to_owned()
}

/// The bytes of a line that are shown, where a label starts at byte `from`.
fn window(line: &str, from: usize, widest: usize) -> Range<usize> {
    let mut starts = line.char_indices().map(|(offset, _)| offset);
    if starts.nth(widest).is_none() {
        return 0..line.len();
    }
    let kept_before = BEFORE.min(widest / 4);
    let from = (0..=from.min(line.len())).rev().find(|offset| line.is_char_boundary(*offset)).unwrap_or(0);
    let reach = line[from..].char_indices().nth(widest - kept_before).map_or(line.len(), |(offset, _)| from + offset);
    let before = line[..from].char_indices().rev().take(kept_before).last().map_or(from, |(offset, _)| offset);
    before..reach
}

fn mark(target: &Target<'_>, part: &Excerpt) -> Mark {
    let offset = |line: usize, byte: usize| {
        let index = (line - part.first_line).min(part.lines.len() - 1);
        let mut offset = part.lines[index].place(byte).min(part.text.len());
        while !part.text.is_char_boundary(offset) {
            offset -= 1;
        }
        part.start + offset
    };
    let start = offset(target.lines.start, target.from);
    let end = offset(target.lines.end - 1, target.to).max(start);
    Mark { offset: start, length: end - start, message: single_line(target.message), is_primary: target.is_primary }
}

impl SourceCode for Excerpts {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        let holds = |part: &&Excerpt| part.start <= span.offset() && end <= part.start + part.text.len();
        let part = self.parts.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let (first, last) = (part.line_at(span.offset() - part.start), part.line_at(end - part.start));
        let from =
            if before == 0 { span.offset() - part.start } else { part.lines[first.saturating_sub(before)].start };
        let next = part.lines.get(last + after + 1).map_or(part.text.len(), |line| line.start);
        let to = if after == 0 { end - part.start } else { next };
        let line = part.line_at(from);
        let column = part.lines[line].before + part.text[part.lines[line].start..from].chars().count();
        Ok(Box::new(MietteSpanContents::new_named(
            part.name.clone(),
            &part.text.as_bytes()[from..to],
            (part.start + from, to - from).into(),
            part.first_line - 1 + line,
            column,
            last + after - line + 1,
        )))
    }
}

impl Excerpt {
    fn line_at(&self, offset: usize) -> usize {
        self.lines.partition_point(|line| line.start <= offset).max(1) - 1
    }
}
