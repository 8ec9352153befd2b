//! Shell commands as far as they push charts or have them judged.

use super::judged::Void;

/// What a simple command does that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Does {
    /// Pushes a chart.
    Push(Delivery),
    /// Has a chart judged, and why its failure is none.
    Judge(Option<Void>),
    /// Runs a file of the repository, or a target of a Makefile, in a shell like this.
    Run(Callee, Mode),
    /// Runs a file in this shell, which has its functions from then on.
    Source(String),
    /// Runs these scripts, in a shell like this.
    Inline(Vec<String>, Mode),
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
    /// A file, as it is written.
    File(String),
    /// A target of a Makefile, with the folder of `-C`.
    Make(String, String),
    /// A task of another runner.
    Task(Runner, String),
}

/// Programs that run what a file of the repository names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Runner {
    /// `just` and its `justfile`.
    Just,
    /// `npm run` and its like, and the scripts of `package.json`.
    Npm,
    /// `task` and its `Taskfile.yml`.
    Task,
}

impl Runner {
    /// How it is called.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Just => "just",
            Self::Npm => "npm run",
            Self::Task => "task",
        }
    }
}

/// The script with each expression of GitHub as one word: `${{github.actor}}`.
pub(super) fn squeezed(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find("${{") {
        let Some(length) = rest[start..].find("}}") else { break };
        out.push_str(&rest[..start]);
        out.extend(rest[start..start + length].chars().filter(|letter| !letter.is_whitespace()));
        rest = &rest[start + length..];
    }
    out + rest
}

/// Words before the program of a command.
const BEFORE: [&str; 7] = ["sudo", "exec", "command", "env", "nice", "nohup", "builtin"];
/// Programs whose words are text.
const SAYS: [&str; 8] = ["echo", "printf", "cat", "git", "gh", "alias", "true", ":"];
/// Programs that tell something by their exit codes.
const ASKS: [&str; 9] = ["[", "[[", "test", "grep", "which", "type", "diff", "cmp", "hash"];
/// Shells, which run the file that is their argument or the script behind `-c`.
const SHELLS: [&str; 4] = ["bash", "sh", "zsh", "dash"];
/// Other programs that run the file that is their argument.
const RUNS: [&str; 2] = ["python", "python3"];

/// Whether a word sets a variable.
pub(super) fn is_setting(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| is_name(name.trim_end_matches('+')))
}

/// Whether a command only prints, and ends well.
pub(super) fn says(words: &[&str]) -> bool {
    words.first().is_some_and(|program| SAYS.contains(&base(program)))
}

/// What a command does in a shell; none of what does not matter.
pub(super) fn of(words: &[&str], mode: Mode) -> Option<Does> {
    let skipped = words.iter().take_while(|word| BEFORE.contains(*word) || is_setting(word)).count();
    let is_asking = words.iter().take(skipped).any(|word| *word == "command")
        && words.get(skipped).is_some_and(|word| word.starts_with(['-']));
    let words = &words[skipped..];
    let program = words.first()?;
    if is_asking || ASKS.contains(&base(program)) || (*program == "git" && words.contains(&"diff")) {
        return Some(Does::Ask);
    }
    match *program {
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
    judges(words)
        .or_else(|| pushes(words).map(|what| Does::Push(delivery(what, words))))
        .or_else(|| inline(words, mode))
        .or_else(|| run(words))
}

/// The verb of a program that is named among the words, where it is one of these.
fn follows(words: &[&str], name: &str, verbs: &[&str]) -> Option<String> {
    let at = words.iter().position(|word| names(word, name))?;
    let verb = words[at + 1..].iter().find(|word| !word.starts_with('-'))?;
    verbs.contains(verb).then(|| format!("{name} {verb}"))
}

/// Options with which `chartgate check` judges nothing, or takes all that it finds for known.
const IDLE: [&str; 5] = ["--explain-profiles", "--show-settings", "--files", "--update-baseline", "-h"];

fn judges(words: &[&str]) -> Option<Does> {
    follows(words, "chartgate", &["check", "verify", "package"])?;
    let is_lenient = words.windows(2).any(|pair| pair == ["--fail-on", "never"]) || words.contains(&"--fail-on=never");
    let void = if is_lenient {
        Some(Void::Lenient)
    } else if words.iter().any(|word| IDLE.contains(word)) {
        Some(Void::Idle)
    } else if base(words[0]) == "find" && words.last() == Some(&";") {
        Some(Void::Visited)
    } else {
        None
    };
    Some(Does::Judge(void))
}

fn pushes(words: &[&str]) -> Option<String> {
    let is_chart = || words.iter().any(|word| word.contains(".tgz") || word.contains("cncf.helm"));
    let by_plugin = || {
        let plugin = follows(words, "helm", &["gcs", "s3"]).filter(|_| words.contains(&"push"))?;
        Some(format!("{plugin} push"))
    };
    follows(words, "helm", &["push", "cm-push", "nexus-push", "push-artifactory"])
        .or_else(by_plugin)
        .or_else(|| follows(words, "cr", &["upload"]))
        .or_else(|| follows(words, "chart-releaser", &["upload"]))
        .or_else(|| follows(words, "oras", &["push"]).filter(|_| is_chart()))
        .or_else(|| uploads(words).then(|| "curl".to_owned()))
}

/// The scripts that a command has run: those behind `-c` and of `eval`, and arguments of several words.
fn inline(words: &[&str], mode: Mode) -> Option<Does> {
    let (program, arguments) = words.split_first()?;
    if *program == "eval" {
        return Some(Does::Inline(vec![arguments.join(" ")], mode));
    }
    let is_script = |word: &&&str| word.contains(char::is_whitespace) && !word.starts_with('-');
    let scripts: Vec<String> = arguments.iter().filter(is_script).map(|word| (*word).to_owned()).collect();
    let shell = words.iter().position(|word| SHELLS.contains(&base(word)));
    let options = shell.map(|at| &words[at + 1..]).unwrap_or_default();
    let mode = Mode::default().with(options.iter().copied().take_while(|word| word.starts_with(['-', '+'])));
    (!scripts.is_empty()).then_some(Does::Inline(scripts, mode))
}

/// Ways of curl to send a file.
const SENDS: [&str; 5] = ["-T", "--upload-file", "-F", "--form", "--data-binary"];

/// Whether curl sends a package to ChartMuseum (`/api/charts`) or to GitLab (`/packages/helm/api/CHANNEL/charts`).
fn uploads(words: &[&str]) -> bool {
    let is_place = |word: &&str| word.contains("/api/charts") || word.contains("/packages/helm/api/");
    let sends = |word: &&str| SENDS.iter().any(|way| word.split('=').next() == Some(way));
    words.first().is_some_and(|program| base(program) == "curl")
        && words.iter().any(is_place)
        && words.iter().any(sends)
}

/// A push of `helm push CHART ADDRESS`, of `oras push ADDRESS FILE` or by something else.
fn delivery(what: String, words: &[&str]) -> Delivery {
    let push = words.iter().position(|word| *word == "push").map_or(words.len(), |at| at + 1);
    let mut given = words[push..].iter().copied().filter(|word| !word.starts_with('-'));
    let (package, target) = match what.as_str() {
        "oras push" => {
            let is_host = |word: &str| word.split('/').next().is_some_and(|host| host.contains(['.', ':', '$']));
            let is_address = |word: &&str| word.contains('/') && !word.contains(".tgz") && !word.starts_with('.');
            (None, given.find(|word| is_address(word) && is_host(word)))
        }
        "helm push" => {
            // The chart may be a path, and comes first.
            let package = given.next().filter(|package| package.ends_with(".tgz"));
            let is_address = |word: &&str| word.starts_with('$') || word.contains('/') && !word.contains(".tgz");
            let target = given.clone().find(|word| word.contains("://")).or_else(|| given.next().filter(is_address));
            // The plugin that is called `cm-push` now was called `push`, and took folders and `https://`.
            (package, target.filter(|target| package.is_some() || !target.starts_with("http")))
        }
        _ => (None, None),
    };
    Delivery { package: package.map(str::to_owned), target: target.map(str::to_owned), what }
}

/// The file or target that a command runs.
fn run(words: &[&str]) -> Option<Does> {
    let program = words.first()?;
    if base(program) == "make" {
        let folder = words.windows(2).find(|pair| pair[0] == "-C").map_or("", |pair| pair[1]);
        let mut targets =
            words[1..].iter().filter(|word| !word.starts_with('-') && !word.contains('=') && **word != folder);
        let callee = Callee::Make((*targets.next()?).to_owned(), folder.to_owned());
        return Some(Does::Run(callee, Mode::default()));
    }
    if let Some((runner, task)) = task(words) {
        return Some(Does::Run(Callee::Task(runner, task.to_owned()), Mode::default()));
    }
    let is_shell = SHELLS.contains(&base(program));
    let (file, mode) = if is_shell {
        let at = words.iter().skip(1).position(|word| word.contains('/') || word.ends_with(".sh"))?;
        (&words[at + 1], Mode::default().with(words[1..=at].iter().copied()))
    } else if RUNS.contains(program) {
        (words[1..].iter().find(|word| !word.starts_with('-'))?, Mode::default())
    } else {
        (program, Mode::default())
    };
    let is_file = (is_shell || file.contains('/')) && !file.starts_with('/') && !file.contains(['$', '*', ':']);
    is_file.then(|| Does::Run(Callee::File((*file).to_owned()), mode))
}

/// The task that a command has run: the first word that is neither an option nor a setting.
fn task<'w>(words: &[&'w str]) -> Option<(Runner, &'w str)> {
    let (program, rest) = words.split_first()?;
    let (runner, rest) = match (base(program), rest.first().copied()) {
        ("just", _) => (Runner::Just, rest),
        ("task" | "go-task", _) => (Runner::Task, rest),
        ("npm" | "pnpm" | "yarn" | "bun", Some("run" | "run-script")) => (Runner::Npm, &rest[1..]),
        ("pnpm" | "yarn", _) => (Runner::Npm, rest),
        _ => return None,
    };
    let task = rest.iter().find(|word| !word.starts_with('-') && !word.contains('='))?;
    Some((runner, task))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a word names a program, itself or by a variable: `helm`, `$HELM`, `${HELM}`.
fn names(word: &str, program: &str) -> bool {
    let variable = word.strip_prefix('$').map(|name| name.trim_matches(['{', '}']));
    variable.map_or_else(|| base(word) == program, |name| name.eq_ignore_ascii_case(program))
}

/// The name of a program or of an image: without folders, tag and digest.
fn base(word: &str) -> &str {
    let name = word.rsplit('/').next().unwrap_or(word);
    name.split([':', '@']).next().unwrap_or(name)
}
