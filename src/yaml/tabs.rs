//! Tabs where Go-YAML takes none: at the start of a line in a block, and behind the dash of an entry. granit-parser reads over them.

use crate::text::Span;

/// Looks at what stands between the values of a text, as they come.
#[derive(Debug, Default)]
pub(super) struct Tabs {
    /// Where the last value ended.
    reached: usize,
    /// Flow collections that are open.
    flow: usize,
}

impl Tabs {
    /// The first tab between the last value and one at `span`; a value in a flow collection is no concern of this.
    pub(super) fn before(&mut self, content: &str, span: Span) -> Option<usize> {
        let (start, end) = (span.start as usize, span.end as usize);
        if self.flow > 0 || start < self.reached {
            return None;
        }
        let gap = content.get(self.reached..start)?;
        let at = if gap.contains('\t') { stray(content, self.reached, start) } else { None };
        self.reached = end.max(start);
        at
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
fn stray(content: &str, from: usize, to: usize) -> Option<usize> {
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
            return Some(tab);
        }
        start += line.len();
    }
    None
}
