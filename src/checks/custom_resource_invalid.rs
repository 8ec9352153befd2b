//! `custom-resource-invalid`: a custom resource that its definition refuses.

use super::part::{Problem, rendered, report};
use crate::crd::{self, Crd};
use crate::finding::{Failure, FailureKind};
use crate::render::Rendered;
use crate::rule::{Context, Findings, ProfileView};
use crate::schema;
use crate::yaml::Step;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let shipped = crd::shipped(context.chart);
    let budget = schema::budget();
    for (view, rendered) in rendered(context) {
        let known: Vec<Crd> = shipped.iter().cloned().chain(definitions(rendered)).collect();
        let mut problems = vec![];
        for object in rendered.objects() {
            let is_its = |crd: &&Crd| crd.kind.text == object.kind() && crd.group.text == object.group();
            let Some(crd) = known.iter().find(is_its) else { continue };
            let version = object.api_version().rsplit('/').next().unwrap_or("");
            let Some(version) = crd.version(version).filter(|version| version.served) else {
                problems.extend(unserved(object, crd));
                continue;
            };
            match crd::violations(object.root, version, &budget) {
                Ok(found) => problems.extend(found.into_iter().filter(is_its_own).map(|violation| Problem {
                    object,
                    at: violation.location,
                    name: violation.path.to_string(),
                    kind: violation.path.0.last().map(|step| format!("{step:?}")).unwrap_or_default(),
                    what: violation.message,
                    help: violation.help,
                    other: None,
                })),
                Err(exceeded) => {
                    findings.fail(unjudged(&object.label(), &exceeded.to_string(), view, object.root.location));
                }
            }
        }
        report(context, view, problems, findings);
    }
}

/// The definitions among what is rendered.
pub(super) fn definitions(rendered: &Rendered) -> impl Iterator<Item = Crd> {
    let found = rendered.objects().filter(|object| object.kind() == "CustomResourceDefinition");
    found.filter_map(|object| Crd::read(object.root).ok())
}

/// Names have a rule of their own.
fn is_its_own(violation: &schema::Violation) -> bool {
    let named = [Step::Key("metadata".to_owned()), Step::Key("name".to_owned())];
    violation.path.0 != named
        && !violation.message.starts_with("`metadata.name`")
        && !violation.message.starts_with("`metadata` has neither")
}

fn unserved<'a>(object: crate::render::Object<'a>, crd: &Crd) -> Option<Problem<'a>> {
    let served: Vec<String> =
        crd.served().map(|version| format!("`{}/{}`", crd.group.text, version.name.text)).collect();
    let at = object.root.get("apiVersion")?.location;
    Some(Problem {
        object,
        at,
        name: "apiVersion".to_owned(),
        what: format!("the definition of `{}` does not serve `{}`", crd.kind.text, object.api_version()),
        kind: object.api_version().to_owned(),
        help: Some(format!("use {}", served.join(" or "))),
        other: None,
    })
}

fn unjudged(object: &str, reason: &str, view: &ProfileView, at: crate::text::Location) -> Failure {
    Failure::new(FailureKind::Limit, format!("cannot judge `{object}`: {reason}")).at(at).of_profile(&view.profile.name)
}
