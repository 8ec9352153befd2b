//! Whatever a registry, an index or a credential helper does, it ends soon, with a failure that names the limit.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chartgate::finding::{Failure, FailureKind};
use chartgate::network::index::Index;
use chartgate::network::oci::Registry;
use chartgate::network::{Answer, Network, Options};

use crate::fault_server::{FaultServer, Reply, impatient, network};
use crate::stand_in::{StandIn, json};

fn registry(stand_in: &std::sync::Arc<StandIn>) -> Registry {
    Registry::new("oci://203.0.113.9/charts", None, &stand_in.bare()).expect("it is a target")
}

#[test]
fn a_list_of_tags_ends_by_pages_or_bytes() {
    let page = AtomicUsize::new(0);
    let endless = StandIn::new(move |_| {
        let number = page.fetch_add(1, Ordering::SeqCst);
        let link = format!("</v2/charts/agents/tags/list?last={number}>; rel=\"next\"");
        Answer::new(200, &[("Link", link.as_str())], format!(r#"{{"tags":["0.0.{number}"]}}"#).into_bytes())
    });
    let failure = registry(&endless).versions("agents").expect_err("it never ends");
    assert_eq!(failure.kind, FailureKind::Limit);
    assert!(failure.message.ends_with("has more than 1000 pages of tags"), "{}", failure.message);
    assert_eq!(endless.sent().len(), 1000);

    let page = AtomicUsize::new(0);
    let long = FaultServer::new(move |_| {
        let number = page.fetch_add(1, Ordering::SeqCst);
        let tags: Vec<_> = (0..20_000).map(|tag| format!("\"0.{number}.{tag}-{}\"", "x".repeat(100))).collect();
        let body = format!(r#"{{"tags":[{}]}}"#, tags.join(","));
        Reply::json(200, &body).with(format!("Link: </v2/charts/agents/tags/list?last={number}>; rel=\"next\""))
    });
    let target = format!("oci://{}/charts", long.host());
    let registry = Registry::new(&target, None, &network()).expect("it is a target");
    let failure = registry.versions("agents").expect_err("it is too long");
    assert_eq!(failure.kind, FailureKind::Limit);
    assert!(failure.message.ends_with("has more than 8388608 bytes of tags"), "{}", failure.message);
}

/// What is answered to a method, on the list of tags or not.
type Told = fn(&str, bool) -> Answer;

#[test]
fn answers_of_a_wrong_shape_are_no_lists_and_contradict_no_manifest() {
    for body in ["{}", "[]", r#"{"tags":{}}"#, r#"{"tags":[1]}"#, r#"{"name":"agents"}"#, r#"{"tags":[]} x"#] {
        let stand_in = StandIn::new(move |_| json(200, body));
        registry(&stand_in).versions("agents").expect_err(body);
    }
    let unknown = r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#;
    let cases: [(&str, Told); 5] = [
        ("lists the tag", |_, is_list| {
            let unknown = r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#;
            if is_list { json(200, r#"{"tags":["1.0.0"]}"#) } else { json(404, unknown) }
        }),
        ("for HEAD, and not for GET", |method, _| match method {
            "HEAD" => json(200, ""),
            _ => json(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
        }),
        ("for GET, and not for HEAD", |method, _| match method {
            "HEAD" => Answer::new(404, &[("Docker-Distribution-Api-Version", "registry/2.0")], vec![]),
            _ => json(200, "{}"),
        }),
        ("forbids reading", |_, _| json(404, r#"{"errors":[{"code":"NAME_UNKNOWN"},{"code":"DENIED"}]}"#)),
        ("not as a registry does", |_, _| {
            json(404, r#"{"errors":[{"code":"NAME_UNKNOWN"},{"code":"TOOMANYREQUESTS"}]}"#)
        }),
    ];
    for (said, told) in cases {
        let stand_in = StandIn::new(move |hop| told(hop.method(), hop.url().contains("/tags/list")));
        let failure = registry(&stand_in).open("agents", "1.0.0").expect_err(said);
        assert!(failure.message.contains(said), "{}", failure.message);
    }
    for errors in ["[]", "{}", "null", "[{}]", "[7]"] {
        let body = format!(r#"{{"errors":{errors}}}"#);
        let stand_in = StandIn::new(move |_| {
            Answer::new(404, &[("Docker-Distribution-Api-Version", "registry/2.0")], body.clone().into_bytes())
        });
        registry(&stand_in).open("agents", "1.0.0").expect_err(errors);
        registry(&stand_in).versions("agents").expect_err(errors);
    }
    let stand_in = StandIn::new(move |hop| if hop.method() == "HEAD" { json(405, "") } else { json(404, unknown) });
    assert!(matches!(registry(&stand_in).open("agents", "1.0.0"), Ok(None)), "a server may not know HEAD");
}

#[test]
fn an_index_has_so_many_releases_and_no_more() {
    let body = format!("apiVersion: v1\nentries:\n  agents:\n{}", "  - version: 1\n".repeat(300_001));
    let stand_in = StandIn::new(move |_| Answer::new(200, &[], body.clone().into_bytes()));
    let index = Index::new("https://203.0.113.9/charts", None, &stand_in.bare()).expect("it is a URL");
    let failure = index.versions("agents").expect_err("it is too long");
    assert!(failure.message.contains("more than 300,000 releases"), "{}", failure.message);
}

#[test]
fn the_network_of_a_run_has_one_deadline() {
    let slow = FaultServer::new(|_| Reply::Silence);
    let options = Options { deadline: Duration::from_millis(200), ..impatient() };
    let network = Network::new(options);
    let registry = Registry::new(&format!("oci://{}/charts", slow.host()), None, &network).expect("it is a target");
    let failure = registry.versions("agents").expect_err("nobody answers");
    assert_eq!(failure.kind, FailureKind::Limit);
    assert!(failure.message.ends_with("the network had 0.2 s in all, and they are over"), "{}", failure.message);
    assert!(failure.help.as_deref().is_some_and(|help| help.contains("--network-timeout")), "{failure:?}");
    let other = FaultServer::new(|_| Reply::json(404, r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#));
    let registry = Registry::new(&format!("oci://{}/charts", other.host()), None, &network).expect("it is a target");
    assert_eq!(registry.versions("agents").map_err(|failure| failure.kind), Err(FailureKind::Limit));
    assert!(other.log().is_empty(), "the time is over for everybody");
}

/// What a registry that wants credentials says where this program holds them.
#[cfg(unix)]
fn with_helper(folder: &Path, script: &str) -> Result<bool, Box<Failure>> {
    use std::os::unix::fs::PermissionsExt as _;
    let server = FaultServer::new(|asked| match asked.header("authorization") {
        Some("Basic YW5uOnMzY3JldA==") => Reply::json(404, r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#),
        _ => Reply::json(401, "{}").with("WWW-Authenticate: Basic realm=\"x\""),
    });
    let program = folder.join("docker-credential-test");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("the folder is ours");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("the file is ours");
    let file: PathBuf = folder.join("config.json");
    std::fs::write(&file, r#"{"credsStore":"test"}"#).expect("the folder is ours");
    let options = Options { credentials: vec![file], programs: vec!["bin".into(), folder.into()], ..impatient() };
    let target = format!("oci://{}/charts", server.host());
    let registry = Registry::new(&target, None, &Network::new(options)).expect("it is a target");
    registry.open("agents", "1.0.0").map(|release| release.is_some())
}

#[cfg(unix)]
#[test]
fn credential_helpers_have_a_time_and_a_length_and_end_with_all_they_started() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let good = r#"cat >/dev/null; echo '{"ServerURL":"x","Username":"ann","Secret":"s3cret"}'"#;
    assert_eq!(with_helper(folder.path(), good), Ok(false));
    let none = "echo 'credentials not found in native keychain'; exit 1";
    let failure = with_helper(folder.path(), none).expect_err("it has none");
    assert!(failure.message.contains("wants credentials, and none are stored"), "{}", failure.message);
    let cases = [
        ("sleep 600 & echo $! > child; wait", "does not answer for `127.0.0.1:PORT` within 0.7 s"),
        ("exec yes s3cret", "says more than 64 KiB for `127.0.0.1:PORT`"),
        ("echo s3cret; exit 3", "fails for `127.0.0.1:PORT`"),
        ("echo s3cret", "does not answer for `127.0.0.1:PORT` as a credential helper does"),
    ];
    for (script, said) in cases {
        let failure = with_helper(folder.path(), script).expect_err(script);
        assert_eq!(failure.kind, FailureKind::Credentials);
        assert!(!format!("{failure:?}").contains("s3cret"), "{failure:?}");
        let (before, after) = said.split_once("PORT").expect("the host is named");
        assert!(failure.message.contains(before) && failure.message.contains(after), "{}", failure.message);
    }
    // The program ran in its own folder, and its child went with it.
    let child = std::fs::read_to_string(folder.path().join("child")).expect("it said who that is");
    let is_gone = || {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        state.is_empty() || state.contains(") Z ")
    };
    let mut waits = std::iter::repeat_with(|| std::thread::sleep(Duration::from_millis(10))).take(500);
    assert!(waits.any(|()| is_gone()), "{child} still runs");
}
