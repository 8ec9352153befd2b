//! `chartgate lsp` as an editor sees it, over its standard streams.

use std::process::Command;

use serde_json::{Value, json};

use crate::cli::program;
use crate::fault_server::{FaultServer, Reply};
use crate::git_repo::Repo;
use crate::lsp_client::{Editor, abilities, line};

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: \"1.2.3\"\n";
const VALUES: &str = "# Größe 😀\nimage:\n  repository: ghcr.io/acme/web\n  tag: \"1.2.3\"\n  digest: \"\"\nresources: {limits: {cpu: 1}}\n";
const PROD: &str = "image:\n  tag: \"1.2.4\"\n  digest: sha256:zz\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}\"\n    resources: {{ toYaml .Values.resources | nindent 6 }}\n";

/// A repository with a chart that has a fault in production, and one in Chart.yaml's companion.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("charts/web/Chart.yaml", CHART).write("charts/web/values.yaml", VALUES);
    repo.write("charts/web/values-prod.yaml", PROD).write("charts/web/templates/pod.yaml", POD);
    let package =
        "version: 1.2.2 # 😀\nname: web\ndisplayName: Web\ncreatedAt: 2026-01-31T12:00:00Z\ndescription: Web\n";
    repo.write("charts/web/artifacthub-pkg.yml", package).commit();
    repo
}

fn command(repo: &Repo) -> Command {
    let mut command = program();
    command.current_dir(repo.root()).env("HOME", repo.beside("home"));
    command
}

fn editor(repo: &Repo) -> Editor {
    Editor::new(command(repo), repo.root())
}

fn of_rule<'d>(diagnostics: &'d [Value], rule: &str) -> Vec<&'d Value> {
    diagnostics.iter().filter(|diagnostic| diagnostic["code"] == rule).collect()
}

const DIGEST: &str =
    "image:\n  tag: \"1.2.4\"\n  digest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n";

#[test]
fn a_session_from_the_first_letter_to_the_leave() {
    let repo = repo();
    let mut editor = editor(&repo);
    let mut record = vec![];
    let mut note = |title: &str, lines: Vec<String>| record.push(format!("## {title}\n{}", lines.join("\n")));
    editor.open("charts/web/values-prod.yaml", PROD);
    editor.judged("charts/web/values-prod.yaml", 1);
    note("values-prod.yaml was opened", editor.screen());
    editor.change("charts/web/values-prod.yaml", 2, DIGEST);
    editor.judged("charts/web/values-prod.yaml", 2);
    note("a digest was typed", editor.screen());
    editor.open("charts/web/artifacthub-pkg.yml", &read(&repo, "charts/web/artifacthub-pkg.yml"));
    let found = editor.judged("charts/web/artifacthub-pkg.yml", 1);
    let parity = of_rule(&found, "package-version-mismatch")[0].clone();
    let actions = editor.ask(
        "textDocument/codeAction",
        &json!({ "textDocument": { "uri": editor.uri("charts/web/artifacthub-pkg.yml") }, "range": parity["range"],
            "context": { "diagnostics": [parity] } }),
    );
    let shown = |action: &Value| {
        let edit = &action["edit"]["documentChanges"][0];
        format!("{} ({}): {} {}", action["title"], action["kind"], edit["textDocument"]["version"], edit["edits"])
    };
    note("actions at the version", actions.as_array().expect("a list").iter().map(shown).collect());
    editor.edit("charts/web/artifacthub-pkg.yml", 2, &edits(&actions[0]));
    editor.judged("charts/web/artifacthub-pkg.yml", 2);
    note("the first was taken", editor.screen());
    editor.close("charts/web/artifacthub-pkg.yml");
    editor.close("charts/web/values-prod.yaml");
    while !editor.screen().is_empty() {
        editor.ask("textDocument/hover", &editor.at("charts/web/values.yaml", 0, 0));
    }
    note("everything was closed", editor.screen());
    assert_eq!(editor.leave(), Some(0));
    let commit = regex::Regex::new("commit `[0-9a-f]{10}`").expect("the pattern is fixed");
    insta::assert_snapshot!(commit.replace_all(&record.join("\n\n"), "commit `0123456789`"));
}

fn read(repo: &Repo, path: &str) -> String {
    std::fs::read_to_string(repo.root().join(path)).expect("the file is there")
}

/// The edits of an action as changes of a text.
fn edits(action: &Value) -> Value {
    let edits = action["edit"]["documentChanges"][0]["edits"].as_array().expect("a list");
    edits.iter().rev().map(|edit| json!({ "range": edit["range"], "text": edit["newText"] })).collect()
}

#[test]
fn columns_are_counted_in_utf16() {
    let repo = repo();
    let mut editor = editor(&repo);
    let text = "version: 1.2.3\nname: web\ndisplayName: 😀\n😀: 1\n? é\n: {tag: 1, 😀é: 2, tag: 3}\n";
    editor.open("charts/web/values.yaml", text);
    let found = editor.judged("charts/web/values.yaml", 1);
    let twice = of_rule(&found, "yaml-key-duplicate")[0];
    // `  : {tag: 1, 😀é: 2, ` has 19 letters and 20 units.
    let line = text.lines().nth(5).expect("there are six");
    let units = line[..line.find("tag: 1").expect("it is there")].encode_utf16().count();
    let other = line[..line.find("tag: 3").expect("it is there")].encode_utf16().count();
    let start = &twice["range"]["start"];
    assert!(
        start == &json!({ "line": 5, "character": units }) || start == &json!({ "line": 5, "character": other }),
        "{twice}"
    );
    // An edit behind the pair of surrogates removes the second `tag`.
    let range = json!({ "start": { "line": 5, "character": other - 2 }, "end": { "line": 5, "character": other + 6 } });
    editor.edit("charts/web/values.yaml", 2, &json!([{ "range": range, "text": "" }]));
    let found = editor.judged("charts/web/values.yaml", 2);
    assert_eq!(of_rule(&found, "yaml-key-duplicate"), Vec::<&Value>::new());
}

#[test]
fn a_value_is_explained_from_both_sides() {
    let repo = repo();
    let mut editor = editor(&repo);
    editor.open("charts/web/templates/pod.yaml", POD);
    editor.open("charts/web/values.yaml", VALUES);
    let path = "charts/web/templates/pod.yaml";
    let tag = editor.ask("textDocument/hover", &editor.within(path, POD, ".Values.image.tag", 15));
    let digest = editor.ask("textDocument/hover", &editor.within(path, POD, "@{{ . }}", 4));
    let whole = editor.ask("textDocument/hover", &editor.within(path, POD, ".Values.image.tag", 10));
    let key = editor.ask("textDocument/hover", &editor.within("charts/web/values.yaml", VALUES, "cpu", 1));
    let text = |hover: &Value| {
        let text = hover["contents"]["value"].as_str().expect("a text").replace(&editor.uri(""), "file:///workspace");
        format!("{}\n{text}", hover["range"])
    };
    let shown: Vec<String> = [&tag, &digest, &whole, &key].into_iter().map(text).collect();
    insta::assert_snapshot!(shown.join("\n---\n"));
    let places = |answer: &Value| -> Vec<String> {
        let place = |at: &Value| {
            format!(
                "{}:{}",
                at["uri"].as_str().expect("a text").rsplit('/').next().expect("a name"),
                at["range"]["start"]["line"]
            )
        };
        answer.as_array().expect("a list").iter().map(place).collect()
    };
    let set = editor.ask("textDocument/definition", &editor.within(path, POD, ".Values.image.tag", 15));
    assert_eq!(places(&set), ["values.yaml:3", "values-prod.yaml:1"]);
    let read = editor.ask("textDocument/definition", &editor.within("charts/web/values.yaml", VALUES, "digest", 1));
    assert_eq!(places(&read), ["pod.yaml:6", "pod.yaml:6"]);
    assert_eq!(editor.ask("textDocument/hover", &editor.at(path, 0, 0)), Value::Null);
}

#[test]
fn keys_are_offered_while_a_template_cannot_be_parsed() {
    let repo = repo();
    let mut editor = editor(&repo);
    let path = "charts/web/templates/pod.yaml";
    editor.open(path, POD);
    editor.judged(path, 1);
    let half = format!("{POD}# é {{{{ .Values.image.");
    editor.change(path, 2, &half);
    let found = editor.judged(path, 2);
    assert!(!of_rule(&found, "render-failed").is_empty(), "{found:?}");
    let labels = |answer: &Value| -> Vec<String> {
        let label = |item: &Value| item["label"].as_str().expect("a text").to_owned();
        answer.as_array().map(|items| items.iter().map(label).collect()).unwrap_or_default()
    };
    let at = editor.within(path, &half, ".Values.image.", 14);
    let at = if half.matches(".Values.image.").count() > 1 {
        let last = half.lines().last().expect("a line");
        editor.at(path, half.lines().count() - 1, last.encode_utf16().count())
    } else {
        at
    };
    let items = editor.ask("textDocument/completion", &at);
    assert_eq!(labels(&items), ["digest", "repository", "tag"]);
    let hover = editor.ask("textDocument/hover", &editor.within(path, &half, ".Values.image.tag", 16));
    assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("1.2.4")), "{hover}");
    let chart = format!("{CHART}annotations:\n  artifacthub.io/pre");
    editor.open("charts/web/Chart.yaml", &chart);
    let items = editor.ask("textDocument/completion", &editor.at("charts/web/Chart.yaml", 5, 20));
    assert!(labels(&items).contains(&"artifacthub.io/prerelease".to_owned()), "{items}");
    assert_eq!(items[0]["textEdit"]["range"]["start"], json!({ "line": 5, "character": 2 }));
}

#[test]
fn nonsense_is_answered_and_the_conversation_goes_on() {
    let repo = repo();
    let mut editor = Editor::silent(command(&repo), repo.root());
    let refused = editor.ask("textDocument/hover", &json!({}));
    assert_eq!(refused["code"], -32002, "{refused}");
    let refused = editor.ask("initialize", &json!({ "capabilities": 7 }));
    assert_eq!(refused["code"], -32602, "{refused}");
    editor.ask(
        "initialize",
        &json!({ "capabilities": {}, "rootUri": editor.uri(""), "initializationOptions": { "onlin": 1 } }),
    );
    assert_eq!(editor.ask("initialize", &json!({ "capabilities": {} }))["code"], -32600);
    for nonsense in
        ["hello\r\n\r\n", "Content-Length: 2\r\n\r\n{}", "Content-Length: 3\r\n\r\n{,}", "Content-Length: -1\r\n\r\n"]
    {
        editor.write(nonsense.as_bytes());
    }
    editor.tell(
        "textDocument/didOpen",
        &json!({ "textDocument": { "uri": "untitled:x", "languageId": "", "version": 1, "text": "" } }),
    );
    editor.tell(
        "textDocument/didOpen",
        &json!({ "textDocument": { "uri": "file:///%ff/\u{0}", "languageId": "", "version": 1, "text": "" } }),
    );
    editor.tell("textDocument/didChange", &json!([]));
    editor.tell("textDocument/didClose", &json!({ "textDocument": { "uri": editor.uri("never/opened.yaml") } }));
    assert_eq!(editor.ask("no/such", &json!({}))["code"], -32601);
    assert_eq!(editor.ask("textDocument/hover", &json!({ "position": "x" }))["code"], -32602);
    editor.open("charts/web/values.yaml", VALUES);
    let beyond = editor.at("charts/web/values.yaml", 4_000_000, 4_000_000_000);
    assert_eq!(editor.ask("textDocument/hover", &beyond), Value::Null);
    let range = json!({ "start": { "line": 9, "character": 9 }, "end": { "line": 0, "character": 0 } });
    editor.edit("charts/web/values.yaml", 2, &json!([{ "range": range, "text": "x: [" }]));
    let found = editor.judged("charts/web/values.yaml", 2);
    assert_eq!(of_rule(&found, "yaml-invalid").len(), 1, "{found:?}");
    let said: Vec<String> = editor.notes().iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|note| note.contains("unknown field `onlin`")), "{said:?}");
    assert_eq!(said.iter().filter(|note| note.contains("-32700")).count(), 6, "{said:?}");
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn who_goes_without_a_word_ends_the_server() {
    let repo = repo();
    assert_eq!(editor(&repo).vanish(), Some(1));
    assert_eq!(Editor::silent(command(&repo), repo.root()).vanish(), Some(1));
}

#[test]
fn a_change_that_comes_too_late_is_left_out_and_a_question_can_be_taken_back() {
    let repo = repo();
    let mut editor = editor(&repo);
    let path = "charts/web/values.yaml";
    editor.open(path, VALUES);
    editor.change(path, 5, VALUES);
    editor.change(path, 4, "x: [");
    let found = editor.judged(path, 5);
    assert_eq!(of_rule(&found, "yaml-invalid"), Vec::<&Value>::new());
    // Both are there before the first is looked at, as the server is at the opening still.
    let mut cancelled = false;
    for _ in 0..20 {
        editor.tell("textDocument/didSave", &json!({ "textDocument": { "uri": editor.uri(path) } }));
        editor.ask("textDocument/hover", &editor.at(path, 0, 0));
        let first = editor.begin("textDocument/hover", &editor.at(path, 3, 3));
        let second = editor.begin("textDocument/hover", &editor.at(path, 3, 3));
        editor.tell("$/cancelRequest", &json!({ "id": second }));
        editor.answer(first);
        let answer = editor.answer(second);
        cancelled |= answer["code"] == -32800;
        assert!(answer["code"] == -32800 || !answer["contents"].is_null(), "{answer}");
        if cancelled {
            break;
        }
        editor.tell("textDocument/didSave", &json!({ "textDocument": { "uri": editor.uri(path) } }));
    }
    assert!(editor.notes().iter().any(|note| note.to_string().contains("comes too late")));
}

#[test]
fn fast_typing_is_judged_at_its_end_and_what_is_clean_is_cleared() {
    let repo = repo();
    let mut editor = editor(&repo);
    let path = "charts/web/values-prod.yaml";
    editor.open(path, PROD);
    assert!(!editor.judged(path, 1).is_empty());
    for version in 2..40 {
        editor.change(path, version, &format!("{PROD}x{version}: ["));
    }
    editor.change(path, 40, DIGEST);
    let found = editor.judged(path, 40);
    assert_eq!(of_rule(&found, "image-digest-malformed"), Vec::<&Value>::new());
    assert_eq!(of_rule(&found, "yaml-invalid"), Vec::<&Value>::new());
}

#[test]
fn what_was_not_judged_is_never_silent() {
    let repo = repo();
    repo.write(".chartgate.yaml", "failOn: warnin\n");
    let mut editor = editor(&repo);
    editor.open("charts/web/values.yaml", VALUES);
    let found = editor.judged("charts/web/values.yaml", 1);
    assert_eq!(
        found.iter().map(line).collect::<Vec<_>>(),
        ["0:0 1 not-checked not checked: the configuration is wrong"]
    );
    let config = editor.shown(".chartgate.yaml").expect("the configuration is shown");
    assert!(line(&config[0]).starts_with("0:8 1 configuration"), "{config:?}");
    editor.open(".chartgate.yaml", "failOn: warning\n");
    let found = editor.judged("charts/web/values.yaml", 1);
    assert!(found.iter().all(|found| found["code"] != "not-checked"), "{found:?}");
    assert_eq!(editor.shown(".chartgate.yaml"), Some(vec![]));
    // A dependency that nothing here can give.
    let missing =
        format!("{CHART}dependencies:\n  - {{name: db, version: 1.0.0, repository: \"https://charts.example.com\"}}\n");
    editor.open("charts/web/Chart.yaml", &missing);
    let found = editor.judged("charts/web/Chart.yaml", 1);
    assert!(found.iter().any(|found| found["message"].as_str().is_some_and(|text| text.contains("db"))), "{found:?}");
}

#[test]
fn a_workspace_without_charts_has_nothing_to_say() {
    let repo = Repo::new();
    repo.write("README.md", "# Nothing\n").write("x.yaml", "a: [\n").commit();
    let mut editor = editor(&repo);
    editor.open("x.yaml", "a: [\n");
    assert_eq!(editor.judged("x.yaml", 1), Vec::<Value>::new());
    assert_eq!(editor.ask("textDocument/hover", &editor.at("x.yaml", 0, 0)), Value::Null);
    assert_eq!(editor.ask("textDocument/definition", &editor.at("x.yaml", 0, 0)), json!([]));
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn a_file_outside_of_the_workspace_is_judged_with_its_chart() {
    let (repo, other) = (repo(), Repo::new());
    other.write("README.md", "x").commit();
    let mut editor = Editor::new(command(&repo), other.root());
    let path = repo.root().canonicalize().expect("it is there").join("charts/web/values-prod.yaml");
    let path = path.display().to_string();
    editor.open(&path, PROD);
    let found = editor.judged(&path, 1);
    assert_eq!(of_rule(&found, "image-digest-malformed").len(), 1, "{found:?}");
}

#[test]
fn nobody_is_asked_unless_the_settings_say_so() {
    let server = FaultServer::new(|_| Reply::json(404, r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#));
    let repo = repo();
    let published = format!("published:\n  oci: oci://{}/charts\n", server.host());
    repo.write(".chartgate.yaml", &published).commit();
    let mut offline = editor(&repo);
    offline.open("charts/web/values.yaml", VALUES);
    offline.judged("charts/web/values.yaml", 1);
    assert_eq!(server.log(), [""; 0]);
    offline.ask("textDocument/hover", &offline.at("charts/web/values.yaml", 0, 0));
    let notes: Vec<String> = offline.notes().iter().map(ToString::to_string).collect();
    assert!(notes.iter().any(|note| note.contains("--offline") || note.contains("skipped")), "{notes:?}");
    let mut online = Editor::with(command(&repo), repo.root(), &abilities(), &json!({ "online": true }));
    online.open("charts/web/values.yaml", VALUES);
    online.judged("charts/web/values.yaml", 1);
    assert!(!server.log().is_empty());
    assert_eq!(online.screen().iter().find(|line| line.contains("not checked: ")), None);
}

#[test]
fn memory_does_not_grow_with_the_edits() {
    let repo = repo();
    let mut editor = editor(&repo);
    let path = "charts/web/values.yaml";
    editor.open(path, VALUES);
    editor.judged(path, 1);
    let mut edit = |from: i32, count: i32| {
        for version in from..from + count {
            editor.change(
                path,
                version,
                &format!("{VALUES}letters: {}\n", "x".repeat(usize::try_from(version % 40).expect("it is small"))),
            );
            editor.judged(path, version);
            editor.ask("textDocument/hover", &editor.at(path, 3, 3));
        }
        editor.memory()
    };
    let Some(before) = edit(2, 60) else { return };
    let after = edit(62, 240).expect("the system said it before");
    assert!(after < before + before / 4, "{before} kB, then {after} kB");
}

#[test]
fn a_repository_inside_of_the_workspace_is_judged_by_itself_and_what_others_write_is_seen() {
    let repo = repo();
    let above = repo.root().parent().expect("it lies in a folder").canonicalize().expect("it is there");
    let below = repo.root().canonicalize().expect("it is there");
    let below = below.strip_prefix(&above).expect("it lies there").display().to_string();
    let mut editor = Editor::new(command(&repo), &above);
    let values = format!("{below}/charts/web/values-prod.yaml");
    editor.open(&values, PROD);
    assert_eq!(of_rule(&editor.judged(&values, 1), "image-digest-malformed").len(), 1);
    // Somebody else mends the version.
    let package = format!("{below}/charts/web/artifacthub-pkg.yml");
    assert!(editor.shown(&package).is_some_and(|found| of_rule(&found, "package-version-mismatch").len() == 1));
    let text = read(&repo, "charts/web/artifacthub-pkg.yml").replace("1.2.2", "1.2.3");
    repo.write("charts/web/artifacthub-pkg.yml", text);
    let changes = json!([{ "uri": editor.uri(&package), "type": 2 }]);
    editor.tell("workspace/didChangeWatchedFiles", &json!({ "changes": changes }));
    editor.judged(&values, 1);
    editor.ask("textDocument/hover", &editor.at(&values, 0, 0));
    assert!(editor.shown(&package).is_none_or(|found| of_rule(&found, "package-version-mismatch").is_empty()));
}

#[test]
fn a_file_that_was_never_saved_belongs_to_its_chart() {
    let repo = repo();
    let mut editor = editor(&repo);
    let template = "charts/web/templates/new/job.yaml";
    editor.open(template, "apiVersion: batch/v1\nkind: Job\nmetadata: {name: web}\nspec: {completion: 1}\n");
    let found = editor.judged(template, 1);
    assert_eq!(of_rule(&found, "manifest-field-unknown").len(), 1, "{found:?}");
    let values = "charts/web/values-eu-prod.yaml";
    editor.open(values, "image: {tag: \"1.2.4\", digest: sha256:zz}\n");
    let found = editor.judged(values, 1);
    assert_eq!(of_rule(&found, "image-digest-malformed").len(), 1, "{found:?}");
    editor.close(template);
    editor.close(values);
    editor.open("charts/web/values.yaml", VALUES);
    editor.judged("charts/web/values.yaml", 1);
    assert_eq!(editor.shown(template), Some(vec![]), "nobody has it");
}

#[test]
fn what_happens_outside_of_the_editor_is_seen_with_the_next_letter() {
    let repo = repo();
    let application = |image: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  project: default\n  destination: {{namespace: web, server: https://kubernetes.default.svc}}\n  source:\n    repoURL: https://example.com/acme/web\n    path: charts/web\n    helm: {{values: \"image: {image}\"}}\n"
        )
    };
    let path = "apps/web.yaml";
    repo.write(path, application("{digest: sha256:aa}")).commit();
    let mut editor = editor(&repo);
    let values = "charts/web/values.yaml";
    editor.open(values, VALUES);
    editor.judged(values, 1);
    let malformed = |editor: &Editor| {
        let found = editor.shown(path).unwrap_or_default();
        found.iter().filter(|found| found["code"] == "image-digest-malformed").count()
    };
    let reused = |found: &[Value]| found.iter().filter(|found| found["code"] == "version-reused").count();
    assert_eq!(malformed(&editor), 1, "{:?}", editor.screen());
    let mut version = 1;
    let mut letter = |editor: &mut Editor| {
        version += 1;
        editor.change(values, version, &format!("{VALUES}# {version}\n"));
        editor.judged(values, version)
    };
    // Nobody tells of any of it.
    repo.write(path, application("{digest: ''}"));
    letter(&mut editor);
    assert_eq!(malformed(&editor), 0, "{:?}", editor.screen());
    repo.write(path, application("{digest: sha256:bb}"));
    letter(&mut editor);
    assert_eq!(malformed(&editor), 1);
    std::fs::remove_file(repo.root().join(path)).expect("it is there");
    letter(&mut editor);
    assert_eq!(malformed(&editor), 0);
    let text = VALUES.replace("cpu: 1", "cpu: 2");
    repo.write(values, &text);
    let before = letter(&mut editor);
    repo.write("charts/web/Chart.yaml", CHART.replace("1.2.3\nappVersion", "1.2.4\nappVersion"));
    letter(&mut editor);
    repo.commit();
    repo.write("charts/web/Chart.yaml", CHART);
    letter(&mut editor);
    let all: Vec<Value> = editor.shown("charts/web/Chart.yaml").unwrap_or_default();
    assert_eq!((reused(&before), reused(&all)), (0, 0), "{before:?}{all:?}");
    assert!(editor.screen().iter().any(|line| line.contains("version-decreased")), "{:?}", editor.screen());
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn a_file_is_judged_on_where_its_folder_left_the_workspace() {
    let repo = repo();
    let mut editor = editor(&repo);
    let path = "charts/web/values-prod.yaml";
    editor.open(path, PROD);
    editor.judged(path, 1);
    let folder = json!({ "uri": editor.uri(""), "name": "workspace" });
    editor.tell("workspace/didChangeWorkspaceFolders", &json!({ "event": { "added": [], "removed": [folder] } }));
    editor.change(path, 2, &format!("{PROD}# more\n"));
    assert_eq!(of_rule(&editor.judged(path, 2), "image-digest-malformed").len(), 1);
}

/// The actions for what a rule found in a file, and those for all of it.
fn actions(editor: &mut Editor, file: &str, version: i32, rule: &str) -> (Vec<Value>, Vec<Value>) {
    let found = editor.judged(file, version);
    let place = of_rule(&found, rule).first().map_or(Value::Null, |found| found["range"].clone());
    let mut ask = |kind: &str| {
        let asked = json!({ "textDocument": { "uri": editor.uri(file) }, "range": place,
            "context": { "diagnostics": [], "only": [kind] } });
        editor.ask("textDocument/codeAction", &asked).as_array().cloned().unwrap_or_default()
    };
    (ask("quickfix"), ask("source.fixAll"))
}

#[test]
fn nothing_is_offered_that_fix_refuses() {
    let repo = repo();
    let license = "annotations:\n  artifacthub/license: MIT\n  artifact-hub.io/license: Apache-2.0\n";
    repo.write("charts/web/Chart.yaml", format!("{CHART}{license}")).commit();
    let mut editor = editor(&repo);
    let file = "charts/web/Chart.yaml";
    editor.open(file, &read(&repo, file));
    let (_, all) = actions(&mut editor, file, 1, "annotation-unknown");
    for action in &all {
        editor.edit(file, 2, &edits(action));
        let found = editor.judged(file, 2);
        assert!(of_rule(&found, "yaml-key-duplicate").is_empty(), "{action}");
    }
    assert_eq!(all.len(), 1, "one of the two can be renamed");
    // With one there already, neither can.
    let both = format!("{CHART}annotations:\n  artifacthub.io/license: MIT\n  artifacthub/license: MIT\n");
    editor.change(file, 3, &both);
    let (quick, all) = actions(&mut editor, file, 3, "annotation-unknown");
    assert_eq!((quick.len(), all.len()), (0, 0), "{quick:?} {all:?}");
}

#[test]
fn a_kind_of_change_in_a_quoted_text_is_mended_and_nothing_around_it() {
    let repo = repo();
    let mut editor = editor(&repo);
    let (file, text) = ("charts/web/Chart.yaml", |kind: &str| {
        format!("{CHART}annotations:\n  artifacthub.io/changes: \"- kind: {kind}\\n  description: x\\n\"\n")
    });
    editor.open(file, &text("add"));
    let (quick, all) = actions(&mut editor, file, 1, "annotation-invalid");
    assert_eq!((quick.len(), all.len()), (1, 1), "{quick:?} {all:?}");
    assert_eq!(quick[0]["edit"]["documentChanges"][0]["edits"][0]["newText"], "added");
    editor.edit(file, 2, &edits(&all[0]));
    assert!(of_rule(&editor.judged(file, 2), "annotation-invalid").is_empty());
    // A text that is typed and not saved counts, whatever the disk says.
    editor.change(file, 3, &text("remove"));
    let (quick, _) = actions(&mut editor, file, 3, "annotation-invalid");
    assert_eq!(quick[0]["edit"]["documentChanges"][0]["edits"][0]["newText"], "removed");
}
