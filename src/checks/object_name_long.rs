//! `object-name-long`: a name that is too long where the release has a long one.

use super::cuts;
use super::object_name_invalid::longest;
use super::part::{Problem, report_uses, seen};
use crate::admission::workload;
use crate::render::{Link, Object, Options, Origins};
use crate::rule::{Context, Findings};
use crate::template::trace::ScopeKind;
use crate::text::{Location, Sources, Span};
use crate::yaml::{Mapping, Node};

/// Characters that Helm allows for the name of a release.
const RELEASE: usize = 53;

/// The longest name of a part of a pod, and value of a label.
const LABEL: usize = 63;
/// The longest name of a port.
const PORT: usize = 15;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    // Where the release has a name, what it makes of it was judged.
    let unnamed = |view: &crate::rule::ProfileView| view.profile.release.is_none();
    for (view, rendered) in seen(context).filter(|(view, _)| unnamed(view)) {
        let texts = rendered.objects().flat_map(|object| texts(object).into_iter().map(move |text| (object, text)));
        let problems = texts.filter_map(|(object, text)| judged(object, text, context.sources));
        report_uses(context, view, problems.collect(), findings);
    }
}

/// A text that may only be so long.
struct Text<'a> {
    node: &'a Node,
    most: usize,
    /// What names it in the object.
    path: String,
    words: String,
}

fn texts(object: Object<'_>) -> Vec<Text<'_>> {
    let name = object.metadata("name").zip(longest(object.group(), object.kind()));
    let text =
        |node, most, path: &str, words: &str| Text { node, most, path: path.to_owned(), words: words.to_owned() };
    let mut found: Vec<Text<'_>> =
        name.map(|(node, most)| text(node, most, "metadata.name", "the name")).into_iter().collect();
    let pod = workload::pod(object.root, object.api_version(), object.kind());
    for owner in [Some(object.root), pod].into_iter().flatten() {
        let labels =
            owner.get("metadata").and_then(|metadata| metadata.get("labels")?.as_map()).map(Mapping::effective);
        for (key, entry) in labels.unwrap_or_default() {
            found.push(text(&entry.value, LABEL, &format!("labels {key}"), &format!("the label `{key}`")));
        }
    }
    let Some(spec) = pod.and_then(|pod| pod.get("spec")) else { return found };
    for (list, index, container) in workload::containers(spec) {
        let path = format!("{list}[{index}]");
        found.extend(container.get("name").map(|node| text(node, LABEL, &path, "the name of a container")));
        let ports = container.items("ports");
        let names = ports.iter().filter_map(|port| port.get("name"));
        found.extend(names.map(|node| text(node, PORT, &format!("{path}.ports"), "the name of a port")));
    }
    let volumes = spec.items("volumes");
    let names = volumes.iter().filter_map(|volume| volume.get("name"));
    found.extend(names.map(|node| text(node, LABEL, "volumes", "the name of a volume")));
    found
}

fn judged<'a>(object: Object<'a>, text: Text<'a>, sources: &Sources) -> Option<Problem<'a>> {
    let Text { node, most, path, words } = text;
    let name = node.as_str()?;
    let release = Options::default().release;
    // A name that is too long for every release is another rule's.
    let is_always_long = name.len() - release.len().min(name.len()) >= most;
    if is_always_long || !name.contains(&release) || name.len() + RELEASE - release.len() <= most {
        return None;
    }
    let whole = sources.get(node.location.source);
    let start = node.location.span.start as usize + whole.slice(node.location.span).find(name)?;
    let at = Location::new(node.location.source, Span::new(start, start + name.len()));
    let parts = parts(object, at, sources);
    let length = length(&parts, 0);
    // What stands behind the part that grows stays where only that is cut.
    let fixed: usize = parts.iter().filter(|part| !part.grows).map(|part| part.longest).sum();
    let rest = most.saturating_sub(fixed);
    let behind: usize = parts.iter().rev().take_while(|part| !part.grows).map(|part| part.longest).sum();
    let help = match name.get(name.len() - behind.min(name.len())..).unwrap_or_default() {
        "" => format!("cut it: `| trunc {most} | trimSuffix \"-\"`"),
        end => format!("cut what stands before `{end}`: `| trunc {rest} | trimSuffix \"-\"`"),
    };
    (length > most).then(|| Problem {
        object,
        at: node.location,
        name: path,
        kind: format!("{} {words}", object.kind()),
        what: format!("{words} is {length} characters long for a release with a name of {RELEASE}, longer than {most}"),
        help: Some(help),
        other: None,
    })
}

/// A part of a name that one action made.
struct Part {
    template: Option<Location>,
    /// Its length where the release's name is as long as it can be.
    longest: usize,
    /// Whether the release's name is in it.
    grows: bool,
    /// The expressions that it went through, the outermost first, with what each cuts to.
    through: Vec<(Location, Option<usize>)>,
}

/// The parts of a name, in order.
fn parts(object: Object<'_>, name: Location, sources: &Sources) -> Vec<Part> {
    let grown = RELEASE - Options::default().release.len();
    let mut parts: Vec<Part> = vec![];
    for at in name.span.range() {
        let origins = object.origins(Location::new(name.source, Span::new(at, at + 1)));
        match parts.last_mut().filter(|last| last.template == origins.template) {
            Some(last) => last.longest += 1,
            None => parts.push(part(&origins, sources)),
        }
    }
    for part in parts.iter_mut().filter(|part| part.grows) {
        part.longest += grown;
    }
    parts
}

fn part(origins: &Origins, sources: &Sources) -> Part {
    let is_call = |link: &&Link| matches!(link.kind, ScopeKind::Include(_) | ScopeKind::Tpl);
    let calls = origins.chain.iter().rev().filter(is_call).map(|link| link.at);
    let places: Vec<Location> = calls.chain(origins.template).collect();
    let through = places.iter().flat_map(|at| cuts::around(*at, sources)).collect();
    let text = origins.template.map(|at| sources.get(at.source).slice(at.span).to_owned()).unwrap_or_default();
    Part { template: origins.template, longest: 1, grows: text.contains("Release.Name"), through }
}

/// How long parts get together: as long as they are, or as what they went through cuts them.
fn length(parts: &[Part], depth: usize) -> usize {
    let same = |left: &Part, right: &Part| {
        left.through.get(depth).is_some() && left.through.get(depth) == right.through.get(depth)
    };
    let of_group = |group: &[Part]| match group[0].through.get(depth) {
        None => group.iter().map(|part| part.longest).sum(),
        Some((_, cut)) => length(group, depth + 1).min(cut.unwrap_or(usize::MAX)),
    };
    parts.chunk_by(same).map(of_group).sum()
}
