//! `chartgate init`: a configuration, a workflow and a hook that fit the repository.

use std::path::Path;

use super::args::{CiSystem, InitArgs};
use super::environment::Environment;
use super::exit;
use super::output::{self, Output};
use crate::config::{TEMPLATE, discover::NAMES};
use crate::text::printable::{Printable, single_line};
use crate::yaml::edit::{plain_or_quoted, quoted};
use look::Seen;

mod look;

const HOOK_FILE: &str = ".pre-commit-config.yaml";
const HELM_IGNORE: &str = ".helmignore";
const HOOK: &str = include_str!("init/pre-commit.yaml");

/// A file to begin with.
struct Start {
    path: &'static str,
    text: String,
    /// What is left to do by hand.
    then: Option<String>,
}

pub(super) fn run(arguments: &InitArgs, environment: &Environment, output: &mut Output) -> u8 {
    let depth = output::depth(&environment.working_dir);
    let (seen, folder) = match place(environment, depth) {
        Ok(place) => place,
        Err(error) => {
            output.refuse(error.to_string());
            return exit::USAGE;
        }
    };
    let system = arguments.ci.or(seen.systems.first().copied());
    let is_above = folder != environment.working_dir;
    // A chart that is the whole repository would publish what is written beside it.
    let is_root = seen.charts.iter().any(|chart| chart == ".") && (is_above || depth == 0);
    let starts = starts(&seen, system, folder, is_root);
    let mut written = 0;
    for start in &starts {
        // A configuration counts from where it stands, above charts; workflows and hooks are looked for in the repository's root alone.
        let stands_here = NAMES.contains(&start.path) && !is_above;
        let above = if stands_here { String::new() } else { "../".repeat(depth) };
        match write(start, &format!("{above}{}", start.path), environment, output) {
            Ok(is_new) => written += usize::from(is_new),
            Err(code) => return code,
        }
    }
    let others = seen.systems.iter().filter(|other| arguments.ci.is_none() && Some(**other) != system);
    let own = system.map_or_else(|| Some(NO_SYSTEM.to_owned()), |system| further(system, &seen));
    for line in own.into_iter().chain(others.filter_map(|other| beside(*other, &seen))) {
        output.print(&Printable::line(line));
    }
    if written == 0 {
        output.refuse("there is nothing to write: every file exists already");
        return exit::USAGE;
    }
    exit::PASS
}

/// What is seen, and the folder that a configuration is written to.
fn place(environment: &Environment, depth: usize) -> Result<(Seen, &Path), crate::source::Error> {
    let here = environment.working_dir.as_path();
    let root = here.ancestors().nth(depth).unwrap_or(here);
    let seen = look::look(here)?;
    // Beside Chart.yaml it would be packaged, and where no chart is it would count for none.
    let is_above = depth > 0 && seen.charts.iter().all(|chart| chart == ".");
    Ok(if is_above { (look::look(root)?, root) } else { (seen, here) })
}

/// The files that fit.
fn starts(seen: &Seen, system: Option<CiSystem>, folder: &Path, is_root: bool) -> Vec<Start> {
    // One configuration counts in a folder, whatever its name.
    let is_there = |name: &&&str| output::is_there(&folder.join(name));
    let config = NAMES.iter().find(is_there).unwrap_or(&NAMES[0]);
    let mut starts = vec![Start { path: config, text: configuration(seen), then: None }];
    starts.extend(system.and_then(|system| workflow(system, seen)));
    starts.extend(system.map(|_| Start {
        path: HOOK_FILE,
        text: versioned(HOOK),
        then: Some("run `pre-commit install`".to_owned()),
    }));
    if is_root {
        let text = ignored(starts.iter().map(|start| start.path));
        starts.push(Start { path: HELM_IGNORE, text, then: None });
    }
    starts
}

/// Writes a file where there is none, and says what is left to do; whether it was written. An error is the exit code.
fn write(start: &Start, path: &str, environment: &Environment, output: &mut Output) -> Result<bool, u8> {
    match output::create(&environment.working_dir, Path::new(path), &start.text) {
        Ok(()) => {
            let then = start.then.as_ref().map(|then| format!("; {then}")).unwrap_or_default();
            output.print(&Printable::line(format!("wrote `{path}`{then}")));
            Ok(true)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let is_added_to = [HOOK_FILE, HELM_IGNORE].contains(&start.path);
            let more = match start.text.strip_prefix("repos:\n").filter(|_| is_added_to) {
                Some(hook) => format!("; add to its `repos`:\n{hook}"),
                None if is_added_to => format!("; add to it:\n{}", start.text),
                None => String::new(),
            };
            output.print(&Printable::lines(format!("kept `{path}`{more}\n")));
            Ok(false)
        }
        Err(error) => {
            output.refuse(format!("cannot write `{path}`: {error}"));
            Err(exit::USAGE)
        }
    }
}

const NO_SYSTEM: &str = "no CI system was found; `chartgate init --ci github` writes a workflow and a hook";

/// What is left to do in a pipeline that chartgate does not write.
fn further(system: CiSystem, seen: &Seen) -> Option<String> {
    let page = "https://github.com/chartgate/chartgate/blob/main/docs/ci";
    match (system, seen.woodpecker) {
        (CiSystem::Jenkins, _) => Some(format!("for Jenkins, add the stage of {page}/Jenkinsfile to the Jenkinsfile")),
        // A folder beside it would be read in its place.
        (CiSystem::Woodpecker, Some(file)) => {
            Some(format!("for Woodpecker, add the steps of {page}/woodpecker.yml to {file}"))
        }
        _ => None,
    }
}

/// That a repository has files of a further CI system.
fn beside(system: CiSystem, seen: &Seen) -> Option<String> {
    let written = |name: &str, what: &str| {
        let value = name.to_lowercase();
        Some(format!("{name} has files here too: `chartgate init --ci {value}` writes a {what}"))
    };
    further(system, seen).or_else(|| match system {
        CiSystem::Github => written("GitHub", "workflow"),
        CiSystem::Gitlab => written("GitLab", "job"),
        CiSystem::Woodpecker => written("Woodpecker", "workflow"),
        CiSystem::Jenkins | CiSystem::None => None,
    })
}

/// What keeps files, and the repository itself, out of a package.
fn ignored<'a>(paths: impl Iterator<Item = &'a str>) -> String {
    let top = |path: &'a str| path.split_once('/').map_or_else(|| path.to_owned(), |(folder, _)| format!("{folder}/"));
    let mut lines: Vec<String> = [".git/", ".gitignore"].map(str::to_owned).into_iter().chain(paths.map(top)).collect();
    lines.dedup();
    lines.join("\n") + "\n"
}

/// The template, with what is known of the repository filled in.
fn configuration(seen: &Seen) -> String {
    let mut text = TEMPLATE.to_owned();
    let charts = seen.charts.iter().fold(String::new(), |text, chart| text + "#   " + &single_line(chart) + "\n");
    if !charts.is_empty() {
        text = text.replace("# charts: [charts/*]\n", &format!("# Found:\n{charts}# charts: [charts/*]\n"));
    }
    if let Some((registry, file)) = &seen.registry {
        let quoted = serde_json::to_string(registry).expect("text is JSON");
        let named = format!("# As {file} pushes to it.\npublished:\n  oci: {quoted}\n");
        text = text.replace("# published:\n#   oci: oci://ghcr.io/acme/charts\n", &named);
    }
    text
}

fn workflow(system: CiSystem, seen: &Seen) -> Option<Start> {
    let (path, text, then) = match system {
        CiSystem::Github => (".github/workflows/chartgate.yml", include_str!("init/github.yml"), None),
        CiSystem::Gitlab => {
            let include = "add `include: [{ local: .gitlab/chartgate.yml }]` to .gitlab-ci.yml";
            (".gitlab/chartgate.yml", include_str!("init/gitlab.yml"), Some(include.to_owned()))
        }
        CiSystem::Woodpecker if seen.woodpecker.is_none() => {
            (".woodpecker/chartgate.yml", include_str!("init/woodpecker.yml"), None)
        }
        CiSystem::Woodpecker | CiSystem::Jenkins | CiSystem::None => return None,
    };
    let mut text = versioned(text);
    if let Some(branch) = seen.branch.as_deref().filter(|branch| !["main", "master"].contains(branch)) {
        // In a list on one line more than a letter may end a word.
        let is_word = branch.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
        let written = if is_word { plain_or_quoted(branch) } else { quoted(branch) };
        text = text.replace("[main, master]", &format!("[{written}]"));
    }
    Some(Start { path, text, then })
}

fn versioned(text: &str) -> String {
    text.replace("VERSION", env!("CARGO_PKG_VERSION"))
}
