//! `docs/profiles.md` says of every field what is done with it.

use std::path::Path;

use chartgate::gitops::fields;

const MARK: &str = "<!-- What follows is written by `CHARTGATE_BLESS=1 cargo test --test it profiles`. -->\n";

#[test]
fn the_page_on_profiles_lists_every_field_as_it_is_classified() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/profiles.md");
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let (written, generated) = page.split_once(MARK).expect("the page has the mark");
    let wanted = format!("\n{}", fields::markdown());
    if std::env::var_os("CHARTGATE_BLESS").is_some() {
        std::fs::write(&path, format!("{written}{MARK}{wanted}")).expect("the page is writable");
        return;
    }
    assert_eq!(generated, wanted, "run `CHARTGATE_BLESS=1 cargo test --test it profiles`");
}

/// Two charts that read different keys of one file, which Applications of both name.
fn sharing() -> crate::git_repo::Repo {
    let repo = crate::git_repo::Repo::new();
    for (chart, key) in [("web", "image"), ("api", "other")] {
        let folder = format!("charts/{chart}");
        repo.chart(&folder, chart, "1.0.0", "").write(
            &format!("{folder}/templates/pod.yaml"),
            format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [{{name: web, image: '{{{{ .Values.{key} | default \"nginx:1@sha256:0000000000000000000000000000000000000000000000000000000000000000\" }}}}'}}]}}\n"),
        );
        repo.write(
            &format!("argocd/{chart}.yaml"),
            format!("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {chart}}}\nspec: {{source: {{path: charts/{chart}, helm: {{valueFiles: [../../envs/p.yaml]}}}}, destination: {{namespace: shop}}}}\n"),
        );
    }
    repo
}

#[test]
fn what_stands_in_a_file_of_several_charts_may_be_for_another() {
    let repo = sharing();
    repo.write("envs/p.yaml", "image: nginx:1 # chartgate: ignore[image-digest-missing] known\nother: nginx:2\n")
        .commit();
    let output =
        crate::cli::program().current_dir(repo.root()).args(["check", "--offline", "--format", "concise"]).output();
    let out = String::from_utf8(output.expect("the program starts").stdout).expect("it is text");
    for rule in ["values-key-unknown", "image-value-unused", "suppression-unused"] {
        assert!(!out.contains(rule), "{rule}: {out}");
    }
    assert!(out.contains("image-digest-missing"), "{out}");
}
