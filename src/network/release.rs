//! What the network knows of a release.

use crate::source::Archive;

/// What a place says of a release without handing it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Where it lies, in words.
    pub place: String,
    /// The digest of the package (`sha256:…`), where the place knows it.
    pub digest: Option<String>,
}

/// A packaged chart from the network.
#[derive(Debug)]
pub struct Release {
    /// Where it lies, in words: `oci://ghcr.io/acme/charts/agents:1.2.0`.
    pub place: String,
    /// The packaged chart.
    pub archive: Archive,
    /// The digest of the package (`sha256:…`), where the place knows it.
    pub digest: Option<String>,
}
