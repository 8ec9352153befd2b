//! Charts render to what real Helm recorded for them (`scripts/record-helm-charts`), and every byte knows what led to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chartgate::chart;
use chartgate::helm::Major;
use chartgate::render::{Cache, Error, ErrorKind, KubeVersion, Options, Overrides, Rendered, render, why};
use chartgate::source::{Dir, Tree};
use chartgate::template::limits::Limits;
use chartgate::text::{Address, Source, Sources};
use chartgate::yaml::Document;

fn options() -> Options {
    Options {
        release: "rel".into(),
        namespace: "ns".into(),
        kube_version: KubeVersion::parse("v1.36.0").expect("a version"),
        ..Options::default()
    }
}

/// The chart in `folder` with the values files over it.
fn rendered(folder: &Path, values: &[PathBuf], sources: &Sources) -> Result<Rendered, Error> {
    rendered_within(folder, values, options().limits, sources)
}

fn rendered_within(folder: &Path, values: &[PathBuf], limits: Limits, sources: &Sources) -> Result<Rendered, Error> {
    rendered_by(folder, values, &Options { limits, ..options() }, sources)
}

fn rendered_by(folder: &Path, values: &[PathBuf], options: &Options, sources: &Sources) -> Result<Rendered, Error> {
    let tree: Arc<dyn Tree> = Arc::new(Dir::folder(folder).expect("a folder"));
    let chart = chart::load(&tree, "", sources);
    let mut roots = vec![];
    for path in values {
        let text = fs::read_to_string(path).expect("a values file");
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let source = sources.add(Source::new(name, Address::Rendered, text.as_str()));
        roots.extend(Document::parse_all(source, &text).expect("YAML").into_iter().map(|document| document.root));
    }
    let overrides = Overrides { files: roots.iter().collect(), set: vec![] };
    render(&chart, &overrides, options, sources, &Cache::default())
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/helm/charts");
    let mut cases: Vec<_> =
        fs::read_dir(root).expect("fixtures").map(|entry| entry.expect("an entry").path()).collect();
    cases.sort();
    cases
}

/// The part of Helm's message that does not come from Go's YAML, JSON or schema libraries.
fn own_words(message: &str) -> String {
    let lines: Vec<_> = message.trim().lines().collect();
    if message.contains("apiVersion") {
        return "an apiVersion that is none".to_owned();
    }
    let shown = |line: &str| match line.split_once(": ") {
        Some((start, _)) if start.starts_with("YAML parse error on") || start.starts_with("type mismatch on") => {
            start.to_owned()
        }
        Some((start, _)) if start.starts_with("- at ") => start.to_owned(),
        Some((start, rest)) if start.starts_with("- failing") => format!("{}: {rest}", &start[2..]),
        _ => line.to_owned(),
    };
    lines.into_iter().map(shown).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_recorded_chart_renders_to_what_helm_4_renders_it_to() {
    every_chart_renders_as_recorded(Major::Four, "");
}

#[test]
fn every_recorded_chart_renders_to_what_helm_3_renders_it_to() {
    every_chart_renders_as_recorded(Major::Three, "-3");
}

fn every_chart_renders_as_recorded(helm: Major, suffix: &str) {
    let options = Options { helm, served_to: helm, ..options() };
    let mut wrong = vec![];
    for case in cases() {
        let values: Vec<_> = Some(case.join("values.yaml")).filter(|path| path.exists()).into_iter().collect();
        let outcome = rendered_by(&case.join("chart"), &values, &options, &Sources::new());
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        match (fs::read_to_string(case.join(format!("expected{suffix}.yaml"))), outcome) {
            (Ok(expected), Ok(rendered)) if rendered.text(false) == expected => {}
            (Ok(expected), Ok(rendered)) => {
                wrong.push(format!("{name}:\n{}\ninstead of\n{expected}", rendered.text(false)));
            }
            (Ok(_), Err(error)) => wrong.push(format!("{name}: {error}")),
            (Err(_), outcome) => {
                let expected =
                    fs::read_to_string(case.join(format!("error{suffix}.txt"))).expect("something was recorded");
                let said = outcome.map_or_else(|error| own_words(&error.message), |rendered| rendered.text(false));
                if said.trim_end() != own_words(&expected).trim_end() {
                    wrong.push(format!("{name}: {said}\ninstead of\n{expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A chart of one template and its values, in a folder of its own.
fn chart(template: &str, values: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).expect("a file");
    fs::create_dir(folder.path().join("templates")).expect("a folder");
    write("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nappVersion: 1.2.3\n");
    write("values.yaml", values);
    write("templates/a.yaml", template);
    folder
}

const WORKLOAD: &str = "\
{{- define \"image\" -}}
{{ .image.repository }}:{{ .image.tag | default $.root.Chart.AppVersion }}
{{- end -}}
{{ if .Values.web.enabled }}
kind: Deployment
metadata: {name: web}
spec:
  containers:
    - image: {{ include \"image\" (dict \"image\" .Values.web.image \"root\" .) | quote }}
      name: web
{{ end }}
";

#[test]
fn why_names_the_template_the_values_and_what_they_shadow() {
    let folder = chart(WORKLOAD, "web:\n  enabled: true\n  image:\n    repository: nginx\n    tag: \"1.26\"\n");
    let over = folder.path().join("prod.yaml");
    fs::write(&over, "web:\n  image:\n    tag: \"1.27\"\n").expect("a file");
    let sources = Sources::new();
    let rendered = rendered(folder.path(), &[over], &sources).expect("it renders");
    let explained = why::explain(&rendered, "Deployment/web spec.containers[0].image", &sources).expect("a field");
    let explained = explained.as_str();
    insta::assert_snapshot!(explained);
}

#[test]
fn a_key_that_is_not_set_is_named_with_the_mapping_that_lacks_it() {
    let folder = chart(WORKLOAD, "web:\n  enabled: true\n  image:\n    repository: nginx\n");
    let sources = Sources::new();
    let rendered = rendered(folder.path(), &[], &sources).expect("it renders");
    let manifest = rendered.manifests.first().expect("a manifest");
    let image = manifest.document.root.pointer("/spec/containers/0/image").expect("an image");
    let origins = manifest.origins(image.location.span);
    let absent: Vec<_> =
        origins.printed.iter().filter(|origin| origin.is_absent).map(|origin| origin.path.to_string()).collect();
    assert_eq!((image.as_str(), absent), (Some("nginx:1.2.3"), vec!["web.image.tag".to_owned()]));
    let decided: Vec<_> = origins.decided.iter().map(|origin| origin.path.to_string()).collect();
    assert_eq!(decided, ["web.enabled"]);
}

/// Bounds small enough for an unoptimised program to reach them at once.
fn small_limits() -> Limits {
    Limits { steps: 40_000, string: 1 << 20, total: 4 << 20, list: 10_000, secrets: 3, ..options().limits }
}

#[test]
fn templates_that_never_end_or_grow_without_end_are_stopped_at_their_place() {
    let parens = format!("{{{{ {}1{} }}}}", "(".repeat(100_000), ")".repeat(100_000));
    let branches = format!("{}{}", "{{ if 1 }}".repeat(20_000), "{{ end }}".repeat(20_000));
    let hostile = [
        "kind: {{ include \"x\" . }}{{ define \"x\" }}{{ include \"x\" . }}{{ end }}",
        "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
        "{{ range $i := until 100000000 }}{{ $i }}{{ end }}",
        "{{ range $i := 1000000000 }}{{ $i }}{{ end }}",
        "{{ range 1000 }}{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}{{ end }}",
        "{{ repeat 1000000000 \"x\" }}",
        "{{ \"a\" | indent 1000000000 }}",
        "{{ range 1000 }}{{ printf \"%1000000d\" 1 }}{{ end }}",
        "{{ define \"t\" }}{{ tpl .t . }}{{ end }}{{ tpl .Values.t (dict \"t\" .Values.t \"Template\" .Template) }}",
        "{{ range $i := 1000000 }}{{ tpl (printf \"{{ %d }}\" $i) $ }}{{ end }}",
        "{{ $x := \"0123456789\" }}{{ range until 40 }}{{ $x = print $x $x }}{{ end }}{{ $x }}",
        "{{ range 100000 }}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{{ end }}",
        "{{ $x := repeat 1000 \"- a\\n\" }}{{ range 1000 }}{{ fromYamlArray $x | len }}{{ end }}",
        "{{ $d := dict }}{{ range 100000 }}{{ $d = dict \"a\" $d }}{{ end }}{{ $d | toYaml }}",
        "{{ range 100000 }}{{ semverCompare \">=1.2.3 <2.0.0 || ^3\" \"1.5.0\" }}{{ end }}",
        "{{ range 100000 }}{{ genPrivateKey \"ecdsa\" | len }}{{ end }}",
        &parens,
        &branches,
    ];
    for template in hostile {
        let short = template.get(..80).unwrap_or(template);
        let folder = chart(template, "t: '{{ tpl .t . }}'\n");
        let error = rendered_within(folder.path(), &[], small_limits(), &Sources::new()).expect_err(short);
        assert!(matches!(error.kind, ErrorKind::Limit | ErrorKind::Execute), "{short}: {error}");
        assert!(!error.at.is_empty(), "{short}: {error}");
    }
}

#[test]
fn a_loop_without_end_is_stopped_by_the_limits_that_count() {
    let folder = chart("{{ range 1000000000 }}{{ end }}", "");
    let error = rendered(folder.path(), &[], &Sources::new()).expect_err("too many rounds");
    assert!(error.kind == ErrorKind::Limit && !error.at.is_empty(), "{error}");
}

#[test]
fn documents_that_renderings_share_are_read_once_and_those_of_one_rendering_never_are_one() {
    let template = "{{ range list 1 1 2 }}---\nkind: ConfigMap\ndata: {n: {{ . }}, all: {{ $.Values.all }}}\n{{ end }}";
    let folder = chart(template, "all: 1\n");
    let (sources, cache) = (Sources::new(), Cache::default());
    let tree: Arc<dyn Tree> = Arc::new(Dir::folder(folder.path()).expect("a folder"));
    let chart = chart::load(&tree, "", &sources);
    let render = |all: &str| {
        let source = sources.add(Source::new("values.yaml", Address::Rendered, all));
        let values = Document::parse(source, all).expect("YAML").root;
        let overrides = Overrides { files: vec![&values], set: vec![] };
        let rendered = render(&chart, &overrides, &options(), &sources, &cache).expect("it renders");
        rendered.manifests.iter().map(|manifest| manifest.document.source).collect::<Vec<_>>()
    };
    let (first, again, other) = (render("all: 1\n"), render("all: 1\n"), render("all: 2\n"));
    assert!(first.len() == 3 && first[0] != first[1], "{first:?}");
    assert_eq!(first, again);
    assert!(other.iter().all(|source| !first.contains(source)), "{first:?} {other:?}");
}

/// What the program and Helm, where it is there, make of a chart with a template and a further file.
fn both(template: &str, (path, data): (&str, &[u8])) -> Vec<(bool, String)> {
    let repo = crate::git_repo::Repo::nowhere();
    repo.write("x/Chart.yaml", "apiVersion: v2\nname: x\nversion: 0.1.0\n").write("x/templates/p.yaml", template);
    repo.write(path, data);
    let (code, out, err) = crate::package::run(repo.root(), &["render", "x"]);
    let ours = (code == 0, out + &err);
    let theirs = crate::helm_lint::helm().map(|helm| {
        let output = std::process::Command::new(helm).current_dir(repo.root()).args(["template", "x"]).output();
        let output = output.expect("Helm starts");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    });
    std::iter::once(ours).chain(theirs).collect()
}

#[test]
fn a_document_that_ends_before_it_begins_is_refused() {
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\n";
    for (start, is_taken) in [("...\n", false), ("# a\n... # b\n", false), ("---\n...\n", false), ("....: 1\n", true)] {
        for (rendered, said) in both(&format!("{start}{object}"), ("x/values.yaml", b"{}\n")) {
            assert_eq!(rendered, is_taken, "{start}: {said}");
        }
    }
}

#[test]
fn a_package_in_charts_whose_ending_has_capitals_is_none() {
    let repo = crate::git_repo::Repo::nowhere();
    repo.write("s/Chart.yaml", "apiVersion: v2\nname: s\nversion: 0.1.0\n");
    assert_eq!(crate::package::run(repo.root(), &["package", "s"]).0, 0);
    let data = std::fs::read(repo.root().join("s-0.1.0.tgz")).expect("it was written");
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\n";
    for (path, is_taken) in [("x/charts/s-0.1.0.tgz", true), ("x/charts/s-0.1.0.TGZ", false)] {
        for (rendered, said) in both(object, (path, &data)) {
            assert_eq!(rendered, is_taken, "{path}: {said}");
        }
    }
}

#[test]
fn a_list_whose_items_are_null_makes_no_object() {
    for kind in ["List", "ConfigMapList"] {
        let repo = crate::git_repo::Repo::nowhere();
        let list = format!(
            "apiVersion: v1\nkind: {kind}\nitems:\n{{{{- range .Values.names }}}}\n- {{{{ . }}}}\n{{{{- end }}}}\n"
        );
        repo.chart("x", "x", "0.1.0", "names: []\n").write("x/templates/configmap.yaml", list);
        let arguments = ["check", "x", "--offline", "--format", "concise", "--select", "manifest-*,object-*"];
        let (code, out, _) = crate::package::run(repo.root(), &arguments);
        assert_eq!(code, 0, "{out}");
    }
}
