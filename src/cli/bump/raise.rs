//! A version raised wherever it stands, then those of the charts that have other content by that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::Bumping;
use crate::chart::{Chart, Version};
use crate::checks::{PARITY, README};
use crate::finding::{FailureKind, Finding, Fix};
use crate::fix::{Draft, Refused};
use crate::gate::{Charts, Error, PolicyChoice, Request};
use crate::text::Sources;
use crate::text::printable::Printable;
use crate::yaml::edit::Writer;
use crate::yaml::shared::anchor_over;

/// Why nothing is written.
pub(super) enum Halt {
    /// A file must be left alone.
    Refused(Refused),
    /// The version of the chart that was named cannot be written over.
    Unwritable(String),
}

/// What is to be written, and said of it.
pub(super) struct Raising<'a> {
    bumping: &'a Bumping<'a>,
    pub(super) draft: Draft<'a>,
    /// One line for each edit.
    pub(super) said: Printable,
    /// One line for each chart.
    pub(super) raised: Vec<String>,
    /// What has to be done by hand.
    pub(super) open: Vec<String>,
    /// What may have to be.
    pub(super) notes: Vec<String>,
    /// Charts with other content, by their folders, that are to be looked at: the path in reports.
    waiting: BTreeMap<PathBuf, String>,
}

impl<'a> Raising<'a> {
    pub(super) fn new(bumping: &'a Bumping<'a>) -> Self {
        let draft = Draft::new(&bumping.territory);
        let (said, raised) = (Printable::default(), vec![]);
        Self { bumping, draft, said, raised, open: vec![], notes: vec![], waiting: BTreeMap::new() }
    }

    /// Raises a chart, then every chart above it whose version stands for other content now.
    pub(super) fn all(
        &mut self,
        chart: &Chart,
        (old, new): (&str, &str),
        against: Option<&str>,
    ) -> Result<Result<(), Halt>, Error> {
        let own = match own(chart, (old, new), self.bumping.sources) {
            Ok(own) => own,
            Err(why) => {
                let said = format!("`version` of `{}` cannot be written over{why}", chart.path);
                return Ok(Err(Halt::Unwritable(said)));
            }
        };
        let charts = self.bumping.request.charts.clone();
        if let Err(refused) = self.one(chart, &own, (old, new), charts)? {
            return Ok(Err(Halt::Refused(refused)));
        }
        let against = self.bumping.session.shared(against)?;
        let mut seen = BTreeSet::new();
        while let Some((folder, path)) = self.waiting.pop_first() {
            if seen.insert(folder.clone())
                && let Err(refused) = self.above(folder, &path, against)?
            {
                return Ok(Err(Halt::Refused(refused)));
            }
        }
        Ok(Ok(()))
    }

    /// Everything that the new version of one chart asks for.
    fn one(
        &mut self,
        chart: &Chart,
        own: &Fix,
        (old, new): (&str, &str),
        charts: Charts,
    ) -> Result<Result<(), Refused>, Error> {
        let Bumping { session, request, sources, .. } = self.bumping;
        let parents = session.dependents(chart, new, sources)?;
        if let Err(refused) = self.add(std::slice::from_ref(own)) {
            return Ok(Err(refused));
        }
        for parent in parents {
            if let Err(refused) = self.add(&parent.fixes) {
                return Ok(Err(refused));
            }
            let path = &parent.path;
            if parent.is_packed {
                let update = format!("`chartgate deps --update {path}` writes it anew");
                self.notes.push(format!("`{path}` has a package of `{old}` in `charts/`; {update}"));
            }
            self.open.extend(parent.open.map(|open| format!("`{path}`: {open}")));
            // Its package holds the chart, whether or not a range or lock had to change.
            self.waiting.insert(parent.folder, parent.path);
        }
        let charts = Charts { unsaved: self.draft.texts(), ..charts };
        let policy = PolicyChoice { select: vec![PARITY.to_owned(), README.to_owned()], ..request.policy.clone() };
        let report = session.check(&Request { charts, policy, ..request.clone() }, sources)?;
        // What is found in one file is mended in one step: each place is that before the others.
        let mut fixes: Vec<Fix> = vec![];
        // A README may speak of other versions, too.
        let is_of_old = |fix: &Fix| {
            fix.edits
                .iter()
                .all(|edit| sources.get(edit.location.source).slice(edit.location.span) == old.trim_start_matches('v'))
        };
        let is_about = |finding: &&Finding| {
            finding.rule == PARITY || (finding.rule == README && finding.fix.as_ref().is_some_and(is_of_old))
        };
        for finding in report.findings.iter().filter(is_about) {
            match &finding.fix {
                Some(fix) if fixes.iter().any(|known| known.edits == fix.edits) => {}
                Some(fix) => fixes.push(fix.clone()),
                None => self.open.push(finding.message.clone()),
            }
        }
        if let Err(refused) = self.add(&fixes) {
            return Ok(Err(refused));
        }
        self.raised.push(format!("{} {old} → {new}", chart.name().unwrap_or_default()));
        Ok(Ok(()))
    }

    fn add(&mut self, fixes: &[Fix]) -> Result<(), Refused> {
        let sources = self.bumping.sources;
        self.draft.add(fixes, sources)?;
        self.said.extend(fixes.iter().map(|fix| line(fix, sources)));
        Ok(())
    }

    /// Raises a chart that takes a raised one as far as that calls for since its own last release.
    fn above(&mut self, folder: PathBuf, path: &str, against: Option<&str>) -> Result<Result<(), Refused>, Error> {
        let charts = Charts { unsaved: self.draft.texts(), ..Charts::at_paths([folder]) };
        let request = Request { charts: charts.clone(), ..self.bumping.request.clone() };
        let chart = self.bumping.session.chart(&request, self.bumping.sources)?;
        let written = chart.version().unwrap_or_default();
        let compared = self.bumping.session.diff(&request, against, self.bumping.sources)?;
        let by_hand =
            format!("`{path}` has other content now; `chartgate bump {path} patch` raises it from `{written}`");
        let unseen = compared.uncompared.iter().map(|part| part.reason.clone());
        let reasons: Vec<String> =
            compared.failures.iter().map(|failure| failure.message.clone()).chain(unseen).collect();
        if let Some(reason) = reasons.first() {
            let is_unreleased = compared.failures.iter().all(|failure| failure.kind == FailureKind::Git);
            let list = if is_unreleased && compared.uncompared.is_empty() { &mut self.notes } else { &mut self.open };
            list.push(format!("{by_hand}, if that went out: {reason}"));
            return Ok(Ok(()));
        }
        let Some(new) = compared.least().filter(|_| Version::parse(written).is_none_or(|old| !compared.is_met(&old)))
        else {
            // What takes it as it is has other content all the same.
            let parents = self.bumping.session.dependents(&chart, written, self.bumping.sources)?;
            let taking = parents.into_iter().filter(|parent| parent.fixes.is_empty() && parent.open.is_none());
            self.waiting.extend(taking.map(|parent| (parent.folder, parent.path)));
            return Ok(Ok(()));
        };
        let new = new.to_string();
        match own(&chart, (written, &new), self.bumping.sources) {
            Ok(own) => self.one(&chart, &own, (written, &new), charts),
            Err(why) => {
                self.open.push(format!("{by_hand}: `version` cannot be written over{why}"));
                Ok(Ok(()))
            }
        }
    }
}

/// The edit of Chart.yaml, or what is in its way.
fn own(chart: &Chart, (old, new): (&str, &str), sources: &Sources) -> Result<Fix, String> {
    let node = chart.metadata.as_ref().and_then(|metadata| metadata.root().get("version")).ok_or(": there is none")?;
    let text = Arc::clone(&sources.get(node.location.source).text);
    if let Some(anchor) = anchor_over(&text, node.location.span) {
        return Err(format!(": the anchor `{anchor}` brings it to other places too; write it out there first"));
    }
    let edit = Writer::new(&text).scalar(node, new).ok_or(": write it out on the line of its key first")?;
    Ok(Fix::safe(format!("{old} → {new}"), vec![edit]))
}

fn line(fix: &Fix, sources: &Sources) -> Printable {
    let place = fix.edits.first().map(|edit| sources.seen(edit.location));
    Printable::line(format!("{}: {}", place.unwrap_or_default(), fix.title))
}
