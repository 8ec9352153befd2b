//! The values that a job runs with one after the other.

use std::collections::BTreeMap;

use super::super::Files;
use super::super::expression::squeezed;
use crate::yaml::{Mapping, Node};

/// Mappings inside each other.
const DEEPEST: usize = 4;
/// Scripts that one stands for: with more it is left as it is written.
const MOST: usize = 64;

/// What a job's matrix has for each name: `os`, or `chart.path` of a value that is a mapping.
#[derive(Debug, Default)]
pub(super) struct Matrix(BTreeMap<String, Vec<Node>>);

impl Matrix {
    /// Of a job.
    pub(super) fn of(files: &Files<'_>, job: &Node) -> Self {
        let mut values = Self::default();
        let matrix = job.get("strategy").and_then(|strategy| strategy.get("matrix")).and_then(Node::as_map);
        for (name, entry) in matrix.map(Mapping::effective).unwrap_or_default() {
            let items = entry.value.as_seq().unwrap_or_default();
            for item in items.iter().take_while(|_| files.spend(1)) {
                match &*name {
                    "exclude" => {}
                    "include" => values.add_all("", item),
                    name => values.add_all(name, item),
                }
            }
        }
        values
    }

    /// Adds a value, or those of a mapping by their names below it.
    fn add_all(&mut self, name: &str, node: &Node) {
        let Some(map) = node.as_map() else {
            if node.scalar_text().is_some() {
                self.0.entry(name.to_owned()).or_default().push(node.clone());
            }
            return;
        };
        for (key, entry) in map.effective() {
            let below = if name.is_empty() { key.into_owned() } else { format!("{name}.{key}") };
            if below.split('.').count() <= DEEPEST {
                self.add_all(&below, &entry.value);
            }
        }
    }

    /// The scripts that one stands for, each with the node that it is written in.
    pub(super) fn scripts(&self, files: &Files<'_>, node: &Node, script: &str) -> Vec<(Node, String)> {
        let own = || vec![(node.clone(), script.to_owned())];
        if self.0.is_empty() || !script.contains("matrix.") || !files.scan(script) {
            return own();
        }
        let script = squeezed(script);
        if let Some(values) = named(script.trim()).and_then(|name| self.0.get(name)) {
            let text = |value: &Node| value.scalar_text().map(|text| (value.clone(), text.to_owned()));
            return values.iter().take(MOST).filter_map(text).collect();
        }
        let mut found = vec![script];
        for (name, values) in &self.0 {
            let expression = format!("${{{{matrix.{name}}}}}");
            if !found[0].contains(&expression) {
                continue;
            }
            if found.len() * values.len() > MOST || !files.spend(found.len() * values.len() * (1 + found[0].len())) {
                return own();
            }
            let texts = values.iter().filter_map(Node::scalar_text);
            found = texts
                .flat_map(|text| found.iter().map(|script| script.replace(&expression, text)).collect::<Vec<_>>())
                .collect();
        }
        found.into_iter().map(|script| (node.clone(), script)).collect()
    }
}

/// The name that a text asks of the matrix, where it is nothing else.
fn named(text: &str) -> Option<&str> {
    text.strip_prefix("${{matrix.")?.strip_suffix("}}").filter(|name| !name.contains("${{"))
}
