//! The events of pull requests, as a workflow asks for them.

use super::super::texts;
use crate::yaml::Node;

/// What pull requests do where a workflow names none.
const USUAL: [&str; 3] = ["opened", "synchronize", "reopened"];

/// An event of pull requests that starts a workflow.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// `pull_request` or `pull_request_target`.
    pub name: String,
    /// What the pull request does that starts it; a closed one is another matter.
    pub actions: Vec<String>,
}

impl Event {
    /// The event of a trigger, with what is said of it; none where it is none of pull requests that are open.
    pub(super) fn new(name: &str, said: Option<&Node>) -> Option<Self> {
        if !matches!(name, "pull_request" | "pull_request_target") {
            return None;
        }
        let types = texts(said.and_then(|said| said.get("types")));
        let types = if types.is_empty() { USUAL.map(str::to_owned).to_vec() } else { types };
        let actions: Vec<String> = types.into_iter().filter(|action| action != "closed").collect();
        (!actions.is_empty()).then(|| Self { name: name.to_owned(), actions })
    }

    /// Whether it runs on the branch that the pull request goes to.
    pub(super) fn is_of_target(&self) -> bool {
        self.name == "pull_request_target"
    }
}
