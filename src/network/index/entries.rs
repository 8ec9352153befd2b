//! The entries of an index, read event by event: an index may have tens of megabytes, of which releases need little.

use std::collections::BTreeMap;
use std::fmt;

use granit_parser::{Event, Options, Parser, ScalarStyle};

use crate::network::digest::is_digest;

/// Levels of lists and mappings inside each other.
const DEPTH: usize = 100;

/// Releases of all charts together: ten times what the largest public index has.
const RELEASES: usize = 300_000;

/// Releases by chart, in the order of the index.
pub(super) type Entries = BTreeMap<String, Vec<Entry>>;

/// A release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// As Chart.yaml writes it.
    pub(super) version: String,
    /// `sha256:…`
    pub(super) digest: Option<String>,
    /// The first address of its package, absolute or relative to the index.
    pub(super) url: Option<String>,
}

/// Why a text is no index, at a line of it. Nothing of the text is quoted: it is a server's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    what: &'static str,
    /// From 1; none for the whole.
    line: Option<usize>,
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.what)?;
        self.line.map_or(Ok(()), |line| write!(formatter, " in line {line}"))
    }
}

/// The releases that `text` lists, or why it is no index.
pub(super) fn read(text: &str) -> Result<Entries, Wrong> {
    let mut options = Options::default();
    options.flow_nesting_limit = DEPTH;
    options.block_nesting_limit = DEPTH;
    let mut reader = Reader::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) =
            event.map_err(|error| Wrong { what: "it is not YAML", line: Some(error.marker().line()) })?;
        let read = match event {
            Event::MappingStart(..) => reader.open(true),
            Event::SequenceStart(..) => reader.open(false),
            Event::MappingEnd | Event::SequenceEnd => reader.close(),
            Event::Scalar(text, style, ..) => reader.scalar(&text, style == ScalarStyle::Plain),
            Event::Alias(_) => reader.alias(),
            // Helm reads no further.
            Event::DocumentEnd => break,
            _ => Ok(()),
        };
        read.map_err(|what| Wrong { what, line: Some(span.start.line()) })?;
    }
    match (reader.has_version, reader.has_entries) {
        (_, false) => Err(Wrong { what: "it has no `entries`", line: None }),
        (false, true) => Err(Wrong { what: "it has no `apiVersion`", line: None }),
        (true, true) => Ok(reader.entries),
    }
}

/// A list or mapping that is open.
enum Frame {
    List,
    /// With the key whose value comes next.
    Mapping(Option<String>),
}

#[derive(Default)]
struct Reader {
    frames: Vec<Frame>,
    entry: Entry,
    entries: Entries,
    count: usize,
    has_version: bool,
    has_entries: bool,
}

/// Where in an index something stands.
#[derive(Clone, Copy)]
enum Position<'a> {
    /// The whole.
    Index,
    /// `apiVersion`
    Version,
    /// `entries`
    Charts,
    /// `entries.<chart>`
    Chart(&'a str),
    /// `entries.<chart>[]`
    Release(&'a str),
    /// A field of a release.
    Field(&'a str),
    /// An item of a field of a release.
    Item(&'a str),
    Elsewhere,
}

type Read = Result<(), &'static str>;

impl Reader {
    fn position(&self) -> Position<'_> {
        use Frame::{List, Mapping};
        match &self.frames[..] {
            [] => Position::Index,
            [Mapping(Some(key))] if key == "apiVersion" => Position::Version,
            [Mapping(Some(key)), inner @ ..] if key == "entries" => match inner {
                [] => Position::Charts,
                [Mapping(Some(chart))] => Position::Chart(chart),
                [Mapping(Some(chart)), List] => Position::Release(chart),
                [Mapping(_), List, Mapping(Some(field))] => Position::Field(field),
                [Mapping(_), List, Mapping(Some(field)), List] => Position::Item(field),
                _ => Position::Elsewhere,
            },
            _ => Position::Elsewhere,
        }
    }

    fn open(&mut self, is_mapping: bool) -> Read {
        if matches!(self.frames.last(), Some(Frame::Mapping(None))) {
            return Err("a key is a list or mapping");
        }
        match (self.position(), is_mapping) {
            (Position::Index, false) => return Err("it is a list"),
            (Position::Version, _) => return Err("`apiVersion` is no text"),
            (Position::Charts, false) => return Err("`entries` is a list"),
            (Position::Charts, true) if self.has_entries => return Err("`entries` is there twice"),
            (Position::Charts, true) => self.has_entries = true,
            (Position::Chart(_), true) => return Err("the releases of a chart are no list"),
            (Position::Chart(chart), false) => {
                let chart = chart.to_owned();
                if self.entries.insert(chart, vec![]).is_some() {
                    return Err("a chart is there twice");
                }
            }
            (Position::Release(_), false) => return Err("a release is a list"),
            (Position::Release(_), true) => self.begin()?,
            (Position::Field("version" | "digest"), _) => return Err("`version` or `digest` is no text"),
            (Position::Field("urls"), true) => return Err("`urls` is no list"),
            (Position::Item("urls"), _) => return Err("a URL is no text"),
            _ => {}
        }
        self.frames.push(if is_mapping { Frame::Mapping(None) } else { Frame::List });
        Ok(())
    }

    fn begin(&mut self) -> Read {
        self.entry = Entry::default();
        self.count += 1;
        if self.count > RELEASES { Err("more than 300,000 releases are listed") } else { Ok(()) }
    }

    fn close(&mut self) -> Read {
        let was_mapping = matches!(self.frames.pop(), Some(Frame::Mapping(_)));
        if let Position::Release(chart) = self.position()
            && was_mapping
        {
            let (chart, entry) = (chart.to_owned(), std::mem::take(&mut self.entry));
            if entry.version.is_empty() {
                return Err("a release has no version");
            }
            self.entries.entry(chart).or_default().push(entry);
        }
        self.end_value();
        Ok(())
    }

    fn scalar(&mut self, text: &str, is_plain: bool) -> Read {
        if let Some(Frame::Mapping(key @ None)) = self.frames.last_mut() {
            *key = Some(text.to_owned());
            return Ok(());
        }
        let is_nothing = is_plain && matches!(text, "" | "~" | "null" | "Null" | "NULL");
        match self.position() {
            Position::Index => return Err("it is a text"),
            Position::Version => self.has_version = !is_nothing && !text.is_empty(),
            Position::Charts if is_nothing && !self.has_entries => self.has_entries = true,
            Position::Charts => return Err("`entries` is no mapping"),
            Position::Chart(_) | Position::Field("version") if is_nothing => {}
            Position::Chart(_) => return Err("the releases of a chart are no list"),
            Position::Release(_) => return Err("a release is no mapping"),
            Position::Field("version") => text.clone_into(&mut self.entry.version),
            Position::Field("digest") => self.entry.digest = digest(text),
            Position::Field("urls") if !is_nothing => return Err("`urls` is no list"),
            Position::Item("urls") if self.entry.url.is_none() => self.entry.url = Some(text.to_owned()),
            _ => {}
        }
        self.end_value();
        Ok(())
    }

    /// What an alias stands for is not kept, so that it may stand for nothing that is needed.
    fn alias(&mut self) -> Read {
        let is_key = matches!(self.frames.last(), Some(Frame::Mapping(None)));
        let is_needed = match self.position() {
            Position::Elsewhere => is_key,
            Position::Field(field) | Position::Item(field) => matches!(field, "version" | "digest" | "urls"),
            _ => true,
        };
        if is_needed {
            return Err("it uses an alias for what releases need");
        }
        self.end_value();
        Ok(())
    }

    fn end_value(&mut self) {
        if let Some(Frame::Mapping(key)) = self.frames.last_mut() {
            *key = None;
        }
    }
}

/// A digest as descriptors write it; none where it is of an unknown kind.
fn digest(text: &str) -> Option<String> {
    let digest = if text.contains(':') { text.to_owned() } else { format!("sha256:{text}") };
    is_digest(&digest).then_some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(version: &str, digest: Option<&str>, url: Option<&str>) -> Entry {
        let digest = digest.map(str::to_owned);
        Entry { version: version.into(), digest, url: url.map(Into::into) }
    }

    #[test]
    fn releases_are_read_and_the_rest_is_passed_over() {
        let sum = "a".repeat(64);
        let text = format!(
            "apiVersion: v1\nentries:\n  agents:\n  - apiVersion: v2\n    dependencies:\n    - name: redis\n      version: 9.9.9\n      urls: [x]\n    \
             digest: {sum}\n    name: agents\n    urls:\n    - agents-1.2.0.tgz\n    - other.tgz\n    version: 1.2.0\n  - version: \"1.10\"\n    \
             digest: x\n    annotations: {{ version: 7 }}\n  none: []\n  nothing:\ngenerated: now\n---\nentries: 7\n"
        );
        let digest = format!("sha256:{sum}");
        let releases = vec![entry("1.2.0", Some(&digest), Some("agents-1.2.0.tgz")), entry("1.10", None, None)];
        let expected = BTreeMap::from([("agents".to_owned(), releases), ("none".to_owned(), vec![])]);
        assert_eq!(read(&text), Ok(expected));
        for none in ["{}", "", "null", "~"] {
            assert_eq!(read(&format!("apiVersion: v1\nentries: {none}\n")), Ok(Entries::new()), "{none}");
        }
        let json = r#"{"entries": {"a": [{"version": "1.0.0", "urls": ["a.tgz"]}]}, "apiVersion": "v1"}"#;
        let releases = vec![entry("1.0.0", None, Some("a.tgz"))];
        assert_eq!(read(json), Ok(BTreeMap::from([("a".to_owned(), releases)])));
    }

    #[test]
    fn what_is_no_index_says_why_and_quotes_nothing() {
        let wrong = [
            ("", "it has no `entries`"),
            ("a: 1", "it has no `entries`"),
            ("entries: {}", "it has no `apiVersion`"),
            ("[entries]", "it is a list in line 1"),
            ("hello", "it is a text in line 1"),
            ("entries: hello", "`entries` is no mapping in line 1"),
            ("entries: ''", "`entries` is no mapping in line 1"),
            ("entries: []", "`entries` is a list in line 1"),
            ("entries: {}\nentries: {}", "`entries` is there twice in line 2"),
            ("entries:\n  a: []\n  a: []", "a chart is there twice in line 3"),
            ("entries: { a: hello }", "the releases of a chart are no list in line 1"),
            ("entries: { a: { version: 1.0.0 } }", "the releases of a chart are no list in line 1"),
            ("entries: { a: [b] }", "a release is no mapping in line 1"),
            ("entries: { a: [[]] }", "a release is a list in line 1"),
            ("entries: { a: [{ name: a }] }", "a release has no version in line 1"),
            ("entries: { a: [{ version: }] }", "a release has no version in line 1"),
            ("entries: { a: [{ version: {} }] }", "`version` or `digest` is no text in line 1"),
            ("entries: { a: [{ urls: a.tgz }] }", "`urls` is no list in line 1"),
            ("entries: { a: [{ urls: { a: b } }] }", "`urls` is no list in line 1"),
            ("x: &x 1\nentries: { a: [{ version: *x }] }", "it uses an alias for what releases need in line 2"),
            ("x: &x {}\nentries: { a: *x }", "it uses an alias for what releases need in line 2"),
            ("x: &x {}\nentries: *x", "it uses an alias for what releases need in line 2"),
            ("? [a]\n: 1", "a key is a list or mapping in line 1"),
            ("a: 'b", "it is not YAML in line 1"),
        ];
        for (text, reason) in wrong {
            assert_eq!(read(text).map_err(|wrong| wrong.to_string()), Err(reason.to_owned()), "{text}");
        }
        assert!(read(&"[".repeat(10_000)).is_err());
    }
}
