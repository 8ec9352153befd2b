//! What changed since the last release, as far as rules that name a step count it.

use crate::change::{Change, Changes, Step};
use crate::chart::{Chart, YamlFile};
use crate::text::Location;
use crate::yaml::{KeyPath, Mapping, Node};

/// A chart's changes since its last release.
#[derive(Debug, Clone)]
pub struct Since {
    /// The release in words, to follow "at".
    pub baseline: String,
    /// `version` of its Chart.yaml.
    pub version: String,
    /// The changes, the furthest-reaching first.
    pub reasons: Vec<Reason>,
    /// The tags that its values files had with a digest.
    pub pins: Vec<Pin>,
    /// What it said of itself in `artifacthub.io/changes`.
    pub said: Option<String>,
}

/// A tag of a values file that a digest stands beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The file's path below the chart's folder.
    pub file: String,
    /// The path of the block that names the image.
    pub block: KeyPath,
    /// The tag.
    pub tag: String,
    /// The digest.
    pub digest: String,
    /// Where the two are, tag first.
    pub at: [Location; 2],
}

/// The tags of a chart's values files that have a digest.
pub fn pins(chart: &Chart) -> Vec<Pin> {
    let mut pins = vec![];
    for file in chart.values.iter().chain(&chart.values_files) {
        file.documents.iter().for_each(|document| collect(file, &document.root, &KeyPath::default(), &mut pins));
    }
    pins
}

fn collect(file: &YamlFile, node: &Node, block: &KeyPath, pins: &mut Vec<Pin>) {
    let part = |names: [&str; 2]| {
        let part = names.iter().find_map(|name| node.get(name))?;
        Some((part.scalar_text().filter(|text| !text.is_empty())?.to_owned(), part.location))
    };
    if let (Some((tag, tag_at)), Some((digest, digest_at))) = (part(["tag", "version"]), part(["digest", "sha"])) {
        let (file, block) = (file.path.clone(), block.clone());
        pins.push(Pin { file, block, tag, digest, at: [tag_at, digest_at] });
    }
    for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
        collect(file, &entry.value, &block.key(&key), pins);
    }
}

/// What a chart says in `artifacthub.io/changes`.
pub fn said(chart: &Chart) -> Option<&Node> {
    chart.metadata.as_ref()?.root().get("annotations")?.get("artifacthub.io/changes")
}

/// A change with the step that its rule calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What changed.
    pub change: Change,
    /// How far it reaches.
    pub step: Step,
}

impl Since {
    /// The changes of which `step` knows the step; none where the release has no version.
    pub fn new(baseline: &str, old: &Chart, changes: &Changes, step: &dyn Fn(&str) -> Option<Step>) -> Option<Self> {
        let reason = |change: &Change| Some(Reason { change: change.clone(), step: step(change.rule)? });
        let mut reasons: Vec<Reason> = changes.found.iter().filter_map(reason).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.step));
        let said = said(old).and_then(Node::scalar_text).map(|text| text.trim().to_owned());
        let (baseline, version) = (baseline.to_owned(), old.version()?.to_owned());
        Some(Self { baseline, version, reasons, pins: pins(old), said })
    }
}
