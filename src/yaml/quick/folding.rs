//! Scalars over several lines, and the escapes of quoted ones.

use std::sync::Arc;

use super::scalar::Stop;
use super::{OUTSIDE, Reader};
use crate::yaml::{Node, Style, Value, resolve};

/// What becomes of the line breaks at the end of a block scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

/// The header of a block scalar.
struct Header {
    is_literal: bool,
    chomping: Chomping,
    /// Spaces that it says its content is indented by, more than what surrounds it.
    indent: Option<usize>,
}

impl Reader<'_> {
    /// A plain scalar whose first line lies at `start..end` and goes on below.
    pub(super) fn folded_plain(&mut self, start: usize, end: usize, parent: isize) -> Option<Node> {
        // At the root, a line could be the marker of a document.
        if parent == OUTSIDE {
            return None;
        }
        let mut text = self.text[start..end].to_owned();
        let mut end = end;
        loop {
            let from = self.at;
            let breaks = self.line_breaks(parent)?;
            if breaks == 0 || self.peek() == b'#' {
                self.at = from;
                break;
            }
            fold(&mut text, breaks);
            let line = self.at;
            let (line_end, stop) = self.plain_line()?;
            text.push_str(&self.text[line..line_end]);
            end = line_end;
            match stop {
                Stop::Colon => return None,
                Stop::Comment => break,
                Stop::Line => {}
            }
        }
        let node = Node { value: resolve::plain(&text), location: self.location(start, end), style: Style::Plain };
        self.end_line()?;
        Some(node)
    }

    /// Reads line breaks and the indentation behind them: how many, or 0 where what follows is not indented enough. The reader
    /// stands at the end of a line.
    fn line_breaks(&mut self, parent: isize) -> Option<usize> {
        let mut breaks = 0;
        loop {
            match self.peek() {
                b'\n' => breaks += 1,
                b' ' => {}
                b'\t' => return None,
                0 => return Some(0),
                _ => break,
            }
            self.at += 1;
        }
        let line = self.bytes[..self.at].iter().rposition(|byte| *byte == b'\n')?;
        let column = isize::try_from(self.at - line - 1).ok()?;
        Some(if column > parent { breaks } else { 0 })
    }

    /// The text between quotes; the reader stands behind them afterwards.
    pub(super) fn quoted(&mut self, quote: u8, parent: isize) -> Option<Arc<str>> {
        self.at += 1;
        let start = self.at;
        let special = |byte: &u8| *byte == quote || matches!(byte, b'\\' | b'\n' | b'\t');
        let length = self.bytes[start..].iter().position(special)?;
        self.at = start + length;
        if self.peek() == quote && self.byte(self.at + 1) != quote {
            self.at += 1;
            return Some(Arc::from(&self.text[start..start + length]));
        }
        let mut text = self.text[start..self.at].to_owned();
        // What lies before does not go at the end of a line: escapes made it.
        let mut solid = 0;
        loop {
            match self.peek() {
                byte if byte == quote => {
                    self.at += 1;
                    if quote == b'"' || self.peek() != quote {
                        return Some(text.into());
                    }
                    text.push('\'');
                    self.at += 1;
                }
                b'\\' if quote == b'"' => {
                    self.escape(&mut text, parent)?;
                    solid = text.len();
                }
                b'\n' => {
                    let kept = text[solid..].trim_end_matches(' ').len();
                    text.truncate(solid + kept);
                    fold(&mut text, self.quoted_breaks(parent)?);
                    solid = text.len();
                }
                b'\t' | 0 => return None,
                _ => {
                    let rest = &self.bytes[self.at + 1..];
                    let more = rest.iter().position(special)?;
                    text.push_str(&self.text[self.at..=self.at + more]);
                    self.at += 1 + more;
                }
            }
        }
    }

    /// Line breaks between quotes, with the indentation behind them.
    fn quoted_breaks(&mut self, parent: isize) -> Option<usize> {
        self.line_breaks(parent.max(0)).filter(|breaks| *breaks > 0)
    }

    fn escape(&mut self, text: &mut String, parent: isize) -> Option<()> {
        let escaped = match self.byte(self.at + 1) {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'0' => '\0',
            same @ (b'"' | b'\\' | b' ') => char::from(same),
            b'u' => {
                let digits = self.text.get(self.at + 2..self.at + 6)?;
                let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
                self.at += 4;
                char::from_u32(code)?
            }
            b'\n' => {
                // The break goes, with the indentation of the next line.
                self.at += 1;
                return (self.quoted_breaks(parent)? == 1).then_some(());
            }
            _ => return None,
        };
        self.at += 2;
        text.push(escaped);
        Some(())
    }

    /// A literal or folded scalar.
    pub(super) fn block_scalar(&mut self, parent: isize) -> Option<Node> {
        let outer = usize::try_from(parent).ok()?;
        let header = self.header()?;
        let indent = match header.indent {
            Some(more) => outer + more,
            None => self.block_indent(outer)?,
        };
        let mut text = String::new();
        let (start, breaks) = self.block_lines(indent, header.is_literal, &mut text)?;
        match header.chomping {
            Chomping::Strip => {}
            Chomping::Clip => text.extend((!text.is_empty() && breaks > 0).then_some('\n')),
            Chomping::Keep => text.extend(std::iter::repeat_n('\n', breaks)),
        }
        let style = if header.is_literal { Style::Literal } else { Style::Folded };
        let location = self.location(start.unwrap_or(self.at), self.at);
        // The indentation of what follows belongs to it too.
        while self.byte(self.at.wrapping_sub(1)) == b' ' && self.at < self.bytes.len() {
            self.at -= 1;
        }
        self.settle()?;
        Some(Node { value: Value::String(text.into()), location, style })
    }

    fn header(&mut self) -> Option<Header> {
        let mut header = Header { is_literal: self.peek() == b'|', chomping: Chomping::Clip, indent: None };
        loop {
            self.at += 1;
            match self.peek() {
                b'-' if header.chomping == Chomping::Clip => header.chomping = Chomping::Strip,
                b'+' if header.chomping == Chomping::Clip => header.chomping = Chomping::Keep,
                digit @ b'1'..=b'9' if header.indent.is_none() => header.indent = Some(usize::from(digit - b'0')),
                _ => break,
            }
        }
        self.skip_spaces();
        let is_over = self.peek() == b'\n';
        self.at += 1;
        is_over.then_some(header)
    }

    /// The indentation of a block scalar's first line that is not blank; one more than what surrounds it where there is none.
    fn block_indent(&self, outer: usize) -> Option<usize> {
        let mut at = self.at;
        let mut longest = 0;
        loop {
            let spaces = self.bytes[at..].iter().take_while(|byte| **byte == b' ').count();
            match self.byte(at + spaces) {
                b'\n' => longest = longest.max(spaces),
                b'\t' => return None,
                0 if spaces > 0 => return None,
                byte => {
                    let is_content = byte != 0 && spaces > outer;
                    let indent = if is_content { spaces } else { outer + 1 };
                    return (longest <= indent).then_some(indent);
                }
            }
            at += spaces + 1;
        }
    }

    /// Reads the lines of a block scalar into `text`: where its content starts, and the line breaks behind it. The reader
    /// stands at the next content afterwards.
    fn block_lines(&mut self, indent: usize, is_literal: bool, text: &mut String) -> Option<(Option<usize>, usize)> {
        let mut start = None;
        let mut breaks = 0;
        let mut was_indented = true;
        loop {
            let spaces = self.bytes[self.at..].iter().take(indent).take_while(|byte| **byte == b' ').count();
            self.at += spaces;
            match self.peek() {
                b'\n' => {
                    breaks += 1;
                    self.at += 1;
                    continue;
                }
                // Where a scalar without a line lies at the end of the text is not plain.
                0 => return (spaces == 0 && start.is_some()).then_some((start, breaks)),
                b'\t' if spaces < indent => return None,
                _ if spaces < indent => return Some((start, breaks)),
                _ => {}
            }
            let end = self.line_end();
            let line = &self.text[self.at..end];
            let is_indented = line.starts_with([' ', '\t']);
            match start {
                Some(_) if !(is_literal || was_indented || is_indented) => fold(text, breaks),
                _ => text.extend(std::iter::repeat_n('\n', breaks)),
            }
            start.get_or_insert(self.at);
            text.push_str(line);
            was_indented = is_indented;
            // The last line of a text may have no break.
            breaks = usize::from(end < self.bytes.len());
            self.at = end + breaks;
        }
    }
}

/// One line break is a space, more of them are one less.
fn fold(text: &mut String, breaks: usize) {
    if breaks == 1 {
        text.push(' ');
    } else {
        text.extend(std::iter::repeat_n('\n', breaks - 1));
    }
}
