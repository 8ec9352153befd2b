//! What CI systems say of the change that a run is for.
#![expect(clippy::disallowed_methods, reason = "GitHub describes the event in a file of its own")]

use std::fs::File;
use std::io::Read as _;

use super::variable;
use crate::gate::Ci;

/// Variables that say which branch a change is to be merged into: GitHub, GitLab, Woodpecker.
const TARGET_BRANCHES: [&str; 3] =
    ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_COMMIT_TARGET_BRANCH"];
/// Largest description of an event that is read, in bytes: GitHub delivers none above 25 MB.
const EVENT_LIMIT: u64 = 25 * 1024 * 1024;

/// What the variables of the process say.
pub(super) fn said() -> Ci {
    Ci { target_branch: TARGET_BRANCHES.into_iter().find_map(variable), pushed_from: pushed_from(), tag: release_tag() }
}

/// The tag that GitHub Actions or GitLab CI runs for.
fn release_tag() -> Option<String> {
    let is_tag = variable("GITHUB_REF_TYPE").as_deref() == Some("tag");
    let name = if is_tag { variable("GITHUB_REF_NAME") } else { None };
    let name = name.or_else(|| variable("CI_COMMIT_TAG"))?;
    Some(name.strip_prefix("refs/tags/").unwrap_or(&name).to_owned())
}

/// The commit that the branch was at before the push: `before` of GitHub's event, GitLab's `CI_COMMIT_BEFORE_SHA`, Woodpecker's
/// `CI_PREV_COMMIT_SHA`. Zeros where the branch is new.
fn pushed_from() -> Option<String> {
    let of_github = if variable("GITHUB_EVENT_NAME").as_deref() == Some("push") { github_event() } else { None };
    let is_push = |name: &str| variable(name).as_deref() == Some("push");
    let of_gitlab = || variable("CI_COMMIT_BEFORE_SHA").filter(|_| is_push("CI_PIPELINE_SOURCE"));
    let of_woodpecker = || variable("CI_PREV_COMMIT_SHA").filter(|_| is_push("CI_PIPELINE_EVENT"));
    of_github.or_else(of_gitlab).or_else(of_woodpecker)
}

/// `before` in the file that describes the event; none where there is no such file, as outside a runner.
fn github_event() -> Option<String> {
    let file = File::open(variable("GITHUB_EVENT_PATH")?).ok()?;
    let is_regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
    let mut text = String::new();
    is_regular.then_some(file)?.take(EVENT_LIMIT).read_to_string(&mut text).ok()?;
    let event: serde_json::Value = serde_json::from_str(&text).ok()?;
    event.get("before")?.as_str().map(str::to_owned)
}
