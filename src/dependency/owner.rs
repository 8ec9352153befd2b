//! Whose a file is, of a chart and those that it is made with: what another published is mended by a newer version of it, or from above by values.

use super::is_packaged;
use crate::chart::{Chart, Declared};
use crate::text::Location;

/// A chart that another is made with, however deep, as the other sees it.
#[derive(Debug, Clone)]
pub struct Owner<'a> {
    /// The chart.
    pub chart: &'a Chart,
    /// The names by which values know it, outermost first.
    pub keys: Vec<&'a str>,
    /// Who published it, where that was somebody else.
    pub foreign: Option<Foreign<'a>>,
}

/// A chart that is somebody else's, or a copy of one, so that edits of its files do not last.
#[derive(Debug, Clone, Copy)]
pub struct Foreign<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where it is asked for.
    pub entry: Location,
    /// The folder that it is a copy of (`file://`).
    pub folder: Option<&'a str>,
}

/// The chart that a file is of, among those that a chart is made with; none where it is the chart's own, or of none of them. A template's
/// `name` tells which it is of several that differ only in their alias.
pub fn owner<'a>(whole: &'a Chart, path: &str, name: &str) -> Option<Owner<'a>> {
    let mut known_as = name.split("/charts/").skip(1).map(|rest| rest.split('/').next().unwrap_or_default());
    let mut found = Owner { chart: whole, keys: vec![], foreign: None };
    while let Some(part) = found.chart.parts().find(|part| is_below(path, &part.path)) {
        let (wanted, declared) = (known_as.next().unwrap_or_default(), found.chart.declared());
        let of_name = || declared.iter().filter(|one| one.name == part.name());
        let declared = of_name().find(|one| one.key() == Some(wanted)).or_else(|| of_name().next()).copied();
        let name = part.name().unwrap_or_default();
        found.keys.push(declared.and_then(|one| one.key()).unwrap_or(name));
        found.foreign = found.foreign.or_else(|| foreign(found.chart, part, declared));
        found.chart = part;
    }
    (!found.keys.is_empty()).then_some(found)
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a part comes out of a package, or of a repository that the next update takes it from again.
fn foreign<'a>(within: &'a Chart, part: &'a Chart, declared: Option<Declared<'a>>) -> Option<Foreign<'a>> {
    let is_copy = is_packaged(part) && !is_packaged(within);
    let is_fetched = declared.is_some_and(|one| one.repository.is_some() && one.folder().is_none());
    let entry = declared.map(|one| one.place("name")).or_else(|| Some(within.metadata.as_ref()?.place("dependencies")));
    let folder = declared.and_then(|one| one.folder());
    (is_copy || is_fetched).then_some(Foreign { name: part.name()?, entry: entry?, folder })
}
