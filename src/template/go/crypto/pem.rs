//! PEM blocks as Go's `encoding/pem` writes and finds them.

use crate::template::go::base;

/// One block: its type and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `CERTIFICATE`, `RSA PRIVATE KEY`, ….
    pub label: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// Writes a block, 64 characters to a line.
pub fn encode(label: &str, bytes: &[u8]) -> String {
    let text = base::encode64(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.extend(line.iter().map(|byte| char::from(*byte)));
        out.push('\n');
    }
    out + &format!("-----END {label}-----\n")
}

/// The first block of a text.
pub fn decode(text: &str) -> Option<Block> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (content, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let content: String = content.lines().filter(|line| !line.contains(':')).map(str::trim).collect();
    let bytes = base::decode64(content.as_bytes()).ok()?;
    Some(Block { label: label.to_owned(), bytes })
}
