//! `package-metadata-invalid`: an artifacthub-pkg.yml that Artifact Hub could not read, were it read.

use std::sync::LazyLock;

use regex::Regex;

use super::package::{passed_over, root};
use crate::artifacthub;
use crate::chart::{Version, YamlFile};
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::suggest::nearest;
use crate::text::{Date, Location, Span};
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

/// Those that are true or false.
const SWITCHES: [&str; 4] = ["containsSecurityUpdates", "deprecated", "operator", "prerelease"];
/// Those that are lists: of mappings, and of texts.
const OF_MAPPINGS: [&str; 6] =
    ["changes", "containersImages", "links", "maintainers", "recommendations", "screenshots"];
const OF_TEXTS: [&str; 2] = ["ignore", "keywords"];
/// The keys of their items.
const OF_ITEMS: [&[&str]; 6] = [
    &["description", "kind", "links"],
    &["image", "name", "platforms", "whitelisted"],
    &["name", "url"],
    &["email", "name"],
    &["url"],
    &["title", "url"],
];
/// Those that are mappings.
const MAPPINGS: [&str; 2] = ["annotations", "provider"];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    passed_over(context, "artifacthub-pkg", findings);
    if let Some(empty) = context.chart.package.as_ref().filter(|file| is_empty(file, context)) {
        let start = Location::new(empty.source, Span::default());
        let help = "write the package's metadata, or take the file away";
        return say(start, "", &format!("`{}` is empty", empty.path), help, findings);
    }
    let Some((root, file, start)) = root(context) else { return };
    for (key, entry) in root.as_map().map(Mapping::effective).unwrap_or_default() {
        if !KNOWN.contains(&&*key) {
            let help =
                nearest(&key, KNOWN).map_or_else(|| "remove it".to_owned(), |meant| format!("did you mean `{meant}`?"));
            say(entry.key.location, &key, &format!("Artifact Hub does not know the key `{key}`"), &help, findings);
        }
    }
    let text = |key: &str| root.get(key).and_then(Node::scalar_text).unwrap_or_default();
    // What is there and no text is said as such.
    let is_lacking = |key: &&str| {
        text(key).is_empty() && root.get(key).is_none_or(|node| node.is_null() || node.scalar_text().is_some())
    };
    for key in REQUIRED.into_iter().filter(is_lacking) {
        say(start, key, &format!("`{file}` has no `{key}`"), &format!("add `{key}`"), findings);
    }
    for (key, problem, help) in wrong(root) {
        let place = root.get(key).map_or(start, |node| node.location);
        say(place, key, &problem, help, findings);
    }
    lists(root, findings);
    inner(root, findings);
    for (key, problem, help) in KNOWN.into_iter().filter_map(|key| unshaped(root, key)) {
        let place = root.get(key).map_or(start, |node| node.location);
        say(place, key, &problem, help, findings);
    }
}

fn is_empty(file: &YamlFile, context: &Context<'_>) -> bool {
    context.sources.get(file.source).text.trim().is_empty()
}

/// What is wrong with the type of a field, as yaml.v3 reads it: any scalar is a text to it.
fn unshaped(root: &Node, key: &'static str) -> Option<(&'static str, String, &'static str)> {
    let node = root.get(key).filter(|node| !node.is_null() && !OF_MAPPINGS.contains(&key))?;
    let (fits, wanted, help) = if SWITCHES.contains(&key) {
        (node.as_bool().is_some(), "`true` or `false`", "write `true` or `false` without quotes")
    } else if OF_TEXTS.contains(&key) {
        (node.as_seq().is_some(), "a list", "write a list of texts")
    } else if MAPPINGS.contains(&key) {
        (node.as_map().is_some(), "a mapping", "write a mapping")
    } else {
        (node.scalar_text().is_some(), "a text", "write a text")
    };
    (!fits).then(|| (key, format!("`{key}` is {}, not {wanted}", node.kind()), help))
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
    let is_time = TIME.is_match(created) && created.get(..10).is_some_and(|day| day.parse::<Date>().is_ok());
    if !created.is_empty() && !is_time {
        let problem = format!("`createdAt` is `{created}`, which is no time by RFC 3339");
        wrong.push(("createdAt", problem, "write a time such as `2026-01-31T12:00:00Z`"));
    }
    if !category.is_empty() && !artifacthub::CATEGORIES.contains(&category) {
        let problem = format!("Artifact Hub does not know the category `{category}`");
        wrong.push(("category", problem, "use a category of Artifact Hub, such as `database` or `networking`"));
    }
    let license = text("license");
    if !license.is_empty() && !artifacthub::is_license(license) {
        let problem = format!("`license` is `{license}`, which is no license of SPDX");
        wrong.push(("license", problem, "write an identifier of SPDX's list such as `Apache-2.0`"));
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
    for (key, known) in OF_MAPPINGS.into_iter().zip(OF_ITEMS) {
        let Some(node) = root.get(key).filter(|node| !node.is_null()) else { continue };
        let Some(items) = node.as_seq() else {
            let problem = format!("`{key}` is {}, not a list", node.kind());
            say(node.location, key, &problem, "write a list of mappings", findings);
            continue;
        };
        for (index, item) in items.iter().enumerate() {
            unknown(item, known, &format!("{key}[{index}]"), findings);
            for (problem, help) in wrong_item(key, item) {
                say(item.location, &format!("{key}[{index}] {problem}"), &problem, &help, findings);
            }
        }
    }
}

/// What texts and lists inside of lists and mappings are, where they are something else.
fn inner(root: &Node, findings: &mut Findings<'_>) {
    let is_text = |node: &Node| node.is_null() || node.scalar_text().is_some();
    for key in OF_TEXTS {
        for (index, item) in root.items(key).iter().enumerate() {
            typed(item, is_text(item), &format!("{key}[{index}]"), "a text", findings);
        }
    }
    for key in MAPPINGS {
        for (name, entry) in root.get(key).and_then(Node::as_map).map(Mapping::effective).unwrap_or_default() {
            typed(&entry.value, is_text(&entry.value), &format!("{key}.{name}"), "a text", findings);
            if key == "provider" && name != "name" {
                let problem = format!("Artifact Hub does not know the key `{name}` of `provider`");
                say(entry.key.location, &format!("provider.{name}"), &problem, "remove it", findings);
            }
        }
    }
    for (key, known) in OF_MAPPINGS.into_iter().zip(OF_ITEMS) {
        for (index, item) in root.items(key).iter().enumerate() {
            for field in known {
                let Some(node) = item.get(field).filter(|node| !node.is_null()) else { continue };
                let (fits, wanted) = match *field {
                    "links" | "platforms" => (node.as_seq().is_some(), "a list"),
                    "whitelisted" => (node.as_bool().is_some(), "`true` or `false`"),
                    _ => (is_text(node), "a text"),
                };
                typed(node, fits, &format!("{key}[{index}].{field}"), wanted, findings);
            }
        }
    }
}

fn typed(node: &Node, fits: bool, path: &str, wanted: &str, findings: &mut Findings<'_>) {
    if !fits {
        let problem = format!("`{path}` is {}, not {wanted}", node.kind());
        say(node.location, path, &problem, &format!("write {wanted}"), findings);
    }
}

/// Keys of an item that nobody knows: keys are strict there as well.
fn unknown(item: &Node, known: &[&str], at: &str, findings: &mut Findings<'_>) {
    for (key, entry) in item.as_map().map(Mapping::effective).unwrap_or_default() {
        if !known.contains(&&*key) {
            let meant = nearest(&key, known.iter().copied());
            let help = meant.map_or_else(|| "remove it".to_owned(), |meant| format!("did you mean `{meant}`?"));
            let problem = format!("Artifact Hub does not know the key `{key}` of `{at}`");
            say(entry.key.location, &format!("{at}.{key}"), &problem, &help, findings);
        }
    }
    for (index, link) in item.items("links").iter().enumerate() {
        unknown(link, &["name", "url"], &format!("{at}.links[{index}]"), findings);
        for field in ["name", "url"] {
            if link.as_map().is_some() && link.get(field).and_then(Node::scalar_text).unwrap_or_default().is_empty() {
                let problem = format!("a link of `{at}` has no `{field}`");
                say(link.location, &format!("{at}.links[{index}].{field}"), &problem, "add it", findings);
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
    let needed: &[&str] = match key {
        "maintainers" => &["email"],
        "changes" => &["description"],
        "containersImages" => &["image"],
        "links" => &["name", "url"],
        _ => return vec![],
    };
    let mut wrong = vec![];
    for needed in needed.iter().filter(|needed| text(needed).is_empty()) {
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
