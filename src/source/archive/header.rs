//! What stands at the head of an entry that readers of tar take in different ways: Helm reads with Go's `archive/tar`, and what is judged has
//! to be what that one reads. No packaging program writes any of it.

use std::collections::BTreeSet;
use std::io::Read;

/// What Go knows of the magic words (`format.go`): other versions of them it reads as well, with other fields.
const MAGIC: [&[u8]; 3] = [b"ustar\x0000", b"ustar  \0", b"\0\0\0\0\0\0\0\0"];
const MAGIC_AT: std::ops::Range<usize> = 257..265;
/// Where `star` signs its own format, whose long names begin elsewhere.
const STAR_AT: std::ops::Range<usize> = 508..512;
/// The bits of a mode that say what it is, and those of a folder (`c_ISDIR`).
const KIND_BITS: u32 = !0o7777;
const FOLDER_BITS: u32 = 0o040_000;

/// Why an entry may be another one to Helm; none where there is one way to read it.
pub(super) fn doubt(entry: &mut tar::Entry<'_, impl Read>, name: &str) -> Option<String> {
    let bytes = entry.header().as_bytes();
    if !MAGIC.contains(&&bytes[MAGIC_AT]) {
        return Some("it has no magic word of tar".to_owned());
    }
    if &bytes[STAR_AT] == b"tar\0" {
        return Some("its head is one of `star`".to_owned());
    }
    if name.contains(['\0', char::REPLACEMENT_CHARACTER]) {
        return Some("its name is no text".to_owned());
    }
    let Ok(extensions) = entry.pax_extensions() else { return Some("its PAX records cannot be read".to_owned()) };
    let mut known = BTreeSet::new();
    for extension in extensions.into_iter().flatten() {
        let record = extension.as_ref().ok().and_then(|record| Some((record.key().ok()?, record.value_bytes())));
        let Some((key, value)) = record else { return Some("its PAX records cannot be read".to_owned()) };
        if key.starts_with("GNU.sparse.") {
            return Some(format!("it has the PAX record `{key}`"));
        }
        if key == "path" && value.is_empty() || !known.insert(key.to_owned()) {
            return Some(format!("it has the PAX record `{key}` {}", if value.is_empty() { "empty" } else { "twice" }));
        }
    }
    None
}

/// Whether Helm passes over an entry as a folder: its type says so, or its mode, or it is of before POSIX and its name ends like one.
pub(super) fn is_folder(header: &tar::Header, name: &str) -> bool {
    let kind = header.entry_type();
    let of_mode = || header.mode().is_ok_and(|mode| mode & KIND_BITS == FOLDER_BITS);
    let is_old = || header.as_bytes()[156] == 0 && name.ends_with('/');
    kind.is_dir() || of_mode() || is_old()
}
