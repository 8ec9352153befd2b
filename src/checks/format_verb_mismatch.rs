//! `format-verb-mismatch` and `format-value-missing`: texts with Go's complaint in them that a format does not fit what it is given, or that it
//! is given nothing.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::part::{Problem, deployed, report};
use super::texts::{self, Visited};
use crate::render::Object;
use crate::rule::{Context, Findings};
use crate::text::{Location, Sources, Span};

/// What `fmt` prints in place of what it cannot: `%!d(float64=8080)`, `%!s(<nil>)`, `%!(EXTRA string=a)`.
static COMPLAINT: LazyLock<Regex> = LazyLock::new(|| {
    let value =
        r"%!(?P<verb>[a-zA-Z])\((?P<what><nil>|MISSING|BADINDEX|(?P<type>[A-Za-z0-9_.*\[\]]+(?: \{\})?)=[^)]*)\)";
    let format = r"%!\((?:EXTRA [A-Za-z0-9_.*\[\]]+(?: \{\})?=[^)]*|NOVERB|BADWIDTH|BADPREC|BADINDEX)\)";
    Regex::new(&format!("{value}|{format}")).expect("the pattern is fixed")
});

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    say(false, context, findings);
}

/// Says where a value is not there at all: whoever installs the chart may set it.
pub(super) fn missing(context: &Context<'_>, findings: &mut Findings<'_>) {
    say(true, context, findings);
}

fn say(is_nil: bool, context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in deployed(context) {
        let mut problems = vec![];
        for object in rendered.objects().filter(may_complain) {
            texts::each(object, &mut |text| problems.extend(complaint(object, &text, is_nil, context.sources)));
        }
        report(context, view, problems, findings);
    }
}

/// Whether an object is one, and has such a text: those of secrets are not seen in what was printed.
fn may_complain(object: &Object<'_>) -> bool {
    object.kind() == "Secret" || (!object.kind().is_empty() && object.manifest.text.contains("%!"))
}

/// The first complaint of a text, about nothing or about something.
fn complaint<'a>(object: Object<'a>, text: &Visited<'_>, is_nil: bool, sources: &Sources) -> Option<Problem<'a>> {
    if !text.text.contains("%!") {
        return None;
    }
    let of_nil = |found: &Captures<'_>| found.name("what").is_some_and(|what| what.as_str() == "<nil>");
    let found = COMPLAINT.captures_iter(&text.text).find(|found| of_nil(found) == is_nil)?;
    let whole = &found[0];
    let at = within(text.node.location, whole, sources);
    let is_written = |place: Location| sources.get(place.source).slice(place.span).contains(whole);
    let origins = object.origins(at);
    if origins.template.into_iter().chain(origins.printed.iter().map(|origin| origin.location)).any(is_written) {
        return None;
    }
    let kind = found.name("type").map(|kind| kind.as_str());
    Some(Problem {
        object,
        at,
        name: text.path.to_path().to_string(),
        what: format!("`{}` has `{whole}`", text.path.to_path()),
        kind: whole.to_owned(),
        help: Some(help(
            found.name("verb").map(|verb| verb.as_str()),
            found.name("what").map(|what| what.as_str()),
            kind,
        )),
        other: None,
    })
}

/// Where a part of a text stands, where that can be told.
fn within(whole: Location, part: &str, sources: &Sources) -> Location {
    let source = sources.get(whole.source);
    let Some(start) = source.slice(whole.span).find(part) else { return whole };
    let start = whole.span.start as usize + start;
    Location::new(whole.source, Span::new(start, start + part.len()))
}

fn help(verb: Option<&str>, what: Option<&str>, kind: Option<&str>) -> String {
    match (verb, what, kind) {
        (Some("d"), _, Some("float64")) => {
            "Helm reads numbers of values as floats: write `int` before the value in the template, or `%v` in the format".to_owned()
        }
        (Some("d"), _, Some("string")) => "write `%s` in the format, or `int` before the value in the template".to_owned(),
        (_, Some("<nil>"), _) => "set the value, or give it a `default` in the template".to_owned(),
        (_, Some("MISSING"), _) => "give `printf` a value for each verb of its format; `%%` is a per cent sign".to_owned(),
        (Some(verb), _, _) => format!("write `%v` in the format in place of `%{verb}`, or `toString` before the value"),
        _ => "let the format and the values of `printf` fit each other".to_owned(),
    }
}
