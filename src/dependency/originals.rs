//! Compares what lies in `charts/` with what its repositories have: a dependency build would put that in its place.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::resolve::{Found, Resolver, Unpacked};
use super::{Fetch, Wanted, fits, is_packaged, lock};
use crate::chart::{self, Chart, Declared, Original};
use crate::finding::Failure;
use crate::source::{Archive, CHART_LIMIT, Entry, Tree, below, join};
use crate::template::go::semver::Version;
use crate::text::Sources;

/// What comparing a chart's parts with their repositories led to.
#[derive(Debug, Default)]
pub struct Compared {
    /// What could not be had, and why.
    pub failures: Vec<Failure>,
    /// What was not asked for, each in a clause.
    pub unasked: Vec<String>,
}

impl Resolver<'_> {
    /// Says of the charts that a chart keeps in `charts/`, and that come from repositories, what these have of the same version. Of what git
    /// ignores a dependency build was here a moment ago, and what comes out of an archive stays as it is.
    pub fn compare(&self, chart: &mut Chart, fetch: Fetch) -> Compared {
        let mut run = Comparing { resolver: self, fetch, unpacked: Unpacked::default(), done: Compared::default() };
        run.fill(chart);
        run.done.unasked.sort();
        run.done.unasked.dedup();
        run.done
    }
}

/// A chart in `charts/`, and what is asked of its repository.
struct Question {
    /// Its path in reports.
    path: String,
    /// Its file or folder in the tree.
    at: String,
    wanted: Wanted,
    /// Whether it is clear which version a dependency build would take.
    is_pinned: bool,
}

/// One chart's comparison.
struct Comparing<'a> {
    resolver: &'a Resolver<'a>,
    fetch: Fetch,
    unpacked: Unpacked,
    done: Compared,
}

impl Comparing<'_> {
    fn fill(&mut self, chart: &mut Chart) {
        if is_packaged(chart) || chart.dependencies.is_empty() {
            return;
        }
        let questions = self.questions(chart);
        for question in &questions {
            match self.original(&*chart.tree, question) {
                Ok(Some(original)) => _ = chart.originals.insert(question.path.clone(), original),
                Ok(None) => {}
                Err(failure) => self.done.failures.push(*failure),
            }
        }
        let asked: BTreeSet<&str> = questions.iter().map(|question| question.path.as_str()).collect();
        for part in chart.dependencies.iter_mut().filter(|part| !asked.contains(part.path.as_str())) {
            self.fill(part);
        }
    }

    fn questions(&self, chart: &Chart) -> Vec<Question> {
        let declared = chart.declared();
        if declared.iter().all(|one| is_here(one)) {
            return vec![];
        }
        // Where that cannot be told, all are.
        let kept = chart.tree.list_kept(&join(&chart.folder, "charts")).ok();
        let counts = |one: &Question| kept.as_ref().is_none_or(|kept| is_kept(kept, &one.at));
        let parts = chart.dependencies.iter();
        parts.filter_map(|part| self.question(chart, part, &declared)).filter(counts).collect()
    }

    /// What is to be asked of a chart in `charts/`; none where no repository is to have it, or its version is another than a build would take.
    fn question(&self, chart: &Chart, part: &Chart, declared: &[Declared<'_>]) -> Option<Question> {
        let (name, version) = (part.name()?, part.version()?);
        let is_it = |one: &&Declared<'_>| one.name == Some(name) && !is_here(one) && fits(one, part);
        let declared = declared.iter().find(is_it)?;
        let pinned = lock::pinned(chart, declared);
        if pinned.is_some_and(|pinned| !lock::is_locked(pinned, version)) {
            return None;
        }
        let mut wanted = Wanted::new(chart, declared, None)?;
        if self.resolver.is_unknown(&wanted.repository)
            && let Some(address) = lock::repository(chart, declared)
        {
            address.clone_into(&mut wanted.repository);
        }
        let is_pinned = pinned.is_some() || Version::parse(declared.version.unwrap_or_default()).is_ok();
        let (exact, range) = (Some(version.to_owned()), version.to_owned());
        let wanted = Wanted { exact, range, at: declared.place("repository"), ..wanted };
        let file = part.path.rsplit('/').next().unwrap_or(&part.path);
        let at = join(&chart.folder, &format!("charts/{file}"));
        Some(Question { path: part.path.clone(), at, wanted, is_pinned })
    }

    /// What a repository has; none where it is not asked.
    fn original(&mut self, tree: &dyn Tree, question: &Question) -> Result<Option<Original>, Box<Failure>> {
        let Question { path, at, wanted, is_pinned } = question;
        let found = match self.resolver.unasked(*is_pinned, self.fetch) {
            None => self.resolver.released(wanted).map_err(|failure| Box::new(uncompared(path, *failure)))?,
            Some(why) => match self.resolver.kept(wanted) {
                None => {
                    self.done.unasked.push(format!("`{path}` was not compared with its repository: {why}"));
                    return Ok(None);
                }
                found => found,
            },
        };
        let Some(found) = found else { return Ok(Some(Original::Absent)) };
        if tree.read(at, CHART_LIMIT).is_ok_and(|data| *data == *found.data) {
            return Ok(Some(Original::Same));
        }
        let loaded = self.load(wanted, &found).map_err(|failure| Box::new(uncompared(path, *failure)))?;
        Ok(Some(Original::Package(Box::new(loaded))))
    }

    fn load(&mut self, wanted: &Wanted, found: &Found) -> Result<Chart, Box<Failure>> {
        let archive = Archive::from_bytes(&found.data, &found.file_name);
        let archive = archive.map_err(|error| Box::new(wanted.broken(&error.to_string())))?;
        self.unpacked.add(&archive, wanted)?;
        let tree: Arc<dyn Tree> = Arc::new(archive);
        // Nothing points into its texts.
        let chart = chart::load_files(&tree, "", &Sources::new());
        match (chart.name(), chart.failures.first()) {
            (_, Some(failure)) => Err(Box::new(wanted.broken(&failure.message))),
            (Some(name), None) if name == wanted.name => Ok(chart),
            (other, None) => {
                Err(Box::new(wanted.broken(&format!("the chart in it is `{}`", other.unwrap_or_default()))))
            }
        }
    }
}

/// Whether no repository is named for a dependency, or a folder of the tree.
fn is_here(declared: &Declared<'_>) -> bool {
    declared.repository.is_none() || declared.folder().is_some()
}

/// Whether a file or folder is among entries, or above one.
fn is_kept(entries: &[Entry], path: &str) -> bool {
    entries.iter().any(|entry| entry.path == path || below(&entry.path, path).is_some())
}

/// That a chart in `charts/` could not be compared.
fn uncompared(path: &str, failure: Failure) -> Failure {
    let aside = "`dependencies.fetch: never` leaves the comparison out";
    let help = failure.help.map_or_else(|| aside.to_owned(), |help| format!("{help}; {aside}"));
    let message = format!("`{path}` cannot be compared with its repository: {}", failure.message);
    Failure { message, help: Some(help), ..failure }
}
