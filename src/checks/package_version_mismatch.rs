//! `package-version-mismatch`: artifacthub-pkg.yml and Chart.yaml name the same version.

use crate::finding::{Fix, Label, Safety};
use crate::rule::{Context, Findings};
use crate::text::edit::Edit;
use crate::text::{Location, Span};
use crate::yaml::{Node, Style};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(metadata), Some(version)) = (&context.chart.metadata, context.chart.version()) else { return };
    let Some(package) = &context.chart.package else { return };
    let Some(root) = package.root().filter(|root| root.as_map().is_some()) else { return };
    let related = Label::new(metadata.place("version"), format!("Chart.yaml says `{version}`"));
    match root.get("version").and_then(|node| Some((node, node.scalar_text()?))) {
        Some((_, found)) if found == version => {}
        Some((node, found)) => {
            let args = [("file", &*package.path), ("found", found), ("version", version)];
            findings
                .report(Label::new(node.location, ""), "version", &args)
                .related(related)
                .help(format!("set `version` to `{version}`"))
                .fix(fix(node, version));
        }
        None => {
            let place = Location::new(package.source, Span::default());
            findings
                .report(Label::new(place, ""), "version", &[])
                .message(format!("`{}` has no `version`", package.path))
                .related(related)
                .help(format!("add `version: {version}`"));
        }
    }
}

/// The version in the quotes that stand there, else in double quotes: it stays text whatever it looks like.
fn fix(node: &Node, version: &str) -> Fix {
    let content = if node.style == Style::SingleQuoted { format!("'{version}'") } else { format!("\"{version}\"") };
    Fix {
        title: format!("set `version` to `{version}`"),
        safety: Safety::Safe,
        edits: vec![Edit::replacement(node.location, content)],
    }
}
