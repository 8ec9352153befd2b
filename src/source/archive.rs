//! A packaged chart as a [`Tree`] whose root is the chart's folder, read with Helm's own care (`pkg/chart/loader/archive/archive.go`).
#![expect(clippy::disallowed_methods, reason = "a packaged chart is read here; the modules above see a `Tree`")]

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use super::{CHART_LIMIT, Entry, EntryKind, Error, Extra, FILE_LIMIT, LinkFault, Tree, below, is_absent, join};
use crate::text::Address;

mod header;

/// What an archive may unpack to, headers and padding included, before reading stops.
const STREAM_LIMIT: u64 = CHART_LIMIT + CHART_LIMIT / 2;

/// A `.tgz`, unpacked into memory.
pub struct Archive {
    /// Path of the archive as it is reported.
    shown: String,
    files: BTreeMap<String, Content>,
    extras: Vec<Extra>,
    /// The provenance file beside it.
    signed: Option<Signed>,
}

/// A package with the provenance file that lies beside it.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The text of the provenance file.
    pub provenance: String,
    /// The package's bytes.
    pub data: Arc<[u8]>,
}

/// What a provenance file may have.
const PROVENANCE_LIMIT: u64 = 1024 * 1024;

enum Content {
    File(Vec<u8>),
    Link,
}

impl fmt::Debug for Archive {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Archive").field("shown", &self.shown).finish_non_exhaustive()
    }
}

impl Archive {
    /// The archive on disk at `path`, reported as `shown`.
    ///
    /// # Errors
    /// As [`Archive::from_bytes`], and [`Error::NotFound`], [`Error::WrongKind`], [`Error::Unreadable`].
    pub fn open(path: &Path, shown: &str) -> Result<Self, Error> {
        let unreadable = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound => Error::NotFound { path: shown.to_owned() },
            _ => Error::Unreadable { path: shown.to_owned(), reason: error.to_string() },
        };
        let metadata = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
        if !metadata.is_file() {
            let found = if metadata.is_dir() { "a folder" } else { "not a regular file" };
            return Err(Error::WrongKind { path: shown.to_owned(), found });
        }
        if metadata.len() > CHART_LIMIT {
            return Err(Error::TooLarge { path: shown.to_owned(), limit: CHART_LIMIT });
        }
        let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
        let mut beside = path.as_os_str().to_owned();
        beside.push(".prov");
        let provenance = provenance(Path::new(&beside), &format!("{shown}.prov"))?;
        Ok(Self::from_bytes(&bytes, shown)?.signed(&bytes, provenance))
    }

    /// The archive with the provenance file beside it, where there is one. `bytes` are the archive's own.
    pub fn signed(mut self, bytes: &[u8], provenance: Option<Vec<u8>>) -> Self {
        let text = provenance.map(|data| String::from_utf8_lossy(&data).into_owned());
        self.signed = text.map(|provenance| Signed { provenance, data: bytes.into() });
        self
    }

    /// The archive in `bytes`, reported as `shown`.
    ///
    /// # Errors
    /// [`Error::Malformed`] and [`Error::TooLarge`] for what Helm refuses.
    pub fn from_bytes(bytes: &[u8], shown: &str) -> Result<Self, Error> {
        let malformed = |reason: String| Error::Malformed { path: shown.to_owned(), reason };
        if !bytes.starts_with(b"\x1f\x8b\x08") {
            return Err(malformed("it is not compressed with gzip".into()));
        }
        let mut reader = Reader { shown, remaining: CHART_LIMIT, top: None, files: BTreeMap::new(), extras: vec![] };
        let mut stream = Tail { inner: MultiGzDecoder::new(bytes).take(STREAM_LIMIT), zeros: 0 };
        let read = reader.read_all(&mut stream).map(|()| reader.read_end(&mut stream));
        if stream.inner.limit() == 0 {
            return Err(Error::TooLarge { path: shown.to_owned(), limit: CHART_LIMIT });
        }
        read?;
        if reader.files.is_empty() {
            return Err(malformed("it holds no files".into()));
        }
        Ok(Self { shown: shown.to_owned(), files: reader.files, extras: reader.extras, signed: None })
    }

    /// Bytes of all files together.
    pub fn size(&self) -> u64 {
        let size = |content: &Content| if let Content::File(data) = content { data.len() as u64 } else { 0 };
        self.files.values().map(size).sum()
    }
}

/// A provenance file; none where there is none.
fn provenance(path: &Path, shown: &str) -> Result<Option<Vec<u8>>, Error> {
    let shown = || shown.to_owned();
    let unreadable = |error: io::Error| Error::Unreadable { path: shown(), reason: error.to_string() };
    let found = match std::fs::metadata(path) {
        Err(error) if is_absent(&error) => return Ok(None),
        found => found.map_err(unreadable)?,
    };
    if !found.is_file() {
        return Err(Error::WrongKind { path: shown(), found: "not a regular file" });
    }
    if found.len() > PROVENANCE_LIMIT {
        return Err(Error::TooLarge { path: shown(), limit: PROVENANCE_LIMIT });
    }
    std::fs::read(path).map(Some).map_err(unreadable)
}

impl Tree for Archive {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let first = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let entries: Vec<_> = self
            .files
            .range(first.clone()..)
            .take_while(|(path, _)| path.starts_with(&first))
            .map(|(path, content)| Entry { path: path.clone(), kind: content.kind() })
            .collect();
        match (entries.is_empty(), self.files.contains_key(folder)) {
            (false, _) => Ok(entries),
            (true, true) => Err(Error::WrongKind { path: folder.to_owned(), found: "a file" }),
            (true, false) => Err(Error::NotFound { path: folder.to_owned() }),
        }
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error> {
        match self.files.get(path) {
            Some(Content::File(data)) if data.len() as u64 > limit => {
                Err(Error::TooLarge { path: path.to_owned(), limit })
            }
            Some(Content::File(data)) => Ok(data.clone()),
            Some(Content::Link) => Ok(vec![]),
            None if self.files.keys().any(|file| below(file, path).is_some()) => {
                Err(Error::WrongKind { path: path.to_owned(), found: "a folder" })
            }
            None => Err(Error::NotFound { path: path.to_owned() }),
        }
    }

    fn address(&self, _path: &str) -> Address {
        Address::Archived { archive: self.shown.clone() }
    }

    fn extras(&self) -> &[Extra] {
        &self.extras
    }

    fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }

    fn shown(&self, path: &str) -> String {
        join(&self.shown, path)
    }
}

impl Content {
    fn kind(&self) -> EntryKind {
        match self {
            Self::File(data) => EntryKind::File { size: data.len() as u64 },
            Self::Link => EntryKind::BrokenLink { why: LinkFault::Archived },
        }
    }
}

struct Reader<'a> {
    shown: &'a str,
    /// Bytes that the chart may still have.
    remaining: u64,
    /// The folder that the first file stands in.
    top: Option<String>,
    files: BTreeMap<String, Content>,
    extras: Vec<Extra>,
}

/// A stream that knows how many zeros it ended with.
struct Tail<R> {
    inner: R,
    zeros: usize,
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let zeros = buffer[..count].iter().rev().take_while(|byte| **byte == 0).count();
        self.zeros = if zeros == count { self.zeros + zeros } else { zeros };
        Ok(count)
    }
}

/// An archive ends with two blocks of zeros (POSIX `pax`, "ustar Interchange Format").
const END: usize = 1024;

impl Reader<'_> {
    fn malformed(&self, reason: impl Into<String>) -> Error {
        Error::Malformed { path: self.shown.to_owned(), reason: reason.into() }
    }

    fn damaged(&self, error: &io::Error) -> Error {
        self.malformed(match error.kind() {
            io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
            _ => error.to_string(),
        })
    }

    fn read_all(&mut self, stream: &mut impl Read) -> Result<(), Error> {
        let mut archive = tar::Archive::new(stream);
        let entries = archive.entries().map_err(|error| self.damaged(&error))?;
        for entry in entries {
            let mut entry = entry.map_err(|error| self.damaged(&error))?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if let Some(why) = header::doubt(&mut entry, &name) {
                return Err(
                    self.malformed(format!("readers of tar differ on its entry `{}`: {why}", name.escape_debug()))
                );
            }
            let kind = entry.header().entry_type();
            if kind.is_pax_global_extensions() {
                continue;
            }
            if header::is_folder(entry.header(), &name) {
                let data = self.content(&mut entry, &name)?;
                if !data.is_empty() || !kind.is_dir() {
                    self.extra(name, "is a folder that is written as a file", data);
                }
                continue;
            }
            let path = path_in_chart(&name).map_err(|reason| self.malformed(reason))?;
            let is_link = kind.is_symlink() || kind.is_hard_link();
            let content = if is_link { Content::Link } else { Content::File(self.content(&mut entry, &path)?) };
            if name.ends_with('/') {
                self.extra(path.clone(), "is a file that is called like a folder", vec![]);
            }
            if !is_link && !kind.is_file() && !kind.is_contiguous() {
                self.extra(path.clone(), "is not a regular file", vec![kind.as_byte()]);
            }
            let top = name.split(['/', '\\']).find(|part| !matches!(*part, "" | ".")).unwrap_or_default();
            if self.top.get_or_insert_with(|| top.to_owned()) != top {
                self.extra(path.clone(), "stands in a second top folder", top.as_bytes().to_vec());
            }
            // Helm reads both of two files with one path, and the later one counts.
            if let Some(earlier) = self.files.insert(path.clone(), content) {
                let data = if let Content::File(data) = earlier { data } else { vec![] };
                self.extra(path, "stands in it more than once", data);
            }
        }
        Ok(())
    }

    /// Reads what stands behind the last entry, which no reader of charts looks at.
    fn read_end(&mut self, stream: &mut Tail<impl Read>) {
        let mut hidden = vec![];
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) if buffer[..count].iter().all(|byte| *byte == 0) => {}
                Ok(count) => hidden.extend_from_slice(&buffer[..count]),
                Err(_) => {
                    self.extra(String::new(), "has an end that cannot be unpacked", vec![]);
                    return;
                }
            }
        }
        if !hidden.is_empty() {
            self.extra(String::new(), "holds data behind its last entry", hidden);
        } else if stream.zeros < END {
            self.extra(String::new(), "lacks its end", vec![]);
        }
    }

    fn extra(&mut self, path: String, what: &'static str, data: Vec<u8>) {
        self.extras.push(Extra { path, what, data });
    }

    fn content(&mut self, entry: &mut tar::Entry<'_, impl Read>, path: &str) -> Result<Vec<u8>, Error> {
        let size = entry.size();
        if size > self.remaining {
            return Err(Error::TooLarge { path: self.shown.to_owned(), limit: CHART_LIMIT });
        }
        if size > FILE_LIMIT {
            return Err(Error::TooLarge { path: join(self.shown, path), limit: FILE_LIMIT });
        }
        self.remaining -= size;
        let mut data = vec![];
        entry.read_to_end(&mut data).map_err(|error| self.damaged(&error))?;
        if (data.len() as u64) < size {
            return Err(self.malformed("it ends too early"));
        }
        Ok(data)
    }
}

/// The path below the top folder, by Helm's rules.
fn path_in_chart(name: &str) -> Result<String, String> {
    // Archives made on Windows may have backslashes for slashes.
    let delimiter = if name.contains('\\') { '\\' } else { '/' };
    let (top, rest) = name.split_once(delimiter).unwrap_or((name, ""));
    let rest = rest.replace(delimiter, "/");
    if rest.starts_with('/') {
        return Err(format!("the path `{name}` is absolute"));
    }
    let path = clean(&rest);
    if path.is_empty() {
        return Err(format!("`{name}` does not stand in the chart's folder"));
    }
    if path.starts_with("..") {
        return Err(format!("the path `{name}` leads out of the chart"));
    }
    let mut start = path.chars();
    if start.next().is_some_and(|letter| letter.is_ascii_alphabetic()) && start.as_str().starts_with(":/") {
        return Err(format!("the path `{name}` names a drive"));
    }
    if top == "Chart.yaml" {
        return Err("Chart.yaml does not stand in a folder".into());
    }
    Ok(path)
}

/// The shortest path that means the same, as Go's `path.Clean` has it; empty for the folder itself.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_judged_as_helm_judges_them() {
        let cases = [
            ("agents/Chart.yaml", Ok("Chart.yaml")),
            ("agents/a/./b//c", Ok("a/b/c")),
            ("agents\\templates\\a.yaml", Ok("templates/a.yaml")),
            ("./agents/Chart.yaml", Ok("agents/Chart.yaml")),
            ("/agents/Chart.yaml", Ok("agents/Chart.yaml")),
            ("agents/a/../b", Ok("b")),
            ("Chart.yaml", Err("`Chart.yaml` does not stand in the chart's folder")),
            ("Chart.yaml/x", Err("Chart.yaml does not stand in a folder")),
            ("agents//etc/passwd", Err("the path `agents//etc/passwd` is absolute")),
            ("agents/../../x", Err("the path `agents/../../x` leads out of the chart")),
            ("agents/..x", Err("the path `agents/..x` leads out of the chart")),
            ("agents/c:/x", Err("the path `agents/c:/x` names a drive")),
            ("agents\\c:\\x", Err("the path `agents\\c:\\x` names a drive")),
        ];
        for (name, expected) in cases {
            let found = path_in_chart(name);
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{name}");
        }
    }
}
