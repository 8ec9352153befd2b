//! Pins tried before anything is written: under every profile, and by every rule that looks at the files alone.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Pinning;
use super::effect::{altered, broken};
use super::plan::{Planned, Wrong, wrong};
use crate::checks::registry;
use crate::finding::{Report, Severity};
use crate::fix::{Draft, Refused, Texts, harm};
use crate::gate::{Charts, Error, PolicyChoice, Request, Survey};
use crate::image::ImageRef;
use crate::network::oci::image::Image;
use crate::rule::Need;

/// What pins are compared with.
pub(super) struct Trial<'a> {
    pinning: &'a Pinning<'a>,
    /// All profiles as they are.
    before: &'a Survey,
    digests: &'a BTreeMap<ImageRef, Option<Image>>,
    /// What is found as it is, once somebody asked.
    judged: OnceCell<Report>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(
        pinning: &'a Pinning<'a>,
        before: &'a Survey,
        digests: &'a BTreeMap<ImageRef, Option<Image>>,
    ) -> Self {
        Self { pinning, before, digests, judged: OnceCell::new() }
    }

    /// The files with every pin that does what it should and nothing else; the others are left, with the reason.
    pub(super) fn passed(
        &self,
        mut planned: Vec<Planned>,
        left: &mut Vec<String>,
    ) -> Result<(Draft<'a>, Vec<Planned>), Error> {
        // What a digest of its own alters is meant to, so that the others are measured from there.
        planned.sort_by_key(|pin| !pin.has_own);
        loop {
            let (draft, unwritten) = self.draft(&planned);
            let left_alone = |(at, Refused { path, why }): (usize, Refused)| {
                let image = &planned[at].image;
                (at, Wrong::place(format!("`{image}`: `{path}` is left alone, since {why}")))
            };
            let mut refused: Vec<_> = unwritten.into_iter().map(left_alone).collect();
            if refused.is_empty() && !planned.is_empty() {
                refused = self.refused(&planned)?;
            }
            if refused.is_empty() {
                return Ok((draft, planned));
            }
            // Two pins may write one digest, and what is wrong be the fault of one of them: what more profiles read is left first.
            let path = |at: usize| self.pinning.sources.path(planned[at].fix.edits[0].location);
            refused.sort_by_cached_key(|(at, _)| (!path(*at).ends_with("values.yaml"), *at));
            let mut digests = BTreeSet::new();
            refused.retain(|(at, _)| digests.insert(planned[*at].digest.clone()));
            refused.sort_by_key(|(at, _)| *at);
            for (at, wrong) in refused.into_iter().rev() {
                let pin = &mut planned[at];
                if let Some(bare) = pin.bare.take().filter(|_| wrong.may_want_digits) {
                    pin.fix = bare;
                    pin.refused = (!wrong.is_unread).then_some(wrong.why);
                } else {
                    let pin = planned.remove(at);
                    left.push(pin.refused.unwrap_or(wrong.why));
                }
            }
        }
    }

    fn draft(&self, pins: &[Planned]) -> (Draft<'a>, Vec<(usize, Refused)>) {
        let mut draft = Draft::new(&self.pinning.territory);
        let fixes: Vec<_> = pins.iter().map(|pin| &pin.fix).collect();
        let refused = draft.add_each(&fixes, self.pinning.sources);
        (draft, refused)
    }

    fn refused(&self, planned: &[Planned]) -> Result<Vec<(usize, Wrong)>, Error> {
        let after = self.survey(planned)?;
        let unrendered =
            |after: &Survey| broken(self.before, after, self.pinning.sources).or_else(|| gap(self.before, after));
        if unrendered(&after).is_some() {
            let found = blamed(planned, |pins| Ok(unrendered(&self.survey(pins)?)))?;
            return Ok(found.into_iter().map(|(at, why)| (at, Wrong::unrendered(&planned[at], &why))).collect());
        }
        let pins = planned.iter().enumerate().filter(|(_, pin)| !pin.is_listed);
        let wrong = pins.filter_map(|(at, pin)| Some((at, wrong(pin, self.before, &after, self.digests)?)));
        let wrong: Vec<_> = wrong.collect();
        if !wrong.is_empty() {
            return Ok(wrong);
        }
        let own = planned.iter().take_while(|pin| pin.has_own).count();
        if own < planned.len() {
            let base = if own == 0 { None } else { Some(self.survey(&planned[..own])?) };
            let base = base.as_ref().unwrap_or(self.before);
            if altered(base, &after, planned).is_some() {
                let beyond = |pins: &[Planned]| {
                    if pins.len() <= own { Ok(None) } else { Ok(altered(base, &self.survey(pins)?, planned)) }
                };
                return named(planned, beyond);
            }
        }
        if self.found(planned)?.is_some() {
            return named(planned, |pins| self.found(pins));
        }
        Ok(vec![])
    }

    fn survey(&self, pins: &[Planned]) -> Result<Survey, Error> {
        self.pinning.survey(&self.draft(pins).0.texts())
    }

    /// An error that rules find with pins and without them do not.
    fn found(&self, pins: &[Planned]) -> Result<Option<String>, Error> {
        let before = if let Some(before) = self.judged.get() {
            before
        } else {
            let report = self.check(&Texts::new())?;
            self.judged.get_or_init(|| report)
        };
        let after = self.check(&self.draft(pins).0.texts())?;
        let harm = harm::brought(before, &after, |finding| finding.severity < Severity::Error);
        Ok(harm.map(|harm| format!("its digest would {}", harm.said(self.pinning.sources))))
    }

    /// What the rules find that look at the files alone.
    fn check(&self, texts: &Texts) -> Result<Report, Error> {
        let Pinning { session, request, sources, .. } = self.pinning;
        let elsewhere =
            [Need::Own, Need::Versions, Need::Last, Need::Tag, Need::Source, Need::Registries, Need::Originals];
        let rules = registry();
        let asking = rules.iter().filter(|rule| elsewhere.iter().any(|need| rule.needs.contains(need)));
        let ignore = request.policy.ignore.iter().cloned().chain(asking.map(|rule| rule.id.clone())).collect();
        let policy = PolicyChoice { ignore, ..request.policy.clone() };
        let charts = Charts { unsaved: texts.clone(), ..request.charts.clone() };
        session.check(&Request { charts, policy, ..request.clone() }, sources)
    }
}

/// The pin with which trouble begins, with what is said of it.
fn named(
    planned: &[Planned],
    trouble: impl Fn(&[Planned]) -> Result<Option<String>, Error>,
) -> Result<Vec<(usize, Wrong)>, Error> {
    let found = blamed(planned, trouble)?;
    Ok(found.into_iter().map(|(at, why)| (at, Wrong::place(format!("`{}`: {why}", planned[at].image)))).collect())
}

/// The pin with which trouble begins, all of which have some, and what it is.
fn blamed(
    planned: &[Planned],
    trouble: impl Fn(&[Planned]) -> Result<Option<String>, Error>,
) -> Result<Option<(usize, String)>, Error> {
    let (mut good, mut bad) = (0, planned.len());
    while bad - good > 1 {
        let middle = usize::midpoint(good, bad);
        if trouble(&planned[..middle])?.is_some() {
            bad = middle;
        } else {
            good = middle;
        }
    }
    Ok(trouble(&planned[..bad])?.map(|why| (bad - 1, why)))
}

/// What cannot be looked at with pins and could be without.
fn gap(before: &Survey, after: &Survey) -> Option<String> {
    let known: Vec<_> = before.gaps().collect();
    let new = after.gaps().find(|gap| !known.contains(gap)).filter(|_| after.gaps().count() > known.len())?;
    Some(format!("with its digest not everything could be looked at: {}", new.message))
}
