//! What a check says of a changed version wherever HEAD may stand: the table in `docs/versions.md` is made here, with real git.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::program;
use crate::git_repo::Repo;

/// What a change does to the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Other files change.
    None,
    /// The content changes under its version.
    Kept,
    /// The content changes with a new version.
    Raised,
}

const CHANGES: [Change; 3] = [Change::None, Change::Kept, Change::Raised];

/// A repository in some state, and how chartgate is asked about it.
struct Place {
    repo: Repo,
    /// Keeps clones and origins alive.
    _others: Vec<Repo>,
    folder: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(&'static str, String)>,
}

impl Place {
    fn at(repo: Repo) -> Self {
        let folder = repo.root().to_owned();
        Self { repo, _others: vec![], folder, arguments: vec![], variables: vec![] }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn asked(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(ToString::to_string));
        self
    }

    /// `pass`, the rule that fails it, or `undecided`.
    fn verdict(&self) -> String {
        let mut command = program();
        command.current_dir(&self.folder).args([
            "check",
            "--offline",
            "--format",
            "json",
            "--select",
            "version-reused",
        ]);
        command.args(&self.arguments).envs(self.variables.iter().map(|(name, value)| (*name, value.as_str())));
        let output = command.output().expect("the program starts");
        let code = output.status.code().expect("it exits");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        match code {
            0 => "pass".to_owned(),
            1 => format!("`{}`", report["findings"][0]["rule"].as_str().expect("a finding")),
            3 => "undecided".to_owned(),
            code => panic!("exit {code}: {report}"),
        }
    }
}

fn chart(repo: &Repo, version: &str, content: u8) {
    repo.write("charts/a/Chart.yaml", format!("apiVersion: v2\nname: a\nversion: {version}\n"));
    repo.write("charts/a/values.yaml", format!("x: {content}\n"));
}

/// `main` with a released chart and one commit after that.
fn released() -> Repo {
    let repo = Repo::new();
    chart(&repo, "1.0.0", 1);
    repo.write("README.md", "0").commit();
    repo.write("README.md", "1").commit();
    repo.remote_branch("main", "HEAD");
    repo
}

/// Makes the change in the working tree.
fn make(repo: &Repo, change: Change) {
    match change {
        Change::None => _ = repo.write("README.md", "2"),
        Change::Kept => chart(repo, "1.0.0", 2),
        Change::Raised => chart(repo, "1.0.1", 2),
    }
}

/// Commits the change in three steps; the version is raised in the one of this number.
fn in_three(repo: &Repo, change: Change, raised_in: usize) {
    for step in 0..3 {
        repo.write("README.md", format!("step {step}"));
        let is_raised = change == Change::Raised && step >= raised_in;
        if change != Change::None {
            chart(repo, if is_raised { "1.0.1" } else { "1.0.0" }, u8::try_from(step).expect("small") + 2);
        }
        repo.commit();
    }
}

/// As GitHub tells it to a job for a push.
fn pushed(repo: Repo, before: &str) -> Place {
    repo.remote_branch("main", "HEAD");
    let event = repo.beside("event.json");
    std::fs::write(&event, format!("{{\"before\": \"{before}\"}}")).expect("writable");
    Place::at(repo).with("GITHUB_EVENT_NAME", "push").with("GITHUB_EVENT_PATH", event.display().to_string())
}

fn head(repo: &Repo) -> String {
    repo.git(&["rev-parse", "HEAD"])
}

fn feature_branch(change: Change) -> Place {
    let repo = released();
    repo.git(&["checkout", "--quiet", "-b", "feature"]);
    make(&repo, change);
    repo.commit();
    Place::at(repo)
}

fn moved_on(change: Change) -> Place {
    let repo = released();
    repo.git(&["checkout", "--quiet", "-b", "feature"]);
    make(&repo, change);
    repo.commit();
    repo.git(&["checkout", "--quiet", "main"]);
    chart(&repo, "1.0.1", 9);
    repo.commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "feature"]);
    Place::at(repo)
}

/// HEAD is the merge that GitHub makes of a pull request.
fn merge_of_request(change: Change) -> Repo {
    let place = feature_branch(change);
    let repo = place.repo;
    repo.git(&["checkout", "--quiet", "--detach", "origin/main"]);
    repo.git(&["merge", "--quiet", "--no-ff", "--message", "merge", "feature"]);
    repo
}

fn pull_request(change: Change) -> Place {
    Place::at(merge_of_request(change)).with("GITHUB_BASE_REF", "main")
}

fn shallow_pull_request(change: Change) -> Place {
    let origin = merge_of_request(change);
    origin.git(&["update-ref", "refs/heads/merge", "HEAD"]);
    let clone = origin.cloned(&["--depth=2", "--branch=merge"]);
    let place = Place::at(clone).with("GITHUB_BASE_REF", "main");
    Place { _others: vec![origin], ..place }
}

fn push_of_three(change: Change, raised_in: usize) -> Place {
    let repo = released();
    let before = head(&repo);
    in_three(&repo, change, raised_in);
    pushed(repo, &before)
}

fn local(change: Change) -> Place {
    let repo = released();
    make(&repo, change);
    repo.commit();
    repo.remote_branch("main", "HEAD");
    Place::at(repo)
}

fn merged(change: Change) -> Place {
    let repo = merge_of_request(change);
    repo.git(&["checkout", "--quiet", "-B", "main"]);
    repo.remote_branch("main", "HEAD");
    Place::at(repo)
}

fn uncommitted(change: Change) -> Place {
    let repo = released();
    make(&repo, change);
    repo.write("untracked", "");
    Place::at(repo)
}

fn tagged(change: Change) -> Place {
    let repo = released();
    repo.git(&["checkout", "--quiet", "-b", "maintenance"]);
    make(&repo, change);
    repo.commit();
    repo.git(&["tag", "release"]);
    Place::at(repo).with("GITHUB_REF_TYPE", "tag").with("GITHUB_REF_NAME", "release")
}

fn alone(change: Change) -> Place {
    let place = local(change);
    place.repo.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    place
}

fn shallow(change: Change, depth: &str) -> Place {
    let origin = local(change).repo;
    let clone = origin.cloned(&[depth, "--branch=main"]);
    Place { _others: vec![origin], ..Place::at(clone) }
}

fn worktree(change: Change) -> Place {
    let repo = local(change).repo;
    let folder = repo.beside("worktree");
    repo.git(&["worktree", "add", "--quiet", "--detach", &folder.display().to_string(), "main"]);
    Place { folder, ..Place::at(repo) }
}

fn submodule(change: Change) -> Place {
    let inner = local(change).repo;
    let outer = Repo::new();
    outer.git(&["submodule", "--quiet", "add", &inner.root().display().to_string(), "sub"]);
    outer.commit();
    let folder = outer.root().join("sub");
    Place { _others: vec![inner], folder, ..Place::at(outer) }
}

fn bare(change: Change) -> Place {
    let origin = local(change).repo;
    let clone = origin.cloned(&["--bare"]);
    Place { _others: vec![origin], ..Place::at(clone) }.asked(&["--at", "main"])
}

fn moved(change: Change) -> Place {
    let repo = released();
    repo.git(&["checkout", "--quiet", "-b", "feature"]);
    make(&repo, change);
    repo.git(&["mv", "charts/a", "elsewhere"]);
    repo.commit();
    Place::at(repo)
}

type Build = fn(Change) -> Place;

const PLACES: [(&str, Build); 20] = [
    ("a feature branch", feature_branch),
    ("the same, and `main` released 1.0.1 meanwhile", moved_on),
    ("a pull request, at GitHub's merge", pull_request),
    ("the same with `fetch-depth: 2`", shallow_pull_request),
    ("a push of one commit", |change| {
        let repo = released();
        let before = head(&repo);
        make(&repo, change);
        repo.commit();
        pushed(repo, &before)
    }),
    ("a push of three, the version raised first", |change| push_of_three(change, 0)),
    ("a push of three, the version raised second", |change| push_of_three(change, 1)),
    ("a push of three, the version raised last", |change| push_of_three(change, 2)),
    ("a push that was forced", |change| {
        let repo = local(change).repo;
        pushed(repo, "0123456789012345678901234567890123456789")
    }),
    ("`main`, nothing told of a push", local),
    ("`main` after a merge", merged),
    ("uncommitted, on `main`", uncommitted),
    ("a tag on another branch", tagged),
    ("no remote", alone),
    ("`main`, a shallow clone of 1", |change| shallow(change, "--depth=1")),
    ("`main`, a shallow clone of 50", |change| shallow(change, "--depth=50")),
    ("a worktree, detached", worktree),
    ("a submodule, from inside", submodule),
    ("a bare clone, `--at main`", bare),
    ("a feature branch that moves the chart", moved),
];

fn table() -> String {
    let mut text = String::from(
        "| where | chart left alone | changed, version kept | changed, version raised |\n|---|---|---|---|\n",
    );
    for (name, build) in PLACES {
        let verdicts: Vec<String> = CHANGES.map(|change| build(change).verdict()).to_vec();
        let _ = writeln!(text, "| {name} | {} |", verdicts.join(" | "));
    }
    text
}

#[test]
fn the_table_of_verdicts_is_what_chartgate_says() {
    const MARKS: [&str; 2] = ["<!-- verdicts -->\n", "<!-- end -->"];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/versions.md");
    let text = std::fs::read_to_string(&path).expect("it is there");
    let (before, rest) = text.split_once(MARKS[0]).expect("the page has the marks");
    let (_, after) = rest.split_once(MARKS[1]).expect("the page has the marks");
    let fresh = format!("{before}{}{}{}{after}", MARKS[0], table(), MARKS[1]);
    if std::env::var_os("CHARTGATE_BLESS").is_some() {
        std::fs::write(&path, &fresh).expect("writable");
    }
    let stored = std::fs::read_to_string(&path).expect("it is there");
    assert!(stored == fresh, "docs/versions.md is stale; write it anew with CHARTGATE_BLESS=1:\n{}", table());
}
