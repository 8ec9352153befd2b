//! A baseline lets what was there before pass, and nothing else.

use crate::cli::Sample;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("it is JSON")
}

#[test]
fn what_was_there_before_passes_until_something_new_comes() {
    let sample = Sample::new();
    let update = ["check", "--baseline", "baseline.json", "--update-baseline", "--fail-on", "new"];
    let (code, _, said) = sample.run(&update);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("wrote `baseline.json`: 2 findings, 2 of them new, 0 gone"), "{said}");
    let check = ["check", "--baseline", "baseline.json", "--fail-on", "new", "--format", "json"];
    let (code, out, _) = sample.run(&check);
    assert_eq!((code, json(&out)["verdict"].as_str()), (0, Some("pass")));
    let by: Vec<_> = json(&out)["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|each| each["suppressed"]["by"].clone())
        .collect();
    assert_eq!(by, ["baseline", "baseline"]);
    // Lines move, and the findings with them.
    sample.write("charts/a/values.yaml", "# one\n# two\nreplicas: 1\nreplicas: 2\n");
    assert_eq!(sample.run(&check).0, 0);
    sample.write("charts/good/values.yaml", "a: 1\na: 2\n");
    let (code, out, _) = sample.run(&check);
    assert_eq!(code, 1, "{out}");
}

#[test]
fn what_is_gone_is_said_at_its_line_and_removed_by_the_next_update() {
    let sample = Sample::new();
    let update = ["check", "--baseline", "baseline.json", "--update-baseline"];
    assert_eq!(sample.run(&update).0, 0);
    sample.write("charts/a/values.yaml", "replicas: 1\n");
    let (code, out, _) = sample.run(&["check", "--baseline", "baseline.json", "--format", "concise"]);
    assert_eq!(code, 0);
    assert!(
        out.contains("suppression-unused: the baseline lists `yaml-key-duplicate` in `charts/a/values.yaml`"),
        "{out}"
    );
    let (_, out, _) = sample.run(&["check", "charts/good", "--baseline", "baseline.json", "--format", "concise"]);
    assert!(!out.contains("suppression-unused"), "a run of a part cannot know what is gone: {out}");
    let (_, _, said) = sample.run(&update);
    assert!(said.contains("1 finding, 0 of them new, 1 gone"), "{said}");
}

#[test]
fn an_entry_covers_what_the_rule_that_it_names_found_and_nothing_else() {
    let sample = Sample::new();
    assert_eq!(sample.run(&["check", "--baseline", "baseline.json", "--update-baseline"]).0, 0);
    let text = sample.read("baseline.json");
    sample.write("baseline.json", &text.replace("package-version-mismatch", "readme-missing"));
    let check = ["check", "--baseline", "baseline.json", "--format", "concise"];
    let (code, out, _) = sample.run(&check);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("error package-version-mismatch"), "{out}");
    assert!(out.contains("the baseline lists `readme-missing`"), "{out}");
}

#[test]
fn a_baseline_that_cannot_be_used_leaves_the_run_undecided() {
    let sample = Sample::new();
    let check = ["check", "charts/good", "--baseline", "baseline.json"];
    let (code, out, _) = sample.run(&check);
    assert_eq!(code, 3);
    assert!(out.contains("cannot use the baseline `baseline.json`: it does not exist"), "{out}");
    for (text, said) in [
        ("{", "it is no baseline"),
        ("{}", "it lacks `schemaVersion`"),
        ("{\"schemaVersion\":2,\"findings\":[]}", "it has the schema version 2"),
        ("{\"schemaVersion\":1,\"findings\":[],\"more\":1}", "it is no baseline"),
    ] {
        sample.write("baseline.json", text);
        let (code, out, _) = sample.run(&check);
        assert!(code == 3 && out.contains(said), "{text}: {code} {out}");
    }
    assert_eq!(sample.run(&["check", "--fail-on", "new"]).0, 2);
}

#[test]
fn a_run_from_a_folder_of_the_repository_knows_nothing_of_the_charts_beside() {
    let sample = Sample::new();
    for arguments in [["init", "--quiet"], ["add", "."]] {
        let git = std::process::Command::new("git").current_dir(sample.path()).args(arguments).output();
        assert!(git.expect("git starts").status.success());
    }
    let inside = |arguments: &[&str]| {
        let output = sample.command(arguments).current_dir(sample.path().join("charts/good")).output();
        let output = output.expect("the program starts");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(sample.run(&["check", "--baseline", "baseline.json", "--update-baseline"]).0, 0);
    let before = sample.read("baseline.json");
    let check = ["check", "--baseline", "../../baseline.json", "--fail-on", "new", "--format", "concise"];
    let (code, out) = inside(&check);
    assert!(code == Some(0) && !out.contains("suppression-unused"), "{out}");
    inside(&["check", "--baseline", "../../baseline.json", "--update-baseline"]);
    assert_eq!(sample.read("baseline.json"), before);
    // What is gone from the chart that was judged is gone from wherever one looks.
    sample.write("charts/good/values.yaml", "a: 1\na: 2\n");
    inside(&["check", "--baseline", "../../baseline.json", "--update-baseline"]);
    assert_ne!(sample.read("baseline.json"), before);
    sample.write("charts/good/values.yaml", "a: 1\n");
    assert!(inside(&check).1.contains("suppression-unused: the baseline lists `yaml-key-duplicate`"));
    inside(&["check", "--baseline", "../../baseline.json", "--update-baseline"]);
    assert_eq!(sample.read("baseline.json"), before);
}

#[test]
fn an_update_by_one_rule_keeps_what_others_found() {
    let sample = Sample::new();
    assert_eq!(sample.run(&["check", "--baseline", "baseline.json", "--update-baseline"]).0, 0);
    let before = sample.read("baseline.json");
    sample.run(&["check", "--select", "yaml-key-duplicate", "--baseline", "baseline.json", "--update-baseline"]);
    assert_eq!(sample.read("baseline.json"), before);
}

#[test]
fn an_update_of_a_part_keeps_what_was_found_elsewhere() {
    let sample = Sample::new();
    assert_eq!(sample.run(&["check", "--baseline", "baseline.json", "--update-baseline"]).0, 0);
    let before = std::fs::read_to_string(sample.path().join("baseline.json")).expect("it was written");
    let (_, _, said) = sample.run(&["check", "charts/good", "--baseline", "baseline.json", "--update-baseline"]);
    assert!(said.contains("2 findings, 0 of them new, 0 gone"), "{said}");
    assert_eq!(std::fs::read_to_string(sample.path().join("baseline.json")).expect("it is there"), before);
}

#[test]
fn a_fault_that_moves_to_another_workload_is_new() {
    let sample = Sample::new();
    let pod = |name: &str, container: &str, image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: {container}, image: {image}}}]}}\n"
        )
    };
    sample.write("charts/a/templates/a.yaml", &pod("primary", "a", "redis"));
    let update = ["check", "--baseline", "baseline.json", "--update-baseline", "--fail-on", "new"];
    assert_eq!(sample.run(&update).0, 0);
    let check = ["check", "--baseline", "baseline.json", "--fail-on", "new", "--format", "concise"];
    assert_eq!(sample.run(&check).0, 0);
    sample.write("charts/a/templates/a.yaml", &format!("# moved\n{}", pod("primary", "a", "redis")));
    assert_eq!(sample.run(&check).0, 0, "lines may move");
    for (workload, container) in [("replica", "a"), ("primary", "b")] {
        sample.write("charts/a/templates/a.yaml", &pod("primary", "a", "redis:7.2.1"));
        sample.write("charts/a/templates/b.yaml", &pod(workload, container, "redis"));
        let (code, out, _) = sample.run(&check);
        assert!(code == 1 && out.contains(": warning image-tag-missing: "), "{workload} {container}: {code} {out}");
        assert!(out.contains("the baseline lists `image-tag-missing`"), "{out}");
    }
}
