//! What a chart is judged by.

use std::sync::Arc;

use super::asked::Asked;
use super::definitions::Library;
use super::past::Past;
use super::policy::{On, Policy};
use super::resolve::Registries;
use super::timings::Timings;
use crate::chart::Chart;
use crate::config::Config;
use crate::dependency::Resolver;
use crate::gitops::Discovered;
use crate::render::Cache;
use crate::text::Sources;

/// What a chart is judged by.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    /// Its configuration.
    pub config: &'a Config,
    /// What counts under it; none where no rule looks.
    pub policy: Option<&'a Policy>,
    /// The chart that it should be made from, where somebody asks.
    pub source: Option<&'a Chart>,
    /// Whether a rule looks at the chart under its profiles; those that compare its states do not.
    pub sees_profiles: bool,
    /// Whether to say by digest what was judged.
    pub is_attested: bool,
    /// What it is compared with; none where no rule asks.
    pub past: Option<&'a Past>,
    /// What registries say of images; none where no rule asks.
    pub registries: Option<Registries<'a>>,
    /// What GitOps files say.
    pub discovered: &'a Discovered,
    /// What the command line says of profiles.
    pub asked: &'a Asked,
    /// Finds dependencies.
    pub resolver: &'a Resolver<'a>,
    /// Finds definitions outside of charts; none where nobody asks.
    pub library: Option<&'a Library<'a>>,
    /// Templates that were parsed already.
    pub cache: &'a Cache,
    /// Whether no other chart is judged in the run, so that threads have nothing else to do.
    pub is_alone: bool,
    /// Takes how long the parts of it take.
    pub timings: Option<&'a Timings>,
    /// Takes the texts.
    pub sources: &'a Sources,
}

impl<'a> Terms<'a> {
    /// Those of a chart that is looked at and not judged: no rule asks for anything.
    pub(super) fn looking(
        config: &'a Config,
        (discovered, asked): (&'a Arc<Discovered>, &'a Asked),
        resolver: &'a Resolver<'a>,
        cache: &'a Cache,
        sources: &'a Sources,
    ) -> Self {
        Self {
            config,
            policy: None,
            source: None,
            sees_profiles: true,
            is_attested: false,
            past: None,
            registries: None,
            discovered,
            asked,
            resolver,
            library: None,
            cache,
            is_alone: false,
            timings: None,
            sources,
        }
    }

    /// The rules that are on.
    pub(super) fn rules(self) -> &'a [On] {
        self.policy.map_or(&[], |policy| &policy.on)
    }
}
