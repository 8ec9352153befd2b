//! What the API server would refuse, in words and at its place.

use crate::text::Location;
use crate::yaml::KeyPath;

/// Something that the API server would refuse.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Where in the object.
    pub location: Location,
    /// The field.
    pub path: KeyPath,
    /// What kind of thing is wrong.
    pub defect: Defect,
    /// What is wrong, in lower case, naming the field.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// What can only be meant.
    pub correction: Option<Correction>,
    /// Where the schema says so.
    pub schema: Option<Location>,
}

/// What must have been meant by what is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Correction {
    /// The field has another name.
    Name(String),
    /// The value is written so.
    Value(String),
}

/// What kind of thing is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// It is not what the schema asks for, or is missing.
    Value,
    /// The schema does not know it.
    Unknown,
    /// It repeats an earlier item of its list.
    Repeated,
    /// Nothing is known of it, as looking at it takes more than is allowed.
    Beyond,
}
