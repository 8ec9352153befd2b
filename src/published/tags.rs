//! Releases that git tags mark: the chart as it is in the tagged commit.

use std::sync::Arc;

use super::git::charts::{charts, name_of};
use super::{Intent, Published, Release};
use crate::chart::Chart;
use crate::finding::{Failure, FailureKind};
use crate::source::git::{Error, Repository, Revision};
use crate::source::{Entry, Tree as _, below, join};

mod pattern;

pub use pattern::Pattern;

/// How tags are commonly written, for those that are named for a run where no pattern is configured.
const COMMON: [&str; 6] =
    ["{name}-{version}", "{name}-v{version}", "{name}/{version}", "{name}/v{version}", "v{version}", "{version}"];

impl Intent {
    /// The version that the release's tag names, and the pattern it was read by; none where there is no tag, or it is not one of the
    /// chart's. A tag that a CI system names is only read by a pattern that is configured: it may be the application's.
    pub fn tagged(&self, chart: &str) -> Option<(Pattern, &str)> {
        let tag = self.tag.as_ref()?;
        let common = if tag.is_named { &COMMON[..] } else { &[] };
        let mut patterns = match &self.tags {
            Some((written, _)) => Pattern::new(written).into_iter().collect::<Vec<_>>(),
            None => common.iter().filter_map(|text| Pattern::new(text)).collect(),
        }
        .into_iter();
        patterns.find_map(|pattern| pattern.version(chart, &tag.name).map(|version| (pattern.clone(), version)))
    }
}

/// The tags of a repository that mark releases.
#[derive(Debug, Clone)]
pub struct Tags {
    repository: Repository,
    pattern: Pattern,
    /// The pattern as the configuration has it.
    written: String,
    /// A tag that marks what is about to be released, and nothing that was, where its commit has the chart as it is.
    current: Option<String>,
    /// Whether the version in a chart's files is a placeholder, and the tag's is the one that it was released under.
    over_placeholders: bool,
}

/// The tags that mark releases of one chart.
#[derive(Debug)]
struct OfChart {
    tags: Tags,
    /// Where the chart lies now, below the repository's root.
    folder: String,
}

impl Tags {
    /// The tags of a pattern; none where the version does not stand in it exactly once. `current` is the tag that the run is for.
    pub fn new(repository: &Repository, written: &str, current: Option<&str>) -> Option<Self> {
        let (repository, current) = (repository.clone(), current.map(str::to_owned));
        Some(Self {
            pattern: Pattern::new(written)?,
            repository,
            written: written.to_owned(),
            current,
            over_placeholders: false,
        })
    }

    /// The same where pipelines set the version: a tag marks a release of every chart in its commit, whatever version their files have.
    #[must_use]
    pub fn over_placeholders(self, over_placeholders: bool) -> Self {
        Self { over_placeholders, ..self }
    }

    /// They in words.
    pub fn place(&self) -> String {
        format!("git tags {}", self.written)
    }

    /// The releases of a chart, which is looked for in its own folder first.
    pub fn of_chart(&self, chart: &Chart) -> Arc<dyn Published> {
        let folder = if chart.path == "." { String::new() } else { chart.path.clone() };
        Arc::new(OfChart { tags: self.clone(), folder })
    }
}

impl Published for OfChart {
    fn place(&self) -> String {
        self.tags.place()
    }

    fn versions(&self, chart: &str) -> Result<Vec<String>, Box<Failure>> {
        let Tags { repository, pattern, current, .. } = &self.tags;
        if repository.may_lack_tags() {
            return Err(lacking(&format!("which versions of `{chart}` are out")));
        }
        let tags = repository.tags().map_err(|error| failure(&error))?;
        let past = tags.iter().filter(|tag| Some(*tag) != current.as_ref());
        Ok(past.filter_map(|tag| pattern.version(chart, tag)).map(str::to_owned).collect())
    }

    fn open(&self, chart: &str, version: &str) -> Result<Option<Release>, Box<Failure>> {
        let Tags { repository, pattern, current, .. } = &self.tags;
        let tag = pattern.tag(chart, version);
        let place = format!("refs/tags/{tag}");
        let Some(revision) = repository.reference(&place).map_err(|error| failure(&error))? else {
            let what = || format!("whether version `{version}` of `{chart}` is out");
            return if repository.may_lack_tags() { Err(lacking(&what())) } else { Ok(None) };
        };
        let found = self.find(&revision, chart, version).map_err(|error| failure(&error))?;
        if current.as_ref() == Some(&tag) {
            let head = repository.head().map_err(|error| failure(&error))?;
            let is_as_now = |folder: &String| head.as_ref().is_some_and(|head| self.is_same(head, &revision, folder));
            // It marks what is about to be released, wherever it was put.
            if found.as_ref().is_none_or(is_as_now) {
                return Ok(None);
            }
        }
        match found {
            Some(folder) => Ok(Some(Release { place, tree: Arc::new(revision), folder, digest: None })),
            // A tag that names no chart marks a release of others as well.
            None if !pattern.has_name() => Ok(None),
            None => Err(Box::new(without_chart(&tag, chart))),
        }
    }
}

impl OfChart {
    /// Whether a tagged commit has the same files in a folder as HEAD has in the chart's.
    fn is_same(&self, head: &Revision, tagged: &Revision, folder: &str) -> bool {
        let (Ok(now), Ok(then)) = (head.list(&self.folder), tagged.list(folder)) else { return false };
        let is_one = |(now, then): (&Entry, &Entry)| {
            below(&now.path, &self.folder) == below(&then.path, folder)
                && head.blob_id(&now.path) == tagged.blob_id(&then.path)
        };
        now.len() == then.len() && now.iter().zip(&then).all(is_one)
    }

    /// The folder of the chart in a tagged commit: where it is now, else where a chart of that name was.
    fn find(&self, revision: &Revision, name: &str, version: &str) -> Result<Option<String>, Error> {
        let is_named = self.tags.pattern.has_name() || self.tags.over_placeholders;
        let here = revision.file(&join(&self.folder, "Chart.yaml"))?;
        if here.as_deref().and_then(name_of).is_some_and(|(found, _)| found == name) {
            let has_version = here.as_deref().and_then(name_of).is_some_and(|(_, found)| found == version);
            return Ok((is_named || has_version).then(|| self.folder.clone()));
        }
        let mut found: Vec<_> = charts(revision)?.into_iter().filter(|chart| chart.name == name).collect();
        // A sub-chart that another chart brings along may have the name as well.
        found.sort_by_key(|chart| (chart.version != version, chart.folder.split('/').count(), chart.folder.clone()));
        let first = found.into_iter().next();
        Ok(first.filter(|chart| is_named || chart.version == version).map(|chart| chart.folder))
    }
}

/// What to say of tags that are not here: in a clone that leaves some out they may be elsewhere.
fn lacking(what: &str) -> Box<Failure> {
    let message = format!("cannot tell {what}: this clone leaves out tags that the remote may have");
    let help = "fetch the whole history with its tags: `fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` in GitLab CI, \
         else `git fetch --unshallow --tags`";
    Box::new(Failure::new(FailureKind::Git, message).help(help))
}

fn failure(error: &Error) -> Box<Failure> {
    let failure = error.failure();
    let message = format!("the tags cannot say what is published: {}", failure.message);
    Box::new(Failure { message, ..failure })
}

fn without_chart(tag: &str, chart: &str) -> Failure {
    let message = format!("the tag `{tag}` marks a release of `{chart}`, and no chart of that name is in its commit");
    let help = format!("see `git show --stat {tag}`; a tag that marks no release should not fit `published.tags`");
    Failure::new(FailureKind::Git, message).help(help)
}
