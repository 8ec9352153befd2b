//! What stands between the values of a text, where Go-YAML takes less than granit-parser: tabs at the start of a line in a block and behind the dash
//! of an entry, and names of anchors.

use crate::text::Span;

/// What Go-YAML refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stray {
    /// Where it stands.
    pub(super) at: Span,
    /// What is wrong with it.
    pub(super) message: &'static str,
}

/// Looks at what stands between the values of a text, as they come.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// Where the last value ended.
    reached: usize,
    /// Flow collections that are open.
    flow: usize,
}

impl Gaps {
    /// What is wrong between the last value and one at `span`.
    pub(super) fn before(&mut self, content: &str, span: Span) -> Option<Stray> {
        let (start, end) = (span.start as usize, span.end as usize);
        if start < self.reached {
            return None;
        }
        let (from, gap) = (self.reached, content.get(self.reached..start)?);
        self.reached = end;
        // In brackets a tab is white space as any other.
        let tab = if self.flow == 0 && gap.contains('\t') { tab(content, from, start) } else { None };
        tab.or_else(|| if gap.contains('&') { anchor(gap, from) } else { None })
    }

    /// Whether a flow collection is open.
    pub(super) fn is_in_flow(&self) -> bool {
        self.flow > 0
    }

    /// A flow collection begins at a place whose gap was looked at.
    pub(super) fn open_flow(&mut self) {
        self.flow += 1;
    }

    /// A flow collection ends.
    pub(super) fn close_flow(&mut self, span: Span) {
        self.flow = self.flow.saturating_sub(1);
        self.reached = self.reached.max(span.end as usize);
    }
}

/// The first tab of a gap before which nothing but blanks stand on its line, or a dash.
fn tab(content: &str, from: usize, to: usize) -> Option<Stray> {
    let line_start = content[..from].rfind('\n').map_or(0, |position| position + 1);
    let mut start = line_start;
    for line in content[line_start..to].split_inclusive('\n') {
        let code = line.trim_end_matches('\n');
        let lead = code.len() - code.trim_start_matches([' ', '\t']).len();
        let mut until = lead;
        // Dashes of entries inside each other: a blank follows each.
        while code[until..].starts_with("- ") || code[until..].starts_with("-\t") {
            let behind = &code[until + 1..];
            until += 1 + behind.len() - behind.trim_start_matches([' ', '\t']).len();
        }
        if let Some(tab) = code[..until].find('\t').map(|tab| start + tab).filter(|tab| *tab >= from) {
            return Some(Stray {
                at: Span::new(tab, tab + 1),
                message: "a tab stands where a line may only have blanks",
            });
        }
        start += line.len();
    }
    None
}

/// The first anchor of a gap whose name Go-YAML does not take. The gap begins at `from`.
fn anchor(gap: &str, from: usize) -> Option<Stray> {
    let mut start = from;
    for line in gap.split_inclusive('\n') {
        let words = line.split_inclusive(|letter: char| letter.is_whitespace() || "[]{},".contains(letter));
        let mut at = start;
        for word in words {
            if word.starts_with('#') {
                break;
            }
            let name = word
                .strip_prefix('&')
                .map(|name| name.trim_end_matches(|end: char| end.is_whitespace() || "[]{},".contains(end)));
            if let Some(name) = name.filter(|name| !is_name(name)) {
                let message = "the name of an anchor has a letter other than `a-z`, `A-Z`, `0-9`, `_` and `-`";
                return Some(Stray { at: Span::new(at, at + 1 + name.len()), message });
            }
            at += word.len();
        }
        start += line.len();
    }
    None
}

/// Whether Go-YAML takes this for the name of an anchor.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-'))
}

/// A tab to the left of `indent` on a line below a plain scalar that ends at `end`: Go-YAML still looks for more of the scalar there, in brackets too.
pub(super) fn tab_below(content: &str, end: usize, indent: usize) -> Option<Stray> {
    let rest = content.get(end..)?;
    let gap = &rest[..rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len()];
    let mut start = end + gap.find('\n')? + 1;
    for line in content[start..end + gap.len()].split_inclusive('\n') {
        if let Some(tab) = line.bytes().take(indent).position(|byte| byte == b'\t') {
            let at = Span::new(start + tab, start + tab + 1);
            return Some(Stray { at, message: "a tab stands to the left of what it is part of" });
        }
        start += line.len();
    }
    None
}
