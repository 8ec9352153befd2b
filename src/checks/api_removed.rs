//! `api-removed`: an object of an API version that Kubernetes, or the product that brings its kind, no longer serves.

use super::api;
use crate::chart::Chart;
use crate::render::KubeVersion;
use crate::rule::{Context, Findings};
use crate::yaml::Node;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        for (object, version) in api::each_object(view) {
            let gone =
                api::removal(object.api_version(), object.kind()).filter(|removal| api::is_gone(removal, &version));
            let Some(removal) = gone.filter(|_| !api::asks(&object)) else { continue };
            if api::is_defined(context, view, &object) {
                continue;
            }
            api::report(context, (&object, view), &removal, findings);
        }
    }
    let versions = context.profiles.iter().flat_map(|view| &view.versions).map(api::version_of);
    if let Some(version) = versions.max_by_key(|version| (version.major, version.minor)) {
        of_crds(context.chart, &version, findings);
    }
}

/// What lies in `crds/` of a chart and of its sub-charts, which Helm installs as it is.
fn of_crds(chart: &Chart, version: &KubeVersion, findings: &mut Findings<'_>) {
    for file in &chart.crds {
        for root in file.documents.iter().map(|document| &document.root) {
            let text = |key: &str| root.get(key).and_then(Node::scalar_text).unwrap_or("");
            let removal = api::removal(text("apiVersion"), text("kind"));
            if let Some(removal) = removal.filter(|removal| api::is_gone(removal, version)) {
                api::report_file(root, &file.path, &removal, findings);
            }
        }
    }
    chart.parts().for_each(|part| of_crds(part, version, findings));
}
