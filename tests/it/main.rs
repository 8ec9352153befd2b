//! The integration tests, one binary: each module tests one promise from the outside.

/// Modules import only from the layers below them.
mod layers;
