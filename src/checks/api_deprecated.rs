//! `api-deprecated`: an object of an API version that is still served, and on its way out.

use super::api;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        for (object, version) in api::each_object(view) {
            let going = api::deprecation(object.api_version(), object.kind(), &version);
            if let Some(removal) = going.filter(|_| !api::asks(&object)) {
                api::report(context, (&object, view), &removal, findings);
            }
        }
    }
}
