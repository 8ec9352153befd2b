//! The entries of an index, read event by event: an index may have tens of megabytes, of which releases need little.

use std::collections::BTreeMap;

use granit_parser::{Event, Options, Parser};

use crate::network::digest::is_digest;

/// Levels of lists and mappings inside each other.
const DEPTH: usize = 100;

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

/// The releases that `text` lists, or why it is no index.
pub(super) fn read(text: &str) -> Result<Entries, String> {
    let mut options = Options::default();
    options.flow_nesting_limit = DEPTH;
    options.block_nesting_limit = DEPTH;
    let mut reader = Reader::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, _) = event.map_err(|error| error.info())?;
        match event {
            Event::MappingStart(..) => reader.open(true)?,
            Event::SequenceStart(..) => reader.open(false)?,
            Event::MappingEnd | Event::SequenceEnd => reader.close()?,
            Event::Scalar(text, ..) => reader.scalar(&text)?,
            Event::Alias(_) => reader.alias()?,
            _ => {}
        }
    }
    if reader.has_entries { Ok(reader.entries) } else { Err("it has no `entries`".into()) }
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
    has_entries: bool,
}

/// Where in an index something stands.
enum Position<'a> {
    /// `entries`
    Charts,
    /// `entries.<chart>[]`
    Release(&'a str),
    /// A field of a release, or the items of one.
    Field(&'a str),
    Elsewhere,
}

impl Reader {
    fn position(&self) -> Position<'_> {
        let Some(Frame::Mapping(Some(first))) = self.frames.first() else { return Position::Elsewhere };
        if first != "entries" {
            return Position::Elsewhere;
        }
        match &self.frames[1..] {
            [] => Position::Charts,
            [Frame::Mapping(Some(chart)), Frame::List] => Position::Release(chart),
            [Frame::Mapping(_), Frame::List, Frame::Mapping(Some(field))]
            | [Frame::Mapping(_), Frame::List, Frame::Mapping(Some(field)), Frame::List] => Position::Field(field),
            _ => Position::Elsewhere,
        }
    }

    fn open(&mut self, is_mapping: bool) -> Result<(), String> {
        if matches!(self.frames.last(), Some(Frame::Mapping(None))) {
            return Err("a key is a list or mapping".into());
        }
        match self.position() {
            Position::Charts => self.has_entries = true,
            Position::Release(_) => self.entry = Entry::default(),
            _ => {}
        }
        self.frames.push(if is_mapping { Frame::Mapping(None) } else { Frame::List });
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let was_mapping = matches!(self.frames.pop(), Some(Frame::Mapping(_)));
        if let Position::Release(chart) = self.position()
            && was_mapping
        {
            let (chart, entry) = (chart.to_owned(), std::mem::take(&mut self.entry));
            if entry.version.is_empty() {
                return Err(format!("a release of `{chart}` has no version"));
            }
            self.entries.entry(chart).or_default().push(entry);
        }
        self.end_value();
        Ok(())
    }

    fn scalar(&mut self, text: &str) -> Result<(), String> {
        if let Some(Frame::Mapping(key @ None)) = self.frames.last_mut() {
            *key = Some(text.to_owned());
            return Ok(());
        }
        match self.position() {
            // `entries:` with nothing in it.
            Position::Charts => self.has_entries = true,
            Position::Release(chart) => return Err(format!("a release of `{chart}` is no mapping")),
            Position::Field("version") => text.clone_into(&mut self.entry.version),
            Position::Field("digest") => self.entry.digest = digest(text),
            Position::Field("urls") if self.entry.url.is_none() => self.entry.url = Some(text.to_owned()),
            Position::Field(_) | Position::Elsewhere => {}
        }
        self.end_value();
        Ok(())
    }

    /// What an alias stands for is not kept, so that it may stand for nothing that is needed.
    fn alias(&mut self) -> Result<(), String> {
        let is_needed = match self.position() {
            Position::Charts | Position::Release(_) => true,
            Position::Field(field) => matches!(field, "version" | "digest" | "urls"),
            Position::Elsewhere => matches!(self.frames[..], [Frame::Mapping(None)] | [_, Frame::Mapping(_)]),
        };
        if is_needed {
            return Err("it uses an alias for what releases need".into());
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
             digest: x\n    annotations: {{ version: 7 }}\n  none: []\ngenerated: now\n"
        );
        let digest = format!("sha256:{sum}");
        let releases = vec![entry("1.2.0", Some(&digest), Some("agents-1.2.0.tgz")), entry("1.10", None, None)];
        assert_eq!(read(&text), Ok(BTreeMap::from([("agents".to_owned(), releases)])));
        assert_eq!(read("entries: {}"), Ok(Entries::new()));
        assert_eq!(read("entries:\n"), Ok(Entries::new()));
        let json = r#"{"entries": {"a": [{"version": "1.0.0", "urls": ["a.tgz"]}]}}"#;
        let releases = vec![entry("1.0.0", None, Some("a.tgz"))];
        assert_eq!(read(json), Ok(BTreeMap::from([("a".to_owned(), releases)])));
    }

    #[test]
    fn what_is_no_index_says_why() {
        let wrong = [
            ("", "it has no `entries`"),
            ("a: 1", "it has no `entries`"),
            ("[entries]", "it has no `entries`"),
            ("entries: { a: [b] }", "a release of `a` is no mapping"),
            ("entries: { a: [{ name: a }] }", "a release of `a` has no version"),
            ("x: &x 1\nentries: { a: [{ version: *x }] }", "it uses an alias for what releases need"),
            ("x: &x {}\nentries: { a: *x }", "it uses an alias for what releases need"),
            ("{a: 1}: 1", "it has no `entries`"),
            ("? [a]\n: 1", "a key is a list or mapping"),
        ];
        for (text, reason) in wrong {
            let found = read(text);
            assert!(found.as_ref().is_err(), "{text} {found:?}");
            assert!(
                found.as_ref().is_err_and(|found| found.contains(reason) || text.starts_with('{')),
                "{text} {found:?}"
            );
        }
        assert!(read(&"[".repeat(10_000)).is_err());
    }
}
