//! What git writes to disk of a content that it keeps. Only what git itself would write counts: a change of the same form that somebody makes is a
//! change.

use sha2::{Digest, Sha256};

use crate::source::{BlobId, lfs};
use crate::text::hex;

/// Whether a file may be what git writes of a content that it keeps: with other line ends, with its id in `$Id$` (`gitattributes`, `eol` and
/// `ident`), or what Git LFS fetches for a pointer.
pub(super) fn is_written_of(kept: &[u8], written: &[u8]) -> bool {
    let identified = with_identity(kept);
    let forms = [kept, &*identified];
    is_pointer_to(kept, written) || forms.iter().any(|form| *form == written || with_returns(form) == written)
}

/// Whether a content is a Git LFS pointer to another.
fn is_pointer_to(pointer: &[u8], content: &[u8]) -> bool {
    let text = std::str::from_utf8(pointer).ok().filter(|_| lfs::is_pointer(pointer));
    let Some(text) = text else { return false };
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let digest = format!("sha256:{}", hex(&Sha256::digest(content)));
    field("size") == Some(content.len().to_string().as_str()) && field("oid") == Some(digest.as_str())
}

/// A text with `\r\n` for every `\n`; as it is where it is no text, or has some already.
fn with_returns(kept: &[u8]) -> Vec<u8> {
    if kept.iter().any(|byte| matches!(byte, 0 | b'\r')) {
        return kept.to_vec();
    }
    let lines: Vec<&[u8]> = kept.split(|byte| *byte == b'\n').collect();
    lines.join(&b"\r\n"[..])
}

/// A text with its id in the place of every `$Id$`.
fn with_identity(kept: &[u8]) -> Vec<u8> {
    const MARK: &[u8] = b"$Id$";
    let Some(id) = BlobId::of(kept).filter(|_| kept.windows(MARK.len()).any(|part| part == MARK)) else {
        return kept.to_vec();
    };
    let mark = format!("$Id: {} $", hex(&id.0));
    let mut written = Vec::with_capacity(kept.len() + mark.len());
    let mut rest = kept;
    while let Some(start) = rest.windows(MARK.len()).position(|part| part == MARK) {
        written.extend_from_slice(&rest[..start]);
        written.extend_from_slice(mark.as_bytes());
        rest = &rest[start + MARK.len()..];
    }
    written.extend_from_slice(rest);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_writes_is_what_it_keeps_in_another_form() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\n\
            oid sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\nsize 5\n";
        let id = hex(&BlobId::of(b"a $Id$\n").expect("no attack").0);
        let forms: [(&[u8], &[u8]); 4] = [
            (b"a\nb\n", b"a\r\nb\r\n"),
            (pointer, b"hello"),
            (b"a $Id$\n", &format!("a $Id: {id} $\n").into_bytes()),
            (b"a $Id$\n", &format!("a $Id: {id} $\r\n").into_bytes()),
        ];
        for (kept, written) in forms {
            assert!(is_written_of(kept, written), "{}", String::from_utf8_lossy(written));
            assert!(!is_written_of(written, kept), "the other way round somebody did it");
        }
    }

    #[test]
    fn what_somebody_writes_in_such_a_form_is_a_change() {
        let changes: [(&[u8], &[u8]); 4] = [
            (b"a\nb\n", b"a\r\nc\r\n"),
            (b"a\nb\n", b"a\r\nb\n"),
            (b"{{/* $Id$ */}}", b"{{/* $Id: */}}evil{{/* $ */}}"),
            (b"version https://git-lfs.github.com/spec/v1\nsize 5\n", b"hello"),
        ];
        for (kept, written) in changes {
            assert!(!is_written_of(kept, written), "{}", String::from_utf8_lossy(written));
        }
    }
}
