//! What is judged besides charts: deployments, and the folders that hold nothing else.

use crate::profile::Profile;
use crate::rule::Fact;

/// A deployment that is judged by itself.
#[derive(Debug)]
pub(super) struct Subject {
    /// Its path in reports: the file that declares it, with the names of release and profile behind it where the file declares several.
    pub path: String,
    /// The chart's name.
    pub name: String,
    /// The version that it asks for; none where it asks for none.
    pub version: Option<String>,
    /// How it is deployed.
    pub profile: Profile,
    /// Whether its chart is here.
    pub is_fetched: bool,
    /// What is so of the version that it asks for.
    pub facts: Vec<Fact>,
}

/// A folder in which no chart is, and whose deployments are judged.
#[derive(Debug)]
pub(super) struct Chartless {
    /// Index of its place.
    pub place: usize,
    /// The folder.
    pub folder: String,
    /// As the user wrote it.
    pub written: String,
    /// Index of its configuration.
    pub config: usize,
}
