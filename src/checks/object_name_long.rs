//! `object-name-long`: a name that is too long where the release has a long one.

use super::object_name_invalid::longest;
use super::part::{Problem, report, seen};
use crate::render::{Object, Options, Origins};
use crate::rule::{Context, Findings};
use crate::text::{Location, Sources, Span};

/// Characters that Helm allows for the name of a release.
const RELEASE: usize = 53;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    // Where the release has a name, what it makes of it was judged.
    let unnamed = |view: &crate::rule::ProfileView| view.profile.release.is_none();
    for (view, rendered) in seen(context).filter(|(view, _)| unnamed(view)) {
        let problems = rendered.objects().filter_map(|object| judged(object, context.sources));
        report(context, view, problems.collect(), findings);
    }
}

fn judged<'a>(object: Object<'a>, sources: &Sources) -> Option<Problem<'a>> {
    let most = longest(object.group(), object.kind())?;
    let node = object.metadata("name")?;
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
        name: "metadata.name".to_owned(),
        kind: object.kind().to_owned(),
        what: format!(
            "the name is {length} characters long for a release with a name of {RELEASE}, longer than {most}"
        ),
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
