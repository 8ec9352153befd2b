//! What a session keeps of one run for the next is never old: whatever happens between two runs, it says what a session says that has just
//! begun.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chartgate::gate::{Charts, Request, Session, Surroundings};
use chartgate::report::{Format, Look, Screen, render};
use chartgate::text::Date;
use chartgate::text::Sources;

use crate::git_repo::Repo;

/// A repository whose files of each kind that is kept say something about its chart.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.chart("charts/web", "web", "1.0.0", VALUES);
    repo.write("charts/web/templates/pod.yaml", POD).write("charts/web/templates/job.yaml", WIDGET);
    repo.write("apps/prod/web.yaml", application("web", "nginx"));
    repo.write("crds/widget.yaml", crd("integer"));
    repo.write(".github/workflows/release.yaml", "on: push\njobs:\n  push:\n    runs-on: ubuntu-latest\n    steps:\n      - run: helm push web.tgz oci://example.com/charts\n");
    repo.write("other/plain.yaml", "a: 1\n");
    repo.commit();
    repo
}

const VALUES: &str = "image: nginx\nsize: 1\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    image: {{ .Values.image }}\n";
const WIDGET: &str =
    "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: web}\nspec: {size: {{ .Values.size }}}\n";

fn application(name: &str, image: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  project: default\n  destination: {{namespace: web, server: https://kubernetes.default.svc}}\n  source:\n    repoURL: https://example.com/acme/web\n    path: charts/web\n    helm: {{values: \"image: {image}\"}}\n"
    )
}

fn crd(kind: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: widgets.example.com}}\nspec:\n  group: example.com\n  scope: Namespaced\n  names: {{plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            properties: {{size: {{type: {kind}}}}}\n"
    )
}

/// A session that is asked again and again.
struct Lasting<'r> {
    repo: &'r Repo,
    session: Session,
}

impl<'r> Lasting<'r> {
    fn new(repo: &'r Repo) -> Self {
        Self { repo, session: session(repo) }
    }

    /// What it says, which is what a session says that has just begun.
    fn says(&self, unsaved: &[(&str, &str)]) -> String {
        let texts = unsaved.iter().map(|(path, text)| (PathBuf::from(path), Arc::from(text.as_bytes())));
        let charts = Charts { unsaved: texts.collect::<BTreeMap<_, Arc<[u8]>>>(), ..Charts::default() };
        let request = Request { charts, ..Request::default() };
        let [said, anew] = [(&self.session, self.session.sources()), (&session(self.repo), Sources::new())].map(
            |(session, sources)| {
                let report = session.check(&request, &sources).unwrap_or_else(|error| panic!("{error:?}"));
                let look = Look { screen: Screen::Plain, unicode: true, width: 100, quiet: false };
                render(Format::Json, &report, &sources, look).to_string()
            },
        );
        assert_eq!(said, anew);
        said
    }

    /// Asserts at each call that it says something else than at the one before.
    fn sees(&self) -> impl FnMut(&str) {
        let mut before = self.says(&[]);
        move |what| {
            let now = self.says(&[]);
            assert_ne!(now, before, "{what}");
            before = now;
        }
    }
}

fn session(repo: &Repo) -> Session {
    Session::new(Surroundings::new(repo.root().to_owned(), Date::new(2026, 1, 1).expect("a day")))
}

#[test]
fn what_is_typed_into_any_file_is_seen() {
    let repo = repo();
    let lasting = Lasting::new(&repo);
    let first = lasting.says(&[]);
    assert!(
        first.contains("image-digest-missing") && first.contains("push-target") | first.contains(".github"),
        "{first}"
    );
    assert_eq!(lasting.says(&[]), first);
    for (path, text) in [
        ("charts/web/values.yaml", "image: nginx:1.2.3\nsize: 1\n".to_owned()),
        ("charts/web/values.yaml", "image: nginx\nsize: large\n".to_owned()),
        ("charts/web/values.yaml", "image: nginx # https://argoproj.io/\nsize: 1\n".to_owned()),
        ("charts/web/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.1\n".to_owned()),
        ("apps/prod/web.yaml", application("web", "redis")),
        ("apps/prod/web.yaml", application("web-dev", "redis")),
        ("apps/prod/web.yaml", "# nothing\n".to_owned()),
        ("apps/prod/web.yaml", "kind: [argoproj.io/\n".to_owned()),
        ("other/plain.yaml", application("other", "busybox")),
        ("crds/widget.yaml", crd("string")),
        ("crds/widget.yaml", "CustomResourceDefinition: [\n".to_owned()),
        (".github/workflows/release.yaml", "on: push\njobs: {}\n".to_owned()),
    ] {
        let typed = lasting.says(&[(path, &text)]);
        assert_ne!(typed, first, "{path}: {text}");
        assert_eq!(lasting.says(&[]), first, "{path} is as it was");
    }
}

#[test]
fn what_others_do_to_files_is_seen() {
    let repo = repo();
    let lasting = Lasting::new(&repo);
    let mut is_seen = lasting.sees();
    repo.write("apps/prod/web.yaml", application("web", "redis"));
    is_seen("a GitOps file is another");
    // The same number of bytes, within the same tick of the clock perhaps.
    repo.write("apps/prod/web.yaml", application("web", "mysql"));
    is_seen("a GitOps file is another of the same size");
    std::fs::remove_file(repo.root().join("apps/prod/web.yaml")).expect("it is there");
    is_seen("a GitOps file is gone");
    repo.write("apps/prod/web.yaml", application("web", "mysql"));
    is_seen("it is back");
    repo.write("other/plain.yaml", application("other", "busybox"));
    is_seen("a file is a GitOps file now");
    std::fs::remove_file(repo.root().join("crds/widget.yaml")).expect("it is there");
    is_seen("a definition is gone");
    repo.write("crds/widget.yaml", crd("string"));
    is_seen("another definition is there");
    std::fs::remove_file(repo.root().join(".github/workflows/release.yaml")).expect("it is there");
    is_seen("a pipeline is gone");
    repo.write("apps/eu-prod.yaml", application("eu", "postgres"));
    lasting.says(&[]);
    repo.git(&["add", "apps/eu-prod.yaml"]);
    is_seen("git tracks another file");
    repo.git(&["rm", "--quiet", "--cached", "apps/prod/web.yaml"]);
    is_seen("git tracks a file no longer");
}

#[cfg(unix)]
#[test]
fn a_file_whose_times_were_set_back_is_seen() {
    let repo = repo();
    let lasting = Lasting::new(&repo);
    let path = repo.root().join("apps/prod/web.yaml");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    let set_back = || {
        let file = std::fs::File::options().append(true).open(&path).expect("it is there");
        file.set_modified(old).expect("it is ours");
    };
    set_back();
    let before = lasting.says(&[]);
    repo.write("apps/prod/web.yaml", application("web", "mysql"));
    set_back();
    assert_ne!(lasting.says(&[]), before);
    // The link leads to the same bytes, outside of the repository.
    let outside = repo.beside("outside.yaml");
    std::fs::rename(&path, &outside).expect("one file system");
    std::os::unix::fs::symlink(&outside, &path).expect("it is gone");
    let before = lasting.says(&[]);
    std::fs::remove_file(&path).expect("it is there");
    assert_ne!(lasting.says(&[]), before);
}

#[test]
fn what_git_does_outside_of_the_editor_is_seen() {
    let repo = repo();
    let lasting = Lasting::new(&repo);
    let mut is_seen = lasting.sees();
    repo.write("charts/web/values.yaml", "image: nginx:1.2.3\nsize: 1\n");
    is_seen("the chart is another under a version that is out");
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.1\n");
    is_seen("the version was raised");
    repo.commit();
    is_seen("that was committed");
    repo.git(&["checkout", "--quiet", "-b", "feature"]);
    repo.write("charts/web/values.yaml", "image: nginx:1.2.4\nsize: 1\n").commit();
    is_seen("there is another commit");
    repo.remote_branch("main", "HEAD~2");
    is_seen("there is a branch to merge into");
    repo.remote_branch("main", "HEAD~1");
    is_seen("it is at another commit");
    repo.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    is_seen("HEAD is at another commit");
}
