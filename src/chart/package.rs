//! The archive that `helm package` makes of a chart (`pkg/chart/v2/util/save.go`), with the same bytes each time.
//!
//! Helm's own archives differ from run to run in times and in the order of sub-charts.

use std::io;

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};

use super::{Chart, Problem, ProblemKind};
use crate::text::hex;

pub mod content;
mod lock;
mod written;

pub use lock::{lock_fault, lock_text, locked};
pub use written::declared;

pub use content::{Entry, digest, entries, extras, folder_name, own_entries};

/// The byte for an unknown system in gzip's header (RFC 1952, section 2.3.1).
const UNKNOWN_SYSTEM: u8 = 255;

/// A packaged chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// `NAME-VERSION.tgz`
    pub file_name: String,
    /// `name`, as Helm reads it.
    pub name: String,
    /// `version`, as Helm reads it.
    pub version: String,
    /// The archive.
    pub data: Vec<u8>,
}

impl Package {
    /// SHA-256 of the archive, in lower-case hexadecimal digits.
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.data))
    }
}

/// The name of the file that a chart is packaged into, `NAME-VERSION.tgz`; none where Chart.yaml lacks either.
pub fn file_name(chart: &Chart) -> Option<String> {
    written::identity(chart).map(|(name, version)| format!("{name}-{version}.tgz"))
}

/// Packages a chart, every file of it dated `time` (seconds since 1970).
///
/// # Errors
/// What Helm refuses to package the chart for. What kept the chart from being read is not among it: see [`Chart::failures`].
pub fn package(chart: &Chart, time: u64) -> Result<Package, Vec<Problem>> {
    let refusals = refusals(chart);
    let named = chart.metadata.as_ref().filter(|_| refusals.is_empty());
    let Some((name, version)) = named.and_then(|_| written::identity(chart)) else { return Err(refusals) };
    let data = archive(&name, entries(chart), time).map_err(|error| vec![unwritable(chart, &error)])?;
    Ok(Package { file_name: format!("{name}-{version}.tgz"), name, version, data })
}

fn archive(name: &str, entries: Vec<Entry>, time: u64) -> io::Result<Vec<u8>> {
    let gzip = GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM).write(vec![], Compression::default());
    let mut tar = tar::Builder::new(gzip);
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_mtime(time);
        header.set_size(entry.data.len() as u64);
        tar.append_data(&mut header, format!("{name}/{}", entry.path), &*entry.data)?;
    }
    tar.into_inner()?.finish()
}

/// Everything for which Helm does not package a chart.
fn refusals(chart: &Chart) -> Vec<Problem> {
    let all = chart.with_dependencies();
    let found = all.iter().flat_map(|chart| &chart.problems).filter(|problem| is_refused(problem)).cloned();
    found.chain(missing(chart)).collect()
}

fn is_refused(problem: &Problem) -> bool {
    let file = problem.subject.split('#').next().unwrap_or_default();
    match problem.kind {
        ProblemKind::ChartInvalid
        | ProblemKind::SymlinkBroken
        | ProblemKind::FileTooLarge
        | ProblemKind::HelmignoreInvalid
        | ProblemKind::ArchiveInvalid => true,
        // Helm packages any other file as it is.
        ProblemKind::YamlInvalid => {
            matches!(file, "values.yaml" | "values.schema.json" | "requirements.yaml") || lock::NAMES.contains(&file)
        }
        ProblemKind::CrdInvalid
        | ProblemKind::YamlKeyDuplicate
        | ProblemKind::SymlinkOutside
        | ProblemKind::ProvenanceInvalid => false,
    }
}

/// Declared dependencies that are nowhere; Helm looks at those of the chart itself.
fn missing(chart: &Chart) -> impl Iterator<Item = Problem> {
    let missing = chart.unreachable_dependencies();
    chart.declared().into_iter().filter_map(move |declared| {
        let name = declared.name.filter(|name| missing.iter().any(|missing| missing == name))?;
        Some(Problem {
            kind: ProblemKind::ChartInvalid,
            location: declared.place("name"),
            subject: format!("Chart.yaml#dependencies.{name}"),
            related: None,
            message: format!("the dependency `{name}` is not in `charts/`"),
            help: Some("run `helm dependency build` first".into()),
            fix: None,
        })
    })
}

fn unwritable(chart: &Chart, error: &io::Error) -> Problem {
    let metadata = chart.metadata.as_ref().expect("a chart without Chart.yaml was refused");
    Problem {
        kind: ProblemKind::ChartInvalid,
        location: metadata.place("name"),
        subject: String::new(),
        related: None,
        message: format!("the chart cannot be written into an archive: {error}"),
        help: None,
        fix: None,
    }
}
