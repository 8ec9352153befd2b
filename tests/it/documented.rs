//! What the documents say to type can be typed, and prints what they show.
//!
//! Every command of README.md and `docs/` is run as it stands, a page after the other, each in a fresh copy of one repository; registries and
//! repositories of charts are on loopback. What would leave this machine is named in [`ELSEWHERE`].

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::dependencies::write_lock;
use crate::fault_server::{FaultServer, Reply, digest};
use crate::git_repo::Repo;

/// Beginnings of commands that reach out, or install something.
const ELSEWHERE: [&str; 12] = [
    "pip install",
    "cargo install",
    "cargo binstall",
    "cargo +nightly fuzz",
    "cargo test",
    "cosign ",
    "oras ",
    "helm push",
    "helm pull",
    "scripts/",
    "pre-commit ",
    // It writes over the fixtures.
    "CHARTGATE_BLESS=1",
];

/// Programs whose commands are run.
const PROGRAMS: [&str; 6] = ["chartgate", "git", "tar", "find", "helm", "cosign"];

/// A command of a page, with what the page says that it prints.
struct Shown {
    line: usize,
    command: String,
    output: Option<String>,
    /// Whether it stands within a sentence.
    is_inline: bool,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    for folder in ["docs", "docs/guide"] {
        let entries = std::fs::read_dir(root().join(folder)).expect("the folder is there");
        pages.extend(entries.map(|entry| entry.expect("readable").path()));
    }
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// The commands in the blocks of a page: lines behind `$`, and lines that begin with a program.
fn blocks(text: &str) -> Vec<Shown> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = vec![];
    let mut fence = None;
    for (index, line) in lines.iter().enumerate() {
        if let Some(language) = line.strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(language) };
            continue;
        }
        let is_shell = fence.is_some_and(|language| ["sh", "console", "bash"].contains(&language));
        let Some(text) = (if fence.is_some() { is_shell.then_some(*line) } else { line.strip_prefix("    ") }) else {
            continue;
        };
        let (text, is_prompt) = text.strip_prefix("$ ").map_or((text, false), |rest| (rest, true));
        let first = text.split(' ').next().unwrap_or_default();
        let is_command = PROGRAMS.contains(&first) || ELSEWHERE.iter().any(|start| text.starts_with(start));
        if !is_prompt && !is_command {
            continue;
        }
        assert!(is_command, "`{text}`: name its program in PROGRAMS, or in ELSEWHERE where it leaves this machine");
        let command = text.split("  #").next().unwrap_or(text).trim_end().to_owned();
        let below = lines[index + 1..].iter().take_while(|line| line.starts_with("    ") || line.is_empty());
        let below: Vec<&str> = below.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
        let output = is_prompt.then(|| below.join("\n").trim().to_owned());
        found.push(Shown { line: index + 1, command, output, is_inline: false });
    }
    found
}

/// The commands within sentences, with names in the place of words that stand for any.
fn inline(text: &str) -> Vec<Shown> {
    let mut found = vec![];
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with("    ")) {
        for (number, part) in line.split('`').enumerate() {
            if number % 2 == 1 && part.starts_with("chartgate ") {
                let command = part.replace("RULE", "image-digest-missing").replace("TOOL", "helm-lint");
                found.push(Shown { line: index + 1, command, output: None, is_inline: true });
            }
        }
    }
    found
}

/// What the pages speak of: charts with a past, their packages, dependencies and images.
struct Shop {
    repo: Repo,
    server: FaultServer,
}

/// A chart of two files.
fn chart(repo: &Repo, folder: &str, name: &str, version: &str, more: &str) {
    let metadata =
        format!("apiVersion: v2\nname: {name}\nversion: {version}\ndescription: A chart\nappVersion: \"1.0\"\n{more}");
    repo.write(&format!("{folder}/Chart.yaml"), metadata);
    let object = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: {name} }}\ndata: {{ a: '{version}' }}\n");
    repo.write(&format!("{folder}/templates/configmap.yaml"), object);
}

/// The configuration of an image, and its manifest.
const IMAGE: &str = r#"{"os":"linux","architecture":"amd64","created":"2026-01-02T03:04:05Z"}"#;

fn manifest() -> String {
    let media = "application/vnd.oci.image";
    let config = format!(
        r#"{{"mediaType":"{media}.config.v1+json","digest":"{}","size":{}}}"#,
        digest(IMAGE.as_bytes()),
        IMAGE.len()
    );
    format!(r#"{{"schemaVersion":2,"mediaType":"{media}.manifest.v1+json","config":{config},"layers":[]}}"#)
}

impl Shop {
    fn new() -> Self {
        let repo = Repo::new();
        chart(&repo, "elsewhere/common", "common", "2.4.0", "");
        chart(&repo, "elsewhere/db", "db", "1.10.0", "");
        let shop = Self { server: registry(&repo), repo };
        let charts = format!("http://{}/charts", shop.server.host());
        let repo = &shop.repo;
        chart(repo, "charts/agents", "agents", "1.2.0", "");
        chart(repo, "charts/web", "web", "1.2.3", "");
        chart(
            repo,
            "charts/svc",
            "svc",
            "0.1.1",
            &format!("dependencies:\n  - {{ name: common, version: ^2.0.0, repository: '{charts}' }}\n"),
        );
        chart(
            repo,
            "charts/shop",
            "shop",
            "1.0.0",
            &format!(
                "dependencies:\n  - {{ name: db, version: 1.x, repository: '{charts}' }}\n  - {{ name: svc, version: 0.x.x, repository: 'file://../svc' }}\n"
            ),
        );
        write_lock(repo, "charts/svc", &charts, ("common", "^2.0.0", "2.4.0"));
        shop.with_images();
        repo.write(".gitignore", "/dist\n/home\n/elsewhere\n*.tgz\n!/charts/shop/charts/*.tgz\n");
        shop.run("mkdir -p charts/shop/charts && cp dist/db-1.10.0.tgz charts/shop/charts/");
        let rule = "id: name-long\nsummary: a\nwhy: a\nremedy: a\nseverity: warning\ncategory: own\ntarget: metadata\n\
            deny: metadata.name.size() > 9\nmessage: a\nexamples:\n  \
            bad: { metadata: { name: long-enough } }\n  good: { metadata: { name: a } }\n";
        repo.write(".chartgate/rules/name-long.yaml", rule);
        shop.run("chartgate check charts/shop");
        shop.run("chartgate package charts/agents -d dist && cp dist/agents-1.2.0.tgz .");
        repo.commit();
        repo.git(&["tag", "v1.2.3"]);
        let remote = repo.beside("remote.git").display().to_string();
        repo.git(&["init", "--quiet", "--bare", &remote]);
        repo.git(&["remote", "add", "origin", &remote]);
        repo.git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
        repo.commit();
        shop.run("chartgate check charts/agents --attest verdict.json");
        shop
    }

    /// A workload of `web`, with an image of the registry on loopback, and two profiles of production.
    fn with_images(&self) {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - name: web\n      \
            image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}\"\n";
        self.repo.write("charts/web/templates/pod.yaml", pod);
        let agents = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: \"{{ .Release.Name }}\" }\nspec:\n  \
            selector: { matchLabels: { app: agents } }\n  template:\n    metadata: { labels: { app: agents } }\n    \
            spec: { containers: [{ name: agents, image: \"{{ .Values.image }}\" }] }\n";
        self.repo.write("charts/agents/templates/deployment.yaml", agents);
        let image = format!("image: {}/acme/agents:1.0@{}\n", self.server.host(), digest(manifest().as_bytes()));
        self.repo.write("charts/agents/values.yaml", &image).write("charts/agents/values-prod.yaml", &image);
        let values = format!("image:\n  repository: {}/acme/web\n  tag: \"1.0\"\n", self.server.host());
        let pinned = format!("{values}  digest: {}\n", digest(manifest().as_bytes()));
        self.repo.write("charts/web/values.yaml", format!("{values}  digest: \"\"\n"));
        for file in ["values-prod.yaml", "eu.yaml"] {
            self.repo.write(&format!("charts/web/{file}"), &pinned);
        }
        let profiles = "profiles:\n  prod: { production: true, charts: [charts/web], values: [values-prod.yaml] }\n  \
            eu: { production: true, charts: [charts/web], values: [eu.yaml] }\n";
        self.repo.write(".chartgate.yaml", profiles);
    }

    /// Exit code and everything that a command prints.
    fn try_in(&self, folder: PathBuf, command: &str) -> (Option<i32>, String) {
        let mut shell = Command::new("sh");
        shell.current_dir(folder).args(["-c", command]).stdin(Stdio::null());
        shell.env_clear().env("PATH", path()).env("HOME", self.repo.beside("home"));
        // The registry is this machine, which nobody has named before the change.
        shell.env("CHARTGATE_TRUST_HOST", self.server.host());
        shell.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")]);
        shell.envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.org")]);
        shell.envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.org")]);
        let output = shell.output().expect("a shell starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), said)
    }

    fn run(&self, command: &str) -> String {
        let (code, said) = self.try_in(self.repo.root().to_owned(), command);
        assert_eq!(code, Some(0), "{command}: {said}");
        said
    }
}

/// Serves the packages of the charts in `elsewhere`, and an image whatever it is called.
fn registry(repo: &Repo) -> FaultServer {
    let mut index = "apiVersion: v1\nentries:\n".to_owned();
    let mut packages = vec![];
    for (name, version) in [("common", "2.4.0"), ("db", "1.10.0")] {
        let mut command = crate::cli::program();
        let made =
            command.current_dir(repo.root()).args(["package", &format!("elsewhere/{name}"), "-d", "dist"]).output();
        assert!(made.expect("it starts").status.success(), "{name}");
        let file = format!("{name}-{version}.tgz");
        let data = std::fs::read(repo.root().join("dist").join(&file)).expect("it was packaged");
        let hex = digest(&data).replace("sha256:", "");
        let entry = format!("{{ apiVersion: v1, name: {name}, version: {version}, digest: {hex}, urls: [{file}] }}");
        index += &["  ", name, ":\n  - ", &entry, "\n"].concat();
        packages.push((format!("/charts/{file}"), data));
    }
    FaultServer::new(move |asked| {
        if asked.path.contains("/manifests/") {
            return Reply::json(200, &manifest());
        }
        if asked.path.contains("/blobs/") {
            return Reply::json(200, IMAGE);
        }
        match packages.iter().find(|(path, _)| *path == asked.path) {
            Some((_, data)) => Reply::Whole(200, vec![], data.clone()),
            None if asked.path == "/charts/index.yaml" => Reply::Whole(200, vec![], index.clone().into_bytes()),
            None => Reply::json(404, "{}"),
        }
    })
}

/// The program before those of the system.
fn path() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_chartgate"));
    format!("{}:/usr/local/bin:/usr/bin:/bin", program.parent().expect("it lies in a folder").display())
}

#[test]
fn every_command_of_the_documents_can_be_typed() {
    let (mut ran, mut wrong) = (0, vec![]);
    for page in pages() {
        let name = page.strip_prefix(root()).expect("it lies here").display().to_string();
        let text = std::fs::read_to_string(&page).expect("a page is text");
        let mut shown: Vec<Shown> = blocks(&text).into_iter().chain(inline(&text)).collect();
        shown.retain(|shown| !ELSEWHERE.iter().any(|start| shown.command.starts_with(start)));
        if shown.is_empty() {
            continue;
        }
        let shop = Shop::new();
        for Shown { line, command, output, is_inline } in shown {
            // Of the charts of this repository a page may show faults.
            let is_ours = command.contains(" testdata/");
            let (code, said) = shop.try_in(if is_ours { root() } else { shop.repo.root().to_owned() }, &command);
            // The server of an editor that says nothing ends without having been told to.
            let is_unasked = command == "chartgate lsp" && code == Some(1);
            let is_begun = command == "chartgate init" && said.contains("every file exists already");
            // A sentence may name a command without what it is for; options that do not exist are said before that.
            let is_named = is_inline && said.contains("required arguments were not provided");
            let is_fine = code == Some(i32::from(is_ours)) || is_unasked || is_begun || is_named;
            if !is_fine {
                wrong.push(format!("{name}:{line}: `{command}` exits with {code:?}\n{said}"));
            }
            if let Some(output) = output.filter(|output| *output != said.trim()) {
                wrong.push(format!("{name}:{line}: `{command}` is shown to print\n{output}and prints\n{said}"));
            }
            ran += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 30, "{ran} commands are found");
}

/// The links of a page that lead to files, without what follows `#`.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let is_file = |target: &&str| !target.is_empty() && !target.contains("://") && !target.contains([' ', '|']);
    targets.filter_map(|target| target.split('#').next()).filter(is_file).collect()
}

#[test]
fn every_page_is_in_the_book_and_every_link_leads_to_a_file() {
    let docs = root().join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).expect("it is there");
    let listed: Vec<PathBuf> = links(&summary).into_iter().map(|link| docs.join(link)).collect();
    for page in walkdir::WalkDir::new(&docs).into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path) {
        let is_page = page.extension().is_some_and(|extension| extension == "md");
        let of_rule = page.parent() == Some(&docs.join("rules"));
        if !is_page || of_rule || page.ends_with("SUMMARY.md") {
            continue;
        }
        assert!(listed.contains(&page), "{} is not in SUMMARY.md", page.display());
        let text = std::fs::read_to_string(&page).expect("it is text");
        for link in links(&text) {
            let target = page.parent().expect("it lies in a folder").join(link);
            assert!(target.exists(), "{}: `{link}` leads nowhere", page.display());
        }
    }
    assert!(listed.iter().all(|page| page.is_file()), "{listed:?}");
}

#[test]
fn the_first_page_is_short() {
    let text = std::fs::read_to_string(root().join("README.md")).expect("it is there");
    assert!(text.lines().count() <= 150, "README.md has {} lines", text.lines().count());
}

#[test]
fn three_commands_of_the_first_page_lead_to_a_pull_request_that_is_judged() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("it is there");
    let begin = readme.split("## Begin").nth(1).expect("the page says how to begin");
    let commands: Vec<String> = blocks(begin).into_iter().map(|shown| shown.command).take(3).collect();
    let [install, init, push] = commands.as_slice() else { panic!("three commands: {commands:?}") };
    // The wheel is made and installed by the test of the hook; here the program is on PATH.
    assert_eq!(install, "pip install chartgate");
    let repo = Repo::new();
    repo.chart("charts/web", "web", "1.0.0", "image: nginx:1.27.1\n");
    let remote = repo.beside("remote.git");
    repo.git(&["init", "--quiet", "--bare", &remote.display().to_string()]);
    repo.commit();
    repo.git(&["remote", "add", "origin", &remote.display().to_string()]);
    repo.git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n";
    repo.write("charts/web/templates/configmap.yaml", object);
    let shell = |command: &str, more: &[(&str, &str)]| {
        let mut shell = Command::new("sh");
        shell.current_dir(repo.root()).args(["-c", command]).stdin(Stdio::null()).env_clear().env("PATH", path());
        shell.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("HOME", "/nonexistent")]);
        shell.envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.org")]);
        shell.envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.org")]).envs(more.iter().copied());
        let output = shell.output().expect("a shell starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), said)
    };
    for command in [init, push] {
        let (code, said) = shell(command, &[]);
        assert_eq!(code, Some(0), "{command}: {said}");
    }
    let workflow = std::fs::read_to_string(repo.root().join(".github/workflows/chartgate.yml")).expect("it is written");
    assert!(workflow.contains("pull_request:") && workflow.contains("uses: chartgate/chartgate@v"), "{workflow}");
    assert!(repo.git(&["ls-tree", "-r", "--name-only", "origin/main"]).contains(".github/workflows/chartgate.yml"));

    // The step of the workflow, as GitHub runs it in a pull request.
    let runner = repo.beside("runner");
    std::fs::create_dir_all(&runner).expect("the folder is ours");
    let step = root().join("scripts/action/check.sh").display().to_string();
    let (runner, output) = (runner.display().to_string(), repo.beside("output").display().to_string());
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_BASE_REF", "main"),
        ("GITHUB_OUTPUT", output.as_str()),
        ("RUNNER_TEMP", runner.as_str()),
        ("CHARTGATE_ACTION_PATH", env!("CARGO_MANIFEST_DIR")),
        ("CHARTGATE_PATH", "."),
        ("CHARTGATE_POLICY", "base"),
    ];
    repo.git(&["checkout", "--quiet", "-b", "change"]);
    let changed = format!("{object}data: {{ a: b }}\n");
    repo.write("charts/web/templates/configmap.yaml", changed).commit();
    let (code, said) = shell(&format!("bash '{step}'"), &variables);
    assert!(code == Some(1) && said.contains("::error") && said.contains("version-reused"), "{code:?} {said}");
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.1.0\n").commit();
    let (code, said) = shell(&format!("bash '{step}'"), &variables);
    assert_eq!(code, Some(0), "{said}");
    assert!(std::fs::read_to_string(&output).expect("it is written").contains("verdict=pass"));
}
