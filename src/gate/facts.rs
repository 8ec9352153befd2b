//! What is so of the versions that deployments ask for.

use crate::gitops::{Deployment, Pin, Release};
use crate::rule::Fact;
use crate::template::go::semver::{Constraints, Version};
use crate::text::Location;

/// Revisions of git repositories that move, by name.
const MOVING: [&str; 5] = ["", "HEAD", "main", "master", "trunk"];

/// What is so of a deployment of the chart of a name, of which the repository has a version where it has the chart.
pub fn of_deployment(deployment: &Deployment, chart: &str, beside: Option<&str>) -> Vec<Fact> {
    let Some(pin) = &deployment.pin else { return vec![] };
    let floating = floating(pin).filter(|_| deployment.profile.production && pin.digest.is_empty());
    let floating = floating.map(|what| Fact {
        kind: "floating",
        at: pin.at,
        related: vec![],
        subject: subject(deployment, chart),
        message: format!("production profile `{}` deploys `{chart}` at {what}", deployment.profile.name),
        help: "write out one version, and let a bot raise it".to_owned(),
    });
    let behind = beside.filter(|beside| is_older(&pin.version, beside)).map(|beside| Fact {
        kind: "behind",
        at: pin.at,
        related: vec![],
        subject: subject(deployment, chart),
        message: format!(
            "profile `{}` deploys `{chart}` at `{}`, and the chart beside it has `{beside}`: what is judged is not yet deployed",
            deployment.profile.name, pin.version
        ),
        help: format!("write `{beside}` once that version is out"),
    });
    floating.into_iter().chain(behind).collect()
}

fn subject(deployment: &Deployment, chart: &str) -> String {
    let release = deployment.profile.release.as_deref().unwrap_or_default();
    format!("{chart} {} {release}", deployment.profile.name)
}

/// What a pin that can mean another version tomorrow says, in words.
fn floating(pin: &Pin) -> Option<String> {
    if pin.is_git {
        let version = pin.version.as_str();
        return match version {
            "" => Some("whatever the branch has".to_owned()),
            _ if MOVING.contains(&version) => Some(format!("the revision `{version}`, which moves")),
            _ => version.strip_prefix("refs/heads/").map(|branch| format!("the branch `{branch}`, which moves")),
        }
        .or_else(|| is_range(version).then(|| format!("the range `{version}`")));
    }
    match pin.version.as_str() {
        "" => Some("no version".to_owned()),
        "latest" => Some("the tag `latest`".to_owned()),
        version if is_one(version) => None,
        version if Constraints::parse(version).is_ok() => Some(format!("the range `{version}`")),
        _ => None,
    }
}

/// Whether a text means one version.
fn is_one(version: &str) -> bool {
    let version = version.strip_prefix('=').unwrap_or(version).trim();
    Version::parse(version).is_ok() && !is_partial(version)
}

/// Whether the name of a revision is a range of versions, of which the newest tag is taken.
fn is_range(revision: &str) -> bool {
    let has_sign =
        revision.contains(['*', '<', '>', '^', '~', '|']) || revision.split('.').any(|part| matches!(part, "x" | "X"));
    has_sign && !is_one(revision) && Constraints::parse(revision).is_ok()
}

/// Whether a version leaves a part open, which repositories take for a range: `1.2`.
fn is_partial(version: &str) -> bool {
    let core = version.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
    core.split('.').count() < 3
}

fn is_older(pinned: &str, beside: &str) -> bool {
    match (Version::parse(pinned), Version::parse(beside)) {
        (Ok(pinned), Ok(beside)) => pinned.compare(&beside).is_lt(),
        _ => false,
    }
}

/// A release whose version is not out.
pub fn absent(release: &Release, at: Location) -> Fact {
    let version = release.deployment.pin.as_ref().map_or("", |pin| pin.version.as_str());
    let (name, repository) = (&release.chart.name, crate::text::veil::without_user(&release.chart.repository));
    let what = if version.is_empty() { "no version".to_owned() } else { format!("no version `{version}`") };
    Fact {
        kind: "absent",
        at,
        related: vec![],
        subject: subject(&release.deployment, name),
        message: format!("`{repository}` has {what} of `{name}`"),
        help: "write a version that is out".to_owned(),
    }
}

/// A release whose digest is another than its tag has.
pub fn mismatch(release: &Release, pin: &Pin, found: &str) -> Fact {
    let name = &release.chart.name;
    Fact {
        kind: "digest",
        at: pin.at,
        related: vec![],
        subject: subject(&release.deployment, name),
        message: format!("`{}` of `{name}` has the digest `{found}`, and `{}` is deployed", pin.version, pin.digest),
        help: "write the digest of the version that is meant".to_owned(),
    }
}
