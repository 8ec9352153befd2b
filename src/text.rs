//! Source texts and positions in them: every other layer speaks of places through these types.
//!
//! A [`Location`] is small and copyable; [`Sources`] turns it into a path, a line and a column when a report needs them.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

pub mod base64;
mod date;
pub mod edit;
pub mod glob;
mod hex;
pub mod printable;
mod stand;
pub mod suggest;
pub mod token;
pub mod unicode;
pub mod veil;

pub use date::{Date, InvalidDate};
pub use hex::hex;
pub use stand::Stand;

/// One source text in a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// The first id of a text that can outlive its run; those below count the texts of one run.
const LASTING: u32 = 1 << 31;

impl SourceId {
    fn is_lasting(self) -> bool {
        self.0 >= LASTING
    }
}

/// Ids of texts that outlive a run, each given once.
#[derive(Debug, Clone, Default)]
pub struct LastingIds(Arc<AtomicU32>);

impl LastingIds {
    fn next(&self) -> SourceId {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        SourceId(LASTING.checked_add(number).filter(|id| *id >= LASTING).expect("fewer than two billion sources"))
    }
}

/// A half-open range of byte offsets in one source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `start..end`; offsets beyond 4 GiB are clamped, as no source is that large.
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The span as a range that indexes a `str`.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A span in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The text.
    pub source: SourceId,
    /// The bytes in it.
    pub span: Span,
}

impl Location {
    /// The location of `span` in `source`.
    pub fn new(source: SourceId, span: Span) -> Self {
        Self { source, span }
    }
}

/// Where a source text was read from. Only what lies on disk can be edited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// A file on disk; the path opens it.
    Disk(std::path::PathBuf),
    /// A file inside a packaged chart.
    Archived {
        /// Path of the archive as the user named it.
        archive: String,
    },
    /// A file of a git revision.
    Committed {
        /// The commit's id in hex.
        revision: String,
    },
    /// Text that chartgate made, a rendered manifest say.
    Rendered,
}

/// A text with the path it is reported under.
#[derive(Debug)]
pub struct Source {
    /// Path in reports: `/`-separated, relative to the repository root (else to the working directory).
    pub path: String,
    /// Where it was read from.
    pub address: Address,
    /// The whole text.
    pub text: Arc<str>,
    lines: OnceLock<Vec<u32>>,
    /// Characters before every so many bytes, where lines are so long that columns cannot be counted anew each time.
    marks: OnceLock<Vec<u32>>,
}

/// Bytes between two marks, and of a line whose columns are simply counted.
const MARKED: usize = 4096;

/// A 1-based line and column; columns count Unicode scalars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.line, self.column)
    }
}

impl Source {
    /// A source of its own, outside any [`Sources`].
    pub fn new(path: impl Into<String>, address: Address, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), address, text: text.into(), lines: OnceLock::new(), marks: OnceLock::new() }
    }

    /// Line and column of a byte offset; an offset past the end counts as the end.
    pub fn position(&self, offset: u32) -> Position {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let start = starts[line - 1] as usize;
        let mut end = (offset as usize).clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let column = if end - start <= MARKED {
            self.text[start..end].chars().count()
        } else {
            self.characters_before(end) - self.characters_before(start)
        };
        Position { line, column: column + 1 }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let marks = self.marks.get_or_init(|| {
            let mut count = 0;
            let mark = |bytes: &[u8]| {
                let before = count;
                count += u32::try_from(characters(bytes)).unwrap_or(u32::MAX);
                before
            };
            self.text.as_bytes().chunks(MARKED).map(mark).collect()
        });
        let mark = (offset / MARKED).min(marks.len().saturating_sub(1));
        let before = marks.get(mark).map_or(0, |count| *count as usize);
        before + characters(&self.text.as_bytes()[(mark * MARKED).min(offset)..offset])
    }

    /// The text of a line, from 1, without its line break; empty past the end.
    pub fn line(&self, line: usize) -> &str {
        let starts = self.line_starts();
        let Some(start) = line.checked_sub(1).and_then(|index| starts.get(index)) else { return "" };
        let end = starts.get(line).map_or(self.text.len(), |next| *next as usize);
        self.text[*start as usize..end].trim_end_matches(['\n', '\r'])
    }

    /// Byte offset of the start of a line, from 1; the text's length past the end.
    pub fn line_start(&self, line: usize) -> usize {
        let starts = self.line_starts();
        line.checked_sub(1).and_then(|index| starts.get(index)).map_or(self.text.len(), |start| *start as usize)
    }

    /// The text of a span; empty where the span does not lie in the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = memchr_newlines(&self.text);
            std::iter::once(0).chain(breaks).collect()
        })
    }
}

/// How many characters start in a part of a text.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}

fn memchr_newlines(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.bytes()
        .enumerate()
        .filter(|(_, byte)| *byte == b'\n')
        .map(|(offset, _)| u32::try_from(offset + 1).unwrap_or(u32::MAX))
}

const UNPOISONED: &str = "no thread panics while it holds the sources";

/// Every source text of a run. Can be shared between threads.
#[derive(Debug, Default)]
pub struct Sources {
    texts: Arc<Texts>,
    /// What was added through this very value.
    added: Mutex<Vec<SourceId>>,
    /// Whether what is added through it can outlive the run.
    is_lasting: bool,
}

#[derive(Debug, Default)]
struct Texts {
    of_run: RwLock<Vec<Held>>,
    lasting: RwLock<HashMap<SourceId, Arc<Source>>>,
    ids: Option<LastingIds>,
    /// Where people stand who read of them; none where that makes no difference.
    stand: Option<Stand>,
}

/// What is left of a text.
#[derive(Debug)]
enum Held {
    Whole(Arc<Source>),
    /// Its path: nothing points into it any more.
    Path(String),
}

impl Held {
    fn path(&self) -> &str {
        match self {
            Self::Whole(source) => &source.path,
            Self::Path(path) => path,
        }
    }
}

impl Sources {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// No texts yet, and a way to add some that can be lent to later runs.
    pub fn with_lasting(ids: &LastingIds) -> Self {
        Self { texts: Arc::new(Texts { ids: Some(ids.clone()), ..Texts::default() }), ..Self::default() }
    }

    /// No texts yet, of which people read in a folder of their own.
    pub fn seen_from(stand: Stand) -> Self {
        Self { texts: Arc::new(Texts { stand: Some(stand), ..Texts::default() }), ..Self::default() }
    }

    /// The same texts, through a value that can give up those added through it: see [`Sources::keep`].
    pub fn part(&self) -> Self {
        Self { texts: Arc::clone(&self.texts), added: Mutex::default(), is_lasting: false }
    }

    /// The same texts, through a value whose own can be lent to later runs: see [`Sources::own`]. None where no run comes after this one.
    pub fn lasting(&self) -> Option<Self> {
        self.texts.ids.is_some().then(|| Self { is_lasting: true, ..self.part() })
    }

    /// Adds a text and returns its id.
    pub fn add(&self, source: Source) -> SourceId {
        let id = if let Some(ids) = self.texts.ids.as_ref().filter(|_| self.is_lasting) {
            let id = ids.next();
            self.texts.lasting.write().expect(UNPOISONED).insert(id, Arc::new(source));
            id
        } else {
            let mut texts = self.texts.of_run.write().expect(UNPOISONED);
            let id = u32::try_from(texts.len()).ok().filter(|id| *id < LASTING);
            texts.push(Held::Whole(Arc::new(source)));
            SourceId(id.expect("fewer than two billion sources"))
        };
        self.added.lock().expect(UNPOISONED).push(id);
        id
    }

    /// The texts that were added through this value, with their ids.
    pub fn own(&self) -> Vec<(SourceId, Arc<Source>)> {
        let added = self.added.lock().expect(UNPOISONED);
        added.iter().map(|id| (*id, self.get(*id))).collect()
    }

    /// Takes texts that an earlier run added to last.
    pub fn borrow(&self, lent: &[(SourceId, Arc<Source>)]) {
        let lent = lent.iter().map(|(id, source)| (*id, Arc::clone(source)));
        self.texts.lasting.write().expect(UNPOISONED).extend(lent);
    }

    /// Gives up what was added through this value, but for the texts that are still wanted; of the others the paths stay.
    pub fn keep(self, wanted: &BTreeSet<SourceId>) {
        let added = self.added.into_inner().expect(UNPOISONED);
        let mut given_up = vec![];
        let mut texts = self.texts.of_run.write().expect(UNPOISONED);
        for id in added.into_iter().filter(|id| !id.is_lasting() && !wanted.contains(id)) {
            let held = &mut texts[id.0 as usize];
            let path = held.path().to_owned();
            given_up.push(std::mem::replace(held, Held::Path(path)));
        }
        // Freeing a chart's texts takes its time, and no other chart should wait for it.
        drop(texts);
    }

    /// The text behind an id of these `Sources`.
    ///
    /// # Panics
    /// Where the text was given up although something points into it: better no report than one with a wrong excerpt.
    pub fn get(&self, id: SourceId) -> Arc<Source> {
        self.held(id).unwrap_or_else(|| {
            panic!("the text of {} was given up, and nothing points into such a one", self.path_of(id))
        })
    }

    /// The same, where it was not given up.
    fn held(&self, id: SourceId) -> Option<Arc<Source>> {
        if id.is_lasting() {
            return Some(self.lent(id));
        }
        match &self.texts.of_run.read().expect(UNPOISONED)[id.0 as usize] {
            Held::Whole(source) => Some(Arc::clone(source)),
            Held::Path(_) => None,
        }
    }

    fn lent(&self, id: SourceId) -> Arc<Source> {
        let lasting = self.texts.lasting.read().expect(UNPOISONED);
        Arc::clone(lasting.get(&id).expect("what lasts is lent together with what points into it"))
    }

    /// The paths of all texts of the run, in the order in which they were added.
    pub fn paths(&self) -> Vec<String> {
        self.texts.of_run.read().expect(UNPOISONED).iter().map(|held| held.path().to_owned()).collect()
    }

    /// The path under which a text is reported, be it held or given up.
    pub fn path_of(&self, id: SourceId) -> String {
        if id.is_lasting() {
            return self.lent(id).path.clone();
        }
        self.texts.of_run.read().expect(UNPOISONED)[id.0 as usize].path().to_owned()
    }

    /// The path under which a location is reported.
    pub fn path(&self, location: Location) -> String {
        self.path_of(location.source)
    }

    /// The path of a text as people type it who read of it.
    pub fn seen_path(&self, id: SourceId) -> String {
        let seen = self.texts.stand.as_ref().and_then(|stand| match &self.held(id)?.address {
            Address::Disk(file) => stand.path(file),
            _ => None,
        });
        seen.unwrap_or_else(|| self.path_of(id))
    }

    /// A path of reports, a chart's say, as people type it who read of it.
    pub fn typed(&self, path: &str) -> String {
        self.texts.stand.as_ref().and_then(|stand| stand.typed(path)).unwrap_or_else(|| path.to_owned())
    }

    /// A location for people: `path:line:column`.
    pub fn seen(&self, location: Location) -> String {
        format!("{}:{}", self.seen_path(location.source), self.start(location))
    }

    /// Where a location starts.
    pub fn start(&self, location: Location) -> Position {
        self.get(location.source).position(location.span.start)
    }

    /// Where a location ends, exclusive.
    pub fn end(&self, location: Location) -> Position {
        self.get(location.source).position(location.span.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("a.yaml", Address::Rendered, text)
    }

    #[test]
    fn positions_count_lines_from_one_and_columns_in_unicode_scalars() {
        let source = source("a: é\nbé: x\n");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(5), Position { line: 1, column: 5 });
        assert_eq!(source.position(6), Position { line: 2, column: 1 });
        assert_eq!(source.position(9), Position { line: 2, column: 3 });
        assert_eq!(source.position(999), Position { line: 3, column: 1 });
    }

    #[test]
    fn columns_of_a_long_line_are_counted_from_the_nearest_mark() {
        let line = "aé€😀".repeat(5_000);
        let source = source(&format!("é\n{line}"));
        for (count, (offset, _)) in line.char_indices().enumerate().step_by(37) {
            let offset = u32::try_from(offset + 3).expect("a short text");
            assert_eq!(source.position(offset), Position { line: 2, column: count + 1 });
        }
        assert_eq!(source.position(u32::MAX).column, 20_001);
    }

    #[test]
    fn a_part_gives_up_what_it_added_and_nobody_wants() {
        let sources = Sources::new();
        let first = sources.add(source("first"));
        let part = sources.part();
        let [wanted, unwanted] = ["wanted", "unwanted"].map(|text| part.add(source(text)));
        assert_eq!(&*part.get(first).text, "first");
        part.keep(&BTreeSet::from([wanted]));
        assert_eq!((&*sources.get(first).text, &*sources.get(wanted).text), ("first", "wanted"));
        assert_eq!(sources.path_of(unwanted), "a.yaml");
        let last = sources.add(source("last"));
        assert_eq!(&*sources.get(last).text, "last");
    }

    #[test]
    #[should_panic(expected = "was given up")]
    fn nothing_is_shown_of_a_text_that_was_given_up() {
        let sources = Sources::new();
        let part = sources.part();
        let id = part.add(source("gone"));
        part.keep(&BTreeSet::new());
        sources.get(id);
    }

    #[test]
    fn a_line_is_given_without_its_break() {
        let source = source("one\r\ntwo\n");
        assert_eq!((source.line(1), source.line(2), source.line(3), source.line(9)), ("one", "two", "", ""));
    }

    #[test]
    fn what_lasts_is_lent_to_a_later_run_beside_its_own_texts() {
        let ids = LastingIds::default();
        let first = Sources::with_lasting(&ids);
        let lasting = first.lasting().expect("a run comes after");
        let id = lasting.add(source("lasting"));
        let own = first.add(source("own"));
        let later = Sources::with_lasting(&ids);
        later.borrow(&lasting.own());
        let other = later.add(source("other"));
        let more = later.lasting().expect("a run comes after").add(source("more"));
        let text = |sources: &Sources, id| sources.get(id).text.to_string();
        assert_eq!((text(&first, id), text(&first, own)), ("lasting".to_owned(), "own".to_owned()));
        assert_eq!([id, other, more].map(|id| text(&later, id)), ["lasting", "other", "more"]);
        assert!(Sources::new().lasting().is_none());
    }
}
