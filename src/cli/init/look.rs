//! What a repository says of itself: its charts, where they are pushed, and the CI system that does it.

use std::path::Path;

use regex::Regex;

use crate::chart::{self, Found};
use crate::cli::args::CiSystem;
use crate::source::{Dir, Error, Tree};

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Folders of charts.
    pub(super) charts: Vec<String>,
    /// The registry that charts are pushed to, and the file that says so.
    pub(super) registry: Option<(String, String)>,
    pub(super) ci: Option<CiSystem>,
}

/// Bytes of a pipeline's file that are looked through.
const LIMIT: u64 = 256 * 1024;

/// Looks around a folder.
///
/// # Errors
/// Where the folder cannot be listed.
pub(super) fn look(folder: &Path) -> Result<Seen, Error> {
    let tree = Dir::folder(folder)?;
    let paths: Vec<String> = tree.list_kept("")?.into_iter().map(|entry| entry.path).collect();
    let found = chart::discover(&tree, "")?.charts;
    let charts = found.into_iter().filter_map(|found| match found {
        Found::Folder(path) => Some(if path.is_empty() { ".".to_owned() } else { path }),
        Found::Archive(_) => None,
    });
    // A file that cannot be read says nothing: the user fills in what is missing.
    let text = |path: &&String| Some((String::from_utf8(tree.read(path, LIMIT).ok()?).ok()?, (*path).clone()));
    let mut pipelines = paths.iter().filter(|path| is_pipeline(path)).filter_map(|path| text(&path));
    let registry = pipelines.find_map(|(text, path)| Some((registry(&text)?, path)));
    Ok(Seen { charts: charts.collect(), registry, ci: ci(&paths) })
}

fn is_pipeline(path: &str) -> bool {
    let is_yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    let is_of_ci =
        [".github/", ".gitlab", ".woodpecker", ".forgejo/", ".gitea/"].iter().any(|start| path.starts_with(start));
    is_yaml && is_of_ci || matches!(path, "Makefile" | "Taskfile.yml" | "Jenkinsfile" | "justfile")
}

fn ci(paths: &[String]) -> Option<CiSystem> {
    let any = |start: &str| paths.iter().any(|path| path.starts_with(start));
    let systems =
        [(".github/", CiSystem::Github), (".gitlab", CiSystem::Gitlab), (".woodpecker", CiSystem::Woodpecker)];
    systems.into_iter().find(|(start, _)| any(start)).map(|(_, system)| system)
}

/// The registry of the first `helm push` that names one without variables.
fn registry(text: &str) -> Option<String> {
    let address = Regex::new(r"oci://[a-zA-Z0-9.:/_-]+").expect("a pattern of our own");
    let pushes = text.lines().filter(|line| line.contains("push"));
    let mut named = pushes.flat_map(|line| address.find_iter(line).map(move |found| (found, &line[found.end()..])));
    let (found, _) = named.find(|(_, rest)| !rest.starts_with(['$', '{', '@']))?;
    // Registries want lower case.
    Some(found.as_str().trim_end_matches('/').to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::registry;

    #[test]
    fn a_registry_is_taken_where_it_is_written_out() {
        let cases = [
            ("- run: helm push a.tgz oci://ghcr.io/Acme/charts", Some("oci://ghcr.io/acme/charts")),
            (
                "- helm push a.tgz \"oci://harbor.example.org:8443/charts/\"",
                Some("oci://harbor.example.org:8443/charts"),
            ),
            ("- helm push a.tgz oci://ghcr.io/$OWNER/charts", None),
            ("- helm push a.tgz oci://${HOST}/charts", None),
            ("- helm pull oci://ghcr.io/other/charts/a", None),
        ];
        for (text, expected) in cases {
            assert_eq!(registry(text).as_deref(), expected, "{text}");
        }
    }
}
