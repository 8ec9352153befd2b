//! Entries of `artifacthub.io/images` whose tags can move, each with the edit that pins it.

use std::collections::BTreeMap;

use super::plan::Planned;
use crate::checks::{FLOATING_ANNOTATION, registry};
use crate::finding::{Fix, Status};
use crate::gate::{Error, PolicyChoice, Request, Session};
use crate::image::{self, ImageRef};
use crate::network::oci::image::Image;
use crate::text::edit::Edit;
use crate::text::{Address, Location, Sources, Span};

/// An entry that can be asked for and written.
pub(super) struct Listed {
    pub(super) image: ImageRef,
    /// Where its digest goes: right behind the tag.
    behind: Location,
}

/// Entries of a run's charts.
#[derive(Default)]
pub(super) struct Entries {
    pub(super) listed: Vec<Listed>,
    /// What has to be written by hand, in words.
    pub(super) left: Vec<String>,
}

/// What the rule on such entries finds, as the configuration has it.
pub(super) fn floating(session: &Session, request: &Request, sources: &Sources) -> Result<Entries, Error> {
    // Who selects a rule runs it even where the configuration turns it off; who leaves out all others does not.
    let rules = registry();
    let others = rules.iter().map(|rule| rule.id.clone()).filter(|id| id != FLOATING_ANNOTATION);
    let policy = PolicyChoice { ignore: others.collect(), ..request.policy.clone() };
    let report = session.check(&Request { policy, ..request.clone() }, sources)?;
    let found = report.findings.iter().filter(|finding| finding.status == Status::Open);
    let mut entries = Entries::default();
    for finding in found.filter(|finding| finding.rule == FLOATING_ANNOTATION) {
        match entry(finding.primary.location, sources) {
            Some(entry) => entries.listed.push(entry),
            None => entries.left.push(format!("{}: write its digest there by hand", finding.message)),
        }
    }
    Ok(entries)
}

/// An entry that stands at a place letter by letter; in folded and quoted texts it does not.
fn entry(at: Location, sources: &Sources) -> Option<Listed> {
    let source = sources.get(at.source);
    let whole = source.slice(at.span);
    let quote = usize::from(whole.starts_with(['"', '\'']));
    let written = whole.get(quote..whole.len().checked_sub(quote)?)?;
    let is_file = matches!(source.address, Address::Disk(_));
    let is_whole = is_file && image::problem(written).is_none();
    let image = is_whole.then(|| ImageRef::split(written))?;
    let end = at.span.start as usize + quote + written.len();
    Some(Listed { image, behind: Location::new(at.source, Span::new(end, end)) })
}

impl Listed {
    pub(super) fn pinned(&self, digests: &BTreeMap<ImageRef, Option<Image>>) -> Option<Planned> {
        let digest = digests.get(&self.image)?.as_ref()?.digest.clone();
        let edit = Edit::replacement(self.behind, format!("@{digest}"));
        let fix = Fix::safe(format!("pin `{}`", self.image), vec![edit]);
        Some(Planned {
            image: self.image.clone(),
            digest,
            fix,
            bare: None,
            has_own: true,
            refused: None,
            is_listed: true,
        })
    }
}
