//! What git knows of the states before the one that is judged. Which branch a change is measured by is not the change's to say: it could
//! name its own, and have changed nothing.

use super::naming;
use super::place::Place;
use super::seat::Seat;
use super::{Request, Session};
use crate::config::discover::Search;
use crate::config::{self, Config};
use crate::finding::Failure;
use crate::published::git::{self, Log};

impl Session {
    /// What git knows of the earlier states of the charts of a place; the failure of the repository itself where that could not be opened.
    /// `published.base` counts as it was before the change.
    pub(super) fn log(&self, request: &Request, place: &Place, config: &Config) -> Result<Log, Box<Failure>> {
        let named = config.published.base.as_ref().map(|base| base.value.as_str());
        let seat = Seat::of(request, place, place.folder_of(config));
        if named.is_none() || seat.is_outside() || request.policy.from.revision.is_some() {
            return self.log_by(request, place, named);
        }
        let found = self.log_by(request, place, None)?;
        let Some(before) = found.tree() else { return self.log_by(request, place, named) };
        let mut bases = naming::named(self, &mut Search::default(), &**before, &seat, &config::bases);
        if bases.iter().any(|base| Some(base.as_str()) == named) {
            return self.log_by(request, place, named);
        }
        bases.truncate(1);
        if bases.is_empty() { Ok(found) } else { self.log_by(request, place, bases.first().map(String::as_str)) }
    }

    /// The same by a branch, where one is named; else by the one that is found.
    pub(super) fn log_by(&self, request: &Request, place: &Place, branch: Option<&str>) -> Result<Log, Box<Failure>> {
        if let Some(failure) = &place.failure {
            return Err(Box::new(failure.clone()));
        }
        let ci = &self.surroundings.ci;
        let asked = git::Request {
            base: request.base.as_deref(),
            at: request.charts.at.as_deref(),
            configured: branch,
            target_branch: ci.target_branch.as_deref(),
            pushed_from: ci.pushed_from.as_deref(),
            is_tag: self.tag(request).is_some(),
        };
        Log::resolve(place.repository.as_ref(), &asked)
    }
}
