//! Builds [`Document`]s from parser events, with aliases resolved, merge keys spread and every limit kept.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, StructureStyle, Tag};

use super::gaps::{self, Gaps, Stray};
use super::offsets::OffsetMap;
use super::{Document, Entry, Mapping, Node, Style, Value, breaks, escapes, quick, relieved, resolve};
use crate::text::{Location, SourceId, Span};

/// Why a text is not YAML that can be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What is wrong, in lower case.
    pub message: String,
    /// Where.
    pub location: Location,
    /// Whether the text may be fine and only a limit of ours was reached.
    pub is_limit: bool,
}

impl Error {
    pub(super) fn second_document(location: Location) -> Self {
        Self { message: "a second YAML document starts where one is expected".into(), location, is_limit: false }
    }
}

/// How much a text may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Levels of lists and mappings inside each other.
    pub depth: usize,
    /// Nodes after aliases and merge keys are spread out.
    pub nodes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 500, nodes: 1_000_000 }
    }
}

/// All documents of `content`, their positions translated by `offsets` into `source`.
pub(super) fn documents(
    source: SourceId,
    content: &str,
    offsets: &OffsetMap,
    limits: Limits,
) -> Result<Vec<Document>, Error> {
    version(source, content, offsets)?;
    if let Some(made) = breaks::as_lines(content) {
        return from_events(source, &made.text, &offsets.through(made.lines), limits);
    }
    match quick::documents(source, content, offsets) {
        Some(documents) => few(source, content, documents),
        None => from_events(source, content, offsets, limits),
    }
}

/// Refuses a text that asks for another YAML than 1.1, as Go-YAML does.
fn version(source: SourceId, content: &str, offsets: &OffsetMap) -> Result<(), Error> {
    let mut start = 0;
    for line in content.split_inclusive('\n') {
        let text = line.trim_end();
        if let Some(asked) = text.strip_prefix("%YAML") {
            let asked = asked.split('#').next().unwrap_or_default().trim();
            let location = Location::new(source, offsets.span(Span::new(start, start + text.len())));
            let message = format!("YAML {asked} is asked for, and Helm reads YAML 1.1");
            return if asked == "1.1" { Ok(()) } else { Err(Error { message, location, is_limit: false }) };
        }
        if !text.is_empty() && !text.starts_with(['#', '%']) {
            return Ok(());
        }
        start += line.len();
    }
    Ok(())
}

/// Values that a text may have which is read without events, several times faster; a shorter text cannot have as many.
const QUICK_NODES: usize = 2_000_000;

fn few(source: SourceId, content: &str, documents: Vec<Document>) -> Result<Vec<Document>, Error> {
    let values = || documents.iter().map(|document| document.root.weight()).sum::<usize>();
    if content.len() < 2 * QUICK_NODES || values() <= QUICK_NODES {
        return Ok(documents);
    }
    let location = Location::new(source, Span::default());
    Err(Error { message: format!("more than {QUICK_NODES} values"), location, is_limit: true })
}

/// The first document of a text that is a source itself. What is wrong behind it does not count, as Go-YAML never gets there.
pub(super) fn first(source: SourceId, content: &str) -> Result<Option<Document>, Error> {
    let (offsets, limits) = (OffsetMap::identity(), Limits::default());
    version(source, content, &offsets)?;
    if let Some(made) = breaks::as_lines(content) {
        let offsets = offsets.through(made.lines);
        return Ok(built(source, &made.text, &offsets, limits, |builder| builder.documents.is_empty())?.pop());
    }
    if let Some(documents) = quick::documents(source, content, &offsets) {
        return Ok(documents.into_iter().next());
    }
    Ok(built(source, content, &offsets, limits, |builder| builder.documents.is_empty())?.pop())
}

/// The same by granit-parser alone, which reads all of YAML.
pub(super) fn from_events(
    source: SourceId,
    content: &str,
    offsets: &OffsetMap,
    limits: Limits,
) -> Result<Vec<Document>, Error> {
    built(source, content, offsets, limits, |_| true)
}

/// The documents of a text, as many as are wanted; where only granit-parser minds how lines are indented, with other blanks before them.
fn built(
    source: SourceId,
    content: &str,
    offsets: &OffsetMap,
    limits: Limits,
    wants_more: impl Fn(&Builder<'_>) -> bool,
) -> Result<Vec<Document>, Error> {
    let mut builder = Builder::new(source, content, offsets, limits);
    let error = match builder.read(&wants_more) {
        Ok(()) => return Ok(builder.documents),
        Err(error) => error,
    };
    let relieved = if error.is_limit { None } else { relieved::relieved(content) };
    let Some(relieved) = relieved else { return Err(error) };
    let offsets = offsets.through(relieved.lines);
    let mut builder = Builder::new(source, &relieved.text, &offsets, limits);
    builder.read(wants_more)?;
    Ok(builder.documents)
}

fn byte_span(span: &granit_parser::Span, content: &str) -> Span {
    span.byte_range().map_or_else(|| Span::new(content.len(), content.len()), |range| Span::new(range.start, range.end))
}

/// A collection that is still open.
struct Frame {
    items: Items,
    span: Span,
    style: Style,
    anchor: usize,
    size: u64,
}

enum Items {
    Seq(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<Node> },
}

/// A node with the number of nodes it stands for once its aliases are followed.
#[derive(Clone)]
struct Sized {
    node: Node,
    size: u64,
}

struct Builder<'a> {
    source: SourceId,
    content: &'a str,
    offsets: &'a OffsetMap,
    limits: Limits,
    documents: Vec<Document>,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Sized>,
    root: Option<Node>,
    gaps: Gaps,
    /// Nodes counted so far, and those among them that aliases and merges brought.
    counted: u64,
    from_aliases: u64,
}

impl<'a> Builder<'a> {
    fn new(source: SourceId, content: &'a str, offsets: &'a OffsetMap, limits: Limits) -> Self {
        Self {
            source,
            content,
            offsets,
            limits,
            documents: vec![],
            stack: vec![],
            anchors: HashMap::new(),
            root: None,
            gaps: Gaps::default(),
            counted: 0,
            from_aliases: 0,
        }
    }

    /// Takes in the events of the text, as long as more are wanted.
    fn read(&mut self, wants_more: impl Fn(&Self) -> bool) -> Result<(), Error> {
        let mut options = Options::default();
        options.flow_nesting_limit = self.limits.depth;
        options.block_nesting_limit = self.limits.depth;
        // Suppressions are read from the text, as templates have them too.
        options.emit_comments = false;
        options.max_directive_bytes = 64 * 1024;
        let mut events = Parser::new_from_str_with_options(self.content, options);
        while wants_more(self) {
            match events.next() {
                Some(Ok((event, span))) => self.event(event, byte_span(&span, self.content))?,
                Some(Err(error)) => return Err(self.scan_error(&error)),
                None => return self.takes(Span::new(self.content.len(), self.content.len())),
            }
        }
        Ok(())
    }

    /// Refuses what Go-YAML does not take between the last value and one that begins here.
    fn takes(&mut self, span: Span) -> Result<(), Error> {
        self.gaps.before(self.content, span).map_or(Ok(()), |stray| Err(self.stray(stray)))
    }

    fn stray(&self, Stray { at, message }: Stray) -> Error {
        self.error(at, message)
    }

    /// Refuses an escape that Go-YAML does not know.
    fn takes_escapes(&self, style: ScalarStyle, span: Span) -> Result<(), Error> {
        let written = self.content.get(span.range()).filter(|_| style == ScalarStyle::DoubleQuoted);
        let Some((at, length, message)) = written.and_then(escapes::refused) else { return Ok(()) };
        let start = span.start as usize + at;
        Err(self.error(Span::new(start, start + length), message))
    }

    /// Refuses a tab below a plain scalar in brackets, to the left of the block that they stand in.
    fn no_tab_below(&self, style: ScalarStyle, span: Span) -> Result<(), Error> {
        if style != ScalarStyle::Plain || !self.gaps.is_in_flow() {
            return Ok(());
        }
        let block = self.stack.iter().rev().find(|frame| frame.style == Style::Block);
        let indent = block.map_or(0, |frame| self.column(frame.span.start as usize) + 1);
        gaps::tab_below(self.content, span.end as usize, indent).map_or(Ok(()), |stray| Err(self.stray(stray)))
    }

    fn column(&self, at: usize) -> usize {
        let line = self.content[..at].rfind('\n').map_or(0, |position| position + 1);
        self.content[line..at].chars().count()
    }

    /// Refuses a tab where the first line of a block scalar is to show how far it is indented.
    fn no_tab_at_start(&self, style: ScalarStyle, span: Span) -> Result<(), Error> {
        let start = span.start as usize;
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if !is_block || self.content.as_bytes().get(start) != Some(&b'\t') {
            return Ok(());
        }
        let above = self.content[..start].trim_end();
        let header = above[above.rfind('\n').map_or(0, |line| line + 1)..].split(" #").next().unwrap_or_default();
        let indicators = header.trim_end().rsplit(|letter: char| !matches!(letter, '0'..='9' | '+' | '-')).next();
        if indicators.is_some_and(|given| given.contains(|letter: char| letter.is_ascii_digit())) {
            return Ok(());
        }
        let message = "found a tab character where an indentation space is expected";
        Err(self.error(Span::new(start, start + 1), message))
    }

    fn location(&self, span: Span) -> Location {
        Location::new(self.source, self.offsets.span(span))
    }

    fn error(&self, span: Span, message: impl Into<String>) -> Error {
        Error { message: message.into(), location: self.location(span), is_limit: false }
    }

    fn scan_error(&self, error: &granit_parser::ScanError) -> Error {
        let offset = error.marker().byte_offset().unwrap_or(self.content.len());
        let location = self.location(Span::new(offset, offset));
        if matches!(error.kind(), granit_parser::ErrorKind::RecursionLimitExceeded) {
            let message = format!("nested more than {} levels deep", self.limits.depth);
            return Error { message, location, is_limit: true };
        }
        Error { message: error.info(), location, is_limit: false }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        match event {
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::DocumentEnd => self.end_document(span),
            Event::Scalar(text, style, anchor, tag) => {
                self.takes(span)?;
                self.takes_escapes(style, span)?;
                self.no_tab_at_start(style, span)?;
                self.no_tab_below(style, span)?;
                let node = self.scalar(&text, style, tag.as_deref(), span)?;
                self.count(1, 0, span)?;
                self.add(Sized { node, size: 1 }, anchor, span)?;
            }
            Event::SequenceStart(style, anchor, _) => self.open(Items::Seq(vec![]), style, anchor, span)?,
            Event::MappingStart(style, anchor, _) => {
                self.open(Items::Map { entries: vec![], key: None }, style, anchor, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(anchor) => {
                self.takes(span)?;
                self.alias(anchor, span)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn end_document(&mut self, span: Span) {
        let root = self.root.take().unwrap_or_else(|| Node::null(self.location(Span { end: span.start, ..span })));
        self.documents.push(Document { source: self.source, root });
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Result<Node, Error> {
        let text = self.without_added_break(text, style, span);
        let (style, is_plain) = match style {
            ScalarStyle::Plain => (Style::Plain, true),
            ScalarStyle::SingleQuoted => (Style::SingleQuoted, false),
            ScalarStyle::DoubleQuoted => (Style::DoubleQuoted, false),
            ScalarStyle::Literal => (Style::Literal, false),
            ScalarStyle::Folded => (Style::Folded, false),
        };
        let suffix = tag.and_then(|tag| tag.suffix_in_namespace("tag:yaml.org,2002:"));
        let value = match suffix.as_deref().filter(|suffix| *suffix == "binary").or(tag.and_then(Tag::core_suffix)) {
            Some(suffix) => resolve::tagged(suffix, text, is_plain)
                .ok_or_else(|| self.error(span, format!("`{text}` cannot be read as `!!{suffix}`")))?,
            None if is_plain && tag.is_none() => resolve::plain(text),
            None => Value::String(Arc::from(text)),
        };
        Ok(Node { value, location: self.location(span), style })
    }

    /// The text of a block scalar as Go-YAML reads it: where the last line of the file has no break, neither has the scalar.
    fn without_added_break<'t>(&self, text: &'t str, style: ScalarStyle, span: Span) -> &'t str {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if !is_block || span.end as usize != self.content.len() {
            return text;
        }
        let line_start = |at: usize| self.content[..at].rfind('\n').map_or(0, |position| position + 1);
        let indent = span.start as usize - line_start(span.start as usize);
        let last_line = self.content.len() - line_start(self.content.len());
        text.strip_suffix('\n').filter(|_| last_line > indent).unwrap_or(text)
    }

    fn open(&mut self, items: Items, style: StructureStyle, anchor: usize, span: Span) -> Result<(), Error> {
        let style = if style == StructureStyle::Flow { Style::Flow } else { Style::Block };
        if style == Style::Flow {
            self.takes(span)?;
            self.gaps.open_flow();
        }
        self.stack.push(Frame { items, span, style, anchor, size: 1 });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Error> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        if frame.style == Style::Flow {
            self.gaps.close_flow(end);
        }
        self.count(1, 0, end)?;
        let (value, last) = match frame.items {
            Items::Seq(items) => (Value::Seq(items.as_slice().into()), None),
            Items::Map { entries, .. } => {
                let last = entries.last().filter(|entry| !entry.merged).map(|entry| entry.value.location);
                (Value::Map(Arc::new(Mapping::new(entries))), last)
            }
        };
        let last = if let Value::Seq(items) = &value { items.last().map(|item| item.location) } else { last };
        let mut location = self.location(Span { start: frame.span.start, end: end.end.max(frame.span.start) });
        if frame.style == Style::Block {
            // The end event of a block collection lies at the next token; what belongs to it ends with its last value.
            let start = self.location(frame.span);
            location = last.map_or(start, |last| Location::new(self.source, start.span.to(last.span)));
        }
        let node = Node { value, location, style: frame.style };
        self.add(Sized { node, size: frame.size }, frame.anchor, frame.span)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Error> {
        let Some(target) = self.anchors.get(&anchor).cloned() else {
            return Err(self.error(span, "an alias stands inside the value that it names"));
        };
        self.count(target.size, target.size, span)?;
        let node = Node { location: self.location(span), ..target.node };
        self.add(Sized { node, size: target.size }, 0, span)
    }

    /// Puts a finished node where it belongs: into the open collection or at the root.
    fn add(&mut self, sized: Sized, anchor: usize, span: Span) -> Result<(), Error> {
        if anchor != 0 {
            self.anchors.insert(anchor, sized.clone());
        }
        let Some(mut frame) = self.stack.pop() else {
            self.root = Some(sized.node);
            return Ok(());
        };
        frame.size = frame.size.saturating_add(sized.size);
        let added = self.add_to(&mut frame.items, sized.node, span);
        self.stack.push(frame);
        added
    }

    fn add_to(&mut self, items: &mut Items, node: Node, span: Span) -> Result<(), Error> {
        match items {
            Items::Seq(items) => items.push(node),
            Items::Map { entries, key } => match key.take() {
                None if matches!(node.value, Value::Seq(_) | Value::Map(_)) => {
                    return Err(self.error(span, format!("a mapping key is {}, not a scalar", node.kind())));
                }
                // sigs.k8s.io/yaml has no key of JSON for these.
                None if matches!(node.value, Value::Null | Value::Uint(..)) => {
                    let kind = if node.is_null() { "null" } else { "a number beyond 64 bits with sign" };
                    return Err(self.error(span, format!("a mapping key is {kind}, which Helm refuses")));
                }
                None => *key = Some(node),
                Some(key) if is_merge(&key) => self.merge(entries, &node, span)?,
                Some(key) => entries.push(Entry { key, value: node, merged: false }),
            },
        }
        Ok(())
    }

    /// Spreads `<<: {…}` or `<<: [{…}, {…}]`; of several mappings the first that has a key gives its value.
    fn merge(&mut self, entries: &mut Vec<Entry>, value: &Node, span: Span) -> Result<(), Error> {
        let single = std::slice::from_ref(value);
        let mappings = value.as_seq().unwrap_or(single);
        for node in mappings.iter().rev() {
            let Some(mapping) = node.as_map() else {
                return Err(self.error(span, "a merge key needs a mapping or a list of mappings"));
            };
            let merged = mapping.effective();
            self.count(merged.len() as u64, merged.len() as u64, span)?;
            entries.extend(merged.into_iter().map(|(_, entry)| Entry { merged: true, ..entry.clone() }));
        }
        Ok(())
    }

    /// Counts nodes as Go-YAML does, which refuses a document that is nearly all aliases once it is large.
    fn count(&mut self, nodes: u64, from_aliases: u64, span: Span) -> Result<(), Error> {
        self.counted = self.counted.saturating_add(nodes);
        self.from_aliases = self.from_aliases.saturating_add(from_aliases);
        if self.from_aliases > 100 && self.counted > 1000 && self.from_aliases > allowed_from_aliases(self.counted) {
            return Err(self.error(span, "the document contains excessive aliasing"));
        }
        if self.counted > self.limits.nodes {
            let message = format!("more than {} values", self.limits.nodes);
            return Err(Error { is_limit: true, ..self.error(span, message) });
        }
        Ok(())
    }
}

/// Go-YAML's bound: 99 % of up to 400,000 nodes, falling to 10 % of 4,000,000 and more.
fn allowed_from_aliases(counted: u64) -> u64 {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    let per_mille = match counted {
        0..=LOW => 990,
        HIGH.. => 100,
        _ => 990 - 890 * (counted - LOW) / (HIGH - LOW),
    };
    counted.saturating_mul(per_mille) / 1000
}

fn is_merge(key: &Node) -> bool {
    key.style == Style::Plain && key.as_str() == Some("<<")
}

#[cfg(test)]
mod tests;
