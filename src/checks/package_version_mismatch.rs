//! `package-version-mismatch`: artifacthub-pkg.yml, and every file that the user names, has the version of Chart.yaml.

use super::edits;
use super::package::{Said, compare, root};
use crate::chart::TextFile;
use crate::finding::{Failure, FailureKind, Fix, Label};
use crate::rule::files::{Place, Reference};
use crate::rule::{Context, Findings};
use crate::text::{Location, Span};
use crate::yaml::Node;
use crate::yaml::edit::plain_or_quoted;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let said = context.chart.metadata.as_ref().and_then(|metadata| Said::field(metadata, "version"));
    let Some(said) = said else { return };
    in_package(context, &said, findings);
    for reference in context.params.references("files") {
        // One that could not be read is a failure of the run already.
        match context.files.get(&reference.file) {
            Some(Some(file)) => in_file(context, file, &reference, &said, findings),
            Some(None) if !reference.optional => absent(&reference, &said, findings),
            Some(None) | None => {}
        }
    }
}

fn in_package(context: &Context<'_>, said: &Said<'_>, findings: &mut Findings<'_>) {
    let Some((root, file, start)) = root(context) else { return };
    if root.get("version").is_none_or(Node::is_null) {
        let place = root.entry("version").map_or(start, |entry| entry.key.location);
        findings
            .report(Label::new(place, ""), "version", &[])
            .message(format!("`{file}` has no `version`"))
            .related(said.label.clone())
            .help(format!("add `version: {}`", said.value));
    } else {
        compare(context, findings, "version", said);
    }
}

/// The version written over another one, in the quotes that stand there.
fn fix(place: &Place, version: &str, reference: &Reference, context: &Context<'_>) -> Option<Fix> {
    let title = format!("write `{version}`");
    let written = context.sources.get(place.location.source).slice(place.location.span).to_owned();
    // What a pattern finds is part of a text, and what a path finds a scalar that stays one.
    let as_text =
        if reference.regex.is_some() || written != place.text { version.to_owned() } else { plain_or_quoted(version) };
    edits::word(context, place.location, (&place.text, &as_text), title)
}

fn in_file(
    context: &Context<'_>,
    file: &TextFile,
    reference: &Reference,
    said: &Said<'_>,
    findings: &mut Findings<'_>,
) {
    let places = match reference.places(file) {
        Ok(places) => places,
        Err(error) => {
            let failure = Failure::new(FailureKind::Read, format!("cannot look for the version: {}", error.message));
            return findings.fail(failure.at(error.location));
        }
    };
    if places.is_empty() {
        let place = Location::new(file.source, Span::default());
        findings
            .report(Label::new(place, ""), reference.subject(), &[])
            .message(format!("`{}` has no version at {}", reference.file, reference.describe()))
            .related(said.label.clone())
            .help("write the version there, or mend the rule's parameter `files`");
    }
    for place in places.into_iter().filter(|place| place.text != said.value) {
        let args = [("file", &*reference.file), ("found", &*place.text), ("expected", &*said.value)];
        findings
            .report(Label::new(place.location, ""), format!("{} {}", reference.subject(), place.text), &args)
            .related(said.label.clone())
            .help(format!("write `{}`", said.value))
            .fix(fix(&place, &said.value, reference, context));
    }
}

fn absent(reference: &Reference, said: &Said<'_>, findings: &mut Findings<'_>) {
    findings
        .report(said.label.clone(), reference.subject(), &[])
        .message(format!("`{}`, which is to name the version, does not exist", reference.file))
        .help("add the file, or set `optional: true` for it in the rule's parameter `files`");
}
