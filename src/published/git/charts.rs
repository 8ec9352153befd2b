//! The charts of a revision, by name.

use crate::source::git::{Error, Revision};
use crate::text::{Address, Source, Sources};
use crate::yaml::Document;

/// A chart in a revision.
#[derive(Debug, Clone)]
pub(in crate::published) struct Known {
    pub(in crate::published) name: String,
    /// Empty where it has none.
    pub(in crate::published) version: String,
    pub(in crate::published) folder: String,
}

/// Every chart of a revision, sub-charts in folders too.
pub(in crate::published) fn charts(revision: &Revision) -> Result<Vec<Known>, Error> {
    let mut charts = vec![];
    for path in revision.paths_of("Chart.yaml")? {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let named = revision.file(&path)?.as_deref().and_then(name_of);
        charts.extend(named.map(|(name, version)| Known { name, version, folder }));
    }
    Ok(charts)
}

/// `name` and `version` of a Chart.yaml, the version empty where there is none.
pub(in crate::published) fn name_of(text: &[u8]) -> Option<(String, String)> {
    let sources = Sources::new();
    let text = std::str::from_utf8(text).ok()?;
    let source = sources.add(Source::new("Chart.yaml", Address::Rendered, text));
    let document = Document::parse_all(source, text).ok()?.into_iter().next()?;
    let field = |name| document.root.get(name)?.helm_text().map(std::borrow::Cow::into_owned);
    Some((field("name")?, field("version").unwrap_or_default()))
}
