//! Generators: each gives sets of parameters, and the template that they are for.

use super::parameters::{Parameters, flattened};
use super::render::Renderer;
use super::{MOST, combine, git};
use crate::gitops::files::Files;
use crate::gitops::{Problem, fields, text};
use crate::kustomize::edit;
use crate::yaml::{Document, Entry, Node, Value, embedded};

/// How deep generators may be in each other: Argo CD takes two levels.
const DEEPEST: usize = 4;

/// What is supplied by what only a cluster or the network knows.
const SUPPLIED: [&str; 5] = ["clusterDecisionResource", "clusters", "plugin", "pullRequest", "scmProvider"];

/// The sets of a generator, each with the template for it. `outer` are the parameters of a matrix around it.
pub(super) fn sets(
    files: &Files<'_>,
    renderer: &Renderer<'_>,
    generator: &Node,
    base: &Node,
    outer: Option<&Parameters>,
    depth: usize,
) -> Result<Vec<(Node, Parameters)>, Problem> {
    if depth > DEEPEST {
        return Err(Problem::new(generator.location, format!("generators are nested more than {DEEPEST} levels deep")));
    }
    if let Some(problem) = fields::of("ApplicationSet")
        .problems_below(generator, "spec.generators")
        .into_iter()
        .next()
        .filter(|_| depth > 0)
    {
        return Err(problem);
    }
    let filled = outer.map_or_else(|| Ok(generator.clone()), |outer| interpolated(renderer, generator, outer))?;
    let is_kind = |entry: &Entry| entry.key.key_text() != "selector" && !entry.value.is_null();
    if !edit::entries(&filled).iter().any(is_kind) {
        return Err(Problem::new(generator.location, "a generator needs a kind: `list`, `git` or another".to_owned()));
    }
    let mut all = vec![];
    for entry in
        edit::entries(&filled).into_iter().filter(|entry| entry.key.key_text() != "selector" && !entry.value.is_null())
    {
        let template = entry.value.get("template").map_or_else(|| base.clone(), |own| filled_up(own, base));
        let sets = of_kind(files, renderer, &entry, &template, depth)?;
        // Argo CD fills nothing into selectors.
        let kept = selected(sets, generator.get("selector"))?;
        all.extend(kept.into_iter().map(|parameters| (template.clone(), parameters)));
        if all.len() > MOST {
            return Err(Problem::new(generator.location, format!("the generator makes more than {MOST} Applications")));
        }
    }
    Ok(all)
}

fn of_kind(
    files: &Files<'_>,
    renderer: &Renderer<'_>,
    entry: &Entry,
    template: &Node,
    depth: usize,
) -> Result<Vec<Parameters>, Problem> {
    let node = &entry.value;
    let inner = |generator: &Node, outer: Option<&Parameters>| {
        let sets = sets(files, renderer, generator, template, outer, depth + 1)?;
        Ok(sets.into_iter().map(|(_, parameters)| parameters).collect())
    };
    match &*entry.key.key_text() {
        "list" => list(files, renderer, node),
        "git" => git::sets(files, renderer, node),
        "matrix" => combine::matrix(node, renderer.is_go, &inner),
        "merge" => combine::merge(node, &inner),
        kind if SUPPLIED.contains(&kind) => {
            let message = format!("what the `{kind}` generator supplies is known to a cluster or the network alone");
            let unknown = Some(Problem::new(entry.key.location, message));
            Ok(vec![Parameters { unknown, ..written(renderer, node) }])
        }
        kind => Err(Problem::new(entry.key.location, format!("the `{kind}` generator is not known"))),
    }
}

/// The `values` of a generator that are written out.
fn written(renderer: &Renderer<'_>, node: &Node) -> Parameters {
    let own = node.get("values").map(edit::entries).unwrap_or_default();
    let own = own.into_iter().filter(|entry| entry.value.scalar_text().is_some_and(|text| !text.contains("{{")));
    let nested = edit::mapping(
        vec![edit::entry("values", edit::mapping(own.collect(), node.location), node.location)],
        node.location,
    );
    Parameters::new(if renderer.is_go { nested } else { flattened(&nested) })
}

/// A generator inside a matrix, with what the other one supplies. `values` and templates that need more than that stay for later.
fn interpolated(renderer: &Renderer<'_>, generator: &Node, outer: &Parameters) -> Result<Node, Problem> {
    const LATER: [&str; 2] = ["values", "template"];
    let kind = |entry: &Entry| {
        let now = LATER.iter().fold(entry.value.clone(), |node, field| edit::without(&node, field));
        // What is not known stays as it is, and is said where it decides.
        let failed = renderer.node(&now, outer).1.filter(|_| outer.unknown.is_none());
        failed.map_or(Ok(()), Err)
    };
    edit::entries(generator).iter().try_for_each(kind)?;
    Ok(renderer.node(generator, outer).0)
}

/// The elements of a list, and those written as YAML in text.
fn list(files: &Files<'_>, renderer: &Renderer<'_>, node: &Node) -> Result<Vec<Parameters>, Problem> {
    let mut elements: Vec<Node> = node.items("elements").to_vec();
    if let Some(value) = elements.iter().filter(|_| !renderer.is_go).find_map(no_text) {
        let message =
            format!("Argo CD refuses an element with {} without `goTemplate`, which takes text", value.kind());
        return Err(Problem::new(value.location, message));
    }
    if let Some(written) =
        node.get("elementsYaml").filter(|written| written.as_str().is_some_and(|text| !text.is_empty()))
    {
        let content = written.as_str().unwrap_or_default();
        if content.contains("{{") {
            return Err(Problem::new(written.location, "`elementsYaml` depends on what is not known".to_owned()));
        }
        let file = files.search.sources.get(written.location.source);
        let documents = embedded::documents(written, &file.text);
        let documents =
            documents.map_err(|error| Problem::new(error.location, format!("`elementsYaml` is not YAML: {error}")))?;
        let listed = documents.first().map(|document: &Document| &document.root).filter(|root| !root.is_null());
        let wrong = || Problem::new(written.location, "`elementsYaml` is no list".to_owned());
        let listed = listed.map(|root| root.as_seq().ok_or_else(wrong)).transpose()?;
        elements.extend(listed.into_iter().flatten().cloned());
    }
    let set = |element: &Node| Parameters::new(if renderer.is_go { element.clone() } else { flattened(element) });
    Ok(elements.iter().map(set).collect())
}

/// A generator's own template, with what it leaves out taken from the set's.
fn filled_up(own: &Node, base: &Node) -> Node {
    let is_empty = |node: &Node| match &node.value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Seq(items) => items.is_empty(),
        _ => false,
    };
    if own.as_map().is_none() {
        return if is_empty(own) { base.clone() } else { own.clone() };
    }
    edit::over(own, base, |own, base| Some(own.map_or_else(|| base.clone(), |own| filled_up(own, base))))
}

/// A value of an element that is no text, itself or below `values`.
fn no_text(element: &Node) -> Option<&Node> {
    let entries = element.as_map()?.effective();
    let inner =
        |value| Node::as_map(value).into_iter().flat_map(|values| values.effective()).map(|(_, entry)| &entry.value);
    entries.into_iter().find_map(|(key, Entry { value, .. })| match &*key {
        "values" if value.as_map().is_some() => inner(value).find(|value| value.as_str().is_none()),
        _ => value.as_str().is_none().then_some(value),
    })
}

/// The sets that a `selector` keeps.
fn selected(sets: Vec<Parameters>, selector: Option<&Node>) -> Result<Vec<Parameters>, Problem> {
    let Some(selector) = selector else { return Ok(sets) };
    if let Some(unknown) = sets.iter().find_map(|set| set.unknown.clone()) {
        return Err(Problem::new(unknown.at, format!("{}, and a `selector` chooses among it", unknown.message)));
    }
    Ok(sets.into_iter().filter(|set| fits(&flattened(&set.values), selector)).collect())
}

fn fits(flat: &Node, selector: &Node) -> bool {
    let value = |key: &str| flat.get(key).and_then(Node::scalar_text);
    let labels = selector.get("matchLabels").map(edit::entries).unwrap_or_default();
    let has_labels = labels.iter().all(|entry| value(&entry.key.key_text()) == entry.value.scalar_text());
    has_labels
        && selector.items("matchExpressions").iter().all(|expression| {
            let found = value(text(expression, "key").unwrap_or(""));
            let is_listed = found
                .is_some_and(|found| expression.items("values").iter().any(|each| each.scalar_text() == Some(found)));
            match text(expression, "operator").unwrap_or("") {
                "In" => is_listed,
                "NotIn" => !is_listed,
                "Exists" => found.is_some(),
                "DoesNotExist" => found.is_none(),
                _ => false,
            }
        })
}
