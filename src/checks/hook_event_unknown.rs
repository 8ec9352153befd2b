//! `hook-event-unknown`: an object that Helm leaves out, since it is a hook of an event that does not exist.

use super::edits;
use super::hook::{annotation, report};
use crate::finding::Fix;
use crate::render::EVENTS;
use crate::rule::{Context, Findings};
use crate::text::suggest::{nearest, only};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        for manifest in view.seen().into_iter().flat_map(|rendered| &rendered.dropped) {
            let Some(node) = annotation(manifest, "helm.sh/hook") else { continue };
            let events = manifest.hook.iter().flat_map(|hook| &hook.events);
            let Some(event) = events.into_iter().find(|event| !EVENTS.contains(&event.as_str())) else {
                continue;
            };
            let help = match event.as_str() {
                "crd-install" => "move the definition into `crds/`".to_owned(),
                _ => help(event),
            };
            let args = [("event", event.as_str()), ("object", &manifest.label())];
            let meant = only(event, EVENTS).filter(|_| event != "crd-install");
            let fix = meant.and_then(|meant| {
                let place = manifest.origins(node.location.span).template?;
                edits::part(context, place, (event, meant), format!("write `{meant}`"))
            });
            // Helm leaves out what runs at no event that it knows.
            report(view, manifest, node, &args, findings).help(help).fix(fix.map(Fix::uncovering));
        }
    }
}

fn help(event: &str) -> String {
    match nearest(event, EVENTS) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("use one of {}", EVENTS.map(|event| format!("`{event}`")).join(", ")),
    }
}
