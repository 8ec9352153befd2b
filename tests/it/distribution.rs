//! What is shipped fits together: archives by the names that installers ask for, the formula, the component of GitLab, the page in a real browser.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cli::{Sample, program};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The targets that the release workflow builds for.
fn targets() -> Vec<String> {
    let workflow: Value = serde_yaml::from_str(&text(".github/workflows/release.yml")).expect("YAML");
    let matrix = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].as_array().expect("a list").clone();
    matrix.iter().map(|each| each["target"].as_str().expect("a target").to_owned()).collect()
}

#[test]
fn binstall_asks_for_archives_that_the_release_makes() {
    let manifest: toml::Table = text("Cargo.toml").parse().expect("TOML");
    let package = manifest["package"].as_table().expect("a table");
    let (version, repository) = (package["version"].as_str(), package["repository"].as_str());
    let (version, repository) = (version.expect("a version"), repository.expect("a repository"));
    let binstall = package["metadata"]["binstall"].as_table().expect("a table");
    assert_eq!(binstall["pkg-fmt"].as_str(), Some("tgz"));
    // The program lies at the top of the archive.
    assert_eq!(binstall["bin-dir"].as_str(), Some("chartgate{ binary-ext }"));
    let workflow = text(".github/workflows/release.yml");
    assert!(workflow.contains("name=\"chartgate-$version-$TARGET.tar.gz\""), "{workflow}");
    let url = |target: &str| {
        let own = binstall["overrides"].get(target).and_then(|over| over["pkg-url"].as_str());
        let url = own.or(binstall["pkg-url"].as_str()).expect("a URL").replace("{ repo }", repository);
        url.replace("{ version }", version).replace("{ target }", target)
    };
    let archive =
        |target: &str| format!("{repository}/releases/download/v{version}/chartgate-{version}-{target}.tar.gz");
    let targets = targets();
    for target in &targets {
        assert_eq!(url(target), archive(target));
    }
    for (gnu, musl) in [("x86_64", "x86_64-unknown-linux-musl"), ("aarch64", "aarch64-unknown-linux-musl")] {
        assert!(targets.iter().any(|target| target == musl), "{targets:?}");
        assert_eq!(url(&format!("{gnu}-unknown-linux-gnu")), archive(musl));
    }
}

#[test]
fn the_formula_has_the_checksum_of_every_archive_that_it_names() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let version = env!("CARGO_PKG_VERSION");
    let make = || {
        let mut command = Command::new(root().join("scripts/package"));
        command.arg("formula").arg(folder.path()).arg("--out").arg(folder.path()).output().expect("bash starts")
    };
    let targets: Vec<String> = targets().into_iter().filter(|target| !target.contains("windows")).collect();
    for (index, target) in targets.iter().enumerate() {
        let refused = make();
        assert!(!refused.status.success() && !folder.path().join("chartgate.rb").exists(), "one is missing");
        let name = format!("chartgate-{version}-{target}.tar.gz");
        let sum = format!("{index}").repeat(64);
        std::fs::write(folder.path().join(format!("{name}.sha256")), format!("{sum}  {name}\n"))
            .expect("the folder is ours");
    }
    let finished = make();
    assert!(finished.status.success(), "{}", String::from_utf8_lossy(&finished.stderr));
    let formula = std::fs::read_to_string(folder.path().join("chartgate.rb")).expect("it is written");
    assert!(!formula.contains("VERSION") && !formula.contains("SHA256"), "{formula}");
    for (index, target) in targets.iter().enumerate() {
        let pair = format!(
            "/v{version}/chartgate-{version}-{target}.tar.gz\"\n      sha256 \"{}\"",
            format!("{index}").repeat(64)
        );
        assert!(formula.contains(&pair), "{target}: {formula}");
    }
    if let Ok(checked) = Command::new("ruby").arg("-c").arg(folder.path().join("chartgate.rb")).output() {
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
}

/// Archives as the release makes them, with a program that hands on to the one under test.
#[cfg(unix)]
fn archives(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for target in targets() {
        let name = if target.contains("windows") { "chartgate.exe" } else { "chartgate" };
        let program = folder.join(name);
        std::fs::write(&program, format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_chartgate")))
            .expect("ours");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("ours");
        let archive = format!("chartgate-{}-{target}.tar.gz", env!("CARGO_PKG_VERSION"));
        let mut tar = Command::new("tar");
        assert!(tar.current_dir(folder).args(["-czf", &archive, name]).status().expect("tar starts").success());
    }
}

#[cfg(unix)]
#[test]
fn the_packages_for_npm_start_the_program_of_the_machine() {
    let runs = |name: &str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    if !(runs("npm") && runs("node") && runs("python3")) {
        _ = std::io::stderr().write_all(b"skipped: npm, node and python3 are not all on PATH\n");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let make = || {
        let mut command = Command::new(root().join("scripts/package"));
        command.arg("npm").arg(folder.path()).arg("--out").arg(folder.path()).output().expect("bash starts")
    };
    assert!(!make().status.success(), "the archives are missing");
    archives(folder.path());
    let laid_out = make();
    assert!(laid_out.status.success(), "{}", String::from_utf8_lossy(&laid_out.stderr));
    let version = env!("CARGO_PKG_VERSION");
    let machine =
        Command::new("node").args(["-p", "process.platform + '-' + process.arch"]).output().expect("it starts");
    let machine = String::from_utf8(machine.stdout).expect("text").trim().to_owned();
    let shop = folder.path().join("shop");
    std::fs::create_dir(&shop).expect("the folder is ours");
    std::fs::write(shop.join("package.json"), "{\"name\": \"shop\", \"private\": true}\n").expect("the folder is ours");
    let packages = folder.path().join("npm");
    let mut install = Command::new("npm");
    install.current_dir(&shop).args(["install", "--offline", "--no-audit", "--no-fund"]);
    install.arg("--cache").arg(folder.path().join("cache"));
    install.arg(packages.join(format!("chartgate-{version}.tgz")));
    let installed =
        install.arg(packages.join(format!("chartgate-{machine}-{version}.tgz"))).output().expect("it starts");
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(shop.join("node_modules/.bin/chartgate"));
        let output = command.args(arguments).current_dir(&shop).output().expect("it starts");
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    assert_eq!(run(&["--version"]), (Some(0), format!("chartgate {version}\n")));
    let sample = Sample::new();
    assert_eq!(run(&["check", &sample.path().join("charts/a").display().to_string()]).0, Some(1));
    std::fs::remove_dir_all(shop.join("node_modules/@chartgate")).expect("it is ours");
    let (code, said) = run(&["--version"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.starts_with(&format!("error: the package `@chartgate/{machine}` is not installed: ")), "{said}");
}

/// The job of the component, with its inputs filled in as GitLab does.
fn job(given: &[(&str, &str)]) -> Value {
    let text = text("docs/ci/gitlab-component.yml");
    let (about, body) = text.split_once("\n---\n").expect("two documents");
    let about: Value = serde_yaml::from_str(about).expect("YAML");
    let inputs = about["spec"]["inputs"].as_object().expect("a mapping");
    let mut body = body.to_owned();
    for (name, input) in inputs {
        assert!(input["description"].is_string(), "{name}");
        let value = given.iter().find(|(given, _)| given == name).map(|(_, value)| *value);
        let value = value.or(input["default"].as_str()).expect("every input has a default");
        let marker = format!("$[[ inputs.{name} ]]");
        assert!(body.contains(&marker), "the input `{name}` is not used");
        body = body.replace(&marker, value);
    }
    assert!(!body.contains("$[["), "{body}");
    let jobs: Value = serde_yaml::from_str(&body).expect("YAML");
    jobs["chartgate"].clone()
}

#[test]
fn the_component_of_gitlab_judges_and_leaves_its_reports() {
    let sample = Sample::new();
    let run = |given: &[(&str, &str)]| {
        let job = job(given);
        let lines = job["script"].as_array().expect("a list").iter().filter_map(Value::as_str);
        // The program is on PATH.
        let (install, script): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("pip install"));
        assert_eq!(install, [format!("pip install --quiet chartgate=={}", env!("CARGO_PKG_VERSION"))]);
        let mut shell = Command::new("bash");
        shell.args(["-e", "-c", &script.join("\n")]).current_dir(sample.path()).env_clear();
        let folder =
            Path::new(env!("CARGO_BIN_EXE_chartgate")).parent().expect("it lies in a folder").display().to_string();
        let output = shell.env("PATH", format!("{folder}:/usr/bin:/bin")).output().expect("bash starts");
        for report in job["artifacts"]["paths"].as_array().expect("a list").iter().filter_map(Value::as_str) {
            let path = sample.path().join(report);
            assert!(path.is_file(), "{report}: {}", String::from_utf8_lossy(&output.stderr));
            std::fs::remove_file(path).expect("it is ours");
        }
        output.status.code()
    };
    assert_eq!(run(&[("path", "charts/good")]), Some(0));
    assert_eq!(run(&[("path", "charts/a charts/good")]), Some(1));
    assert_eq!(run(&[("path", "charts/a"), ("fail-on", "never"), ("options", "--offline")]), Some(0));
    let new = [("path", "charts/a"), ("fail-on", "new"), ("options", "--baseline=known.json")];
    assert_eq!(run(&[("options", "--baseline=known.json --update-baseline")]), Some(0));
    assert_eq!(run(&new), Some(0));
    sample.write(
        ".chartgate.yaml",
        "failOn: warning\nrules: { image-digest-missing: off, package-version-mismatch: warning }\n",
    );
    assert_eq!(run(&[("path", "charts/a")]), Some(1), "the configuration is stricter than an error");
}

/// A browser; none, said on standard error, where there is none.
fn browser() -> Option<&'static str> {
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(runs);
    if found.is_none() {
        _ = std::io::stderr().write_all(b"skipped: no Chromium is on PATH to look at the page with\n");
    }
    found
}

#[test]
fn the_page_is_shown_whole_by_a_browser_without_scripts() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder can be made");
    let page = folder.path().join("page.html");
    let mut check = program();
    check
        .current_dir(root())
        .args(["check", "testdata/charts/agents", "--offline", "--format"])
        .arg(format!("html={}", page.display()));
    check.output().expect("the program starts");
    let written = std::fs::read_to_string(&page).expect("the page is written");
    assert!(!written.contains("<script"), "it is readable without scripts");
    let open = |arguments: &[&str], width: u32| {
        let mut command = Command::new(browser);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"]);
        command.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
        command.arg(format!("--window-size={width},1600")).args(arguments).arg(format!("file://{}", page.display()));
        let output = command.current_dir(folder.path()).output().expect("the browser starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let shown = String::from_utf8(open(&["--dump-dom"], 1200)).expect("a page is UTF-8");
    for expected in ["<h1", "agents", "package-version-mismatch", "image-digest-missing", "values-prod"] {
        assert!(shown.contains(expected), "{expected}");
    }
    for width in [1200, 400] {
        let picture = folder.path().join(format!("{width}.png"));
        open(&[&format!("--screenshot={}", picture.display())], width);
        let drawn = std::fs::read(&picture).expect("the picture is drawn");
        assert!(drawn.starts_with(b"\x89PNG\r\n\x1a\n"), "it is a picture");
        let number = |at: usize| u32::from_be_bytes(drawn[at..at + 4].try_into().expect("four bytes"));
        assert_eq!(number(16), width);
        // An empty page of that size is a few thousand bytes.
        assert!(drawn.len() > 30_000, "{width}: {} bytes", drawn.len());
        if let Some(kept) = std::env::var_os("CHARTGATE_PICTURES") {
            std::fs::copy(&picture, Path::new(&kept).join(format!("{width}.png"))).expect("the folder is there");
        }
    }
}
