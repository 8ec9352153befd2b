//! What a chart is compared with: the base is the one a reader of the documentation expects, or there is none and the run says so.

use std::sync::Arc;

use chartgate::chart::{self, Chart};
use chartgate::finding::{Failure, FailureKind};
use chartgate::published::git::{Log, Request};
use chartgate::published::{Comparison, Depth, History};
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
    read(&Log::resolve(Some(&open(repo)), &request)?, chart, Depth::Own).map(|history| history.own)
}

/// What is known of a chart; the first thing that could not be read where there is any.
fn read(log: &Log, chart: &Chart, depth: Depth) -> Result<History, Box<Failure>> {
    let (history, failures) = log.history(chart, depth);
    failures.into_iter().next().map_or(Ok(history), |failure| Err(Box::new(failure)))
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

/// `main` with a release, a change under its version, another release, and one more change.
struct Released {
    repo: Repo,
    commits: Vec<String>,
}

fn released() -> Released {
    let repo = Repo::new();
    let states = [("1.0.0", "x: 1\n"), ("1.0.0", "x: 2\n"), ("1.0.1", "x: 3\n"), ("1.0.1", "x: 4\n")];
    let commits = states.map(|(version, values)| repo.chart("a", "a", version, values).commit()).to_vec();
    repo.remote_branch("main", "HEAD");
    Released { repo, commits }
}

impl Released {
    fn names(&self) -> Vec<(&'static str, &String)> {
        ["FIRST", "SECOND", "THIRD", "FOURTH"].into_iter().zip(&self.commits).collect()
    }

    /// The chart against the state that its version is judged by, and against its last release.
    fn said(&self, request: Request<'_>) -> [String; 2] {
        let history = Log::resolve(Some(&open(&self.repo)), &request)
            .and_then(|log| read(&log, &chart(&self.repo, "a"), Depth::Last));
        let history = history.expect("readable");
        [history.own, history.last].map(|comparison| said(&Ok(comparison), &self.names()))
    }
}

#[test]
fn on_the_release_branch_a_version_is_compared_with_where_it_began() {
    let released = released();
    let began = "1.0.1 at the commit `THIRD`, where `1.0.1` began: values.yaml";
    let before = "1.0.0 at the commit `FIRST`, where `1.0.0` began: Chart.yaml values.yaml";
    assert_eq!(released.said(Request::default()), [began, before]);
    released.repo.write("untracked", "");
    assert_eq!(released.said(Request::default()), [began, before], "other files do not matter");
    released.repo.git(&["checkout", "--quiet", "--detach", "HEAD~1"]);
    let same = "1.0.1 at the commit `THIRD`, where `1.0.1` began: ";
    assert_eq!(released.said(Request::default()), [same, before], "an older commit is not blamed for what came after");
    released.repo.chart("a", "a", "1.0.2", "x: 5\n");
    let uncommitted = "1.0.1 at the commit `THIRD`, where `1.0.1` began: Chart.yaml values.yaml";
    assert_eq!(released.said(Request::default()), [uncommitted, uncommitted]);
}

#[test]
fn a_push_is_one_step_whatever_its_commits_are() {
    let released = released();
    let pushed_from = |number: usize| Request { pushed_from: Some(&released.commits[number]), ..Request::default() };
    let first = "1.0.0 at the commit `FIRST`, where `1.0.0` began: Chart.yaml values.yaml";
    assert_eq!(released.said(pushed_from(1)), [first, first], "`1.0.1` is new in it");
    assert_eq!(released.said(pushed_from(0)), [first, first]);
    let began = "1.0.1 at the commit `THIRD`, where `1.0.1` began: values.yaml";
    assert_eq!(released.said(pushed_from(2)), [began, first], "`1.0.1` was there");
    for unknown in ["0000000000000000000000000000000000000000", "1234567890123456789012345678901234567890", ""] {
        assert_eq!(released.said(Request { pushed_from: Some(unknown), ..Request::default() }), [began, first]);
    }
}

#[test]
fn what_changed_is_told_since_the_push_or_since_the_last_release() {
    let released = released();
    let since = |request: Request<'_>| {
        let log = Log::resolve(Some(&open(&released.repo)), &request).expect("readable");
        let since = log.since(&chart(&released.repo, "a")).expect("readable");
        since.map_or_else(|| "nothing".to_owned(), |since| said(&Ok(since.comparison), &released.names()))
    };
    let pushed_from = |id| Request { pushed_from: Some(id), ..Request::default() };
    let second = "1.0.0 at the state before the push, `SECOND`: Chart.yaml values.yaml";
    assert_eq!(since(pushed_from(&released.commits[1])), second);
    assert_eq!(since(pushed_from("0000000000000000000000000000000000000000")), "nothing", "all of a new branch is new");
    assert_eq!(since(Request::default()), "1.0.1 at the commit `THIRD`, where `1.0.1` began: values.yaml");
    released.repo.git(&["checkout", "--quiet", "HEAD~1"]);
    let before = "1.0.0 at the commit `FIRST`, where `1.0.0` began: Chart.yaml values.yaml";
    assert_eq!(since(Request::default()), before, "what the newest commit releases has changed");
}

#[test]
fn a_tag_is_a_release_on_whatever_branch_it_is() {
    let released = released();
    released.repo.git(&["checkout", "--quiet", "-b", "maintenance", "HEAD~2"]);
    let id = released.repo.chart("a", "a", "1.0.1-rc.1", "x: 9\n").commit();
    let request = Request { is_tag: true, ..Request::default() };
    let [own, last] = released.said(request);
    assert_eq!(own, format!("1.0.1-rc.1 at the commit `{}`, where `1.0.1-rc.1` began: ", &id[..10]));
    assert_eq!(last, "1.0.0 at the commit `FIRST`, where `1.0.0` began: Chart.yaml values.yaml");
}

#[test]
fn the_last_release_of_a_branch_is_where_the_version_of_the_merge_base_began() {
    let released = released();
    released.repo.remote_branch("main", "HEAD~2").git(&["checkout", "--quiet", "-b", "feature", "HEAD~2"]);
    released.repo.commit();
    let untouched = "1.0.0 at the merge-base `SECOND` with `origin/main`: ";
    assert_eq!(
        released.said(Request::default()),
        [untouched, untouched],
        "a change that leaves a chart alone is not blamed"
    );
    released.repo.chart("a", "a", "1.1.0", "x: 7\n").commit();
    let own = "1.0.0 at the merge-base `SECOND` with `origin/main`: Chart.yaml values.yaml";
    let last = "1.0.0 at the commit `FIRST`, where `1.0.0` began: Chart.yaml values.yaml";
    assert_eq!(released.said(Request::default()), [own, last]);
}

#[test]
fn a_moved_chart_keeps_its_releases() {
    let released = released();
    std::fs::create_dir(released.repo.root().join("charts")).expect("writable");
    released.repo.git(&["mv", "a", "charts/a"]);
    released.repo.commit();
    released.repo.remote_branch("main", "HEAD");
    let history = Log::resolve(Some(&open(&released.repo)), &Request::default())
        .and_then(|log| read(&log, &chart(&released.repo, "charts/a"), Depth::Last));
    let history = history.expect("readable");
    let said = [history.own, history.last].map(|comparison| said(&Ok(comparison), &released.names()));
    assert_eq!(said[0], "1.0.1 at the commit `THIRD`, where `1.0.1` began: values.yaml");
    assert_eq!(said[1], "1.0.0 at the commit `FIRST`, where `1.0.0` began: Chart.yaml values.yaml");
}

#[test]
fn a_version_of_other_build_metadata_is_the_same_release() {
    let repo = Repo::new();
    let first = repo.chart("a", "a", "1.0.0+a", "x: 1\n").commit();
    repo.chart("a", "a", "1.0.0+b", "x: 2\n").commit();
    repo.remote_branch("main", "HEAD");
    let comparison = compared(&repo, Request::default(), &chart(&repo, "a"));
    let expected = "1.0.0+a at the commit `FIRST`, where `1.0.0+a` began: Chart.yaml values.yaml";
    assert_eq!(said(&comparison, &[("FIRST", &first)]), expected);
}

#[test]
fn a_state_that_says_no_version_is_no_release() {
    let broken = ["name: a\n<<<<<<< HEAD\nversion: 1.0.0\n", "apiVersion: v2\nname: a\n", "name: [\n"];
    for text in broken {
        let repo = Repo::new();
        let first = repo.chart("a", "a", "1.0.0", "x: 1\n").commit();
        repo.write("a/Chart.yaml", text).commit();
        repo.chart("a", "a", "1.0.0", "x: 2\n").commit();
        repo.remote_branch("main", "HEAD");
        let comparison = compared(&repo, Request::default(), &chart(&repo, "a"));
        let expected = "1.0.0 at the commit `FIRST`, where `1.0.0` began: values.yaml";
        assert_eq!(said(&comparison, &[("FIRST", &first)]), expected, "{text}");
    }
}

#[test]
fn a_merge_commit_is_one_step_of_the_release_branch() {
    let forked = forked("1.0.0", "x: 1\ny: 1\n");
    forked.repo.git(&["checkout", "--quiet", "main"]);
    forked.repo.git(&["merge", "--quiet", "--no-ff", "--strategy-option=theirs", "--message", "merge", "feature"]);
    forked.repo.remote_branch("main", "HEAD");
    let merge = forked.repo.git(&["rev-parse", "HEAD"]);
    assert_eq!(
        forked.said(Request::default()),
        format!("1.0.1 at the commit `{}`, where `1.0.1` began: ", &merge[..10])
    );
}

#[test]
fn the_merge_that_a_ci_system_made_tells_its_base_where_the_branch_was_not_fetched() {
    let forked = forked("1.0.0", "x: 1\n");
    forked.repo.git(&["checkout", "--quiet", "--detach", "origin/main"]);
    forked.repo.git(&["merge", "--quiet", "--no-ff", "--strategy-option=theirs", "--message", "merge", "feature"]);
    forked.repo.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    forked.repo.git(&["branch", "--quiet", "--delete", "--force", "main"]);
    let request = Request { target_branch: Some("main"), ..Request::default() };
    let expected = "1.0.0 at the merge-base `TIP` with `main, the first parent of HEAD`: Chart.yaml values.yaml";
    assert_eq!(forked.said(request), expected);
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
    let comparison = Log::resolve(Some(&repository), &at("feature")).and_then(|log| read(&log, &judged, Depth::Own));
    let comparison = comparison.map(|history| history.own);
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
    let names = [("ROOT", &root)];
    let comparison = |folder| said(&compared(&repo, Request::default(), &chart(&repo, folder)), &names);
    assert_eq!(comparison("a"), "1.0.0 at the commit `ROOT`, where `1.0.0` began: ");
    repo.chart("b", "b", "1.0.0", "");
    assert_eq!(comparison("b"), "new at the earlier commits");
}

#[test]
fn without_a_repository_there_is_nothing_to_compare_with() {
    let nowhere = Repo::nowhere();
    nowhere.chart("a", "a", "1.0.0", "");
    let tree: Arc<dyn Tree> = Arc::new(Dir::folder(nowhere.root()).expect("a folder"));
    let chart = chart::load(&tree, "a", &Sources::new());
    let comparison = |request: &Request<'_>| {
        Log::resolve(None, request).and_then(|log| read(&log, &chart, Depth::Own)).map(|history| history.own)
    };
    assert!(matches!(comparison(&Request::default()), Ok(Comparison::Inapplicable { .. })));
    comparison(&Request { base: Some("HEAD"), ..Request::default() }).expect_err("a base was named");
}

#[test]
fn a_repository_without_a_remote_is_judged_along_its_own_history() {
    let repo = Repo::new();
    let first = repo.chart("a", "a", "1.0.0", "x: 1\n").commit();
    repo.chart("a", "a", "1.0.0", "x: 2\n").commit();
    let comparison = compared(&repo, Request::default(), &chart(&repo, "a"));
    let expected = "1.0.0 at the commit `FIRST`, where `1.0.0` began: values.yaml";
    assert_eq!(said(&comparison, &[("FIRST", &first)]), expected);
    let log = Log::resolve(Some(&open(&repo)), &Request::default()).expect("readable");
    assert!(log.reservation().is_some_and(|reason| reason.contains("no remote branch")));
}

#[test]
fn a_remote_of_any_name_has_the_release_branch() {
    let released = released();
    released.repo.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    released.repo.git(&["remote", "add", "company", "https://example.org/a.git"]);
    released.repo.git(&["update-ref", "refs/remotes/company/master", &released.commits[1]]);
    let [own, _] = released.said(Request::default());
    assert_eq!(own, "1.0.0 at the merge-base `SECOND` with `company/master`: Chart.yaml values.yaml");
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
        message.contains("where the version of `a` began") && message.contains("fetch-depth: 0"),
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
    let comparison =
        Log::resolve(Some(&repository), &Request::default()).and_then(|log| read(&log, &judged, Depth::Own));
    let comparison = comparison.map(|history| history.own);
    assert_eq!(
        said(&comparison, &[("FIRST", &forked.first)]),
        "1.0.0 at the commit `FIRST`, where `1.0.0` began: values.yaml"
    );
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
    let log = Log::resolve(Some(&open(&repo)), &Request::default()).expect("a base");
    let compared = |chart: &Chart| read(&log, chart, Depth::Last).expect("readable").own;
    let charts: Vec<Chart> = (0..12).map(|number| chart(&repo, &format!("new/{number}"))).collect();
    let changed: Vec<bool> = charts.par_iter().map(|chart| compared(chart).is_changed()).collect();
    assert_eq!(changed.iter().position(|changed| *changed), Some(7));
    assert_eq!(changed.iter().filter(|changed| **changed).count(), 1);
}
