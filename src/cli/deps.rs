//! `chartgate deps`: what charts are made with, and, with `--update`, what `helm dependency update` writes.

use std::path::Path;

use serde::Serialize;

use super::args::{Color, DepsArgs, List, VersionArgs};
use super::environment::Environment;
use super::exit;
use super::output::{self, Output};
use super::refusal::refused;
use crate::chart;
use crate::dependency::Update;
use crate::finding::Failure;
use crate::gate::{Dependency, PolicyChoice, PolicySource, Request, Resolved, Session};
use crate::report::{Look, human};
use crate::source::{Archive, Dir, Tree};
use crate::text::Sources;
use crate::text::printable::Printable;

pub(super) fn run(arguments: &DepsArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let look = environment.look(color, false);
    let is_json = matches!(arguments.format, List::Json);
    let sources = if is_json { Sources::new() } else { environment.sources() };
    let session = environment.session(arguments.offline);
    let request = Request {
        charts: arguments.state.charts(&arguments.charts, &VersionArgs::default()),
        policy: PolicyChoice { from: PolicySource::of(arguments.config.clone(), None), ..PolicyChoice::default() },
        ..Request::default()
    };
    if arguments.update
        && let Err(code) = update(&session, &request, environment, output, &sources, look)
    {
        return code;
    }
    match session.dependencies(&request, &sources) {
        Ok((all, unseen)) => {
            output.print(&match arguments.format {
                List::Human => all.iter().map(|resolved| tree(resolved, &sources)).collect(),
                List::Json => {
                    let rows: Vec<ChartRow<'_>> = all.iter().map(row).collect();
                    Printable::json(&rows)
                }
            });
            let failures: Vec<Failure> = all.iter().flat_map(|each| each.failures.clone()).chain(unseen).collect();
            tell(&failures, output, &sources, look);
            if failures.is_empty() { exit::PASS } else { exit::UNDECIDED }
        }
        Err(error) => refused(&error, &sources, look, output),
    }
}

fn tell(failures: &[Failure], output: &mut Output, sources: &Sources, look: Look) {
    for failure in failures {
        output.complain(&human::failure(failure, sources, look));
    }
}

/// Writes `charts/` and the lock, once everything that belongs there is known.
fn update(
    session: &Session,
    request: &Request,
    environment: &Environment,
    output: &mut Output,
    sources: &Sources,
    look: Look,
) -> Result<(), u8> {
    let time = environment.source_date().map_err(|message| {
        output.refuse(message);
        exit::USAGE
    })?;
    let seconds = time.unwrap_or(environment.seconds);
    let updated = session.updated(request, (&rfc3339(seconds), seconds), sources);
    let (folder, update) = updated.map_err(|error| refused(&error, sources, look, output))?;
    let update = update.map_err(|failures| {
        tell(&failures, output, sources, look);
        exit::UNDECIDED
    })?;
    write(&folder, &update, seconds).map_err(|error| {
        output.refuse(format!("cannot write `{}`: {error}", folder.display()));
        exit::UNDECIDED
    })
}

fn write(folder: &Path, update: &Update, time: u64) -> std::io::Result<()> {
    let charts = folder.join("charts");
    let lock = update.lock.as_ref().map(|(name, text)| (folder.join(name), text));
    output::is_no_link(&charts)?;
    lock.iter().try_for_each(|(path, _)| output::is_no_link(path))?;
    for (name, data) in &update.packages {
        if !is_plain(name) {
            return Err(std::io::Error::other(format!("`{name}` is not a name for a file")));
        }
        output::replace(&charts.join(name), data, time)?;
    }
    for name in outdated(&charts, update) {
        output::remove(&charts.join(name))?;
    }
    lock.map_or(Ok(()), |(path, text)| output::replace(&path, text.as_bytes(), time))
}

fn is_plain(name: &str) -> bool {
    !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

/// Packages in `charts/` that no dependency stands for any more (`safeMoveDeps`).
fn outdated(charts: &Path, update: &Update) -> Vec<String> {
    let Ok(folder) = Dir::folder(charts) else { return vec![] };
    let entries = folder.list("").unwrap_or_default().into_iter().map(|entry| entry.path);
    let is_old = |name: &String| {
        let is_new = update.packages.iter().any(|(new, _)| new == name);
        let package = (!name.contains('/') && !is_new).then(|| Archive::open(&charts.join(name), name).ok()).flatten();
        let named = package.map(|archive| {
            let tree: std::sync::Arc<dyn Tree> = std::sync::Arc::new(archive);
            chart::load_files(&tree, "", &Sources::new()).name().map(str::to_owned)
        });
        matches!(named, Some(Some(name)) if !update.kept.contains(&name))
    };
    entries.filter(is_old).collect()
}

/// A time as locks have it, in UTC.
fn rfc3339(seconds: u64) -> String {
    let day = crate::text::Date::from_unix_seconds(seconds);
    let rest = seconds % 86_400;
    format!("{day}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

fn tree(resolved: &Resolved, sources: &Sources) -> Printable {
    let mut text =
        Printable::line(format!("{} {} ({})", resolved.name, resolved.version, sources.typed(&resolved.path)));
    if resolved.dependencies.is_empty() {
        text.push(&Printable::line("  no dependencies"));
    }
    branches(&resolved.dependencies, 1, &mut text);
    text
}

fn branches(dependencies: &[Dependency], depth: usize, text: &mut Printable) {
    for one in dependencies {
        let alias = one.alias.as_ref().map(|alias| format!(" as {alias}")).unwrap_or_default();
        let version = one.version.as_deref().unwrap_or("-");
        let range = if one.range.is_empty() { String::new() } else { format!(" ({})", one.range) };
        let indent = "  ".repeat(depth);
        text.push(&Printable::line(format!("{indent}{}{alias} {version}{range}: {}", one.name, one.from)));
        branches(&one.dependencies, depth + 1, text);
    }
}

/// A chart; the wire form of `--format json`.
#[derive(Serialize)]
struct ChartRow<'a> {
    path: &'a str,
    name: &'a str,
    version: &'a str,
    dependencies: Vec<Branch<'a>>,
}

/// A dependency; the wire form of `--format json`.
#[derive(Serialize)]
struct Branch<'a> {
    name: &'a str,
    alias: Option<&'a str>,
    range: &'a str,
    version: Option<&'a str>,
    from: &'a str,
    dependencies: Vec<Self>,
}

fn row(resolved: &Resolved) -> ChartRow<'_> {
    ChartRow {
        path: &resolved.path,
        name: &resolved.name,
        version: &resolved.version,
        dependencies: resolved.dependencies.iter().map(branch).collect(),
    }
}

fn branch(one: &Dependency) -> Branch<'_> {
    Branch {
        name: &one.name,
        alias: one.alias.as_deref(),
        range: &one.range,
        version: one.version.as_deref(),
        from: &one.from,
        dependencies: one.dependencies.iter().map(branch).collect(),
    }
}
