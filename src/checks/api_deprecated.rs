//! `api-deprecated`: an object of an API version that is still served, and on its way out.

use super::api;
use super::part::rendered;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in rendered(context) {
        for object in rendered.objects().filter(|object| !api::asks(context, object)) {
            let (api_version, kind) = (object.api_version(), object.kind());
            if let Some(removal) = api::deprecation(api_version, kind, &rendered.kube_version) {
                api::report(context, (&object, view), &removal, findings);
            }
        }
    }
}
