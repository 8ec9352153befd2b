//! Whatever cannot be read on the way to a verdict is said: no error is swallowed, whichever operation it is that fails.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chartgate::chart::{Chart, Found, discover, load};
use chartgate::published::{Comparison, compare};
use chartgate::source::{BlobId, Dir, Entry, Error, Tree};
use chartgate::text::{Address, Sources};

use crate::git_repo::Repo;

/// A tree whose n-th operation fails, as a disk does; every other works.
#[derive(Debug)]
struct Faulty {
    inner: Arc<dyn Tree>,
    fails_at: usize,
    asked: AtomicUsize,
}

impl Faulty {
    fn new(inner: &Arc<dyn Tree>, fails_at: usize) -> Arc<Self> {
        Arc::new(Self { inner: Arc::clone(inner), fails_at, asked: AtomicUsize::new(0) })
    }

    fn has_failed(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > self.fails_at
    }

    fn ask<T>(&self, path: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        if self.asked.fetch_add(1, Ordering::Relaxed) == self.fails_at {
            return Err(Error::Unreadable { path: path.to_owned(), reason: "the disk is broken".to_owned() });
        }
        work()
    }
}

impl Tree for Faulty {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        self.ask(folder, || self.inner.list(folder))
    }

    fn list_kept(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        self.ask(folder, || self.inner.list_kept(folder))
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error> {
        self.ask(path, || self.inner.read(path, limit))
    }

    fn address(&self, path: &str) -> Address {
        self.inner.address(path)
    }

    fn shown(&self, path: &str) -> String {
        self.inner.shown(path)
    }

    fn blob_id(&self, path: &str) -> Option<BlobId> {
        self.inner.blob_id(path)
    }
}

/// A chart with a file of every kind that is read, and another beside it that it depends on.
fn repository() -> Repo {
    let repo = Repo::new();
    let dependencies =
        "dependencies:\n- {name: lib, version: 1.0.0, repository: 'file://../lib'}\n- {name: sub, version: 1.0.0}\n";
    repo.write("charts/a/Chart.yaml", format!("apiVersion: v2\nname: a\nversion: 1.0.0\n{dependencies}"));
    repo.write("charts/a/values.yaml", "image: {repository: nginx, tag: 1.2.3}\n");
    repo.write("charts/a/values-prod.yaml", "replicas: 3\n");
    repo.write("charts/a/values.schema.json", "{}");
    repo.write("charts/a/.helmignore", "*.bak\n");
    repo.write("charts/a/artifacthub-pkg.yml", "version: 1.0.0\nname: a\ndisplayName: A\n");
    repo.write("charts/a/examples/one.yaml", "kind: X\n");
    repo.write("charts/a/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n");
    repo.write("charts/a/charts/sub/values.yaml", "b: 1\n");
    let image = "{{ .Values.image.repository }}:{{ .Values.image.tag }}";
    repo.write(
        "charts/a/templates/pod.yaml",
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec:\n  containers: [{{name: c, image: '{image}'}}]\n"
        ),
    );
    repo.write("charts/lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.0.0\n");
    repo.write("artifacthub-repo.yml", "repositoryID: 1\n");
    repo.commit();
    repo
}

fn whole(repo: &Repo) -> Arc<dyn Tree> {
    Arc::new(Dir::folder(repo.root()).expect("a folder"))
}

fn says_so(chart: &Chart) -> bool {
    let parts = chart.with_dependencies().into_iter().chain(chart.beside.iter().flat_map(Chart::with_dependencies));
    parts.into_iter().any(|part| !part.failures.is_empty())
}

/// What was read of a chart.
fn content(chart: &Chart) -> Vec<String> {
    let files = |chart: &Chart| chart.files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
    let aside = chart.values_files.iter().chain(&chart.examples).chain(&chart.package).chain(&chart.repository);
    let aside = aside.map(|file| file.path.clone());
    files(chart).into_iter().chain(aside).chain(chart.beside.iter().flat_map(files)).collect()
}

/// Runs `work` with the first, the second, … operation failing until none does; `work` says whether it was told.
fn every_fault(tree: &Arc<dyn Tree>, work: impl Fn(Arc<dyn Tree>) -> bool) -> usize {
    for fails_at in 0.. {
        let faulty = Faulty::new(tree, fails_at);
        let is_told = work(Arc::clone(&faulty) as Arc<dyn Tree>);
        if !faulty.has_failed() {
            return fails_at;
        }
        assert!(is_told, "operation {fails_at} fails, and nothing is said");
    }
    unreachable!("a tree is asked a limited number of times")
}

#[test]
fn a_chart_that_cannot_be_read_whole_says_so_whatever_fails() {
    let repo = repository();
    let all = content(&load(&whole(&repo), "charts/a", &Sources::new()));
    let operations = every_fault(&whole(&repo), |tree| {
        let chart = load(&tree, "charts/a", &Sources::new());
        // What is asked for twice may be read the second time.
        says_so(&chart) || content(&chart) == all
    });
    assert!(operations > 12, "{operations}");
}

#[test]
fn charts_are_not_found_in_part() {
    let repo = repository();
    let all = discover(whole(&repo).as_ref(), "").expect("readable").charts;
    every_fault(&whole(&repo), |tree| match discover(tree.as_ref(), "") {
        Err(_) => true,
        // What may not be packaged by the chart around it is judged by itself as well.
        Ok(found) if all.iter().all(|chart| found.charts.contains(chart)) => true,
        // What may be a chart counts as one until it is loaded.
        Ok(found) => found.charts.iter().any(|found| {
            let Found::Folder(folder) = found else { return false };
            let chart = load(&tree, folder, &Sources::new());
            says_so(&chart) || !chart.problems.is_empty()
        }),
    });
}

#[test]
fn an_earlier_state_that_cannot_be_read_is_no_state_without_differences() {
    let repo = repository();
    let earlier = whole(&repo);
    let changed = repository();
    changed.write("charts/a/templates/pod.yaml", "kind: Other\n");
    let now = load(&whole(&changed), "charts/a", &Sources::new());
    let operations = every_fault(&earlier, |tree| match compare::with_earlier(&now, &tree, "charts/a", "before") {
        Err(_) => true,
        Ok(Comparison::Existing { differences, .. }) => {
            differences.iter().any(|difference| difference.path == "templates/pod.yaml")
        }
        Ok(_) => false,
    });
    assert!(operations > 5, "{operations}");
}

#[test]
fn with_few_file_descriptors_a_chart_that_fails_never_passes() {
    let repo = repository();
    repo.write("charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 1.0.0\n");
    repo.write("charts/b/x/y/z/values.yaml", "a: 1\n");
    repo.write("charts/a/values-prod.yaml", "replicas: 4\n");
    repo.commit();
    let program = env!("CARGO_BIN_EXE_chartgate");
    let mut failed = 0;
    for base in ["", "--base HEAD~1", "--at HEAD", "--base HEAD~1 --changed"] {
        for limit in 4..24 {
            let script = format!("ulimit -n {limit} && exec {program} check {base} --offline --format concise");
            let mut command = Command::new("sh");
            command.args(["-c", &script]).current_dir(repo.root()).env_clear();
            let ended = command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).output().expect("a shell");
            // A loader that cannot open the program's libraries has no part in this.
            let Some(code) = ended.status.code().filter(|code| *code != 127) else { continue };
            assert!(matches!(code, 1..=3), "{limit} descriptors, `{base}`: exit {code}");
            failed += usize::from(code == 1);
        }
    }
    assert!(failed > 20, "the chart is judged where there are enough: {failed}");
}

#[test]
fn values_of_production_are_not_lost_with_the_values_that_they_are_compared_with() {
    let repo = Repo::new();
    repo.chart("charts/web", "web", "1.0.0", "a: 1\n").chart("charts/db", "db", "1.0.0", "");
    repo.write("envs/prod/web.yaml", "a: 2\n").commit();
    let check = || crate::package::run(repo.root(), &["check", "--offline", "--select", "image-digest-missing"]);
    assert_eq!(check().0, 0, "{:?}", check());
    repo.write("charts/web/values.yaml", "a: [1\n");
    let (code, out, _) = check();
    assert!(code == 3 && out.contains("cannot tell whether `envs/prod/web.yaml` holds values of the chart"), "{out}");
}
