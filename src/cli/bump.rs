//! `chartgate bump`: a chart's version raised in every file that says it, in the charts that take it, and in their locks.

use std::sync::Arc;

use super::args::{Bump, BumpArgs, Color};
use super::environment::Environment;
use super::exit;
use super::output::Output;
use super::refusal::refused;
use crate::chart::{Chart, Version};
use crate::checks::PARITY;
use crate::finding::{Fix, Label};
use crate::fix::{Draft, Refused, Territory, diff};
use crate::gate::{Charts, Error, PolicyChoice, PolicySource, Request, Session};
use crate::report::{Look, human};
use crate::text::Sources;
use crate::text::printable::Printable;
use crate::yaml::edit::Writer;
use crate::yaml::shared::anchor_over;

pub(super) fn run(arguments: &BumpArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let look = environment.look(color, false);
    let sources = Sources::new();
    let policy = PolicyChoice { from: PolicySource::of(arguments.config.clone(), None), ..PolicyChoice::default() };
    let charts = Charts::at_paths([arguments.chart.clone()]);
    let bumping = Bumping {
        session: &environment.session(false),
        request: Request { charts, policy, ..Request::default() },
        territory: Territory::new(&environment.working_dir, std::slice::from_ref(&arguments.chart)),
        sources: &sources,
        look,
    };
    match bumping.run(arguments, output) {
        Ok(code) => code,
        Err(error) => refused(&error, &sources, look, output),
    }
}

struct Bumping<'a> {
    session: &'a Session,
    request: Request,
    territory: Territory,
    sources: &'a Sources,
    look: Look,
}

impl Bumping<'_> {
    fn run(&self, arguments: &BumpArgs, output: &mut Output) -> Result<u8, Error> {
        let chart = self.session.chart(&self.request, self.sources)?;
        let written = chart.version().unwrap_or_default().to_owned();
        let Some(old) = Version::parse(&written) else {
            output.refuse(format!("the version `{written}` of `{}` is none that can be raised", chart.path));
            return Ok(exit::USAGE);
        };
        let new = match arguments.step {
            Bump::Auto => match self.called_for(arguments, &old, output)? {
                Ok(new) => new,
                Err(code) => return Ok(code),
            },
            Bump::Major => raised(&old, 0),
            Bump::Minor => raised(&old, 1),
            Bump::Patch => raised(&old, 2),
        };
        self.write(&chart, (&written, &new.to_string()), arguments.diff, output)
    }

    /// The version that the changes since the last release call for; an exit code where there is nothing to raise, or it cannot be told.
    fn called_for(
        &self,
        arguments: &BumpArgs,
        old: &Version,
        output: &mut Output,
    ) -> Result<Result<Version, u8>, Error> {
        let compared = self.session.diff(&self.request, arguments.against.as_deref(), self.sources)?;
        for failure in &compared.failures {
            output.complain(&human::failure(failure, self.sources, self.look));
        }
        let unseen = compared.uncompared.iter().map(|part| format!("error: not compared: {}", part.reason));
        unseen.for_each(|line| output.complain(&Printable::line(line)));
        if !compared.failures.is_empty() || !compared.uncompared.is_empty() {
            return Ok(Err(exit::UNDECIDED));
        }
        let Some(least) = compared.least() else {
            output.print(&Printable::line(format!(
                "nothing to raise: nothing that is packaged differs from {}",
                compared.baseline
            )));
            return Ok(Err(exit::PASS));
        };
        if *old >= least {
            let said = format!(
                "nothing to raise: `{old}` is far enough from {}, which calls for `{least}`",
                compared.baseline
            );
            output.print(&Printable::line(said));
            return Ok(Err(exit::PASS));
        }
        Ok(Ok(least))
    }

    fn write(&self, chart: &Chart, (old, new): (&str, &str), is_shown: bool, output: &mut Output) -> Result<u8, Error> {
        let mut draft = Draft::new(&self.territory);
        let mut said = Printable::default();
        let own = match self.own(chart, (old, new)) {
            Ok(own) => own,
            Err(why) => {
                output.refuse(format!("`version` of `{}` cannot be written over{why}", chart.path));
                return Ok(exit::USAGE);
            }
        };
        let mut open = vec![];
        let mut add = |fixes: &[Fix]| {
            draft.add(fixes, self.sources)?;
            said.extend(fixes.iter().map(|fix| self.line(fix)));
            Ok(())
        };
        let mut added = add(std::slice::from_ref(&own));
        for parent in self.session.dependents(chart, new, self.sources)? {
            added = added.and_then(|()| add(&parent.fixes));
            open.extend(parent.open.map(|open| format!("`{}`: {open}", parent.path)));
        }
        if let Err(refusal) = added {
            return Ok(left(&[refusal], output));
        }
        let charts = Charts { unsaved: draft.texts(), ..self.request.charts.clone() };
        let policy = PolicyChoice { select: vec![PARITY.to_owned()], ..self.request.policy.clone() };
        let report = self.session.check(&Request { charts, policy, ..self.request.clone() }, self.sources)?;
        for finding in report.findings.iter().filter(|finding| finding.rule == PARITY) {
            match &finding.fix {
                Some(fix) => match draft.add([fix], self.sources) {
                    Ok(()) => said.push(&self.line(fix)),
                    Err(refusal) => return Ok(left(&[refusal], output)),
                },
                None => open.push(finding.message.clone()),
            }
        }
        let changes = draft.changes();
        if is_shown {
            output.print(&Printable::document(diff::patch(&changes)));
        } else {
            let unwritten = self.territory.write(&changes, true);
            if !unwritten.is_empty() {
                let refused = unwritten.into_iter().map(|(change, why)| Refused { path: change.shown.clone(), why });
                return Ok(left(&refused.collect::<Vec<_>>(), output));
            }
            said.push(&Printable::line(format!("{} {old} → {new}", chart.name().unwrap_or_default())));
            output.print(&said);
        }
        for line in &open {
            output.complain(&Printable::line(format!("left: {line}")));
        }
        Ok(if open.is_empty() { exit::PASS } else { exit::FAIL })
    }

    /// The edit of Chart.yaml, or what is in its way.
    fn own(&self, chart: &Chart, (old, new): (&str, &str)) -> Result<Fix, String> {
        let node = chart.metadata.as_ref().and_then(|metadata| metadata.root().get("version")).ok_or("")?;
        let text = Arc::clone(&self.sources.get(node.location.source).text);
        if let Some(anchor) = anchor_over(&text, node.location.span) {
            return Err(format!(": the anchor `{anchor}` brings it to other places too; write it out there first"));
        }
        let edit = Writer::new(&text).scalar(node, new).ok_or("")?;
        Ok(Fix::safe(format!("{old} → {new}"), vec![edit]))
    }

    fn line(&self, fix: &Fix) -> Printable {
        let label = fix.edits.first().map(|edit| Label::new(edit.location, ""));
        let place =
            label.map(|label| format!("{}:{}", self.sources.path(label.location), self.sources.start(label.location)));
        Printable::line(format!("{}: {}", place.unwrap_or_default(), fix.title))
    }
}

fn left(refused: &[Refused], output: &mut Output) -> u8 {
    for refusal in refused {
        output.refuse(format!("nothing was written: `{}` is left alone, since {}", refusal.path, refusal.why));
    }
    exit::UNDECIDED
}

/// The version with a number raised and those behind it at zero; what a pre-release prepares is that version.
fn raised(old: &Version, place: usize) -> Version {
    let is_prepared = !old.prerelease.is_empty() && old.numbers[place + 1..].iter().all(|number| *number == 0);
    let mut numbers = old.numbers;
    if !is_prepared {
        numbers[place] = numbers[place].saturating_add(1);
        numbers[place + 1..].fill(0);
    }
    Version { numbers, prerelease: String::new(), build: String::new() }
}

#[cfg(test)]
mod tests {
    use super::{Version, raised};

    #[test]
    fn a_number_is_raised_and_those_behind_it_start_anew() {
        for (old, expected) in [
            ("1.2.3", ["2.0.0", "1.3.0", "1.2.4"]),
            ("0.4.2+x", ["1.0.0", "0.5.0", "0.4.3"]),
            ("2.0.0-rc.1", ["2.0.0", "2.0.0", "2.0.0"]),
            ("1.2.3-rc.1", ["2.0.0", "1.3.0", "1.2.3"]),
        ] {
            let version = Version::parse(old).expect(old);
            assert_eq!([0, 1, 2].map(|place| raised(&version, place).to_string()), expected, "{old}");
        }
    }
}
