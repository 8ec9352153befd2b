//! The whole program on a disk that breaks once: whichever operation fails, a chart that has faults does not pass, and no finding is lost without
//! a failure that is said.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cli::program;
use crate::git_repo::Repo;

/// The library that breaks the disk, where a C compiler is there to make it.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn broken_disk(folder: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/faults/broken_disk.c");
    let library = folder.join("broken_disk.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&library).arg(source).arg("-ldl");
    match compiler.status() {
        Ok(status) => assert!(status.success(), "the library does not compile"),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "there is no C compiler: {error}");
            eprintln!("skipped: there is no C compiler");
            return None;
        }
    }
    Some(library)
}

/// A chart whose production takes its values from elsewhere, with a rule of the user's, and a version that is reused.
fn repository() -> Repo {
    let repo = Repo::new();
    repo.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\nappVersion: 1.2.3\n");
    repo.write("charts/a/values.yaml", "image: { repository: ghcr.io/x/a, tag: 1.2.3 }\nx: 1\n");
    let image = "{{ .Values.image.repository }}:{{ .Values.image.tag }}";
    let pod = format!("spec: {{ containers: [{{ name: a, image: \"{image}\" }}] }}\n");
    repo.write("charts/a/templates/a.yaml", format!("apiVersion: v1\nkind: Pod\nmetadata: {{ name: a }}\n{pod}"));
    let kustomization =
        "helmCharts: [{ name: a, valuesFile: values.yaml }]\nhelmGlobals: { chartHome: ../../charts }\n";
    repo.write("gitops/prod/kustomization.yaml", kustomization).write("gitops/prod/values.yaml", "x: 2\n");
    let rule = "id: no-x\nsummary: a\nwhy: b\nremedy: c\nseverity: error\ncategory: house\ntarget: values\nsince: 0.1.0\n\
                deny: 'has(values.x) && values.x == 2'\nmessage: x is two\n\
                examples:\n  bad: { values: { x: 2 } }\n  good: { values: { x: 1 } }\n";
    repo.write(".chartgate.yaml", "").write(".chartgate/rules/no-x.yaml", rule).commit();
    repo.write("charts/a/values.yaml", "image: { repository: ghcr.io/x/a, tag: 1.2.3 }\nx: 1\ny: 1\n");
    repo
}

struct Sweep<'a> {
    repo: &'a Repo,
    library: &'a Path,
    arguments: &'a [&'a str],
}

impl Sweep<'_> {
    /// What the program says where its n-th operation below the repository fails, and which that is; none where it has fewer.
    fn run(&self, fails_at: usize) -> (Output, Option<String>) {
        let log = self.repo.beside(&format!("fault-{fails_at}"));
        let mut command = program();
        command.current_dir(self.repo.root()).args(self.arguments);
        command.env("RAYON_NUM_THREADS", "1").env("LD_PRELOAD", self.library).env("FAULT_AT", fails_at.to_string());
        let output = command.env("FAULT_BELOW", self.repo.root()).env("FAULT_LOG", &log).output();
        (output.expect("the program starts"), std::fs::read_to_string(log).ok())
    }

    /// Lets every operation fail once; gives how many there are.
    fn run_all(&self) -> usize {
        let whole = findings(&self.run(usize::MAX >> 1).0);
        assert!(whole.len() >= 3, "the faults are found on a whole disk: {whole:?}");
        let (next, lost) = (AtomicUsize::new(0), Mutex::new(vec![]));
        let work = || {
            loop {
                let fails_at = next.fetch_add(1, Ordering::Relaxed);
                let (output, Some(broken)) = self.run(fails_at) else { return };
                let code = output.status.code();
                let is_said = code != Some(1) || said(&output).contains("failure");
                let unsaid: Vec<_> = whole.difference(&findings(&output)).filter(|_| !is_said).cloned().collect();
                if !matches!(code, Some(1..=3)) || !unsaid.is_empty() {
                    lost.lock().expect("nobody panics").push(format!("{broken}: exit {code:?}, {unsaid:?}"));
                }
            }
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(work);
            work();
            other.join().expect("the other half holds");
        });
        assert_eq!(lost.into_inner().expect("nobody panics"), [""; 0], "no failure is said, and these are lost");
        next.into_inner()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The lines of errors, without what they add on the state that was compared with.
fn findings(output: &Output) -> BTreeSet<String> {
    let errors = said(output).lines().filter(|line| line.contains(": error ")).map(str::to_owned).collect::<Vec<_>>();
    errors.into_iter().map(|line| line.split(" -- ").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn whichever_operation_fails_no_finding_is_lost_in_silence() {
    let repo = repository();
    let Some(library) = broken_disk(repo.root().parent().expect("the repository lies in a folder")) else { return };
    let check = ["check", "--offline", "--format", "concise"];
    let count = Sweep { repo: &repo, library: &library, arguments: &check }.run_all();
    assert!(count > 200, "{count} operations");
    let changed = ["check", "--changed", "--offline", "--format", "concise"];
    Sweep { repo: &repo, library: &library, arguments: &changed }.run_all();
}
