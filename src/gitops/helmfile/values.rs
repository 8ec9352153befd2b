//! The values of a helmfile's release: `values` in their order, then `set` and `setString`.

use crate::gitops::files::Files;
use crate::gitops::glob::{self, Flavour, Glob};
use crate::gitops::path::{folder, is_remote, join};
use crate::gitops::{Problem, text, within};
use crate::profile::Setting;
use crate::text::Location;
use crate::values::set::{self, Form};
use crate::yaml::{Mapping, Node};

/// Values, and expressions that count more than they.
pub(super) struct ReleaseValues {
    pub(super) roots: Vec<Node>,
    pub(super) set: Vec<Setting>,
}

pub(super) fn read(
    files: &Files<'_>,
    path: &str,
    root: &Node,
    release: &Node,
    problems: &mut Vec<Problem>,
) -> ReleaseValues {
    let handler = text(release, "missingFileHandler").or_else(|| text(root, "missingFileHandler"));
    let is_optional = handler.is_some_and(|handler| !handler.is_empty() && handler != "Error");
    let mut roots = vec![];
    for item in release.items("values") {
        let read = match item.scalar_text() {
            Some(reference) => listed(files, path, root, release, reference, is_optional),
            None => inline(item).map(|()| vec![item.clone()]),
        };
        match read {
            Ok(read) => roots.extend(read),
            Err(message) => problems.push(Problem::new(item.location, message)),
        }
    }
    let mut all = vec![];
    for (field, form) in [("set", Form::Typed), ("setString", Form::Text)] {
        for item in release.items(field) {
            match setting(files, path, item, (field, form)) {
                Ok(setting) => all.extend(setting),
                Err(message) => problems.push(Problem::new(item.location, message)),
            }
        }
    }
    ReleaseValues { roots, set: all }
}

/// The files that a reference means, in their order.
fn listed(
    files: &Files<'_>,
    path: &str,
    root: &Node,
    release: &Node,
    reference: &str,
    is_optional: bool,
) -> Result<Vec<Node>, String> {
    let most = [text(release, "name"), text(root, "namespace"), text(release, "namespace")];
    let most = most.into_iter().flatten().map(str::len).max().unwrap_or(0);
    within(reference.matches("{{").count().saturating_mul(most))?;
    let reference = &named(reference, root, release);
    known_text(reference)?;
    if is_remote(reference) || reference.contains("::") {
        return Err(format!("the values file `{reference}` is not in this repository"));
    }
    let prefix = text(release, "valuesPathPrefix").or_else(|| text(root, "valuesPathPrefix")).unwrap_or("");
    let outside = || format!("`{reference}` leads out of the repository");
    let wanted = join(folder(path), &format!("{prefix}{reference}")).ok_or_else(outside)?;
    let found: Vec<String> = if glob::is_pattern(&wanted) {
        let glob = Glob::new(&wanted, Flavour::Names)?;
        files.seen_below(glob::fixed(&wanted))?.into_iter().filter(|path| glob.matches(path)).collect()
    } else {
        Some(wanted.clone()).filter(|path| files.is_file(path)).into_iter().collect()
    };
    if found.is_empty() && !is_optional {
        return Err(format!("`{wanted}` does not exist"));
    }
    let read = |path: &String| {
        let is_template = path.ends_with(".gotmpl") && files.text(path)?.1.text.contains("{{");
        if is_template {
            return Err(format!("`{path}` is a template, and helmfile alone fills it in"));
        }
        let roots = files.layers(path)?;
        match roots.iter().find_map(secret) {
            Some(reference) => Err(format!("`{reference}` of `{path}` is not in this repository")),
            None => Ok(roots),
        }
    };
    if let [first, second, ..] = found.as_slice() {
        return Err(format!("helmfile refuses `{reference}`, which fits `{first}` and `{second}`"));
    }
    let read: Vec<Vec<Node>> = found.iter().map(read).collect::<Result<_, String>>()?;
    Ok(read.into_iter().flatten().collect())
}

/// The first value that helmfile takes from a vault.
fn secret(node: &Node) -> Option<&str> {
    if let Some(text) = node.as_str() {
        return Some(text).filter(|text| text.starts_with("ref+"));
    }
    let items = node.as_seq().unwrap_or_default().iter().find_map(secret);
    items.or_else(|| node.as_map()?.entries().iter().find_map(|entry| secret(&entry.value)))
}

/// A path with the name and the namespace of its release filled in.
fn named(reference: &str, root: &Node, release: &Node) -> String {
    let name = text(release, "name").unwrap_or("");
    let namespace = text(root, "namespace").filter(|over| !over.is_empty()).or_else(|| text(release, "namespace"));
    let known = [(".Release.Name", name), (".Release.Namespace", namespace.unwrap_or(""))];
    let is_plain = |value: &str| !value.is_empty() && !value.contains("{{");
    known.into_iter().filter(|(_, value)| is_plain(value)).fold(reference.to_owned(), |path, (field, value)| {
        ["{{ # }}", "{{#}}"].iter().fold(path, |path, form| path.replace(&form.replace('#', field), value))
    })
}

/// The same of values that stand in a helmfile: actions that Helm alone knows are texts for `tpl`.
fn inline(node: &Node) -> Result<(), String> {
    if let Some(text) = node.as_str() {
        return if is_for_helm(text) { Ok(()) } else { known_text(text) };
    }
    node.as_seq().unwrap_or_default().iter().try_for_each(inline)?;
    let entries = node.as_map().map(Mapping::effective).unwrap_or_default();
    entries.into_iter().try_for_each(|(key, entry)| known_text(&key).and_then(|()| inline(&entry.value)))
}

/// Whether every action of a text asks for what a chart knows and helmfile does not.
fn is_for_helm(text: &str) -> bool {
    const HELM: [&str; 8] =
        [".Release.", ".Chart.", ".Template.", ".Capabilities.", ".Files.", "$.Release.", "$.Chart.", "include "];
    let mut actions = text.split("{{").skip(1).map(|action| action.trim_start_matches('-').trim_start()).peekable();
    actions.peek().is_some() && actions.all(|action| HELM.iter().any(|start| action.starts_with(start)))
}

/// Whether all that stands in a value is known: neither made by a template nor taken from a vault.
fn known(node: &Node) -> Result<(), String> {
    if let Some(text) = node.as_str() {
        return known_text(text);
    }
    node.as_seq().unwrap_or_default().iter().try_for_each(known)?;
    let entries = node.as_map().map(Mapping::effective).unwrap_or_default();
    entries.into_iter().try_for_each(|(key, entry)| known_text(&key).and_then(|()| known(&entry.value)))
}

fn known_text(text: &str) -> Result<(), String> {
    let first = text.lines().next().unwrap_or("");
    match text {
        _ if text.contains("{{") => {
            let line = text.lines().find(|line| line.contains("{{")).unwrap_or(first);
            Err(format!("`{}` is made by a template", line.trim()))
        }
        _ if text.starts_with("ref+") => Err(format!("`{first}` is not in this repository")),
        _ => Ok(()),
    }
}

/// An entry of `set` as Helm is given it.
fn setting(files: &Files<'_>, path: &str, item: &Node, (field, form): (&str, Form)) -> Result<Option<Setting>, String> {
    let Some(name) = text(item, "name") else { return Err("an entry of `set` needs a `name`".to_owned()) };
    known(item)?;
    let at: Option<Location> = Some(item.get("value").map_or(item.location, |value| value.location));
    let filled = |key: &str| text(item, key).filter(|text| !text.is_empty());
    // What comes first counts: a value, a file where it is not for texts alone, a list.
    if let Some(file) = filled("file").filter(|_| filled("value").is_none() && field == "set") {
        let outside = || format!("`{file}` leads out of the repository");
        let file = join(folder(path), file).ok_or_else(outside)?;
        let read = |path: &str| files.text(path).map(|(_, text)| text.text.to_string());
        let expression = set::inlined(&format!("{name}={}", escaped(&file)), read)?;
        return Ok(Some(Setting { expression, form: Form::File, at }));
    }
    let value = match (filled("value"), item.items("values")) {
        (Some(value), _) => escaped(value),
        (None, []) => return Ok(None),
        (None, values) => {
            let texts: Vec<String> = values.iter().filter_map(Node::scalar_text).map(escaped).collect();
            format!("{{{}}}", texts.join(","))
        }
    };
    Ok(Some(Setting { expression: format!("{name}={value}"), form, at }))
}

fn escaped(value: &str) -> String {
    value.replace('{', "\\{").replace('}', "\\}").replace(',', "\\,")
}
