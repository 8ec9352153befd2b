//! chartgate's own cache of packages and of published policies, each under the digest of its content: what was fetched once need not be fetched again.
//!
//! Beside the packages lie notes that say which content a version of a repository had. What a note or a package cannot prove is as if it
//! were not there, and a cache that cannot be written is none.
#![expect(clippy::disallowed_methods, reason = "the one place that keeps files between runs")]

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::network::oci::artifact::Kept;
use crate::source::CHART_LIMIT;
use crate::text::hex;

/// Bytes of a note: a digest and the end of a line.
const NOTE_LIMIT: u64 = 128;

/// A folder of packages.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache in a folder, which need not exist.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The package of a version that was fetched before.
    pub fn find(&self, repository: &str, chart: &str, version: &str) -> Option<Vec<u8>> {
        let note = read(&self.note(repository, chart, version), NOTE_LIMIT)?;
        let digest = std::str::from_utf8(&note).ok()?.trim().to_owned();
        if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        read(&self.content(&digest), CHART_LIMIT).filter(|data| hex(&Sha256::digest(data)) == digest)
    }

    /// Keeps a package.
    pub fn keep(&self, repository: &str, chart: &str, version: &str, data: &[u8]) {
        let digest = hex(&Sha256::digest(data));
        let kept = write(&self.content(&digest), data);
        let noted = kept.and_then(|()| write(&self.note(repository, chart, version), format!("{digest}\n").as_bytes()));
        // The next run fetches it again.
        drop(noted);
    }

    fn content(&self, digest: &str) -> PathBuf {
        self.folder.join("sha256").join(format!("{digest}.tgz"))
    }

    fn note(&self, repository: &str, chart: &str, version: &str) -> PathBuf {
        let key = format!("{}\n{chart}\n{version}", repository.trim_end_matches('/'));
        self.folder.join("versions").join(hex(&Sha256::digest(key)))
    }
}

impl Cache {
    /// A part of a policy; below the repository that it came from, so that nobody reads another one's by its digest.
    fn part(&self, repository: &str, digest: &str) -> PathBuf {
        self.folder.join("policies").join(hex(&Sha256::digest(repository))).join(digest.replace(':', "-"))
    }
}

impl Kept for Cache {
    fn find(&self, repository: &str, digest: &str) -> Option<Vec<u8>> {
        read(&self.part(repository, digest), CHART_LIMIT)
    }

    fn keep(&self, repository: &str, digest: &str, data: &[u8]) {
        // The next run fetches it again.
        drop(write(&self.part(repository, digest), data));
    }
}

/// A regular file of at most so many bytes.
pub(super) fn read(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let metadata = std::fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > limit {
        return None;
    }
    std::fs::read(path).ok()
}

/// Writes a file in one step: another run sees all of it or nothing.
fn write(path: &Path, data: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!(".{name}.{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&aside)?;
    let written = file.write_all(data).and_then(|()| std::fs::rename(&aside, path));
    if written.is_err() {
        drop(std::fs::remove_file(&aside));
    }
    written
}
