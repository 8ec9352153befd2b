//! The judged chart's own files as places and texts, for checks that look at more than what was parsed.

use std::sync::Arc;

use super::Context;
use crate::chart::TextFile;
use crate::source::join;
use crate::text::{Location, Source, Span};

impl Context<'_> {
    /// The start of a file or folder of the chart, by its path below the chart's folder.
    pub fn start_of(&self, path: &str) -> Location {
        self.placed(path, "")
    }

    /// A packaged file as text, with a source of its own; none where it is not packaged or not UTF-8.
    pub fn text(&self, path: &str) -> Option<TextFile> {
        let file = self.chart.file(path)?;
        let text: Arc<str> = std::str::from_utf8(&file.data).ok()?.into();
        let source = self.placed(path, &text).source;
        Some(TextFile { path: path.to_owned(), source, text, is_whole: true })
    }

    fn placed(&self, path: &str, text: &str) -> Location {
        let at = join(&self.chart.folder, path);
        let source = Source::new(self.chart.tree.shown(&at), self.chart.tree.address(&at), text);
        Location::new(self.sources.add(source), Span::default())
    }
}
