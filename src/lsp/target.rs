//! What stands at a position: a value that a template reads, or a key of a values file.

use std::path::Path as FilePath;
use std::sync::Arc;

use super::model::Charts;
use super::settings::{Path, parts};
use crate::change::Reads;
use crate::chart::Chart;
use crate::gate::Outlined;
use crate::text::{Location, SourceId, Span};
use crate::yaml::Node;

/// A value of a chart that something stands for.
#[derive(Debug)]
pub(super) struct Target<'c> {
    /// The chart whose values they are.
    pub(super) outlined: &'c Outlined,
    /// Its paths from the root of the chart's values; several where a sub-chart is there several times.
    pub(super) paths: Vec<Path>,
    /// What stands for it.
    pub(super) at: Location,
    /// Whether it is a key of a values file, and no expression of a template.
    pub(super) is_key: bool,
}

/// What stands at a byte of a file, for each chart that the file belongs to.
pub(super) fn at<'c>(charts: &'c Charts, file: &FilePath, offset: usize) -> Vec<Target<'c>> {
    let found =
        |outlined| in_template(charts, outlined, file, offset).or_else(|| in_values(charts, outlined, file, offset));
    charts.outline.charts.iter().filter_map(found).collect()
}

fn in_template<'c>(charts: &'c Charts, outlined: &'c Outlined, file: &FilePath, offset: usize) -> Option<Target<'c>> {
    let (chart, source) = template(charts, outlined, file)?;
    let (at, path) = parsed(chart, source, offset, charts).or_else(|| literal(charts, source, offset))?;
    Some(Target { outlined, paths: from_root(charts, outlined, chart, &path), at, is_key: false })
}

/// The chart that a file is a template of, with its text.
pub(super) fn template<'c>(charts: &Charts, outlined: &'c Outlined, file: &FilePath) -> Option<(&'c Chart, SourceId)> {
    let all = outlined.chart.with_dependencies();
    let mut templates = all.into_iter().flat_map(|chart| chart.templates.iter().map(move |file| (chart, file.source)));
    templates.find(|(_, source)| charts.is_of(*source, file))
}

/// A path of a chart's own values, as one of the values of the chart that is judged. A sub-chart that takes no part has none.
pub(super) fn from_root(charts: &Charts, outlined: &Outlined, chart: &Chart, path: &[Arc<str>]) -> Vec<Path> {
    let parts = parts(charts, outlined).into_iter().filter(|(_, part)| std::ptr::eq(*part, chart));
    parts.map(|(trail, _)| trail.into_iter().chain(path.iter().cloned()).collect()).collect()
}

/// The innermost expression of a template around a byte that stands for a value. Of a chain of fields it is the part up to the one that
/// the byte lies in.
fn parsed(chart: &Chart, source: SourceId, offset: usize, charts: &Charts) -> Option<(Location, Path)> {
    let holds = |span: Span| span.range().contains(&offset) || span.end as usize == offset;
    let sites = Reads::sites(chart, &charts.cache);
    let around = sites.into_iter().filter(|site| site.at.source == source && holds(site.at.span));
    let site = around.min_by_key(|site| site.at.span.end - site.at.span.start)?;
    let text = charts.sources.get(source);
    let written = text.slice(site.at.span);
    let behind = written.get(offset - site.at.span.start as usize..)?;
    let is_chain = !written.contains(char::is_whitespace);
    let end = behind.find('.').filter(|at| is_chain && !(*at == 0 && offset == site.at.span.start as usize));
    let cut = end.map_or(0, |at| behind[at..].matches('.').count());
    let length = site.path.len().checked_sub(cut)?;
    let stop = end.map_or(site.at.span.end as usize, |at| offset + at);
    let at = Location::new(source, Span::new(site.at.span.start as usize, stop));
    Some((at, site.path[..length].to_vec()))
}

/// `.Values.a.b` as it is written around a byte, in a template that cannot be parsed.
fn literal(charts: &Charts, source: SourceId, offset: usize) -> Option<(Location, Path)> {
    let text = charts.sources.get(source);
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    let start = text.text.get(..offset)?.rfind(|letter| !is_part(letter)).map_or(0, |at| at + 1);
    let start = (start..=offset).find(|at| text.text.is_char_boundary(*at))?;
    let rest = text.text.get(offset..)?;
    let end = offset + rest.find(|letter: char| !is_part(letter) || letter == '.').unwrap_or(rest.len());
    let path = text.text.get(start..end)?.strip_prefix(".Values")?;
    let keys = path.split('.').filter(|key| !key.is_empty()).map(Arc::from).collect();
    Some((Location::new(source, Span::new(start, end)), keys))
}

fn in_values<'c>(charts: &'c Charts, outlined: &'c Outlined, file: &FilePath, offset: usize) -> Option<Target<'c>> {
    let is_here = |root: &&Node| charts.is_of(root.location.source, file);
    for chart in outlined.chart.with_dependencies() {
        let documents = chart.values.iter().chain(&chart.values_files).flat_map(|file| &file.documents);
        if let Some((path, at)) =
            documents.map(|document| &document.root).filter(is_here).find_map(|root| key(root, offset))
        {
            return Some(Target { outlined, paths: from_root(charts, outlined, chart, &path), at, is_key: true });
        }
    }
    let mut values = outlined.profiles.iter().flat_map(|profile| &profile.values).filter(is_here);
    let (path, at) = values.find_map(|root| key(root, offset))?;
    Some(Target { outlined, paths: vec![path], at, is_key: true })
}

/// The key at a byte, or whose scalar the byte lies in, with its path.
fn key(root: &Node, offset: usize) -> Option<(Path, Location)> {
    let holds = |at: Location| at.span.range().contains(&offset) || at.span.end as usize == offset;
    let mut path = Path::new();
    let mut node = root;
    loop {
        let entry = node.as_map()?.entries().iter().find(|entry| {
            holds(entry.key.location)
                || holds(entry.value.location)
                || holds(Location { span: entry.key.location.span.to(entry.value.location.span), ..entry.key.location })
        })?;
        path.push(entry.key.key_text().as_ref().into());
        let is_scalar = entry.value.as_map().is_none() && entry.value.as_seq().is_none();
        if holds(entry.key.location) || is_scalar {
            return Some((path, entry.key.location));
        }
        node = &entry.value;
    }
}
