//! One judge of spanned objects against structural schemas, wherever a schema comes from: custom resource definitions and
//! Kubernetes' own kinds.
//!
//! Follows Kubernetes' `apiextensions-apiserver` for custom resources, and for its own kinds the decoding of its API machinery.
//! CEL rules (`x-kubernetes-validations`) that need no earlier object are evaluated; what cannot be is said.

mod check;
mod checker;
mod format;
mod keywords;
mod object;
mod pattern;
mod prepare;
mod rules;
mod source;
mod unknown;
mod violation;

pub use check::{Custom, DEPTH, Judged, STEPS, Unknown, budget, custom, default, metadata, own};
pub use format::holds;
pub use rules::Unjudged;
pub use source::Schema;
pub use violation::{Correction, Defect, Violation};
