//! Releases in a real registry (the distribution project's, as Debian packs it), put there by the real Helm.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chartgate::finding::FailureKind;
use chartgate::network::oci::Registry;
use chartgate::network::{Network, Options};
use chartgate::source::Tree as _;

use crate::fault_server::{FaultServer, Reply, digest};

/// The programs that these tests cannot do without.
pub(crate) struct Programs {
    registry: PathBuf,
    pub(crate) helm: PathBuf,
}

impl Programs {
    /// The programs; none, said on standard error, where one is missing and this is not CI.
    pub(crate) fn find() -> Option<Self> {
        let named =
            |variable: &str, name: &str| std::env::var_os(variable).map_or_else(|| PathBuf::from(name), PathBuf::from);
        let (registry, helm) = (named("CHARTGATE_REGISTRY", "docker-registry"), named("CHARTGATE_HELM", "helm"));
        let runs = |program: &Path, argument| {
            let run = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
            run.is_ok_and(|status| status.success())
        };
        if runs(&registry, "--version") && runs(&helm, "version") && runs(Path::new("openssl"), "version") {
            return Some(Self { registry, helm });
        }
        assert!(
            std::env::var_os("CI").is_none(),
            "docker-registry, helm or openssl is missing; scripts/test installs them"
        );
        let reason = "docker-registry, helm or openssl is not installed (scripts/test installs them)";
        _ = writeln!(std::io::stderr(), "skipped: {reason}");
        None
    }

    /// Runs Helm with credentials from a file of the folder, and nothing of the user's.
    pub(crate) fn helm(&self, folder: &Path, arguments: &[&str]) {
        let mut command = Command::new(&self.helm);
        command
            .current_dir(folder)
            .args(arguments)
            .env("HOME", folder)
            .env("HELM_REGISTRY_CONFIG", folder.join("login.json"));
        command.env("DOCKER_CONFIG", folder).env("HELM_EXPERIMENTAL_OCI", "1");
        let output = command.output().expect("helm starts");
        assert!(output.status.success(), "helm {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A packaged chart of this version; its path and its bytes.
    fn package(&self, folder: &Path, version: &str) -> (String, Vec<u8>) {
        std::fs::create_dir_all(folder.join("agents/templates")).expect("the folder is ours");
        let metadata = format!("apiVersion: v2\nname: agents\nversion: \"{version}\"\n");
        std::fs::write(folder.join("agents/Chart.yaml"), metadata).expect("the folder is ours");
        self.helm(folder, &["package", "agents"]);
        let name = format!("agents-{version}.tgz");
        let bytes = std::fs::read(folder.join(&name)).expect("helm made it");
        (name, bytes)
    }
}

/// A registry that runs until it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    pub(crate) folder: Arc<tempfile::TempDir>,
}

impl Server {
    /// A registry on loopback; `settings` are more lines of its configuration, made for the folder that it lies in.
    pub(crate) fn start(programs: &Programs, settings: impl Fn(&Path) -> String) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().expect("a folder can be made")), programs, settings)
    }

    /// The same in a folder that may hold what another registry left.
    fn start_in(folder: Arc<tempfile::TempDir>, programs: &Programs, settings: impl Fn(&Path) -> String) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port is free").port();
        let storage = folder.path().join("storage");
        let config = format!(
            "version: 0.1\nlog: {{ level: error, accesslog: {{ disabled: true }} }}\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\n\
             http:\n  addr: 127.0.0.1:{port}\n{}",
            storage.display(),
            settings(folder.path())
        );
        let file = folder.path().join("config.yml");
        std::fs::write(&file, config).expect("the folder is ours");
        let mut command = Command::new(&programs.registry);
        command.arg("serve").arg(file).stdout(Stdio::null()).stderr(Stdio::null()).env("OTEL_TRACES_EXPORTER", "none");
        let mut server = Self { child: command.spawn().expect("the registry starts"), port, folder };
        server.wait();
        server
    }

    fn wait(&mut self) {
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            assert!(self.child.try_wait().is_ok_and(|ended| ended.is_none()), "the registry ended at once");
            thread::sleep(Duration::from_millis(50));
        }
        panic!("the registry does not answer");
    }

    /// `oci://localhost:PORT/charts`
    pub(crate) fn target(&self) -> String {
        format!("oci://localhost:{}/charts", self.port)
    }

    fn registry(&self, options: Options) -> Registry {
        Registry::new(&self.target(), None, &Network::new(options)).expect("it is a target")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn what_helm_pushed_is_found() {
    let Some(programs) = Programs::find() else { return };
    let server = Server::start(&programs, |_| String::new());
    let folder = server.folder.path();
    let registry = server.registry(Options::default());
    assert_eq!(registry.versions("agents"), Ok(vec![]));
    assert!(matches!(registry.open("agents", "1.0.0"), Ok(None)), "the repository is not there");
    for version in ["1.0.0", "1.1.0-rc.1+build.5", "2.0"] {
        let (name, _) = programs.package(folder, version);
        programs.helm(folder, &["push", &name, &server.target()]);
    }
    // What a run has learnt it does not ask again.
    let registry = server.registry(Options::default());
    let mut versions = registry.versions("agents").expect("it answers");
    versions.sort();
    assert_eq!(versions, ["1.0.0", "1.1.0-rc.1+build.5"]);
    let bytes = std::fs::read(folder.join("agents-1.1.0-rc.1+build.5.tgz")).expect("it was pushed");
    let release = registry.open("agents", "1.1.0-rc.1+build.5").expect("it answers").expect("it is out");
    assert_eq!(release.digest, Some(digest(&bytes)));
    assert_eq!(release.place, format!("{}/agents:1.1.0-rc.1_build.5", server.target()));
    let metadata = release.archive.read("Chart.yaml", 10_000).expect("it is a chart");
    assert!(String::from_utf8_lossy(&metadata).contains("version: 1.1.0-rc.1+build.5"));
    assert_eq!(
        registry.head("agents", "1.1.0-rc.1+build.5").map(|head| head.and_then(|head| head.digest)),
        Ok(Some(digest(&bytes)))
    );
    assert!(matches!(registry.open("agents", "3.0.0"), Ok(None)), "the tag is not there");
    assert!(matches!(registry.open("agents", "2.0"), Ok(Some(_))), "Helm pushes it, and cannot list it");
    assert!(matches!(registry.open("Agents", "1.0.0"), Ok(None)), "no registry can hold it");
    let with_tls =
        Registry::new(&server.target(), Some(false), &Network::new(Options::default())).expect("it is a target");
    let failure = with_tls.open("agents", "1.0.0").expect_err("it does not speak TLS");
    assert!(failure.message.ends_with("does not speak TLS"), "{}", failure.message);
}

#[test]
fn a_password_is_found_where_helm_wrote_it() {
    let Some(programs) = Programs::find() else { return };
    let server = Server::start(&programs, |folder| {
        let hash = bcrypt::hash("s3cret", 4).expect("the cost is allowed");
        let file = folder.join("htpasswd");
        std::fs::write(&file, format!("ann:{hash}\n")).expect("the folder is ours");
        format!("auth: {{ htpasswd: {{ realm: charts, path: {} }} }}\n", file.display())
    });
    let (folder, host) = (server.folder.path(), format!("localhost:{}", server.port));
    programs.helm(folder, &["registry", "login", &host, "-u", "ann", "-p", "s3cret"]);
    let (name, bytes) = programs.package(folder, "1.0.0");
    programs.helm(folder, &["push", &name, &server.target()]);
    let files =
        |name: &str| Options { credentials: vec![folder.join("absent.json"), folder.join(name)], ..Options::default() };
    let registry = server.registry(files("login.json"));
    let release = registry.open("agents", "1.0.0").expect("ann may read").expect("it is out");
    assert_eq!(release.digest, Some(digest(&bytes)));
    assert_eq!(registry.versions("agents"), Ok(vec!["1.0.0".into()]));
    assert!(matches!(registry.open("other", "1.0.0"), Ok(None)));

    let wrong = format!(r#"{{"auths":{{"{host}":{{"username":"ann","password":"wrong"}}}}}}"#);
    std::fs::write(folder.join("wrong.json"), wrong).expect("the folder is ours");
    for (file, words) in [("wrong.json", "does not accept the credentials from"), ("none.json", "wants credentials")] {
        let failure = server.registry(files(file)).open("agents", "1.0.0").expect_err("nobody else may");
        assert_eq!(failure.kind, FailureKind::Credentials);
        assert!(failure.message.contains(words), "{}", failure.message);
        assert!(failure.help.is_some_and(|help| help.contains(&format!("helm registry login {host}"))));
    }
}

/// A key and a certificate for this machine, made by openssl.
fn certify(folder: &Path) {
    let arguments = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
        "-subj",
        "/CN=chartgate test registry",
        "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ];
    let output = Command::new("openssl").current_dir(folder).args(arguments).output().expect("openssl starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn signed(key: &Path, text: &str) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-sign"]).arg(key).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("openssl starts");
    child.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("openssl reads");
    child.wait_with_output().expect("openssl ends").stdout
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let letters = bytes.chunks(3).flat_map(|chunk| {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(move |at| char::from(LETTERS[(word >> (18 - 6 * at)) as usize & 63]))
    });
    letters.collect()
}

/// A token (`spec/auth/jwt` of the distribution project) that allows everything on a repository, signed with the folder's key.
fn token(folder: &Path, repository: &str) -> String {
    let pem = std::fs::read_to_string(folder.join("cert.pem")).expect("it was made");
    let certificate: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs();
    let header = format!(r#"{{"typ":"JWT","alg":"RS256","x5c":["{certificate}"]}}"#);
    let claims = format!(
        r#"{{"iss":"tokens","sub":"ann","aud":"charts","exp":{},"nbf":{},"iat":{now},"jti":"1",
        "access":[{{"type":"repository","name":"{repository}","actions":["pull","push"]}}]}}"#,
        now + 300,
        now - 60
    );
    let text = format!("{}.{}", base64url(header.as_bytes()), base64url(claims.as_bytes()));
    let signature = signed(&folder.join("key.pem"), &text);
    format!("{text}.{}", base64url(&signature))
}

#[test]
fn tokens_and_own_certificates_open_a_registry() {
    let Some(programs) = Programs::find() else { return };
    let keys = tempfile::tempdir().expect("a folder can be made");
    certify(keys.path());
    let signer = keys.path().to_owned();
    // What registries call a token server: it knows ann, and signs what the registry's certificate vouches for.
    let tokens = FaultServer::new(move |asked| {
        if asked.method != "GET" {
            return Reply::json(405, "{}");
        }
        let scope = asked.path.split("repository%3A").nth(1).and_then(|scope| scope.split("%3A").next());
        let repository = scope.unwrap_or_default().replace("%2F", "/");
        match asked.header("authorization") {
            Some("Basic YW5uOnMzY3JldA==") => {
                Reply::json(200, &format!(r#"{{"token":"{}"}}"#, token(&signer, &repository)))
            }
            _ => Reply::json(401, "{}"),
        }
    });
    // Helm asks loopback hosts without TLS.
    let open = Server::start(&programs, |_| String::new());
    let (name, bytes) = programs.package(open.folder.path(), "1.0.0");
    programs.helm(open.folder.path(), &["push", &name, &open.target()]);
    let kept = Arc::clone(&open.folder);
    drop(open);
    let (own, realm) = (keys.path().display(), tokens.host());
    let server = Server::start_in(kept, &programs, |_| {
        format!(
            "  tls: {{ certificate: {own}/cert.pem, key: {own}/key.pem }}\n\
             auth: {{ token: {{ realm: \"http://{realm}/token\", service: charts, issuer: tokens, rootcertbundle: {own}/cert.pem }} }}\n"
        )
    });
    let folder = server.folder.path();
    let login = format!(r#"{{"auths":{{"localhost:{}":{{"auth":"YW5uOnMzY3JldA=="}}}}}}"#, server.port);
    std::fs::write(folder.join("login.json"), login).expect("the folder is ours");

    let options = Options {
        authorities: Some(keys.path().join("cert.pem")),
        credentials: vec![folder.join("login.json")],
        // Only the user's own machine may say so of a token server.
        plain_http: vec![tokens.host()],
        ..Options::default()
    };
    let registry_of = |options: &Options, plain_http| {
        Registry::new(&server.target(), Some(plain_http), &Network::new(options.clone())).expect("it is a target")
    };
    let registry = registry_of(&options, false);
    let release = registry.open("agents", "1.0.0").expect("ann may read").expect("it is out");
    assert_eq!(release.digest, Some(digest(&bytes)));
    assert_eq!(registry.versions("agents"), Ok(vec!["1.0.0".into()]));
    assert!(matches!(registry.open("other", "1.0.0"), Ok(None)), "each repository has its token");

    let message = |options: &Options, plain_http| {
        registry_of(options, plain_http).open("agents", "1.0.0").expect_err("somebody else may not").message
    };
    let stranger = Options { authorities: None, ..options.clone() };
    assert!(
        message(&stranger, false).ends_with("nobody known here has signed its certificate"),
        "{}",
        message(&stranger, false)
    );
    let nobody = Options { credentials: vec![], ..options.clone() };
    assert!(message(&nobody, false).contains("wants credentials"), "{}", message(&nobody, false));
    assert!(message(&options, true).contains("status 400"), "{}", message(&options, true));
}
