//! Digests of packages and manifests (OCI image spec, "Digests").

use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256, Sha512};

use super::fault::Fault;
use super::server::Server;
use crate::text::hex;

static DIGEST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$").expect("the pattern is fixed"));

/// Whether a text is a digest that can be checked.
pub(super) fn is_digest(digest: &str) -> bool {
    DIGEST.is_match(digest)
}

/// Whether content is what a digest stands for.
///
/// # Errors
/// [`Fault::Digest`] where it is not.
pub(super) fn verify(content: &[u8], digest: &str, server: &Server) -> Result<(), Fault> {
    let found = if digest.starts_with("sha512:") {
        format!("sha512:{}", hex(&Sha512::digest(content)))
    } else {
        format!("sha256:{}", hex(&Sha256::digest(content)))
    };
    if found == digest {
        Ok(())
    } else {
        Err(Fault::Digest { server: server.clone(), expected: digest.to_owned(), found })
    }
}

/// The digest of content.
pub(super) fn of(content: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(content)))
}
