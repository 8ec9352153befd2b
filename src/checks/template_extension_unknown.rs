//! `template-extension-unknown`: a file in templates/ that is no YAML, helper or text by its name.

use std::path::Path;

use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::{Location, Span};

/// The extensions that `helm lint` takes; case counts.
const KNOWN: [&str; 4] = ["yaml", "yml", "tpl", "txt"];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for template in &context.chart.templates {
        let extension = Path::new(&template.path).extension().and_then(|extension| extension.to_str());
        if extension.is_some_and(|extension| KNOWN.contains(&extension)) {
            continue;
        }
        let place = Location::new(template.source, Span::default());
        let lower = extension.map(str::to_ascii_lowercase).filter(|lower| KNOWN.contains(&lower.as_str()));
        let help = match lower {
            Some(lower) => format!("write the extension as `.{lower}`"),
            None => "move the file out of `templates/`, or name it in `.helmignore`".to_owned(),
        };
        findings.report(Label::new(place, ""), template.path.as_str(), &[("path", &template.path)]).help(help);
    }
}
