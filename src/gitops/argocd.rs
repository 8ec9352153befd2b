//! Argo CD Applications that deploy a chart, written out or made by an ApplicationSet.

use super::path::{folder, is_remote, join};
use super::{Deployment, Discovered, Search, Unresolved, applicationset, items, text};
use crate::profile::{Profile, Setting};
use crate::yaml::Node;

/// Whether a text speaks of Applications at all.
pub(super) fn is_spoken_of(text: &str) -> bool {
    text.contains("argoproj.io/") && text.contains("kind: Application")
}

/// The deployments of the files that speak of Applications.
pub(super) fn discover(search: &Search<'_>, files: &[&str], found: &mut Discovered) {
    let budget = applicationset::budget();
    for path in files {
        for document in search.documents(path).unwrap_or_default() {
            let root = &document.root;
            if !text(root, "apiVersion").is_some_and(|version| version.starts_with("argoproj.io/")) {
                continue;
            }
            match text(root, "kind") {
                Some("Application") => application(search, path, root, found),
                Some("ApplicationSet") => {
                    let made = applicationset::applications(search, root, &budget, &mut found.unresolved);
                    for made in made {
                        application(search, path, &made, found);
                    }
                }
                _ => {}
            }
        }
    }
}

fn application(search: &Search<'_>, path: &str, root: &Node, found: &mut Discovered) {
    let Some(spec) = root.get("spec") else { return };
    let single = spec.get("source").map(std::slice::from_ref).unwrap_or_default();
    let sources = if items(spec, "sources").is_empty() { single } else { items(spec, "sources") };
    for source in sources {
        if let Some(chart) = chart_of(search, source) {
            let deployment = deployment(search, path, root, spec, sources, source, &chart, found);
            found.deployments.push(deployment);
        }
    }
}

/// Folder of the repository's chart that a source renders.
fn chart_of(search: &Search<'_>, source: &Node) -> Option<String> {
    if let Some(name) = text(source, "chart").filter(|name| !name.is_empty()) {
        return search.published_chart(text(source, "repoURL")?, name).map(str::to_owned);
    }
    let path = join("", text(source, "path")?)?;
    search.charts.contains_key(&path).then_some(path)
}

#[expect(clippy::too_many_arguments, reason = "an Application's parts, each of which says something of the profile")]
fn deployment(
    search: &Search<'_>,
    path: &str,
    root: &Node,
    spec: &Node,
    sources: &[Node],
    source: &Node,
    chart: &str,
    found: &mut Discovered,
) -> Deployment {
    let name = root.get("metadata").and_then(|metadata| text(metadata, "name")).unwrap_or("");
    let namespace = spec.get("destination").and_then(|destination| text(destination, "namespace"));
    let (production, decided_by) = search.is_production(path, name, namespace);
    let helm = source.get("helm");
    let release = helm.and_then(|helm| text(helm, "releaseName")).unwrap_or(name);
    let mut profile = Profile {
        name: folder(path).to_owned(),
        production,
        decided_by,
        namespace: namespace.map(str::to_owned),
        release: Some(release.to_owned()),
        found_at: Some(source.location),
        is_templated: true,
        ..Profile::default()
    };
    if let Some(helm) = helm {
        profile.values = values(search, helm, sources, chart, &mut found.unresolved);
        profile.set = items(helm, "parameters").iter().filter_map(setting).collect();
    }
    Deployment { chart: chart.to_owned(), profile }
}

fn setting(parameter: &Node) -> Option<Setting> {
    let (name, value) = (text(parameter, "name")?, text(parameter, "value").unwrap_or(""));
    let is_string = parameter.get("forceString").and_then(Node::as_bool) == Some(true);
    // Argo CD escapes commas outside braces before it hands a parameter to Helm.
    let is_list = value.starts_with('{') && value.ends_with('}');
    let value = if is_list { value.to_owned() } else { value.replace(',', "\\,") };
    Some(Setting { expression: format!("{name}={value}"), is_string, at: Some(parameter.location) })
}

/// Value files first, then `valuesObject`, else `values`, as Argo CD lays them over each other.
fn values(
    search: &Search<'_>,
    helm: &Node,
    sources: &[Node],
    chart: &str,
    unresolved: &mut Vec<Unresolved>,
) -> Vec<Node> {
    let mut say = |node: &Node, message: String| {
        unresolved.push(Unresolved { chart: Some(chart.to_owned()), at: node.location, message });
    };
    let optional = helm.get("ignoreMissingValueFiles").and_then(Node::as_bool) == Some(true);
    let mut values = vec![];
    for file in items(helm, "valueFiles") {
        match value_file(search, file.scalar_text().unwrap_or(""), sources, chart) {
            Ok(path) if optional && search.paths.binary_search(&path).is_err() => {}
            Ok(path) => match search.values(&path) {
                Ok(root) => values.push(root),
                Err(message) => say(file, message),
            },
            Err(message) => say(file, message),
        }
    }
    if let Some(object) = helm.get("valuesObject").filter(|object| object.as_map().is_some()) {
        values.push(object.clone());
    } else if let Some(inline) = helm.get("values").filter(|inline| inline.as_str().is_some()) {
        let file = search.sources.get(inline.location.source);
        match crate::yaml::embedded::documents(inline, &file.text) {
            Ok(documents) => values.extend(documents.into_iter().map(|document| document.root)),
            Err(error) => say(inline, format!("`values` is not YAML: {error}")),
        }
    }
    values
}

/// The path of a value file: relative to the chart, from the root with `/`, or in another source with `$name/`.
fn value_file(search: &Search<'_>, reference: &str, sources: &[Node], chart: &str) -> Result<String, String> {
    let outside = || format!("the values file `{reference}` is not in this repository");
    if is_remote(reference) {
        return Err(outside());
    }
    let Some(named) = reference.strip_prefix('$') else {
        return join(chart, reference).ok_or_else(outside);
    };
    let (name, path) = named.split_once('/').ok_or_else(outside)?;
    if !sources.iter().any(|source| text(source, "ref") == Some(name)) {
        return Err(format!("no source of the Application has `ref: {name}`"));
    }
    // A reference leads from the root of the source's repository: this one, if the file is here.
    let path = join("", path).ok_or_else(outside)?;
    if search.paths.binary_search(&path).is_ok() { Ok(path) } else { Err(outside()) }
}
