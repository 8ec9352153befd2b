//! chartgate judges a Helm chart before it is released.
//!
//! The modules, bottom layer first; each imports only from those before it (see `docs/architecture.md`).

#![forbid(unsafe_code)]

pub mod budget;
pub mod helm;
pub mod text;

pub mod finding;
pub mod json_schema;
pub mod yaml;

pub mod network;
pub mod source;

pub mod cel;
pub mod chart;
pub mod image;
pub mod kubernetes;
pub mod schema;
pub mod template;

pub mod artifacthub;
pub mod crd;
pub mod kustomize;
pub mod pipeline;
pub mod profile;
pub mod values;

pub mod dependency;

pub mod render;

pub mod admission;
pub mod change;
pub mod extract;
pub mod gitops;

pub mod published;

pub mod rule;

pub mod checks;
pub mod config;

pub mod gate;

pub mod baseline;
pub mod docs;
pub mod fix;
pub mod report;

pub mod lsp;

pub mod cli;
