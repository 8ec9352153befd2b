//! Commands that are made of commands: groups, branches, loops and cases.

use std::rc::Rc;

use super::super::judged::{Judged, Void};
use super::super::shell::{Command, List};
use super::{Ended, Shell, World, condition, merged, said};

impl<W: World> Shell<'_, '_, W> {
    pub(super) fn command(&mut self, command: &Command) -> Ended {
        match command {
            Command::Simple(words, texts) => self.simple(words, texts),
            Command::Group(list) => self.grouped(list),
            Command::Subshell(list) => self.apart(|shell| shell.grouped(list)),
            Command::If(branches, otherwise) => self.perhaps(|shell| shell.branches(branches, otherwise)),
            Command::Loop(asked, body) => self.perhaps(|shell| shell.looped(asked.as_ref(), body)),
            Command::Case(branches, has_any) => self.perhaps(|shell| shell.cases(branches, *has_any)),
            Command::Function(name, body) => {
                self.functions.insert(name.clone(), Rc::clone(body));
                Ended::Well
            }
        }
    }

    /// Runs something that may go to another folder, or not.
    fn perhaps(&mut self, run: impl FnOnce(&mut Self) -> Ended) -> Ended {
        let folder = self.place.folder.clone();
        let ended = run(self);
        self.place.is_lost |= self.place.folder != folder;
        ended
    }

    pub(super) fn grouped(&mut self, list: &List) -> Ended {
        self.last = Ended::Well;
        self.list(list);
        // What stopped the shell has stopped it, and what did not is no news to what is around.
        match std::mem::replace(&mut self.last, Ended::Well) {
            Ended::Failed(_) if self.mode.stops && !self.is_asked => Ended::Failed(false),
            ended => ended,
        }
    }

    fn branches(&mut self, branches: &[(List, List)], otherwise: &List) -> Ended {
        let Some(((asked, run), rest)) = branches.split_first() else { return self.grouped(otherwise) };
        let ended = self.asked(|shell| shell.grouped(asked));
        let shown = asked.first().map(|item| said(&item.first)).unwrap_or_default();
        let at = self.at.clone();
        let unreached = at.as_ref().map(|_| Judged::Before);
        match ended {
            Ended::Failed(_) | Ended::Turned => {
                // One of both is not reached.
                self.at = unreached;
                if ended == Ended::Turned {
                    self.branches(rest, otherwise);
                } else {
                    self.grouped(run);
                }
                self.at = at.map(|at| at.beside(Void::Condition));
                self.due(
                    |shell| {
                        if ended == Ended::Turned { shell.grouped(run) } else { shell.branches(rest, otherwise) }
                    },
                )
            }
            Ended::Maybe(_) | Ended::Well | Ended::Asked => {
                if let Ended::Maybe(judged) = &ended {
                    self.at = at.clone().map(|at| at.or(judged.clone()));
                }
                let own = self.grouped(run);
                let behind = std::mem::replace(&mut self.at, at);
                let other = self.branches(rest, otherwise);
                self.at = merged(self.at.take(), behind, &condition(&shown));
                match (own, other) {
                    (Ended::Failed(own), Ended::Failed(other)) => Ended::Failed(own && other),
                    (Ended::Failed(_) | Ended::Maybe(_), _) | (_, Ended::Failed(_) | Ended::Maybe(_)) => {
                        Ended::Maybe(Judged::Untold(condition(&shown)))
                    }
                    _ => Ended::Well,
                }
            }
        }
    }

    fn looped(&mut self, asked: Option<&List>, body: &List) -> Ended {
        let ended = asked.map(|asked| self.asked(|shell| shell.grouped(asked)));
        let outer = self.skips.take();
        let of_body = self.grouped(body);
        let skips = std::mem::replace(&mut self.skips, outer);
        self.at = merged(self.at.take(), skips, "what a loop leaves out");
        match ended {
            // It goes on until the judgement succeeds.
            Some(Ended::Failed(_) | Ended::Turned) => {
                self.at = self.at.take().map(|_| Judged::Before);
                Ended::Well
            }
            _ => of_body,
        }
    }

    fn cases(&mut self, branches: &[List], has_any: bool) -> Ended {
        let at = self.at.clone();
        let mut all = at.clone().filter(|_| !has_any);
        for branch in branches {
            self.at.clone_from(&at);
            let ended = self.grouped(branch);
            let ended = self.passed(ended, Void::Running);
            self.last = ended;
            all = merged(all, self.at.take(), "a `case`");
        }
        self.at = all;
        Ended::Well
    }
}
