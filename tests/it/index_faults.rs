//! Releases that an `index.yaml` lists, and what can be wrong with it.

use std::sync::Arc;
use std::time::Duration;

use chartgate::network::index::Index;
use chartgate::source::Tree as _;

use crate::fault_server::{FaultServer, NO_NAME, Reply, network, package};

/// A chart repository that serves this index, and every package as `package`.
fn repository(index: impl Fn(&str) -> Reply + Send + Sync + 'static, package: Reply) -> Arc<FaultServer> {
    Arc::new(FaultServer::new(move |asked| {
        let host = asked.header("host").expect("clients name the host");
        if asked.path == "/charts/index.yaml" { index(host) } else { package.clone() }
    }))
}

fn text(text: &str) -> Reply {
    Reply::Whole(200, vec!["Content-Type: text/yaml".into()], text.as_bytes().to_vec())
}

fn index_at(server: &FaultServer, path: &str) -> Index {
    Index::new(&format!("http://{}{path}", server.host()), None, &network()).expect("it is a URL")
}

#[test]
fn an_index_is_fetched_once_and_packages_lie_where_it_says() {
    let index = move |host: &str| {
        text(&format!(
            "apiVersion: v1\nentries:\n  agents:\n  - version: 1.1.0\n    urls: [\"http://{host}/far/agents-1.1.0.tgz\"]\n  \
             - version: 1.0.0\n    urls: [agents-1.0.0.tgz]\n  - version: 0.9.0\n    urls: [x.tgz]\n    digest: {}\n",
            "0".repeat(64)
        ))
    };
    let server = repository(index, Reply::Whole(200, vec![], package()));
    let index = index_at(&server, "/charts");
    assert_eq!(index.versions("agents"), Ok(vec!["1.1.0".into(), "1.0.0".into(), "0.9.0".into()]));
    assert_eq!(index.versions("other"), Ok(vec![]));
    assert!(matches!(index.open("agents", "2.0.0"), Ok(None)));
    let release = index.open("agents", "1.0.0").expect("it answers").expect("it is out");
    assert!(release.archive.read("Chart.yaml", 10_000).is_ok());
    assert!(matches!(index.open("agents", "1.1.0"), Ok(Some(_))));
    let head = index.head("agents", "0.9.0").expect("it answers").expect("it is out");
    assert_eq!(head.digest, Some(format!("sha256:{}", "0".repeat(64))));
    let log = ["GET /charts/index.yaml", "GET /charts/agents-1.0.0.tgz", "GET /far/agents-1.1.0.tgz"];
    assert_eq!(server.log(), log);
    let failure = index.open("agents", "0.9.0").expect_err("it is another package");
    assert!(failure.message.contains("where `sha256:00000000"), "{}", failure.message);
}

#[test]
fn faults_of_an_index_are_failures() {
    let cases = [
        ("absent", Reply::page(404)),
        ("unauthorized", Reply::page(401)),
        ("forbidden", Reply::page(403)),
        ("broken", Reply::page(503)),
        ("page", Reply::page(200)),
        ("not YAML", text("a: [")),
        ("not an index", text("a: 1")),
        ("not UTF-8", Reply::Whole(200, vec![], vec![0xff])),
        ("truncated", Reply::Cut(200, vec![], b"entries: {}".to_vec(), 4)),
        ("silent", Reply::Silence),
        (
            "two gigabytes",
            Reply::Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n".to_vec(), Duration::ZERO),
        ),
        (
            "twice",
            text(&format!(
                "apiVersion: v1\nentries: {{ agents: [{{ version: 1.0.0, digest: {} }}, {{ version: 1.0.0 }}] }}",
                "0".repeat(64)
            )),
        ),
        (
            "package by file",
            text("apiVersion: v1\nentries: { agents: [{ version: 1.0.0, urls: [\"file:///etc/passwd\"] }] }"),
        ),
        ("package nowhere", text("apiVersion: v1\nentries: { agents: [{ version: 1.0.0 }] }")),
        ("package lost", text("apiVersion: v1\nentries: { agents: [{ version: 1.0.0, urls: [a.tgz] }] }")),
    ];
    let said = |(name, reply): (&str, Reply)| {
        let server = repository(move |_| reply.clone(), Reply::page(404));
        let failure = index_at(&server, "/charts/index.yaml").open("agents", "1.0.0").expect_err(name);
        let words =
            format!("{name}\n{}: {}\n  {}\n", failure.kind, failure.message, failure.help.as_deref().unwrap_or("?"));
        words.replace(&server.host(), "HOST")
    };
    insta::assert_snapshot!(cases.map(said).join("\n"));
}

#[test]
fn credentials_in_a_url_are_sent_home_and_never_shown() {
    let elsewhere = FaultServer::new(|_| Reply::page(404));
    let far = format!(
        "apiVersion: v1\nentries: {{ agents: [{{ version: 1.0.0, urls: [\"http://{}/a.tgz\"] }}] }}",
        elsewhere.host()
    );
    let server = repository(move |_| text(&far), Reply::page(404));
    let url = format!("http://ann:s3cr%65t@{}/charts", server.host());
    let index = Index::new(&url, None, &network()).expect("it is a URL");
    let failure = index.open("agents", "1.0.0").expect_err("there is no package");
    assert_eq!(server.asked()[0].header("authorization"), Some("Basic YW5uOnMzY3JldA=="));
    assert_eq!(elsewhere.asked()[0].header("authorization"), None);
    let words = format!("{failure:?} {index:?} {}", index.place());
    assert!(!words.contains("s3cr"), "{words}");
}

#[test]
fn an_index_without_tls_must_be_allowed() {
    for wrong in ["charts.example.com", "ftp://charts.example.com", "file:///charts"] {
        assert!(Index::new(wrong, None, &network()).is_err(), "{wrong}");
    }
    let index = Index::new(&format!("http://{NO_NAME}/x"), None, &network()).expect("it is a URL");
    let failure = index.versions("agents").expect_err("it is not asked");
    assert!(failure.message.ends_with(&format!("`{NO_NAME}` would be asked without TLS")), "{}", failure.message);
    let index = Index::new(&format!("http://{NO_NAME}/x"), Some(true), &network()).expect("it is a URL");
    let failure = index.versions("agents").expect_err("it does not resolve");
    assert!(failure.message.ends_with(&format!("`{NO_NAME}` does not resolve")), "{}", failure.message);
}
