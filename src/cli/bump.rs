//! `chartgate bump`: a chart's version raised in every file that says it, in the charts that take it, and in their locks.

use super::args::{Bump, BumpArgs, Color};
use super::environment::Environment;
use super::exit;
use super::output::Output;
use super::refusal::refused;
use crate::chart::Version;
use crate::fix::{Refused, Territory, diff};
use crate::gate::{Charts, Error, PolicyChoice, PolicySource, Request, Session};
use crate::report::{Look, human};
use crate::text::Sources;
use crate::text::printable::Printable;
use raise::{Halt, Raising};

mod raise;

pub(super) fn run(arguments: &BumpArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let look = environment.look(color, false);
    let sources = environment.sources();
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
            output.refuse(match written.as_str() {
                "" => format!("`{}` has no version", chart.path),
                _ => format!("cannot raise the version `{written}` of `{}`: it is no version", chart.path),
            });
            return Ok(exit::USAGE);
        };
        let new = match arguments.step {
            Bump::Auto => match self.called_for(arguments, &old, output)? {
                Ok(new) => Some(new),
                Err(code) => return Ok(code),
            },
            Bump::Major => raised(&old, 0),
            Bump::Minor => raised(&old, 1),
            Bump::Patch => raised(&old, 2),
        };
        let Some(new) = new else {
            output.refuse(format!("the version `{written}` of `{}` has the highest number that there is", chart.path));
            return Ok(exit::USAGE);
        };
        let mut raising = Raising::new(self);
        let raised = raising.all(&chart, (&written, &new.to_string()), arguments.against.as_deref())?;
        if let Err(stop) = raised {
            return Ok(stopped(stop, output));
        }
        Ok(self.write(raising, arguments.diff, output))
    }

    fn write(&self, raising: Raising<'_>, is_shown: bool, output: &mut Output) -> u8 {
        let Raising { draft, mut said, raised, open, notes, .. } = raising;
        let changes = draft.changes();
        if is_shown {
            let (patch, unprinted) = diff::patch(&changes);
            output.print(&Printable::document(patch));
            if !unprinted.is_empty() {
                return left(&unprinted, output);
            }
        } else {
            let unwritten = self.territory.write(&changes, true);
            if !unwritten.is_empty() {
                let refused = unwritten.into_iter().map(|(change, why)| Refused { path: change.shown.clone(), why });
                return left(&refused.collect::<Vec<_>>(), output);
            }
            said.extend(raised.iter().map(Printable::line));
            output.print(&said);
        }
        for line in &notes {
            output.complain(&Printable::line(format!("note: {line}")));
        }
        for line in &open {
            output.complain(&Printable::line(format!("left: {line}")));
        }
        if open.is_empty() { exit::PASS } else { exit::FAIL }
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
            let seen = compared.least().map(|least| format!("; what could be compared calls for `{least}` at least"));
            let (path, seen) = (&compared.chart.path, seen.unwrap_or_default());
            let help = format!("  help: say how far: `chartgate bump {path} patch`, `minor` or `major`{seen}");
            output.complain(&Printable::line(help));
            return Ok(Err(exit::UNDECIDED));
        }
        let Some(least) = compared.least() else {
            output.print(&Printable::line(format!(
                "nothing to raise: nothing that is packaged differs from {}",
                compared.baseline
            )));
            return Ok(Err(exit::PASS));
        };
        if compared.is_met(old) {
            let said = format!(
                "nothing to raise: `{old}` is far enough from {}, which calls for `{least}`",
                compared.baseline
            );
            output.print(&Printable::line(said));
            return Ok(Err(exit::PASS));
        }
        Ok(Ok(least))
    }
}

fn stopped(stop: Halt, output: &mut Output) -> u8 {
    match stop {
        Halt::Refused(refused) => left(&[refused], output),
        Halt::Unwritable(why) => {
            output.refuse(why);
            exit::USAGE
        }
    }
}

fn left(refused: &[Refused], output: &mut Output) -> u8 {
    for refusal in refused {
        output.refuse(format!("nothing was written: `{}` is left alone, since {}", refusal.path, refusal.why));
    }
    exit::UNDECIDED
}

/// The version with a number raised and those behind it at zero; what a pre-release prepares is that version. None where no number is higher.
fn raised(old: &Version, place: usize) -> Option<Version> {
    let is_prepared = !old.prerelease.is_empty() && old.numbers[place + 1..].iter().all(|number| *number == 0);
    let mut numbers = old.numbers;
    if !is_prepared {
        numbers[place] = numbers[place].checked_add(1)?;
        numbers[place + 1..].fill(0);
    }
    Some(Version { numbers, prerelease: String::new(), build: String::new() })
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
            let raised = [0, 1, 2].map(|place| raised(&version, place).expect("it can be raised").to_string());
            assert_eq!(raised, expected, "{old}");
        }
        let highest = Version::parse(&format!("1.2.{}", u64::MAX)).expect("Helm takes it");
        assert!(raised(&highest, 2).is_none() && raised(&highest, 1).is_some());
    }
}
