//! Files of the user's own, outside every tree: credentials and certificates.
#![expect(clippy::disallowed_methods, reason = "these lie in the user's home, in no tree")]

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Bytes of such a file.
const LIMIT: u64 = 4 * 1024 * 1024;

/// The content of a regular file of bounded size.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait for a writer.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut content = vec![];
    File::open(path)?.take(LIMIT + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LIMIT { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(content) }
}
