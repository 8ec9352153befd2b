//! Edits that were decided on, laid over files in memory until all of them are known.

use super::Why;
use super::choose::placed;
use super::files::Files;
use super::{Change, Refused, Territory, Texts};
use crate::finding::Fix;
use crate::text::Sources;

/// Files as they would be with some fixes.
#[derive(Debug)]
pub struct Draft<'a> {
    files: Files<'a>,
}

impl<'a> Draft<'a> {
    /// No fixes yet, of files in a territory.
    pub fn new(territory: &'a Territory) -> Self {
        Self { files: Files::new(territory) }
    }

    /// Adds fixes whose places are those of the files as they are on disk or were after an earlier call; all or none.
    ///
    /// # Errors
    /// The file that must be left alone.
    pub fn add<'f>(&mut self, fixes: impl IntoIterator<Item = &'f Fix>, sources: &Sources) -> Result<(), Refused> {
        let added = fixes.into_iter().try_for_each(|fix| self.add_beside(fix, sources));
        match added {
            Ok(()) => self.files.settle(),
            Err(_) => self.files.forget(),
        }
        added
    }

    /// Adds a fix whose places are those before any other that was added since [`settle`](Self::settle).
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_beside(&mut self, fix: &Fix, sources: &Sources) -> Result<(), Refused> {
        let placed = placed(fix, &mut self.files, sources)?;
        let is_added = self.files.apply(&placed, sources);
        let refused =
            || Refused { path: sources.seen_path(fix.edits[0].location.source), why: Why::Breaks(fix.title.clone()) };
        if is_added { Ok(()) } else { Err(refused()) }
    }

    /// Ends what was added beside each other.
    pub fn settle(&mut self) {
        self.files.settle();
    }

    /// The files that have other bytes than on disk.
    pub fn texts(&self) -> Texts {
        self.files.texts()
    }

    /// The same with what they held.
    pub fn changes(self) -> Vec<Change> {
        self.files.changes()
    }
}
