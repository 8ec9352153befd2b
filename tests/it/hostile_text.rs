//! Whatever a chart's names, values and messages hold, no command prints what a terminal or a CI system would obey.

use std::process::Command;

use crate::cli::program;
use crate::git_repo::Repo;

const HOSTILE: &str = "d\u{1b}[5m\n::error::injected ##[error]injected\u{9b}2J\u{202e}";

/// A chart every name and value of which is hostile, as YAML may write it.
fn hostile() -> Repo {
    let repo = Repo::new();
    let quoted = serde_json::to_string(HOSTILE).expect("text is JSON");
    let folder = format!("charts/{HOSTILE}");
    let chart = format!(
        "apiVersion: v2\nname: {quoted}\nversion: {quoted}\nappVersion: {quoted}\ndescription: {quoted}\nannotations: {{ {quoted}: {quoted} }}\n"
    );
    repo.write(&format!("{folder}/Chart.yaml"), chart);
    repo.write(
        &format!("{folder}/values.yaml"),
        format!("{quoted}: {quoted}\nimage: {{ repository: {quoted}, tag: {quoted} }}\n{quoted}: 2\n"),
    );
    repo.write(&format!("{folder}/values-prod-{HOSTILE}.yaml"), format!("image: {{ tag: {quoted} }}\n"));
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: {{ .Values.image.tag | quote }}\n      image: {{ print .Values.image.repository \":\" .Values.image.tag | quote }}\n";
    repo.write(&format!("{folder}/templates/pod-{HOSTILE}.yaml"), pod);
    repo.write("charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 1.0.0\n");
    repo.write("charts/b/values.yaml", format!("image: {{ repository: {quoted}, tag: {quoted} }}\n"));
    repo.write("charts/b/templates/pod.yaml", pod);
    repo.write(&format!("charts/b/templates/broken-{HOSTILE}.yaml"), format!("{{{{ fail {quoted} }}}}\n"));
    // A comment of a template shows in the patch beside what is mended.
    let typo = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{ name: c }}\nspec:\n  containers:\n  - name: a\n    {{{{- /* {HOSTILE} */}}}}\n    imagePullpolicy: Always\n    image: a:1\n"
    );
    repo.write("charts/c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    repo.write("charts/c/templates/typo.yaml", typo);
    repo.write("verdict.json", format!("{{ \"_type\": {quoted} }}\n"));
    repo.commit();
    repo
}

/// Lines that a chart made, and characters that steer.
fn obeyed(text: &str) -> Vec<String> {
    let is_steering = |letter: char| (letter.is_control() && !matches!(letter, '\n' | '\t')) || letter == '\u{202e}';
    let is_obeyed = |line: &&str| {
        line.trim_start().starts_with("::error::injected") || line.contains("##[error]") || line.contains(is_steering)
    };
    text.lines().filter(is_obeyed).map(|line| format!("{line:?}")).collect()
}

#[test]
fn no_command_prints_what_a_terminal_or_a_pipeline_obeys() {
    let repo = hostile();
    let folder = format!("charts/{HOSTILE}");
    let (output, summary) = (repo.root().join("output"), repo.root().join("summary"));
    let formats = chartgate::report::Format::ALL.map(|format| format.to_string());
    let mut commands: Vec<Vec<&str>> =
        formats.iter().map(|format| vec!["check", "--offline", "--format", format]).collect();
    commands.extend([
        vec!["check", "--offline", "--diff", "--unsafe-fixes"],
        vec!["bump", "charts/b", "--diff", "--offline"],
        vec!["pin", "charts/b", "--diff", "--offline"],
        vec!["check", "--offline", "--explain-profiles"],
        vec!["check", "--offline", HOSTILE],
        vec!["check", "--offline", "--profile", HOSTILE],
        vec!["check", "--offline", "--select", HOSTILE],
        vec!["check", "--offline", "--format", HOSTILE],
        vec!["check", "--offline", "--base", HOSTILE],
        vec!["changed"],
        vec!["changed", "--base", "HEAD"],
        vec!["changed", "--format", "json"],
        vec!["images"],
        vec!["images", "--format", "json"],
        vec!["diff", &folder, "--against", "HEAD"],
        vec!["diff", &folder, "--against", "HEAD", "--format", "json"],
        vec!["diff", &folder, "--against", HOSTILE],
        vec!["render", &folder, "--why", "Pod/web spec.containers[0].image"],
        vec!["render", &folder, "--why", HOSTILE],
        vec!["render", "charts/b"],
        vec!["package", &folder, "--destination", "out"],
        vec!["package", "charts/b", "--destination", HOSTILE],
        vec!["verify", "verdict.json", &folder],
        vec!["deps", &folder, "--offline"],
        vec!["deps", &folder, "--offline", "--format", "json"],
        vec!["explain", HOSTILE],
    ]);
    for arguments in commands {
        let mut command: Command = program();
        command.current_dir(repo.root()).args(&arguments);
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary);
        let said = command.output().expect("the program starts");
        for text in [said.stdout, said.stderr] {
            let text = String::from_utf8(text).expect("the program writes UTF-8");
            assert_eq!(obeyed(&text), Vec::<String>::new(), "{arguments:?}");
        }
    }
    for file in [output, summary] {
        let text = std::fs::read_to_string(&file).expect("it was written");
        assert_eq!(obeyed(&text), Vec::<String>::new(), "{file:?}");
        assert!(text.lines().all(|line| !line.starts_with("already-published=true")), "{text}");
    }
}
