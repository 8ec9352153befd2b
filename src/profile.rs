//! Profiles: the sets of values under which a chart is installed, and which of them are production.

use crate::text::Location;
use crate::yaml::Node;

/// A set of values under which a chart is judged.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name: `default`, a configured name, `values-prod`, or the folder that declares it.
    pub name: String,
    /// Whether production rules apply.
    pub production: bool,
    /// Values laid over the chart's own, the last wins; each is the root of a values document.
    pub values: Vec<Node>,
    /// Namespace it is installed into.
    pub namespace: Option<String>,
    /// Release name.
    pub release: Option<String>,
    /// The line that declares it.
    pub found_at: Option<Location>,
}
