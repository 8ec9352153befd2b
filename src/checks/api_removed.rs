//! `api-removed`: an object of an API version that the Kubernetes version no longer serves.

use super::api;
use super::part::rendered;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in rendered(context) {
        for object in rendered.objects() {
            let gone = api::removal(object.api_version(), object.kind())
                .filter(|removal| api::is_gone(removal, &rendered.kube_version));
            let Some(removal) = gone.filter(|_| !api::asks(context, &object)) else { continue };
            api::report(context, (&object, view), &removal, findings);
        }
    }
}
