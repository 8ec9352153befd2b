//! `release-namespace-created`: the namespace of the release among its own objects.

use super::part::{Problem, report, seen};
use crate::render::Options;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let defaults = Options::default();
    // What is rendered and applied by others is created in whatever order they like, and at an upgrade the namespace is there.
    let installed = seen(context).filter(|(view, _)| !view.profile.is_templated && !view.is_upgrade);
    for (view, rendered) in installed {
        let own = view.profile.namespace.as_deref().unwrap_or(&defaults.namespace);
        let namespaces = rendered.objects().filter(|object| object.group().is_empty() && object.kind() == "Namespace");
        let problems = namespaces.filter(|object| object.name() == own).filter_map(|object| {
            Some(Problem {
                object,
                at: object.metadata("name")?.location,
                name: "metadata.name".to_owned(),
                what: "the release is installed in this namespace, which has to be there before".to_owned(),
                kind: "namespace".to_owned(),
                help: None,
                other: None,
            })
        });
        report(context, view, problems.collect(), findings);
    }
}
