//! `annotation-unknown`: an annotation of Artifact Hub's that Artifact Hub does not know.

use super::edits;
use crate::artifacthub::{Annotation, Annotations, KNOWN, PREFIX};
use crate::finding::{Fix, Label};
use crate::rule::{Context, Findings};
use crate::yaml::edit::{Writer, quoted};
use crate::yaml::{Mapping, Node, Style};

/// Names that charts use for annotations that exist, or that Chart.yaml has a field of its own for.
const MEANT: [(&str, &str); 6] = [
    ("image", "use `artifacthub.io/images`, a list"),
    ("keywords", "use the field `keywords` of Chart.yaml"),
    ("securityUpdates", "use `artifacthub.io/containsSecurityUpdates`"),
    ("home", "use the field `home` of Chart.yaml"),
    ("homeURL", "use the field `home` of Chart.yaml"),
    ("icon", "use the field `icon` of Chart.yaml"),
];

/// Names for which Chart.yaml has a field, and the field.
const FIELDS: [(&str, &str); 4] = [("keywords", "keywords"), ("home", "home"), ("homeURL", "home"), ("icon", "icon")];

/// Names that stand for another annotation of the same content.
const RENAMED: [(&str, &str); 2] = [("changelog", "changes"), ("crdExamples", "crdsExamples")];

/// One finding for each unknown name.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let all = Annotations::of(metadata, context.sources);
    let unknown = || all.all().into_iter().filter(|annotation| !KNOWN.contains(&annotation.name));
    for annotation in unknown() {
        let name = annotation.name;
        let place = Label::new(annotation.entry.key.location, "");
        let is_only = |known: &&'static str| unknown().filter(|other| meant(other.name) == Some(known)).count() == 1;
        let meant = meant(name).filter(|known| is_only(known) && all.can_be(annotation, known));
        let fix = meant.and_then(|meant| {
            let names = (&*format!("{PREFIX}{name}"), &*format!("{PREFIX}{meant}"));
            edits::word(context, annotation.entry.key.location, names, format!("rename it to `{PREFIX}{meant}`"))
        });
        let fix = fix.map(Fix::uncovering).or_else(|| moved(context, metadata.root(), annotation));
        findings.report(place, name, &[("name", &format!("{PREFIX}{name}"))]).help(help(name)).fix(fix);
    }
    misprefixed(context, metadata.root(), &all, findings);
}

/// Annotations under a prefix that can only be meant as Artifact Hub's: `artifacthub.com/changes`, `artifact-hub.io/images`.
fn misprefixed(context: &Context<'_>, root: &Node, all: &Annotations<'_>, findings: &mut Findings<'_>) {
    let entries = root.get("annotations").and_then(Node::as_map).map(Mapping::effective).unwrap_or_default();
    for (key, entry) in &entries {
        let Some((domain, name)) = parted(key) else { continue };
        let known = KNOWN.iter().copied().find(|known| *known == name).or_else(|| meant(name));
        let Some(known) = known.filter(|_| is_misspelt(domain) && !key.starts_with(PREFIX)) else { continue };
        let (meant, place) = (format!("{PREFIX}{known}"), entry.key.location);
        let is_free = all.get(known).is_none();
        let fix =
            is_free.then(|| edits::word(context, place, (key, &meant), format!("rename it to `{meant}`"))).flatten();
        let fix = fix.map(Fix::uncovering);
        findings.report(Label::new(place, ""), &**key, &[("name", key)]).help(format!("use `{meant}`")).fix(fix);
    }
}

/// The parts of a key before and behind its slash, or what stands in the place of the slash.
fn parted(key: &str) -> Option<(&str, &str)> {
    key.split_once('/').or_else(|| key.rsplit_once([':', '_'])).or_else(|| key.rsplit_once('.'))
}

/// Whether a prefix is nearly Artifact Hub's: its name alone, under another ending or behind one, with hyphens or capital letters.
fn is_misspelt(domain: &str) -> bool {
    let plain = domain.to_lowercase().replace(['-', '_'], "");
    let parts: Vec<&str> = plain.split('.').collect();
    match parts.as_slice() {
        ["artifacthub" | "artifacthubio", ..] => parts.len() < 3,
        ["org" | "io" | "com" | "www", "artifacthub", ..] => parts.len() < 4,
        _ => false,
    }
}

/// The annotation removed where the field of Chart.yaml says the same, or is not there yet and then does.
fn moved(context: &Context<'_>, root: &Node, annotation: Annotation<'_>) -> Option<Fix> {
    let (_, field) = FIELDS.iter().find(|(name, _)| *name == annotation.name)?;
    let is_alone = root.get("annotations")?.as_map()?.entries().len() == 1;
    let is_one_line = matches!(annotation.entry.value.style, Style::Plain | Style::SingleQuoted | Style::DoubleQuoted);
    let text = annotation.text();
    let said: Vec<&str> = if *field == "keywords" {
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
    } else {
        vec![text.trim()]
    };
    if is_alone || !is_one_line || said.concat().is_empty() || text.contains(['[', '{']) {
        return None;
    }
    let source = context.sources.get(root.location.source);
    let writer = Writer::new(&source.text);
    let mut edits = vec![writer.without(annotation.entry)?];
    let title = if let Some(known) = root.get(field) {
        let items = known.as_seq().map_or_else(|| vec![known], |items| items.iter().collect());
        let is_said = |text: &&str| items.iter().any(|item| item.scalar_text() == Some(text));
        said.iter().all(is_said).then(|| format!("remove it: the field `{field}` says the same"))?
    } else {
        let written: Vec<String> = said.iter().map(|text| quoted(text)).collect();
        let value = if *field == "keywords" { format!("[{}]", written.join(", ")) } else { written.concat() };
        edits.push(writer.entry(root, field, &value)?);
        format!("make it the field `{field}`")
    };
    Some(Fix::safe(title, edits))
}

fn help(name: &str) -> String {
    if let Some((_, help)) = MEANT.iter().find(|(known, _)| *known == name) {
        return (*help).into();
    }
    if let Some((_, meant)) = RENAMED.iter().find(|(known, _)| *known == name) {
        return format!("use `{PREFIX}{meant}`");
    }
    meant(name).map_or_else(
        || "remove it, or give it a prefix of your own".into(),
        |known| format!("did you mean `{PREFIX}{known}`?"),
    )
}

/// The known name that an unknown one most likely stands for.
fn meant(name: &str) -> Option<&'static str> {
    if let Some((_, meant)) = RENAMED.iter().find(|(known, _)| *known == name) {
        return Some(meant);
    }
    if MEANT.iter().any(|(known, _)| *known == name) {
        return None;
    }
    let plain = |name: &str| name.replace(['-', '_'], "").to_lowercase();
    let rated = KNOWN.iter().map(|known| (strsim::jaro_winkler(&plain(known), &plain(name)), known));
    let best = rated.max_by(|left, right| left.0.total_cmp(&right.0)).filter(|(score, _)| *score > 0.9);
    best.map(|(_, known)| *known)
}
