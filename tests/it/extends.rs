//! A configuration is laid over others: files and folders of the repository, policies in a registry; and levels differ by path and profile.

use std::path::Path;

use serde_json::Value;

use crate::cli::{Sample, program};
use crate::fault_server::{FaultServer, Reply, digest};
use crate::git_repo::Repo;

const CHART: &str = "apiVersion: v2\nname: a\nversion: 1.0.0\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: '{{ .Values.image }}' }] }\n";

/// A rule of the user's own that the chart `a` breaks.
fn rule(id: &str) -> String {
    format!(
        "id: {id}\nsummary: a\nwhy: a\nremedy: a\nseverity: error\ncategory: own\ntarget: metadata\ndeny: metadata.name == 'a'\nmessage: a\n"
    )
}

/// Exit code, standard output and standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = program().current_dir(folder).args(arguments).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    (output.status.code().expect("no signal ended it"), text(output.stdout), text(output.stderr))
}

/// Exit code, and each open finding as `severity rule path profile`.
fn found(folder: &Path, arguments: &[&str]) -> (i32, Vec<String>) {
    let (code, out, err) = run(folder, &[&["check", "--format", "json"], arguments].concat());
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    let open = report["findings"].as_array().expect("a list").iter().filter(|finding| finding["suppressed"].is_null());
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or("-").to_owned();
    let line = |finding: &Value| ["severity", "rule", "path", "profile"].map(|key| text(finding, key)).join(" ");
    (code, open.map(line).collect())
}

/// A folder with a chart and the files given.
fn sample(files: &[(&str, &str)]) -> Sample {
    let sample = Sample::new();
    for (path, text) in files {
        sample.write(path, text);
    }
    sample
}

/// The lines of `--show-settings` that name something.
fn settings(sample: &Sample, chart: &str) -> Vec<String> {
    let (code, out, err) = sample.run(&["check", chart, "--show-settings"]);
    assert_eq!(code, 0, "{out}{err}");
    out.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn what_a_file_says_counts_over_what_it_extends_key_by_key() {
    let sample = sample(&[
        (
            "policy/base.yaml",
            "failOn: warning\nkubeVersions: ['1.30', '1.31']\npublished: { tags: 'v{version}', bump: at-release }\n\
             profiles: { prod: { production: true, values: [a.yaml], namespace: base }, dev: {} }\n\
             suppress: [{ rule: image-tag-floating, path: charts, reason: base }]\n\
             rules:\n  image-*: warning\n  image-tag-floating: error\n  app-version-mismatch: { level: error, params: { image: base } }\n",
        ),
        (
            ".chartgate.yaml",
            "extends: [policy/base.yaml]\nkubeVersions: ['1.36']\npublished: { tags: '{version}' }\nprofiles: { prod: { namespace: own } }\n\
             suppress: [{ rule: image-digest-missing, path: charts, reason: own }]\n\
             rules:\n  image-*: info\n  app-version-mismatch: { params: { image: own } }\n",
        ),
    ]);
    let said = settings(&sample, "charts/good");
    for line in [
        "extends policy/base.yaml",
        "failOn: warning  (policy/base.yaml:1)",
        "kubeVersions: [\"1.36\"]  (.chartgate.yaml:2)",
        "published.tags: \"{version}\"  (.chartgate.yaml:3)",
        "published.bump: \"at-release\"  (policy/base.yaml:3)",
        "profiles.prod.production: true  (policy/base.yaml:4)",
        "profiles.prod.namespace: \"own\"  (.chartgate.yaml:4)",
        "rules.image-tag-floating: info  (.chartgate.yaml:7)",
        "rules.app-version-mismatch: error  (policy/base.yaml:9)",
        "rules.app-version-mismatch.params.image: \"own\"  (.chartgate.yaml:8)",
    ] {
        assert!(said.iter().any(|said| said == line), "{line}\n{said:#?}");
    }
    let suppressions = said.iter().filter(|line| line.starts_with("suppress: "));
    assert_eq!(suppressions.count(), 2, "each file adds to the list: {said:#?}");
    assert!(!said.iter().any(|line| line.contains("namespace: \"base\"")), "{said:#?}");
}

#[test]
fn entries_count_in_their_order_sets_among_them() {
    let off = "rules: { chart-key-unknown: off, repository-metadata-unknown: off }\n";
    let level = |extends: &str| {
        let sample = sample(&[("off.yaml", off), (".chartgate.yaml", &format!("extends: [{extends}]\n"))]);
        let (_, out, err) = sample.run(&["check", "charts/good", "--show-settings", "--format", "json"]);
        let charts: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
        let rules = charts[0]["rules"].as_array().expect("a list").clone();
        let on =
            rules.iter().filter(|rule| rule["from"].as_str().is_some_and(|from| from.starts_with(".chartgate.yaml:1")));
        on.filter(|rule| rule["level"] == "warning").count()
    };
    let set = level("chart-testing");
    assert!(set > 0, "the set turns rules on");
    assert_eq!(level("off.yaml, chart-testing"), set);
    let all_off = sample(&[
        ("off.yaml", "rules: { chart-testing: off }\n"),
        (".chartgate.yaml", "extends: [chart-testing, off.yaml]\n"),
    ]);
    let said = settings(&all_off, "charts/good");
    assert!(said.iter().any(|line| line.contains(": off  (off.yaml:1)")), "{said:#?}");
    assert!(!said.iter().any(|line| line.contains(": warning  (.chartgate.yaml:1)")), "{said:#?}");
}

#[test]
fn what_a_file_says_of_paths_is_relative_to_that_file() {
    let repo = Repo::new();
    repo.write("charts/a/Chart.yaml", CHART).write("charts/a/values.yaml", "x: 1\nx: 2\n");
    repo.write("charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 1.0.0\n");
    repo.write("charts/b/values.yaml", "x: 1\nx: 2\n").commit();
    repo.write(
        ".chartgate.yaml",
        "charts: [charts/*]\nsuppress: [{ rule: yaml-key-duplicate, path: charts/a/values.yaml, reason: known }]\n",
    );
    repo.write("charts/a/.chartgate.yaml", "extends: [../../.chartgate.yaml]\nfailOn: info\n");
    let (_, findings) = found(repo.root(), &["--select", "yaml-key-duplicate"]);
    assert_eq!(findings, ["warning yaml-key-duplicate charts/b/values.yaml -"]);
    let (_, out, _) = run(repo.root(), &["check", "--select", "yaml-key-duplicate"]);
    assert!(!out.contains("does not count where"), "{out}");
}

#[test]
fn paths_lead_upwards_as_far_as_the_root() {
    let repo = Repo::new();
    repo.write("charts/a/Chart.yaml", CHART).write("charts/a/values.yaml", "x: 1\nx: 2\n").commit();
    let configured = |text: &str| {
        repo.write(".github/chartgate.yaml", text);
        let arguments =
            ["check", "--config", ".github/chartgate.yaml", "--select", "yaml-key-duplicate,suppression-unused"];
        run(repo.root(), &arguments)
    };
    let suppressed = |path: &str| format!("suppress: [{{ rule: yaml-key-duplicate, path: {path}, reason: known }}]\n");
    let (code, out, _) = configured(&suppressed("../charts/a"));
    assert!(code == 0 && !out.contains("warning["), "{out}");
    let (_, out, _) = configured(&suppressed("charts/a"));
    assert!(out.contains("write `../charts/a`"), "{out}");
    let (code, _, err) = configured(&suppressed("../../charts/a"));
    assert!(code == 2 && err.contains("leads out of the folder that paths count from"), "{err}");
    let (code, out, err) = configured("charts: [../charts/*]\n");
    assert!(code == 0 && out.contains("yaml-key-duplicate"), "{out}{err}");
    let (code, _, err) = configured("charts: [charts/*]\n");
    assert!(code == 2 && err.contains("../charts/*"), "{code} {err}");
}

#[test]
fn a_nested_configuration_says_that_it_replaces_or_extends_the_one_above() {
    let repo = Repo::new();
    repo.write("charts/a/Chart.yaml", CHART).write(".chartgate.yaml", "failOn: info\n");
    let skipped = |nested: &str| {
        repo.write("charts/a/.chartgate.yaml", nested);
        let (_, out, err) = run(repo.root(), &["check", "--format", "json", "--select", "yaml-invalid"]);
        let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
        report["skipped"].to_string()
    };
    let said = skipped("failOn: error\n");
    assert!(
        said.contains("`.chartgate.yaml` does not count where `charts/a/.chartgate.yaml` does; write `extends: [../../.chartgate.yaml]` or `replaces: true` into it"),
        "{said}"
    );
    for settled in ["replaces: true\n", "extends: [../../.chartgate.yaml]\n"] {
        assert!(!skipped(settled).contains("does not count"), "{settled}");
    }
}

#[test]
fn what_is_extended_has_to_be_there_inside_and_in_no_circle() {
    let repo = Repo::new();
    repo.write("a/Chart.yaml", CHART).write("policy/empty/README.md", "no rules\n");
    repo.write("policy/one.yaml", "# first\nextends: [two.yaml]\n")
        .write("policy/two.yaml", "extends:\n  - one.yaml\n");
    std::fs::write(repo.beside("outside.yaml"), "failOn: never\n").expect("the folder is ours");
    repo.link("policy/link.yaml", "../../outside.yaml");
    for (entry, expected) in [
        ("policy/one.yaml", "`policy/one.yaml`, `policy/two.yaml` extend each other in a circle"),
        ("./.chartgate.yaml", "`.chartgate.yaml` extends itself"),
        ("../outside.yaml", "`../outside.yaml` leads out of the repository"),
        ("/etc/policy.yaml", "`/etc/policy.yaml` leads out of the repository"),
        ("policy/link.yaml", "leads out of the repository or working directory"),
        ("./policy/none.yaml", "`policy/none.yaml` does not exist"),
        ("./policy/empty", "the folder `policy/empty` holds no rules"),
        ("policy", "there is no set of rules `policy`"),
        ("oci://127.0.0.1:1/policy:1", "names no digest"),
    ] {
        repo.write(".chartgate.yaml", format!("failOn: error\nextends: ['{entry}']\n"));
        let (code, _, err) = run(repo.root(), &["check"]);
        assert!(code == 2 && err.contains(expected), "{entry}: {code} {err}");
        let place = if entry == "policy/one.yaml" { "policy/two.yaml:2:5" } else { ".chartgate.yaml:2:11" };
        assert!(err.contains(place), "{entry}: {err}");
    }
}

#[test]
fn a_long_way_and_many_files_are_bounds_that_leave_a_run_undecided() {
    let repo = Repo::new();
    repo.write("a/Chart.yaml", CHART);
    for index in 0..12 {
        repo.write(&format!("p/{index}.yaml"), format!("extends: [{}.yaml]\n", index + 1));
    }
    repo.write("p/12.yaml", "{}\n").write(".chartgate.yaml", "extends: [p/0.yaml]\n");
    let (code, out, _) = run(repo.root(), &["check"]);
    assert!(code == 3 && out.contains("extended through more than 8 files"), "{code} {out}");
    let twice = |next: usize| format!("extends: [{next}.yaml, {next}.yaml, {next}.yaml, {next}.yaml]\n");
    for index in 0..6 {
        repo.write(&format!("p/{index}.yaml"), twice(index + 1));
    }
    repo.write("p/6.yaml", "{}\n");
    let (code, out, _) = run(repo.root(), &["check", "--format", "concise"]);
    assert!(code == 3 && out.contains("extends more than 64 files"), "{code} {out}");
}

#[test]
fn a_folder_of_rules_counts_for_who_extends_it_alone() {
    let repo = Repo::new();
    repo.write("charts/a/Chart.yaml", CHART).write("policy/rules/name-own.yaml", rule("name-own"));
    repo.write("policy/base.yaml", "extends: [./rules]\n").commit();
    assert_eq!(found(repo.root(), &[]).0, 0, "nobody extends it");
    repo.write(".chartgate.yaml", "extends: [policy/base.yaml]\nrules: { name-own: warning }\n");
    let (code, findings) = found(repo.root(), &[]);
    assert!(code == 0 && findings.iter().any(|line| line.starts_with("warning name-own ")), "{findings:?}");
    repo.write("charts/a/.chartgate.yaml", "replaces: true\n");
    assert!(!found(repo.root(), &[]).1.iter().any(|line| line.contains("name-own")), "it is replaced there");
}

#[test]
fn extended_files_are_read_where_the_policy_is_and_a_change_of_them_is_a_change() {
    let repo = Repo::new();
    repo.write("a/Chart.yaml", CHART)
        .write("a/templates/pod.yaml", POD)
        .write("a/values.yaml", "image: nginx:latest\n");
    repo.write("policy/base.yaml", "extends: [./rules]\nrules: { image-tag-floating: error }\n");
    repo.write("policy/rules/name-own.yaml", rule("name-own").replace("'a'", "'z'"));
    repo.write(".chartgate.yaml", "extends: [policy/base.yaml]\n").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo.write("notes.txt", "a change of nothing\n").commit();
    let changed = || run(repo.root(), &["check", "--changed", "--select", "yaml-invalid"]).1;
    assert!(changed().contains("no chart differs"), "{}", changed());
    repo.write("policy/rules/name-own.yaml", rule("name-own").replace("'a'", "'y'"));
    assert!(!changed().contains("no chart differs"));
    let (code, out, _) = run(repo.root(), &["check", "--files", "policy/base.yaml", "--select", "yaml-invalid"]);
    assert!(code == 0 && !out.contains("no chart packages or reads these files"), "{out}");
    repo.write("policy/base.yaml", "failOn: never\nextends: [./rules]\nrules: { image-tag-floating: off }\n").commit();
    assert!(!changed().contains("no chart differs"));
    let (code, out, _) =
        run(repo.root(), &["check", "--offline", "--format", "concise", "--policy-from", "origin/main"]);
    assert_eq!(code, 1, "{out}");
    for expected in [
        ": error image-tag-floating: ",
        "policy/base.yaml:1:1: error policy-loosened: `failOn` is `never`, and was `error`",
        "policy/base.yaml:3:10: error policy-loosened: `image-tag-floating` is off, and was error",
        "the rule in `name-own.yaml` is another than it was",
    ] {
        assert!(out.contains(expected), "{expected}\n{out}");
    }
    let (_, out, _) = run(repo.root(), &["check", "--offline", "--format", "concise"]);
    assert!(out.contains("warning policy-loosened: `image-tag-floating` is off, and was error"), "{out}");
}

#[test]
fn a_verdict_holds_for_the_extended_text_alone() {
    let repo = Repo::new();
    repo.write("a/Chart.yaml", CHART).write("base.yaml", "failOn: error\n");
    repo.write(".chartgate.yaml", "extends: [base.yaml]\n").commit();
    assert_eq!(run(repo.root(), &["check", "a", "--attest", "verdict.json"]).0, 0);
    assert_eq!(run(repo.root(), &["verify", "verdict.json", "a"]).0, 0);
    repo.write("base.yaml", "failOn: error # another text\n");
    let (code, _, err) = run(repo.root(), &["verify", "verdict.json", "a"]);
    assert!(code == 1 && err.contains("judged by other rules"), "{code} {err}");
}

/// A registry with a policy; its address, pinned.
fn registry(files: &[(&str, &str)]) -> (FaultServer, String) {
    let layer = |(path, text): &(&str, &str)| {
        serde_json::json!({
            "mediaType": "application/vnd.chartgate.policy", "digest": digest(text.as_bytes()), "size": text.len(),
            "annotations": { "org.opencontainers.image.title": path },
        })
    };
    let manifest =
        serde_json::json!({ "schemaVersion": 2, "layers": files.iter().map(layer).collect::<Vec<_>>() }).to_string();
    let mut blobs: Vec<(String, String)> =
        files.iter().map(|(_, text)| (format!("/blobs/{}", digest(text.as_bytes())), (*text).to_owned())).collect();
    let pinned = digest(manifest.as_bytes());
    blobs.push((format!("/manifests/{pinned}"), manifest));
    let server = FaultServer::new(move |asked| match blobs.iter().find(|(path, _)| asked.path.ends_with(path)) {
        Some((_, text)) => Reply::json(200, text),
        None if asked.path.contains("/manifests/") => Reply::json(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
        None => Reply::json(404, r#"{"errors":[{"code":"BLOB_UNKNOWN"}]}"#),
    });
    let address = format!("oci://{}/acme/policy@{pinned}", server.host());
    (server, address)
}

#[test]
fn a_published_policy_counts_with_its_rules() {
    let own = rule("name-own");
    let files = [
        ("chartgate.yaml", "extends: [./rules, ./more.yaml]\nrules: { yaml-key-duplicate: error }\n"),
        (
            "more.yaml",
            "suppress: [{ rule: name-own, path: charts/good, reason: of the policy }, { rule: chart-invalid, path: charts/good, reason: unused }]\n",
        ),
        ("rules/name-own.yaml", own.as_str()),
    ];
    let (_server, address) = registry(&files);
    let sample = sample(&[(".chartgate.yaml", &format!("extends: ['{address}']\n"))]);
    let (code, findings) = found(sample.path(), &["charts/a"]);
    assert_eq!(code, 1);
    for expected in ["error name-own charts/a/Chart.yaml", "error yaml-key-duplicate charts/a/values.yaml"] {
        assert!(findings.iter().any(|line| line.starts_with(expected)), "{expected}: {findings:?}");
    }
    let (code, findings) = found(sample.path(), &["charts/good"]);
    assert!(code == 0 && !findings.iter().any(|line| line.contains("suppression-")), "{findings:?}");
    let said = settings(&sample, "charts/a");
    let place = format!("rules.yaml-key-duplicate: error  ({address}/chartgate.yaml:2)");
    assert!(said.contains(&place), "{said:#?}");
}

#[test]
fn a_policy_is_kept_between_runs_and_believed_by_its_digest_alone() {
    let (server, address) = registry(&[("chartgate.yaml", "rules: { yaml-key-duplicate: error }\n")]);
    let sample = sample(&[(".chartgate.yaml", &format!("extends: ['{address}']\n"))]);
    let cache = sample.path().join("cache");
    let check = |arguments: &[&str]| {
        let mut command =
            sample.command(&[&["check", "charts/a", "--select", "yaml-key-duplicate"], arguments].concat());
        let output = command.env("XDG_CACHE_HOME", &cache).output().expect("it starts");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(check(&[]).0, Some(1));
    let asked = server.log().len();
    assert!(asked > 0);
    assert_eq!(check(&[]).0, Some(1));
    assert_eq!(check(&["--offline"]).0, Some(1), "nobody has to be asked");
    assert_eq!(server.log().len(), asked);
    let kept =
        walkdir::WalkDir::new(&cache).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    for file in kept {
        std::fs::write(file.path(), "failOn: never\n").expect("it is ours");
    }
    let (code, out) = check(&["--offline"]);
    assert_eq!(code, Some(3), "what has another digest is as if it were not there: {out}");
    assert_eq!(check(&[]).0, Some(1));
    assert!(server.log().len() > asked);
}

#[test]
fn a_policy_that_cannot_be_had_leaves_a_run_undecided() {
    let (server, address) = registry(&[("chartgate.yaml", "failOn: never\n"), ("rules/a.txt", "x\n")]);
    let other = address.replace(&address[address.len() - 4..], "0000");
    let (_, nameless) = registry(&[("other.yaml", "failOn: never\n")]);
    let (escaping_server, escaping) = registry(&[("../chartgate.yaml", "failOn: never\n")]);
    let (_kept, no_rules) = (escaping_server, address.clone());
    for (address, arguments, expected) in [
        (&other, &[][..], "has nothing where the policy should be (404)"),
        (&nameless, &[], "cannot read"),
        (&escaping, &[], "a layer of it is no file with a path of its own"),
        (&no_rules, &["--offline"], "`--offline` forbids the network"),
    ] {
        let sample = sample(&[(".chartgate.yaml", &format!("extends: ['{address}']\n"))]);
        let (code, out, _) = sample.run(&[&["check", "charts/good"], arguments].concat());
        assert!(code == 3 && out.contains(expected) && out.contains("undecided"), "{address}: {code} {out}");
        if !arguments.is_empty() {
            let typed = format!("oras pull {} --output policy", address.trim_start_matches("oci://"));
            assert!(out.split_whitespace().collect::<Vec<_>>().join(" ").contains(&typed), "{out}");
        }
        assert_eq!(sample.run(&[&["images", "charts/good"], arguments].concat()).0, 3, "{address}");
    }
    drop(server);
}

#[test]
fn content_of_another_digest_is_no_policy() {
    let text = "failOn: never\n";
    let layer = format!(
        r#"{{"layers":[{{"digest":"{}","size":{},"annotations":{{"org.opencontainers.image.title":"chartgate.yaml"}}}}]}}"#,
        digest(b"failOn: error\n"),
        text.len()
    );
    let pinned = digest(layer.as_bytes());
    let manifest = layer.clone();
    let server = FaultServer::new(move |asked| {
        if asked.path.contains("/blobs/") { Reply::json(200, text) } else { Reply::json(200, &manifest) }
    });
    for digest in [pinned.clone(), pinned.replace(&pinned[60..], "00000000000")] {
        let address = format!("oci://{}/policy@{digest}", server.host());
        let sample = sample(&[(".chartgate.yaml", &format!("extends: ['{address}']\n"))]);
        let (code, out, _) = sample.run(&["check", "charts/good", "--format", "concise"]);
        assert!(code == 3 && out.contains("sends content with the digest"), "{code} {out}");
    }
}

#[test]
fn a_policy_on_a_host_that_only_a_change_names_is_not_asked_for_inside() {
    let (server, address) = registry(&[("chartgate.yaml", "rules: { yaml-key-duplicate: error }\n")]);
    let repo = Repo::new();
    repo.chart("a", "a", "1.0.0", "").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo.write(".chartgate.yaml", format!("extends: ['{address}']\n")).commit();
    let (code, out, _) = run(repo.root(), &["check"]);
    assert!(code == 3 && out.contains("nobody but the author of what is judged names it"), "{code} {out}");
    assert!(server.log().is_empty(), "nothing was sent");
    repo.remote_branch("main", "HEAD");
    repo.write(".chartgate.yaml", format!("extends: ['{address}']\nrules: {{ yaml-key-duplicate: off }}\n")).commit();
    let (_, out, _) = run(repo.root(), &["check", "--format", "concise"]);
    assert!(
        out.contains(" policy-loosened: `yaml-key-duplicate` is off, and was error"),
        "the merged policies are compared: {out}"
    );
}

#[test]
fn levels_differ_by_path_and_profile() {
    let sample = sample(&[
        ("charts/good/values.yaml", "image: nginx:latest\nx: 1\nx: 2\n"),
        ("charts/good/templates/pod.yaml", POD),
        ("charts/good/values-prod.yaml", "image: nginx:latest\n"),
        ("charts/good/values-dev.yaml", "image: httpd:latest\n"),
    ]);
    let config = |overrides: &str| {
        let profiles = "profiles: { prod: { production: true, values: [values-prod.yaml] }, dev: { values: [values-dev.yaml] } }\n";
        sample.write(".chartgate.yaml", &format!("{profiles}{overrides}"));
        found(sample.path(), &["charts/good", "--fail-on", "never"]).1
    };
    let of = |findings: &[String], rule: &str| -> Vec<String> {
        findings.iter().filter(|line| line.contains(&format!(" {rule} "))).cloned().collect()
    };
    let by_profile = config(
        "overrides: [{ profiles: [prod], rules: { image-tag-floating: error } }, { profiles: ['*ev'], rules: { image-tag-floating: off } }]\n",
    );
    let floating = of(&by_profile, "image-tag-floating");
    assert!(floating.iter().any(|line| line.starts_with("error") && line.ends_with(" prod")), "{floating:?}");
    assert!(floating.iter().all(|line| !line.ends_with(" dev")), "{floating:?}");
    assert!(floating.iter().any(|line| line.starts_with("warning") && line.ends_with(" default")), "{floating:?}");
    let by_path = config(
        "rules: { yaml-key-duplicate: off }\noverrides: [{ paths: [charts/good/values.yaml], rules: { yaml-key-duplicate: error } }]\n",
    );
    assert_eq!(of(&by_path, "yaml-key-duplicate"), ["error yaml-key-duplicate charts/good/values.yaml -"]);
    let elsewhere = config(
        "rules: { yaml-key-duplicate: off }\noverrides: [{ paths: [charts/a], rules: { yaml-key-duplicate: error } }]\n",
    );
    assert_eq!(of(&elsewhere, "yaml-key-duplicate"), [""; 0]);
    let last = config(
        "overrides: [{ paths: [charts], rules: { yaml-*: error } }, { paths: [charts/good], rules: { yaml-key-duplicate: info } }]\n",
    );
    assert_eq!(of(&last, "yaml-key-duplicate"), ["info yaml-key-duplicate charts/good/values.yaml -"]);
    let suppressed =
        config("suppress: [{ rule: image-tag-floating, path: charts, profiles: [dev], reason: a test }]\n");
    let floating = of(&suppressed, "image-tag-floating");
    assert!(
        floating.iter().any(|line| line.ends_with(" prod")) && floating.iter().all(|line| !line.ends_with(" dev")),
        "{floating:?}"
    );
    let said = settings(&sample, "charts/good");
    assert!(said.iter().any(|line| line.starts_with("suppress: [") || line.starts_with("suppress: {")), "{said:?}");
}

#[test]
fn an_override_says_for_what_it_is_and_names_no_rule_of_a_step() {
    let sample = Sample::new();
    for (entry, expected) in [
        ("{ rules: { yaml-*: off } }", "says neither for which paths nor for which profiles"),
        ("{ paths: [a] }", "`rules` is missing"),
        ("{ paths: [../a], rules: {} }", "leads out of the folder that paths count from"),
        ("{ paths: [a], rules: { nothing: off } }", "there is no rule `nothing`"),
        ("{ paths: [a], rules: { yaml-invalid: { level: off } } }", "expected"),
        ("{ paths: [a], rules: { change-app-version-major: off } }", "counts by the step that it calls for"),
    ] {
        sample.write(".chartgate.yaml", &format!("overrides: [{entry}]\n"));
        let (code, _, err) = sample.run(&["check", "charts/good"]);
        assert!(code == 2 && err.contains(expected), "{entry}: {code} {err}");
    }
}

#[test]
fn overrides_and_suppressions_of_profiles_are_compared_with_what_they_were() {
    let repo = Repo::new();
    repo.write("a/Chart.yaml", CHART);
    repo.write(".chartgate.yaml", "overrides: [{ paths: [a], rules: { image-tag-floating: error } }]\nsuppress: [{ rule: api-removed, path: a, profiles: [dev], reason: x }]\n").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo.write("notes.txt", "a change of nothing\n").commit();
    let loosened = |config: &str| -> Vec<String> {
        repo.write(".chartgate.yaml", config);
        let (_, out, _) = run(repo.root(), &["check", "--offline", "--format", "concise"]);
        let lines = out.lines().filter_map(|line| line.split_once(" policy-loosened: "));
        lines.map(|(_, message)| message.to_owned()).collect()
    };
    let suppress = "suppress: [{ rule: api-removed, path: a, profiles: [dev], reason: x }]\n";
    let same = format!("overrides: [{{ paths: [./a/], rules: {{ image-tag-floating: error }} }}]\n{suppress}");
    assert_eq!(loosened(&same), [""; 0]);
    for (config, expected) in [
        (
            format!("overrides: [{{ paths: [a], rules: {{ image-tag-floating: info }} }}]\n{suppress}"),
            "`image-tag-floating` is info in `a`, and was error",
        ),
        (suppress.to_owned(), "`image-tag-floating` is no longer error in `a`"),
        (
            format!(
                "overrides: [{{ paths: [a], rules: {{ image-tag-floating: error }} }}, {{ profiles: [prod], rules: {{ image-digest-missing: off }} }}]\n{suppress}"
            ),
            "`image-digest-missing` is off in the profiles `prod`, and was error",
        ),
        (same.replace(", profiles: [dev]", ""), "findings of `api-removed` in `a` are suppressed now"),
    ] {
        let said = loosened(&config);
        assert!(said.iter().any(|line| line.starts_with(expected)), "{config}: {said:?}");
    }
}

#[test]
fn an_override_that_covers_nothing_is_said_where_everything_is_judged() {
    let text = "overrides:\n- { paths: [charts/lagacy], rules: { image-*: info } }\n- { profiles: [stagign], rules: { image-tag-floating: error } }\n- { paths: ['charts/*/values.yaml', nowhere], rules: { image-tag-floating: info } }\n- { profiles: ['def*', other], rules: { '*': warning } }\n";
    let sample = sample(&[(".chartgate.yaml", text)]);
    let said = |arguments: &[&str]| {
        let (_, out, err) = sample.run(&[&["check", "--format", "concise"], arguments].concat());
        let of_rule = out.lines().filter(|line| line.contains(" suppression-unused: ")).map(str::to_owned);
        (of_rule.collect::<Vec<_>>(), out + &err)
    };
    let (lines, out) = said(&[]);
    assert_eq!(
        lines,
        [
            ".chartgate.yaml:2:13: warning suppression-unused: the entry of `overrides` covers no file: there is no `charts/lagacy`",
            ".chartgate.yaml:3:3: warning suppression-unused: the entry of `overrides` covers no profile: there is no `stagign`",
        ],
        "{out}"
    );
    assert_eq!(said(&["charts/good"]).0, [""; 0], "the other charts may have what they cover");
}

#[test]
fn an_override_of_a_set_is_for_its_rules_that_name_no_step() {
    let only_steps =
        sample(&[(".chartgate.yaml", "overrides: [{ paths: [charts/a], rules: { 'change-app-*': info } }]\n")]);
    let (code, _, err) = only_steps.run(&["check", "charts/good"]);
    assert!(code == 2 && err.contains("`change-app-*` counts by the step that it calls for"), "{code} {err}");
    let all = sample(&[(".chartgate.yaml", "overrides: [{ paths: [charts/a], rules: { '*': info } }]\n")]);
    let (code, out, err) = all.run(&["check", "charts/a"]);
    assert_eq!(code, 0, "{out}{err}");
}
