//! `chartgate render`: what `helm template` prints, or where one field of it comes from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{HelmMajor, RenderArgs};
use super::environment::Environment;
use super::exit;
use super::output::Output;
use crate::chart::{self, Chart, Misled};
use crate::helm::Major;
use crate::render::{Cache, Error, Form, KubeVersion, Options, Overrides, Rendered, render, why};
use crate::source::{self, Archive, Dir, FILE_LIMIT, Home, Tree};
use crate::text::printable::Printable;
use crate::text::{Address, Location, Source, Sources, Span};
use crate::values::set;
use crate::yaml::{Document, Node};

pub(super) fn run(arguments: &RenderArgs, environment: &Environment, output: &mut Output) -> u8 {
    let sources = Sources::new();
    match rendered(arguments, environment, &sources) {
        Ok(text) => {
            output.print(&text);
            exit::PASS
        }
        Err(stop) => {
            output.complain(&Printable::lines(format!("error: {}\n", stop.message)));
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

fn rendered(arguments: &RenderArgs, environment: &Environment, sources: &Sources) -> Result<Printable, Stop> {
    let options = options(arguments)?;
    let chart = load(arguments, &environment.working_dir, sources)?;
    let roots = values(arguments, options.helm, environment, sources)?;
    let mut set = settings(arguments, sources);
    set.extend(from_files(arguments, environment, sources)?);
    let overrides = Overrides { files: roots.iter().collect(), set };
    let rendered =
        render(&chart, &overrides, &options, sources, &Cache::default()).map_err(|error| Stop::of(&error))?;
    if let Some(question) = &arguments.why {
        return why::explain(&rendered, question, sources).map_err(Stop::usage);
    }
    let manifests = shown(arguments, &rendered).map_err(Stop::usage)?;
    // A program gets Helm's bytes; on a screen nothing in them is obeyed.
    Ok(if environment.is_terminal() { Printable::lines(manifests) } else { Printable::document(manifests) })
}

fn shown(arguments: &RenderArgs, rendered: &Rendered) -> Result<String, String> {
    if arguments.show_only.is_empty() {
        return Ok(rendered.text(arguments.include_crds));
    }
    rendered.only(arguments.include_crds, &arguments.show_only)
}

fn options(arguments: &RenderArgs) -> Result<Options, Stop> {
    let default = Options::default();
    let helm = match arguments.helm {
        HelmMajor::Three => Major::Three,
        HelmMajor::Four => Major::Four,
    };
    let kube_version = match &arguments.kube_version {
        None => KubeVersion::of(helm),
        Some(text) => KubeVersion::parse(text).ok_or_else(|| Stop::usage(format!("invalid kube version '{text}'")))?,
    };
    check_name(&arguments.name)?;
    Ok(Options {
        helm,
        served_to: helm,
        release: arguments.name.clone(),
        namespace: arguments.namespace.clone(),
        kube_version,
        api_versions: arguments.api_versions.clone(),
        ..default
    })
}

/// Helm's rule for the names of releases; namespaces it takes as they are.
fn check_name(name: &str) -> Result<(), Stop> {
    const LONGEST: usize = 53;
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        let edges = bytes.first().into_iter().chain(bytes.last());
        !bytes.is_empty() && bytes.iter().all(|byte| is_inner(*byte) || *byte == b'-') && edges.copied().all(is_inner)
    };
    let problem = match name {
        "" => "no name provided".to_owned(),
        name if name.len() <= LONGEST && name.split('.').all(is_label) => return Ok(()),
        _ => format!("invalid release name, must match regex {NAME} and the length must not be longer than {LONGEST}"),
    };
    Err(Stop { message: format!("release name check failed: release name \"{name}\": {problem}"), code: exit::FAIL })
}

/// The regular expression that Helm shows.
const NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// The chart, with or without what it depends on by `file://`.
fn load(arguments: &RenderArgs, working_dir: &Path, sources: &Sources) -> Result<Chart, Stop> {
    let home = Home::new(working_dir);
    let (chart, folder) = read_chart(&home, &arguments.chart, sources)?;
    Ok(match folder {
        Some(real) if arguments.dependency_update => {
            with_those_beside(chart, &real, home.boundary(&arguments.chart).as_deref(), sources)
        }
        // As Helm: what is not in `charts/` is missing.
        _ => as_packed(chart),
    })
}

/// The chart at a path, and its folder if it is no archive.
fn read_chart(home: &Home, path: &Path, sources: &Sources) -> Result<(Chart, Option<PathBuf>), Stop> {
    let shown = path.to_string_lossy();
    let at = home.absolute(path);
    let tree: Arc<dyn Tree> = match Dir::folder(&at) {
        Ok(folder) => {
            let folder = folder.within(home.boundary(path));
            let real = folder.root().to_path_buf();
            let tree: Arc<dyn Tree> = Arc::new(folder.shown_below(shown.trim_end_matches('/')));
            return Ok((chart::load(&tree, "", sources), Some(real)));
        }
        Err(source::Error::WrongKind { .. }) => Arc::new(Archive::open(&at, &shown)?),
        Err(error) => return Err(error.into()),
    };
    Ok((chart::load(&tree, "", sources), None))
}

/// Folders above a chart in which what it takes by `file://` may lie.
const FURTHEST: usize = 16;

/// The chart with nothing but what its `charts/` has.
fn as_packed(chart: Chart) -> Chart {
    let dependencies = chart.dependencies.into_iter().map(as_packed).collect();
    Chart { dependencies, beside: vec![], ..chart }
}

/// The chart with what it depends on by `file://`, for which the tree has to begin further up.
fn with_those_beside(mut chart: Chart, real: &Path, boundary: Option<&Path>, sources: &Sources) -> Chart {
    let leads_out = |chart: &Chart| {
        let mut all = chart.with_dependencies().into_iter().flat_map(|part| &part.unfollowed);
        all.any(|each| each.why == Misled::Outside)
    };
    for root in real.ancestors().skip(1).take(FURTHEST) {
        if !leads_out(&chart) || boundary.is_some_and(|boundary| !root.starts_with(boundary)) {
            break;
        }
        let (Ok(tree), Ok(folder)) = (Dir::folder(root), real.strip_prefix(root)) else { break };
        let tree: Arc<dyn Tree> =
            Arc::new(tree.within(boundary.map(Path::to_path_buf)).shown_below(root.display().to_string()));
        chart = chart::load(&tree, &folder.to_string_lossy().replace('\\', "/"), sources);
    }
    chart
}

/// The roots of the documents of the values files that count.
fn values(
    arguments: &RenderArgs,
    helm: Major,
    environment: &Environment,
    sources: &Sources,
) -> Result<Vec<Node>, Stop> {
    let mut roots = vec![];
    for path in &arguments.values {
        let (at, text) = read(&environment.working_dir, path)?;
        let shown = path.to_string_lossy().into_owned();
        let source = sources.add(Source::new(shown.clone(), Address::Disk(at), text.as_str()));
        let parse = if helm.reads_first_document() { Document::parse_all } else { Document::parse_values };
        let documents = parse(source, &text).map_err(|error| {
            let line = sources.start(error.location).line;
            Stop { message: format!("failed to parse {shown}: line {line}: {error}"), code: exit::FAIL }
        })?;
        let read = if helm.reads_first_document() { 1 } else { documents.len() };
        roots.extend(documents.into_iter().take(read).map(|document| document.root));
    }
    Ok(roots)
}

fn read(working_dir: &Path, path: &Path) -> Result<(PathBuf, String), Stop> {
    let home = Home::new(working_dir);
    let at = home.absolute(path);
    let name = at.file_name().map(|name| name.to_string_lossy().into_owned());
    let (Some(folder), Some(name)) = (at.parent(), name) else {
        return Err(Stop::usage(format!("`{}` is not a file", path.display())));
    };
    let bytes = Dir::folder(folder)?.within(home.boundary(path)).read(&name, FILE_LIMIT)?;
    let text = String::from_utf8(bytes).map_err(|_| Stop::usage(format!("`{}` is not UTF-8", path.display())))?;
    let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
    Ok((at, text))
}

/// `--set-file`, which Helm applies last.
fn from_files(arguments: &RenderArgs, environment: &Environment, sources: &Sources) -> Result<Vec<Setting>, Stop> {
    let inlined = |expression: &String| {
        let text =
            set::inlined(expression, |path| read(&environment.working_dir, Path::new(path)).map(|(_, text)| text));
        let text =
            text.map_err(|stop| Stop { message: format!("failed parsing --set-file data: {}", stop.message), ..stop })?;
        Ok((text, Form::File, place(sources, "--set-file", expression)))
    };
    arguments.set_file.iter().map(inlined).collect()
}

fn place(sources: &Sources, flag: &str, expression: &str) -> Location {
    let source = sources.add(Source::new(flag, Address::Rendered, expression));
    Location::new(source, Span::new(0, expression.len()))
}

/// Text, form and place of an expression.
type Setting = (String, Form, Location);

/// Helm applies JSON first, then what is typed, then text.
fn settings(arguments: &RenderArgs, sources: &Sources) -> Vec<Setting> {
    let groups = [
        (&arguments.set_json, Form::Json, "--set-json"),
        (&arguments.set, Form::Typed, "--set"),
        (&arguments.set_string, Form::Text, "--set-string"),
    ];
    let mut found = vec![];
    for (expressions, form, flag) in groups {
        for expression in expressions {
            found.push((expression.clone(), form, place(sources, flag, expression)));
        }
    }
    found
}
