//! chartgate judges a Helm chart before it is released.
//!
//! The modules, bottom layer first; each imports only from those before it (see `docs/architecture.md`).

pub mod text;
pub mod yaml;
