//! `chartgate package`: writes what `helm package` writes, with the same bytes on every machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::{Color, PackageArgs, Table};
use super::environment::Environment;
use super::exit;
use super::output::{self, Output};
use super::refusal::refused;
use crate::chart::Problem;
use crate::chart::package::Package;
use crate::finding::{Failure, Label};
use crate::gate::{Packed, Request};
use crate::report::{Look, human};
use crate::text::Sources;
use crate::text::printable::Printable;

pub(super) fn run(arguments: &PackageArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let look = environment.look(color, false);
    let sources = Sources::new();
    let time = match environment.source_date() {
        Ok(time) => time,
        Err(message) => {
            output.refuse(message);
            return exit::USAGE;
        }
    };
    let request =
        Request { charts: arguments.state.charts(&arguments.charts, &arguments.versions), ..Request::default() };
    match environment.session(arguments.offline).pack(&request, time, &sources) {
        Ok(packed) => write(&packed, arguments, environment, output, &Teller { sources: &sources, look }),
        Err(error) => refused(&error, &sources, look, output),
    }
}

/// Says what is wrong.
struct Teller<'a> {
    sources: &'a Sources,
    look: Look,
}

impl Teller<'_> {
    fn refusal(&self, chart: &str, problem: &Problem) -> Printable {
        let label = Label::new(problem.location, "");
        let message = format!("`{chart}` cannot be packaged: {}", problem.message);
        human::message("error", &message, Some(&label), problem.help.as_deref(), self.sources, self.look)
    }

    fn failure(&self, failure: &Failure) -> Printable {
        human::failure(failure, self.sources, self.look)
    }
}

/// Writes all packages, or none where one chart cannot be packaged.
fn write(
    packed: &[Packed],
    arguments: &PackageArgs,
    environment: &Environment,
    output: &mut Output,
    teller: &Teller<'_>,
) -> u8 {
    let failures: Printable =
        packed.iter().flat_map(|each| &each.failures).map(|failure| teller.failure(failure)).collect();
    let refused = |each: &Packed| -> Printable {
        let problems = each.package.as_ref().err().into_iter().flatten();
        problems.map(|problem| teller.refusal(&each.path, problem)).collect()
    };
    let refusals: Printable = packed.iter().map(refused).collect();
    output.complain(&refusals);
    output.complain(&failures);
    match (refusals.is_empty(), failures.is_empty()) {
        (false, _) => return exit::FAIL,
        (true, false) => return exit::UNDECIDED,
        (true, true) => {}
    }
    let rows: Vec<(PackageRow, &Packed, &Package)> = packed
        .iter()
        .filter_map(|each| each.package.as_ref().ok().map(|package| (row(arguments, each, package), each, package)))
        .collect();
    if let Some(message) = clash(&rows) {
        output.refuse(message);
        return exit::USAGE;
    }
    for (row, each, package) in &rows {
        if let Err(error) =
            output::replace_named(&environment.working_dir, Path::new(&row.path), &package.data, each.time)
        {
            output.refuse(format!("cannot write `{}`: {error}", row.path));
            return exit::UNDECIDED;
        }
    }
    let rows: Vec<PackageRow> = rows.into_iter().map(|(row, ..)| row).collect();
    output.print(&match arguments.format {
        Table::Table => rows.iter().map(|row| Printable::line(format!("{} {}", row.path, row.digest))).collect(),
        Table::Json => Printable::json(&rows),
    });
    exit::PASS
}

/// Two charts that one file would be written for.
fn clash(rows: &[(PackageRow, &Packed, &Package)]) -> Option<String> {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    rows.iter().find_map(|(row, ..)| {
        let first = known.insert(&row.path, &row.chart).filter(|first| *first != row.chart)?;
        Some(format!("both `{first}` and `{}` would become `{}`", row.chart, row.path))
    })
}

/// A package; the wire form of `--format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PackageRow {
    chart: String,
    name: String,
    version: String,
    path: String,
    digest: String,
    /// `dirHash` of the unpacked chart.
    content: String,
}

fn row(arguments: &PackageArgs, packed: &Packed, package: &Package) -> PackageRow {
    let folder: PathBuf = arguments.destination.clone().unwrap_or_default();
    PackageRow {
        chart: packed.path.clone(),
        name: package.name.clone(),
        version: package.version.clone(),
        path: folder.join(Path::new(&package.file_name)).display().to_string(),
        digest: format!("sha256:{}", package.sha256()),
        content: packed.content.clone(),
    }
}
