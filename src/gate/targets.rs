//! Which Kubernetes versions a chart's objects are judged for, and what the chart renders to there.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::lens::{Lens, options, render_with};
use crate::chart::Chart;
use crate::kubernetes::{self, Minor};
use crate::profile::Profile;
use crate::render::{self, KubeVersion, Options, Rendered};
use crate::rule::{Judged, Unfit};
use crate::values::dependency::is_compatible;

/// What objects are judged of.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// The rendering for the highest version, and where the chart looks at the version every other down to that for the lowest.
    pub judged: Vec<Judged>,
    /// Why there is none for others that were asked: the lowest, the highest, and some between them.
    pub unfit: Vec<Unfit>,
}

/// The versions that a chart is judged for under a profile, and what it renders to there.
pub(super) fn targets(chart: &Chart, profile: &Profile, lens: Lens<'_>, rendered: &Arc<Rendered>) -> Targets {
    let minors = minors(chart, profile, lens);
    let Some(range) = range(&minors).filter(|range| shows_version(chart, rendered, *range)) else {
        return Targets { judged: vec![Judged::new(Arc::clone(rendered), minors, lens.admitted)], unfit: vec![] };
    };
    let renders = Renders { chart, profile, lens, like: rendered };
    // Where the highest version is none of those that were chosen for the chart, what was rendered stands for it.
    let stands = lens.kube_versions.is_empty().then_some(range.1);
    let last = renders.nearest(range.1, (range.0.0..=range.1.0).rev(), rendered, stands);
    let (top, high, above) = match last {
        Ok(last) => last,
        // What was rendered is for none of the versions.
        Err(error) => {
            let own = nearest(&rendered.kube_version);
            let judged = vec![Judged::new(Arc::clone(rendered), vec![own], lens.admitted)];
            return Targets { judged, unfit: vec![Unfit { minor: range.1, error, nearest: own }] };
        }
    };
    // One version at least renders: that at the top.
    let first = renders.nearest(range.0, range.0.0..=top.0, &high, Some(top));
    let (bottom, low, below) = first.unwrap_or_else(|_| (top, Arc::clone(&high), None));
    let unfit = below.into_iter().chain(above).collect();
    let mut stretches = Stretches { renders, left: LOOKS, found: vec![], unfit };
    let mut before = (bottom, low);
    for minor in mentioned(chart, (bottom, top)).into_iter().filter(|_| lens.cache.has_plenty()) {
        let there = renders.at(minor, [&before.1, &high]);
        let Some(there) = stretches.fit(minor, before.0, there) else { continue };
        stretches.between(before, (minor, Arc::clone(&there)));
        before = (minor, there);
    }
    stretches.between(before, (top, high));
    let found = stretches.found.into_iter().rev();
    let judged = found.map(|(rendered, minors)| Judged::new(rendered, minors, lens.admitted)).collect();
    Targets { judged, unfit: stretches.unfit }
}

/// The versions that a softened rendering is judged for: all, unless a template looks at the version.
pub(super) fn of_softened(chart: &Chart, profile: &Profile, lens: Lens<'_>, softened: &Arc<Rendered>) -> Targets {
    let minors =
        if softened.looks.version { vec![nearest(&softened.kube_version)] } else { minors(chart, profile, lens) };
    Targets { judged: vec![Judged::new(Arc::clone(softened), minors, lens.admitted)], unfit: vec![] }
}

/// Renderings between the lowest and the highest version, at most: enough to find a change.
const LOOKS: usize = 4;
/// The versions between two others at which what is rendered may change, as lines of templates name them that ask for one: `1.30`, `>=1.29-0`,
/// a minor version `"30"`; beside the minor version alone, any number.
fn mentioned(chart: &Chart, (first, last): (Minor, Minor)) -> BTreeSet<Minor> {
    static NAMED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?:\bv?1\.|["'])([0-9]{2})\b"#).expect("the pattern is fixed"));
    static ANY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b([0-9]{2})\b").expect("the pattern is fixed"));
    let charts = chart.with_dependencies();
    let texts = charts.iter().flat_map(|chart| &chart.templates).map(|template| &*template.text);
    let mut minors = BTreeSet::new();
    for text in texts {
        let kept = kept(text);
        let of_minor = |line: &str| line.to_ascii_lowercase().contains("minor") || has_any(line, &kept);
        for line in text.lines().filter(|line| has_any(line, &["KubeVersion", "semverCompare"]) || of_minor(line)) {
            let pattern = if of_minor(line) { &*ANY } else { &*NAMED };
            minors.extend(pattern.captures_iter(line).filter_map(|named| named[1].parse::<u8>().ok()));
        }
    }
    let edges = minors.into_iter().flat_map(|minor| [minor.saturating_sub(1), minor, minor + 1]).map(Minor);
    edges.filter(|minor| first < *minor && *minor < last).collect()
}

/// Variables that a template keeps the version in.
fn kept(text: &str) -> Vec<&str> {
    static SET: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(\$\w+)\s*:?=.*KubeVersion").expect("the pattern is fixed"));
    text.lines().filter_map(|line| SET.captures(line)?.get(1)).map(|name| name.as_str()).collect()
}

fn has_any(line: &str, words: &[&str]) -> bool {
    words.iter().any(|word| line.contains(word))
}

/// What a chart renders to under a profile, version by version.
#[derive(Clone, Copy)]
struct Renders<'a> {
    chart: &'a Chart,
    profile: &'a Profile,
    lens: Lens<'a>,
    /// What it renders to at its own version.
    like: &'a Arc<Rendered>,
}

/// A version with what the chart renders to there, and why it does not render for the one that was asked for.
type Nearest = (Minor, Arc<Rendered>, Option<Unfit>);

impl Renders<'_> {
    /// The first of several versions for which the chart renders; `known` is what it renders to at its own version, and at `stands`. An error is
    /// why it renders for the first of none.
    fn nearest(
        self,
        asked: Minor,
        minors: impl Iterator<Item = u8>,
        known: &Arc<Rendered>,
        stands: Option<Minor>,
    ) -> Result<Nearest, render::Error> {
        let mut refused = None;
        for minor in minors.map(Minor) {
            let is_known = stands == Some(minor) || is_for(known, minor);
            match if is_known { Ok(Arc::clone(known)) } else { self.at(minor, [known, known]) } {
                Ok(rendered) => {
                    let unfit = refused.map(|error| Unfit { minor: asked, error, nearest: minor });
                    return Ok((minor, rendered, unfit));
                }
                Err(error) => _ = refused.get_or_insert(error),
            }
        }
        Err(refused.expect("there is a version to ask for"))
    }

    /// What the chart renders to at a version; where that is what one of two others is, that one.
    fn at(self, minor: Minor, known: [&Arc<Rendered>; 2]) -> Result<Arc<Rendered>, render::Error> {
        let Self { chart, profile, lens, like } = self;
        let room = lens.cache.room();
        let patch = admitted(demanded(chart), minor).unwrap_or("0");
        let kube_version = KubeVersion::parse(&format!("v{minor}.{patch}")).unwrap_or_default();
        let like = Some(Arc::clone(like));
        let options = Options { kube_version, like, ..options(chart, profile, lens) };
        let made = render_with(chart, profile, lens, &options);
        let same = made.as_ref().ok().and_then(|made| known.into_iter().find(|known| is_same(made, known)));
        if let Some(same) = same {
            lens.cache.give_back(room);
            return Ok(Arc::clone(same));
        }
        made
    }
}

/// The first and the last of several versions.
fn range(minors: &[Minor]) -> Option<(Minor, Minor)> {
    minors.first().copied().zip(minors.last().copied()).filter(|(first, last)| first != last)
}

fn is_for(rendered: &Rendered, minor: Minor) -> bool {
    rendered.kube_version.major == 1 && rendered.kube_version.minor == u64::from(minor.0)
}

fn is_same(left: &Arc<Rendered>, right: &Arc<Rendered>) -> bool {
    Arc::ptr_eq(left, right) || left.is_same_as(right)
}

/// Stretches of versions for which a chart renders to the same, the lowest first.
struct Stretches<'a> {
    renders: Renders<'a>,
    /// How often the chart may still be rendered.
    left: usize,
    found: Vec<(Arc<Rendered>, Vec<Minor>)>,
    unfit: Vec<Unfit>,
}

impl Stretches<'_> {
    /// What the chart renders to for a version, where it does; else why not is noted.
    fn fit(
        &mut self,
        minor: Minor,
        nearest: Minor,
        made: Result<Arc<Rendered>, render::Error>,
    ) -> Option<Arc<Rendered>> {
        match made {
            Ok(made) => Some(made),
            Err(error) => {
                self.unfit.push(Unfit { minor, error, nearest });
                None
            }
        }
    }

    /// Finds where what is rendered changes between two versions: of two that render to the same, those between do too.
    fn between(&mut self, (low, first): (Minor, Arc<Rendered>), (high, last): (Minor, Arc<Rendered>)) {
        if is_same(&first, &last) {
            return (low.0..=high.0).for_each(|minor| self.add(&last, Minor(minor)));
        }
        let middle = Minor(low.0.midpoint(high.0));
        let is_asked = middle != low && self.left > 0 && self.renders.lens.cache.has_plenty();
        self.left -= usize::from(is_asked);
        let between = is_asked.then(|| self.renders.at(middle, [&first, &last]));
        if let Some(between) = between.and_then(|made| self.fit(middle, low, made)) {
            self.between((low, first), (middle, Arc::clone(&between)));
            self.between((middle, between), (high, last));
        } else {
            self.add(&first, low);
            self.add(&last, high);
        }
    }

    fn add(&mut self, rendered: &Arc<Rendered>, minor: Minor) {
        match self.found.last_mut() {
            Some((_, minors)) if minors.last() == Some(&minor) => {}
            Some((known, minors)) if is_same(known, rendered) => minors.push(minor),
            _ => self.found.push((Arc::clone(rendered), vec![minor])),
        }
    }
}

/// The version that the profile or the configuration names, else the lowest and the highest that the chart admits, else the newest.
fn minors(chart: &Chart, profile: &Profile, lens: Lens<'_>) -> Vec<Minor> {
    let known = kubernetes::embedded();
    let named = |text: &str| KubeVersion::parse(text).map(|version| nearest(&version));
    if let Some(minor) = profile.helm.kube_version.as_deref().and_then(named) {
        return vec![minor];
    }
    if let (Some(first), Some(last)) = (lens.kube_versions.first(), lens.kube_versions.last()) {
        return ends(*first, *last);
    }
    if let Some(minor) = lens.kube_version.and_then(named) {
        return vec![minor];
    }
    let range = demanded(chart);
    let is_admitted = |minor: &Minor| admitted(range, *minor).is_some();
    let every = (known.start().0..=known.end().0).map(Minor);
    let admitted: Vec<Minor> = every.filter(|minor| !range.is_empty() && is_admitted(minor)).collect();
    let last = admitted.last().unwrap_or(known.end());
    ends(*admitted.first().unwrap_or(last), *last)
}

fn ends(first: Minor, last: Minor) -> Vec<Minor> {
    (first.0..=last.0).map(Minor).collect()
}

/// The nearest version whose definitions are embedded.
fn nearest(version: &KubeVersion) -> Minor {
    let known = kubernetes::embedded();
    let minor = u8::try_from(version.minor).map_or(*known.end(), Minor);
    minor.clamp(*known.start(), *known.end())
}

/// The patch of a minor version that a range admits: the first, or a late one.
fn admitted(range: &str, minor: Minor) -> Option<&'static str> {
    ["0", "99"].into_iter().find(|patch| is_compatible(range, &format!("v{minor}.{patch}")))
}

/// `kubeVersion` of Chart.yaml.
fn demanded(chart: &Chart) -> &str {
    chart.metadata.as_ref().and_then(|metadata| metadata.text("kubeVersion")).unwrap_or_default()
}

/// Whether the chart may render otherwise, or not at all, at one end of several versions.
fn shows_version(chart: &Chart, rendered: &Rendered, (first, last): (Minor, Minor)) -> bool {
    let range = demanded(chart);
    let is_admitted = |minor: Minor| range.is_empty() || admitted(range, minor).is_some();
    rendered.looks.version || ![first, last].into_iter().all(is_admitted)
}
