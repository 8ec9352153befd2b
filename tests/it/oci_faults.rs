//! Whatever goes wrong at a registry is a failure that says whose fault it is; nothing of it means "absent".

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use chartgate::finding::{Failure, FailureKind};
use chartgate::network::oci::Registry;
use chartgate::network::{Network, Options, Proxies};

use crate::fault_server::{Asked, FaultServer, NO_NAME, Reply, digest, impatient, network, package};

const UNKNOWN: &str = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;

fn manifest(layer: &[u8]) -> String {
    format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{0}","size":2}},
        "layers":[{{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"{0}","size":{1}}}]}}"#,
        digest(layer),
        layer.len()
    )
}

fn registry_of(server: &FaultServer) -> Registry {
    Registry::new(&format!("oci://{}/charts", server.host()), None, &network()).expect("it is a target")
}

fn open(registry: &Registry) -> Result<Option<String>, Box<Failure>> {
    let release = registry.open("agents", "1.0.0")?;
    Ok(release.map(|release| release.digest.expect("registries know digests")))
}

/// A failure in words, with the port left out.
fn said(failure: &Failure, server: &FaultServer) -> String {
    let help = failure.help.as_deref().expect("every failure helps");
    format!("{}: {}\n  {help}", failure.kind, failure.message).replace(&server.host(), "HOST")
}

/// What a registry says that answers every request alike.
fn fault(reply: Reply) -> String {
    let server = FaultServer::new(move |_| reply.clone());
    let failure = open(&registry_of(&server)).expect_err("a fault is no answer");
    let listed = registry_of(&server).versions("agents").expect_err("a fault is no list");
    assert_eq!(failure.kind, listed.kind, "{failure:?} {listed:?}");
    said(&failure, &server)
}

/// A registry that has the release, with what `change` makes of its answers.
fn registry_with(change: impl Fn(&Asked, Reply) -> Reply + Send + Sync + 'static) -> FaultServer {
    let (layer, manifest) = (package(), manifest(&package()));
    FaultServer::new(move |asked| {
        let reply = if asked.path.contains("/blobs/") {
            Reply::Whole(200, vec![], layer.clone())
        } else {
            let pinned = format!("Docker-Content-Digest: {}", digest(manifest.as_bytes()));
            Reply::json(200, &manifest).with(pinned)
        };
        change(asked, reply)
    })
}

#[test]
fn an_absent_release_and_a_present_one_cost_three_requests() {
    let server = FaultServer::new(|_| Reply::json(404, UNKNOWN));
    assert_eq!(open(&registry_of(&server)), Ok(None));
    let path = "/v2/charts/agents/manifests/1.0.0";
    let said = [format!("HEAD {path}"), format!("GET {path}"), "GET /v2/charts/agents/tags/list?n=1000".into()];
    assert_eq!(server.log(), said, "a HEAD holds no errors, and the list must agree");
    let server = registry_with(|_, reply| reply);
    assert_eq!(open(&registry_of(&server)), Ok(Some(digest(&package()))));
    let (manifest, layer) = (digest(manifest(&package()).as_bytes()), digest(&package()));
    let expected = [
        "HEAD /v2/charts/agents/manifests/1.0.0".to_owned(),
        format!("GET /v2/charts/agents/manifests/{manifest}"),
        format!("GET /v2/charts/agents/blobs/{layer}"),
    ];
    assert_eq!(server.log(), expected);
    let head = registry_of(&server).head("agents", "1.0.0").expect("it answers").expect("it is out");
    assert_eq!(head.digest, Some(layer));
    assert_eq!(server.log().len(), 5, "the package is not read for its digest");
}

#[test]
fn only_a_registry_can_say_that_a_release_is_absent() {
    let plain = |status, body: &str| Reply::Whole(status, vec![], body.as_bytes().to_vec());
    let unknown = plain(404, UNKNOWN);
    let server = FaultServer::new(move |_| unknown.clone());
    assert_eq!(open(&registry_of(&server)), Ok(None));
    assert_eq!(server.log().len(), 3);
    let other = r#"{"errors":[{"code":"UNSUPPORTED"}]}"#;
    let said: Vec<_> = [Reply::page(404), plain(404, ""), plain(404, r#"{"message":"no route"}"#), plain(404, other)]
        .map(fault)
        .to_vec();
    said[1..].iter().for_each(|each| assert_eq!(each, &said[0]));
    insta::assert_snapshot!(said[0]);
}

#[test]
fn every_status_says_whose_fault_it_is() {
    let challenge = "WWW-Authenticate: Basic realm=\"charts\"";
    let cases = [
        ("unauthorized", Reply::json(401, "{}").with(challenge)),
        ("unauthorized without a challenge", Reply::json(401, "{}")),
        ("forbidden", Reply::json(403, r#"{"errors":[{"code":"DENIED"}]}"#)),
        ("too many requests", Reply::json(429, "{}").with("Retry-After: 0")),
        ("too many requests for long", Reply::json(429, "{}").with("Retry-After: 3600")),
        ("server error", Reply::json(500, "{}")),
        ("bad gateway", Reply::page(502)),
        ("teapot", Reply::json(418, "{}")),
        ("page", Reply::page(200)),
        ("not JSON", Reply::json(200, "hello")),
        ("other JSON", Reply::json(200, r#"{"tags": 7}"#)),
    ];
    let all: Vec<_> = cases.into_iter().map(|(name, reply)| format!("{name}\n{}\n", fault(reply))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn every_broken_connection_says_whose_fault_it_is() {
    let closed = FaultServer::new(|_| Reply::Gone).host();
    let body = b"{\"tags\": []}".to_vec();
    let json = vec!["Content-Type: application/json".to_owned()];
    let away = vec!["Location: /again".to_owned()];
    let slow = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec();
    let cases = [
        ("silent", Reply::Silence),
        ("slow", Reply::Drip(slow, std::time::Duration::from_millis(60))),
        ("cut off", Reply::Gone),
        ("not HTTP", Reply::Drip(b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec(), std::time::Duration::ZERO)),
        ("endless redirects", Reply::Whole(302, away, vec![])),
    ];
    let mut all: Vec<_> = cases.into_iter().map(|(name, reply)| format!("{name}\n{}\n", fault(reply))).collect();
    let server = FaultServer::new(move |_| Reply::Cut(200, json.clone(), body.clone(), 5));
    let failure = registry_of(&server).versions("agents").expect_err("half a list is none");
    all.push(format!("half an answer\n{}\n", said(&failure, &server)));
    assert_eq!(server.log().len(), 3, "it is asked again");
    for (name, host, plain_http) in [
        ("refused", closed.as_str(), None),
        ("no such name", NO_NAME, Some(true)),
        ("no TLS", &server.host(), Some(false)),
    ] {
        let registry = Registry::new(&format!("oci://{host}/charts"), plain_http, &network()).expect("it is a target");
        let failure = open(&registry).expect_err("nobody answers");
        all.push(format!("{name}\n{}\n", said(&failure, &server).replace(host, "HOST")));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn damaged_releases_are_failures() {
    let at_blob = |reply: fn(Vec<u8>) -> Reply| {
        move |asked: &Asked, whole: Reply| if asked.path.contains("/blobs/") { reply(package()) } else { whole }
    };
    let at_manifest = |reply: fn() -> Reply| {
        move |asked: &Asked, whole: Reply| if asked.path.contains("/manifests/") { reply() } else { whole }
    };
    let other = |config: &str, layer: &str| {
        let of_kind = |kind: &str| format!(r#"{{"mediaType":"{kind}","digest":"{}","size":1}}"#, digest(b"x"));
        Reply::json(200, &format!(r#"{{"config":{},"layers":[{}]}}"#, of_kind(config), of_kind(layer)))
    };
    let image =
        move || other("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip");
    let servers = [
        ("truncated", registry_with(at_blob(|layer| Reply::Whole(200, vec![], layer[..50].to_vec())))),
        ("cut off", registry_with(at_blob(|layer| Reply::Cut(200, vec![], layer, 50)))),
        ("too long", registry_with(at_blob(|layer| Reply::Whole(200, vec![], [layer, vec![0; 99]].concat())))),
        ("wrong bytes", registry_with(at_blob(|layer| Reply::Whole(200, vec![], vec![7; layer.len()])))),
        ("no blob", registry_with(at_blob(|_| Reply::json(404, "{}")))),
        ("page for a blob", registry_with(at_blob(|_| Reply::page(200)))),
        (
            "wrong manifest",
            registry_with(|asked, whole| match asked.method.as_str() {
                "HEAD" => whole,
                _ => Reply::json(200, "{}"),
            }),
        ),
        ("image", registry_with(move |_, _| image())),
        ("index", registry_with(at_manifest(|| Reply::json(200, r#"{"manifests":[]}"#)))),
        ("empty manifest", registry_with(at_manifest(|| Reply::json(200, "{}")))),
        (
            "huge",
            registry_with(at_manifest(|| {
                Reply::json(
                    200,
                    &manifest(&package()).replace(&format!("\"size\":{}", package().len()), "\"size\":104857601"),
                )
            })),
        ),
        ("no chart", {
            let layer = b"hello".to_vec();
            FaultServer::new(move |asked| {
                let is_blob = asked.path.contains("/blobs/");
                if is_blob { Reply::Whole(200, vec![], layer.clone()) } else { Reply::json(200, &manifest(&layer)) }
            })
        }),
    ];
    let said = |(name, server): &(&str, FaultServer)| {
        let failure = open(&registry_of(server)).expect_err(name);
        format!("{name}\n{}\n", self::said(&failure, server))
    };
    insta::assert_snapshot!(servers.iter().map(said).collect::<Vec<_>>().join("\n"));
}

#[test]
fn an_overloaded_registry_is_asked_again_when_it_says() {
    for (refusal, least) in [
        (Reply::json(429, "{}").with("Retry-After: 1"), 1000),
        (
            Reply::json(503, "{}")
                .with("Date: Sun, 06 Nov 1994 08:49:37 GMT")
                .with("Retry-After: Sun, 06 Nov 1994 08:49:38 GMT"),
            1000,
        ),
        (Reply::json(500, "{}"), 0),
        (Reply::Gone, 0),
    ] {
        let times = AtomicUsize::new(0);
        let server = FaultServer::new(move |_| match times.fetch_add(1, Ordering::SeqCst) {
            0 => refusal.clone(),
            _ => Reply::json(404, UNKNOWN),
        });
        let started = std::time::Instant::now();
        assert_eq!(open(&registry_of(&server)), Ok(None));
        assert_eq!(server.log().len(), 4);
        assert!(started.elapsed().as_millis() >= least);
    }
}

#[test]
fn a_registry_out_of_reach_is_given_up_for_all_charts() {
    let server = FaultServer::new(|_| Reply::json(500, "{}"));
    let registry = registry_of(&server);
    for _ in 0..20 {
        registry.open("agents", "1.0.0").expect_err("it fails");
    }
    assert_eq!(server.log().len(), 9, "three requests, each tried three times");
}

#[test]
fn ten_thousand_tags_come_page_by_page() {
    let server = FaultServer::new(|asked| {
        let last: u32 = asked.path.split("last=").nth(1).and_then(|last| last.parse().ok()).unwrap_or(0);
        let tags: Vec<_> = (last..last + 1000).map(|patch| format!("\"1.0.{patch}_b\"")).collect();
        let reply = Reply::json(
            200,
            &format!(r#"{{"name":"agents","tags":[{},"latest","v1.2","sha256-1.sig"]}}"#, tags.join(",")),
        );
        if last >= 9000 {
            reply
        } else {
            reply.with(format!("Link: </v2/charts/agents/tags/list?last={}>; rel=\"next\"", last + 1000))
        }
    });
    let versions = registry_of(&server).versions("agents").expect("it answers");
    assert_eq!(versions.len(), 10_000);
    assert!(versions.contains(&"1.0.9999+b".to_owned()));
    assert_eq!(server.log().len(), 10);
}

#[test]
fn pages_that_never_end_or_lead_elsewhere_are_failures() {
    let tags = r#"{"tags":["1.0.0"]}"#;
    let endless = "Link: </v2/charts/agents/tags/list?last=1.0.0>; rel=next";
    let elsewhere = "Link: <http://registry.invalid/v2/>; rel=\"next\"";
    let mut all = vec![];
    for link in [endless, elsewhere] {
        let server = FaultServer::new(move |_| Reply::json(200, tags).with(link));
        let failure = registry_of(&server).versions("agents").expect_err("it is no list");
        all.push(said(&failure, &server));
        assert!(server.log().len() <= 2);
    }
    insta::assert_snapshot!(all.join("\n"));
    let server = FaultServer::new(|_| Reply::json(200, r#"{"name":"agents","tags":null}"#));
    assert_eq!(registry_of(&server).versions("agents"), Ok(vec![]));
}

/// A file of credentials for a server, in the format of Docker.
fn login(folder: &tempfile::TempDir, content: &str) -> PathBuf {
    let file = folder.path().join("config.json");
    std::fs::write(&file, content).expect("the folder is ours");
    file
}

#[test]
fn credentials_stay_with_the_host_they_are_for() {
    let elsewhere = FaultServer::new(|_| Reply::Whole(200, vec![], package()));
    let target = format!("Location: http://{}/blob", elsewhere.host());
    let server = registry_with(move |asked, whole| {
        if asked.header("authorization").is_none() {
            return Reply::json(401, "{}").with("WWW-Authenticate: Basic realm=\"charts\"");
        }
        if asked.path.contains("/blobs/") { Reply::Whole(307, vec![target.clone()], vec![]) } else { whole }
    });
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = login(&folder, &format!(r#"{{"auths":{{"{}":{{"auth":"YW5uOnMzY3JldA=="}}}}}}"#, server.host()));
    let network = Network::new(Options { credentials: vec![file], ..impatient() });
    let registry = Registry::new(&format!("oci://{}/charts", server.host()), None, &network).expect("it is a target");
    assert_eq!(open(&registry), Ok(Some(digest(&package()))));
    let shown: Vec<_> = server.asked().iter().map(|asked| asked.header("authorization").map(str::to_owned)).collect();
    let basic = Some("Basic YW5uOnMzY3JldA==".to_owned());
    assert_eq!(shown, [None, basic.clone(), basic.clone(), basic]);
    assert_eq!(elsewhere.asked().iter().filter(|asked| asked.header("authorization").is_some()).count(), 0);
}

#[test]
fn credentials_that_cannot_be_read_are_failures_and_never_shown() {
    let server = FaultServer::new(|_| Reply::json(401, "{}").with("WWW-Authenticate: Basic realm=\"charts\""));
    let host = server.host();
    let cases = [
        ("no JSON", "s3cret".to_owned()),
        ("no base64", format!(r#"{{"auths":{{"{host}":{{"auth":"s3cret!"}}}}}}"#)),
        ("no helper", format!(r#"{{"credHelpers":{{"{host}":"chartgate-none"}}}}"#)),
        ("refused", format!(r#"{{"auths":{{"{host}":{{"username":"ann","password":"s3cret"}}}}}}"#)),
        ("another host's", r#"{"auths":{"ghcr.io":{"username":"ann","password":"s3cret"}}}"#.to_owned()),
    ];
    let said = |(name, content): (&str, String)| {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = login(&folder, &content);
        let absent = folder.path().join("none.json");
        let network = Network::new(Options { credentials: vec![absent, file.clone()], ..impatient() });
        let registry = Registry::new(&format!("oci://{host}/charts"), None, &network).expect("it is a target");
        let failure = open(&registry).expect_err("nobody may");
        assert_eq!(failure.kind, FailureKind::Credentials);
        assert!(!format!("{failure:?} {registry:?} {network:?}").contains("s3cret"));
        let words = self::said(&failure, &server).replace(&file.display().to_string(), "FILE");
        format!("{name}\n{words}\n")
    };
    insta::assert_snapshot!(cases.map(said).join("\n"));
}

/// A registry behind tokens, whose token server answers as told.
fn token_server(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> FaultServer {
    FaultServer::new(move |asked| {
        if asked.path.starts_with("/token") {
            return answer(asked);
        }
        if asked.header("authorization") == Some("Bearer right") {
            return Reply::json(404, UNKNOWN);
        }
        let host = asked.header("host").expect("clients name the host").to_owned();
        Reply::json(401, "{}").with(format!(
            "WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"charts\",scope=\"repository:charts/agents:pull\""
        ))
    })
}

#[test]
fn tokens_are_fetched_for_each_repository_and_renewed() {
    let times = AtomicUsize::new(0);
    let server = token_server(move |_| match times.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::json(200, r#"{"token":"stale"}"#),
        1 => Reply::json(200, r#"{"token":"right"}"#),
        _ => Reply::json(200, r#"{"access_token":"right"}"#),
    });
    let registry = registry_of(&server);
    let refused = registry.open("agents", "1.0.0").expect_err("the token is of no use");
    assert_eq!(refused.kind, FailureKind::Credentials);
    assert!(matches!(registry.open("agents", "1.0.0"), Ok(None)));
    assert!(matches!(registry.open("other", "1.0.0"), Ok(None)));
    let tokens: Vec<_> = server.log().into_iter().filter(|line| line.contains("/token")).collect();
    let ask = |chart| format!("GET /token?service=charts&scope=repository%3Acharts%2F{chart}%3Apull");
    assert_eq!(tokens, [ask("agents"), ask("agents"), ask("other")]);
}

#[test]
fn identity_tokens_are_exchanged() {
    let server = token_server(|asked| {
        let is_right = asked.body.contains("refresh_token=a%2Bb");
        if is_right { Reply::json(200, r#"{"access_token":"right"}"#) } else { Reply::json(401, "{}") }
    });
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = login(&folder, &format!(r#"{{"auths":{{"{}":{{"identitytoken":"a+b"}}}}}}"#, server.host()));
    let network = Network::new(Options { credentials: vec![file], ..impatient() });
    let registry = Registry::new(&format!("oci://{}/charts", server.host()), None, &network).expect("it is a target");
    assert_eq!(open(&registry), Ok(None));
}

#[test]
fn faults_of_a_token_server_are_failures() {
    let cases = [
        ("unauthorized", Reply::json(401, "{}")),
        ("forbidden", Reply::json(403, "{}")),
        ("broken", Reply::json(500, "{}")),
        ("lost", Reply::page(404)),
        ("page", Reply::page(200)),
        ("not JSON", Reply::json(200, "s3cret")),
        ("no token", Reply::json(200, "{}")),
        ("no header", Reply::json(200, r#"{"token":"s3cret\r\nX: y"}"#)),
    ];
    let said = |(name, reply): (&str, Reply)| {
        let server = token_server(move |_| reply.clone());
        let failure = open(&registry_of(&server)).expect_err(name);
        assert!(!format!("{failure:?}").contains("s3cret"));
        format!("{name}\n{}\n", self::said(&failure, &server))
    };
    insta::assert_snapshot!(cases.map(said).join("\n"));
}

#[test]
fn proxies_and_certificates_are_the_environments() {
    let target = &format!("oci://{NO_NAME}/charts");
    let proxy = FaultServer::new(|_| Reply::json(404, UNKNOWN));
    let proxies = Proxies { http: Some(format!("http://ann:s3cret@{}", proxy.host())), ..Proxies::default() };
    let network = Network::new(Options { proxies: proxies.clone(), ..impatient() });
    let registry = Registry::new(target, Some(true), &network).expect("it is a target");
    assert_eq!(open(&registry), Ok(None));
    assert_eq!(proxy.log()[0], format!("HEAD http://{NO_NAME}/v2/charts/agents/manifests/1.0.0"));
    assert_eq!(proxy.asked()[0].header("proxy-authorization"), Some("Basic YW5uOnMzY3JldA=="));
    assert!(!format!("{network:?}").contains("s3cret"));
    let excepted = Proxies { exceptions: Some(".invalid".into()), ..proxies };
    let network = Network::new(Options { proxies: excepted, ..impatient() });
    let registry = Registry::new(target, Some(true), &network).expect("it is a target");
    assert!(open(&registry).is_err_and(|failure| failure.message.contains("does not resolve")));
    let options = Options { authorities: Some("/nowhere/ca.pem".into()), ..impatient() };
    let registry = Registry::new(target, None, &Network::new(options)).expect("it is a target");
    let failure = open(&registry).expect_err("there is no such file");
    assert!(failure.message.contains("`/nowhere/ca.pem` cannot be used"), "{}", failure.message);
}

#[test]
fn nobody_is_asked_offline() {
    let server = FaultServer::new(|_| Reply::json(404, UNKNOWN));
    let network = Network::new(Options { offline: true, ..impatient() });
    let registry = Registry::new(&format!("oci://{}/charts", server.host()), None, &network).expect("it is a target");
    assert!(open(&registry).is_err_and(|failure| failure.message.contains("`--offline`")));
    assert!(server.log().is_empty());
}
