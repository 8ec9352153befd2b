//! `helm-annotation-void`: an annotation of Helm's that has no effect as it is written.

use super::hook::report;
use crate::render::Manifest;
use crate::rule::{Context, Findings};
use crate::text::suggest::nearest;
use crate::yaml::{Entry, Mapping};

const PREFIX: &str = "helm.sh/";
const POLICY: &str = "resource-policy";
/// Annotations that Helm reads, without the prefix.
const KNOWN: [&str; 5] = ["hook", "hook-delete-policy", "hook-output-log-policy", "hook-weight", POLICY];
/// Names that are further from the one that is meant.
const MEANT: [(&str, &str); 3] = [
    ("hook-deletion-policy", "hook-delete-policy"),
    ("hook-delete-policies", "hook-delete-policy"),
    ("hook-log-policy", "hook-output-log-policy"),
];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        for manifest in view.seen().into_iter().flat_map(|rendered| &rendered.manifests) {
            for list in ["annotations", "labels"] {
                let metadata = manifest.document.root.get("metadata");
                let entries = metadata.and_then(|metadata| metadata.get(list)?.as_map()).map(Mapping::effective);
                for (key, entry) in entries.unwrap_or_default() {
                    let Some(name) = key.strip_prefix(PREFIX) else { continue };
                    let problem = if list == "labels" { of_label(name) } else { of_annotation(manifest, name, entry) };
                    let Some((problem, help)) = problem else { continue };
                    let args = [("annotation", &*key), ("problem", &problem), ("object", &manifest.label())];
                    report(view, manifest, &entry.key, &args, findings).help(help);
                }
            }
        }
    }
}

/// What is wrong, and what to type.
type Void = Option<(String, String)>;

fn of_label(name: &str) -> Void {
    let is_known = KNOWN.contains(&name);
    is_known.then(|| ("is a label, where Helm does not look".to_owned(), "write it under `annotations`".to_owned()))
}

fn of_annotation(manifest: &Manifest, name: &str, entry: &Entry) -> Void {
    if !KNOWN.contains(&name) {
        let of_list = MEANT.iter().find(|(other, _)| *other == name).map(|(_, meant)| *meant);
        let meant = of_list.or_else(|| nearest(name, KNOWN))?;
        return Some(("is none that Helm reads".to_owned(), format!("did you mean `{PREFIX}{meant}`?")));
    }
    let value = entry.value.as_str().unwrap_or_default();
    if name == POLICY {
        let is_known = value.trim().eq_ignore_ascii_case("keep");
        let problem = format!("is `{value}`, and Helm knows `keep` alone");
        return (!is_known).then(|| (problem, "write `keep`, or leave it out".to_owned()));
    }
    let is_hook = manifest.document.root.at(&crate::yaml::KeyPath::dotted("metadata.annotations"));
    let is_hook = is_hook.is_some_and(|annotations| annotations.get("helm.sh/hook").is_some());
    let problem =
        || ("is for hooks, and the object is none".to_owned(), "add `helm.sh/hook`, or leave it out".to_owned());
    (!is_hook).then(problem)
}
