//! Which chart of the repository a HelmRelease deploys.

use super::{Objects, from_root};
use crate::gitops::{Search, text};
use crate::text::Location;
use crate::yaml::Node;

const SOURCES: &str = "source.toolkit.fluxcd.io/";

/// A chart of the repository as a release names it.
pub(super) struct Origin<'a> {
    /// The chart's folder.
    pub(super) folder: &'a str,
    /// `chart.spec` of the release or of a HelmChart, with `valuesFiles`; none where an OCIRepository is named directly.
    pub(super) template: Option<Node>,
    /// Whether it comes from a git repository, whose root `valuesFiles` start from.
    pub(super) is_git: bool,
}

/// The chart; none where it surely is no chart of this repository.
///
/// # Errors
/// In words with a place, where it may be one of them.
pub(super) fn of<'a>(
    search: &'a Search<'_>,
    objects: &Objects,
    spec: &Node,
    file: &str,
) -> Result<Option<Origin<'a>>, (Location, String)> {
    if let Some(template) = spec.get("chart").and_then(|chart| chart.get("spec")) {
        return from_template(search, objects, template, file);
    }
    let Some(reference) = spec.get("chartRef") else { return Ok(None) };
    let (kind, name) = (text(reference, "kind").unwrap_or(""), text(reference, "name").unwrap_or(""));
    let (at, object) = objects.find((kind, SOURCES), name, file).map_err(|message| (reference.location, message))?;
    let Some(spec) = object.get("spec") else { return Ok(None) };
    if kind == "HelmChart" {
        return from_template(search, objects, spec, at);
    }
    let url = text(spec, "url").unwrap_or("");
    let (parent, name) = url.trim_end_matches('/').rsplit_once('/').unwrap_or(("", url));
    let folder = search.published_chart(parent, name);
    Ok(folder.map(|folder| Origin { folder, template: None, is_git: false }))
}

fn from_template<'a>(
    search: &'a Search<'_>,
    objects: &Objects,
    template: &Node,
    file: &str,
) -> Result<Option<Origin<'a>>, (Location, String)> {
    let name = text(template, "chart").unwrap_or("");
    let Some(source) = template.get("sourceRef") else { return Ok(None) };
    let kind = text(source, "kind").unwrap_or("");
    let origin = |folder, is_git| Origin { folder, template: Some(template.clone()), is_git };
    if kind != "HelmRepository" {
        // As with Argo CD, a path that leads to a chart of this repository means it.
        let path = from_root(name).ok();
        let folder = path.and_then(|path| search.charts.get_key_value(&path));
        return Ok(folder.map(|(folder, _)| origin(folder.as_str(), true)));
    }
    let is_ours = search.charts.values().any(|chart| chart == name);
    match objects.find((kind, SOURCES), text(source, "name").unwrap_or(""), file) {
        Ok((_, repository)) => {
            let url = repository.get("spec").and_then(|spec| text(spec, "url")).unwrap_or("");
            Ok(search.published_chart(url, name).map(|folder| origin(folder, false)))
        }
        Err(message) if is_ours => Err((source.location, message)),
        Err(_) => Ok(None),
    }
}
