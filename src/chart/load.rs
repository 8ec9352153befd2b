//! From a tree to a [`Chart`], as Helm's loader goes about it (`pkg/chart/v2/loader/load.go`).
//!
//! Loading never fails: what the author can mend is a problem of the chart, what the environment lacks a failure.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::beside::Beside;
use super::gather::{gather, is_example, is_package_metadata, is_repository_metadata};
use super::package::{content, lock_fault};
use super::read::{Raw, Reader};
use super::shape::{LOCK, MAPPING, METADATA, Shape};
use super::spelling::canonical;
use super::values_file::{self, Kind};
use super::{Chart, File, Metadata, Problem, ProblemKind, TextFile, YamlFile, metadata, provenance};
use crate::finding::{Failure, FailureKind};
use crate::source::{Archive, CHART_LIMIT, Error, Extra, Tree, join};
use crate::text::{Address, Location, Source, SourceId, Sources, Span};

/// Charts inside each other.
const DEPTH_LIMIT: usize = 32;
/// Bytes that all packaged sub-charts of a chart may unpack to.
const UNPACKED_LIMIT: u64 = CHART_LIMIT / 2;
/// Charts that a chart may have in it: archives in archives multiply, however small they are.
const CHARTS_LIMIT: usize = 2_000;

/// What sub-charts may still take; none once there was too much, which is said once.
struct Room {
    bytes: Option<u64>,
    charts: Option<usize>,
}

/// The chart in a folder of a tree, `""` for the tree's root. Its texts are added to `sources`.
pub fn load(tree: &Arc<dyn Tree>, folder: &str, sources: &Sources) -> Chart {
    load_with(Reader::new(tree, sources), folder)
}

/// The same without reading any YAML but Chart.yaml and requirements.yaml: enough to know the packaged files, several times faster.
pub fn load_files(tree: &Arc<dyn Tree>, folder: &str, sources: &Sources) -> Chart {
    load_with(Reader::new(tree, sources).for_files(true), folder)
}

fn load_with(mut reader: Reader<'_>, folder: &str) -> Chart {
    let (tree, sources, is_for_files) = (reader.tree, reader.sources, reader.is_for_files);
    let parts = reader.of_part(tree);
    let gathered = gather(&mut reader, folder);
    let place = Place { folder: folder.to_owned(), depth: 0 };
    let mut room = Room { bytes: Some(UNPACKED_LIMIT), charts: Some(CHARTS_LIMIT) };
    let mut chart = assemble(reader, &place, gathered.packaged, &gathered.aside, &mut room);
    chart.hidden = gathered.hidden;
    chart.packs_git = gathered.packs_git;
    if !is_for_files {
        chart.problems.extend(smuggled(&chart, sources));
        chart.problems.extend(misproven(&chart, sources));
    }
    let mut load = |folder: &str| {
        let mut reader = parts.of_part(tree);
        let gathered = gather(&mut reader, folder);
        let place = Place { folder: folder.to_owned(), depth: 1 };
        assemble(reader, &place, gathered.packaged, &[], &mut room)
    };
    Beside::new(tree, &mut load).fill(&mut chart, &mut vec![]);
    chart
}

/// What stands in an archive for others to find than those who judge it. Files that `helm package` would merely leave out are none:
/// people make archives with other programs, too.
fn smuggled(chart: &Chart, sources: &Sources) -> Vec<Problem> {
    let of_helm = [content::HIDDEN, content::REQUIREMENTS];
    let tree = &chart.tree;
    let counts = |extra: &Extra| of_helm.contains(&extra.what) || tree.extras().contains(extra);
    let mut reader = Reader::new(tree, sources);
    for extra in content::extras(chart).into_iter().filter(counts) {
        let message = match extra.path.as_str() {
            "" => format!("the archive {}", extra.what),
            path => format!("`{path}` {}", extra.what),
        };
        let location = reader.start_of(&extra.path);
        let problem = reader.problem(ProblemKind::ArchiveInvalid, location, extra.path, message);
        problem.help = Some("package the chart again with `chartgate package`".into());
    }
    reader.problems
}

/// What is wrong with the provenance file beside an archive.
fn misproven(chart: &Chart, sources: &Sources) -> Option<Problem> {
    let signed = chart.tree.signed()?;
    let archive = chart.tree.shown("");
    let name = archive.rsplit(['/', '\\']).next().unwrap_or(&archive);
    let (span, fault) = provenance::fault(&signed.provenance, name, &provenance::digest(&signed.data))?;
    let path = format!("{archive}.prov");
    let id = sources.add(Source::new(path.as_str(), Address::Rendered, signed.provenance.as_str()));
    let message = format!("`{path}` {fault}");
    let help = Some("sign the package again with `helm package --sign`, or take the file away".to_owned());
    let (kind, location) = (ProblemKind::ProvenanceInvalid, Location::new(id, span));
    Some(Problem { kind, location, subject: format!("{name}.prov"), related: None, message, help, fix: None })
}

/// What is wrong with the provenance files of packages in `charts/`.
fn proven(reader: &mut Reader<'_>, own: &[Raw], charts: &BTreeMap<String, Vec<Raw>>) {
    for raw in own {
        let package = raw.path.strip_prefix("charts/").and_then(|name| name.strip_suffix(".prov"));
        let Some((name, data)) = package.and_then(|name| Some((name, &charts.get(name)?.first()?.data))) else {
            continue;
        };
        let (id, text) = reader.text(raw);
        let Some((span, fault)) = provenance::fault(&text, name, &provenance::digest(data)) else { continue };
        let message = format!("`{}` {fault}", raw.path);
        let problem =
            reader.problem(ProblemKind::ProvenanceInvalid, Location::new(id, span), raw.path.as_str(), message);
        problem.help = Some("run `helm dependency update --verify`, or take the file away".to_owned());
    }
}

/// Where a chart stands.
struct Place {
    folder: String,
    /// Charts around it.
    depth: usize,
}

/// Files of a chart by what Helm takes them for.
#[derive(Default)]
struct Sorted {
    own: Vec<Raw>,
    /// What stands in `charts/`, by its first name there.
    charts: BTreeMap<String, Vec<Raw>>,
}

impl Sorted {
    fn new(packaged: Vec<Raw>) -> Self {
        let mut sorted = Self::default();
        for raw in packaged {
            match raw.path.strip_prefix("charts/").filter(|_| !raw.path.ends_with(".prov")) {
                None => sorted.own.push(raw),
                Some(path) => {
                    let name = path.split('/').next().unwrap_or(path).to_owned();
                    sorted.charts.entry(name).or_default().push(raw);
                }
            }
        }
        sorted
    }

    fn get(&self, path: &str) -> Option<&Raw> {
        self.own.iter().find(|raw| raw.path == path)
    }
}

fn assemble(mut reader: Reader<'_>, place: &Place, packaged: Vec<Raw>, aside: &[Raw], room: &mut Room) -> Chart {
    let Sorted { own, charts } = Sorted::new(packaged);
    proven(&mut reader, &own, &charts);
    let sorted = Sorted { own, charts: BTreeMap::new() };
    let metadata = metadata(&mut reader, place, &sorted);
    let api_version = metadata.as_ref().and_then(|metadata| metadata.text("apiVersion")).unwrap_or("v1").to_owned();
    let requirements = sorted.get("requirements.yaml").map(|raw| shaped(&mut reader, raw, &METADATA).0);
    metadata::validate_dependencies(&mut reader, metadata.as_ref(), requirements.as_ref());
    let values = sorted.get("values.yaml").map(|raw| shaped(&mut reader, raw, &MAPPING));
    let lock = sorted.get("requirements.lock").or_else(|| sorted.get("Chart.lock"));
    let lock = lock.map(|raw| shaped(&mut reader, raw, &LOCK).0);
    reader.problems.extend(lock.as_ref().and_then(lock_fault));
    let schema = sorted.get("values.schema.json").map(|raw| schema(&mut reader, raw, place.depth == 0));
    let (templates, crds) = manifests(&mut reader, &sorted);
    let aside = if place.depth == 0 { Aside::load(&mut reader, place, &sorted, aside) } else { Aside::default() };
    let dependencies: Vec<_> =
        charts.into_iter().filter_map(|(name, raws)| sub_chart(&mut reader, place, &name, raws, room)).collect();
    let tree = reader.tree;
    let shown = tree.shown(&place.folder);
    let Reader { problems, failures, .. } = reader;
    Chart {
        tree: Arc::clone(tree),
        folder: place.folder.clone(),
        path: shown,
        files: packaged_files(tree.as_ref(), sorted.own, &dependencies, &api_version),
        metadata,
        requirements,
        values: values.and_then(|(file, fits)| fits.then_some(file)),
        values_files: aside.values_files,
        schema,
        templates,
        crds,
        examples: aside.examples,
        lock,
        package: aside.package,
        repository: aside.repository,
        passed_over: aside.passed_over,
        dependencies,
        beside: vec![],
        unfollowed: vec![],
        fetched: vec![],
        originals: BTreeMap::new(),
        packs_git: false,
        hidden: vec![],
        problems,
        failures,
    }
}

fn metadata(reader: &mut Reader<'_>, place: &Place, sorted: &Sorted) -> Option<Metadata> {
    if let Some(raw) = sorted.get("Chart.yaml") {
        return metadata::read(reader, raw);
    }
    let at = join(&place.folder, "Chart.yaml");
    let is_known = reader.problems.iter().any(|problem| matches!(problem.subject.as_str(), "" | "Chart.yaml"))
        || reader.failures.iter().any(|failure| failure.path.as_deref() == Some(&reader.tree.shown(&at)));
    if !is_known {
        let message = match reader.tree.read(&at, 0) {
            Err(Error::WrongKind { found, .. }) => format!("Chart.yaml is {found}, not a file"),
            Err(Error::NotFound { .. }) => "there is no Chart.yaml".into(),
            _ => "`.helmignore` hides Chart.yaml".into(),
        };
        let location = reader.start_of(&at);
        reader.problem(ProblemKind::ChartInvalid, location, "Chart.yaml", message);
    }
    None
}

/// A YAML file, and whether Helm can read it into what it should be.
fn shaped(reader: &mut Reader<'_>, raw: &Raw, shape: &Shape) -> (YamlFile, bool) {
    let (problems, failures) = (reader.problems.len(), reader.failures.len());
    let mut file = reader.yaml(raw, ProblemKind::YamlInvalid);
    for document in &mut file.documents {
        metadata::fits(reader, shape, document, &raw.path, ProblemKind::YamlInvalid);
        document.root = canonical(&document.root, shape);
    }
    let is_invalid = reader.problems[problems..].iter().any(|problem| problem.kind == ProblemKind::YamlInvalid);
    let fits = !is_invalid && reader.failures.len() == failures;
    (file, fits)
}

fn text_file(reader: &mut Reader<'_>, raw: &Raw) -> TextFile {
    let (source, text) = reader.text(raw);
    TextFile { path: raw.path.clone(), source, text, is_whole: raw.text.is_some() }
}

fn schema(reader: &mut Reader<'_>, raw: &Raw, is_linted: bool) -> TextFile {
    let file = text_file(reader, raw);
    if raw.is_marked && is_linted {
        // What loads the chart takes the mark away; the linter reads the file itself (`pkg/chart/v2/lint/rules/values.go`).
        let start = Location::new(file.source, Span::new(0, 0));
        let message = format!("`{}` begins with a byte order mark, and `helm lint` refuses it", raw.path);
        reader.problem(ProblemKind::YamlInvalid, start, &raw.path, message).help =
            Some("save it without one".to_owned());
    }
    let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&file.text) else { return file };
    let line_start = reader.sources.get(file.source).line_start(error.line());
    let offset = (line_start + error.column().saturating_sub(1)).min(file.text.len());
    let location = Location::new(file.source, Span::new(offset, offset));
    let message = error.to_string();
    let reason = message.split(" at line ").next().unwrap_or_default();
    let message = format!("`{}` is not valid JSON: {reason}", raw.path);
    if reason.starts_with("recursion limit") {
        reader.failures.push(Failure::new(FailureKind::Limit, message).at(location));
    } else {
        reader.problem(ProblemKind::YamlInvalid, location, &raw.path, message);
    }
    file
}

fn manifests(reader: &mut Reader<'_>, sorted: &Sorted) -> (Vec<TextFile>, Vec<YamlFile>) {
    let mut templates = vec![];
    let mut crds = vec![];
    for raw in &sorted.own {
        if raw.path.starts_with("templates/") {
            templates.push(text_file(reader, raw));
        } else if raw.path.starts_with("crds/") && is_manifest(&raw.path) {
            crds.push(reader.yaml(raw, ProblemKind::CrdInvalid));
        }
    }
    (templates, crds)
}

/// Whether an example may hold objects: one in JSON is often something else, and says by its words what it is.
fn may_hold_objects(raw: &Raw) -> bool {
    const WORD: &[u8] = b"\"apiVersion\"";
    !raw.path.ends_with(".json") || raw.data.windows(WORD.len()).any(|part| part == WORD)
}

/// Files that no sub-chart is asked for.
#[derive(Default)]
struct Aside {
    values_files: Vec<YamlFile>,
    examples: Vec<YamlFile>,
    package: Option<YamlFile>,
    repository: Option<YamlFile>,
    passed_over: Vec<SourceId>,
}

impl Aside {
    fn load(reader: &mut Reader<'_>, place: &Place, sorted: &Sorted, aside: &[Raw]) -> Self {
        let mut raws: Vec<_> = sorted.own.iter().filter(|raw| raw.path != "values.yaml").chain(aside).collect();
        raws.sort_by(|left, right| left.path.cmp(&right.path));
        let mut found = Self::default();
        for raw in &raws {
            if let Some(kind) = values_file::kind(&raw.path) {
                found.values_files.extend(values(reader, &raws, raw, kind));
            } else if is_example(&raw.path) && may_hold_objects(raw) {
                found.examples.push(reader.yaml(raw, ProblemKind::YamlInvalid));
            } else if is_package_metadata(&raw.path) {
                let read = shaped(reader, raw, &MAPPING).0;
                found.passed_over.extend(found.package.replace(read).map(|file| file.source));
            } else if is_repository_metadata(&raw.path) {
                let read = shaped(reader, raw, &MAPPING).0;
                found.passed_over.extend(found.repository.replace(read).map(|file| file.source));
            }
        }
        if found.repository.is_none() && !place.folder.is_empty() {
            let above = "../".repeat(place.folder.split('/').count());
            let names = ["artifacthub-repo.yml", "artifacthub-repo.yaml"];
            let raw = names.iter().find_map(|name| reader.read(&format!("{above}{name}"), name));
            found.repository = raw.map(|raw| shaped(reader, &raw, &MAPPING).0);
        }
        found
    }
}

/// A file that holds values by its name; none where only its path says so and it is an object, a template or of another chart.
fn values(reader: &mut Reader<'_>, raws: &[&Raw], raw: &Raw, kind: Kind) -> Option<YamlFile> {
    if kind != Kind::Production {
        return Some(shaped(reader, raw, &MAPPING).0);
    }
    let mut folders = raw.path.match_indices('/').map(|(end, _)| &raw.path[..end]);
    let is_chart = |folder: &str| raws.iter().any(|other| other.path == format!("{folder}/Chart.yaml"));
    let is_values = |text: &str| !values_file::is_object(text) && !values_file::is_template(text);
    let is_own = !folders.any(is_chart) && raw.text.as_deref().is_some_and(is_values);
    is_own.then(|| reader.yaml(raw, ProblemKind::YamlInvalid))
}

/// The chart under a name in `charts/`, if Helm looks at it.
fn sub_chart(reader: &mut Reader<'_>, place: &Place, name: &str, raws: Vec<Raw>, room: &mut Room) -> Option<Chart> {
    if name.starts_with(['_', '.']) {
        return None;
    }
    let path = format!("charts/{name}");
    let at = join(&place.folder, &path);
    if place.depth >= DEPTH_LIMIT {
        let message = format!("more than {DEPTH_LIMIT} charts stand inside each other");
        reader.failures.push(Failure::new(FailureKind::Limit, message).at_path(reader.tree.shown(&at)));
        return None;
    }
    let left = room.charts?;
    room.charts = left.checked_sub(1);
    if room.charts.is_none() {
        let message = format!("the chart has more than {CHARTS_LIMIT} charts in it");
        reader.failures.push(Failure::new(FailureKind::Limit, message).at_path(reader.tree.shown(&at)));
        return None;
    }
    // Capitals make something else of it to Helm.
    if name.ends_with(".tgz") {
        let file = raws.into_iter().find(|raw| raw.path == path);
        return archived(reader, place, &at, &path, file.as_ref(), room);
    }
    let below = format!("{path}/");
    let is_file = raws.iter().all(|raw| !raw.path.starts_with(&below));
    if is_file {
        let location = reader.start_of(&at);
        let message = format!("`{path}` is not a chart, and Helm takes everything in `charts/` for one");
        let problem = reader.problem(ProblemKind::ChartInvalid, location, path, message);
        problem.help = Some("move the file elsewhere, or put `_` or `.` before its name".into());
        return None;
    }
    let inside = |raw: Raw| Some(Raw { path: raw.path.strip_prefix(&below)?.to_owned(), ..raw });
    let raws = raws.into_iter().filter_map(inside).collect();
    let inner = reader.of_part(reader.tree);
    Some(assemble(inner, &Place { folder: at, depth: place.depth + 1 }, raws, &[], room))
}

fn archived(
    reader: &mut Reader<'_>,
    place: &Place,
    at: &str,
    path: &str,
    file: Option<&Raw>,
    room: &mut Room,
) -> Option<Chart> {
    let Some(file) = file else {
        let location = reader.start_of(at);
        reader.problem(ProblemKind::ArchiveInvalid, location, path, format!("`{path}` is a folder, not an archive"));
        return None;
    };
    // Once there was too much, which is said, no further archive is unpacked.
    let left = room.bytes?;
    let archive = match Archive::from_bytes(&file.data, &reader.tree.shown(at)) {
        Ok(archive) => archive,
        Err(error) => {
            reader.unread(at, path, &error);
            return None;
        }
    };
    room.bytes = left.checked_sub(archive.size());
    if room.bytes.is_none() {
        let message = format!("the packaged sub-charts unpack to more than {UNPACKED_LIMIT} bytes");
        reader.failures.push(Failure::new(FailureKind::Limit, message).at_path(reader.tree.shown(at)));
        return None;
    }
    let tree: Arc<dyn Tree> = Arc::new(archive);
    let mut inner = reader.of_part(&tree);
    let gathered = gather(&mut inner, "");
    let place = Place { folder: String::new(), depth: place.depth + 1 };
    Some(assemble(inner, &place, gathered.packaged, &[], room))
}

/// What Helm writes into the package (`pkg/chart/v2/util/save.go`), sorted by path.
fn packaged_files(tree: &dyn Tree, own: Vec<Raw>, dependencies: &[Chart], api_version: &str) -> Vec<File> {
    let is_written = |path: &str| match path {
        "Chart.lock" => api_version == "v2",
        "requirements.yaml" | "requirements.lock" => api_version == "v1",
        _ => true,
    };
    let own = own.into_iter().filter(|raw| is_written(&raw.path));
    let mut files: Vec<_> =
        own.map(|raw| File { shown: tree.shown(&raw.at), path: raw.path, data: raw.data }).collect();
    for dependency in dependencies {
        let folder = dependency.path.rsplit('/').next().unwrap_or_default();
        let folder = format!("charts/{}", dependency.name().unwrap_or(folder));
        let inner = dependency.files.iter();
        files.extend(inner.map(|file| File { path: format!("{folder}/{}", file.path), ..file.clone() }));
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

/// Whether Helm installs a file in `crds/`.
fn is_manifest(path: &str) -> bool {
    let extension = std::path::Path::new(path).extension();
    extension.is_some_and(|found| ["yaml", "yml", "json"].iter().any(|known| found.eq_ignore_ascii_case(known)))
}
