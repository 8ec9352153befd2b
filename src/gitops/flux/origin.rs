//! Which chart of the repository a HelmRelease deploys.

use super::from_root;
use super::objects::Objects;
use crate::gitops::declared::Declared;
use crate::gitops::{Problem, Search, fields, text};
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
/// Why it cannot be told, where it may be one of them.
pub(super) fn of<'a>(
    search: &'a Search<'_>,
    objects: &Objects,
    release: &Declared,
    spec: &Node,
) -> Result<Option<Origin<'a>>, Problem> {
    if let Some(template) = spec.get("chart").and_then(|chart| chart.get("spec")) {
        return from_template(search, objects, template, release);
    }
    let Some(reference) = spec.get("chartRef") else { return Ok(None) };
    let (kind, name) = (text(reference, "kind").unwrap_or(""), text(reference, "name").unwrap_or(""));
    let object = match objects.find((kind, SOURCES), name, release) {
        Ok(object) => object,
        // A source that is not here may be of any chart that is published, or of none.
        Err(_) if search.published.is_empty() && kind != "HelmChart" => return Ok(None),
        Err(message) => return Err(Problem::new(reference.location, message)),
    };
    let Some(spec) = object.root.get("spec") else { return Ok(None) };
    if kind == "HelmChart" {
        return from_template(search, objects, spec, release);
    }
    let url = text(spec, "url").unwrap_or("");
    let (parent, name) = url.trim_end_matches('/').rsplit_once('/').unwrap_or(("", url));
    let folder = search.published_chart(parent, name);
    let mut unfollowed = fields::of(kind_of(kind)).problems(&object.root);
    match (folder, unfollowed.pop()) {
        (Some(_), Some(problem)) => Err(problem),
        (folder, _) => Ok(folder.map(|folder| Origin { folder, template: None, is_git: false })),
    }
}

fn kind_of(kind: &str) -> &str {
    if kind == "ExternalArtifact" { kind } else { "OCIRepository" }
}

fn from_template<'a>(
    search: &'a Search<'_>,
    objects: &Objects,
    template: &Node,
    release: &Declared,
) -> Result<Option<Origin<'a>>, Problem> {
    let name = text(template, "chart").unwrap_or("");
    let Some(source) = template.get("sourceRef") else { return Ok(None) };
    let kind = text(source, "kind").unwrap_or("");
    let origin = |folder, is_git| Origin { folder, template: Some(template.clone()), is_git };
    if kind != "HelmRepository" {
        // As with Argo CD, a path that leads to a chart of this repository means it.
        let at = template.get("chart").map_or(template.location, |chart| chart.location);
        let path = from_root(name).map_err(|message| Problem::new(at, message))?;
        let folder = search.charts.get_key_value(&path);
        return Ok(folder.map(|(folder, _)| origin(folder.as_str(), true)));
    }
    let is_ours = search.charts.values().any(|chart| chart == name);
    match objects.find((kind, SOURCES), text(source, "name").unwrap_or(""), release) {
        Ok(repository) => {
            let url = repository.root.get("spec").and_then(|spec| text(spec, "url")).unwrap_or("");
            Ok(search.published_chart(url, name).map(|folder| origin(folder, false)))
        }
        Err(message) if is_ours => Err(Problem::new(source.location, message)),
        Err(_) => Ok(None),
    }
}
