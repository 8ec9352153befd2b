//! `file-case-collision`: two files of the package whose names differ in the case of letters alone.

use std::collections::BTreeMap;

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for file in &context.chart.files {
        match known.get(&file.path.to_lowercase()) {
            // One path that two packages of a dependency have is another matter.
            Some(other) if *other == file.path => {}
            Some(other) => {
                findings.report(
                    Label::new(context.start_of(&file.path), ""),
                    file.path.as_str(),
                    &[("path", &file.path), ("other", other)],
                );
            }
            None => _ = known.insert(file.path.to_lowercase(), &file.path),
        }
    }
}
