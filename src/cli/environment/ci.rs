//! What CI systems say of the change that a run is for.
#![expect(clippy::disallowed_methods, reason = "GitHub describes the event in a file of its own")]

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::variable;
use crate::gate::Ci;

/// Variables that say which branch a change is to be merged into: GitHub, GitLab, Woodpecker.
const TARGET_BRANCHES: [&str; 3] =
    ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_COMMIT_TARGET_BRANCH"];
/// Largest description of an event that is read, in bytes: GitHub delivers none above 25 MB.
const EVENT_LIMIT: u64 = 25 * 1024 * 1024;

/// What CI systems name for the commit before a new branch.
const NOWHERE: &str = "0000000000000000000000000000000000000000";

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

/// `before` in the file that describes the event; none where no file is named, as outside a runner. A description that cannot be read may be that
/// of any push, so that everything counts as pushed.
fn github_event() -> Option<String> {
    let path = variable("GITHUB_EVENT_PATH")?;
    let Ok(event) = read_event(Path::new(&path)) else { return Some(NOWHERE.to_owned()) };
    event.get("before")?.as_str().map(str::to_owned)
}

fn read_event(path: &Path) -> io::Result<serde_json::Value> {
    // Opening a pipe would wait for its other end.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(serde_json::from_reader(File::open(path)?.take(EVENT_LIMIT))?)
}
