//! What every file says of one value that a profile lays over others.

use crate::chart::Chart;
use crate::rule::ProfileView;
use crate::yaml::{KeyPath, Node, Step};

/// The values at a path, those that count least first: sub-charts', the chart's own, then the profile's in their order.
pub(super) fn layered<'a>(chart: &'a Chart, view: &'a ProfileView, path: &KeyPath) -> Vec<&'a Node> {
    let overlays = view.profile.values.iter().filter_map(|root| root.at(path));
    of_chart(chart, path).into_iter().chain(overlays).collect()
}

fn of_chart<'a>(chart: &'a Chart, path: &KeyPath) -> Vec<&'a Node> {
    let mut found = vec![];
    if let Some((Step::Key(first), rest)) = path.0.split_first() {
        let declared = chart.declared();
        for part in chart.parts() {
            let is_known = |name: Option<&str>| name == Some(first);
            let is_alias = declared.iter().any(|each| each.name == part.name() && is_known(each.alias));
            if is_known(part.name()) || is_alias {
                found.extend(of_chart(part, &KeyPath(rest.to_vec())));
            }
        }
    }
    found.extend(chart.values.as_ref().and_then(|values| values.root()?.at(path)));
    found
}
