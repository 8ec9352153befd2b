//! Kinds that a group of Kubernetes does not have.

use crate::kubernetes::{Minor, api_versions, is_own_group, kinds, known_in};
use crate::render::Object;
use crate::schema::{Defect, Violation};
use crate::text::suggest::nearest;
use crate::yaml::KeyPath;

/// What is wrong with an object whose kind a version does not know, or not yet. What a version no longer serves is not said here.
pub(super) fn unknown(object: &Object<'_>, minor: Minor) -> Option<Violation> {
    let (api_version, kind) = (object.api_version(), object.kind());
    if !is_own_group(object.group()) {
        return None;
    }
    let all = kinds(minor);
    let of_version: Vec<&str> = all.iter().filter(|(known, _)| *known == api_version).map(|(_, kind)| *kind).collect();
    if kind.is_empty() {
        return None;
    }
    // Previews are off unless somebody turns them on, in whatever version.
    let is_preview = api_version.contains("alpha") || api_version.contains("beta");
    if of_version.is_empty() && is_preview {
        return None;
    }
    let known = known_in(api_version, kind);
    let message = format!("`{api_version}` has no kind `{kind}`");
    let (message, help) = match known.first() {
        Some(minors) if *minors.start() > minor => {
            let message = format!("{message} before Kubernetes {}", minors.start());
            (message, Some("choose by `.Capabilities.KubeVersion`, or raise `kubeVersion`".to_owned()))
        }
        Some(_) => return None,
        None if of_version.is_empty() => return None,
        // Kinds of previews come and go, and those that went are another rule's.
        None if is_preview => return None,
        None => {
            let elsewhere = api_versions(kind, minor).first().map(|other| format!("write `apiVersion: {other}`"));
            let close = || nearest(kind, of_version.iter().copied()).map(|close| format!("did you mean `{close}`?"));
            (message, elsewhere.or_else(close))
        }
    };
    let location = object.root.get("kind")?.location;
    Some(Violation {
        location,
        path: KeyPath::dotted("kind"),
        defect: Defect::Value,
        message,
        help,
        correction: None,
        schema: None,
    })
}
