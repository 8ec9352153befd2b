//! Charts that one kustomization inflates beside each other and that make the same object: kustomize refuses that, and builds nothing.

use std::collections::BTreeMap;

use crate::kustomize::Build;
use crate::kustomize::id::Id;
use crate::render::{self, ErrorKind};
use crate::rule::ProfileView;
use crate::text::{Location, SourceId};

/// Takes back what a chart renders to in a kustomization that inflates it more than once, where an object is there twice.
pub(super) fn refuse(views: &mut [ProfileView]) {
    let mut beside: BTreeMap<SourceId, Vec<(Location, usize)>> = BTreeMap::new();
    for (index, view) in views.iter().enumerate() {
        // What comes after Helm elsewhere is of one release.
        let build = view.profile.build.as_ref().filter(|_| view.profile.is_templated);
        if let Some(at) = build.and_then(Build::chart) {
            beside.entry(at.source).or_default().push((at, index));
        }
    }
    for mut group in beside.into_values() {
        group.sort_by_key(|(at, index)| (at.span.start, *index));
        if let Some((at, label)) = again(views, &group) {
            for (_, index) in group {
                take_back(&mut views[index], at, &label);
            }
        }
    }
}

/// The first entry that makes an object which another made before it, and what that is called.
fn again(views: &[ProfileView], group: &[(Location, usize)]) -> Option<(Location, String)> {
    let mut known: BTreeMap<[String; 5], Location> = BTreeMap::new();
    for (at, index) in group {
        let rendered = views[*index].rendered.as_ref().and_then(|rendered| rendered.as_ref().ok());
        for object in rendered.into_iter().flat_map(|rendered| rendered.objects()) {
            let id = Id::of(object.root);
            // Overlays of one base see one entry each.
            if !id.name.is_empty() && *known.entry(id.key()).or_insert(*at) != *at {
                return Some((*at, id.label()));
            }
        }
    }
    None
}

fn take_back(view: &mut ProfileView, at: Location, label: &str) {
    let message = format!("kustomize cannot build this: `{label}`, which this chart makes, is there already");
    let error = render::Error::new(ErrorKind::Kustomize, message, [at]);
    let ProfileView {
        rendered,
        softened,
        overlaid,
        again,
        other_helm,
        images,
        unfit,
        versions,
        upgrade,
        no_upgrade,
        profile: _,
        values: _,
        is_upgrade: _,
    } = view;
    *rendered = Some(Err(error));
    (*softened, *overlaid, *other_helm, *upgrade, *no_upgrade) = (None, None, None, None, None);
    again.clear();
    unfit.clear();
    images.clear();
    versions.clear();
}
