//! Commands that run scripts, files of the repository and what those name.

use super::super::judged::{Judged, Void};
use super::programs::{Role, role};
use super::{Callee, Does, Made, Mode, Runner, base, is_setting, names};
use crate::source::join;

/// The scripts that a command has run: those behind `-c` and of `eval`, and arguments of several words.
pub(super) fn inline(words: &[&str], mode: Mode) -> Option<Does> {
    let (program, arguments) = words.split_first()?;
    if *program == "eval" {
        return Some(Does::Inline(vec![arguments.join(" ")], mode));
    }
    let is_script =
        |word: &&&str| word.contains(char::is_whitespace) && !word.starts_with('-') && !is_set_to_output(word);
    let scripts: Vec<String> = arguments.iter().filter(is_script).map(|word| (*word).to_owned()).collect();
    let shell = words.iter().position(|word| role(word) == Some(Role::Shell));
    let options = shell.map(|at| &words[at + 1..]).unwrap_or_default();
    let mode = Mode::default().with(options.iter().copied().take_while(|word| word.starts_with(['-', '+'])));
    (!scripts.is_empty()).then_some(Does::Inline(scripts, mode))
}

/// Whether a word sets a variable to what a script puts out, as in `export now=$(date -u)`: the script is looked at for itself.
fn is_set_to_output(word: &str) -> bool {
    let value = word.split_once('=').filter(|_| is_setting(word)).map(|(_, value)| value);
    value
        .and_then(|value| value.split_whitespace().next())
        .is_some_and(|first| first.contains("$(") || first.contains('`'))
}

/// The file, the targets or the tasks that a command runs.
pub(super) fn run(words: &[&str]) -> Option<Does> {
    let program = words.first()?;
    if let Some(does) = made(words) {
        return Some(does);
    }
    let kind = role(program);
    if kind == Some(Role::Foreign) {
        let file = words[1..].iter().find(|word| !word.starts_with('-'))?;
        return is_path(file).then(|| Does::Run(Callee::Foreign((*file).to_owned()), Mode::default()));
    }
    let is_shell = kind == Some(Role::Shell);
    let (file, mode) = if is_shell {
        let at = words.iter().skip(1).position(|word| word.contains('/') || word.ends_with(".sh"))?;
        (&words[at + 1], Mode::default().with(words[1..=at].iter().copied()))
    } else {
        (program, Mode::default())
    };
    let is_file = (is_shell || file.contains('/')) && is_path(file);
    is_file.then(|| Does::Run(Callee::File((*file).to_owned()), mode))
}

/// Bytes of the longest name of a file.
const LONGEST: usize = 255;

/// Whether a word may be a path of the repository: it may begin with a variable.
fn is_path(word: &str) -> bool {
    !word.starts_with('/') && word.len() <= LONGEST && !word.contains(['*', ':', '\n'])
}

/// How a runner is called.
struct Grammar {
    /// Options whose value is the folder that it runs in.
    folder: &'static [&'static str],
    /// Options whose value is the file that it reads.
    file: &'static [&'static str],
    /// Other options with a value.
    valued: &'static [&'static str],
    /// Options with a value that is a number and may be left out.
    counts: &'static [&'static str],
}

fn grammar(runner: Runner) -> Grammar {
    match runner {
        Runner::Make => Grammar {
            folder: &["-C", "--directory"],
            file: &["-f", "--file", "--makefile"],
            valued: &["-I", "--include-dir", "-o", "--old-file", "-W", "--what-if", "--eval"],
            counts: &["-j", "--jobs", "-l", "--load-average"],
        },
        Runner::Just => Grammar {
            folder: &["-d", "--working-directory"],
            file: &["-f", "--justfile"],
            valued: &["--color", "--dotenv-path", "--dotenv-filename", "--shell", "--shell-arg", "--set", "--tempdir"],
            counts: &[],
        },
        Runner::Task => Grammar {
            folder: &["-d", "--dir"],
            file: &["-t", "--taskfile"],
            valued: &["-o", "--output", "-C", "--concurrency", "-I", "--interval", "--sort"],
            counts: &[],
        },
        Runner::PreCommit => {
            Grammar { folder: &[], file: &["-c", "--config"], valued: &["--color", "--hook-stage"], counts: &[] }
        }
        Runner::Npm => Grammar {
            folder: &["--prefix", "-C", "--dir", "--cwd"],
            file: &[],
            valued: &["-w", "--workspace", "--filter", "--loglevel"],
            counts: &[],
        },
    }
}

/// What a runner makes.
fn made(words: &[&str]) -> Option<Does> {
    let (program, rest) = words.split_first()?;
    let runner = match base(program) {
        _ if names(program, "make") => Runner::Make,
        "just" => Runner::Just,
        "task" | "go-task" => Runner::Task,
        "pre-commit" | "prek" => return hooks(rest),
        "npm" | "pnpm" | "yarn" | "bun" | "run-s" | "run-p" | "npm-run-all" => Runner::Npm,
        _ => return None,
    };
    let mut made = asked(runner, rest);
    if runner == Runner::Npm {
        let is_aside = base(program) == "run-p" || rest.iter().any(|word| matches!(*word, "-p" | "--parallel"));
        match (base(program), made.names.first().map(String::as_str)) {
            ("run-s" | "run-p" | "npm-run-all", _) if is_aside => return Some(aside(&made.names)),
            ("run-s" | "npm-run-all", _) => {}
            (_, Some("run" | "run-script")) => made.names = made.names.into_iter().skip(1).take(1).collect(),
            ("pnpm" | "yarn", _) | (_, Some("test" | "start" | "stop" | "restart")) => made.names.truncate(1),
            _ => return None,
        }
        if made.names.is_empty() {
            return None;
        }
    }
    Some(Does::Run(Callee::Made(made), Mode::default()))
}

/// The hooks that `pre-commit` runs over all files. Over others there are none: a pipeline stages nothing.
fn hooks(words: &[&str]) -> Option<Does> {
    let at = words.iter().position(|word| *word == "run")?;
    let words = &words[at + 1..];
    let has = |options: &[&str]| {
        words.iter().any(|word| options.contains(word) || options.contains(&word.split('=').next().unwrap_or(word)))
    };
    let is_judge = words.iter().any(|word| word.starts_with("chartgate"));
    if has(&["-a", "--all-files"]) {
        return Some(Does::Run(Callee::Made(asked(Runner::PreCommit, words)), Mode::default()));
    }
    if has(&["--files", "--from-ref", "--to-ref", "-s", "-o"]) {
        return is_judge.then(|| Does::Judge(Judged::Untold("the files that `pre-commit` is given".to_owned())));
    }
    is_judge.then_some(Does::Judge(Judged::Never(Some(Void::Unstaged))))
}

/// Scripts that run side by side.
fn aside(names: &[String]) -> Does {
    let lines = names.iter().map(|name| format!("{} {name} &\n", Runner::Npm.words()));
    Does::Inline(vec![lines.collect::<String>() + "wait"], Mode::STOPPING)
}

/// What is asked of a runner with these words.
fn asked(runner: Runner, words: &[&str]) -> Made {
    let Grammar { folder, file, valued, counts } = grammar(runner);
    let mut made = Made { runner, names: vec![], folder: String::new(), file: None };
    let mut words = words.iter().copied().peekable();
    while let Some(word) = words.next() {
        if word == "--" && runner != Runner::Make {
            break;
        }
        if !word.starts_with('-') {
            if !is_setting(word) {
                made.names.push(word.to_owned());
            }
            continue;
        }
        if let Some(value) = option(word, folder, &mut words) {
            made.folder = join(&made.folder, value);
        } else if let Some(value) = option(word, file, &mut words) {
            made.file = Some(value.to_owned());
        } else if valued.contains(&word) {
            words.next();
            if word == "--set" {
                words.next();
            }
        } else if counts.contains(&word) {
            words.next_if(|count| count.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
        }
    }
    made
}

/// The value of a word that is one of these options: behind it, behind its `=`, or behind the letter of a short one.
fn option<'w>(word: &'w str, options: &[&str], words: &mut impl Iterator<Item = &'w str>) -> Option<&'w str> {
    if options.contains(&word) {
        return words.next();
    }
    options.iter().find_map(|option| match word.strip_prefix(option)? {
        behind if option.starts_with("--") => behind.strip_prefix('='),
        behind => Some(behind),
    })
}
