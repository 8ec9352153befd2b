//! What is to be judged: a workspace folder as it is in the editor.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::gate::{Charts, Request, Selection, Session};

/// Files of a workspace folder as they are in the editor.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// Judges it.
    pub(super) session: Arc<Session>,
    /// The folder.
    pub(super) folder: PathBuf,
    /// The root of its repository, which paths in reports begin at.
    pub(super) root: PathBuf,
    /// Which state of the folder this is.
    pub(super) state: u64,
    /// The files whose charts are judged, where it is not known which those are.
    pub(super) files: Vec<PathBuf>,
    /// The charts that are judged; none where the files say which.
    pub(super) charts: Option<Vec<PathBuf>>,
    /// Texts that are open in the editor.
    pub(super) unsaved: BTreeMap<PathBuf, Arc<[u8]>>,
    /// The versions of those.
    pub(super) versions: BTreeMap<PathBuf, i32>,
}

impl Job {
    /// What is asked of the gate. To find out which charts a file belongs to takes a look at every chart of the folder, and so is not done
    /// for each letter.
    pub(super) fn request(&self) -> Request {
        let (paths, selection) = match &self.charts {
            Some(charts) => (charts.clone(), Selection::All),
            None => (vec![self.folder.clone()], Selection::Files(self.files.clone())),
        };
        let charts = Charts { unsaved: self.unsaved.clone(), ..Charts::at_paths(paths) };
        Request { charts, selection, ..Request::default() }
    }
}
