//! What `helm template` prints of a rendering.

use std::fmt::Write as _;
use std::sync::Arc;

use super::{Manifest, Rendered, sort};
use crate::chart::ignore;
use crate::values::Scope;

impl Rendered {
    /// Whether `helm template` prints the same of another rendering.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let is_same = |(left, right): (&Manifest, &Manifest)| {
            left.path == right.path
                && left.hook.is_some() == right.hook.is_some()
                && (Arc::ptr_eq(&left.text, &right.text) || left.text == right.text)
        };
        self.manifests.len() == other.manifests.len() && self.manifests.iter().zip(&other.manifests).all(is_same)
    }

    /// The text: custom resource definitions if asked for, manifests, hooks.
    pub fn text(&self, with_crds: bool) -> String {
        let mut text = String::new();
        for (name, crd) in self.crds.iter().filter(|_| with_crds) {
            add(&mut text, name, &format!("{}\n", String::from_utf8_lossy(crd)));
        }
        let (hooks, plain): (Vec<_>, Vec<&Manifest>) =
            self.manifests.iter().partition(|manifest| manifest.hook.is_some());
        for manifest in plain {
            add(&mut text, &manifest.path, &manifest.text);
        }
        let mut text = format!("{}\n", text.trim());
        for manifest in hooks {
            add(&mut text, &manifest.path, &manifest.text);
        }
        text
    }

    /// The part of [`Rendered::text`] that comes from templates whose path below the chart matches one of `patterns`.
    ///
    /// # Errors
    /// A pattern that matches nothing.
    pub fn only(&self, with_crds: bool, patterns: &[String]) -> Result<String, String> {
        let text = self.text(with_crds);
        let documents: Vec<_> = sort::documents(self.helm, &text).into_iter().map(|range| &text[range]).collect();
        let mut shown = String::new();
        for pattern in patterns {
            let fits = |document: &&&str| path(document).is_some_and(|path| ignore::matches(pattern, path));
            let before = shown.len();
            for document in documents.iter().filter(fits) {
                let _ = writeln!(shown, "---\n{document}");
            }
            if shown.len() == before {
                return Err(format!("could not find template {pattern} in chart"));
            }
        }
        Ok(shown)
    }
}

/// The path that a document's `# Source:` names, below the chart.
fn path(document: &str) -> Option<&str> {
    let source = document.lines().find_map(|line| line.split_once("# Source: "))?.1;
    source.split_once('/').map(|(_, path)| path)
}

fn add(text: &mut String, name: &str, document: &str) {
    let _ = write!(text, "---\n# Source: {name}\n{document}");
}

/// Files in `crds/` of a chart and its enabled sub-charts.
pub(super) fn crds(scope: &Scope<'_>) -> Vec<(String, Arc<[u8]>)> {
    let mut found = vec![];
    let mut open = vec![(scope, scope.name.to_string())];
    while let Some((scope, path)) = open.pop() {
        let is_manifest = |name: &str| {
            let extension = name.rsplit('.').next().unwrap_or_default();
            ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
        };
        let files = scope.chart.files.iter().filter(|file| file.path.starts_with("crds/") && is_manifest(&file.path));
        found.extend(files.map(|file| (format!("{path}/{}", file.path), Arc::clone(&file.data))));
        open.extend(scope.dependencies.iter().rev().map(|sub| (sub, scope.path_of(&path, sub))));
    }
    found
}
