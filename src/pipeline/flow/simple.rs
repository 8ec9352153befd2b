//! Commands that are programs: what they push, judge and run, and what they change in the shell itself.

use std::rc::Rc;

use super::super::command::{self, Does, Mode};
use super::super::judged::{Judged, Void};
use super::super::shell::{List, Word};
use super::{Ended, Shell, World, merged};

/// How a script asks for an exit code, in shells of POSIX, in bash, in PowerShell and in `cmd`.
const CODES: [&str; 5] = ["$?", "PIPESTATUS", "LASTEXITCODE", "ERRORLEVEL", "errorlevel"];
/// Steps of a function that is called.
const CALL: usize = 16;
/// Steps of a word that a function is called with.
const ARGUMENT: usize = 16;

impl<W: World> Shell<'_, '_, W> {
    pub(super) fn simple(&mut self, words: &[Word], texts: &[String]) -> Ended {
        let is_setting = words.iter().all(|word| command::is_setting(&word.text));
        self.settings(words);
        for script in words.iter().flat_map(|word| &word.inner) {
            let ended = self.inner(script, self.mode);
            if is_setting {
                return ended;
            }
            self.passed(ended, Void::Substituted);
        }
        let written: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let asked = self.arguments.last().filter(|_| written.iter().any(|word| is_all(word)));
        let arguments = asked.filter(|all| self.files.spend(weight(all))).cloned();
        let texts_of = match &arguments {
            Some(arguments) => with_arguments(&written, arguments),
            None => written,
        };
        let program = texts_of.first().and_then(|word| self.program(word));
        let texts_of = match &program {
            Some(value) => value.split_whitespace().chain(texts_of[1..].iter().copied()).collect(),
            None => texts_of,
        };
        if texts_of.iter().any(|word| CODES.iter().any(|code| word.contains(code))) {
            self.kept();
        }
        let Some(name) = texts_of.first() else { return Ended::Well };
        if let Some(body) = self.functions.get(*name).cloned() {
            return self.called(name, &body, &texts_of[1..]);
        }
        let is_shell = matches!(*name, "bash" | "sh" | "ssh");
        match command::of(&texts_of, self.mode) {
            Some(does) => self.does(does),
            None if is_shell => {
                let mode = Mode::default().with(texts_of[1..].iter().copied());
                self.inlined(texts, mode)
            }
            None => Ended::Well,
        }
    }

    /// The words of a variable that stands in the place of a program: `$HELM` where it is set to `docker run alpine/helm`.
    fn program(&self, word: &str) -> Option<String> {
        let name = word.strip_prefix('$')?;
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let value = self.world.value(name).filter(|value| !value.trim().is_empty() && !value.starts_with('$'))?;
        self.files.spend(ARGUMENT + value.len()).then(|| value.to_owned())
    }

    /// Variables that a command sets for what follows: alone, or behind `export` and its like.
    fn settings(&mut self, words: &[Word]) {
        let declares =
            words.first().is_some_and(|word| matches!(&*word.text, "export" | "local" | "declare" | "readonly"));
        let behind = if declares { &words[1..] } else { words };
        if !declares && !behind.iter().all(|word| command::is_setting(&word.text)) {
            return;
        }
        for word in behind {
            if let Some((name, value)) = word.text.split_once('=').filter(|_| command::is_setting(&word.text)) {
                let is_known = word.inner.is_empty() && !name.ends_with('+');
                self.world.set(name.trim_end_matches('+'), is_known.then_some(value));
            }
        }
    }

    /// The exit code of a judgement is kept for later.
    fn kept(&mut self) {
        self.at = self.at.take().map(|at| match at {
            Judged::Never(Some(_)) => Judged::Untold("what becomes of its exit code".to_owned()),
            at => at,
        });
    }

    fn called(&mut self, name: &str, body: &Rc<List>, arguments: &[&str]) -> Ended {
        if !self.running.insert(name.to_owned()) {
            return Ended::Well;
        }
        self.arguments.push(arguments.iter().map(|word| (*word).to_owned()).collect());
        let ended = self.body(body);
        self.arguments.pop();
        self.running.remove(name);
        ended
    }

    /// A file that this shell runs itself.
    fn sourced(&mut self, path: &str) -> Ended {
        let name = format!("source {path}");
        let Some(text) = self.world.sourced(path, &self.place).filter(|_| self.running.insert(name.clone())) else {
            return Ended::Well;
        };
        if let Some(_level) = self.files.enter() {
            self.last = Ended::Well;
            self.run(&text);
        }
        self.running.remove(&name);
        match std::mem::replace(&mut self.last, Ended::Well) {
            Ended::Failed(_) if self.mode.stops && !self.is_asked => Ended::Failed(false),
            ended => ended,
        }
    }

    fn body(&mut self, body: &Rc<List>) -> Ended {
        let Some(_level) = self.files.enter().filter(|_| self.files.spend(CALL)) else { return Ended::Well };
        let outer = std::mem::take(&mut self.returns);
        let ended = self.grouped(body);
        let last = (self.at.take(), ended);
        let ways = std::mem::replace(&mut self.returns, outer).into_iter().chain([last]);
        let ways: Vec<(Option<Judged>, Ended)> = ways.filter(|(at, _)| at.is_some()).collect();
        let fails = ways.iter().filter(|(_, ended)| matches!(ended, Ended::Failed(_))).count();
        let ended = match ways.last() {
            Some(_) if fails == ways.len() => Ended::Failed(true),
            Some(_) if fails > 0 => Ended::Maybe(Judged::Untold("a `return`".to_owned())),
            Some((_, ended)) => ended.clone(),
            None => Ended::Well,
        };
        self.at = ways.into_iter().fold(None, |found, (at, _)| merged(found, at, "a `return`"));
        ended
    }

    fn inner(&mut self, script: &str, mode: Mode) -> Ended {
        let Some(_level) = self.files.enter() else { return Ended::Well };
        self.apart(|shell| {
            shell.mode = mode;
            shell.last = Ended::Well;
            shell.run(script);
            shell.last.clone()
        })
    }

    fn inlined(&mut self, scripts: &[String], mode: Mode) -> Ended {
        let ends: Vec<Ended> = scripts.iter().map(|script| self.inner(script, mode)).collect();
        ends.into_iter().find(|ended| !matches!(ended, Ended::Well | Ended::Asked)).unwrap_or(Ended::Well)
    }

    fn does(&mut self, does: Does) -> Ended {
        match does {
            Does::Judge(judged) => self.judged(judged),
            Does::Push(delivery) => {
                let judged = self.here();
                self.world.pushed(&delivery, judged);
                Ended::Well
            }
            Does::Run(callee, mode) => {
                if !self.files.spend(self.place.weight()) {
                    return Ended::Well;
                }
                let judged = self.here();
                let found = self.world.run(&callee, mode, &self.place, &judged);
                self.judged(found)
            }
            Does::Go(to) => {
                if self.files.spend(self.place.weight()) {
                    self.place.go(to.as_deref());
                }
                Ended::Well
            }
            Does::Source(path) => self.sourced(&path),
            Does::Inline(scripts, mode) => self.inlined(&scripts, mode),
            Does::Exit(code) => {
                self.exit(code.as_deref());
                Ended::Well
            }
            Does::Return(code) => {
                let fails = code.as_deref().map_or(self.is_due, |code| code != "0");
                let ended = if fails { Ended::Failed(true) } else { Ended::Well };
                let at = self.at.take().filter(|_| !fails || self.is_due);
                self.returns.push((at, ended));
                Ended::Well
            }
            Does::Skip => {
                self.skips = merged(self.skips.take(), self.at.take(), "what a loop leaves out");
                Ended::Well
            }
            Does::Set(words) => {
                self.mode = self.mode.with(words.iter().map(String::as_str));
                Ended::Well
            }
            Does::Wait => {
                let waits = self.at.as_ref() == Some(&Judged::Never(Some(Void::Background)));
                if waits {
                    self.at = Some(Judged::Untold("what `wait` waits for".to_owned()));
                }
                Ended::Well
            }
            Does::Ask => Ended::Asked,
        }
    }

    /// A command that judges as much.
    fn judged(&mut self, judged: Judged) -> Ended {
        match judged {
            Judged::Before => {
                self.why = Void::Running;
                Ended::Failed(true)
            }
            Judged::Never(None) => Ended::Well,
            Judged::Never(Some(why)) => {
                self.note(why);
                Ended::Well
            }
            judged @ Judged::Untold(_) => Ended::Maybe(judged),
        }
    }

    fn exit(&mut self, code: Option<&str>) {
        match code {
            Some(code) if code.bytes().all(|byte| byte == b'0') => self.leave(Ended::Well),
            _ if self.is_due => self.at = self.at.take().map(|_| Judged::Before),
            // The script fails, and nothing comes after it.
            Some(code) if code.bytes().all(|byte| byte.is_ascii_digit()) => self.at = None,
            Some(_) => {
                self.kept();
                self.leave(Ended::Well);
            }
            None => self.leave(self.last.clone()),
        }
    }
}

/// Whether a word stands for all that a function is called with.
fn is_all(word: &str) -> bool {
    matches!(word, "$@" | "$*" | "${@}" | "${*}")
}

/// What it costs to write all of these once more.
fn weight(arguments: &[String]) -> usize {
    arguments.iter().map(|word| ARGUMENT + word.len()).sum()
}

/// The words of a command with those that the function is called with; a number before them is how often they are tried.
fn with_arguments<'w>(words: &[&'w str], arguments: &'w [String]) -> Vec<&'w str> {
    let is_count = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let all = || arguments.iter().map(String::as_str).skip_while(is_count);
    words.iter().flat_map(|word| if is_all(word) { all().collect() } else { vec![*word] }).collect()
}
