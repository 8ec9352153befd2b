//! A values file of several documents is what Helm makes of it: all laid over each other for Helm 4, the first alone for Helm 3.

use std::process::Command;

use crate::cli::Sample;
use crate::helm_lint::helm;

const FILE: &str = "image: { tag: 1.0.0, name: web }\n---\nimage: { tag: 2.0.0 }\n---\n# nothing\n";

/// A chart with one image, and a production file of two documents at a path.
fn sample(path: &str) -> Sample {
    let sample = Sample::new();
    for (file, text) in [
        ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("charts/web/values.yaml", "image: { name: web, tag: 0.1.0 }\n"),
        (
            "charts/web/templates/web.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - name: web\n      image: \"{{ .Values.image.name }}:{{ .Values.image.tag }}\"\n",
        ),
        (path, FILE),
    ] {
        sample.write(file, text);
    }
    sample
}

/// The images of the chart that are none of its defaults.
fn images(sample: &Sample, arguments: &[&str]) -> Vec<String> {
    let (_, out, err) = sample.run(&[&["images", "charts/web", "--offline", "--format", "json"], arguments].concat());
    let rows: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let rows = rows.as_array().expect("a list").iter();
    let mut images: Vec<String> =
        rows.map(|row| row["image"].to_string()).filter(|image| !image.contains("0.1.0")).collect();
    images.dedup();
    images
}

#[test]
fn all_documents_of_a_values_file_count_however_it_is_named() {
    let beside = sample("charts/web/values-prod.yaml");
    assert_eq!(images(&beside, &[]), ["\"web:2.0.0\""]);
    if let Some(helm) = helm() {
        let chart = beside.path().join("charts/web");
        let mut command = Command::new(helm);
        command.current_dir(chart).args(["template", "web", ".", "-f", "values-prod.yaml"]);
        let output = command.output().expect("Helm starts");
        let rendered = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(rendered.contains("image: \"web:2.0.0\""), "{rendered}");
    }
    beside.write(".chartgate.yaml", "helm: 3\n");
    assert_eq!(images(&beside, &[]), ["\"web:1.0.0\""]);

    let configured = sample("prod.yaml");
    assert_eq!(images(&configured, &["--values", "prod.yaml"]), ["\"web:2.0.0\""]);
    configured.write(".chartgate.yaml", "profiles: { prod: { charts: [charts/web], values: [../../prod.yaml] } }\n");
    assert_eq!(images(&configured, &[]), ["\"web:2.0.0\""]);
    configured.write("prod.yaml", "image: { tag: 3.0.0 }\n---\n- a list\n");
    let (code, _, err) = configured.run(&["check", "charts/web", "--offline"]);
    assert!(code == 2 && err.contains("is a list, not a mapping"), "{code} {err}");
}

#[test]
fn what_helm_cannot_cut_into_documents_is_no_values_file() {
    let texts = [
        ("a: 1\n---\nb: 2\n", true),
        ("--- # a comment\na: 1\n---\t\nb: 2\n...\n", true),
        ("# %YAML\na: |\n  %YAML\n  --- x\n", true),
        ("%YAML 1.1\n---\na: 1\n", false),
        ("a: 1\n---\n# none\n%YAML 1.1\n---\nb: 2\n", false),
        ("a: 1\n---b: 2\n", false),
        ("a: 1\n--- {b: 2}\n", false),
        ("--- |\n  a\n", false),
        ("a: 1\n...\n# a comment\n...\n---\nb: 2\n", true),
        ("# none\n...\n", false),
        ("a: 1\n---\n...\n---\nb: 2\n", false),
    ];
    let sample = sample("charts/web/values.yaml");
    for (text, is_taken) in texts {
        sample.write("charts/web/values.yaml", text);
        let (code, out, err) = sample.run(&["check", "charts/web", "--offline", "--select", "yaml-invalid"]);
        assert_eq!(code == 0, is_taken, "{text}: {out}{err}");
        if let Some(helm) = helm() {
            let chart = sample.path().join("charts/web");
            let mut command = Command::new(helm);
            let output = command.args(["show", "values"]).arg(&chart).output().expect("Helm starts");
            assert_eq!(output.status.success(), is_taken, "{text}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn what_helm_reads_nothing_of_is_no_value() {
    let sample = sample("charts/web/values.yaml");
    for text in ["a: 1\n...\nb: 2\n", "a: 1\n---\nc: 1\n... # over\nb: 2\n", "a: 1\n...\n%YAML 1.1\n---\nb: 2\n"] {
        sample.write("charts/web/values.yaml", text);
        let arguments = ["check", "charts/web", "--offline", "--select", "yaml-invalid", "--format", "concise"];
        let (code, out, _) = sample.run(&arguments);
        let line = text.lines().position(|line| line.starts_with("...")).expect("an end") + 2;
        let place = format!("charts/web/values.yaml:{line}:1: ");
        assert!(code == 1 && out.contains(&place) && out.contains("where Helm reads no values"), "{text}: {out}");
    }
}

#[test]
fn files_of_production_are_cut_into_documents_as_values_yaml_is() {
    let sample = sample("charts/web/values-prod.yaml");
    for text in ["--- {a: 1}\n", "a: 1\n--- {b: 2}\n", "a: \"x\n---y\"\n", "%YAML 1.1\n---\na: 1\n"] {
        sample.write("charts/web/values-prod.yaml", text);
        let (code, out, _) = sample.run(&["check", "charts/web", "--offline", "--select", "yaml-invalid"]);
        assert!(code == 1 && out.contains("values-prod.yaml"), "{text}: {out}");
        let (code, out, _) = sample.run(&["render", "charts/web", "-f", "charts/web/values-prod.yaml"]);
        assert_eq!(code, 1, "{text}: {out}");
        if let Some(helm) = helm() {
            let mut command = Command::new(helm);
            command.current_dir(sample.path().join("charts/web")).args([
                "template",
                "web",
                ".",
                "-f",
                "values-prod.yaml",
            ]);
            assert!(!command.output().expect("Helm starts").status.success(), "{text}");
        }
    }
}
