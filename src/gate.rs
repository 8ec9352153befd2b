//! The gate: plan → load → compare → check → suppress → report. It decides, and prints nothing.
//!
//! A [`Session`] judges [`Request`]s.

use crate::config;
use crate::finding::Failure;
use crate::source::git;

mod asked;
mod before;
mod bump;
mod catalogue;
mod changed;
mod check;
mod collided;
mod concern;
mod conclude;
mod configs;
mod definitions;
mod departed;
mod dependencies;
mod deployments;
mod diff;
mod evidence;
mod extended;
mod facts;
mod feeding;
mod headless;
mod helms;
mod idle;
mod inquiry;
mod judge;
mod keep;
mod lens;
mod log;
mod loosened;
mod merged;
mod named;
mod naming;
mod outline;
mod pack;
mod past;
mod pipelines;
mod place;
mod plan;
mod policy;
mod policy_file;
mod prepare;
mod profiles;
mod releases;
mod remembered;
mod request;
mod resolve;
mod rules;
mod seat;
mod see;
mod session;
mod settings;
mod since;
mod source;
mod subject;
mod survey;
mod targets;
mod terms;
mod timings;
mod trust;
mod values_files;
mod versioned;
mod view;
mod watch;

pub use bump::Parent;
pub use changed::{Changed, Changes};
pub use departed::of_departed;
pub use dependencies::{Dependency, Resolved};
pub use diff::Diff;
pub use evidence::{Evidence, Identity};
pub use facts::{absent, mismatch, of_deployment};
pub use lens::{Again, Lens, overrides};
pub use outline::{Outline, Outlined};
pub use pack::Packed;
pub use pipelines::of_pipeline;
pub use request::{Charts, PolicyChoice, PolicySource, ProfileChoice, Request, Selection};
pub use session::{Ci, Session, Surroundings};
pub use settings::{By, RuleSetting, Settings};
pub use since::{Release, since};
pub use survey::{Survey, Surveyed};
pub use timings::{Stage, Timings};
pub use versioned::Versioned;
pub use view::view;
pub use watch::Watch;

/// Why nothing was judged.
#[derive(Debug)]
pub enum Error {
    /// The request cannot be carried out as it stands.
    Usage {
        /// What is wrong, in lower case.
        message: String,
        /// What to do.
        help: String,
    },
    /// Configuration or user rules are wrong.
    Config(Vec<config::Error>),
    /// A policy that counts cannot be had, so that it is not known what to ask of any chart.
    Failed(Vec<Failure>),
}

impl Error {
    fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: help.into() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "called as a function by `map_err`")]
    fn git(error: git::Error) -> Self {
        Self::Usage { message: error.to_string(), help: error.help().unwrap_or_else(|| "see `git status`".into()) }
    }
}
