//! Base64 as Go reads it (`encoding/base64`, `StdEncoding`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The bytes that a text stands for, ends of lines left aside; none where it is no base64.
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
    STANDARD.decode(plain).ok()
}
