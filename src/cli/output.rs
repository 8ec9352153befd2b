//! What leaves the process: standard output and error, and files named on the command line or by GitHub Actions.
#![expect(clippy::disallowed_methods, reason = "the one place of the command line that writes files")]

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

use super::exit;
use super::progress::Progress;
use crate::report::Format;
use crate::text::printable::Printable;

/// `--format FORMAT[=FILE]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    /// The format.
    pub(super) format: Format,
    /// The file; none is standard output.
    pub(super) file: Option<PathBuf>,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((_, "")) => Err("a file name must follow `=`".to_owned()),
            Some((format, file)) => Ok(Self { format: format.parse()?, file: Some(file.into()) }),
            None => Ok(Self { format: text.parse()?, file: None }),
        }
    }
}

/// Reads a [`Destination`] and lets shells complete the format.
#[derive(Debug, Clone, Copy)]
pub(super) struct DestinationParser;

impl TypedValueParser for DestinationParser {
    type Value = Destination;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<Destination, clap::Error> {
        let parser = clap::builder::StringValueParser::new().try_map(|text| text.parse::<Destination>());
        parser.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Format::ALL.into_iter().map(|format| PossibleValue::new(format.name()))))
    }
}

/// A standard output that was closed when the program started.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("it is closed"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Standard output and standard error.
pub(super) struct Output {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    is_broken: bool,
    progress: Arc<Progress>,
}

impl Output {
    /// Those of this process.
    pub(super) fn of_process(has_output: bool, progress: Arc<Progress>) -> Self {
        let out: Box<dyn Write> = if has_output { Box::new(std::io::stdout()) } else { Box::new(Closed) };
        Self { out, err: Box::new(std::io::stderr()), is_broken: false, progress }
    }

    /// Writes to standard output.
    pub(super) fn print(&mut self, text: &Printable) {
        self.progress.end();
        let written = self.out.write_all(text.as_str().as_bytes()).and_then(|()| self.out.flush());
        if let Err(error) = written {
            self.is_broken = true;
            // Who closed the pipe knows.
            if error.kind() != ErrorKind::BrokenPipe {
                self.refuse(format!("cannot write to standard output: {error}"));
            }
        }
    }

    /// Writes to standard error, where nobody may listen.
    pub(super) fn complain(&mut self, text: &Printable) {
        self.progress.end();
        let _ = self.err.write_all(text.as_str().as_bytes()).and_then(|()| self.err.flush());
    }

    /// Says in one line why a command cannot be carried out.
    pub(super) fn refuse(&mut self, message: impl AsRef<str>) {
        self.complain(&Printable::line(format!("error: {}", message.as_ref())));
    }

    /// The exit code of a command that ended with `code`: what did not arrive whole is no pass.
    pub(super) fn ended(&self, code: u8) -> u8 {
        if self.is_broken && code == exit::PASS { exit::UNDECIDED } else { code }
    }
}

/// How many folders a folder lies below the root of the repository around it; none where it is the root, or in no repository.
pub(super) fn depth(folder: &Path) -> usize {
    folder.ancestors().position(|above| is_there(&above.join(".git"))).unwrap_or_default()
}

/// Whether anything has this path, a link that leads nowhere too.
pub(super) fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// Refuses a file of the command line that a link in the checkout leads to: a change can bring one along, which leads anywhere.
fn leads_nowhere_else(working_dir: &Path, path: &Path) -> std::io::Result<()> {
    let root = working_dir.ancestors().nth(depth(working_dir)).unwrap_or(working_dir);
    let mut at = PathBuf::new();
    for part in working_dir.join(path).components() {
        match part {
            Component::ParentDir => _ = at.pop(),
            Component::CurDir => {}
            part => at.push(part),
        }
        if at != root && at.starts_with(root) {
            is_no_link(&at)?;
        }
    }
    Ok(())
}

/// Writes a file that was named on the command line.
pub(super) fn write(working_dir: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    leads_nowhere_else(working_dir, path)?;
    let path = working_dir.join(path);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(text.as_bytes())?;
    // Some file systems say only now that there is no room.
    if file.metadata()?.is_file() { file.sync_all() } else { Ok(()) }
}

/// Writes a file that must not exist yet, with the folders above it.
pub(super) fn create(working_dir: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    leads_nowhere_else(working_dir, path)?;
    let path = &working_dir.join(path);
    std::fs::create_dir_all(path.parent().unwrap_or(path))?;
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

/// The same as [`replace`] of a file that was named on the command line.
pub(super) fn replace_named(working_dir: &Path, path: &Path, data: &[u8], time: u64) -> std::io::Result<()> {
    leads_nowhere_else(working_dir, path)?;
    replace(&working_dir.join(path), data, time)
}

/// Writes a file of a date in one step, with the folders above it: whoever reads it sees the old bytes or the new ones.
pub(super) fn replace(path: &Path, data: &[u8], time: u64) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!(".{name}.{}", std::process::id()));
    let written = write_dated(&aside, data, time).and_then(|()| std::fs::rename(&aside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&aside);
    }
    written
}

fn write_dated(path: &Path, data: &[u8], time: u64) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(data)?;
    file.set_modified(UNIX_EPOCH + Duration::from_secs(time))?;
    file.sync_all()
}

/// Whether a path may be written to: a link would lead elsewhere.
pub(super) fn is_no_link(path: &Path) -> std::io::Result<()> {
    let is_link = std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    if is_link { Err(std::io::Error::other(format!("`{}` is a link", path.display()))) } else { Ok(()) }
}

/// The file that a path names, however it is written.
pub(super) fn named(path: &Path) -> PathBuf {
    let beside = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(beside).unwrap_or_else(|| path.to_path_buf())
}

/// Whether a path of the command line names a file.
pub(super) fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Removes a file.
pub(super) fn remove(path: &Path) -> std::io::Result<()> {
    std::fs::remove_file(path)
}

/// Adds to a file that other steps add to as well.
pub(super) fn append(path: &Path, text: &str) -> std::io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}
