//! `directory`: which files of a folder of manifests an Application deploys.

use std::sync::Arc;

use super::{Argo, Source, kind};
use crate::gitops::folders::{Deployer, Filter, Include};
use crate::gitops::glob::{Flavour, Glob};
use crate::gitops::path::join;
use crate::gitops::{Discovered, text};
use crate::yaml::Node;

/// Notes a folder of this repository that a source deploys file by file.
pub(super) fn note(argo: Argo<'_>, source: &Source<'_>, found: &mut Discovered) {
    let Some(folder) = folder(argo, &source.node) else { return };
    let application = source.application;
    let (production, why) = application.is_production(argo.files.search, source.namespace().as_deref());
    let deployer = Deployer {
        name: application.name().to_owned(),
        production,
        why,
        ways: application.ways().into_iter().map(str::to_owned).collect(),
        filter: filter(source.node.get("directory")),
        read: Arc::clone(&application.read),
    };
    found.folders.deployed(folder, deployer);
}

/// The folder, where that is of this repository and nothing else is made of it.
fn folder(argo: Argo<'_>, source: &Node) -> Option<String> {
    let is_other = text(source, "repoURL").is_some_and(|url| argo.files.search.own.is_other(url));
    let is_chart = text(source, "chart").is_some_and(|name| !name.is_empty());
    let folder = join("", text(source, "path")?)?;
    let is_plain = match kind::told(source).ok()? {
        Some(tool) => tool == "directory",
        None => !argo.files.is_chart(&folder),
    };
    (is_plain && !is_other && !is_chart && argo.files.is_folder(&folder)).then_some(folder)
}

fn filter(options: Option<&Node>) -> Filter {
    let is_set = |field: &str| options.and_then(|options| options.get(field)).and_then(Node::as_bool) == Some(true);
    let pattern = |field: &str| options.and_then(|options| text(options, field)).filter(|written| !written.is_empty());
    // What is no pattern fits nothing, and Argo CD says no more than a warning.
    let glob = |written: &str| Glob::new(written, Flavour::Letters).ok();
    let included = |written: &str| glob(written).map_or(Include::Nothing, Include::Fitting);
    Filter {
        is_deep: is_set("recurse"),
        takes_any_name: is_set("disableExtensionFilter"),
        include: pattern("include").map_or(Include::Everything, included),
        exclude: pattern("exclude").and_then(glob),
    }
}
