//! Findings in charts that somebody else publishes: where they come from, and what mends them from above.

use super::{Context, Said};
use crate::chart::Chart;
use crate::dependency::{Foreign, Owner, owner};
use crate::extract::Above;
use crate::finding::{Finding, Label};
use crate::text::Location;
use crate::yaml::{KeyPath, Node, Value};

impl Context<'_> {
    fn owner_at(&self, at: Location) -> Option<Owner<'_>> {
        // Most charts are made with no other.
        self.chart.parts().next()?;
        owner(self.chart, &self.sources.path(at), "")
    }
}

/// What a rule says, with the line that brings in what it is about, and without changes of files that are another's.
pub(super) fn placed(mut said: Said, context: &Context<'_>) -> Said {
    for finding in &mut said.findings {
        let foreign = |at| context.owner_at(at)?.foreign.map(|foreign| foreign.name);
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        if edits.clone().any(|edit| foreign(edit.location).is_some()) {
            finding.fix = None;
        }
        let at = finding.primary.location;
        if let Some((owner, foreign)) = context.owner_at(at).and_then(|owner| Some((owner.clone(), owner.foreign?))) {
            advise(finding, &owner, foreign);
            finding.related.insert(0, Label::new(foreign.entry, format!("`{}` comes from here", foreign.name)));
        }
    }
    said
}

/// Says what can be done from above: set a value, or take another version.
fn advise(finding: &mut Finding, owner: &Owner<'_>, foreign: Foreign<'_>) {
    let help = finding.help.take().unwrap_or_default();
    let name = foreign.name;
    // What is to be written into a template no value does.
    let value = value_at(owner.chart, finding.primary.location).filter(|_| !help.contains("{{"));
    finding.help = Some(match (value, foreign.folder) {
        (Some(path), _) => {
            let keys = owner.keys.iter().map(|key| (*key).to_owned()).collect();
            let above = Above { name: name.to_owned(), keys, values: None };
            let key = format!("`{}`", above.key(&path));
            if help.contains(&key) { help } else { format!("set {key} in the values of this chart: {help}") }
        }
        (None, Some(folder)) => {
            format!("in `{folder}`, of which this is a copy: {help}; then run `chartgate deps --update`")
        }
        (None, None) => format!("take a version of `{name}` that does so: {help}"),
    });
}

/// The path of what stands at a place of a chart's own values.
fn value_at(chart: &Chart, at: Location) -> Option<KeyPath> {
    let file = chart.values.as_ref().filter(|file| file.source == at.source)?;
    file.documents.iter().find_map(|document| path_of(&document.root, &KeyPath::default(), at))
}

fn path_of(node: &Node, path: &KeyPath, at: Location) -> Option<KeyPath> {
    if node.location == at {
        return Some(path.clone()).filter(|path| !path.0.is_empty());
    }
    match &node.value {
        Value::Map(mapping) => {
            let entries = mapping.entries().iter();
            entries.filter(|entry| !entry.merged).find_map(|entry| {
                let path = path.key(&entry.key.key_text());
                if entry.key.location == at { Some(path) } else { path_of(&entry.value, &path, at) }
            })
        }
        Value::Seq(items) => items.iter().enumerate().find_map(|(index, item)| path_of(item, &path.index(index), at)),
        _ => None,
    }
}
