//! The whole gate on a network that breaks at any request: a chart whose version is out with other content never passes, and what is not found
//! is a failure that is said.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chartgate::finding::{Report, Verdict};
use chartgate::gate::{Request, Session, Surroundings};
use chartgate::text::Date;
use chartgate::text::Sources;

use crate::fault_server::{Asked, FaultServer, Reply, digest, impatient, package};
use crate::git_repo::Repo;

/// How a request can fail.
fn faults() -> Vec<(&'static str, Reply)> {
    vec![
        ("an error of the server", Reply::json(500, r#"{"errors":[{"code":"UNKNOWN"}]}"#)),
        ("a page that is not there", Reply::page(404)),
        ("a page in place of an answer", Reply::page(200)),
        ("an empty answer", Reply::json(200, "{}")),
        ("no answer at all", Reply::Whole(200, vec![], vec![])),
        ("no access", Reply::json(403, r#"{"errors":[{"code":"DENIED"}]}"#)),
        ("half an answer", Reply::Cut(200, vec![], package(), 40)),
        ("a connection that ends", Reply::Gone),
    ]
}

/// Which requests fail.
#[derive(Debug, Clone, Copy)]
enum Broken {
    /// One.
    Only(usize),
    /// All from one on, as retries cannot mend.
    From(usize),
}

/// A server that breaks, with the number of requests that it had.
fn server(
    broken: Option<(Broken, Reply)>,
    answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
) -> (FaultServer, Arc<AtomicUsize>) {
    let count = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&count);
    let server = FaultServer::new(move |asked| {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        match &broken {
            Some((Broken::Only(at), reply)) if number == *at => reply.clone(),
            Some((Broken::From(at), reply)) if number >= *at => reply.clone(),
            _ => answer(asked),
        }
    });
    (server, count)
}

/// A registry that has `agents` 1.0.0, and a lower version.
fn registry(asked: &Asked) -> Reply {
    let layer = package();
    let manifest = format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{0}","size":2}},
        "layers":[{{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"{0}","size":{1}}}]}}"#,
        digest(&layer),
        layer.len()
    );
    if asked.path.contains("/blobs/") {
        return Reply::Whole(200, vec![], layer);
    }
    if asked.path.contains("/tags/list") {
        return Reply::json(200, r#"{"name":"charts/agents","tags":["0.9.0","1.0.0"]}"#);
    }
    Reply::json(200, &manifest).with(format!("Docker-Content-Digest: {}", digest(manifest.as_bytes())))
}

/// A chart repository that has the same.
fn index(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        "/charts/index.yaml" => {
            let hash = digest(&package()).replace("sha256:", "");
            let text = format!(
                "apiVersion: v1\nentries:\n  agents:\n  - {{ name: agents, version: 1.0.0, urls: [agents-1.0.0.tgz], digest: {hash} }}\n"
            );
            Reply::Whole(200, vec![], text.into_bytes())
        }
        _ => Reply::Whole(200, vec![], package()),
    }
}

/// A chart that a published one has the version of, judged against the place.
fn judged(place: &str, server: &FaultServer) -> Report {
    let repo = Repo::nowhere();
    let target = place.replace("HOST", &server.host());
    repo.write(".chartgate.yaml", format!("published: {{ {target} }}\n")).chart("agents", "agents", "1.0.0", "x: 1\n");
    let mut surroundings = Surroundings::new(repo.root().to_owned(), Date::new(2026, 1, 1).expect("a day"));
    surroundings.network = impatient();
    Session::new(surroundings).check(&Request::default(), &Sources::new()).expect("there is a chart")
}

fn never_passes(place: &str, answer: fn(&Asked) -> Reply) {
    let is_reused = |report: &Report| report.findings.iter().any(|finding| finding.rule == "version-reused");
    let (whole, count) = server(None, answer);
    let report = judged(place, &whole);
    assert!(is_reused(&report) && report.failures.is_empty(), "{:?}", report.failures);
    let requests = count.load(Ordering::SeqCst);
    assert!(requests > 1, "{requests}");
    for at in 0..requests {
        for broken in [Broken::Only(at), Broken::From(at)] {
            for (what, reply) in faults() {
                let (server, _) = server(Some((broken, reply)), answer);
                let report = judged(place, &server);
                let is_said = report.verdict != Verdict::Pass && (is_reused(&report) || !report.failures.is_empty());
                assert!(is_said, "{place}: {what} at {broken:?}: {:?} {:?}", report.verdict, report.failures);
            }
        }
    }
}

#[test]
fn a_registry_that_breaks_at_any_request_lets_nothing_pass() {
    never_passes("oci: 'oci://HOST/charts'", registry);
}

#[test]
fn a_chart_repository_that_breaks_at_any_request_lets_nothing_pass() {
    never_passes("index: 'http://HOST/charts'", index);
}

#[test]
fn one_place_that_breaks_leaves_what_the_other_says() {
    never_passes("oci: 'oci://HOST/other', index: 'http://HOST/charts'", |asked| {
        if asked.path.starts_with("/v2/") {
            return Reply::json(404, r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known"}]}"#);
        }
        index(asked)
    });
}
