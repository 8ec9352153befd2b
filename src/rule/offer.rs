//! Fixes that can be offered: none in a value that an alias brings to other places too, and in values that several profiles read not
//! without saying so.

use std::collections::BTreeMap;

use super::{Context, Said};
use crate::finding::{Finding, Fix};
use crate::text::{SourceId, Sources};
use crate::yaml::Node;
use crate::yaml::shared::{Shared, shared};

/// What a rule says, without the fixes that would change more than what it speaks of; the help says why.
pub(super) fn settled(mut said: Said, context: &Context<'_>) -> Said {
    let mut known: BTreeMap<SourceId, Vec<Shared>> = BTreeMap::new();
    for finding in said.findings.iter_mut().filter(|finding| finding.fix.is_some()) {
        withhold(finding, &mut known, context.sources);
        if let Some(fix) = &mut finding.fix {
            fix.title.push_str(&readers(fix, context));
        }
    }
    said
}

/// Which profiles read the values that a fix changes, where several do.
fn readers(fix: &Fix, context: &Context<'_>) -> String {
    let sources = context.sources;
    let Some(path) = fix.edits.first().map(|edit| sources.path(edit.location)) else { return String::new() };
    let is_own = context.chart.values.as_ref().is_some_and(|own| sources.path_of(own.source) == path);
    let reads = |values: &[Node]| values.iter().any(|root| sources.path(root.location) == path);
    let reading = context.profiles.iter().filter(|view| reads(&view.profile.values));
    let names: Vec<String> = reading.map(|view| format!("`{}`", view.profile.name)).collect();
    match names.as_slice() {
        _ if is_own && context.profiles.len() > 1 => ", which all profiles read".to_owned(),
        [] | [_] => String::new(),
        names => format!(", which the profiles {} read", names.join(", ")),
    }
}

fn withhold(finding: &mut Finding, known: &mut BTreeMap<SourceId, Vec<Shared>>, sources: &Sources) {
    let Some(Fix { edits, .. }) = &finding.fix else { return };
    let found = edits.iter().find_map(|edit| {
        let source = edit.location.source;
        let places = known.entry(source).or_insert_with(|| shared(&sources.get(source).text));
        let holds = |shared: &&Shared| {
            shared.span.start <= edit.location.span.start && edit.location.span.end <= shared.span.end
        };
        places.iter().find(holds).map(|shared| shared.anchor.clone())
    });
    let Some(anchor) = found else { return };
    let why = format!("mend it by hand: the anchor `{anchor}` brings it to other places too");
    finding.fix = None;
    finding.help = Some(finding.help.take().map_or_else(|| why.clone(), |help| format!("{help}; {why}")));
}
