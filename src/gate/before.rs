//! The state before a change, as the policy is compared with it.

use super::Request;
use super::plan::{Plan, Planned};
use crate::published::git::Log;

/// What git knows of the state before, or why it knows nothing. Who names the revision that the policy is taken from means that one.
pub(super) fn log(plan: &Plan<'_>, planned: &Planned) -> Result<Log, String> {
    let revision = plan.request.policy.from.revision.clone();
    let request = Request { base: plan.request.base.clone().or(revision), ..plan.request.clone() };
    let log = plan.session.log(&request, plan.ground(planned), plan.config(planned));
    log.map_err(|failure| failure.message)
}
