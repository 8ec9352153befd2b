//! `crd-order`: a custom resource beside its definition, so that the first installation fails.

use super::part::{Problem, report, seen};
use crate::crd::{self, Crd};
use crate::render::Object;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in seen(context) {
        let plain = rendered.objects().filter(|object| object.manifest.hook.is_none());
        let is_definition = |object: &Object<'_>| object.kind() == "CustomResourceDefinition";
        let defined: Vec<Crd> = plain.filter(is_definition).filter_map(|object| Crd::read(object.root).ok()).collect();
        if defined.is_empty() {
            continue;
        }
        let shipped = crd::shipped(context.chart);
        let is_of = |crd: &Crd, object: &Object<'_>| crd.group.text == object.group() && crd.kind.text == object.kind();
        let early = rendered.objects().filter(is_early);
        let problems = early.filter(|object| !shipped.iter().any(|crd| is_of(crd, object))).filter_map(|object| {
            let crd = defined.iter().find(|crd| is_of(crd, &object))?;
            let kind = object.root.get("kind")?;
            Some(Problem {
                object,
                at: kind.location,
                name: "kind".to_owned(),
                what: format!("`{}` is defined by the same release", crd.kind.text),
                kind: object.label(),
                help: None,
                other: None,
            })
        });
        report(context, view, problems.collect(), findings);
    }
}

/// Whether Helm looks at an object before it has created the definitions among its manifests.
fn is_early(object: &Object<'_>) -> bool {
    let before = |event: &String| event == "pre-install" || event == "pre-upgrade";
    object.manifest.hook.as_ref().is_none_or(|hook| hook.events.iter().any(before))
}
