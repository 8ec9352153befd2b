//! `dependency-import-void`: `import-values` of a path at which a dependency has no mapping (`processImportValues` in Helm's
//! `dependencies.go`).

use crate::chart::{Chart, Declared};
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::yaml::{KeyPath, Node};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    for declared in chart.declared() {
        let (Some(name), Some(key)) = (declared.name, declared.key()) else { continue };
        // What is not here may have it.
        let Some(part) = part(chart, &declared) else { continue };
        for (path, node) in declared.node.items("import-values").iter().filter_map(imported) {
            let keys: Vec<&str> = path.split('.').collect();
            let is_set_here = is_mapping(chart, &[&[key], keys.as_slice()].concat());
            if !is_set_here && !has(part, &keys) {
                let args = [("name", name), ("path", path.as_str())];
                let reported = findings.report(Label::new(node.location, ""), format!("{key} {path}"), &args);
                let values = part.values.as_ref().and_then(|values| values.root());
                if let Some(root) = values {
                    reported.related(Label::new(root.location, "its values"));
                }
            }
        }
    }
}

/// The path that an entry imports, with where it is written; none of what Helm passes over.
fn imported(item: &Node) -> Option<(String, &Node)> {
    let path = match item.as_map() {
        Some(_) => item.get("child").map(|child| (child.scalar_text().map(str::to_owned), child)),
        None => Some((item.scalar_text().map(|name| format!("exports.{name}")), item)),
    };
    path.and_then(|(path, node)| Some((path.filter(|path| !path.is_empty())?, node)))
}

fn part<'a>(chart: &'a Chart, declared: &Declared<'_>) -> Option<&'a Chart> {
    chart.parts().find(|part| part.name() == declared.name)
}

/// Whether a chart's own values have a mapping at a path.
fn is_mapping(chart: &Chart, keys: &[&str]) -> bool {
    let path = keys.iter().fold(KeyPath::default(), |path, key| path.key(key));
    let documents = chart.values.iter().flat_map(|values| &values.documents);
    documents.into_iter().any(|document| document.root.at(&path).is_some_and(|node| node.as_map().is_some()))
}

/// Whether the values of a chart have a mapping at a path: its own, those that it hands down, and those of what it is made with.
fn has(chart: &Chart, keys: &[&str]) -> bool {
    let declared = chart.declared();
    // What it imports itself, and what charts share, is not looked for.
    let is_open = keys.first() == Some(&"global")
        || declared.iter().any(|one| !one.node.items("import-values").is_empty())
        || chart.values.is_none() && chart.file("values.yaml").is_some();
    let below = || {
        let (first, rest) = keys.split_first()?;
        let known = declared.iter().find(|one| one.key() == Some(*first));
        let found =
            known.and_then(|one| part(chart, one)).or_else(|| chart.parts().find(|part| part.name() == Some(*first)));
        Some(found.map_or(known.is_some(), |part| rest.is_empty() || has(part, rest)))
    };
    is_open || is_mapping(chart, keys) || below().unwrap_or_default()
}
