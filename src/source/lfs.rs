//! Pointers of Git LFS, which stand in git in the place of a file (git-lfs, `docs/spec.md`).

/// How a pointer begins.
const BEGIN: &[u8] = b"version https://git-lfs.github.com/spec/";
/// Bytes that a pointer is shorter than.
const LIMIT: usize = 1024;

/// Whether a content is a pointer.
pub fn is_pointer(content: &[u8]) -> bool {
    content.len() < LIMIT && content.starts_with(BEGIN)
}
