//! `chartgate pin`: the digests of the images that production runs, asked of their registries and written to the values that should carry
//! them.

use std::collections::{BTreeMap, BTreeSet};

use super::args::{Color, PinArgs};
use super::environment::Environment;
use super::exit;
use super::output::Output;
use super::refusal::refused;
use crate::extract::ImageUse;
use crate::finding::Failure;
use crate::fix::{Refused, Territory, Texts, diff};
use crate::gate::{Charts, Error, ProfileChoice, Request, Session, Survey};
use crate::image::{self, ImageRef};
use crate::network::oci::image::{Depth, Image};
use crate::report::{Look, human};
use crate::rule::ProfileView;
use crate::text::Sources;
use crate::text::printable::Printable;
use listed::Entries;
use moved::Pinned;
use plan::{Planned, planned, unrendered};
use trial::Trial;

mod effect;
mod listed;
mod moved;
mod plan;
mod trial;

pub(super) fn run(arguments: &PinArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let (look, sources) = (environment.look(color, false), environment.sources());
    let pinning = Pinning {
        session: &environment.session(false),
        request: Request { charts: Charts::at_paths(arguments.charts.clone()), ..Request::default() },
        arguments,
        territory: Territory::new(&environment.working_dir, &arguments.charts),
        sources: &sources,
        look,
    };
    match pinning.run(output) {
        Ok(code) => code,
        Err(error) => refused(&error, &sources, look, output),
    }
}

fn counted(images: usize) -> String {
    if images == 1 { "1 pinned image".to_owned() } else { format!("{images} pinned images") }
}

struct Pinning<'a> {
    session: &'a Session,
    request: Request,
    arguments: &'a PinArgs,
    territory: Territory,
    sources: &'a Sources,
    look: Look,
}

impl Pinning<'_> {
    fn run(&self, output: &mut Output) -> Result<u8, Error> {
        let survey = self.survey(&Texts::new())?;
        let gaps: Vec<Failure> = survey.gaps().collect();
        if !gaps.is_empty() {
            return Ok(self.failed(&gaps, output));
        }
        let unrendered = unrendered(&survey);
        if !unrendered.is_empty() {
            for line in &unrendered {
                output.refuse(line);
            }
            return Ok(exit::UNDECIDED);
        }
        if self.arguments.check {
            return Ok(self.check(&survey, output));
        }
        let views = survey.charts.iter().flat_map(|chart| &chart.views);
        if self.arguments.profile.is_empty() && !views.clone().any(|view| view.profile.production) {
            let line = "note: no profile is production; `--profile PROFILE` pins the images of another";
            output.complain(&Printable::line(line));
        }
        let unpinned = self.uses(&survey).into_iter().filter(|used| used.image.digest.is_empty());
        let (open, unasked): (Vec<&ImageUse>, Vec<&ImageUse>) =
            unpinned.partition(|used| image::problem(&used.written).is_none());
        // Who asks for the images of a profile is not asking for what Artifact Hub shows.
        let listed = if self.arguments.profile.is_empty() {
            listed::floating(self.session, &self.request, self.sources)?
        } else {
            Entries::default()
        };
        let asked = open.iter().map(|used| &used.image).chain(listed.listed.iter().map(|entry| &entry.image)).cloned();
        let digests = match self.ask(&survey, &asked.collect(), output) {
            Ok(digests) => digests,
            Err(code) => return Ok(code),
        };
        self.write(&survey, (&open, &unasked, &listed), &digests, output)
    }

    fn survey(&self, texts: &Texts) -> Result<Survey, Error> {
        let charts = Charts { unsaved: texts.clone(), ..self.request.charts.clone() };
        let profiles = ProfileChoice { names: self.arguments.profile.clone(), ..ProfileChoice::default() };
        // What is written is seen by every profile, so that all of them are looked at again.
        let profiles = if texts.is_empty() { profiles } else { ProfileChoice::default() };
        self.session.survey(&Request { charts, profiles, ..self.request.clone() }, self.sources)
    }

    /// The images of the profiles that were asked for; what tests run is nobody's production.
    fn uses<'s>(&self, survey: &'s Survey) -> Vec<&'s ImageUse> {
        let views = survey.charts.iter().flat_map(|chart| &chart.views);
        let is_asked = |production: bool| production || !self.arguments.profile.is_empty();
        let views = views.filter(|view| is_asked(view.profile.production));
        views.flat_map(ProfileView::all_images).filter(|used| !used.is_test).collect()
    }

    /// What registries say of images; nothing is known of any where one of them did not answer.
    fn ask(
        &self,
        survey: &Survey,
        images: &BTreeSet<ImageRef>,
        output: &mut Output,
    ) -> Result<BTreeMap<ImageRef, Option<Image>>, u8> {
        let (mut found, mut failures) = (BTreeMap::new(), vec![]);
        for (image, answer) in self.session.resolve(&survey.trust, images, Depth::Digest) {
            match answer {
                Ok(answer) => _ = found.insert(image, answer),
                Err(failure) => failures.push(*failure),
            }
        }
        failures.sort();
        failures.dedup();
        if failures.is_empty() { Ok(found) } else { Err(self.failed(&failures, output)) }
    }

    fn failed(&self, failures: &[Failure], output: &mut Output) -> u8 {
        let said = failures.iter().map(|failure| human::failure(failure, self.sources, self.look));
        output.complain(&said.collect());
        output.complain(&Printable::line("nothing was written: not everything could be looked at or asked"));
        exit::UNDECIDED
    }

    fn check(&self, survey: &Survey, output: &mut Output) -> u8 {
        // Who asks for the images of a profile is not asking for what Artifact Hub shows.
        let listing = self.arguments.profile.is_empty().then_some(survey);
        let pinned = Pinned::of(&self.uses(survey), listing);
        let found = match self.ask(survey, &pinned.asked(), output) {
            Ok(found) => found,
            Err(code) => return code,
        };
        for line in pinned.wrong(&found, self.sources) {
            output.print(&Printable::line(line));
        }
        let wrong = pinned.count(&found);
        output.print(&Printable::line(format!("{}, {wrong} that their tags no longer name", counted(pinned.len()))));
        if wrong == 0 { exit::PASS } else { exit::FAIL }
    }

    fn write(
        &self,
        survey: &Survey,
        (open, unasked, listed): (&[&ImageUse], &[&ImageUse], &Entries),
        digests: &BTreeMap<ImageRef, Option<Image>>,
        output: &mut Output,
    ) -> Result<u8, Error> {
        let absent: Vec<&ImageRef> =
            digests.iter().filter(|(_, found)| found.is_none()).map(|(image, _)| image).collect();
        if !absent.is_empty() {
            for image in &absent {
                output.refuse(format!("`{image}` is not in its registry"));
            }
            output.complain(&Printable::line("nothing was written"));
            return Ok(exit::FAIL);
        }
        let (mut planned, mut left) = planned(open, digests, self.sources);
        planned.extend(listed.listed.iter().filter_map(|entry| entry.pinned(digests)));
        left.extend(listed.left.iter().cloned());
        left.extend(unasked.iter().filter_map(|used| {
            let problem = image::problem(&used.written)?;
            Some(format!("`{}`: nobody can be asked for it: {problem}", used.written))
        }));
        left.sort();
        left.dedup();
        let whole = if self.arguments.profile.is_empty() {
            None
        } else {
            Some(self.session.survey(&self.request, self.sources)?)
        };
        let trial = Trial::new(self, whole.as_ref().unwrap_or(survey), digests);
        let (draft, kept) = trial.passed(planned, &mut left)?;
        let texts = draft.texts();
        let changes = draft.changes();
        if self.arguments.diff {
            let (patch, unprinted) = diff::patch(&changes);
            output.print(&Printable::document(patch));
            left.extend(unprinted.into_iter().map(|Refused { path, why }| format!("`{path}`: {why}")));
        } else {
            let unwritten = self.territory.write(&changes, true);
            if !unwritten.is_empty() {
                for (change, why) in &unwritten {
                    output.refuse(format!("nothing was written: `{}` is left alone, since {why}", change.shown));
                }
                return Ok(exit::UNDECIDED);
            }
            let after = self.survey(&texts)?;
            for pinned in &kept {
                output.print(&self.line(pinned, &after));
            }
            output.print(&Printable::line(format!("{} pinned, {} left", kept.len(), left.len())));
        }
        for line in &left {
            output.complain(&Printable::line(format!("left {line}")));
        }
        Ok(if left.is_empty() { exit::PASS } else { exit::FAIL })
    }

    fn line(&self, pinned: &Planned, after: &Survey) -> Printable {
        let views = after.charts.iter().flat_map(|chart| &chart.views);
        let runs = |used: &ImageUse| used.image.name() == pinned.image.name() && used.image.digest == pinned.digest;
        let profiles: BTreeSet<String> =
            views.filter(|view| view.images.iter().any(runs)).map(|view| format!("`{}`", view.profile.name)).collect();
        let profiles = profiles.into_iter().collect::<Vec<_>>().join(", ");
        let of =
            if pinned.is_listed { "in `artifacthub.io/images`".to_owned() } else { format!("profiles {profiles}") };
        let at = pinned.fix.edits[0].location;
        Printable::line(format!("{}: {} → {} ({of})", self.sources.seen(at), pinned.image, pinned.digest))
    }
}
