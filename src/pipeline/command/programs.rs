//! Programs that scripts run, and what is known of each: one table for what pushes, judges and runs, and for what a token has to allow.

use super::base;

/// What a program is to a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It stands before the program of a command: `sudo`.
    Before,
    /// It runs a program that is named among its words: `docker`, `xargs`.
    Wraps,
    /// Its words are text.
    Says,
    /// It tells something by its exit code.
    Asks,
    /// It runs scripts of shells.
    Shell,
    /// It runs scripts of another language, which are not followed.
    Foreign,
    /// It runs what files of the repository name.
    Runs,
    /// It judges or pushes charts.
    Acts,
    /// Neither: `tar`, and the words of a shell.
    Plain,
}

use Role::{Acts, Asks, Before, Foreign, Plain, Runs, Says, Shell, Wraps};

/// Each with its role and whether it asks of a token no more than pushing packages does.
const PROGRAMS: [(&str, Role, bool); 121] = [
    (":", Says, false),
    ("[", Asks, false),
    ("[[", Asks, false),
    ("alias", Says, false),
    ("apk", Plain, false),
    ("apt", Plain, false),
    ("apt-get", Plain, false),
    ("asdf", Wraps, false),
    ("awk", Plain, true),
    ("bash", Shell, false),
    ("brew", Plain, false),
    ("builtin", Before, false),
    ("bun", Runs, false),
    ("bunx", Wraps, false),
    ("cat", Says, true),
    ("cd", Plain, true),
    ("chart-releaser", Acts, false),
    ("chartgate", Acts, true),
    ("chmod", Plain, true),
    ("chown", Plain, false),
    ("cmp", Asks, false),
    ("command", Before, false),
    ("cp", Plain, true),
    ("cr", Acts, false),
    ("ct", Plain, true),
    ("curl", Plain, false),
    ("cut", Plain, true),
    ("dash", Shell, false),
    ("date", Plain, true),
    ("deno", Foreign, false),
    ("devbox", Wraps, false),
    ("diff", Asks, false),
    ("do", Plain, true),
    ("docker", Wraps, false),
    ("docker-compose", Wraps, false),
    ("done", Plain, true),
    ("echo", Says, true),
    ("else", Plain, true),
    ("env", Before, false),
    ("exec", Before, false),
    ("exit", Plain, true),
    ("export", Plain, true),
    ("fi", Plain, true),
    ("find", Wraps, false),
    ("flock", Wraps, false),
    ("for", Plain, true),
    ("gh", Says, false),
    ("git", Says, false),
    ("go", Plain, false),
    ("go-task", Runs, false),
    ("grep", Asks, true),
    ("hash", Asks, false),
    ("head", Plain, true),
    ("helm", Acts, true),
    ("if", Plain, true),
    ("install", Plain, false),
    ("ionice", Wraps, false),
    ("just", Runs, false),
    ("kubectl", Wraps, false),
    ("ln", Plain, false),
    ("ls", Plain, true),
    ("make", Runs, false),
    ("mise", Wraps, false),
    ("mkdir", Plain, true),
    ("mv", Plain, true),
    ("nerdctl", Wraps, false),
    ("nice", Before, false),
    ("nix", Wraps, false),
    ("nix-shell", Wraps, false),
    ("node", Foreign, false),
    ("nohup", Before, false),
    ("npm", Runs, false),
    ("npm-run-all", Runs, false),
    ("npx", Wraps, false),
    ("op", Wraps, false),
    ("oras", Acts, true),
    ("parallel", Wraps, false),
    ("pdm", Wraps, false),
    ("perl", Foreign, false),
    ("pip", Plain, false),
    ("pip3", Plain, false),
    ("pipenv", Wraps, false),
    ("pipx", Wraps, false),
    ("pnpm", Runs, false),
    ("podman", Wraps, false),
    ("poetry", Wraps, false),
    ("pre-commit", Runs, false),
    ("prek", Runs, false),
    ("printf", Says, true),
    ("python", Foreign, false),
    ("python3", Foreign, false),
    ("retry", Wraps, false),
    ("rm", Plain, true),
    ("rsync", Plain, false),
    ("ruby", Foreign, false),
    ("run-p", Runs, false),
    ("run-s", Runs, false),
    ("scp", Plain, false),
    ("sed", Plain, true),
    ("set", Plain, true),
    ("setsid", Wraps, false),
    ("sh", Shell, false),
    ("ssh", Wraps, false),
    ("stdbuf", Wraps, false),
    ("sudo", Before, false),
    ("tar", Plain, true),
    ("task", Runs, false),
    ("test", Asks, false),
    ("time", Before, false),
    ("timeout", Wraps, false),
    ("touch", Plain, false),
    ("true", Says, false),
    ("type", Asks, false),
    ("unzip", Plain, false),
    ("uv", Wraps, false),
    ("uvx", Wraps, false),
    ("wget", Plain, false),
    ("which", Asks, false),
    ("xargs", Wraps, false),
    ("yarn", Runs, false),
    ("zsh", Shell, false),
];

fn entry(word: &str) -> Option<&'static (&'static str, Role, bool)> {
    let name = base(word);
    let at = PROGRAMS.binary_search_by(|(known, ..)| known.cmp(&name)).ok()?;
    PROGRAMS.get(at)
}

/// The role of the program that a word names; none of one that is not known.
pub(super) fn role(word: &str) -> Option<Role> {
    entry(word).map(|(_, role, _)| *role)
}

/// Whether the program that a word names asks of a token no more than pushing packages does.
pub(in super::super) fn asks_little(word: &str) -> bool {
    entry(word).is_some_and(|(.., asks_little)| *asks_little)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_sorted() {
        assert!(PROGRAMS.is_sorted_by(|left, right| left.0 < right.0));
    }
}
