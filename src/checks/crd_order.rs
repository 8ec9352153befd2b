//! `crd-order`: a custom resource beside its definition, so that the first installation fails.

use super::part::{Problem, report, seen};
use crate::crd::{self, Crd};
use crate::render::{Hook, Object};
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in seen(context) {
        let definitions = rendered.objects().filter(|object| object.kind() == "CustomResourceDefinition");
        let defined: Vec<(Crd, Object<'_>)> =
            definitions.filter_map(|object| Some((Crd::read(object.root).ok()?, object))).collect();
        if defined.is_empty() {
            continue;
        }
        let shipped = crd::shipped(context.chart);
        let is_of = |crd: &Crd, object: &Object<'_>| crd.group.text == object.group() && crd.kind.text == object.kind();
        let others = rendered.objects().filter(|object| !shipped.iter().any(|crd| is_of(crd, object)));
        let problems = others.filter_map(|object| {
            let mut of_kind = defined.iter().filter(|(crd, _)| is_of(crd, &object)).peekable();
            let (crd, _) = *of_kind.peek()?;
            // One that is there in time is enough.
            if of_kind.any(|(_, definition)| !is_early(&object, definition)) {
                return None;
            }
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

/// Whether Helm looks at an object before it has created a definition: what is no hook it looks at first of all, and hooks in the order of
/// their events, weights and names.
fn is_early(object: &Object<'_>, definition: &Object<'_>) -> bool {
    let is_first = |hook: &Hook| hook.events.iter().any(|event| event == "pre-install" || event == "pre-upgrade");
    let Some(own) = &object.manifest.hook else { return true };
    let Some(of_definition) = &definition.manifest.hook else { return is_first(own) };
    match (is_first(own), is_first(of_definition)) {
        (true, true) => (own.weight, object.name()) < (of_definition.weight, definition.name()),
        (is_first, _) => is_first,
    }
}
