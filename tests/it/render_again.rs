//! A chart that is rendered like before executes only what looked at something that is otherwise now, and comes to what executing all comes to.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chartgate::chart::{self, Chart};
use chartgate::render::{Cache, Error, KubeVersion, Options, Overrides, Rendered, render};
use chartgate::source::{Dir, Tree};
use chartgate::template::limits::Limits;
use chartgate::text::Sources;

/// Values of every chart here.
const VALUES: &str = "x: plain\nmap: {inner: {n: 1}}\nlist: [{v: 1}, {v: 2}]\nglobal: {g: 1}\nsub: {own: 1}\n";

/// A chart with templates by their names, and a sub-chart `sub` with those that begin with `sub/`.
fn folder(templates: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &Path, text: &str| {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write(&folder.path().join("Chart.yaml"), "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    write(&folder.path().join("values.yaml"), VALUES);
    for (name, text) in templates {
        let (root, name) = match name.strip_prefix("sub/") {
            Some(name) => (folder.path().join("charts/sub"), name),
            None => (folder.path().to_owned(), *name),
        };
        write(&root.join("templates").join(name), text);
    }
    if templates.iter().any(|(name, _)| name.starts_with("sub/")) {
        write(&folder.path().join("charts/sub/Chart.yaml"), "apiVersion: v2\nname: sub\nversion: 1.0.0\n");
    }
    folder
}

/// A chart that renders.
struct Ready {
    chart: Chart,
    sources: Sources,
    cache: Cache,
}

impl Ready {
    fn new(folder: &Path) -> Self {
        let sources = Sources::new();
        let tree: Arc<dyn Tree> = Arc::new(Dir::folder(folder).expect("a folder"));
        Self { chart: chart::load(&tree, "", &sources), sources, cache: Cache::default() }
    }

    fn render(&self, options: &Options) -> Result<Rendered, Error> {
        render(&self.chart, &Overrides::default(), options, &self.sources, &self.cache)
    }
}

fn version(text: &str) -> Options {
    Options { kube_version: KubeVersion::parse(text).expect("a version"), ..Options::default() }
}

/// Everything that a rendering may come to.
fn outcome(rendered: Result<Rendered, Error>) -> Result<[Vec<String>; 4], String> {
    let rendered = rendered.map_err(|error| error.message)?;
    let notes = rendered.notes.iter().map(|(name, text)| format!("{name}: {text}")).collect();
    let dropped: Vec<_> =
        rendered.dropped.iter().map(|manifest| format!("{} {}", manifest.path, manifest.text)).collect();
    let origins = rendered.objects().map(|object| {
        let origins = object.origins(object.root.location);
        let read: Vec<_> =
            origins.printed.iter().chain(&origins.decided).map(|origin| origin.path.to_string()).collect();
        format!("{} {:?} {read:?}", object.label(), origins.template)
    });
    let origins = origins.collect();
    Ok([vec![rendered.text(true)], notes, dropped, origins])
}

const PLAIN: (&str, &str) = ("plain.yaml", "kind: ConfigMap\nmetadata: {name: plain}\ndata: {x: {{ .Values.x }}}\n");
const VERSION: (&str, &str) = ("v.yaml", "kind: ConfigMap\nmetadata: {name: v{{ .Capabilities.KubeVersion.Minor }}}\n");
const SEVERAL: &str = "kind: Service\nmetadata: {name: s}\n---\nkind: ConfigMap\nmetadata: {name: m}\n---\nkind: Job\n\
    metadata: {name: h, annotations: {helm.sh/hook: pre-install}}\n---\nkind: Job\n\
    metadata: {name: u, annotations: {helm.sh/hook: never}}\n";

/// Charts whose templates look at what may be otherwise, and change what others see.
const CHARTS: &[&[(&str, &str)]] = &[
    &[PLAIN, VERSION],
    &[PLAIN, VERSION, ("several.yaml", SEVERAL), ("NOTES.txt", "as it is"), ("t/NOTES.txt", "{{ .Release.Revision }}")],
    &[
        ("several.yaml", SEVERAL),
        ("z.yaml", "{{ if .Release.IsUpgrade }}kind: Pod\nmetadata: {name: up}{{ end }}\n"),
        PLAIN,
    ],
    &[
        PLAIN,
        ("_h.tpl", "{{ define \"h\" }}{{ randAlphaNum 8 }}{{ end }}"),
        ("a.yaml", "kind: Secret\nmetadata: {name: {{ include \"h\" . }}}\n"),
        ("b.yaml", "kind: Secret\nmetadata: {name: b{{ now | unixEpoch }}}\n"),
        VERSION,
    ],
    // What one changes is seen by others.
    &[
        ("z.yaml", "{{ $_ := set .Values \"x\" .Capabilities.KubeVersion.Minor }}"),
        ("a.yaml", "kind: A\nx: {{ .Values.x }}\n"),
    ],
    &[
        (
            "z.yaml",
            "{{ if semverCompare \"<1.30-0\" .Capabilities.KubeVersion.Version }}{{ $_ := set .Values \"x\" 3 }}{{ end }}",
        ),
        ("a.yaml", "kind: A\nx: {{ .Values.x }}\n"),
    ],
    &[
        ("z.yaml", "{{ if .Release.IsUpgrade }}{{ range .Values.list }}{{ $_ := unset . \"v\" }}{{ end }}{{ end }}"),
        ("a.yaml", "kind: A\nx: {{ toJson .Values.list }}\n"),
    ],
    &[("z.yaml", "{{ $_ := set $ \"y\" .Release.Revision }}"), ("a.yaml", "kind: A\nx: {{ .y }}\n")],
    &[
        ("z.yaml", "{{ $_ := set .Release \"Name\" (toString .Release.Revision) }}"),
        ("a.yaml", "kind: A\nx: {{ .Release.Name }}\n"),
    ],
    &[
        ("z.yaml", "{{ $_ := mergeOverwrite .Values (dict \"map\" (dict \"inner\" (dict \"n\" (now | unixEpoch)))) }}"),
        ("a.yaml", "kind: A\nx: {{ .Values.map.inner.n }}\n"),
    ],
    &[
        ("sub/z.yaml", "{{ $_ := set .Values.global \"g\" .Capabilities.KubeVersion.Minor }}"),
        ("a.yaml", "kind: A\nx: {{ .Values.global.g }} {{ .Values.sub.global.g }}\n"),
        ("sub/a.yaml", "kind: A\nx: {{ .Values.global.g }}\n"),
    ],
    &[
        ("z.yaml", "{{ $_ := set .Subcharts.sub.Values \"own\" .Release.Revision }}"),
        ("sub/a.yaml", "kind: A\nx: {{ .Values.own }}\n"),
    ],
    // A copy is nobody else's.
    &[
        ("z.yaml", "{{ $c := deepCopy .Values }}{{ $_ := set $c \"x\" .Release.Revision }}kind: Z\nx: {{ $c.x }}\n"),
        ("a.yaml", "kind: A\nx: {{ .Values.x }}\n"),
    ],
    // Every way to look.
    &[
        ("a.yaml", "kind: A\nx: {{ toJson .Release }}\n"),
        ("b.yaml", "kind: B\nx: {{ index .Release \"Revision\" }}{{ get .Release \"IsUpgrade\" }}\n"),
        ("c.yaml", "kind: C\nx: {{ range $k, $v := .Release }}{{ $v }} {{ end }}\n"),
        ("d.yaml", "kind: D\nx: {{ with .Release }}{{ .IsInstall }}{{ end }}{{ pluck \"Revision\" .Release }}\n"),
        ("e.yaml", "kind: E\nx: {{ printf \"%v\" .Release | quote }}\n"),
        ("f.yaml", "kind: F\nx: {{ toJson .Capabilities | quote }}\n"),
        ("g.yaml", "kind: G\n{{ with .Capabilities }}x: {{ .KubeVersion.GitVersion }}{{ end }}\n"),
        ("h.yaml", "kind: H\nx: {{ tpl \"{{ .Release.Revision }}{{ .Capabilities.KubeVersion }}\" . }}\n"),
        ("i.yaml", "kind: I\nx: {{ values .Release | len }} {{ (omit .Release \"Name\") | toJson | quote }}\n"),
        PLAIN,
    ],
    // What is in the cluster.
    &[
        PLAIN,
        (
            "s.yaml",
            "kind: Secret\napiVersion: v1\nmetadata: {name: s}\ndata:\n  p: {{ with lookup \"v1\" \"Secret\" .Release.Namespace \"s\" }}\
             {{ .data.p }}{{ else }}{{ randAlphaNum 4 | b64enc }}{{ end }}\n",
        ),
        ("l.yaml", "kind: L\nx: {{ len (default list (lookup \"v1\" \"Secret\" \"\" \"\").items) }}\n"),
    ],
    // What fails.
    &[
        PLAIN,
        (
            "a.yaml",
            "{{ if semverCompare \"<1.30-0\" .Capabilities.KubeVersion.Version }}{{ fail \"too old\" }}{{ end }}",
        ),
        ("b.yaml", "{{ if .Release.IsUpgrade }}kind: [\n{{ end }}"),
    ],
];

#[test]
fn what_is_rendered_like_before_is_what_is_rendered_anew() {
    for templates in CHARTS {
        let folder = folder(templates);
        let ready = Ready::new(folder.path());
        let first = Arc::new(ready.render(&version("v1.36.0")).expect("it renders"));
        let cluster = Some(Arc::clone(&first));
        let others = [
            version("v1.25.3"),
            Options { seed: 9, now: 7, ..version("v1.36.0") },
            Options { is_upgrade: true, revision: 2, ..version("v1.36.0") },
            Options { is_upgrade: true, revision: 3, cluster: cluster.clone(), seed: 4, now: 5, ..version("v1.28.0") },
        ];
        for options in others {
            let like = Options { like: cluster.clone(), ..options.clone() };
            let (like, anew) = (outcome(ready.render(&like)), outcome(ready.render(&options)));
            assert_eq!(like, anew, "{templates:?}");
        }
    }
}

#[test]
fn what_looked_at_nothing_is_not_executed_again() {
    let long = "kind: A\nx: {{ range until 1000 }}{{ . }}{{ end }}\n";
    let folder = folder(&[("long.yaml", long), ("v.yaml", "kind: V\nx: {{ .Capabilities.KubeVersion.Minor }}\n")]);
    let ready = Ready::new(folder.path());
    let first = Arc::new(ready.render(&version("v1.36.0")).expect("it renders"));
    let few = Limits { steps: 200, ..Options::default().limits };
    let other = Options { limits: few, ..version("v1.30.0") };
    assert!(ready.render(&other).is_err(), "to execute all takes more steps");
    let like = ready.render(&Options { like: Some(first), ..other }).expect("it renders");
    assert!(like.text(false).contains("x: 30\n"), "{}", like.text(false));
}

#[test]
fn what_the_other_helm_gives_otherwise_is_seen() {
    let helper =
        ("_h.tpl", "{{ define \"h\" }}{{ .chart.Name }}{{ end }}{{ define \"all\" }}{{ toJson .chart }}{{ end }}");
    for (template, is_seen) in [
        ("{{ .Chart.Name }}-{{ .Chart.Version }} {{ .Chart.IsRoot }} {{ .Chart.Annotations.a }}", false),
        (
            "{{ include \"h\" (dict \"chart\" .Chart) }} {{ .Values.chart }} {{ len .Values }} {{ kindOf .Values }}",
            false,
        ),
        ("{{ .Chart.AppVersion }}{{ .Capabilities.KubeVersion }}", false),
        ("{{ if false }}{{ .Capabilities.HelmVersion.Version }}{{ toYaml .Chart }}{{ end }}", false),
        ("{{ .Capabilities.HelmVersion.Version }}", true),
        ("{{ toJson .Chart | quote }}", true),
        ("{{ include \"all\" (dict \"chart\" .Chart) | quote }}", true),
        ("{{ .Chart.Keywords }}", true),
        ("{{ .Chart.name }}", true),
        ("{{ index .Chart \"Name\" }}", true),
        ("{{ get .Chart \"Name\" }}", true),
        ("{{ kindOf .Chart }}", true),
        ("{{ with .Chart }}{{ .Name }}{{ end }}", true),
        ("{{ typeIs \"struct\" .Chart }}", true),
        ("{{ range $k, $v := .Chart }}{{ $k }}{{ end }}", true),
        ("{{ toJson . | sha256sum }}", true),
        ("{{ hasKey .Chart \"Name\" }}", true),
        ("{{ (deepCopy .).Chart.Name }}", true),
        ("{{ printf \"%v\" .Chart | quote }}", true),
    ] {
        let template = format!("kind: A\nx: {template}\n");
        let folder = folder(&[helper, ("a.yaml", &template)]);
        let rendered = Ready::new(folder.path()).render(&version("v1.36.0")).expect("it renders");
        assert_eq!(rendered.looks.helm, is_seen, "{template}");
    }
}
