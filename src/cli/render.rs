//! `chartgate render`: what `helm template` prints, or where one field of it comes from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::environment::Environment;
use super::output::Output;
use super::{RenderArgs, exit};
use crate::chart::{self, Chart};
use crate::render::{Cache, Error, Form, KubeVersion, Options, Overrides, Rendered, render, why};
use crate::source::{self, Archive, Dir, FILE_LIMIT, Tree};
use crate::text::{Address, Location, Source, Sources, Span};
use crate::yaml::{Document, Node};

pub(super) fn run(arguments: &RenderArgs, environment: &Environment, output: &mut Output) -> u8 {
    let sources = Sources::new();
    match rendered(arguments, environment, &sources) {
        Ok(text) => {
            output.print(&text);
            exit::PASS
        }
        Err(stop) => {
            output.complain(&format!("Error: {}\n", stop.message));
            stop.code
        }
    }
}

/// Why nothing is printed.
struct Stop {
    message: String,
    code: u8,
}

impl Stop {
    fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: exit::USAGE }
    }

    fn of(error: &Error) -> Self {
        Self { message: error.message.clone(), code: if error.is_open() { exit::UNDECIDED } else { exit::FAIL } }
    }
}

impl From<source::Error> for Stop {
    fn from(error: source::Error) -> Self {
        Self::usage(error.to_string())
    }
}

fn rendered(arguments: &RenderArgs, environment: &Environment, sources: &Sources) -> Result<String, Stop> {
    let options = options(arguments)?;
    let chart = load(&environment.working_dir, &arguments.chart, sources)?;
    let roots = values(arguments, environment, sources)?;
    let overrides = Overrides { files: roots.iter().collect(), set: settings(arguments, sources) };
    let rendered =
        render(&chart, &overrides, &options, sources, &Cache::default()).map_err(|error| Stop::of(&error))?;
    shown(arguments, &rendered, sources).map_err(Stop::usage)
}

fn shown(arguments: &RenderArgs, rendered: &Rendered, sources: &Sources) -> Result<String, String> {
    if let Some(question) = &arguments.why {
        return why::explain(rendered, question, sources);
    }
    if arguments.show_only.is_empty() {
        return Ok(rendered.text(arguments.include_crds));
    }
    rendered.only(arguments.include_crds, &arguments.show_only)
}

fn options(arguments: &RenderArgs) -> Result<Options, Stop> {
    let default = Options::default();
    let kube_version = match &arguments.kube_version {
        None => default.kube_version,
        Some(text) => KubeVersion::parse(text).ok_or_else(|| Stop::usage(format!("invalid kube version '{text}'")))?,
    };
    Ok(Options {
        release: arguments.name.clone(),
        namespace: arguments.namespace.clone(),
        kube_version,
        api_versions: arguments.api_versions.clone(),
        ..default
    })
}

fn load(working_dir: &Path, path: &Path, sources: &Sources) -> Result<Chart, Stop> {
    let shown = path.to_string_lossy();
    let at = working_dir.join(path);
    let tree: Arc<dyn Tree> = match Dir::folder(&at) {
        Ok(folder) => Arc::new(folder.shown_below(shown.trim_end_matches('/'))),
        Err(source::Error::WrongKind { .. }) => Arc::new(Archive::open(&at, &shown)?),
        Err(error) => return Err(error.into()),
    };
    Ok(chart::load(&tree, "", sources))
}

/// The roots of the values files, every document of them.
fn values(arguments: &RenderArgs, environment: &Environment, sources: &Sources) -> Result<Vec<Node>, Stop> {
    let mut roots = vec![];
    for path in &arguments.values {
        let (at, text) = read(&environment.working_dir, path)?;
        let shown = path.to_string_lossy().into_owned();
        let source = sources.add(Source::new(shown.clone(), Address::Disk(at), text.as_str()));
        let documents = Document::parse_all(source, &text).map_err(|error| {
            let line = sources.start(error.location).line;
            Stop { message: format!("failed to parse {shown}: line {line}: {error}"), code: exit::FAIL }
        })?;
        roots.extend(documents.into_iter().map(|document| document.root));
    }
    Ok(roots)
}

fn read(working_dir: &Path, path: &Path) -> Result<(PathBuf, String), Stop> {
    let at = working_dir.join(path);
    let name = at.file_name().map(|name| name.to_string_lossy().into_owned());
    let (Some(folder), Some(name)) = (at.parent(), name) else {
        return Err(Stop::usage(format!("`{}` is not a file", path.display())));
    };
    let bytes = Dir::folder(folder)?.read(&name, FILE_LIMIT)?;
    let text = String::from_utf8(bytes).map_err(|_| Stop::usage(format!("`{}` is not UTF-8", path.display())))?;
    let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
    Ok((at, text))
}

/// Helm applies JSON first, then what is typed, then text.
fn settings(arguments: &RenderArgs, sources: &Sources) -> Vec<(String, Form, Location)> {
    let groups = [
        (&arguments.set_json, Form::Json, "--set-json"),
        (&arguments.set, Form::Typed, "--set"),
        (&arguments.set_string, Form::Text, "--set-string"),
    ];
    let mut found = vec![];
    for (expressions, form, flag) in groups {
        for expression in expressions {
            let source = sources.add(Source::new(flag, Address::Rendered, expression.as_str()));
            found.push((expression.clone(), form, Location::new(source, Span::new(0, expression.len()))));
        }
    }
    found
}
