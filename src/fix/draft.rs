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
        let fixes: Vec<&Fix> = fixes.into_iter().collect();
        let placed: Vec<_> = fixes.iter().map(|fix| placed(fix, &mut self.files, sources)).collect::<Result<_, _>>()?;
        if let Some(misfit) = self.files.misfit(&placed, sources) {
            return Err(breaking(fixes[misfit], sources));
        }
        self.files.settle(&placed, sources);
        Ok(())
    }

    /// The same for those that can be added; the others are returned, each with its position and the file that must be left alone.
    pub fn add_each(&mut self, fixes: &[&Fix], sources: &Sources) -> Vec<(usize, Refused)> {
        let (mut kept, mut all, mut refused) = (vec![], vec![], vec![]);
        for (at, fix) in fixes.iter().enumerate() {
            match placed(fix, &mut self.files, sources) {
                Ok(placed) => {
                    kept.push(at);
                    all.push(placed);
                }
                Err(why) => refused.push((at, why)),
            }
        }
        while let Some(misfit) = self.files.misfit(&all, sources) {
            all.remove(misfit);
            let at = kept.remove(misfit);
            refused.push((at, breaking(fixes[at], sources)));
        }
        self.files.settle(&all, sources);
        refused.sort();
        refused
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

fn breaking(fix: &Fix, sources: &Sources) -> Refused {
    Refused { path: sources.seen_path(fix.edits[0].location.source), why: Why::Breaks(fix.title.clone()) }
}
