//! Every place that is configured to know releases, asked as one: any that has other content wins, and one that cannot answer leaves
//! the question open.

use std::sync::Arc;

use super::tags::Tags;
use super::{Comparison, Depth, History, Published, Versions, compare, is_same_version};
use crate::chart::{Chart, Version};
use crate::finding::{Failure, FailureKind, PublishedState};

/// The places that say what is published.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Those that are the same for every chart.
    pub shared: Vec<Arc<dyn Published>>,
    /// Tags are looked for with the chart's folder in mind.
    pub tags: Option<Tags>,
    /// Whether others are configured that are not asked.
    pub is_partial: bool,
}

/// What the places say of a chart.
#[derive(Debug)]
pub struct Answer {
    /// The chart against its own version as it was published, and what else is known.
    pub history: History,
    /// The same for the report.
    pub state: PublishedState,
    /// What could not be answered.
    pub failures: Vec<Failure>,
}

/// A version that is out, and the place that has it.
struct Listed {
    version: Version,
    /// As the place writes it.
    text: String,
    place: usize,
}

impl Places {
    /// Whether there is none to ask.
    pub fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.tags.is_none()
    }

    /// Asks as far as `depth` goes.
    pub fn answer(&self, chart: &Chart, depth: Depth) -> Answer {
        let mut inquiry = Inquiry { chart, places: self.of_chart(chart), failures: vec![] };
        let (history, state) = match (identity(chart), depth) {
            (_, Depth::Nothing) => nothing("no rule asked"),
            _ if !chart.failures.is_empty() => (History::of(Comparison::Failed), PublishedState::Unknown),
            (None, _) => nothing("the chart has no name and version"),
            (Some((name, version)), _) => inquiry.run(&name, &version, depth),
        };
        let state = if self.is_partial && state == PublishedState::Absent { PublishedState::Unknown } else { state };
        Answer { history, state, failures: inquiry.failures }
    }

    /// All places in words.
    pub fn all(&self) -> Vec<String> {
        let tags = self.tags.as_ref().map(Tags::place);
        let mut all: Vec<String> = tags.into_iter().chain(self.shared.iter().map(|place| place.place())).collect();
        all.dedup();
        all
    }

    fn of_chart(&self, chart: &Chart) -> Vec<Arc<dyn Published>> {
        let tags = self.tags.as_ref().map(|tags| tags.of_chart(chart));
        tags.into_iter().chain(self.shared.iter().cloned()).collect()
    }
}

type Answered = (History, PublishedState);

fn nothing(reason: &str) -> Answered {
    (History::of(Comparison::Inapplicable { reason: reason.to_owned() }), PublishedState::Unknown)
}

/// Name and version as Helm reads them.
fn identity(chart: &Chart) -> Option<(String, String)> {
    let root = chart.metadata.as_ref()?.root();
    let field = |name| root.get(name)?.helm_text().map(std::borrow::Cow::into_owned).filter(|text| !text.is_empty());
    Some((field("name")?, field("version")?))
}

struct Inquiry<'a> {
    chart: &'a Chart,
    places: Vec<Arc<dyn Published>>,
    failures: Vec<Failure>,
}

impl Inquiry<'_> {
    fn run(&mut self, name: &str, version: &str, depth: Depth) -> Answered {
        let mut own = self.own(name, version);
        // Another spelling of the same version is a tag of its own, and asked for at once where the chart has one.
        if matches!(own, Comparison::New { .. }) && version.contains('+') {
            match self.versions(name) {
                Some(listed) => own = self.written_otherwise(&listed, name, version).unwrap_or(own),
                None => own = Comparison::Failed,
            }
        }
        let state = match &own {
            Comparison::New { .. } => PublishedState::Absent,
            Comparison::Existing { .. } if own.is_identical() => PublishedState::Identical,
            Comparison::Existing { .. } => PublishedState::Different,
            Comparison::Failed | Comparison::Inapplicable { .. } => PublishedState::Unknown,
        };
        // Once the version is out, it is the last release, and what else is out does not matter.
        if state != PublishedState::Absent || depth < Depth::Versions {
            return (History::of(own), state);
        }
        let Some(listed) = self.versions(name) else {
            return (History { own, last: Comparison::Failed, versions: None }, state);
        };
        if let Some(reused) = self.written_otherwise(&listed, name, version) {
            return (History::of(reused), PublishedState::Different);
        }
        let last = match last(&listed, version) {
            Some(last) if depth >= Depth::Last => self.compare(last.place, name, &last.text, true),
            Some(_) => Some(Comparison::Inapplicable { reason: "no rule asked".to_owned() }),
            None => Some(Comparison::New { baseline: self.words() }),
        };
        let mut all: Vec<Version> = listed.into_iter().map(|listed| listed.version).collect();
        all.dedup();
        let versions = Some(Versions { place: self.words(), all });
        (History { own, last: last.unwrap_or(Comparison::Failed), versions }, state)
    }

    /// The chart against its own version in every place.
    fn own(&mut self, name: &str, version: &str) -> Comparison {
        let before = self.failures.len();
        let mut identical = None;
        for place in 0..self.places.len() {
            match self.compare(place, name, version, false) {
                Some(different) if different.is_changed() => return different,
                Some(same @ Comparison::Existing { .. }) => identical = identical.or(Some(same)),
                _ => {}
            }
        }
        if self.failures.len() > before {
            return Comparison::Failed;
        }
        identical.unwrap_or_else(|| Comparison::New { baseline: self.words() })
    }

    /// The chart against what is out with other content under a version that differs in build metadata alone, which Helm cannot tell apart.
    fn written_otherwise(&mut self, listed: &[Listed], name: &str, version: &str) -> Option<Comparison> {
        let is_same = |listed: &&Listed| listed.text != version && is_same_version(&listed.text, version);
        listed
            .iter()
            .filter(is_same)
            .find_map(|listed| self.compare(listed.place, name, &listed.text, true).filter(Comparison::is_changed))
    }

    /// The chart against a version in one place; none where that is a failure, which is kept.
    fn compare(&mut self, place: usize, name: &str, version: &str, is_listed: bool) -> Option<Comparison> {
        let compared = match self.places[place].open(name, version) {
            Ok(Some(release)) => {
                let baseline = format!("the release `{}`", release.place);
                let compared = compare::with_earlier(self.chart, &release.tree, &release.folder, &baseline);
                compared.map(|comparison| under(comparison, version))
            }
            Ok(None) if is_listed => Err(Box::new(vanished(self.places[place].as_ref(), name, version))),
            Ok(None) => Ok(Comparison::New { baseline: format!("`{}`", self.places[place].place()) }),
            Err(failure) => Err(failure),
        };
        compared.map_err(|failure| self.failures.push(failure.of_chart(&self.chart.path))).ok()
    }

    /// Every version that is out, lowest first; none where a place could not say.
    fn versions(&mut self, name: &str) -> Option<Vec<Listed>> {
        let mut listed = vec![];
        let mut is_whole = true;
        for (index, place) in self.places.iter().enumerate() {
            match place.versions(name) {
                Ok(texts) => listed.extend(
                    texts
                        .into_iter()
                        .filter_map(|text| Some(Listed { version: Version::parse(&text)?, text, place: index })),
                ),
                Err(failure) => {
                    self.failures.push(failure.of_chart(&self.chart.path));
                    is_whole = false;
                }
            }
        }
        listed.sort_by(|left, right| (&left.version, &left.text).cmp(&(&right.version, &right.text)));
        is_whole.then_some(listed)
    }

    /// All places in words.
    fn words(&self) -> String {
        let mut places: Vec<String> = self.places.iter().map(|place| format!("`{}`", place.place())).collect();
        places.dedup();
        places.join(" and ")
    }
}

/// The same under the version that was asked for: what lies under it counts, whatever its Chart.yaml says.
fn under(comparison: Comparison, asked: &str) -> Comparison {
    match comparison {
        Comparison::Existing { baseline, app_version, differences, earlier, .. } => {
            Comparison::Existing { baseline, version: Some(asked.to_owned()), app_version, differences, earlier }
        }
        other => other,
    }
}

/// The greatest version below a chart's own, pre-releases only where there is nothing else.
fn last<'a>(listed: &'a [Listed], version: &str) -> Option<&'a Listed> {
    let own = Version::parse(version)?;
    let below = || listed.iter().rev().filter(|listed| listed.version < own);
    below().find(|listed| listed.version.prerelease.is_empty()).or_else(|| below().next())
}

fn vanished(place: &dyn Published, name: &str, version: &str) -> Failure {
    let message = format!("`{}` lists version `{version}` of `{name}` and does not have it", place.place());
    Failure::new(FailureKind::Network, message).help("run the check again; if it stays so, the place is damaged")
}
