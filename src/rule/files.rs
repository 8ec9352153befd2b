//! Files outside the chart model that rules' parameters name. They are read before any rule looks, because a check reads nothing.

use std::collections::BTreeMap;

use crate::budget::pattern::{Reach, weighed};
use crate::budget::{Budget, Exceeded};
use crate::chart::{Chart, TextFile};
use crate::finding::{Failure, FailureKind};
use crate::source::{Error, FILE_LIMIT, normal};
use crate::text::{Location, Source, Sources, Span};
use crate::yaml::{Document, KeyPath};

/// A place in a file.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Path relative to the chart's folder; it may lead out of it, but not out of the repository.
    pub file: String,
    /// Key path of a value in a YAML or JSON file.
    pub path: Option<String>,
    /// Pattern whose first group, or else the whole of it, is the value.
    pub regex: Option<String>,
    /// Whether charts without the file are fine.
    #[serde(default)]
    pub optional: bool,
}

/// A text in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub text: String,
    /// Where.
    pub location: Location,
}

impl Reference {
    /// Every text in the file that the reference is about.
    ///
    /// # Errors
    /// Where a key path is to be followed in a file that is not YAML, and where a pattern costs too much.
    pub fn places(&self, file: &TextFile) -> Result<Vec<Place>, Unsearched> {
        if let Some(path) = &self.path {
            let path = KeyPath::dotted(path);
            let documents = Document::parse_all(file.source, &file.text)
                .map_err(|error| Unsearched { message: error.message, location: error.location })?;
            let nodes = documents.iter().filter_map(|document| document.root.at(&path));
            return Ok(nodes
                .filter_map(|node| Some(Place { text: node.scalar_text()?.to_owned(), location: node.location }))
                .collect());
        }
        let Some(pattern) = &self.regex else { return Ok(vec![]) };
        let location = Location::new(file.source, Span::default());
        found(pattern, file).map_err(|exceeded| Unsearched { message: format!("`{pattern}`: {exceeded}"), location })
    }

    /// Where in the file, in words.
    pub fn describe(&self) -> String {
        match (&self.path, &self.regex) {
            (Some(path), _) => format!("`{path}`"),
            (None, regex) => format!("a place that fits `{}`", regex.as_deref().unwrap_or_default()),
        }
    }

    /// The file and the place in it, for a fingerprint.
    pub fn subject(&self) -> String {
        format!("{} {}", self.file, self.path.as_ref().or(self.regex.as_ref()).map_or("", String::as_str))
    }
}

/// Why a file was not looked through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsearched {
    /// What is wrong, in lower case.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// Steps of looking for a pattern in one file.
const STEPS: u64 = 2_000_000;

/// Every place in a file that fits a pattern.
fn found(pattern: &str, file: &TextFile) -> Result<Vec<Place>, Exceeded> {
    let budget = Budget::new(STEPS, 1);
    let build = |size| regex::RegexBuilder::new(pattern).size_limit(size).build();
    let (regex, weight) = weighed(pattern, build).map_err(|_| budget.overdraw())?;
    let reach = Reach::new(pattern.to_owned(), weight);
    let (mut reaching, mut all) = (reach.start(), regex.captures_iter(&file.text));
    let mut places = vec![];
    let mut start = 0;
    loop {
        budget.spend(2 * reaching.steps(file.text.as_bytes(), start))?;
        let Some(groups) = all.next() else { return Ok(places) };
        let whole = groups.get_match();
        start = whole.end();
        let found = groups.get(1).unwrap_or(whole);
        let location = Location::new(file.source, Span::new(found.start(), found.end()));
        places.push(Place { text: found.as_str().to_owned(), location });
    }
}

/// Whether a value is a list of [`Reference`]s; the words say what is wrong.
pub(super) fn check(value: &serde_json::Value) -> Result<(), String> {
    let references: Vec<Reference> = serde_json::from_value(value.clone())
        .map_err(|error| format!("expected a list of `{{file, path | regex}}`: {error}"))?;
    for Reference { file, path, regex, .. } in &references {
        match (path, regex) {
            (Some(_), None) => {}
            (None, Some(pattern)) => {
                let build = |size| regex::RegexBuilder::new(pattern).size_limit(size).build();
                weighed(pattern, build).map_err(|_| format!("`{pattern}` is not a regular expression"))?;
            }
            _ => return Err(format!("`{file}` needs either `path` or `regex`")),
        }
    }
    Ok(())
}

/// Files by the path that named them; none behind a path at which nothing stands.
#[derive(Debug, Clone, Default)]
pub struct Files(BTreeMap<String, Option<TextFile>>);

impl Files {
    /// Reads files of the chart's tree; paths are relative to the chart's folder.
    ///
    /// What cannot be read becomes a failure; its path is then unknown to [`Files::get`].
    pub fn read<'a>(
        chart: &Chart,
        sources: &Sources,
        paths: impl IntoIterator<Item = &'a str>,
    ) -> (Self, Vec<Failure>) {
        let mut files = Self::default();
        let mut failures = vec![];
        for path in paths {
            if files.0.contains_key(path) {
                continue;
            }
            match text(chart, sources, path) {
                Ok(file) => _ = files.0.insert(path.to_owned(), file),
                Err(reason) => failures.push(
                    Failure::new(FailureKind::Read, reason)
                        .of_chart(&chart.path)
                        .help("see the rule's parameter `files`"),
                ),
            }
        }
        (files, failures)
    }

    /// The file of a path: none where nothing stands, and nothing at all where it could not be read.
    pub fn get(&self, path: &str) -> Option<Option<&TextFile>> {
        self.0.get(path).map(Option::as_ref)
    }
}

fn text(chart: &Chart, sources: &Sources, path: &str) -> Result<Option<TextFile>, String> {
    let whole = normal(&chart.folder, path).ok_or_else(|| format!("`{path}` leads out of the repository"))?;
    let bytes = match chart.tree.read(&whole, FILE_LIMIT) {
        Ok(bytes) => bytes,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let text = String::from_utf8(bytes).map_err(|_| format!("`{path}` is not UTF-8"))?;
    let source = sources.add(Source::new(chart.tree.shown(&whole), chart.tree.address(&whole), text));
    Ok(Some(TextFile { path: path.to_owned(), source, text: sources.get(source).text.clone(), is_whole: true }))
}
