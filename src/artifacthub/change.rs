//! `artifacthub.io/changes`: a list of texts, or a list of mappings with `kind`, `description` and `links`; never both.

use super::record::{first_key, is_scalar};
use super::{Fault, Meant, PREFIX};
use crate::text::suggest::only;
use crate::yaml::{Node, Style};

/// The kinds of a change.
pub const KINDS: [&str; 6] = ["added", "changed", "deprecated", "removed", "fixed", "security"];

pub(super) fn faults(items: &[Node]) -> Vec<Fault> {
    let are_mappings = items.iter().any(|item| item.get("description").or_else(|| item.get("kind")).is_some());
    let judge = if are_mappings { change } else { text };
    let within = |(index, item)| judge(item).into_iter().map(move |fault| fault.within(format_args!("[{index}]")));
    items.iter().enumerate().flat_map(within).collect()
}

/// How many changes have a kind as it is written.
pub(super) fn of_kind(items: &[Node], kind: &str) -> usize {
    items.iter().filter(|item| item.get("kind").and_then(Node::scalar_text) == Some(kind)).count()
}

fn text(item: &Node) -> Vec<Fault> {
    if item.as_str() == Some("") {
        return vec![Fault::new(item.location, format!("a change in `{PREFIX}changes` is empty"))];
    }
    if item.is_null() || !is_scalar(item) {
        let message = format!("a change in `{PREFIX}changes` is {}, not a text", item.kind());
        let help = "put the text in quotes; `: `, ` #` and a leading `{`, `[`, `*`, `&` or `!` mean something to YAML";
        let fault = Fault::new(item.location, message).help(help);
        // What was meant as a text is written on one line, and its colon made a mapping of it.
        let is_line = item.as_map().is_some_and(|mapping| mapping.entries().len() == 1) && item.style == Style::Block;
        return vec![Fault { meant: is_line.then_some(Meant::Quoted(item.location)), ..fault }];
    }
    vec![]
}

fn change(item: &Node) -> Vec<Fault> {
    if item.as_map().is_none() {
        let message = format!("a change in `{PREFIX}changes` is {} where others are mappings", item.kind());
        let help = "write all changes as texts, or all as mappings with `kind` and `description`";
        return vec![Fault::new(item.location, message).help(help)];
    }
    let kind = kind(item).map(|fault| fault.within(".kind"));
    let description = description(item).map(|fault| fault.within(".description"));
    let links = links(item).into_iter().map(|fault| fault.within(".links"));
    kind.into_iter().chain(description).chain(links).collect()
}

fn kind(item: &Node) -> Option<Fault> {
    let value = item.get("kind").filter(|value| !value.is_null())?;
    let text = value.scalar_text().unwrap_or_default();
    if text.is_empty() && is_scalar(value) || KINDS.contains(&text.to_lowercase().as_str()) {
        return None;
    }
    let message = format!("`{text}` is no kind of change that Artifact Hub knows");
    let meant = match text.to_lowercase().as_str() {
        "fix" | "bugfix" => Some("fixed"),
        "add" | "feat" | "feature" | "new" => Some("added"),
        "change" | "chore" | "update" | "updated" | "improved" => Some("changed"),
        "remove" | "deleted" => Some("removed"),
        _ => None,
    };
    let names: Vec<_> = KINDS.iter().map(|kind| format!("`{kind}`")).collect();
    let help = meant.map_or_else(|| format!("use one of {}", names.join(", ")), |meant| format!("write `{meant}`"));
    let fault = Fault::new(value.location, message).help(help);
    Some(match meant.or_else(|| only(text, KINDS)) {
        Some(meant) => fault.meant(value, meant),
        None => fault,
    })
}

fn description(item: &Node) -> Option<Fault> {
    let text = item.get("description");
    if text.is_some_and(|text| text.scalar_text().is_some_and(|text| !text.is_empty())) {
        return None;
    }
    let location = text.filter(|text| !text.is_null()).map_or_else(|| first_key(item), |text| text.location);
    let fault = Fault::new(location, format!("a change in `{PREFIX}changes` has no `description`"));
    Some(fault.help("say what changed in `description`"))
}

fn links(item: &Node) -> Vec<Fault> {
    let Some(links) = item.get("links").filter(|links| !links.is_null()) else { return vec![] };
    let Some(list) = links.as_seq() else {
        let message = format!("`links` in `{PREFIX}changes` is {}, not a list", links.kind());
        return vec![Fault::new(links.location, message).help("write a list of mappings with `name` and `url`")];
    };
    let lacking = |link: &Node| {
        let lacks = |key: &str| {
            let text = link.get(key).and_then(Node::scalar_text);
            text.is_none_or(str::is_empty).then(|| {
                let message = format!("a link in `{PREFIX}changes` has no `{key}`");
                Fault::new(first_key(link), message).help("give each link `name` and `url`")
            })
        };
        [lacks("name"), lacks("url")].into_iter().flatten().collect::<Vec<_>>()
    };
    list.iter().flat_map(lacking).collect()
}
