//! `api-deprecated`: an object of an API version that the cluster no longer serves.

use crate::finding::Label;
use crate::render::{KubeVersion, Link, Object};
use crate::rule::{Context, Findings, ProfileView};

mod removals;

use removals::Removal;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        let Some(rendered) = view.seen() else { continue };
        for object in rendered.objects() {
            judge(context, &object, (view, &rendered.kube_version), findings);
        }
    }
}

fn judge(
    context: &Context<'_>,
    object: &Object<'_>,
    (view, version): (&ProfileView, &KubeVersion),
    findings: &mut Findings<'_>,
) {
    let (api, kind) = (object.api_version(), object.kind());
    let Some(removal) = removals::of(api, kind).filter(|removal| (version.major, version.minor) >= (1, removal.minor))
    else {
        return;
    };
    let Some(place) = object.root.get("apiVersion").map(|node| node.location) else { return };
    let origins = object.origins(place);
    // A cluster may serve more than the renderer knows of: a chart that asks it has chosen well.
    let asks = |link: &Link| context.sources.get(link.at.source).slice(link.at.span).contains("APIVersions");
    if origins.chain.iter().any(asks) {
        return;
    }
    let written = origins.template;
    let removed = format!("1.{}", removal.minor);
    let args = [("api", api), ("kind", kind), ("removed", &*removed)];
    let subject = format!("{} {} {api}", object.manifest.path, object.label());
    let mut reported = findings.report(Label::new(written.unwrap_or(place), ""), subject, &args).help(help(removal));
    if written.is_some() {
        reported = reported.related(Label::new(place, "as rendered"));
    }
    reported.profile(&view.profile.name);
}

fn help(removal: &Removal) -> String {
    match removal.replacement {
        "" => "leave the object out: nothing takes its place".to_owned(),
        replacement => format!("use `{replacement}`, or choose by `.Capabilities.APIVersions.Has \"{replacement}\"`"),
    }
}
