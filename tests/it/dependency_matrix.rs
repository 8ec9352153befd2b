//! What a check says of a chart with a dependency, wherever that comes from, built or not, and whatever knows the release: the table in
//! `docs/versions.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::cli::program;
use crate::dependencies::write_lock;
use crate::fault_server::{FaultServer, Reply, digest};
use crate::git_repo::Repo;
use crate::package::run;

const UNKNOWN: &str = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"unknown"}]}"#;

/// A server that is a registry and a chart repository at once.
pub(crate) struct Server {
    replies: Arc<Mutex<BTreeMap<String, Reply>>>,
    server: FaultServer,
}

impl Server {
    pub(crate) fn new() -> Self {
        let replies = Arc::<Mutex<BTreeMap<String, Reply>>>::default();
        let known = Arc::clone(&replies);
        let server = FaultServer::new(move |asked| {
            let known = known.lock().unwrap_or_else(PoisonError::into_inner);
            let path = asked.path.split('?').next().unwrap_or_default();
            known.get(path).cloned().unwrap_or_else(|| Reply::json(404, UNKNOWN))
        });
        Self { replies, server }
    }

    pub(crate) fn host(&self) -> String {
        self.server.host()
    }

    /// Takes an answer away.
    pub(crate) fn forget(&self, path: &str) {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }

    /// Answers nothing more that anybody could understand.
    pub(crate) fn close(&self) {
        let mut replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        replies.values_mut().for_each(|reply| *reply = Reply::json(403, r#"{"errors":[{"code":"DENIED"}]}"#));
    }

    fn keep(&self, path: String, reply: Reply) {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner).insert(path, reply);
    }

    /// Puts a package into the chart repository below a path.
    pub(crate) fn list(&self, below: &str, name: &str, version: &str, data: &[u8]) {
        let sum = digest(data).replace("sha256:", "");
        let entry =
            format!("  - {{ name: {name}, version: {version}, digest: {sum}, urls: [{name}-{version}.tgz] }}\n");
        let index = format!("apiVersion: v1\nentries:\n  {name}:\n{entry}");
        self.keep(format!("/{below}/index.yaml"), Reply::Whole(200, vec![], index.into_bytes()));
        self.keep(format!("/{below}/{name}-{version}.tgz"), Reply::Whole(200, vec![], data.to_vec()));
    }

    /// Pushes a package below a path of the registry.
    pub(crate) fn push(&self, below: &str, name: &str, version: &str, data: &[u8]) {
        let (layer, size) = (digest(data), data.len());
        let manifest = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{layer}","size":2}},"layers":[{{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"{layer}","size":{size}}}]}}"#
        );
        let repository = format!("/v2/{below}/{name}");
        let pinned = format!("Docker-Content-Digest: {}", digest(manifest.as_bytes()));
        let reply = Reply::json(200, &manifest).with(pinned);
        self.keep(format!("{repository}/manifests/{version}"), reply.clone());
        self.keep(format!("{repository}/manifests/{}", digest(manifest.as_bytes())), reply);
        self.keep(format!("{repository}/blobs/{layer}"), Reply::Whole(200, vec![], data.to_vec()));
        let tags = format!(r#"{{"name":"{below}/{name}","tags":["{version}"]}}"#);
        self.keep(format!("{repository}/tags/list"), Reply::json(200, &tags));
    }
}

#[derive(Clone, Copy)]
struct Case {
    /// `https`, `oci` or `file`.
    from: &'static str,
    is_locked: bool,
    /// `committed`, `ignored` or `absent`.
    built: &'static str,
    /// `git`, `tags`, `index` or `registry`.
    place: &'static str,
}

pub(crate) fn chart(repo: &Repo, folder: &str, version: &str, rest: &str) {
    let name = folder.rsplit('/').next().expect("a path has a last part");
    repo.write(&format!("{folder}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: {version}\n{rest}"));
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Chart.Name }} }\n";
    repo.write(&format!("{folder}/templates/cm.yaml"), template);
}

pub(crate) fn packaged(repo: &Repo, folder: &str, into: &str, file: &str) -> Vec<u8> {
    let (code, _, err) = run(repo.root(), &["package", folder, "-d", into]);
    assert_eq!(code, 0, "{err}");
    std::fs::read(repo.root().join(into).join(file)).expect("it was packaged")
}

/// A repository whose chart `shop` is out as 1.0.0, made with `db` 1.2.0.
fn released(case: Case, server: &Server) -> Repo {
    let repo = Repo::new();
    chart(&repo, "db", "1.2.0", "");
    let db = packaged(&repo, "db", "dist", "db-1.2.0.tgz");
    server.list("charts", "db", "1.2.0", &db);
    server.push("deps", "db", "1.2.0", &db);
    let url = match case.from {
        "https" => format!("http://{}/charts", server.server.host()),
        "oci" => format!("oci://{}/deps", server.server.host()),
        _ => "file://../db".to_owned(),
    };
    chart(&repo, "shop", "1.0.0", &format!("dependencies:\n- {{ name: db, version: 1.x, repository: '{url}' }}\n"));
    if case.is_locked {
        write_lock(&repo, "shop", &url, ("db", "1.x", "1.2.0"));
    }
    packaged(&repo, "db", "shop/charts", "db-1.2.0.tgz");
    let shop = packaged(&repo, "shop", "dist", "shop-1.0.0.tgz");
    server.list("out", "shop", "1.0.0", &shop);
    server.push("out", "shop", "1.0.0", &shop);
    if case.built == "absent" {
        std::fs::remove_dir_all(repo.root().join("shop/charts")).expect("it was made");
    }
    repo.write(".gitignore", if case.built == "committed" { "dist\nhome\n" } else { "dist\nhome\ncharts/\n" });
    let published = match case.place {
        "tags" => "tags: '{name}-{version}'".to_owned(),
        "index" => format!("index: 'http://{}/out'", server.server.host()),
        "registry" => format!("oci: 'oci://{}/out'", server.server.host()),
        _ => String::new(),
    };
    repo.write(".chartgate.yaml", format!("published: {{ {published} }}\n")).commit();
    repo.remote_branch("main", "HEAD").git(&["tag", "shop-1.0.0"]);
    repo
}

/// The verdict on the chart, where `version-reused` alone is asked.
fn verdict(folder: &Path) -> &'static str {
    let mut command = program();
    command.current_dir(folder).env("HOME", folder.join("home"));
    let output = command.args(["check", "shop", "--select", "version-reused", "--format", "json"]).output();
    let output = output.expect("the program starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    match report["verdict"].as_str().expect("a verdict") {
        "pass" => "pass",
        "fail" => "reused",
        _ => "undecided",
    }
}

/// What is said of the chart left alone, and changed under the same version.
fn cell(case: Case) -> String {
    let server = Server::new();
    let repo = released(case, &server);
    let alone = verdict(repo.root());
    repo.write("shop/values.yaml", "a: 1\n");
    format!("{alone}, {}", verdict(repo.root()))
}

fn table() -> String {
    let rows: Vec<Case> = ["https", "oci", "file"]
        .into_iter()
        .flat_map(|from| [true, false].map(|is_locked| (from, is_locked)))
        .flat_map(|(from, is_locked)| {
            ["committed", "ignored", "absent"].map(|built| Case { from, is_locked, built, place: "git" })
        })
        .collect();
    let row = |case: &Case| {
        let cells = ["git", "tags", "index", "registry"].map(|place| cell(Case { place, ..*case }));
        let lock = if case.is_locked { "yes" } else { "no" };
        let mut line = format!("| {} | {lock} | {} |", case.from, case.built);
        for cell in cells {
            _ = write!(line, " {cell} |");
        }
        line
    };
    let lines = std::thread::scope(|scope| {
        let halves: Vec<_> =
            rows.chunks(9).map(|half| scope.spawn(|| half.iter().map(row).collect::<Vec<_>>())).collect();
        halves.into_iter().flat_map(|half| half.join().expect("every case can be built")).collect::<Vec<_>>()
    });
    let head = "| from | Chart.lock | `charts/` | git | tags | index | registry |\n|---|---|---|---|---|---|---|\n";
    format!("{head}{}\n", lines.join("\n"))
}

#[test]
fn the_table_of_dependencies_is_what_chartgate_says() {
    const MARKS: [&str; 2] = ["<!-- dependencies -->\n", "<!-- end of dependencies -->"];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/versions.md");
    let text = std::fs::read_to_string(&path).expect("it is there");
    let (before, rest) = text.split_once(MARKS[0]).expect("the page has the marks");
    let (_, after) = rest.split_once(MARKS[1]).expect("the page has the marks");
    let table = table();
    let fresh = format!("{before}{}{table}{}{after}", MARKS[0], MARKS[1]);
    if std::env::var_os("CHARTGATE_BLESS").is_some() {
        std::fs::write(&path, &fresh).expect("writable");
    }
    let stored = std::fs::read_to_string(&path).expect("it is there");
    assert!(stored == fresh, "docs/versions.md is stale; write it anew with CHARTGATE_BLESS=1:\n{table}");
}
