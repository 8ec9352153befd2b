//! What the command line names, as paths of a place.

use std::path::PathBuf;

/// What the command line says of profiles.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// Names to keep; all where empty.
    pub names: Vec<String>,
    /// Values files of an ad-hoc profile.
    pub values: Vec<ValuesPath>,
    /// Whether the ad-hoc profile is production.
    pub production: bool,
}

/// Where a values file of the command line lies.
#[derive(Debug, Clone)]
pub(super) enum ValuesPath {
    /// In the place's tree.
    Tree(String),
    /// Elsewhere on disk.
    Disk {
        /// Absolute.
        path: PathBuf,
        /// The folder that its links must not leave.
        boundary: Option<PathBuf>,
    },
}
