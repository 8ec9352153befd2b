//! What a rule wants fetched or computed before it looks; all that a run knows of it.

use std::collections::BTreeSet;

use super::Target;
use crate::published::Depth;

/// Something that a [`Context`](super::Context) has only where a rule asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// The state that the chart's version is judged by: `history.own`.
    Own,
    /// The versions that are out: `history.versions`, and `history.own`.
    Versions,
    /// The last release, and what changed since: `history.last` and `since`, and the two above.
    Last,
    /// The git tag that the release is made from: `intent.tag`.
    Tag,
    /// What an archive has otherwise than the folder it should be made from: `source`.
    Source,
    /// The chart under its profiles, with values, objects and images: `profiles`.
    Profiles,
    /// Definitions that lie outside of the chart, for the custom resources that it renders: `definitions`, and `profiles`.
    Definitions,
    /// What profiles render to for other Kubernetes versions, looked at by the rule itself: `versions` of their views. Other rules on objects and
    /// images are asked once for each of these renderings.
    Kubernetes,
    /// Each profile rendered more than once: `again` of its view.
    Renderings,
    /// What registries have of the images: `registered`. Such a rule is on where somebody wants registries asked.
    Registries,
    /// Profiles rendered as the other Helm does, too: `other_helm` of their views.
    Helms,
    /// What repositories have of the charts in `charts/`: `originals` of the chart.
    Originals,
}

impl Need {
    /// What rules without code of their own need: that which their target stands for.
    pub(super) fn of(target: Target) -> BTreeSet<Self> {
        match target {
            Target::Values | Target::Manifest | Target::Image | Target::Deployment => BTreeSet::from([Self::Profiles]),
            Target::Change => BTreeSet::from([Self::Last]),
            _ => BTreeSet::new(),
        }
    }

    /// How far back places that know releases are asked for it.
    pub fn depth(self) -> Depth {
        match self {
            Self::Own => Depth::Own,
            Self::Versions => Depth::Versions,
            Self::Last => Depth::Last,
            Self::Tag
            | Self::Source
            | Self::Profiles
            | Self::Definitions
            | Self::Kubernetes
            | Self::Renderings
            | Self::Registries
            | Self::Helms
            | Self::Originals => Depth::Nothing,
        }
    }
}
