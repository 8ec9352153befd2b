//! `manifest-nondeterministic`: fields that come out different when a chart is rendered again.

use std::collections::BTreeMap;

use super::differing::{Event, Field, differences};
use crate::finding::Label;
use crate::rule::{Context, Findings, ProfileView};
use crate::text::Location;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        let Some(Ok(first)) = &view.rendered else { continue };
        let Some((other, more)) = view.again.split_first() else { continue };
        let mut fields = differences(first, other, Event::Installation);
        for other in more {
            let also = differences(first, other, Event::Upgrade);
            fields.retain(|field| also.iter().any(|one| one.touches(field)));
        }
        report(view, &fields, findings);
    }
}

/// One finding for each place of a template, however many fields it writes.
fn report(view: &ProfileView, fields: &[Field<'_>], findings: &mut Findings<'_>) {
    let mut by_place: BTreeMap<Location, Vec<(&Field<'_>, Option<Location>)>> = BTreeMap::new();
    for field in fields {
        let origins = field.object.origins(field.at);
        let line = origins.line();
        let helper = origins.template.filter(|template| Some(*template) != line);
        by_place.entry(line.unwrap_or(field.at)).or_default().push((field, helper));
    }
    for (place, written) in by_place {
        let (first, helper) = written[0];
        let object = first.object.label();
        let field = if first.path.0.is_empty() { "the whole".to_owned() } else { first.path.to_string() };
        let subject = format!("{} {object} {field}", first.object.manifest.path);
        let args = [("field", field.as_str()), ("object", &object)];
        let mut reported = findings.report(Label::new(place, more(written.len() - 1)), subject, &args);
        if let Some(helper) = helper {
            reported = reported.related(Label::new(helper, "written here"));
        }
        if place != first.at {
            reported = reported.related(Label::new(first.at, "as rendered"));
        }
        reported.profile(&view.profile.name);
    }
}

fn more(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "and one more field".to_owned(),
        count => format!("and {count} more fields"),
    }
}
