//! `crd-invalid`: a file in `crds/` that is not YAML or not a custom resource definition.

use crate::chart::ProblemKind;
use crate::crd::Crd;
use crate::finding::Label;
use crate::rule::{Context, Findings};

/// One finding for each file that does not parse and for each document that is no definition.
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
            let Err(defect) = Crd::read(&document.root) else { continue };
            findings
                .report(Label::new(defect.location, ""), format!("{} {index}", file.path), &[])
                .message(defect.message)
                .help(defect.help);
        }
    }
}
