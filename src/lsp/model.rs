//! The charts that a file belongs to, with their values: read when somebody asks, and kept until something they are made of changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::diagnose;
use super::job::Job;
use crate::gate::{Outline, Selection};
use crate::render::Cache;
use crate::text::{Address, Location, SourceId, Sources};

/// What was read last.
#[derive(Default)]
pub(super) struct Model {
    kept: Option<(Key, Charts)>,
}

/// What charts were read of.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    file: PathBuf,
    versions: BTreeMap<PathBuf, i32>,
    turns: u64,
}

/// The charts that a file belongs to.
pub(super) struct Charts {
    /// The charts.
    pub(super) outline: Outline,
    /// Their texts.
    pub(super) sources: Sources,
    /// Their templates, parsed.
    pub(super) cache: Cache,
    folder: PathBuf,
}

impl Model {
    /// The charts of a file. Where the question is about values, a template may be another by now.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub(super) fn charts(
        &mut self,
        job: &Job,
        turns: u64,
        file: &Path,
        is_about_values: bool,
    ) -> Result<&Charts, String> {
        let mut versions = job.versions.clone();
        if is_about_values {
            versions.retain(|path, _| path != file || !is_template(path));
        }
        let key = Key { file: file.to_owned(), versions, turns };
        let is_kept = self.kept.as_ref().is_some_and(|(kept, _)| {
            let same = |(path, version): (&PathBuf, &i32)| kept.versions.get(path) == Some(version);
            kept.file == key.file && kept.turns == key.turns && key.versions.iter().all(same)
        });
        if !is_kept {
            let mut request = job.request();
            if let Selection::Files(files) = &mut request.selection {
                *files = vec![file.to_owned()];
            }
            let sources = job.session.sources();
            let outline = job.session.outline(&request, &sources).map_err(|error| diagnose::why(&error))?;
            self.kept = Some((key, Charts { outline, sources, cache: Cache::default(), folder: job.folder.clone() }));
        }
        self.kept.as_ref().map(|(_, charts)| charts).ok_or_else(String::new)
    }
}

/// Whether a path looks like that of a template; a chart's values lie elsewhere.
pub(super) fn is_template(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "templates")
}

impl Charts {
    /// Whether a text is that of a file.
    pub(super) fn is_of(&self, source: SourceId, file: &Path) -> bool {
        self.path_of(source).is_some_and(|path| path == file)
    }

    /// The file of a text; none where it lies in an archive or was never a file.
    pub(super) fn path_of(&self, source: SourceId) -> Option<PathBuf> {
        match &self.sources.get(source).address {
            Address::Disk(path) => Some(self.folder.join(path)),
            _ => None,
        }
    }

    /// A place as people read it: `values.yaml:12`.
    pub(super) fn shown(&self, at: Location) -> String {
        format!("{}:{}", self.sources.path(at), self.sources.start(at).line)
    }
}
