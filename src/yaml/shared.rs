//! Values that an anchor names and an alias brings to another place of the file: who edits one changes both.

use std::collections::{BTreeSet, HashMap};

use granit_parser::{Event, Options, Parser};

use crate::text::Span;

/// A value that stands in more than one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Where it is written.
    pub span: Span,
    /// Its anchor's name.
    pub anchor: String,
}

/// The values of a text that aliases repeat, merge keys included; those before the first fault where the text is not YAML.
pub fn shared(text: &str) -> Vec<Shared> {
    if !text.contains('&') || !text.contains('*') {
        return vec![];
    }
    let mut walk = Walk::default();
    let mut options = Options::default();
    options.emit_comments = false;
    for (event, span) in Parser::new_from_str_with_options(text, options).map_while(Result::ok) {
        let range = span.byte_range().unwrap_or(text.len()..text.len());
        walk.event(&event, range);
    }
    let used = walk.anchored.into_iter().filter(|(id, _)| walk.used.contains(id));
    let shared = |(_, range): (_, std::ops::Range<usize>)| {
        let anchor = anchor(&text[..range.start]);
        Shared { span: Span::new(range.start, range.end), anchor }
    };
    let mut all: Vec<Shared> = used.map(shared).collect();
    all.sort_by_key(|shared| shared.span);
    all
}

/// The anchor that brings what stands at a place of a text to other places too; none where it is written for itself.
pub fn anchor_over(text: &str, place: Span) -> Option<String> {
    let holds = |shared: &Shared| shared.span.start <= place.start && place.end <= shared.span.end;
    shared(text).into_iter().find(holds).map(|shared| shared.anchor)
}

/// The name of the anchor that stands before a value.
fn anchor(before: &str) -> String {
    let name = before.rsplit_once('&').map_or("", |(_, name)| name);
    name.split(|letter: char| letter.is_whitespace() || ",[]{}".contains(letter)).next().unwrap_or_default().to_owned()
}

#[derive(Default)]
struct Walk {
    document: usize,
    /// The open collections: their anchors and where they start.
    open: Vec<(usize, usize)>,
    anchored: HashMap<(usize, usize), std::ops::Range<usize>>,
    used: BTreeSet<(usize, usize)>,
}

impl Walk {
    fn event(&mut self, event: &Event<'_>, range: std::ops::Range<usize>) {
        match event {
            Event::DocumentStart(..) => self.document += 1,
            Event::Scalar(_, _, anchor, _) => self.add(*anchor, range),
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                self.open.push((*anchor, range.start));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((anchor, start)) = self.open.pop() {
                    self.add(anchor, start..range.end.max(start));
                }
            }
            Event::Alias(anchor) => _ = self.used.insert((self.document, *anchor)),
            _ => {}
        }
    }

    fn add(&mut self, anchor: usize, range: std::ops::Range<usize>) {
        if anchor != 0 {
            self.anchored.insert((self.document, anchor), range);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_aliases_repeat_are_found_and_others_are_not() {
        let text = "a: &one b\nc: *one\nd: &two\n  e: f\ng: {<<: *two}\nh: &three i\n";
        let found = shared(text);
        let shown: Vec<_> =
            found.iter().map(|shared| (shared.anchor.as_str(), text[shared.span.range()].trim_end())).collect();
        assert_eq!(shown, [("one", "b"), ("two", "e: f")]);
        assert_eq!(shared("a: b & c * d\n"), []);
        let over = |word: &str| text.find(word).and_then(|at| anchor_over(text, Span::new(at, at + word.len())));
        assert_eq!((over("b").as_deref(), over("f").as_deref(), over("i")), (Some("one"), Some("two"), None));
    }
}
