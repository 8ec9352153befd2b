//! `package-metadata-invalid`: an artifacthub-pkg.yml that Artifact Hub could not read, were it read.

use std::sync::LazyLock;

use regex::Regex;

use super::package::root;
use crate::artifacthub;
use crate::chart::Version;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::Location;
use crate::text::suggest::nearest;
use crate::yaml::{Mapping, Node};

/// The keys that Artifact Hub knows.
const KNOWN: [&str; 30] = [
    "alternativeName",
    "annotations",
    "appVersion",
    "category",
    "changes",
    "containersImages",
    "containsSecurityUpdates",
    "createdAt",
    "deprecated",
    "description",
    "digest",
    "displayName",
    "homeURL",
    "ignore",
    "install",
    "keywords",
    "license",
    "links",
    "logoPath",
    "logoURL",
    "maintainers",
    "name",
    "operator",
    "prerelease",
    "provider",
    "publisherID",
    "readme",
    "recommendations",
    "screenshots",
    "version",
];
/// Those that have to be there; `version` is `package-version-mismatch`'s.
const REQUIRED: [&str; 4] = ["name", "displayName", "createdAt", "description"];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some((root, file, start)) = root(context) else { return };
    for (key, entry) in root.as_map().map(Mapping::effective).unwrap_or_default() {
        if !KNOWN.contains(&&*key) {
            let help =
                nearest(&key, KNOWN).map_or_else(|| "remove it".to_owned(), |meant| format!("did you mean `{meant}`?"));
            say(entry.key.location, &key, &format!("Artifact Hub does not know the key `{key}`"), &help, findings);
        }
    }
    let text = |key: &str| root.get(key).and_then(Node::scalar_text).unwrap_or_default();
    for key in REQUIRED.into_iter().filter(|key| text(key).is_empty()) {
        say(start, key, &format!("`{file}` has no `{key}`"), &format!("add `{key}`"), findings);
    }
    for (key, problem, help) in wrong(root) {
        let place = root.get(key).map_or(start, |node| node.location);
        say(place, key, &problem, help, findings);
    }
    lists(root, findings);
}

fn say(place: Location, subject: &str, problem: &str, help: &str, findings: &mut Findings<'_>) {
    findings.report(Label::new(place, ""), subject, &[("problem", problem)]).help(help);
}

/// What is wrong with fields that are one text.
fn wrong(root: &Node) -> Vec<(&'static str, String, &'static str)> {
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.,][0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$")
            .expect("the pattern is fixed")
    });
    let text = |key: &str| root.get(key).and_then(Node::scalar_text).unwrap_or_default();
    let mut wrong = vec![];
    let (version, created, category) = (text("version"), text("createdAt"), text("category"));
    if !version.is_empty() && Version::parse(version).is_none() {
        wrong.push(("version", format!("`{version}` is no semantic version"), "write a version such as `1.2.3`"));
    }
    if !created.is_empty() && !TIME.is_match(created) {
        let problem = format!("`createdAt` is `{created}`, which is no time by RFC 3339");
        wrong.push(("createdAt", problem, "write a time such as `2026-01-31T12:00:00Z`"));
    }
    if !category.is_empty() && !artifacthub::CATEGORIES.contains(&category) {
        let problem = format!("Artifact Hub does not know the category `{category}`");
        wrong.push(("category", problem, "use a category of Artifact Hub, such as `database` or `networking`"));
    }
    let (name, other) = (text("name"), text("alternativeName"));
    if !other.is_empty() && !name.contains(other) && !other.contains(name) {
        let problem =
            format!("`alternativeName` is `{other}`, which neither holds the name `{name}` nor is a part of it");
        wrong.push(("alternativeName", problem, "write a name that holds the name, or leave it out"));
    }
    wrong
}

/// What is wrong with fields that are lists of mappings.
fn lists(root: &Node, findings: &mut Findings<'_>) {
    for key in ["changes", "containersImages", "links", "maintainers", "recommendations", "screenshots"] {
        let Some(node) = root.get(key).filter(|node| !node.is_null()) else { continue };
        let Some(items) = node.as_seq() else {
            let problem = format!("`{key}` is {}, not a list", node.kind());
            say(node.location, key, &problem, "write a list of mappings", findings);
            continue;
        };
        for (index, item) in items.iter().enumerate() {
            for (problem, help) in wrong_item(key, item) {
                say(item.location, &format!("{key}[{index}] {problem}"), &problem, &help, findings);
            }
        }
    }
}

/// What is wrong with an item of a list, each with what to do.
fn wrong_item(key: &str, item: &Node) -> Vec<(String, String)> {
    if item.as_map().is_none() {
        return vec![(format!("an item of `{key}` is {}, not a mapping", item.kind()), "write a mapping".to_owned())];
    }
    let text = |field: &str| item.get(field).and_then(Node::scalar_text).unwrap_or_default();
    let needed = match key {
        "maintainers" => "email",
        "changes" => "description",
        "containersImages" => "image",
        _ => return vec![],
    };
    let mut wrong = vec![];
    if text(needed).is_empty() {
        wrong.push((format!("an item of `{key}` has no `{needed}`"), format!("give each item `{needed}`")));
    }
    let (image, kind) = (text("image"), text("kind").to_lowercase());
    if key == "containersImages" && !image.is_empty() && !artifacthub::is_reference(image) {
        wrong.push((format!("`{image}` is no image reference"), "give the image's whole reference".to_owned()));
    }
    if key == "changes" && !kind.is_empty() && !artifacthub::KINDS.contains(&kind.as_str()) {
        let help = format!("use one of `{}`", artifacthub::KINDS.join("`, `"));
        wrong.push((format!("`{kind}` is no kind of change that Artifact Hub knows"), help));
    }
    wrong
}
