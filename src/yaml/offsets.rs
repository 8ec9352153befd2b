//! Offsets in the content of a scalar, translated to those in the file that holds it.

use super::{Node, Style};
use crate::text::Span;

/// Translates offsets in a scalar's content to offsets in the file that holds it.
#[derive(Debug, Clone)]
pub(super) struct OffsetMap(Translation);

#[derive(Debug, Clone)]
enum Translation {
    Identity,
    /// Content start and file start of each line, ascending.
    Lines(Vec<(u32, u32)>),
    /// Escapes or folding stand in the way: everything maps to the whole scalar.
    Whole(Span),
    /// By lines to a text that is translated in turn.
    Through(Vec<(u32, u32)>, Box<Translation>),
}

impl OffsetMap {
    /// Content and file are the same text.
    pub(super) fn identity() -> Self {
        Self(Translation::Identity)
    }

    /// The map for a text that is made of another one line by line: where each line starts in it and there. `self` translates the other.
    pub(super) fn through(&self, lines: Vec<(u32, u32)>) -> Self {
        Self(Translation::Through(lines, Box::new(self.0.clone())))
    }

    /// The map for a string node; `file` is the text of the node's source.
    pub(super) fn of(node: &Node, file: &str) -> Self {
        let span = node.location.span;
        let Some(content) = node.as_str() else { return Self(Translation::Whole(span)) };
        if node.style == Style::Literal {
            return Self(literal_lines(content, file, span).map_or(Translation::Whole(span), Translation::Lines));
        }
        let written = file.get(span.range()).unwrap_or("");
        let quote = u32::from(matches!(node.style, Style::SingleQuoted | Style::DoubleQuoted));
        let inner = written.get(quote as usize..written.len().saturating_sub(quote as usize)).unwrap_or("");
        if inner == content {
            return Self(Translation::Lines(vec![(0, span.start + quote)]));
        }
        Self(Translation::Whole(span))
    }

    /// Whether places in the content are known no better than as the whole.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.0, Translation::Whole(_))
    }

    /// Where a span of the content lies in the file.
    pub(super) fn span(&self, span: Span) -> Span {
        self.0.span(span)
    }
}

impl Translation {
    fn span(&self, span: Span) -> Span {
        match self {
            Self::Identity => span,
            Self::Whole(whole) => *whole,
            Self::Lines(lines) => by_lines(lines, span),
            Self::Through(lines, other) => other.span(by_lines(lines, span)),
        }
    }
}

fn by_lines(lines: &[(u32, u32)], span: Span) -> Span {
    let map = |offset: u32| {
        let line = lines.partition_point(|(content, _)| *content <= offset).saturating_sub(1);
        lines.get(line).map_or(offset, |(content, file)| file + offset.saturating_sub(*content))
    };
    Span { start: map(span.start), end: map(span.end).max(map(span.start)) }
}

/// Matches each line of a literal block's content with the end of its line in the file; white space before is indentation.
fn literal_lines(content: &str, file: &str, span: Span) -> Option<Vec<(u32, u32)>> {
    let mut start = file.get(..span.start as usize)?.rfind('\n').map_or(0, |position| position + 1);
    // The scalar starts at its first letter, its content with the empty lines before that.
    for _ in content.chars().take_while(|letter| *letter == '\n') {
        let above = file[..start].strip_suffix('\n')?.rfind('\n').map_or(0, |position| position + 1);
        if !file[above..start].trim().is_empty() {
            break;
        }
        start = above;
    }
    let mut file_offset = start;
    let mut content_offset = 0;
    let mut lines = vec![];
    let mut file_lines = file.get(start..)?.split_inclusive('\n');
    for line in content.split_inclusive('\n') {
        let written = file_lines.next()?;
        let body = written.trim_end_matches(['\n', '\r']);
        let indent =
            body.strip_suffix(line.trim_end_matches(['\n', '\r'])).filter(|indent| indent.trim().is_empty())?.len();
        lines.push((u32::try_from(content_offset).ok()?, u32::try_from(file_offset + indent).ok()?));
        content_offset += line.len();
        file_offset += written.len();
    }
    Some(lines)
}
