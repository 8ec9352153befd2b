//! The values of a HelmRelease: `valuesFiles`, then `valuesFrom`, then `values`, as Flux lays them over each other.

use super::objects::Objects;
use super::origin::Origin;
use super::{from_root, references};
use crate::gitops::declared::Declared;
use crate::gitops::files::Files;
use crate::gitops::path::join;
use crate::gitops::{Inside, Problem, text};
use crate::kustomize::edit;
use crate::profile::Setting;
use crate::values::set::Form;
use crate::yaml::{Node, Value, embedded};

/// Objects that a release may take values from: each is laid over all before it.
const MOST: usize = 500;

/// Values, and expressions that count more than they.
pub(super) struct GivenValues {
    /// What stands in the place of the chart's own.
    pub(super) own: Option<Node>,
    pub(super) values: Vec<Node>,
    pub(super) set: Vec<Setting>,
    /// Those that lie in a chart which is not here.
    pub(super) inside: Vec<Inside>,
}

pub(super) fn read(
    files: &Files<'_>,
    objects: &Objects<'_>,
    release: &Declared,
    spec: &Node,
    chart: &Origin,
    problems: &mut Vec<Problem>,
) -> GivenValues {
    let template = chart.template.as_ref();
    let FileValues { own: replacing, values: from_files, inside } =
        template.map(|template| listed(files, template, chart, problems)).unwrap_or_default();
    let own = spec.get("values").filter(|values| values.as_map().is_some()).cloned();
    let below = edit::mapping(vec![], spec.location);
    let mut layers = Layers { values: from_files, below, unmerged: vec![], own, set: vec![], whole: vec![] };
    for (index, (reference, kind, name)) in references(spec, "valuesFrom").into_iter().enumerate() {
        if index == MOST {
            let message = format!("a HelmRelease takes values from more than {MOST} objects");
            problems.push(Problem::new(reference.location, message));
            break;
        }
        match referenced(objects, release, reference, kind, name) {
            Ok(Some(found)) => {
                if let Err(message) = layers.add(files, reference, &found) {
                    problems.push(Problem::new(reference.location, message));
                }
            }
            Ok(None) => {}
            Err(message) => problems.push(Problem::new(reference.location, message)),
        }
    }
    let whole = std::mem::take(&mut layers.whole);
    layers.values.extend(layers.own);
    // Values take numbers for floating-point ones; Flux writes whole ones as `--set` does.
    if !whole.is_empty() {
        let last = crate::values::merged(&edit::mapping(vec![], spec.location), &layers.values);
        let counts = |(path, setting): &(String, Setting)| {
            let found = path.split('.').try_fold(&last, |node, key| node.get(key));
            found.is_some_and(|node| Some(node.location) == setting.at)
        };
        layers.set.extend(whole.into_iter().filter(counts).map(|(_, setting)| setting));
    }
    GivenValues { own: replacing, values: layers.values, set: layers.set, inside }
}

/// Values as they are laid over each other.
struct Layers {
    values: Vec<Node>,
    /// What Flux has merged so far of `valuesFrom`.
    below: Node,
    /// What comes over that, where nobody has asked yet.
    unmerged: Vec<Node>,
    /// The release's own `values`.
    own: Option<Node>,
    set: Vec<Setting>,
    /// Whole numbers for paths of plain keys, as they are set where nothing comes over them.
    whole: Vec<(String, Setting)>,
}

impl Layers {
    fn add(&mut self, files: &Files<'_>, reference: &Node, found: &Node) -> Result<(), String> {
        let Some(path) = text(reference, "targetPath").filter(|path| !path.is_empty()) else {
            let roots = embedded_roots(files, found)?;
            self.unmerged.extend(roots.iter().cloned());
            self.values.extend(roots);
            return Ok(());
        };
        let content = found.scalar_text().unwrap_or("").to_owned();
        let is_literal = reference.get("literal").and_then(Node::as_bool) == Some(true);
        let is_plain = !path.contains(['[', '\\', ',', '{', '=']);
        if !is_plain || (!is_literal && content.contains([',', '{', '[', '\\'])) {
            self.set.push(setting(path, &content, is_literal, found));
            return Ok(());
        }
        self.below = crate::values::merged(&self.below, &std::mem::take(&mut self.unmerged));
        let keys: Vec<&str> = path.split('.').collect();
        let value = Node { value: typed(&content, is_literal), ..found.clone() };
        if matches!(value.value, Value::Int(..)) {
            self.whole.push((path.to_owned(), setting(path, &content, is_literal, found)));
        }
        // Flux merges its own values first and writes into what may be a part of them.
        if self.is_shared(&keys) {
            self.own = self.own.take().map(|own| edit::with_at(&own, &keys, value.clone()));
        }
        if let Some(own) = &self.own {
            self.below = crate::values::merged(&self.below, [own]);
        }
        self.below = edit::with_at(&self.below, &keys, value.clone());
        self.values.push(edit::with_at(&edit::mapping(vec![], found.location), &keys, value));
        Ok(())
    }

    /// Whether the mapping that a path leads into is the release's own, and not a merged copy of it.
    fn is_shared(&self, keys: &[&str]) -> bool {
        let Some((_, parents)) = keys.split_last() else { return false };
        let is_map = |root: &Node, path: &[&str]| {
            path.iter().try_fold(root, |node, key| node.get(key)).is_some_and(|node| node.as_map().is_some())
        };
        let Some(own) = &self.own else { return false };
        let has_parents = !parents.is_empty() && is_map(own, parents);
        has_parents && (1..=parents.len()).any(|length| !is_map(&self.below, &parents[..length]))
    }
}

/// What `valuesFiles` name.
#[derive(Default)]
struct FileValues {
    /// All of them over each other, where they leave out the chart's own.
    own: Option<Node>,
    /// Else what comes over that.
    values: Vec<Node>,
    inside: Vec<Inside>,
}

/// `valuesFiles` take the place of the chart's own values.yaml, which the gate begins with where it is among them.
fn listed(files: &Files<'_>, template: &Node, chart: &Origin, problems: &mut Vec<Problem>) -> FileValues {
    let listed: Vec<&Node> = template.get("valuesFile").into_iter().chain(template.items("valuesFiles")).collect();
    let folder = chart.folder().unwrap_or_default();
    let own = join(folder, "values.yaml");
    // A chart that is not here surely has one.
    let has_file = chart.folder().is_none() || own.as_ref().is_some_and(|own| files.is_file(own));
    let is_optional = template.get("ignoreMissingValuesFiles").and_then(Node::as_bool) == Some(true);
    let (mut values, mut inside, mut has_own) = (vec![], vec![], false);
    for (index, file) in listed.iter().enumerate() {
        let reference = file.scalar_text().unwrap_or("");
        if chart.is_git && chart.folder().is_none() {
            let message = format!("`{reference}` lies beside the chart, which is not in this repository");
            problems.push(Problem::new(file.location, message));
            continue;
        }
        let path = if chart.is_git { from_root(reference).ok() } else { join(folder, reference) };
        if path.is_some() && path == own {
            has_own = true;
            // Where it comes first it is what the gate begins with.
            if index == 0 {
                continue;
            }
        }
        if let (None, Some(path)) = (chart.folder(), &path) {
            inside.push(Inside { at: file.location, path: path.clone(), before: values.len(), is_optional });
            continue;
        }
        if is_optional && path.as_ref().is_some_and(|path| !files.is_file(path)) {
            continue;
        }
        let path = path.ok_or_else(|| format!("`{reference}` leads out of the repository"));
        match path.and_then(|path| files.values(&path)) {
            Ok(root) => values.push(root),
            Err(message) => problems.push(Problem::new(file.location, message)),
        }
    }
    if has_own || listed.is_empty() || !has_file {
        return FileValues { own: None, values, inside };
    }
    if let Some(first) = listed.first().filter(|_| chart.folder().is_none()) {
        problems
            .push(Problem::new(first.location, "`valuesFiles` leaves out the chart's own `values.yaml`".to_owned()));
        return FileValues { own: None, values, inside };
    }
    let first = values.first().cloned().unwrap_or_else(|| edit::mapping(vec![], template.location));
    let own = crate::values::merged(&first, values.iter().skip(1));
    FileValues { own: Some(own), values: vec![], inside }
}

/// The text that a `valuesFrom` entry names; none where it is optional and not there.
fn referenced(
    objects: &Objects<'_>,
    release: &Declared,
    reference: &Node,
    kind: &str,
    name: &str,
) -> Result<Option<Node>, String> {
    let key = text(reference, "valuesKey").filter(|key| !key.is_empty()).unwrap_or("values.yaml");
    let is_optional = reference.get("optional").and_then(Node::as_bool) == Some(true);
    match kind {
        "ConfigMap" => {
            match objects.map(name, release)?.map(|map| map.get("data").and_then(|data| data.get(key)).cloned()) {
                Some(Some(value)) => Ok(Some(value)),
                None | Some(None) if is_optional => Ok(None),
                Some(None) => Err(format!("the ConfigMap `{name}` has no `{key}`")),
                None => Err(format!("the ConfigMap `{name}` is not in this repository")),
            }
        }
        "Secret" => Err(format!("the values of the Secret `{name}` are not read")),
        kind => Err(format!("values from `{kind}` are not followed")),
    }
}

/// The values that a text holds.
fn embedded_roots(files: &Files<'_>, node: &Node) -> Result<Vec<Node>, String> {
    let file = files.search.sources.get(node.location.source);
    let documents = embedded::documents(node, &file.text).map_err(|error| format!("values are not YAML: {error}"))?;
    Ok(documents.into_iter().take(1).map(|document| document.root).filter(|root| !root.is_null()).collect())
}

/// What a text is to Helm's `--set`; in quotes it is text.
fn typed(content: &str, is_literal: bool) -> Value {
    let quoted =
        ["'", "\""].iter().any(|quote| content.len() > 1 && content.starts_with(quote) && content.ends_with(quote));
    let text = |text: &str| Value::String(text.into());
    match content {
        _ if is_literal => text(content),
        _ if quoted => text(content.trim_matches(['\'', '"'])),
        _ if content.eq_ignore_ascii_case("true") => Value::Bool(true, "true".into()),
        _ if content.eq_ignore_ascii_case("false") => Value::Bool(false, "false".into()),
        _ if content.eq_ignore_ascii_case("null") => Value::Null,
        _ if content.starts_with('0') && content != "0" => text(content),
        _ => content.parse().map_or_else(|_| text(content), |number: i64| Value::Int(number, content.into())),
    }
}

/// The expression of a value for a path that is more than keys between dots.
fn setting(path: &str, content: &str, is_literal: bool, found: &Node) -> Setting {
    let escape = |letter: char| {
        if matches!(letter, '\\' | ',' | '[' | ']' | '{' | '}') { format!("\\{letter}") } else { letter.to_string() }
    };
    let value = if is_literal { content.chars().map(escape).collect() } else { content.to_owned() };
    let form = if is_literal { Form::Text } else { Form::Typed };
    Setting { expression: format!("{path}={value}"), form, at: Some(found.location) }
}
