//! The values of a HelmRelease: `valuesFiles`, then `valuesFrom`, then `values`, as Flux lays them over each other.

use super::origin::Origin;
use super::{Objects, Release, from_root};
use crate::gitops::path::{folder, join};
use crate::gitops::{Search, items, kustomize, text};
use crate::profile::Setting;
use crate::text::Location;
use crate::yaml::{KeyPath, Node, embedded};

type Problems = Vec<(Location, String)>;

pub(super) fn read(
    search: &Search<'_>,
    objects: &Objects,
    release: &Release<'_>,
    spec: &Node,
    chart: &Origin<'_>,
    problems: &mut Problems,
) -> (Vec<Node>, Vec<Setting>) {
    let mut values =
        chart.template.as_ref().map(|template| files(search, template, chart, problems)).unwrap_or_default();
    let own = spec.get("values").filter(|values| values.as_map().is_some());
    let mut set = vec![];
    for reference in items(spec, "valuesFrom") {
        match (referenced(search, objects, release, reference), text(reference, "targetPath")) {
            (Ok(Some(found)), None) => match embedded_root(search, &found) {
                Ok(root) => values.extend(root),
                Err(message) => problems.push((reference.location, message)),
            },
            // What `values` sets counts more.
            (Ok(Some(found)), Some(path)) => {
                let is_free = own.is_none_or(|own| own.at(&KeyPath::dotted(path)).is_none());
                set.extend(is_free.then(|| setting(path, &found)));
            }
            (Ok(None), _) => {}
            (Err(message), _) => problems.push((reference.location, message)),
        }
    }
    values.extend(own.cloned());
    (values, set)
}

/// `valuesFiles` take the place of the chart's own values.yaml, which the gate always begins with.
fn files(search: &Search<'_>, template: &Node, chart: &Origin<'_>, problems: &mut Problems) -> Vec<Node> {
    let listed = items(template, "valuesFiles").iter().chain(template.get("valuesFile"));
    let own = join(chart.folder, "values.yaml");
    let (mut values, mut has_own) = (vec![], false);
    let listed: Vec<&Node> = listed.collect();
    for file in &listed {
        let reference = file.scalar_text().unwrap_or("");
        let path = if chart.is_git { from_root(reference).ok() } else { join(chart.folder, reference) };
        if path.is_some() && path == own {
            has_own = true;
            continue;
        }
        let path = path.ok_or_else(|| format!("`{reference}` leads out of the repository"));
        match path.and_then(|path| search.values(&path)) {
            Ok(root) => values.push(root),
            Err(message) => problems.push((file.location, message)),
        }
    }
    if let Some(first) =
        listed.first().filter(|_| !has_own && own.is_some_and(|own| search.paths.binary_search(&own).is_ok()))
    {
        problems.push((first.location, "`valuesFiles` leaves out the chart's own `values.yaml`".to_owned()));
    }
    values
}

/// The text that a `valuesFrom` entry names; none where it is optional and not there.
fn referenced(
    search: &Search<'_>,
    objects: &Objects,
    release: &Release<'_>,
    reference: &Node,
) -> Result<Option<Node>, String> {
    let (kind, name) = (text(reference, "kind").unwrap_or(""), text(reference, "name").unwrap_or(""));
    let key = text(reference, "valuesKey").unwrap_or("values.yaml");
    if kind != "ConfigMap" {
        return Err(format!("the values of the {kind} `{name}` are not in this repository"));
    }
    let found = match objects.find(("ConfigMap", "v1"), name, release.path) {
        Ok((_, object)) => object.get("data").and_then(|data| data.get(key)).cloned(),
        Err(message) => match generated(search, release, name, key) {
            Some(root) => return root.map(Some),
            None if reference.get("optional").and_then(Node::as_bool) == Some(true) => return Ok(None),
            None => return Err(message),
        },
    };
    found.map(Some).ok_or_else(|| format!("the ConfigMap `{name}` has no `{key}`"))
}

/// The file that a kustomization beside the release, or above it, makes a ConfigMap's key of.
fn generated(search: &Search<'_>, release: &Release<'_>, name: &str, key: &str) -> Option<Result<Node, String>> {
    let mut folders = [folder(release.path), folder(release.file)].into_iter();
    folders.find_map(|here| {
        let root = kustomize::at(search, here)?;
        let of_name = |generator: &&Node| text(generator, "name") == Some(name);
        let generator = items(&root, "configMapGenerator").iter().find(of_name)?;
        let file = items(generator, "files").iter().filter_map(Node::scalar_text).find_map(|file| {
            let (known, path) = file.split_once('=').unwrap_or((file.rsplit('/').next().unwrap_or(file), file));
            (known == key).then_some(path)
        })?;
        Some(
            join(here, file)
                .ok_or_else(|| format!("`{file}` leads out of the repository"))
                .and_then(|path| search.values(&path)),
        )
    })
}

/// The values in a text of a ConfigMap; a file of a generator is already one.
fn embedded_root(search: &Search<'_>, found: &Node) -> Result<Option<Node>, String> {
    if found.as_str().is_none() {
        return Ok(Some(found.clone()));
    }
    let file = search.sources.get(found.location.source);
    let documents =
        embedded::documents(found, &file.text).map_err(|error| format!("its values are not YAML: {error}"))?;
    Ok(documents.into_iter().next().map(|document| document.root))
}

fn setting(path: &str, found: &Node) -> Setting {
    let text = found.scalar_text().unwrap_or("").trim_end_matches('\n');
    let quoted = text.len() > 1 && ["'", "\""].iter().any(|quote| text.starts_with(quote) && text.ends_with(quote));
    let bare = if quoted { &text[1..text.len() - 1] } else { text };
    let expression = format!("{path}={}", bare.replace('\\', "\\\\").replace(',', "\\,"));
    Setting { expression, is_string: quoted, at: Some(found.location) }
}
