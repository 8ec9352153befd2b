//! What one rendering leaves for the next: parsed templates, schemas, documents, and what they may still take.

use std::sync::Arc;

use super::documents::Documents;
use super::error::Error;
use super::functions::table;
use super::schema::Schemas;
use super::share::Share;
use super::top::{Entry, is_partial};
use crate::chart::{Chart, TextFile};
use crate::helm::Major;
use crate::json_schema::Schema;
use crate::template::Error as TemplateError;
use crate::template::ast::Tree;
use crate::template::limits::Limits;
use crate::template::parser::{self, Input};

/// What was read before, by its text. Shared between threads.
#[derive(Debug, Default)]
pub struct Cache {
    /// Templates of sub-charts that several charts have: library charts are the same in a hundred.
    shared: Arc<parser::Cache>,
    /// All of one chart: each of its profiles renders them.
    own: Arc<Own>,
    pub(super) documents: Arc<Documents>,
    pub(super) share: Share,
}

/// What was read of one chart, by its text alone: true of whatever has that text, and so for the next run as well.
#[derive(Debug, Default)]
pub struct Own {
    templates: parser::Cache,
    schemas: Schemas,
}

/// Looks at the partials of a library chart, which is rendered by nobody: they have to be templates all the same.
///
/// # Errors
/// The first that is none, as Helm says it.
pub fn partials(chart: &Chart, helm: Major, cache: &Cache) -> Result<(), Error> {
    let name = chart.name().unwrap_or_default();
    let mut partials = chart.templates.iter().filter(|file| is_partial(&file.path));
    partials.try_for_each(|file| cache.check(name, file, helm))
}

impl Own {
    /// Forgets what nobody has asked for since the last turn.
    pub fn turn(&self) {
        self.templates.turn();
        self.schemas.turn();
    }
}

impl Cache {
    /// The same for one chart, whose own templates are forgotten with it: those of a hundred charts take a hundred megabytes.
    pub fn of_chart(&self) -> Self {
        self.of_known(Arc::default())
    }

    /// The same for a chart of which something was read before.
    pub fn of_known(&self, own: Arc<Own>) -> Self {
        let share = Share::of(Arc::clone(&self.share.pool));
        Self { shared: Arc::clone(&self.shared), own, share, documents: Arc::default() }
    }

    /// The same for the chart beside its earlier states. What is rendered for that is rendered at the same time as its profiles, and so takes
    /// from a share of its own.
    pub fn of_states(&self) -> Self {
        let (shared, own, documents) = (Arc::clone(&self.shared), Arc::clone(&self.own), Arc::clone(&self.documents));
        Self { shared, own, documents, share: Share::of(Arc::clone(&self.share.pool)) }
    }

    pub(super) fn schemas(&self) -> &Schemas {
        &self.own.schemas
    }

    /// Whether what all charts took together is within bounds.
    ///
    /// # Errors
    /// That it is not.
    pub fn is_enough(&self) -> Result<(), Error> {
        self.share.pool.is_enough()
    }

    /// Takes room for what is kept beside renderings of the chart.
    ///
    /// # Errors
    /// That there is none left.
    pub fn keep(&self, bytes: usize) -> Result<(), Error> {
        self.share.keep(bytes)
    }

    /// Bytes that renderings of the chart may still hold.
    pub fn room(&self) -> u64 {
        self.share.room()
    }

    /// Whether more than half of what the renderings of the chart may take is left: what is no more than worth knowing is rendered only then.
    pub fn has_plenty(&self) -> bool {
        self.share.has_plenty()
    }

    /// Gives back what was taken by renderings since there was so much room, where none of them is kept.
    pub fn give_back(&self, room: u64) {
        self.share.give_back(room);
    }

    /// A chart's schema, ready to judge; none where it is one that cannot be used.
    pub fn schema(&self, file: &TextFile) -> Option<Arc<Schema>> {
        self.own.schemas.ready(file)
    }

    /// A template of a chart with all that it defines, as Helm 4 reads it, which has every function.
    ///
    /// # Errors
    /// Where it is none, with the place.
    pub fn template(&self, file: &TextFile) -> Result<Vec<Tree>, TemplateError> {
        let input = Input { name: file.path.as_str().into(), source: Some(file.source), text: Arc::clone(&file.text) };
        self.parsed(None, &input, Major::Four, &Limits::default())
    }

    /// A template of a chart by the name that Helm gives it, where it is one.
    fn check(&self, chart: &str, file: &TextFile, helm: Major) -> Result<(), Error> {
        let name = format!("{chart}/{}", file.path);
        let input = Input { name: name.as_str().into(), source: Some(file.source), text: Arc::clone(&file.text) };
        let parsed = self.parsed(None, &input, helm, &Limits::default());
        parsed.map(drop).map_err(|error| Error::template(error, &name, helm))
    }

    /// A template with all that it defines, ready to be executed.
    pub(super) fn trees(&self, entry: &Entry<'_>, helm: Major, limits: &Limits) -> Result<Vec<Tree>, Error> {
        let is_own = entry.base.matches('/').count() == 1;
        let shared = (!is_own).then_some(&*self.shared);
        let (name, source, text) = (Arc::clone(&entry.name), Some(entry.file.source), Arc::clone(&entry.file.text));
        let input = Input { name, source, text };
        let parsed = self.parsed(shared, &input, helm, limits);
        parsed.map_err(|error| Error::template(error, &entry.name, helm))
    }

    /// Parses a text. Without the functions that one Helm lacks it is the same for both.
    fn parsed(
        &self,
        shared: Option<&parser::Cache>,
        input: &Input,
        helm: Major,
        limits: &Limits,
    ) -> Result<Vec<Tree>, TemplateError> {
        if helm.lacks().iter().any(|function| input.text.contains(function)) {
            parser::parse(input, table(helm), limits)
        } else {
            self.own.templates.parse(shared, input, table(Major::Four), limits)
        }
    }
}
