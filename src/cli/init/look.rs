//! What a repository says of itself: its charts, where they are pushed, and the CI system that does it.

use std::path::Path;

use regex::Regex;

use crate::chart::{self, Found};
use crate::cli::args::CiSystem;
use crate::source::git::Repository;
use crate::source::{Dir, Error, Home, Tree};

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Folders of charts.
    pub(super) charts: Vec<String>,
    /// The registry that charts are pushed to, and the file that says so.
    pub(super) registry: Option<(String, String)>,
    /// Every CI system that the repository has files of, the likeliest first.
    pub(super) systems: Vec<CiSystem>,
    /// The file that Woodpecker reads in place of a folder.
    pub(super) woodpecker: Option<&'static str>,
    /// The branch that pull requests go to, as git knows it.
    pub(super) branch: Option<String>,
}

/// Bytes of a pipeline's file that are looked through.
const LIMIT: u64 = 256 * 1024;

/// Folders of a repository's root in which pipelines lie.
const FOLDERS: [&str; 5] = [".forgejo", ".gitea", ".github", ".gitlab", ".woodpecker"];
/// Files of the root that are one, or call what is.
const FILES: [&str; 7] =
    [".gitlab-ci.yml", ".woodpecker.yml", ".woodpecker.yaml", "Jenkinsfile", "Makefile", "Taskfile.yml", "justfile"];

/// Looks for charts in a folder, and for pipelines in the root of the repository around it.
///
/// # Errors
/// Where the folder cannot be listed.
pub(super) fn look(folder: &Path) -> Result<Seen, Error> {
    let found = chart::discover(&Dir::folder(folder)?, "")?.charts;
    let tree = Dir::folder(Home::new(folder).root())?;
    let in_folders = FOLDERS.iter().filter_map(|folder| tree.list(folder).ok()).flatten().map(|entry| entry.path);
    let is_there = |path: &&str| tree.read(path, LIMIT).is_ok();
    let paths: Vec<String> = in_folders.chain(FILES.into_iter().filter(is_there).map(str::to_owned)).collect();
    let charts = found.into_iter().filter_map(|found| match found {
        Found::Folder(path) => Some(if path.is_empty() { ".".to_owned() } else { path }),
        Found::Archive(_) => None,
    });
    // A file that cannot be read says nothing: the user fills in what is missing.
    let text = |path: &&String| Some((String::from_utf8(tree.read(path, LIMIT).ok()?).ok()?, (*path).clone()));
    let mut pipelines = paths.iter().filter(|path| is_pipeline(path)).filter_map(|path| text(&path));
    let registry = pipelines.find_map(|(text, path)| Some((registry(&text)?, path)));
    Ok(Seen {
        charts: charts.collect(),
        registry,
        systems: systems(&paths),
        woodpecker: woodpecker(&paths),
        branch: branch(Home::new(folder).root()),
    })
}

/// Woodpecker takes the folder, else the first of two files, and no other.
fn woodpecker(paths: &[String]) -> Option<&'static str> {
    if paths.iter().any(|path| path.starts_with(".woodpecker/") && is_pipeline(path)) {
        return None;
    }
    [".woodpecker.yml", ".woodpecker.yaml"].into_iter().find(|file| paths.iter().any(|path| path == file))
}

fn branch(root: &Path) -> Option<String> {
    let git = Repository::open(root).ok()?;
    git.default_branches().into_iter().next().or_else(|| git.branch())
}

fn is_pipeline(path: &str) -> bool {
    path.ends_with(".yml") || path.ends_with(".yaml") || FILES.contains(&path)
}

/// What runs pipelines, and behind it what else there are files of: templates of issues say no more than where a repository lies.
fn systems(paths: &[String]) -> Vec<CiSystem> {
    let signs = [
        (".github/workflows/", CiSystem::Github),
        (".gitlab-ci.yml", CiSystem::Gitlab),
        (".woodpecker", CiSystem::Woodpecker),
        ("Jenkinsfile", CiSystem::Jenkins),
        (".github/", CiSystem::Github),
        (".gitlab/", CiSystem::Gitlab),
    ];
    let mut found = vec![];
    for (start, system) in signs {
        if paths.iter().any(|path| path.starts_with(start)) && !found.contains(&system) {
            found.push(system);
        }
    }
    found
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
    use super::{registry, systems};
    use crate::cli::args::CiSystem;

    #[test]
    fn what_runs_pipelines_comes_before_what_else_there_are_files_of() {
        let of = |paths: &[&str]| systems(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&[".github/CODEOWNERS", ".gitlab-ci.yml"]), [CiSystem::Gitlab, CiSystem::Github]);
        assert_eq!(of(&[".github/workflows/a.yml", "Jenkinsfile"]), [CiSystem::Github, CiSystem::Jenkins]);
        assert_eq!(of(&["Makefile"]), []);
    }

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
