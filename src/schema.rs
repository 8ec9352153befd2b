//! One judge of spanned objects against structural schemas, wherever a schema comes from: custom resource definitions and
//! Kubernetes' own kinds.
//!
//! Follows Kubernetes' `apiextensions-apiserver` for custom resources, and for its own kinds the decoding of its API machinery.
//! CEL rules (`x-kubernetes-validations`) are left to the cluster.

mod check;
mod format;
mod keywords;
mod object;
mod pattern;
mod prepare;
mod source;
mod unknown;

pub use check::{Correction, Custom, DEPTH, Defect, STEPS, Violation, budget, custom, own};
pub use format::holds;
pub use source::Schema;
