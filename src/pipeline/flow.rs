//! What a script comes to where every judgement in it fails and all else does what it should: whether it still gets to its pushes.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Files;
use super::command::{self, Callee, Delivery, Mode};
use super::expression::squeezed;
use super::judged::{Judged, Void, cut};
use super::place::Place;
use super::shell::{Command, Item, Joint, List, Pipe, parse};

mod compound;
mod simple;

/// Bytes of a script that are read in the time of a step.
const READ_PER_STEP: usize = 2;

/// What a shell meets that is not its own.
pub(super) trait World {
    /// A push with what is judged before it.
    fn pushed(&mut self, delivery: &Delivery, judged: Judged);
    /// A variable is set to a value, or to one that is not known.
    fn set(&mut self, name: &str, value: Option<&str>);
    /// The value of a variable, where it is known.
    fn value(&self, name: &str) -> Option<&str>;
    /// The text of a file that is run in the shell itself, from this place; none where it is not in the repository.
    fn sourced(&self, path: &str, place: &Place) -> Option<String>;
    /// What becomes of a file or target that is run from this place, with what is judged before it.
    fn run(&mut self, callee: &Callee, mode: Mode, place: &Place, judged: &Judged) -> Judged;
}

/// How commands end.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ended {
    /// Well, or as it happens where somebody asks.
    Well,
    /// As it happens: this tells something by its exit code.
    Asked,
    /// Well, since a judgement failed.
    Turned,
    /// As a judgement that fails; `true` where that stops the script under `set -e`.
    Failed(bool),
    /// As a judgement that fails, if this is so.
    Maybe(Judged),
}

/// A shell that runs scripts one behind the other.
pub(super) struct Shell<'f, 'a, W> {
    files: &'f Files<'a>,
    world: &'f mut W,
    mode: Mode,
    place: Place,
    functions: BTreeMap<String, Rc<List>>,
    /// The words that functions were called with, innermost last.
    arguments: Vec<Vec<String>>,
    /// Functions that are run here; one that calls itself does nothing more by that.
    running: BTreeSet<String>,
    /// What is so here; none where nothing gets here whatever the judgements say.
    at: Option<Judged>,
    /// What is so where the script has ended before.
    ended: Option<Judged>,
    /// Whether a failure here stops nothing, as it is asked for.
    is_asked: bool,
    /// Whether this is run because a judgement failed.
    is_due: bool,
    /// What is so where the function has returned before, and how.
    returns: Vec<(Option<Judged>, Ended)>,
    /// What is so where the loop leaves out what follows.
    skips: Option<Judged>,
    last: Ended,
    /// Why the last failure stopped nothing.
    why: Void,
}

impl<'f, 'a, W: World> Shell<'f, 'a, W> {
    /// A shell in this place where this is judged before.
    pub(super) fn new(files: &'f Files<'a>, world: &'f mut W, mode: Mode, place: Place, before: Judged) -> Self {
        Self {
            files,
            world,
            mode,
            place,
            functions: BTreeMap::new(),
            arguments: vec![],
            running: BTreeSet::new(),
            at: Some(before),
            ended: None,
            is_asked: false,
            is_due: false,
            returns: vec![],
            skips: None,
            last: Ended::Well,
            why: Void::Running,
        }
    }

    /// Runs a script, or a part of one.
    pub(super) fn run(&mut self, script: &str) {
        if !self.files.spend(1 + script.len() / READ_PER_STEP) {
            return;
        }
        match parse(&squeezed(script), super::DEPTH) {
            Some(list) => self.list(&list),
            None => self.files.too_deep(),
        }
    }

    /// What is so for whoever waits for the shell to succeed.
    pub(super) fn finish(mut self) -> Judged {
        self.leave(self.last.clone());
        self.ended.unwrap_or(Judged::Before)
    }

    /// The state here.
    fn here(&self) -> Judged {
        self.at.clone().unwrap_or(Judged::Before)
    }

    /// Notes a judgement whose failure stops nothing.
    fn note(&mut self, why: Void) {
        self.at = self.at.take().map(|at| at.beside(why));
    }

    /// The world around it.
    pub(super) fn world(&mut self) -> &mut W {
        self.world
    }

    /// Notes that the script ends here, in this way.
    fn leave(&mut self, ended: Ended) {
        let Some(at) = self.at.take() else { return };
        let at = match ended {
            Ended::Failed(_) => Judged::Before,
            Ended::Maybe(judged) => at.or(judged),
            Ended::Well | Ended::Asked | Ended::Turned => at,
        };
        self.ended = merged(self.ended.take(), Some(at), "an `exit` before it");
    }

    fn list(&mut self, list: &List) {
        let Some(_level) = self.files.enter() else { return };
        for item in list {
            if !self.files.spend(1) {
                return;
            }
            let ended = self.item(item);
            self.last = self.settled(ended);
        }
    }

    /// What a failure at the end of a command does to what follows.
    fn settled(&mut self, ended: Ended) -> Ended {
        let stops = self.mode.stops && !self.is_asked;
        let at = self.here();
        match &ended {
            Ended::Failed(true) if stops => self.at = Some(Judged::Before),
            Ended::Failed(is_sharp) => {
                let why = if self.is_asked {
                    Void::Condition
                } else if *is_sharp {
                    self.why
                } else {
                    Void::Chained
                };
                self.at = self.at.take().map(|_| at.beside(why));
            }
            Ended::Maybe(judged) if stops => self.at = self.at.take().map(|_| at.or(judged.clone())),
            Ended::Maybe(_) => self.at = self.at.take().map(|_| at.beside(self.why)),
            Ended::Well | Ended::Asked | Ended::Turned => {}
        }
        ended
    }

    fn item(&mut self, item: &Item) -> Ended {
        if item.is_background {
            let ended = self.apart(|shell| shell.joined(item));
            return self.passed(ended, Void::Background);
        }
        self.joined(item)
    }

    /// A failure that is lost for this reason.
    fn passed(&mut self, ended: Ended, why: Void) -> Ended {
        match ended {
            Ended::Failed(_) | Ended::Maybe(Judged::Before | Judged::Untold(_)) => {
                self.note(why);
                Ended::Well
            }
            ended => ended,
        }
    }

    fn joined(&mut self, item: &Item) -> Ended {
        let mut ended =
            if item.rest.is_empty() { self.pipe(&item.first) } else { self.asked(|shell| shell.pipe(&item.first)) };
        let mut shown = said(&item.first);
        for (index, (joint, pipe)) in item.rest.iter().enumerate() {
            let is_last = index + 1 == item.rest.len();
            ended = self.behind(&ended, *joint, pipe, is_last, &shown);
            shown = said(pipe);
        }
        ended
    }

    /// A pipe behind `&&` or `||`, where what is before it has ended so.
    fn behind(&mut self, before: &Ended, joint: Joint, pipe: &Pipe, is_last: bool, shown: &str) -> Ended {
        let run = |shell: &mut Self| {
            if is_last { shell.pipe(pipe) } else { shell.asked(|shell| shell.pipe(pipe)) }
        };
        let at = self.at.clone();
        match (before, joint) {
            // It is not run.
            (Ended::Failed(_), Joint::And) => {
                self.at = at.as_ref().map(|_| Judged::Before);
                run(self);
                self.at = at;
                Ended::Failed(false)
            }
            (Ended::Failed(_), Joint::Or) => {
                let ended = self.due(run);
                if matches!(ended, Ended::Well | Ended::Asked) && self.at.as_ref() != Some(&Judged::Before) {
                    self.excuse(pipe);
                }
                ended
            }
            (Ended::Turned, Joint::And) => self.due(run),
            (Ended::Well, Joint::And) => run(self),
            (Ended::Turned, Joint::Or) => {
                self.at = at.as_ref().map(|_| Judged::Before);
                run(self);
                self.at = at;
                Ended::Turned
            }
            (Ended::Asked, Joint::And) | (Ended::Well | Ended::Asked | Ended::Maybe(_), Joint::Or) => {
                let ended = run(self);
                self.at = merged(self.at.take(), at, &condition(shown));
                partly(ended, shown)
            }
            (Ended::Maybe(judged), Joint::And) => {
                self.at = at.clone().map(|at| at.or(judged.clone()));
                run(self);
                self.at = at;
                before.clone()
            }
        }
    }

    /// What is behind `||` ends well; it may keep the failure for later: `|| failed=1`.
    fn excuse(&mut self, pipe: &Pipe) {
        let why = match pipe.commands.last() {
            Some(Command::Simple(words, _)) => {
                let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
                match words.iter().find(|word| command::is_setting(word)) {
                    Some(set) => format!("what becomes of `{}`", cut(set.split('=').next().unwrap_or_default())),
                    None if command::says(&words) => return self.note(Void::PassedOver),
                    None => format!("`{}` behind `||`", said(pipe)),
                }
            }
            Some(Command::Group(list)) => match list.last() {
                Some(item) if item.rest.is_empty() => return self.excuse(&item.first),
                _ => return self.note(Void::PassedOver),
            },
            _ => return self.note(Void::PassedOver),
        };
        self.at = self.at.take().map(|at| at.or(Judged::Untold(why)));
    }

    fn pipe(&mut self, pipe: &Pipe) -> Ended {
        let ended = match pipe.commands.as_slice() {
            [command] => self.command(command),
            commands => self.piped(commands),
        };
        match ended {
            ended if !pipe.is_negated => ended,
            Ended::Failed(_) => {
                self.why = Void::Negated;
                if !self.is_asked {
                    self.note(Void::Negated);
                }
                Ended::Turned
            }
            Ended::Maybe(_) => Ended::Asked,
            ended => ended,
        }
    }

    fn piped(&mut self, commands: &[Command]) -> Ended {
        let mut found = Ended::Well;
        for (index, command) in commands.iter().enumerate() {
            let ended = self.apart(|shell| shell.command(command));
            let is_last = index + 1 == commands.len();
            if is_last || self.mode.counts_in_pipes {
                found = match (found, ended) {
                    (Ended::Failed(is_sharp), _) | (_, Ended::Failed(is_sharp)) => Ended::Failed(is_sharp),
                    (Ended::Maybe(judged), _) | (_, Ended::Maybe(judged)) => Ended::Maybe(judged),
                    (_, ended) => ended,
                };
            } else {
                self.passed(ended, Void::Piped);
            }
        }
        found
    }

    /// Runs something whose failure somebody asks for.
    fn asked<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        let was = std::mem::replace(&mut self.is_asked, true);
        let found = run(self);
        self.is_asked = was;
        found
    }

    /// Runs something that is run since a judgement failed.
    fn due<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        let was = std::mem::replace(&mut self.is_due, true);
        let found = run(self);
        self.is_due = was;
        found
    }

    /// Runs something in a shell of its own that is like this one.
    fn apart(&mut self, run: impl FnOnce(&mut Self) -> Ended) -> Ended {
        let (at, mode, ended) = (self.at.clone(), self.mode, self.ended.take());
        let place = self.place.clone();
        let last = run(self);
        self.last = last;
        self.leave(self.last.clone());
        let found = std::mem::replace(&mut self.ended, ended);
        self.at = at;
        self.mode = mode;
        self.place = place;
        let (before, found) = (self.here(), found.unwrap_or(Judged::Before));
        match found {
            _ if before == Judged::Before => Ended::Well,
            Judged::Before => Ended::Failed(true),
            Judged::Untold(_) if before != found => Ended::Maybe(found),
            Judged::Never(Some(why)) => {
                self.note(why);
                Ended::Well
            }
            _ => Ended::Well,
        }
    }
}

/// What is so behind two ways that meet again.
fn merged(one: Option<Judged>, other: Option<Judged>, why: &str) -> Option<Judged> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.either(other, why)),
        (one, other) => one.or(other),
    }
}

/// A condition in words.
fn condition(shown: &str) -> String {
    format!("the condition `{shown}`")
}

/// The end of what is run on a condition.
fn partly(ended: Ended, shown: &str) -> Ended {
    match ended {
        Ended::Failed(_) => Ended::Maybe(Judged::Untold(condition(shown))),
        ended => ended,
    }
}

/// A pipe as it is named in messages: its first words.
fn said(pipe: &Pipe) -> String {
    let words = match pipe.commands.first() {
        Some(Command::Simple(words, _)) => words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        _ => "…".to_owned(),
    };
    let first = words.lines().next().unwrap_or_default();
    first.chars().take(60).collect()
}
