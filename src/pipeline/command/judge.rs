//! Commands that judge charts, and what of their words makes a judgement less than one of what is pushed.

use super::super::judged::{Judged, Void};
use super::programs::{Role, role};
use super::{base, behind, names};

/// What judges.
const VERBS: [&str; 2] = ["check", "verify"];
/// Options with which `chartgate check` judges nothing, or takes all that it finds for known.
const IDLE: [&str; 5] = ["--explain-profiles", "--show-settings", "--files", "--update-baseline", "-h"];
/// Names of what the pipeline runs for, as systems give them.
const OWN: [&str; 8] = [
    "HEAD",
    "github.sha",
    "GITHUB_SHA",
    "github.ref_name",
    "GITHUB_REF_NAME",
    "CI_COMMIT_SHA",
    "CI_COMMIT_TAG",
    "CI_COMMIT_REF_NAME",
];

/// What a command judges of the chart that is pushed where it stands alone; none where it does not run chartgate.
pub(super) fn judges(words: &[&str]) -> Option<Judged> {
    VERBS.iter().find_map(|verb| behind(words, "chartgate", &[verb]))?;
    let program = words.first()?;
    match role(program) {
        _ if names(program, "chartgate") => {}
        Some(Role::Wraps | Role::Shell | Role::Foreign) => {}
        // Its words are files: `tar xzf a.tgz chartgate check`.
        Some(_) => return None,
        None => return Some(Judged::Untold(format!("what `{}` runs", base(program)))),
    }
    Some(of_options(words))
}

fn of_options(words: &[&str]) -> Judged {
    if value(words, "--fail-on") == Some("never") {
        Judged::Never(Some(Void::Lenient))
    } else if words.iter().any(|word| IDLE.contains(word)) {
        Judged::Never(Some(Void::Idle))
    } else if words.first().is_some_and(|program| base(program) == "find") && words.last() == Some(&";") {
        Judged::Never(Some(Void::Visited))
    } else if value(words, "--select").is_some() {
        Judged::Never(Some(Void::Partial))
    } else {
        of_scope(words)
    }
}

/// What is left of a judgement that looks at another state, or at a part.
fn of_scope(words: &[&str]) -> Judged {
    let untold = |option: &str| Judged::Untold(format!("the value of `{option}`"));
    let is_own = |revision: &str| OWN.iter().any(|name| revision.trim_matches(['$', '{', '}']) == *name);
    if value(words, "--fail-on").is_some_and(|value| value.contains('$')) {
        return untold("--fail-on");
    }
    match value(words, "--at") {
        Some(revision) if is_own(revision) => {}
        Some(revision) if revision.contains('$') => return untold("--at"),
        Some(_) => return Judged::Never(Some(Void::Elsewhere)),
        None => {}
    }
    let narrows = ["--ignore", "--profile"].into_iter().find(|option| value(words, option).is_some());
    narrows.map_or(Judged::Before, untold)
}

/// The value of an option, behind it or behind its `=`.
fn value<'w>(words: &[&'w str], option: &str) -> Option<&'w str> {
    let joined = |word: &'w str| word.strip_prefix(option)?.strip_prefix('=');
    let apart = || words.windows(2).find(|pair| pair[0] == option).map(|pair| pair[1]);
    words.iter().find_map(|word| joined(word)).or_else(apart)
}
