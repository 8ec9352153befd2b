//! What is said of a dependency that is not there.

use super::{Lack, Why};
use crate::chart::{Chart, Misled};
use crate::text::veil::without_user;

/// What is wrong, in lower case; `chart` is the one that is judged.
pub(super) fn problem(lack: &Lack<'_>, chart: &Chart) -> String {
    let name = lack.declared.name.unwrap_or_default();
    let owner = lack.owner.name().unwrap_or(&lack.owner.path);
    let of = if std::ptr::eq(lack.owner, chart) { String::new() } else { format!(" of `{owner}`") };
    let from = without_user(lack.declared.repository.unwrap_or_default());
    let what = format!("the dependency `{name}`{of}");
    match &lack.why {
        Why::Unnamed => format!("a dependency{of} has no `name`"),
        Why::Broken { .. } if name.is_empty() => format!("the `name` of a dependency{of} cannot be read"),
        Why::Broken { .. } => format!("{what} lies in `charts/` and cannot be read"),
        Why::Unsourced => format!("{what} is not in `charts/`, and has no `repository`"),
        Why::Elsewhere => format!("{what} from `{from}` is not in `charts/`"),
        Why::Packaged => format!("`{owner}` is packaged without its dependency `{name}`"),
        Why::Unfit { version } => {
            let range = lack.declared.version.unwrap_or_default();
            format!("{what} has the version `{version}` in `{from}`, outside `{range}`")
        }
        Why::Misled(Misled::Nothing { path }) => format!("{what} should lie in `{path}`, where no chart is"),
        Why::Misled(Misled::NotHere { path, why, .. }) => format!("{what} lies in `{path}`, {why}"),
        Why::Misled(Misled::Circle) => format!("{what} lies in `{from}`, which takes this chart in turn"),
        Why::Misled(Misled::Renamed { name: other }) => {
            format!("{what} lies in `{from}`, and the chart there is `{other}`")
        }
        Why::Misled(Misled::Outside) => {
            format!("{what} lies in `{from}`, outside of what is judged, and is not in `charts/`")
        }
        Why::Misled(Misled::TooFar) => format!("{what} in `{from}` is one of more charts than are looked at"),
    }
}

/// What to type.
pub(super) fn help(lack: &Lack<'_>) -> String {
    let (name, path) = (lack.declared.name.unwrap_or_default(), lack.owner.path.as_str());
    let below = if path == "." { String::new() } else { format!("{path}/") };
    match &lack.why {
        Why::Unnamed => "name the chart, as its Chart.yaml does".to_owned(),
        Why::Unsourced => format!("put the chart into `{below}charts/{name}`, or name its `repository`"),
        Why::Elsewhere | Why::Misled(Misled::Outside | Misled::TooFar) => {
            format!("run `helm dependency build {path}` before the check")
        }
        Why::Broken { .. } => "run `chartgate check` with the default rules, which say what is wrong there".to_owned(),
        Why::Packaged => "build its dependencies, package it again and take that package".to_owned(),
        Why::Unfit { version } => {
            format!("write a range that admits `{version}`, or set another version in that chart's Chart.yaml")
        }
        Why::Misled(Misled::Nothing { .. }) => {
            format!("write the folder of `{name}`, relative to `{path}`, behind `file://`")
        }
        Why::Misled(Misled::NotHere { help, .. }) => (*help).to_owned(),
        Why::Misled(Misled::Circle) => "take one of the two charts out of the other's `dependencies`".to_owned(),
        Why::Misled(Misled::Renamed { name: other }) => {
            format!("write `name: {other}`, with `alias: {name}` if its values are to stay where they are")
        }
    }
}
