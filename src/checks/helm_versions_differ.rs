//! `helm-versions-differ`: objects that the other major version of Helm renders otherwise under the same values.

use super::differing::{Event, Field, differences};
use crate::finding::Label;
use crate::helm::Major;
use crate::render::{Error, ErrorKind, Rendered, Unmet};
use crate::rule::{Context, Findings, ProfileView};
use crate::text::Location;
use crate::yaml::{KeyPath, Node};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        let Some((helm, other)) = &view.other_helm else { continue };
        match (&view.rendered, other) {
            (Some(Ok(own)), Ok(other)) => objects(view, *helm, own, other, findings),
            (Some(Ok(_)), Err(error)) => refused(context, view, *helm, error, findings),
            (Some(Err(error)), Ok(_)) => refused(context, view, helm.other(), error, findings),
            _ => {}
        }
    }
}

/// One finding, however many fields there are: what is behind one is mostly behind the others.
fn objects(view: &ProfileView, helm: Major, own: &Rendered, other: &Rendered, findings: &mut Findings<'_>) {
    let mut fields = differences(own, other, Event::Installation);
    let count = fields.len();
    if let Some(field) = (count > 0).then(|| fields.swap_remove(0)) {
        let what = format!("`{}` of `{}`", shown(&field), field.object.label());
        return differs(view, helm, (&field, count - 1), &what, findings);
    }
    // What only the other renders.
    let mut more = differences(other, own, Event::Installation);
    let Some(field) = (!more.is_empty()).then(|| more.swap_remove(0)) else { return };
    let what = format!("the object `{}`, which Helm {} does not make,", field.object.label(), helm.other().number());
    differs(view, helm, (&field, more.len()), &what, findings);
}

fn differs(
    view: &ProfileView,
    helm: Major,
    (field, more): (&Field<'_>, usize),
    what: &str,
    findings: &mut Findings<'_>,
) {
    let place = field.object.origins(field.at).line().unwrap_or(field.at);
    let (own, other) = (helm.other().number(), helm.number());
    let message = format!("{what} is otherwise with Helm {other} than with Helm {own}");
    let label = match more {
        0 => String::new(),
        1 => "and one more field".to_owned(),
        count => format!("and {count} more fields"),
    };
    let reported = findings.report(Label::new(place, label), "", &[("message", &message)]);
    reported.profile(&view.profile.name);
}

fn shown(field: &Field<'_>) -> String {
    if field.path == KeyPath::default() { "the whole".to_owned() } else { field.path.to_string() }
}

/// Whether a schema refuses nulls of the chart's own values and nothing else, which has a rule of its own.
fn is_null_alone(context: &Context<'_>, error: &Error) -> bool {
    let ErrorKind::Schema(unmet) = &error.kind else { return false };
    let Some(root) = context.chart.values.as_ref().and_then(|values| values.root()) else { return false };
    let is_null = |unmet: &Unmet| {
        let is_own = unmet.value.is_some_and(|at| at.source == root.location.source);
        is_own && unmet.keys.iter().try_fold(root, |node, key| node.get(key)).is_some_and(Node::is_null)
    };
    unmet.iter().all(is_null)
}

/// A chart that `helm` does not render, and the other does.
fn refused(context: &Context<'_>, view: &ProfileView, helm: Major, error: &Error, findings: &mut Findings<'_>) {
    // Whether it renders at all may depend on values that users have to give.
    if error.is_open() || error.is_refusal() || is_null_alone(context, error) {
        return;
    }
    let said = error.message.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let (own, other) = (helm.number(), helm.other().number());
    let message = format!("the chart renders with Helm {other}, but not with Helm {own}: {said}");
    let name = || context.chart.metadata.as_ref().map(|metadata| metadata.place("name"));
    let place: Option<Location> = error.at.last().copied().or_else(name);
    if let Some(place) = place {
        let way =
            format!("write what both take, or say that Helm {other} installs it: `helm: {other}` in `.chartgate.yaml`");
        let reported = findings.report(Label::new(place, ""), "", &[("message", &message)]).help(way);
        reported.profile(&view.profile.name);
    }
}
