//! Charts that stand beside one and that it depends on by `file://`: what `helm dependency build` would copy into `charts/`.

use super::Chart;
use crate::text::Address;

/// The path of each such chart in the tree, with the name it must have. None for an archive: what is packaged has its `charts/`.
pub(super) fn wanted(chart: &Chart) -> Vec<(String, String)> {
    if matches!(chart.tree.address(&chart.folder), Address::Archived { .. }) {
        return vec![];
    }
    let missing = chart.missing_dependencies();
    let path = |repository: &str| inside(&chart.folder, repository.strip_prefix("file://")?);
    let mut found = vec![];
    for declared in chart.declared() {
        let (Some(name), Some(path)) = (declared.name, declared.repository.and_then(path)) else { continue };
        let one = (path, name.to_owned());
        if missing.contains(&one.1) && !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

/// A path relative to a folder; none where it leads out of the tree, or is absolute.
fn inside(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if relative.starts_with('/') {
        return None;
    }
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    // A chart that depends on itself, or on one around it, would never end.
    let is_around =
        folder == path || path.is_empty() || folder.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/'));
    (!is_around).then_some(path)
}

impl Chart {
    /// Names of declared dependencies that stand neither in `charts/` nor, by `file://`, beside the chart.
    pub fn unreachable_dependencies(&self) -> Vec<String> {
        let is_beside = |name: &String| self.beside.iter().any(|chart| chart.name() == Some(name));
        self.missing_dependencies().into_iter().filter(|name| !is_beside(name)).collect()
    }

    /// What takes part in a rendering: the charts in `charts/`, and those beside that would be copied there.
    pub fn parts(&self) -> impl Iterator<Item = &Self> {
        self.dependencies.iter().chain(&self.beside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_tree_and_leads_to_another_chart() {
        assert_eq!(inside("charts/web", "../common").as_deref(), Some("charts/common"));
        assert_eq!(inside("web", "./lib/x").as_deref(), Some("web/lib/x"));
        for outside in ["../../..", "/etc", ".", "..", "../web"] {
            assert_eq!(inside("charts/web", outside), None, "{outside}");
        }
    }
}
