//! What changed since the last release, as far as rules that name a step count it.

use crate::change::{Change, Changes, Step};
use crate::chart::Chart;
use crate::image::ImageRef;
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
    /// The digests that its values files had with a tag.
    pub pins: Vec<Pin>,
    /// What it said of itself in `artifacthub.io/changes`.
    pub said: Option<String>,
}

/// A digest of a values file with its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The file's path below the chart's folder.
    pub file: String,
    /// The path of the block, or of the reference, that names the image.
    pub block: KeyPath,
    /// The tag: the one beside the digest, else `appVersion`.
    pub tag: String,
    /// The digest.
    pub digest: String,
    /// Where the two are, tag first.
    pub at: [Location; 2],
    /// Whether the tag is `appVersion`; only what is rendered tells whether the image is tagged so.
    pub is_by_app_version: bool,
}

/// The digests of a chart's values files that have a tag.
pub fn pins(chart: &Chart) -> Vec<Pin> {
    let app_version = chart.metadata.as_ref().and_then(|metadata| {
        let node = metadata.root().get("appVersion")?;
        Some((text(node)?, node.location))
    });
    let mut pins = vec![];
    for file in chart.values.iter().chain(&chart.values_files) {
        let mut found = Found { file: &file.path, app_version: app_version.as_ref(), pins: &mut pins };
        file.documents.iter().for_each(|document| found.collect(&document.root, &KeyPath::default()));
    }
    pins
}

/// A scalar that says something.
fn text(node: &Node) -> Option<String> {
    node.scalar_text().filter(|text| !text.is_empty()).map(str::to_owned)
}

struct Found<'a> {
    file: &'a str,
    app_version: Option<&'a (String, Location)>,
    pins: &'a mut Vec<Pin>,
}

impl Found<'_> {
    fn collect(&mut self, node: &Node, block: &KeyPath) {
        let part = |names: [&str; 2]| {
            let part = names.iter().find_map(|name| node.get(name).filter(|part| text(part).is_some()))?;
            Some((text(part)?, part.location))
        };
        let beside = part(["tag", "version"]);
        if let Some((digest, digest_at)) = part(["digest", "sha"]) {
            let is_by_app_version = beside.is_none();
            if let Some((tag, tag_at)) = beside.or_else(|| self.app_version.cloned()) {
                self.add(block, (tag, digest), [tag_at, digest_at], is_by_app_version);
            }
        }
        let reference = node.scalar_text().filter(|text| text.contains("@sha")).map(ImageRef::split);
        if let Some(ImageRef { tag, digest, .. }) = reference.filter(|image| !image.tag.is_empty()) {
            self.add(block, (tag, digest), [node.location; 2], false);
        }
        for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
            self.collect(&entry.value, &block.key(&key));
        }
    }

    fn add(&mut self, block: &KeyPath, (tag, digest): (String, String), at: [Location; 2], is_by_app_version: bool) {
        let (file, block) = (self.file.to_owned(), block.clone());
        self.pins.push(Pin { file, block, tag, digest, at, is_by_app_version });
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
