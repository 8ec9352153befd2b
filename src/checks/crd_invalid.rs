//! `crd-invalid`: a file in `crds/` that is not YAML, not a custom resource definition, or one that no API server takes.

use super::admitted;
use crate::admission;
use crate::chart::ProblemKind;
use crate::crd::Crd;
use crate::finding::{Failure, FailureKind, Label};
use crate::kubernetes;
use crate::rule::{Context, Findings};
use crate::schema::Defect;
use crate::yaml::Node;

/// One finding for each file that does not parse, for each document that is no definition, and for all that is refused in one.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let unread = context.chart.problems.iter().filter(|problem| problem.kind == ProblemKind::CrdInvalid);
    for problem in unread {
        let help =
            problem.help.as_deref().unwrap_or("Helm installs the files of `crds/` as they are, without templating");
        let place = Label::new(problem.location, "");
        findings.report(place, problem.subject.clone(), &[]).message(problem.message.clone()).help(help);
    }
    for file in &context.chart.crds {
        for (index, document) in file.documents.iter().enumerate().filter(|(_, document)| !document.root.is_null()) {
            match Crd::read(&document.root) {
                Ok(crd) => {
                    unnamed(&document.root, &crd, &format!("{} {index}", file.path), findings);
                    refused(&document.root, &format!("{} {index}", file.path), findings);
                }
                Err(defect) => {
                    findings
                        .report(Label::new(defect.location, ""), format!("{} {index}", file.path), &[])
                        .message(defect.message)
                        .help(defect.help);
                }
            }
        }
    }
}

/// A definition without a name; Helm makes none of objects in `crds/`.
fn unnamed(root: &Node, crd: &Crd, subject: &str, findings: &mut Findings<'_>) {
    if crd.name.as_ref().is_some_and(|name| !name.text.is_empty()) {
        return;
    }
    let metadata = root.entry("metadata").or_else(|| root.entry("kind"));
    let at = metadata.map_or(root.location, |entry| entry.key.location);
    findings
        .report(Label::new(at, ""), format!("{subject} metadata.name"), &[])
        .message("required field `metadata.name` is missing")
        .help("name it after plural and group: `metadata: {name: things.example.com}`");
}

/// What the API server refuses in a definition that can be read.
fn refused(root: &Node, subject: &str, findings: &mut Findings<'_>) {
    match admission::document(root, kubernetes::newest()) {
        Ok(violations) => {
            for violation in violations {
                if violation.defect == Defect::Beyond {
                    findings.fail(admitted::left(&violation));
                    continue;
                }
                let subject = format!("{subject} {}", violation.path);
                let help =
                    violation.help.unwrap_or_else(|| "the API server refuses the definition as it is".to_owned());
                findings.report(Label::new(violation.location, ""), subject, &[]).message(violation.message).help(help);
            }
        }
        Err(exceeded) => {
            let message = format!("cannot judge a definition: {exceeded}");
            findings.fail(Failure::new(FailureKind::Limit, message).at(root.location));
        }
    }
}
