//! `require-digest-unset`: the chart can insist on digests, and a production profile does not let it.

use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::yaml::KeyPath;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let wanted = context.params.string("path");
    let path = KeyPath::dotted(wanted);
    let offered = context.chart.values.as_ref().and_then(|values| values.root()?.at(&path));
    if offered.is_none() {
        return;
    }
    for view in context.profiles.iter().filter(|view| view.profile.production) {
        let is_set = view.profile.set.iter().any(|setting| setting.expression.contains(wanted));
        let Some(node) = view.values.at(&path).filter(|node| node.as_bool() == Some(false) && !is_set) else {
            continue;
        };
        let profile = view.profile.name.as_str();
        let args = [("path", wanted), ("profile", profile)];
        let mut reported = findings.report(Label::new(node.location, ""), wanted, &args);
        if let Some(place) = view.profile.found_at {
            reported = reported.related(Label::new(place, format!("profile `{profile}` is production")));
        }
        reported.help(format!("set `{wanted}: true` in the values of profile `{profile}`")).profile(profile);
    }
}
