//! Comments, kept for suppressions.

use crate::text::Location;

/// A comment of a YAML file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line.
    pub location: Location,
    /// What follows the `#`, without white space around it.
    pub text: String,
    /// Whether something other than the comment stands on its line.
    pub trailing: bool,
}
