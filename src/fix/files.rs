//! The files that fixes change, as they are on disk and as they become.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::Territory;
use super::{Change, Texts, Why};
use crate::finding::Fix;
use crate::text::edit::Edit;
use crate::text::{Address, Location, Source, SourceId, Sources, Span};
use crate::yaml::Document;

/// One file.
#[derive(Debug)]
struct Held {
    shown: String,
    before: Arc<[u8]>,
    /// What it holds after the rounds before this one.
    now: Arc<[u8]>,
    /// What it held before the last round.
    earlier: Arc<[u8]>,
    /// What the last round wrote, at places of `now`.
    written: Vec<Span>,
}

/// What a file comes to be.
struct Edited {
    bytes: Vec<u8>,
    /// Where what was written stands in them.
    written: Vec<Span>,
}

/// The edits of a fix by file, at their places in the file's bytes.
pub(super) type Placed = Vec<(PathBuf, Vec<(Span, String)>)>;

/// Every file that a fix was offered for.
#[derive(Debug)]
pub(super) struct Files<'a> {
    territory: &'a Territory,
    held: BTreeMap<PathBuf, Held>,
    refused: BTreeMap<PathBuf, Why>,
    /// What was said of texts since the files last changed.
    admitted: BTreeMap<SourceId, Result<usize, Why>>,
}

const MARK: &[u8] = b"\xef\xbb\xbf";

impl<'a> Files<'a> {
    pub(super) fn new(territory: &'a Territory) -> Self {
        Self { territory, held: BTreeMap::new(), refused: BTreeMap::new(), admitted: BTreeMap::new() }
    }

    /// How far places in a text lie from those in the file it was read from: a byte order mark may stand between.
    pub(super) fn admit(&mut self, path: &Path, id: SourceId, source: &Source) -> Result<usize, Why> {
        if let Some(known) = self.admitted.get(&id) {
            return known.clone();
        }
        let shift = self.compared(path, source);
        self.admitted.insert(id, shift.clone());
        shift
    }

    /// The same of a text that was not asked about.
    fn compared(&mut self, path: &Path, source: &Source) -> Result<usize, Why> {
        if let Some(why) = self.refused.get(path) {
            return Err(why.clone());
        }
        if !self.held.contains_key(path) {
            let read =
                self.territory.look(path).inspect_err(|why| _ = self.refused.insert(path.to_owned(), why.clone()));
            let before: Arc<[u8]> = read?.into();
            let (now, earlier) = (Arc::clone(&before), Arc::clone(&before));
            let held = Held { shown: source.path.clone(), now, earlier, before, written: vec![] };
            self.held.insert(path.to_owned(), held);
        }
        let now = &self.held[path].now;
        let shift = shift(now, source);
        let is_same = now[shift..] == *source.text.as_bytes();
        let why = if std::str::from_utf8(now).is_err() { Why::NotText } else { Why::Changed };
        if is_same { Ok(shift) } else { Err(why) }
    }

    /// The first of some fixes that cannot be applied with all that stand before it, since two edits would overlap, a file that was YAML
    /// would be none any more, or a key in it would stand twice. All are tried at once, and halves only where that fails, as there may be thousands of one file.
    pub(super) fn misfit(&self, fixes: &[Placed], sources: &Sources) -> Option<usize> {
        let fits = |count: usize| self.edited(&fixes[..count], sources).is_some();
        if fits(fixes.len()) {
            return None;
        }
        let (mut good, mut bad) = (0, fixes.len());
        while bad - good > 1 {
            let middle = usize::midpoint(good, bad);
            if fits(middle) { good = middle } else { bad = middle }
        }
        Some(good)
    }

    /// Applies fixes that fit together, and ends the round.
    pub(super) fn settle(&mut self, fixes: &[Placed], sources: &Sources) {
        let edited = self.edited(fixes, sources).expect("they fit");
        for held in self.held.values_mut() {
            held.earlier = Arc::clone(&held.now);
            held.written.clear();
        }
        for (path, Edited { bytes, written }) in edited {
            let held = self.held.get_mut(&path).expect("it was admitted");
            (held.now, held.written) = (bytes.into(), written);
        }
        self.admitted.clear();
    }

    /// The files that fixes change; none where the fixes do not fit together.
    fn edited(&self, fixes: &[Placed], sources: &Sources) -> Option<BTreeMap<PathBuf, Edited>> {
        let mut by_file: BTreeMap<&PathBuf, Vec<&(Span, String)>> = BTreeMap::new();
        for (path, edits) in fixes.iter().flatten() {
            by_file.entry(path).or_default().extend(edits);
        }
        let edited = |(path, mut edits): (&PathBuf, Vec<&(Span, String)>)| {
            edits.sort_by_key(|(span, _)| *span);
            let now = &self.held[path].now;
            let bytes = edited(now, &edits)?;
            let before = doubled(path, now, sources);
            let is_fine =
                before.is_none_or(|before| doubled(path, &bytes, sources).is_some_and(|after| after <= before));
            is_fine.then(|| (path.clone(), Edited { bytes, written: written(&edits) }))
        };
        by_file.into_iter().map(edited).collect()
    }

    /// Undoes the last round.
    pub(super) fn take_back(&mut self) {
        for held in self.held.values_mut() {
            held.now = Arc::clone(&held.earlier);
        }
        self.admitted.clear();
    }

    /// Whether the last round wrote anything that a place touches.
    pub(super) fn wrote(&self, place: Location, sources: &Sources) -> bool {
        let source = sources.get(place.source);
        let Address::Disk(path) = &source.address else { return false };
        let Some(held) = self.held.get(path) else { return false };
        let span = shifted(place.span, shift(&held.now, &source));
        held.written.iter().any(|written| span.start <= written.end && written.start <= span.end)
    }

    /// Whether a fix would write again what stood before the last round.
    pub(super) fn undoes(&self, fix: &Fix, sources: &Sources) -> bool {
        let mut by_file: BTreeMap<PathBuf, Vec<(Span, String)>> = BTreeMap::new();
        for Edit { location, content } in &fix.edits {
            let source = sources.get(location.source);
            let Address::Disk(path) = &source.address else { return false };
            if !self.wrote(*location, sources) {
                return false;
            }
            let span = shifted(location.span, shift(&self.held[path].now, &source));
            by_file.entry(path.clone()).or_default().push((span, content.clone()));
        }
        let is_earlier = |(path, mut edits): (PathBuf, Vec<(Span, String)>)| {
            edits.sort_by_key(|(span, _)| *span);
            let held = &self.held[&path];
            edited(&held.now, &edits.iter().collect::<Vec<_>>()).is_some_and(|bytes| *bytes == *held.earlier)
        };
        !by_file.is_empty() && by_file.into_iter().all(is_earlier)
    }

    /// Every file that has other bytes than before.
    pub(super) fn texts(&self) -> Texts {
        let changed = self.held.iter().filter(|(_, held)| held.before != held.now);
        changed.map(|(path, held)| (path.clone(), Arc::clone(&held.now))).collect()
    }

    /// The same with what they held.
    pub(super) fn changes(self) -> Vec<Change> {
        let changed = self.held.into_iter().filter(|(_, held)| held.before != held.now);
        let change =
            |(path, held): (PathBuf, Held)| Change { path, shown: held.shown, before: held.before, after: held.now };
        changed.map(change).collect()
    }
}

/// How far places in a text lie from those in the bytes that it was read from.
fn shift(bytes: &[u8], source: &Source) -> usize {
    let is_marked = bytes.starts_with(MARK) && !source.text.as_bytes().starts_with(MARK);
    if is_marked { MARK.len() } else { 0 }
}

pub(super) fn shifted(span: Span, shift: usize) -> Span {
    Span::new(span.start as usize + shift, span.end as usize + shift)
}

/// Where the contents of edits, sorted by their places, stand once all of them are made.
fn written(sorted: &[&(Span, String)]) -> Vec<Span> {
    let (mut gained, mut lost) = (0, 0);
    let place = |(span, content): &&(Span, String)| {
        let start = span.start as usize + gained - lost;
        gained += content.len();
        lost += span.range().len();
        Span::new(start, start + content.len())
    };
    sorted.iter().map(place).collect()
}

/// Bytes with edits applied, which are sorted by their places; none where two overlap.
fn edited(bytes: &[u8], sorted: &[&(Span, String)]) -> Option<Vec<u8>> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut position = 0;
    for (span, content) in sorted {
        let range = span.range();
        result.extend_from_slice(bytes.get(position..range.start)?);
        result.extend_from_slice(content.as_bytes());
        position = range.end;
    }
    result.extend_from_slice(bytes.get(position..)?);
    Some(result)
}

/// How many keys stand twice in a file that should be YAML; none where it is not, and of templates and other files, which need not be.
fn doubled(path: &Path, bytes: &[u8], sources: &Sources) -> Option<usize> {
    let is_named = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let text = std::str::from_utf8(bytes).ok().filter(|_| is_named)?;
    let source = sources.part().add(Source::new("a fixed file", crate::text::Address::Rendered, ""));
    let documents = Document::parse_all(source, text.trim_start_matches('\u{feff}')).ok()?;
    Some(documents.iter().map(|document| document.root.doubled()).sum())
}
