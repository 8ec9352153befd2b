//! Fixes that can be offered: none in a value that an alias brings to other places too.

use std::collections::BTreeMap;

use super::Said;
use crate::finding::{Finding, Fix};
use crate::text::{SourceId, Sources};
use crate::yaml::shared::{Shared, shared};

/// What a rule says, without the fixes that would change more than what it speaks of; the help says why.
pub(super) fn settled(mut said: Said, sources: &Sources) -> Said {
    let mut known: BTreeMap<SourceId, Vec<Shared>> = BTreeMap::new();
    for finding in said.findings.iter_mut().filter(|finding| finding.fix.is_some()) {
        withhold(finding, &mut known, sources);
    }
    said
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
