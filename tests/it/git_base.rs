//! What a chart is compared with: the base is the one a reader of the documentation expects, or there is none and the run says so.

use std::sync::Arc;

use chartgate::chart::{self, Chart};
use chartgate::finding::{Failure, FailureKind};
use chartgate::published::Comparison;
use chartgate::published::git::{Baselines, Request};
use chartgate::source::git::Repository;
use chartgate::source::{Dir, Tree};
use chartgate::text::Sources;

use crate::git_repo::Repo;

fn open(repo: &Repo) -> Repository {
    Repository::discover(repo.root()).expect("readable").expect("a repository")
}

/// The chart of the working tree.
fn chart(repo: &Repo, folder: &str) -> Chart {
    let tree: Arc<dyn Tree> = Arc::new(Dir::folder(repo.root()).expect("a folder"));
    chart::load(&tree, folder, &Sources::new())
}

/// The chart of a revision.
fn chart_at(repo: &Repo, revision: &str, folder: &str) -> Chart {
    let tree: Arc<dyn Tree> = Arc::new(open(repo).commit(revision).expect("a commit"));
    chart::load(&tree, folder, &Sources::new())
}

fn compared(repo: &Repo, request: Request<'_>, chart: &Chart) -> Result<Comparison, Box<Failure>> {
    Baselines::resolve(Some(&open(repo)), &request)?.compare(chart)
}

/// A comparison in one line, commits written as in `names`.
fn said(comparison: &Result<Comparison, Box<Failure>>, names: &[(&str, &String)]) -> String {
    let text = match comparison {
        Ok(Comparison::Existing { baseline, version, differences, .. }) => {
            let paths: Vec<&str> = differences.iter().map(|difference| difference.path.as_str()).collect();
            format!("{} at {baseline}: {}", version.as_deref().unwrap_or("-"), paths.join(" "))
        }
        Ok(Comparison::New { baseline }) => format!("new at {baseline}"),
        Ok(other) => format!("{other:?}"),
        Err(failure) => {
            assert_eq!(failure.kind, FailureKind::Git);
            format!("{} -- {}", failure.message, failure.help.as_deref().unwrap_or("no help"))
        }
    };
    names.iter().fold(text, |text, (name, id)| text.replace(&id[..10], name))
}

/// `main` with two commits, and `feature` forked from the second with one of its own; `origin/main` has gone on to a third.
struct Forked {
    repo: Repo,
    first: String,
    fork: String,
    tip: String,
    head: String,
}

fn forked(tip_version: &str, tip_values: &str) -> Forked {
    let repo = Repo::new();
    let first = repo.chart("charts/a", "a", "1.0.0", "x: 0\n").chart("charts/b", "b", "1.0.0", "").commit();
    let fork = repo.chart("charts/a", "a", "1.0.0", "x: 1\n").commit();
    let tip = repo.chart("charts/a", "a", tip_version, tip_values).write("theirs", "").commit();
    repo.remote_branch("main", &tip);
    repo.git(&["checkout", "--quiet", "-b", "feature", &fork]);
    let head = repo.chart("charts/a", "a", "1.0.1", "x: 2\n").commit();
    Forked { repo, first, fork, tip, head }
}

impl Forked {
    fn said(&self, request: Request<'_>) -> String {
        self.said_of(request, &chart(&self.repo, "charts/a"))
    }

    fn said_of(&self, request: Request<'_>, chart: &Chart) -> String {
        let names = [("FIRST", &self.first), ("FORK", &self.fork), ("TIP", &self.tip), ("HEAD", &self.head)];
        said(&compared(&self.repo, request, chart), &names)
    }
}

#[test]
fn a_feature_branch_is_compared_with_where_it_left_the_release_branch() {
    let forked = forked("1.0.0", "x: 1\ny: 1\n");
    let expected = "1.0.0 at the merge-base `FORK` with `origin/main`: Chart.yaml values.yaml";
    assert_eq!(forked.said(Request::default()), expected);
    let untouched = chart(&forked.repo, "charts/b");
    assert_eq!(forked.said_of(Request::default(), &untouched), "1.0.0 at the merge-base `FORK` with `origin/main`: ");
}

#[test]
fn uncommitted_changes_count() {
    let forked = forked("1.0.0", "x: 1\n");
    forked.repo.write("charts/b/templates/new.yaml", "kind: Secret\n");
    let changed = chart(&forked.repo, "charts/b");
    let expected = "1.0.0 at the merge-base `FORK` with `origin/main`: templates/new.yaml";
    assert_eq!(forked.said_of(Request::default(), &changed), expected);
}

#[test]
fn an_explicit_base_is_exactly_that_revision() {
    let forked = forked("1.0.1", "x: 9\n");
    let request = |base| Request { base: Some(base), target_branch: Some("nope"), ..Request::default() };
    assert_eq!(forked.said(request("HEAD~2")), "1.0.0 at `HEAD~2` (`FIRST`): Chart.yaml values.yaml");
    assert_eq!(forked.said(request("origin/main")), "1.0.1 at `origin/main` (`TIP`): values.yaml");
    assert_eq!(forked.said(request("HEAD")), "1.0.1 at `HEAD` (`HEAD`): ");
    assert!(forked.said(request("nope")).contains("`nope` names no commit in this repository"));
}

#[test]
fn a_version_that_the_release_branch_took_in_the_meantime_is_seen() {
    let other = forked("1.0.1", "x: 9\n");
    assert_eq!(other.said(Request::default()), "1.0.1 at the tip of `origin/main` (`TIP`): values.yaml");
    // The same change under the same version is no clash, nor is another version.
    let same = forked("1.0.1", "x: 2\n");
    let expected = "1.0.0 at the merge-base `FORK` with `origin/main`: Chart.yaml values.yaml";
    assert_eq!(same.said(Request::default()), expected);
    assert_eq!(forked("1.0.2", "x: 9\n").said(Request::default()), expected);
    // An unchanged chart is no clash, whatever happened to it on the branch.
    let untouched = chart_at(&other.repo, "HEAD~1", "charts/a");
    assert_eq!(other.said_of(Request::default(), &untouched), "1.0.0 at the merge-base `FORK` with `origin/main`: ");
}

#[test]
fn a_new_chart_whose_name_and_version_the_release_branch_took_is_seen() {
    let repo = Repo::new();
    let fork = repo.write("README.md", "").commit();
    let tip = repo.chart("charts/a", "a", "0.1.0", "theirs: 1\n").commit();
    repo.remote_branch("main", &tip).git(&["checkout", "--quiet", "-b", "feature", &fork]);
    repo.chart("charts/a", "a", "0.1.0", "ours: 1\n").chart("charts/b", "b", "0.1.0", "").commit();
    let names = [("FORK", &fork), ("TIP", &tip)];
    let comparison = |folder| said(&compared(&repo, Request::default(), &chart(&repo, folder)), &names);
    assert_eq!(comparison("charts/a"), "0.1.0 at the tip of `origin/main` (`TIP`): values.yaml");
    assert_eq!(comparison("charts/b"), "new at the merge-base `FORK` with `origin/main`");
}

#[test]
fn the_branch_is_the_configured_one_then_the_one_of_the_ci_then_the_remote_s() {
    let repo = Repo::new();
    let commits: Vec<String> =
        (0..5).map(|number| repo.chart("a", "a", "1.0.0", &format!("x: {number}\n")).commit()).collect();
    let request = |configured, target_branch| Request { configured, target_branch, ..Request::default() };
    let base = |configured, target_branch| {
        let comparison = compared(&repo, request(configured, target_branch), &chart(&repo, "a"));
        let names: Vec<(&str, &String)> = ["C0", "C1", "C2", "C3", "C4"].into_iter().zip(&commits).collect();
        said(&comparison, &names)
            .trim_start_matches("1.0.0 at the merge-base ")
            .trim_end_matches(": values.yaml")
            .to_owned()
    };
    repo.remote_branch("master", &commits[0]);
    assert_eq!(base(None, None), "`C0` with `origin/master`");
    repo.remote_branch("main", &commits[1]);
    assert_eq!(base(None, None), "`C1` with `origin/main`");
    repo.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    assert_eq!(base(None, None), "`C1` with `origin/main`", "a HEAD that leads nowhere is none");
    repo.remote_branch("trunk", &commits[2]);
    assert_eq!(base(None, None), "`C2` with `origin/HEAD`");
    repo.git(&["branch", "release", &commits[3]]);
    assert_eq!(base(None, Some("release")), "`C3` with `release`");
    repo.remote_branch("release", &commits[2]);
    assert_eq!(base(None, Some("release")), "`C2` with `origin/release`");
    assert_eq!(base(Some("release"), Some("main")), "`C3` with `release`");
    assert_eq!(base(Some(""), Some("")), "`C2` with `origin/HEAD`", "empty variables are none");
}

#[test]
fn a_branch_that_was_named_and_is_not_there_is_not_replaced_by_another() {
    let forked = forked("1.0.0", "");
    let missing = forked.said(Request { target_branch: Some("release"), ..Request::default() });
    assert!(missing.contains("`origin/release` names no commit"), "{missing}");
    assert!(missing.contains("git fetch origin release"), "{missing}");
    let missing = forked.said(Request { configured: Some("origin/gone"), ..Request::default() });
    assert!(missing.contains("`origin/gone` names no commit"), "{missing}");
}

#[test]
fn on_the_release_branch_itself_the_base_is_the_first_parent() {
    let repo = Repo::new();
    let first = repo.chart("a", "a", "1.0.0", "x: 1\n").commit();
    let second = repo.chart("a", "a", "1.0.0", "x: 2\n").commit();
    repo.remote_branch("main", "HEAD");
    let names = [("FIRST", &first), ("SECOND", &second)];
    let now = || said(&compared(&repo, Request::default(), &chart(&repo, "a")), &names);
    assert_eq!(now(), "1.0.0 at the parent commit `FIRST`: values.yaml");
    repo.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(now(), "1.0.0 at the parent commit `FIRST`: values.yaml", "detached, as CI has it");
    repo.write("untracked", "");
    assert_eq!(now(), "1.0.0 at the merge-base `SECOND` with `origin/main`: ", "uncommitted: against HEAD");
}

#[test]
fn an_older_commit_of_the_release_branch_is_not_blamed_for_what_came_after() {
    let repo = Repo::new();
    let first = repo.chart("a", "a", "1.0.0", "x: 1\n").commit();
    repo.chart("a", "a", "1.0.1", "x: 2\n").commit();
    repo.chart("a", "a", "1.0.1", "x: 3\n").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "HEAD~1"]);
    let expected = "1.0.0 at the parent commit `FIRST`: Chart.yaml values.yaml";
    assert_eq!(said(&compared(&repo, Request::default(), &chart(&repo, "a")), &[("FIRST", &first)]), expected);
}

#[test]
fn a_merge_commit_is_compared_with_its_first_parent() {
    let forked = forked("1.0.0", "x: 1\ny: 1\n");
    forked.repo.git(&["checkout", "--quiet", "main"]);
    forked.repo.git(&["merge", "--quiet", "--no-ff", "--strategy-option=theirs", "--message", "merge", "feature"]);
    forked.repo.remote_branch("main", "HEAD");
    assert_eq!(forked.said(Request::default()), "1.0.0 at the parent commit `TIP`: Chart.yaml values.yaml");
}

#[test]
fn a_judged_revision_is_compared_with_its_own_parent() {
    let forked = forked("1.0.0", "x: 1\n");
    let at = |revision: &'static str| Request { at: Some(revision), ..Request::default() };
    let fork = chart_at(&forked.repo, "HEAD~1", "charts/a");
    assert_eq!(forked.said_of(at("HEAD~1"), &fork), "1.0.0 at the parent commit `FIRST`: values.yaml");
    let root = chart_at(&forked.repo, "HEAD~2", "charts/a");
    assert_eq!(forked.said_of(at("HEAD~2"), &root), "new at nothing: `FIRST` is a root commit");
    let with_base = Request { base: Some("HEAD"), ..at("HEAD~1") };
    assert_eq!(forked.said_of(with_base, &fork), "1.0.1 at `HEAD` (`HEAD`): Chart.yaml values.yaml");

    let bare = forked.repo.cloned(&["--bare"]);
    let repository = Repository::open(bare.root()).expect("a repository");
    let tree: Arc<dyn Tree> = Arc::new(repository.commit("feature").expect("a commit"));
    let judged = chart::load(&tree, "charts/a", &Sources::new());
    let comparison = Baselines::resolve(Some(&repository), &at("feature")).and_then(|base| base.compare(&judged));
    assert_eq!(
        said(&comparison, &[("FORK", &forked.fork)]),
        "1.0.0 at the parent commit `FORK`: Chart.yaml values.yaml"
    );
}

#[test]
fn everything_is_new_in_the_first_commit_and_before_it() {
    let repo = Repo::new();
    repo.chart("a", "a", "1.0.0", "");
    assert_eq!(
        said(&compared(&repo, Request::default(), &chart(&repo, "a")), &[]),
        "new at nothing: there is no commit yet"
    );
    let root = repo.commit();
    repo.remote_branch("main", "HEAD");
    let comparison = compared(&repo, Request::default(), &chart(&repo, "a"));
    assert_eq!(said(&comparison, &[("ROOT", &root)]), "new at nothing: `ROOT` is a root commit");
}

#[test]
fn without_a_repository_there_is_nothing_to_compare_with() {
    let nowhere = Repo::nowhere();
    nowhere.chart("a", "a", "1.0.0", "");
    let tree: Arc<dyn Tree> = Arc::new(Dir::folder(nowhere.root()).expect("a folder"));
    let chart = chart::load(&tree, "a", &Sources::new());
    let comparison = |request: &Request<'_>| Baselines::resolve(None, request).and_then(|base| base.compare(&chart));
    assert!(matches!(comparison(&Request::default()), Ok(Comparison::Inapplicable { .. })));
    comparison(&Request { base: Some("HEAD"), ..Request::default() }).expect_err("a base was named");
}

#[test]
fn a_repository_without_a_remote_says_how_to_name_a_base() {
    let repo = Repo::new();
    repo.chart("a", "a", "1.0.0", "").commit();
    let message = said(&compared(&repo, Request::default(), &chart(&repo, "a")), &[]);
    for words in
        ["`origin/HEAD`", "`origin/main`", "`origin/master`", "git fetch origin main", "--base", "published.base"]
    {
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn a_branch_without_common_history_is_no_base() {
    let repo = Repo::new();
    repo.chart("a", "a", "1.0.0", "").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "--orphan", "other"]);
    repo.commit();
    let message = said(&compared(&repo, Request::default(), &chart(&repo, "a")), &[]);
    assert!(message.contains("shares no history with it"), "{message}");
}

#[test]
fn shallow_clones_are_compared_only_where_their_history_suffices() {
    let forked = forked("1.0.0", "x: 1\n");
    forked.repo.git(&["branch", "--force", "main", &forked.tip]);
    let clone = |depth: &str| {
        let clone = forked.repo.cloned(&[depth, "--no-single-branch", "--branch=feature"]);
        clone.git(&["remote", "set-head", "origin", "main"]);
        let judged = chart(&clone, "charts/a");
        said(&compared(&clone, Request::default(), &judged), &[("FORK", &forked.fork)])
    };
    assert_eq!(clone("--depth=2"), "1.0.0 at the merge-base `FORK` with `origin/HEAD`: Chart.yaml values.yaml");
    let message = clone("--depth=1");
    assert!(message.contains("shallow clone") && message.contains("fetch-depth: 0"), "{message}");

    // As actions/checkout does it: one commit, one branch.
    let single = forked.repo.cloned(&["--depth=1", "--branch=feature"]);
    let judged = chart(&single, "charts/a");
    let message = said(&compared(&single, Request { target_branch: Some("main"), ..Request::default() }, &judged), &[]);
    assert!(message.contains("`origin/main` names no commit") && message.contains("fetch-depth: 0"), "{message}");
    single.remote_branch("feature", "HEAD");
    let message =
        said(&compared(&single, Request { target_branch: Some("feature"), ..Request::default() }, &judged), &[]);
    assert!(
        message.contains("the parent of") && message.contains("fetch-depth: 0"),
        "a boundary is no root: {message}"
    );
}

#[test]
fn partial_clones_are_compared_where_nothing_is_missing() {
    let forked = forked("1.0.0", "x: 1\n");
    forked.repo.git(&["branch", "--force", "main", &forked.tip]);
    let partial = forked.repo.cloned(&["--filter=blob:none", "--branch=feature"]);
    let same = compared(&partial, Request::default(), &chart(&partial, "charts/b"));
    assert!(!same.expect("nothing to fetch").is_changed());
    let message = said(&compared(&partial, Request::default(), &chart(&partial, "charts/a")), &[]);
    assert!(message.contains("partial clone") && message.contains("git fetch --refetch"), "{message}");
}

#[test]
fn a_worktree_has_its_own_head() {
    let forked = forked("1.0.0", "x: 7\n");
    let worktree = forked.repo.beside("worktree");
    forked.repo.git(&["worktree", "add", "--quiet", &worktree.display().to_string(), "main"]);
    let repository = Repository::discover(&worktree).expect("readable").expect("a repository");
    let tree: Arc<dyn Tree> = Arc::new(Dir::folder(&worktree).expect("a folder"));
    let judged = chart::load(&tree, "charts/a", &Sources::new());
    let comparison = Baselines::resolve(Some(&repository), &Request::default()).and_then(|base| base.compare(&judged));
    assert_eq!(said(&comparison, &[("FORK", &forked.fork)]), "1.0.0 at the parent commit `FORK`: values.yaml");
}

#[test]
fn a_moved_chart_is_found_by_its_name_and_a_copied_one_is_new() {
    let repo = Repo::new();
    repo.chart("old/a", "a", "1.0.0", "x: 1\n")
        .chart("charts/b", "b", "1.0.0", "")
        .chart("c", "c", "1.0.0", "")
        .commit();
    repo.remote_branch("main", "HEAD");
    std::fs::create_dir(repo.root().join("new")).expect("writable");
    repo.git(&["mv", "old/a", "new/a"]);
    repo.write("new/a/values.yaml", "x: 2\n").chart("d", "c", "1.0.0", "");
    repo.chart("charts/b", "renamed", "1.0.0", "").chart("e", "b", "1.0.0", "");
    let comparison = |folder| {
        let comparison = compared(&repo, Request::default(), &chart(&repo, folder)).expect("a base");
        match comparison {
            Comparison::New { .. } => "new".to_owned(),
            other => format!("changed: {}", other.is_changed()),
        }
    };
    assert_eq!(comparison("new/a"), "changed: true");
    assert_eq!(comparison("d"), "new", "its namesake is still there");
    assert_eq!(comparison("charts/b"), "new", "another name is another chart");
    assert_eq!(comparison("e"), "changed: false", "moved out of a folder that another chart took");
}

#[test]
fn a_submodule_in_the_earlier_chart_is_not_passed_over() {
    let inner = Repo::new();
    inner.write("file", "").commit();
    let repo = Repo::new();
    repo.chart("a", "a", "1.0.0", "").git(&[
        "submodule",
        "--quiet",
        "add",
        &inner.root().display().to_string(),
        "a/files",
    ]);
    repo.commit();
    repo.remote_branch("main", "HEAD");
    repo.git(&["rm", "--quiet", "--force", "a/files"]);
    let message = said(&compared(&repo, Request::default(), &chart(&repo, "a")), &[]);
    assert!(message.contains("submodule"), "{message}");
}

#[test]
fn charts_are_compared_in_parallel_with_the_same_answers() {
    use rayon::prelude::*;
    let repo = Repo::new();
    for number in 0..12 {
        repo.chart(&format!("old/{number}"), &format!("c{number}"), "1.0.0", "x: 1\n");
    }
    repo.commit();
    repo.remote_branch("main", "HEAD").git(&["mv", "old", "new"]);
    repo.write("new/7/values.yaml", "x: 2\n");
    let baselines = Baselines::resolve(Some(&open(&repo)), &Request::default()).expect("a base");
    let charts: Vec<Chart> = (0..12).map(|number| chart(&repo, &format!("new/{number}"))).collect();
    let changed: Vec<bool> =
        charts.par_iter().map(|chart| baselines.compare(chart).expect("readable").is_changed()).collect();
    assert_eq!(changed.iter().position(|changed| *changed), Some(7));
    assert_eq!(changed.iter().filter(|changed| **changed).count(), 1);
}
