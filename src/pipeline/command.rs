//! Shell commands as far as they push charts or have them judged.

/// What a simple command does that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Does {
    /// Pushes a chart, by these words, to this address where it is written there.
    Push(String, Option<String>),
    /// Has a chart judged; `false` where its failure is passed over.
    Judge(bool),
    /// Runs a file of the repository, or a target of a Makefile.
    Run(Callee),
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

/// What the commands of a script do, in order.
pub(super) fn read(script: &str) -> Vec<Does> {
    let joined = squeezed(&script.replace("\\\r\n", " ").replace("\\\n", " "));
    let mut found = vec![];
    for line in joined.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let parts = split(line);
        for (index, (command, _)) in parts.iter().enumerate() {
            let is_excused = parts.get(index + 1).is_some_and(|(next, joint)| *joint == "||" && excuses(next));
            found.extend(of(&words(command), is_excused));
        }
    }
    found
}

/// The script with each expression of GitHub as one word: `${{github.actor}}`.
fn squeezed(script: &str) -> String {
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

/// The simple commands of a line, each with what joins it to the one before.
fn split(line: &str) -> Vec<(&str, &str)> {
    let mut parts = vec![];
    let (mut start, mut joint, mut quote) = (0, "", None);
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        match (quote, byte) {
            // What is in `$(…)` is a command of its own, in double quotes too.
            (None | Some(b'"'), b'$') if bytes.get(at + 1) == Some(&b'(') => {
                parts.push((line[start..at].trim(), joint));
                (joint, start, quote) = (";", at + 2, None);
                at += 1;
            }
            (Some(open), _) if byte == open => quote = None,
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'#') if at > 0 && bytes[at - 1] == b' ' => break,
            (None, b'&' | b'|' | b';') => {
                let length = if bytes.get(at + 1) == Some(&byte) { 2 } else { 1 };
                // `2>&1` joins nothing.
                if !(byte == b'&' && length == 1) {
                    parts.push((line[start..at].trim(), joint));
                    joint = &line[at..at + length];
                    start = at + length;
                }
                at += length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push((line[start..at].trim(), joint));
    parts.retain(|(command, _)| !command.is_empty());
    parts
}

/// Whether what follows `||` lets the failure of what is before it pass.
fn excuses(command: &str) -> bool {
    let words = words(command);
    match words.first().copied() {
        Some("true" | ":" | "echo" | "printf") => true,
        Some("exit") => words.get(1) == Some(&"0"),
        _ => false,
    }
}

fn words(command: &str) -> Vec<&str> {
    let bare = |word: &'_ str| -> bool { !word.is_empty() };
    let trimmed = command.split_whitespace().map(|word| word.trim_matches(['"', '\'', '(', ')', '{', '}', '`']));
    trimmed.map(|word| word.trim_start_matches("$(")).filter(|word| bare(word)).collect()
}

/// Words before the program of a command.
const BEFORE: [&str; 13] =
    ["if", "then", "else", "elif", "do", "while", "until", "!", "sudo", "exec", "time", "command", "env"];
/// Programs whose words are text.
const SAYS: [&str; 9] = ["echo", "printf", "cat", "grep", "git", "gh", "which", "type", "alias"];
/// Programs that run the file that is their argument.
const SHELLS: [&str; 7] = ["bash", "sh", "zsh", "source", ".", "python", "python3"];

fn of(words: &[&str], is_excused: bool) -> Option<Does> {
    let is_setting = |word: &&str| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let skipped = words.iter().take_while(|word| BEFORE.contains(*word) || is_setting(word)).count();
    let words = &words[skipped..];
    let program = words.first()?;
    if SAYS.contains(&base(program)) || words.iter().any(|word| matches!(*word, "--help" | "--dry-run")) {
        return None;
    }
    let follows = |name: &str, verbs: &[&str]| {
        let at = words.iter().position(|word| names(word, name))?;
        let verb = words[at + 1..].iter().find(|word| !word.starts_with('-'))?;
        verbs.contains(verb).then(|| format!("{name} {verb}"))
    };
    if follows("chartgate", &["check", "verify", "package"]).is_some() {
        let is_lenient =
            words.windows(2).any(|pair| pair == ["--fail-on", "never"]) || words.contains(&"--fail-on=never");
        return Some(Does::Judge(!is_excused && !is_lenient));
    }
    let is_chart = || words.iter().any(|word| word.contains(".tgz") || word.contains("cncf.helm"));
    let pushes = follows("helm", &["push", "cm-push"])
        .or_else(|| follows("cr", &["upload"]))
        .or_else(|| follows("chart-releaser", &["upload"]))
        .or_else(|| follows("oras", &["push"]).filter(|_| is_chart()))
        .or_else(|| uploads(words).then(|| "curl".to_owned()));
    pushes.map(|what| Does::Push(what, target(words))).or_else(|| run(words).map(Does::Run))
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

/// Where `helm push CHART ADDRESS` goes to.
fn target(words: &[&str]) -> Option<String> {
    let helm = words.iter().position(|word| names(word, "helm"))?;
    let push = helm + words[helm..].iter().position(|word| *word == "push")?;
    let is_address = |word: &&&str| word.starts_with('$') || word.contains('/') && !word.contains(".tgz");
    // The chart may be a path, and comes first.
    let given = words[push + 1..].iter().filter(|word| !word.starts_with('-')).skip(1);
    given
        .clone()
        .find(|word| word.contains("://"))
        .or_else(|| given.take(1).find(is_address))
        .map(|word| (*word).to_owned())
}

/// The file or target that a command runs.
fn run(words: &[&str]) -> Option<Callee> {
    let program = words.first()?;
    if base(program) == "make" {
        let folder = words.windows(2).find(|pair| pair[0] == "-C").map_or("", |pair| pair[1]);
        let mut targets =
            words[1..].iter().filter(|word| !word.starts_with('-') && !word.contains('=') && **word != folder);
        return targets.next().map(|target| Callee::Make((*target).to_owned(), folder.to_owned()));
    }
    if let Some((runner, task)) = task(words) {
        return Some(Callee::Task(runner, task.to_owned()));
    }
    let file = if SHELLS.contains(program) { words[1..].iter().find(|word| !word.starts_with('-'))? } else { program };
    (file.contains('/') && !file.starts_with('/') && !file.contains(['$', '*', ':']))
        .then(|| Callee::File((*file).to_owned()))
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
    let variable = word.strip_prefix('$').map(|name| name.trim_start_matches('{'));
    variable.map_or_else(|| base(word) == program, |name| name.eq_ignore_ascii_case(program))
}

/// The name of a program or of an image: without folders, tag and digest.
fn base(word: &str) -> &str {
    let name = word.rsplit('/').next().unwrap_or(word);
    name.split([':', '@']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(script: &str) -> Option<String> {
        match read(script).into_iter().next()? {
            Does::Push(what, _) => Some(what),
            Does::Judge(_) | Does::Run(_) => None,
        }
    }

    #[test]
    fn pushes_are_known_by_program_and_verb() {
        for script in [
            "helm push web-1.0.0.tgz oci://ghcr.io/acme/charts",
            "helm package . && helm push *.tgz oci://r | tee log",
            "sudo helm --debug push x.tgz oci://r",
            "find . -name '*.tgz' -exec helm push {} oci://r \\;",
            "docker run --rm alpine/helm:3.19 push x.tgz oci://r",
            "if helm push x.tgz oci://r; then echo ok; fi",
            "out=$(helm push x.tgz oci://r 2>&1)",
            "if ! log=\"$(helm push x.tgz oci://r)\"; then",
            "HELM_EXPERIMENTAL_OCI=1 helm \\\n  push x.tgz oci://r",
            "$HELM push x.tgz oci://r",
            "${HELM} push x.tgz oci://r",
            "for chart in *.tgz; do helm push \"$chart\" \"oci://r\"; done",
        ] {
            assert_eq!(pushed(script).as_deref(), Some("helm push"), "{script}");
        }
        for script in [
            "curl --data-binary \"@web-1.0.0.tgz\" https://charts.example.com/api/charts",
            "curl --fail --form 'chart=@web.tgz' --user u:p ${CI_API_V4_URL}/projects/1/packages/helm/api/stable/charts",
        ] {
            assert_eq!(pushed(script).as_deref(), Some("curl"), "{script}");
        }
        assert_eq!(pushed("cr upload -o acme").as_deref(), Some("cr upload"));
        assert_eq!(pushed("oras push r/x:1 web-1.0.0.tgz:application/x").as_deref(), Some("oras push"));
        for script in [
            "echo helm push",
            "# helm push x",
            "helm push --help",
            "helm pull x",
            "docker push x",
            "git push origin helm",
            "oras push r/x:artifacthub.io artifacthub-repo.yml",
            "curl https://charts.example.com/api/charts",
            "helm plugin install https://github.com/chartmuseum/helm-push",
        ] {
            assert_eq!(read(script).iter().find(|does| matches!(does, Does::Push(..))), None, "{script}");
        }
    }

    #[test]
    fn a_push_knows_its_address() {
        let target = |script: &str| match read(script).into_iter().next() {
            Some(Does::Push(_, target)) => target,
            _ => None,
        };
        for (script, address) in [
            ("helm push web-1.0.0.tgz \"oci://ghcr.io/acme/charts\" --debug", "oci://ghcr.io/acme/charts"),
            ("helm push dist/*.tgz ghcr.io/acme", "ghcr.io/acme"),
            (
                "helm push x.tgz oci://ghcr.io/${{ github.repository_owner }}/charts",
                "oci://ghcr.io/${{github.repository_owner}}/charts",
            ),
            ("helm push --ca-file ca.pem x.tgz oci://r/a", "oci://r/a"),
        ] {
            assert_eq!(target(script).as_deref(), Some(address), "{script}");
        }
        for script in ["helm push x.tgz mine", "helm cm-push x.tgz https://r/a", "cr upload -o Acme/x"] {
            assert_eq!(target(script), None, "{script}");
        }
    }

    #[test]
    fn a_judgement_whose_failure_is_passed_over_is_none() {
        for script in [
            "chartgate check charts/web",
            "docker run ghcr.io/chartgate/chartgate:1 check",
            "chartgate check || exit 1",
        ] {
            assert_eq!(read(script), [Does::Judge(true)], "{script}");
        }
        for script in ["chartgate check || true", "chartgate check --fail-on never", "chartgate check || echo failed"] {
            assert_eq!(read(script).first(), Some(&Does::Judge(false)), "{script}");
        }
        assert_eq!(read("chartgate rules"), []);
    }

    #[test]
    fn scripts_and_targets_are_what_commands_run() {
        let file = |path: &str| Does::Run(Callee::File(path.to_owned()));
        assert_eq!(read("./scripts/push.sh 1.0"), [file("./scripts/push.sh")]);
        assert_eq!(read("bash -eu hack/push-charts"), [file("hack/push-charts")]);
        assert_eq!(read("make -C deploy push VERSION=1"), [Does::Run(Callee::Make("push".into(), "deploy".into()))]);
        let task = |runner, name: &str| Does::Run(Callee::Task(runner, name.to_owned()));
        assert_eq!(read("just --verbose release 1.0"), [task(Runner::Just, "release")]);
        assert_eq!(read("task -v release VERSION=1"), [task(Runner::Task, "release")]);
        assert_eq!(read("npm run release && yarn build"), [task(Runner::Npm, "release"), task(Runner::Npm, "build")]);
        assert_eq!(read("npm ci"), []);
        assert_eq!(read("/usr/bin/push $X/y.sh"), []);
    }
}
