//! What a registry's 404 says: that something is not there, that it may not be seen, or nothing (OCI distribution spec 1.1, "Error Codes").

use serde::Deserialize;

use crate::network::http::Answer;

/// Codes with which registries say that a repository or a tag is not there. The last is Harbor's.
const UNKNOWN: [&str; 3] = ["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND"];

/// Codes with which they say that it may not be seen.
const DENIED: [&str; 2] = ["UNAUTHORIZED", "DENIED"];

/// What the errors of a 404 say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    /// Each says that it is not there.
    Said,
    /// One says that it may not be seen.
    Denied,
    /// None, or one says something else.
    Unsaid,
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<ErrorCode>,
}

#[derive(Deserialize)]
struct ErrorCode {
    code: String,
}

/// What a 404 says.
pub(super) fn absence(answer: &Answer) -> Absence {
    let Ok(Errors { errors }) = serde_json::from_slice(&answer.body) else { return Absence::Unsaid };
    if errors.iter().any(|error| DENIED.contains(&error.code.as_str())) {
        Absence::Denied
    } else if !errors.is_empty() && errors.iter().all(|error| UNKNOWN.contains(&error.code.as_str())) {
        Absence::Said
    } else {
        Absence::Unsaid
    }
}
