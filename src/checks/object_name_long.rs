//! `object-name-long`: a name that is too long where the release has a long one.

use super::object_name_invalid::longest;
use super::part::{Problem, report, seen};
use crate::admission::workload;
use crate::render::{Object, Options, Origins};
use crate::rule::{Context, Findings};
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
        report(context, view, problems.collect(), findings);
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
        let ports = container.get("ports").and_then(Node::as_seq).unwrap_or_default();
        let names = ports.iter().filter_map(|port| port.get("name"));
        found.extend(names.map(|node| text(node, PORT, &format!("{path}.ports"), "the name of a port")));
    }
    let volumes = spec.get("volumes").and_then(Node::as_seq).unwrap_or_default();
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
    let length = length(object, Location::new(node.location.source, Span::new(start, start + name.len())), sources);
    (length > most).then(|| Problem {
        object,
        at: node.location,
        name: path,
        kind: format!("{} {words}", object.kind()),
        what: format!("{words} is {length} characters long for a release with a name of {RELEASE}, longer than {most}"),
        help: Some(format!("cut it: `| trunc {most} | trimSuffix \"-\"`")),
        other: None,
    })
}

/// How long a name gets where the release's name is as long as it can be: each part that an action makes of it grows by as much, or to where
/// it is cut.
fn length(object: Object<'_>, name: Location, sources: &Sources) -> usize {
    let grown = RELEASE - Options::default().release.len();
    let mut parts: Vec<(Origins, usize)> = vec![];
    for at in name.span.range() {
        let origins = object.origins(Location::new(name.source, Span::new(at, at + 1)));
        match parts.last_mut() {
            Some((last, count)) if last.template == origins.template => *count += 1,
            _ => parts.push((origins, 1)),
        }
    }
    let of_part = |(origins, count): &(Origins, usize)| {
        let texts = origins.template.into_iter().chain(origins.chain.iter().map(|link| link.at));
        let texts: Vec<String> = texts.map(|at| sources.get(at.source).slice(at.span).to_owned()).collect();
        let is_of_release = texts.first().is_some_and(|text| text.contains("Release.Name"));
        let longest = if is_of_release { count + grown } else { *count };
        texts.iter().filter_map(|text| cut(text)).fold(longest, usize::min)
    };
    parts.iter().map(of_part).sum()
}

/// The shortest length that a template cuts to.
fn cut(text: &str) -> Option<usize> {
    let lengths = text.split("trunc ").skip(1).filter_map(|rest| {
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    // What is not cut to a number is cut somehow.
    let unknown = (text.contains("trunc") || text.contains("substr")).then_some(0);
    lengths.min().or(unknown)
}
