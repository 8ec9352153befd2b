//! Chart.yaml: the Kubernetes versions it admits and the application it brings.

use super::{Changes, Pair, Places};
use crate::chart::{Metadata, Version};
use crate::text::Location;
use crate::values::dependency::is_compatible;
use crate::yaml::Anchor;

/// Minor versions of Kubernetes that a range is asked about: from the oldest that anybody is likely to run.
const MINORS: std::ops::RangeInclusive<u32> = 18..=60;

pub(super) fn compare(pair: Pair<'_>, changes: &mut Changes) {
    let (Some(old), Some(new)) = (&pair.old.metadata, &pair.new.metadata) else { return };
    kube_version(old, new, changes);
    app_version(old, new, changes);
}

fn kube_version(old: &Metadata, new: &Metadata, changes: &mut Changes) {
    let range = |metadata: &'_ Metadata| metadata.text("kubeVersion").unwrap_or_default().trim().to_owned();
    let (before, after) = (range(old), range(new));
    if before == after || after.is_empty() {
        return;
    }
    let admits = |range: &str, minor: u32| {
        // The last patch release stands for all: ranges that leave out early ones leave out no minor version.
        range.is_empty() || ["0", "99"].iter().any(|patch| is_compatible(range, &format!("v1.{minor}.{patch}")))
    };
    let missing: Vec<u32> = MINORS.filter(|minor| admits(&before, *minor) && !admits(&after, *minor)).collect();
    let (Some(first), Some(last)) = (missing.first(), missing.last()) else { return };
    let versions = match last {
        last if last == MINORS.end() => format!("Kubernetes 1.{first} and later are"),
        last if first == last => format!("Kubernetes 1.{first} is"),
        last => format!("Kubernetes 1.{first} to 1.{last} are"),
    };
    let message = format!("{versions} no longer admitted");
    changes.add("change-kube-version-raised", "kubeVersion", message, places(old, new, "kubeVersion"));
}

fn app_version(old: &Metadata, new: &Metadata, changes: &mut Changes) {
    let (Some(before), Some(after)) = (old.text("appVersion"), new.text("appVersion")) else { return };
    let (Some(old_version), Some(new_version)) = (Version::parse(before), Version::parse(after)) else { return };
    if new_version <= old_version {
        return;
    }
    let mut numbers = old_version.numbers.iter().zip(&new_version.numbers);
    let rule = match numbers.position(|(old, new)| old != new) {
        Some(0) => "change-app-version-major",
        Some(1) => "change-app-version-minor",
        _ => return,
    };
    let message = format!("the application goes from `{before}` to `{after}`");
    changes.add(rule, "appVersion", message, places(old, new, "appVersion"));
}

fn places(old: &Metadata, new: &Metadata, field: &str) -> Places {
    let place = |metadata: &Metadata| -> Option<Location> {
        metadata.root().entry(field).map(|entry| entry.location(Anchor::Value))
    };
    Places { old: place(old), new: place(new) }
}
