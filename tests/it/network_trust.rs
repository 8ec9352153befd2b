//! Who may learn who asks, and which addresses are asked at all, whatever a change or a server would have.

use std::path::PathBuf;
use std::sync::Arc;

use chartgate::finding::{Failure, FailureKind};
use chartgate::gate::{Charts, Ci, PolicyChoice, PolicySource, Request, Session, Surroundings};
use chartgate::network::index::Index;
use chartgate::network::oci::Registry;
use chartgate::network::{Answer, Network, Options, Proxies, Trust};
use chartgate::text::Date;
use chartgate::text::Sources;

use crate::fault_server::{FaultServer, NO_NAME, Reply, digest, impatient, package};
use crate::git_repo::Repo;
use crate::stand_in::{StandIn, json};

const UNKNOWN: &str = r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#;

/// An address of nobody's on the internet (RFC 5737).
const PUBLIC: &str = "203.0.113.9";

/// Options with credentials for a host, which go away with the folder.
fn login(folder: &tempfile::TempDir, host: &str) -> Options {
    let file: PathBuf = folder.path().join("config.json");
    std::fs::write(&file, format!(r#"{{"auths":{{"{host}":{{"auth":"YW5uOnMzY3JldA=="}}}}}}"#))
        .expect("the folder is ours");
    Options { credentials: vec![file], ..impatient() }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn open(target: &str, plain_http: Option<bool>, network: &Arc<Network>) -> Result<bool, Box<Failure>> {
    let registry = Registry::new(target, plain_http, network).expect("it is a target");
    registry.open("agents", "1.0.0").map(|release| release.is_some())
}

#[test]
fn credentials_go_without_tls_only_where_the_machine_says_so() {
    let folder = folder();
    let proxy = FaultServer::new(|asked| match asked.header("authorization") {
        None => Reply::json(401, "{}").with("WWW-Authenticate: Basic realm=\"x\""),
        Some(_) => Reply::json(404, UNKNOWN),
    });
    let proxies = Proxies { http: Some(format!("http://{}", proxy.host())), ..Proxies::default() };
    let options = Options { proxies, ..login(&folder, NO_NAME) };
    let network = Network::new(options.clone());
    let failure = open(&format!("oci://{NO_NAME}/charts"), Some(true), &network).expect_err("it is too open");
    assert_eq!(failure.kind, FailureKind::Credentials);
    assert!(failure.message.ends_with("would be shown credentials without TLS"), "{}", failure.message);
    let index = Index::new(&format!("http://{NO_NAME}/charts"), Some(true), &network).expect("it is a URL");
    assert!(index.versions("agents").is_err_and(|failure| failure.message.contains("without TLS")));
    let own = Index::new(&format!("http://ann:s3cret@{NO_NAME}/charts"), Some(true), &network).expect("it is a URL");
    assert!(own.versions("agents").is_err_and(|failure| failure.message.contains("without TLS")));
    assert!(proxy.log().is_empty(), "nothing was sent");
    let network = Network::new(Options { plain_http: vec![NO_NAME.into()], ..options });
    assert_eq!(open(&format!("oci://{NO_NAME}/charts"), None, &network), Ok(false));
    assert!(proxy.asked().iter().any(|asked| asked.header("authorization").is_some()));
}

#[test]
fn hosts_that_only_a_change_names_are_asked_on_the_internet_and_as_a_stranger() {
    let folder = folder();
    let server = FaultServer::new(|_| Reply::json(404, UNKNOWN));
    let target = format!("oci://{}/charts", server.host());
    let network = Network::new(impatient());
    for trust in [Trust::hosts([]), Trust::hosts(["oci://ghcr.io/acme"])] {
        let failure = open(&target, None, &network.trusting(trust)).expect_err("it is this machine");
        assert!(failure.message.contains("is this machine, and nobody but the author"), "{}", failure.message);
        assert!(failure.help.as_deref().is_some_and(|help| help.contains("--trust-host 127.0.0.1")), "{failure:?}");
    }
    let index = Index::new(&format!("http://{}/charts", server.host()), None, &network.trusting(Trust::hosts([])));
    assert!(index.expect("it is a URL").versions("agents").is_err());
    assert!(server.log().is_empty(), "nothing was sent");
    assert_eq!(open(&target, None, &network.trusting(Trust::hosts([target.as_str()]))), Ok(false));
    let machine = Network::new(Options { trusted: vec![server.host()], ..impatient() });
    assert_eq!(open(&target, None, &machine.trusting(Trust::hosts([]))), Ok(false));

    let stranger = StandIn::new(|hop| {
        let wanted = Answer::new(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], vec![]);
        if hop.is_secret() { json(404, UNKNOWN) } else { wanted }
    });
    let network = stranger.network(login(&folder, PUBLIC));
    let target = format!("oci://{PUBLIC}/charts");
    let failure = open(&target, None, &network.trusting(Trust::hosts([]))).expect_err("nobody is let in");
    assert!(failure.message.ends_with("so that no credentials are shown"), "{}", failure.message);
    assert!(stranger.sent().iter().all(|sent| !sent.starts_with('+')), "{:?}", stranger.sent());
    assert_eq!(open(&target, None, &network), Ok(false));
    assert!(stranger.sent().iter().any(|sent| sent.starts_with('+')));
}

#[test]
fn a_branch_cannot_choose_which_hosts_are_trusted() {
    let server = FaultServer::new(|_| Reply::json(404, UNKNOWN));
    let repo = Repo::new();
    repo.chart("a", "a", "1.0.0", "").commit();
    repo.remote_branch("main", "HEAD");
    let config = format!("published: {{ oci: \"oci://{}/charts\", base: HEAD }}\n", server.host());
    repo.write(".chartgate.yaml", config).chart("a", "a", "1.0.1", "").commit();
    let policy = PolicyChoice { select: vec!["version-reused".to_owned()], ..PolicyChoice::default() };
    let request = Request { policy, ..Request::default() };
    let here = Surroundings::new(repo.root().to_owned(), Date::new(2026, 1, 1).expect("a day"));
    let failures = |surroundings: &Surroundings| {
        let report = Session::new(surroundings.clone()).check(&request, &Sources::new());
        let report = report.unwrap_or_else(|error| panic!("{error:?}"));
        report.failures.into_iter().map(|failure| failure.message).collect::<Vec<_>>()
    };
    let said = failures(&here);
    assert!(said.len() == 1 && said[0].contains("nobody but the author of what is judged names it"), "{said:?}");
    let ci = Ci { target_branch: Some("gone".to_owned()), ..Ci::default() };
    let lost = Surroundings { ci, ..here.clone() };
    assert!(!failures(&lost).is_empty(), "a change whose base is not there may be anybody's");
    assert!(server.log().is_empty(), "nothing was sent");
    repo.remote_branch("main", "HEAD");
    assert_eq!(failures(&here), [""; 0], "it is merged");
    let asked = server.log().len();
    repo.chart("a", "a", "1.0.2", "").commit();
    assert_eq!(failures(&here), [""; 0], "the base names it");
    assert!(server.log().len() > asked);
}

#[test]
fn a_change_is_believed_no_more_for_a_package_a_revision_or_a_named_file() {
    let server = FaultServer::new(|_| Reply::json(404, UNKNOWN));
    let repo = Repo::new();
    repo.chart("a", "a", "1.0.0", "").commit();
    repo.remote_branch("main", "HEAD");
    let config = format!("published: {{ oci: \"oci://{}/charts\" }}\n", server.host());
    repo.write(".chartgate.yaml", config).chart("a", "a", "1.0.1", "").commit();
    repo.write("note", "").commit();
    std::fs::write(repo.root().join("agents-1.0.0.tgz"), package()).expect("the folder is ours");
    let ci = Ci { target_branch: Some("main".to_owned()), ..Ci::default() };
    let day = Date::new(2026, 1, 1).expect("a day");
    let here = Surroundings { ci, ..Surroundings::new(repo.root().to_owned(), day) };
    let failures = |charts: Charts, from: PolicySource| {
        let policy = PolicyChoice { select: vec!["version-reused".to_owned()], from, ..PolicyChoice::default() };
        let report =
            Session::new(here.clone()).check(&Request { charts, policy, ..Request::default() }, &Sources::new());
        let report = report.unwrap_or_else(|error| panic!("{error:?}"));
        report.failures.into_iter().map(|failure| failure.message).collect::<Vec<_>>()
    };
    let packed = || Charts::at_paths(["agents-1.0.0.tgz".into()]);
    let file = PolicySource::of(Some(".chartgate.yaml".into()), None);
    let at = Charts { at: Some("HEAD".to_owned()), ..Charts::default() };
    for (charts, from) in [
        (packed(), PolicySource::default()),
        (packed(), file.clone()),
        (at.clone(), PolicySource::default()),
        (at, file.clone()),
        (Charts::default(), file),
    ] {
        let said = failures(charts.clone(), from);
        assert!(said.len() == 1 && said[0].contains("nobody but the author of what"), "{charts:?}: {said:?}");
    }
    assert_eq!(
        failures(packed(), PolicySource::of(None, Some("origin/main".to_owned()))),
        [""; 0],
        "the base asks nobody"
    );
    assert!(server.log().is_empty(), "nothing was sent");
    let own = repo.beside("own.yaml");
    std::fs::copy(repo.root().join(".chartgate.yaml"), &own).expect("the folder is ours");
    assert_eq!(failures(packed(), PolicySource::of(Some(own), None)), [""; 0], "it is the user's own");
    assert!(!server.log().is_empty());
}

#[test]
fn a_change_chooses_no_registry_for_images() {
    let server = FaultServer::new(|_| Reply::json(404, UNKNOWN));
    let repo = Repo::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: '{{ .Values.image }}'}]}\n";
    repo.write(".chartgate.yaml", "resolve: true\n").write("a/templates/pod.yaml", pod);
    // A number is named for many reasons.
    repo.chart("a", "a", "1.0.0", &format!("image: nginx:1.27.1\nblocked: {}\n", server.host())).commit();
    repo.remote_branch("main", "HEAD");
    repo.chart("a", "a", "1.0.1", &format!("image: {}/acme/web:1.0\n", server.host())).commit();
    let failures = |from: PolicySource| {
        let policy = PolicyChoice { select: vec!["image-absent".to_owned()], from, ..PolicyChoice::default() };
        let here = Surroundings::new(repo.root().to_owned(), Date::new(2026, 1, 1).expect("a day"));
        let request = Request { policy, ..Request::default() };
        let report = Session::new(here).check(&request, &Sources::new());
        let report = report.unwrap_or_else(|error| panic!("{error:?}"));
        report.failures.into_iter().map(|failure| failure.message).collect::<Vec<_>>()
    };
    for from in [PolicySource::default(), PolicySource::of(None, Some("origin/main".to_owned()))] {
        let said = failures(from);
        assert!(said.len() == 1 && said[0].contains("nobody but the author of what is judged names it"), "{said:?}");
    }
    assert!(server.log().is_empty(), "nothing was sent");
    repo.remote_branch("main", "HEAD");
    assert_eq!(failures(PolicySource::default()), [""; 0], "it is merged");
    assert!(!server.log().is_empty());
}

#[test]
fn what_one_chart_may_see_is_neither_kept_from_it_nor_shown_to_others() {
    let folder = folder();
    let server = FaultServer::new(|asked| match asked.header("authorization") {
        None => Reply::json(401, "{}").with("WWW-Authenticate: Basic realm=\"x\""),
        Some(_) => Reply::json(404, UNKNOWN),
    });
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: '{{ .Values.image }}'}]}\n";
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "resolve: true\n");
    let named = format!("replaces: true\nresolve: true\npublished: {{oci: \"oci://{}/charts\"}}\n", server.host());
    repo.write("b/.chartgate.yaml", named).commit();
    repo.remote_branch("main", "HEAD");
    let image = format!("image: {}/acme/web:1.0\n", server.host());
    for chart in ["a", "b", "c"] {
        repo.write(&format!("{chart}/templates/pod.yaml"), pod).chart(chart, chart, "1.0.0", &image);
    }
    repo.commit();
    let policy = PolicyChoice { select: vec!["image-absent".to_owned()], ..PolicyChoice::default() };
    let mut here = Surroundings::new(repo.root().to_owned(), Date::new(2026, 1, 1).expect("a day"));
    here.network = login(&folder, &server.host());
    let request = Request { policy, ..Request::default() };
    let report = Session::new(here).check(&request, &Sources::new()).unwrap_or_else(|error| panic!("{error:?}"));
    let found: Vec<_> = report.findings.iter().map(|finding| finding.chart.as_deref()).collect();
    assert_eq!(found, [Some("b")], "who may ask with credentials sees what is not there");
    let failed: Vec<_> = report.failures.iter().map(|failure| failure.chart.as_deref()).collect();
    assert_eq!(failed, [Some("a"), Some("c")], "who may not learns nothing: {:?}", report.failures);
}

#[test]
fn what_a_stranger_cannot_see_is_not_absent_for_somebody_with_credentials() {
    let folder = folder();
    let hiding = || {
        StandIn::new(|hop| match (hop.is_secret(), hop.url().ends_with("tags/list?n=1000")) {
            (false, _) => json(404, UNKNOWN),
            (true, true) => json(200, r#"{"tags":["1.0.0"]}"#),
            (true, false) => json(401, "{}"),
        })
    };
    let target = format!("oci://{PUBLIC}/charts");
    let stand_in = hiding();
    let network = stand_in.network(login(&folder, PUBLIC));
    let failure = open(&target, None, &network).expect_err("the password is wrong");
    assert_eq!(failure.kind, FailureKind::Credentials);
    let registry = Registry::new(&target, None, &network).expect("it is a target");
    assert_eq!(registry.versions("agents"), Ok(vec!["1.0.0".to_owned()]));
    let failure = open(&target, None, &network.trusting(Trust::hosts([]))).expect_err("nobody can tell");
    assert!(failure.message.contains("may hide what strangers cannot see"), "{}", failure.message);
    assert_eq!(open(&target, None, &hiding().bare()), Ok(false), "who has no credentials is a stranger");
}

#[test]
fn no_server_sends_chartgate_on_to_inner_networks() {
    let inner = [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:192.168.0.1]/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://0/x",
    ];
    for address in inner {
        let stand_in = StandIn::new(move |_| Answer::new(302, &[("Location", address)], vec![]));
        let failure = open(&format!("oci://{PUBLIC}/charts"), None, &stand_in.bare()).expect_err("it leads astray");
        assert!(failure.message.contains(&format!("where `{PUBLIC}` is not itself")), "{address}: {}", failure.message);
        assert_eq!(stand_in.sent().len(), 1, "{address}: {:?}", stand_in.sent());
        let realm = format!("Bearer realm=\"{address}\"");
        let stand_in = StandIn::new(move |_| Answer::new(401, &[("WWW-Authenticate", realm.as_str())], vec![]));
        open(&format!("oci://{PUBLIC}/charts"), None, &stand_in.bare()).expect_err("its tokens lie astray");
        assert_eq!(stand_in.sent().len(), 1, "{address}: {:?}", stand_in.sent());
        let index = format!("apiVersion: v1\nentries: {{ agents: [{{ version: 1.0.0, urls: [\"{address}\"] }}] }}");
        let stand_in = StandIn::new(move |_| Answer::new(200, &[], index.clone().into_bytes()));
        let index = Index::new(&format!("https://{PUBLIC}/charts"), None, &stand_in.bare()).expect("it is a URL");
        index.open("agents", "1.0.0").expect_err("its package lies astray");
        assert_eq!(stand_in.sent().len(), 1, "{address}: {:?}", stand_in.sent());
    }
}

#[test]
fn redirects_lead_where_the_registry_is_itself_and_never_out_of_tls_or_with_credentials() {
    let folder = folder();
    let private = StandIn::new(|hop| match hop.url() {
        url if url.contains("10.0.0.2") => json(404, UNKNOWN),
        url if url.contains("tags/list") => json(404, UNKNOWN),
        _ => Answer::new(307, &[("Location", "https://10.0.0.2/elsewhere")], vec![]),
    });
    assert_eq!(open("oci://10.0.0.1/charts", None, &private.network(login(&folder, "10.0.0.1"))), Ok(false));
    let elsewhere: Vec<_> = private.sent().into_iter().filter(|sent| sent.contains("10.0.0.2")).collect();
    assert!(!elsewhere.is_empty() && elsewhere.iter().all(|sent| !sent.starts_with('+')), "{elsewhere:?}");
    for (location, said) in [
        ("http://203.0.113.9/x", "redirects from TLS to plain HTTP"),
        ("file:///etc/passwd", "redirects without end, or to nowhere"),
        ("https://", "redirects without end, or to nowhere"),
        ("/again", "redirects without end, or to nowhere"),
    ] {
        let stand_in = StandIn::new(move |_| Answer::new(301, &[("Location", location)], vec![]));
        let failure = open(&format!("oci://{PUBLIC}/charts"), None, &stand_in.bare()).expect_err(location);
        assert!(failure.message.ends_with(said), "{location}: {}", failure.message);
        assert!(stand_in.sent().len() <= 9, "{location}");
    }
}

#[test]
fn tokens_are_for_pulling_from_one_repository_whatever_a_challenge_names() {
    let folder = folder();
    let challenge = "Bearer realm=\"https://198.51.100.7/token\",service=\"s\",scope=\"repository:other:pull,push registry:catalog:*\"";
    let stand_in = StandIn::new(move |hop| match hop.url() {
        url if url.contains("/token") => json(200, r#"{"token":"t"}"#),
        _ if hop.is_secret() => json(404, UNKNOWN),
        _ => Answer::new(401, &[("WWW-Authenticate", challenge)], vec![]),
    });
    assert_eq!(open(&format!("oci://{PUBLIC}/charts"), None, &stand_in.network(login(&folder, PUBLIC))), Ok(false));
    let tokens: Vec<_> = stand_in.sent().into_iter().filter(|sent| sent.contains("/token")).collect();
    assert_eq!(tokens, ["+GET https://198.51.100.7/token?service=s&scope=repository%3Acharts%2Fagents%3Apull"]);
}

#[test]
fn a_token_server_that_anybody_can_have_named_is_shown_no_credentials() {
    let folder = folder();
    for realm in ["https://198.51.100.7/token", "http://198.51.100.7/token", "http://127.0.0.1/token"] {
        let challenge = format!("Bearer realm=\"{realm}\"");
        let stand_in = StandIn::new(move |_| Answer::new(401, &[("WWW-Authenticate", challenge.as_str())], vec![]));
        let options = Options { plain_http: vec![PUBLIC.into()], ..login(&folder, PUBLIC) };
        open(&format!("oci://{PUBLIC}/charts"), None, &stand_in.network(options)).expect_err("somebody may listen in");
        assert_eq!(stand_in.sent(), [format!("HEAD http://{PUBLIC}/v2/charts/agents/manifests/1.0.0")], "{realm}");
    }
}

#[test]
fn a_token_that_is_exchanged_is_not_sent_on() {
    let folder = folder();
    let file = folder.path().join("config.json");
    std::fs::write(&file, format!(r#"{{"auths":{{"{PUBLIC}":{{"identitytoken":"s3cret"}}}}}}"#)).expect("it is ours");
    let stand_in = StandIn::new(|hop| match hop.method() {
        "POST" => Answer::new(307, &[("Location", "https://198.51.100.7/token")], vec![]),
        _ => Answer::new(401, &[("WWW-Authenticate", "Bearer realm=\"https://203.0.113.9/token\"")], vec![]),
    });
    let network = stand_in.network(Options { credentials: vec![file], ..impatient() });
    open(&format!("oci://{PUBLIC}/charts"), None, &network).expect_err("there is no token");
    assert!(stand_in.sent().iter().all(|sent| !sent.contains("198.51.100.7")), "{:?}", stand_in.sent());
}

#[test]
fn nothing_that_a_server_says_is_quoted() {
    let blob = format!(
        r#"{{"config":{{"mediaType":"INTERNAL/x","digest":"INTERNAL","size":1}},"layers":[{{"mediaType":"INTERNAL","digest":"{}","size":1}}]}}"#,
        digest(&package())
    );
    let bodies = [
        "INTERNAL",
        "<INTERNAL>",
        "INTERNAL: [",
        "entries: { INTERNAL: INTERNAL }",
        "apiVersion: v1\nentries: { agents: [{ version: 1.0.0, urls: [INTERNAL.tgz] }] }",
        "apiVersion: v1\nentries: { agents: [{ version: 1.0.0, urls: [\"ftp://INTERNAL\"] }] }",
        "apiVersion: v1\nentries: { agents: [{ version: 1.0.0, urls: [\"https://INTERNAL:x\"] }] }",
        r#"{"config":"INTERNAL","layers":"x","tags":"INTERNAL"}"#,
        r#"{"errors":[{"code":"INTERNAL","message":"INTERNAL"}],"tags":[{"INTERNAL":1}]}"#,
        &blob,
    ];
    // No resolver is asked for it: a label is too long.
    let host = format!("INTERNAL{}.invalid", "x".repeat(60));
    let (realm, location) =
        (format!("Bearer realm=\"https://{host}/\",service=\"INTERNAL\""), format!("https://{host}/"));
    let headers = [
        ("X", "x"),
        ("WWW-Authenticate", realm.as_str()),
        ("WWW-Authenticate", "Bearer realm=\"INTERNAL\""),
        ("Location", location.as_str()),
        ("Link", "<https://INTERNAL/>; rel=next"),
        ("Docker-Content-Digest", "INTERNAL"),
        ("Retry-After", "INTERNAL"),
    ];
    for status in [200, 302, 401, 403, 404, 418, 429, 503] {
        for (header, body) in headers.iter().flat_map(|header| bodies.iter().map(move |body| (*header, *body))) {
            let (reply, is_index) = (Answer::new(status, &[header], body.into()), body.contains("entries"));
            let stand_in = StandIn::new(move |_| reply.clone());
            let network = stand_in.network(Options {
                retries: chartgate::network::Retries { attempts: 1, ..impatient().retries },
                ..impatient()
            });
            let registry = Registry::new(&format!("oci://{PUBLIC}/charts"), None, &network).expect("it is a target");
            let index = Index::new(&format!("https://{PUBLIC}/charts"), None, &network).expect("it is a URL");
            let failures = [
                registry.open("agents", "1.0.0").err(),
                registry.versions("agents").err(),
                index.open("agents", "1.0.0").err(),
            ];
            assert!(is_index || failures.iter().all(Option::is_some), "{status} {header:?} {body}: {failures:?}");
            assert!(
                !format!("{failures:?}").to_lowercase().contains("internal"),
                "{status} {header:?} {body}: {failures:?}"
            );
        }
    }
}
