//! What is the same in all that is said of a policy.

use crate::config::Config;
use crate::text::{Location, Span};

/// What to do about a loosening.
pub(super) const HELP: &str = "take it back, or have the owner of the policy agree to it";

/// The start of the first of two configurations that is a file.
pub(super) fn start(configs: [&Config; 2]) -> Option<Location> {
    let source = configs.into_iter().find_map(|config| config.source)?;
    Some(Location::new(source, Span::default()))
}
