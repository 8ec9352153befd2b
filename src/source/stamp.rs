//! What tells one state of a file from another without reading it.
#![expect(clippy::disallowed_methods, reason = "a file that was written a moment ago is known by the clock")]

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

use super::BlobId;

/// A state of a file: where two are the same, so is what the file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stamp {
    /// Of a file on disk.
    Disk(Disk),
    /// Of a text that is known whole.
    Content(BlobId),
}

/// What the file system says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    size: u64,
    modified: SystemTime,
    /// When the file, or what is said of it, was changed last.
    changed: SystemTime,
    /// Device and number of the file, where the system counts them.
    node: [u64; 2],
}

/// How long a file must have been left alone. Two changes within one tick of a file system's clock look like one; the coarsest that are in use
/// tick every two seconds.
const SETTLED: Duration = Duration::from_secs(3);

impl Stamp {
    /// The state of a file on disk; none where it was changed so lately that another change might not show.
    pub(super) fn of(metadata: &Metadata) -> Option<Self> {
        let (modified, changed) = (metadata.modified().ok()?, changed(metadata)?);
        let is_settled = SystemTime::now().duration_since(changed).is_ok_and(|age| age > SETTLED);
        is_settled.then_some(Self::Disk(Disk { size: metadata.len(), modified, changed, node: node(metadata) }))
    }
}

#[cfg(unix)]
fn node(metadata: &Metadata) -> [u64; 2] {
    use std::os::unix::fs::MetadataExt as _;
    [metadata.dev(), metadata.ino()]
}

#[cfg(not(unix))]
fn node(_metadata: &Metadata) -> [u64; 2] {
    [0, 0]
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt as _;
    let seconds = Duration::from_secs(u64::try_from(metadata.ctime()).ok()?);
    let rest = Duration::from_nanos(u64::try_from(metadata.ctime_nsec()).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(seconds.checked_add(rest)?)
}

#[cfg(not(unix))]
fn changed(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}
