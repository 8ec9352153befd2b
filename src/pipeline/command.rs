//! Shell commands as far as they push charts, have them judged, or run what does.

use super::judged::Judged;
use programs::{Role, role};

mod judge;
mod programs;
mod push;
mod run;

pub(super) use programs::asks_little;

/// What a simple command does that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Does {
    /// Pushes a chart.
    Push(Delivery),
    /// Has a chart judged: as it would be by a command of its own.
    Judge(Judged),
    /// Runs a file of the repository, or what a file of it names, in a shell like this.
    Run(Callee, Mode),
    /// Runs a file in this shell, which has its functions from then on.
    Source(String),
    /// Runs these scripts, in a shell like this.
    Inline(Vec<String>, Mode),
    /// Goes to another folder; to that of the user without one.
    Go(Option<String>),
    /// Ends the script or the function, with this code.
    Exit(Option<String>),
    /// Ends the function, with this code.
    Return(Option<String>),
    /// Leaves out the rest of a loop's round.
    Skip,
    /// Changes what a failure does.
    Set(Vec<String>),
    /// Waits for what runs in the background.
    Wait,
    /// Tells something by its exit code alone.
    Ask,
}

/// A push as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivery {
    /// The words that push: `helm push`.
    pub what: String,
    /// The package, where `helm push` names it.
    pub package: Option<String>,
    /// Where it goes to, where that is written.
    pub target: Option<String>,
    /// The words behind those that push, without options.
    pub words: Vec<String>,
}

/// What the failure of a command does in a shell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mode {
    /// It ends the script (`-e`).
    pub stops: bool,
    /// It counts in a pipe too (`-o pipefail`).
    pub counts_in_pipes: bool,
}

impl Mode {
    /// `bash -e`, as most systems run their steps.
    pub(super) const STOPPING: Self = Self { stops: true, counts_in_pipes: false };
    /// `bash -eo pipefail`
    pub(super) const STRICT: Self = Self { stops: true, counts_in_pipes: true };

    /// The same with options of a shell: `-eu`, `-o pipefail`, `+e`.
    pub(super) fn with<'w>(mut self, options: impl IntoIterator<Item = &'w str>) -> Self {
        let mut options = options.into_iter();
        while let Some(option) = options.next() {
            let Some(is_on) = option.chars().next().filter(|first| "-+".contains(*first)).map(|first| first == '-')
            else {
                continue;
            };
            let letters = &option[1..];
            if letters.starts_with('-') {
                continue;
            }
            if letters.contains('e') {
                self.stops = is_on;
            }
            if letters.contains('o') {
                match options.next() {
                    Some("pipefail") => self.counts_in_pipes = is_on,
                    Some("errexit") => self.stops = is_on,
                    _ => {}
                }
            }
        }
        self
    }
}

/// What a command runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Callee {
    /// A script, as its path is written.
    File(String),
    /// A script of another language.
    Foreign(String),
    /// What a file of the repository names.
    Made(Made),
}

/// Targets of a Makefile, or tasks of another runner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Made {
    /// What makes them.
    pub runner: Runner,
    /// Their names, and arguments of theirs; none where the first is meant.
    pub names: Vec<String>,
    /// The folder of `-C` and its like.
    pub folder: String,
    /// The file of `-f` and its like.
    pub file: Option<String>,
}

/// Programs that run what a file of the repository names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Runner {
    /// `make` and its Makefile.
    Make,
    /// `just` and its `justfile`.
    Just,
    /// `npm run` and its like, and the scripts of `package.json`.
    Npm,
    /// `pre-commit run` over all files, and its hooks.
    PreCommit,
    /// `task` and its `Taskfile.yml`.
    Task,
}

impl Runner {
    /// How it is called.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Make => "make",
            Self::Just => "just",
            Self::Npm => "npm run",
            Self::PreCommit => "pre-commit run",
            Self::Task => "task",
        }
    }
}

impl Callee {
    /// As it is said, and mostly written.
    pub(super) fn shown(&self) -> String {
        let Made { runner, names, folder, .. } = match self {
            Self::File(path) | Self::Foreign(path) => return path.clone(),
            Self::Made(made) => made,
        };
        let folder = if folder.is_empty() { String::new() } else { format!(" -C {folder}") };
        let names: String = names.iter().flat_map(|name| [" ", name]).collect();
        super::judged::cut(&format!("{}{folder}{names}", runner.words()))
    }
}

/// Options of what stands before a program that have a value.
const VALUED_BEFORE: [&str; 6] = ["-u", "-g", "-n", "-C", "--user", "--group"];

/// Whether a word sets a variable.
pub(super) fn is_setting(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| is_name(name.trim_end_matches('+')))
}

/// Whether a command only prints, and ends well.
pub(super) fn says(words: &[&str]) -> bool {
    words.first().is_some_and(|program| role(program) == Some(Role::Says))
}

/// How many words stand before the program of a command: settings, `sudo` and its like with their options.
fn before(words: &[&str]) -> usize {
    let mut at = 0;
    let mut has_program = false;
    while let Some(word) = words.get(at) {
        match role(word) {
            Some(Role::Before) => has_program = true,
            _ if is_setting(word) => {}
            _ if has_program && word.starts_with('-') => at += usize::from(VALUED_BEFORE.contains(word)),
            _ => break,
        }
        at += 1;
    }
    at.min(words.len())
}

/// What a command does in a shell; none of what does not matter.
pub(super) fn of(words: &[&str], mode: Mode) -> Option<Does> {
    if words.windows(2).any(|pair| pair[0] == "command" && matches!(pair[1], "-v" | "-V")) {
        return Some(Does::Ask);
    }
    let words = &words[before(words)..];
    let program = words.first()?;
    if role(program) == Some(Role::Asks) || (*program == "git" && words.contains(&"diff")) {
        return Some(Does::Ask);
    }
    match *program {
        "cd" | "pushd" => {
            return Some(Does::Go(words[1..].iter().find(|word| !is_option(word)).map(|to| (*to).to_owned())));
        }
        "popd" => return Some(Does::Go(Some("-".to_owned()))),
        "exit" => return Some(Does::Exit(words.get(1).map(|code| (*code).to_owned()))),
        "return" => return Some(Does::Return(words.get(1).map(|code| (*code).to_owned()))),
        "continue" | "break" => return Some(Does::Skip),
        "set" => return Some(Does::Set(words[1..].iter().map(|word| (*word).to_owned()).collect())),
        "wait" => return Some(Does::Wait),
        "source" | "." => return words.get(1).map(|file| Does::Source((*file).to_owned())),
        "false" if mode.stops => return Some(Does::Exit(Some("1".to_owned()))),
        _ => {}
    }
    if says(words) || words.iter().any(|word| matches!(*word, "--help" | "--dry-run")) {
        return None;
    }
    (judge::judges(words).map(Does::Judge))
        .or_else(|| push::pushes(words).map(Does::Push))
        .or_else(|| run::inline(words, mode))
        .or_else(|| run::run(words))
}

/// Whether a word is an option; `-` alone is the folder before.
fn is_option(word: &str) -> bool {
    word.starts_with('-') && word.len() > 1
}

/// Options of programs that have a value, wherever they stand.
fn valued(program: &str) -> &'static [&'static str] {
    match program {
        "chartgate" => &["--color", "--network-timeout", "--plain-http", "--trust-host"],
        "helm" => &[
            "--burst-limit",
            "--ca-file",
            "--cert-file",
            "--color",
            "--colour",
            "--content-cache",
            "--key-file",
            "--kube-apiserver",
            "--kube-as-group",
            "--kube-as-user",
            "--kube-ca-file",
            "--kube-context",
            "--kube-tls-server-name",
            "--kube-token",
            "--kubeconfig",
            "-n",
            "--namespace",
            "--password",
            "--qps",
            "--registry-config",
            "--repository-cache",
            "--repository-config",
            "--username",
        ],
        "cr" | "chart-releaser" => &["--config"],
        "oras" => {
            &["-a", "--annotation", "--annotation-file", "--artifact-type", "-p", "--password", "-u", "--username"]
        }
        _ => &[],
    }
}

/// The words that are no options, nor the values of some.
fn given<'s, 'w>(words: &'s [&'w str], program: &str) -> impl Iterator<Item = &'w str> + use<'s, 'w> {
    let valued = valued(program);
    let mut words = words.iter().copied();
    std::iter::from_fn(move || {
        loop {
            let word = words.next()?;
            if !word.starts_with('-') {
                return Some(word);
            }
            if valued.contains(&word) {
                words.next();
            }
        }
    })
}

/// The words behind a program and its verbs, wherever a command names them, without options.
fn behind<'w>(words: &[&'w str], program: &str, verbs: &[&str]) -> Option<Vec<&'w str>> {
    let of = |(at, _): (usize, &&'w str)| {
        // `docker run --entrypoint helm IMAGE push`
        let image = usize::from(at > 0 && words[at - 1] == "--entrypoint");
        let has_verbs = given(&words[at + 1..], program).skip(image).take(verbs.len()).eq(verbs.iter().copied());
        has_verbs.then(|| given(&words[at + 1..], program).skip(image + verbs.len()).collect())
    };
    words.iter().enumerate().filter(|(_, word)| names(word, program)).find_map(of)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Ends of variables that hold a program: `HELM_BIN`.
const BINARIES: [&str; 6] = ["_BIN", "_BINARY", "_CMD", "_COMMAND", "_EXE", "_PATH"];

/// Whether a word names a program, itself or by a variable: `helm`, `$HELM`, `${HELM_BIN}`, `${BIN}/helm`.
fn names(word: &str, program: &str) -> bool {
    let Some(variable) = word.strip_prefix('$') else { return base(word) == program };
    let variable = variable.strip_prefix('{').unwrap_or(variable);
    let end = variable.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(variable.len());
    let (name, behind) = variable.split_at(end);
    let behind = behind.find('}').map_or(behind, |end| &behind[end + 1..]);
    if !behind.is_empty() {
        return base(behind) == program;
    }
    let is_same = |name: &str| name.eq_ignore_ascii_case(program);
    is_same(name) || BINARIES.iter().any(|end| name.strip_suffix(end).is_some_and(is_same))
}

/// The name of a program or of an image: without folders, tag, digest and `.exe`.
fn base(word: &str) -> &str {
    let name = word.rsplit('/').next().unwrap_or(word);
    // `:` is a program too.
    let name = name.split([':', '@']).next().filter(|name| !name.is_empty()).unwrap_or(name);
    name.strip_suffix(".exe").unwrap_or(name)
}
