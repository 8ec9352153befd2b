//! Rendered documents: cut, parsed and sorted as Helm does, each knowing what led to every part of it.

use std::fmt;
use std::sync::Arc;

use super::cache::Cache;
use super::documents::{Read, Used};
use super::engine::Printed;
use super::error::{Error, ErrorKind};
use super::head::{Head, Hook};
use super::looks::kept;
use super::origin::{Origins, Pieces, Record};
use super::{Options, Rendered, object, sort};
use crate::template::origin::OriginId;
use crate::text::{Address, Location, Source, SourceId, Sources, Span};
use crate::yaml::{Document, KeyPath, Node};

/// What stands before the first letter of a document, which Helm cuts off before it reads that and `helm lint` does not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Before {
    /// Whether it is blanks, and the letter is the first of its file.
    pub is_indented: bool,
    /// Whether a line in it begins with a tab.
    pub is_tabbed: bool,
}

/// One rendered document.
#[derive(Clone)]
pub struct Manifest {
    /// The template's name, as Helm shows it behind `# Source:`.
    pub path: Arc<str>,
    /// The document's text, with the line break that Helm prints behind it.
    pub text: Arc<str>,
    /// `kind`, empty where there is none.
    pub kind: String,
    /// `metadata.name`, empty where there is none.
    pub name: String,
    /// `metadata.namespace`.
    pub namespace: Option<String>,
    /// What makes it a hook.
    pub hook: Option<Hook>,
    /// The document; its source is `text`.
    pub document: Document,
    /// What it holds, where it is a list.
    pub(super) items: Option<Arc<[Node]>>,
    /// Whether its template had every value that it asks for.
    pub is_whole: bool,
    /// Whether it begins on the line of the separator before it.
    pub is_joined: bool,
    /// What stands before its first letter.
    pub before: Before,
    /// Where the text begins in what the template printed.
    offset: u32,
    /// Whether it is not what was rendered, but what kustomize leaves of it or lays beside it.
    pub is_overlaid: bool,
    pieces: Pieces,
    record: Arc<Record>,
}

impl Manifest {
    /// It as kustomize leaves one of its objects.
    pub(super) fn left(&self, root: &Node) -> Self {
        let Head { kind, name, namespace, hook } = Head::read(root).unwrap_or_default();
        let document = Document { source: self.document.source, root: root.clone() };
        Self { kind, name, namespace, hook, document, items: None, is_overlaid: true, ..self.clone() }
    }

    /// An object that kustomize lays beside what was rendered, from the file of a path.
    pub(super) fn beside(root: &Node, path: &str) -> Self {
        let Head { kind, name, namespace, hook } = Head::read(root).unwrap_or_default();
        Self {
            path: path.into(),
            text: "".into(),
            kind,
            name,
            namespace,
            hook,
            document: Document { source: root.location.source, root: root.clone() },
            items: None,
            is_whole: true,
            is_joined: false,
            before: Before::default(),
            offset: 0,
            is_overlaid: true,
            pieces: Arc::from([]),
            record: Arc::default(),
        }
    }

    /// Whether a place is in what its template printed.
    pub(super) fn printed_at(&self, part: Location) -> bool {
        part.source == self.document.source && !self.pieces.is_empty()
    }

    /// What led to a part of the document.
    pub fn origins(&self, span: Span) -> Origins {
        let moved = Span { start: span.start + self.offset, end: span.end + self.offset };
        self.record.origins(&self.pieces, moved)
    }

    /// The places in the executed template that wrote a part of the document and the letters at its sides, in order; none where one is not
    /// known.
    pub fn written(&self, span: Span) -> Option<Vec<Location>> {
        let moved = Span { start: span.start + self.offset, end: span.end + self.offset };
        self.record.written(&self.pieces, moved)
    }

    /// The place of every value that the manifest's template printed from.
    pub fn printed(&self) -> impl Iterator<Item = Location> + '_ {
        self.record.printed(&self.pieces)
    }

    /// The values that a part of the document was printed from, and the record that knows them.
    pub(super) fn printed_to(&self, span: Span) -> (&Record, Vec<OriginId>) {
        let moved = Span { start: span.start + self.offset, end: span.end + self.offset };
        (&self.record, self.record.printed_to(&self.pieces, moved))
    }

    /// Whether the rendering read or looked for a digest at a path of the values.
    pub fn reads_digest(&self, path: &KeyPath) -> bool {
        self.record.reads_digest(path)
    }

    /// `Kind/name`, as `--why` takes it.
    pub fn label(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }
}

impl fmt::Debug for Manifest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Manifest")
            .field("path", &self.path)
            .field("label", &self.label())
            .finish_non_exhaustive()
    }
}

/// A template's name with what it printed.
type Note = (Arc<str>, String);

/// What was printed, by what it is.
pub(super) struct Collected {
    /// Documents in the order in which Helm prints them.
    pub(super) manifests: Vec<Manifest>,
    /// Hooks of unknown events.
    pub(super) dropped: Vec<Manifest>,
    /// What NOTES.txt says.
    pub(super) notes: Vec<Note>,
    /// Documents that are none, where that does not end the rendering.
    pub(super) faults: Vec<Error>,
}

/// The documents of everything that was printed. `softens` of the options keeps what is wrong with one from hiding the others; what a template that
/// lacks values prints is then no fault.
pub(super) fn collect(
    mut printed: Vec<Printed>,
    record: &Arc<Record>,
    sources: &Sources,
    cache: &Cache,
    options: &Options,
) -> Result<Collected, Error> {
    printed.sort_by(|left, right| left.name.cmp(&right.name));
    let (mut manifests, mut hooks, mut dropped, mut notes, mut faults) = (vec![], vec![], vec![], vec![], vec![]);
    let mut used = Used::default();
    for output in printed {
        cache.share.keep(size_of_val(&*output.pieces))?;
        if output.name.ends_with("NOTES.txt") {
            cache.share.keep(output.text.len())?;
            notes.push((output.name, output.text));
            continue;
        }
        for range in sort::documents(options.helm, &output.text) {
            let place = Place { record, output: &output, offset: u32::try_from(range.start).unwrap_or(u32::MAX) };
            // Helm prints it with a line break behind it, which ends a text in block style.
            let text = format!("{}\n", &output.text[range.clone()]).into();
            let found = cache
                .documents
                .find(&output.name, &text, &mut used)
                .map_or_else(|| place.read(text, sources, cache), Ok);
            let read = match found {
                Ok(read) => read,
                Err(error) if options.softens && error.kind == ErrorKind::Manifest => {
                    faults.extend(output.is_whole.then_some(error));
                    continue;
                }
                Err(error) => return Err(error),
            };
            used.add(&read);
            let (text, start) = (&*output.text, range.start);
            let before = Before { is_indented: is_indented(text, start), is_tabbed: is_tabbed(text, start) };
            let manifest = Manifest { is_joined: is_joined(text, start), before, ..place.manifest(read) };
            if manifest.hook.as_ref().is_some_and(Hook::is_unknown) {
                dropped.push(manifest);
            } else if manifest.hook.is_some() {
                hooks.push(manifest);
            } else {
                manifests.push(manifest);
            }
        }
    }
    let order = |left: &Manifest, right: &Manifest| sort::by_kind(options.helm, &left.kind, &right.kind);
    if let Some(like) = kept(options.like.as_ref()) {
        keep(like, [&mut manifests, &mut hooks, &mut dropped], &mut notes);
    }
    manifests.sort_by(order);
    hooks.sort_by(order);
    manifests.append(&mut hooks);
    Ok(Collected { manifests, dropped, notes, faults })
}

/// Adds what templates printed in another rendering that they print again.
fn keep(like: &Rendered, [manifests, hooks, dropped]: [&mut Vec<Manifest>; 3], notes: &mut Vec<Note>) {
    let is_kept = |manifest: &&Manifest| like.looks.keeps(&manifest.path);
    let (of_hooks, plain): (Vec<&Manifest>, Vec<&Manifest>) =
        like.manifests.iter().filter(is_kept).partition(|manifest| manifest.hook.is_some());
    manifests.extend(plain.into_iter().cloned());
    hooks.extend(of_hooks.into_iter().cloned());
    dropped.extend(like.dropped.iter().filter(is_kept).cloned());
    notes.extend(like.notes.iter().filter(|(name, _)| like.looks.keeps(name)).cloned());
    for manifests in [manifests, hooks, dropped] {
        manifests.sort_by(|left, right| left.path.cmp(&right.path).then(left.offset.cmp(&right.offset)));
    }
    notes.sort_by(|(left, _), (right, _)| left.cmp(right));
}

/// Whether a document begins on the line of its separator.
fn is_joined(text: &str, start: usize) -> bool {
    let line = text[..start].rfind('\n').map_or(0, |position| position + 1);
    text[line..start].trim_end() == "---" && text[start..].chars().next().is_some_and(|first| first != '#')
}

/// Whether a tab begins a line between the separator before a document, or the start of the text, and its first letter.
fn is_tabbed(text: &str, start: usize) -> bool {
    let before = text[..start].trim_end();
    let gap = &text[before.len()..start];
    // What follows the separator on its own line is no line's beginning.
    let lines = if before.is_empty() { gap } else { gap.split_once('\n').map_or("", |(_, lines)| lines) };
    lines.contains('\t')
}

/// Whether a document begins the text behind blanks on its line.
fn is_indented(text: &str, start: usize) -> bool {
    text[..start].trim().is_empty() && text[..start].ends_with([' ', '\t'])
}

/// Where a document stands in what a rendering printed.
#[derive(Clone, Copy)]
struct Place<'a> {
    record: &'a Arc<Record>,
    output: &'a Printed,
    offset: u32,
}

impl Place<'_> {
    /// Reads a document that no rendering of the chart printed before.
    fn read(self, text: Arc<str>, sources: &Sources, cache: &Cache) -> Result<Read, Error> {
        let name = &self.output.name;
        self.is_text(&text, sources)?;
        let source = sources.add(Source::new(format!("rendered/{name}"), Address::Rendered, Arc::clone(&text)));
        if let Some(at) = end_before_all(&text) {
            let message = "error converting YAML to JSON: yaml: did not find expected node content";
            return Err(self.refused(message, Location::new(source, at)));
        }
        let document = first_document(source, &text).map_err(|error| {
            let line = sources.start(error.location).line;
            let message = format!("error converting YAML to JSON: yaml: line {line}: {}", error.message);
            let error_at = self.refused(&message, error.location);
            if error.is_limit { Error { kind: ErrorKind::Limit, ..error_at } } else { error_at }
        })?;
        if let Some((node, number)) = document.root.endless() {
            let message = format!("error converting YAML to JSON: json: unsupported value: {number}");
            return Err(self.refused(&message, node.location));
        }
        let head = Head::read(&document.root).map_err(|node| {
            let message = format!("error unmarshaling JSON: while decoding JSON: json: {} does not fit", node.kind());
            self.refused(&message, node.location)
        })?;
        cache.share.keep(text.len() + document.root.weight() * size_of::<Node>() * 2)?;
        let items = object::items(&document.root).map(Arc::from);
        let read = Read { text, document, items, head };
        cache.documents.keep(name, &read);
        Ok(read)
    }

    /// Refuses what a template prints that has bytes which are no text: they were replaced.
    fn is_text(self, text: &Arc<str>, sources: &Sources) -> Result<(), Error> {
        let Some(at) = text.find(char::REPLACEMENT_CHARACTER).filter(|_| !self.output.is_text) else { return Ok(()) };
        let name = format!("rendered/{}", self.output.name);
        let source = sources.add(Source::new(name, Address::Rendered, Arc::clone(text)));
        let span = Span::new(at, at + char::REPLACEMENT_CHARACTER.len_utf8());
        Err(self.refused("error converting YAML to JSON: yaml: not UTF-8 text", Location::new(source, span)))
    }

    fn refused(self, message: &str, location: Location) -> Error {
        let Location { span, .. } = location;
        let moved = Span { start: span.start + self.offset, end: span.end + self.offset };
        let written_at = |span| self.record.origins(&self.output.pieces, span).template;
        // What is missed at the end was left out behind the last letter.
        let written = written_at(moved).or_else(|| written_at(last_letter(&self.output.text, moved.start)?));
        let message = format!("YAML parse error on {}: {message}", self.output.name);
        Error::new(ErrorKind::Manifest, message, written.into_iter().chain([location]))
    }

    fn manifest(self, read: Read) -> Manifest {
        let Read { text, document, items, head: Head { kind, name, namespace, hook } } = read;
        Manifest {
            path: Arc::clone(&self.output.name),
            text,
            kind,
            name,
            namespace,
            hook,
            document,
            items,
            is_whole: self.output.is_whole,
            is_joined: false,
            before: Before::default(),
            offset: self.offset,
            is_overlaid: false,
            pieces: Arc::clone(&self.output.pieces),
            record: Arc::clone(self.record),
        }
    }
}

/// The last letter before a place.
fn last_letter(text: &str, place: u32) -> Option<Span> {
    let before = text.get(..place as usize).unwrap_or(text).trim_end();
    let letter = before.chars().next_back()?;
    Some(Span::new(before.len() - letter.len_utf8(), before.len()))
}

/// Helm looks at no more than the first document of what it takes for one.
/// Where a `...` ends a document that has not begun, which Go's YAML refuses.
fn end_before_all(text: &str) -> Option<Span> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("...") {
            let is_end = rest.is_empty() || rest.starts_with(char::is_whitespace);
            return is_end.then(|| Span::new(offset, offset + 3));
        }
        let is_bare = line.trim().is_empty() || line.starts_with('#') || line.trim_end() == "---";
        if !is_bare {
            return None;
        }
        offset += line.len();
    }
    None
}

fn first_document(source: SourceId, text: &str) -> Result<Document, crate::yaml::Error> {
    let mut documents = Document::parse_all(source, text)?;
    if documents.is_empty() {
        let root = Node::null(Location::new(source, Span::default()));
        return Ok(Document { source, root });
    }
    Ok(documents.swap_remove(0))
}
