//! Every byte of a template's output knows the template place that wrote it, the values read to write it and the decisions above it.

use std::fmt::Write as _;

use chartgate::template::exec::Session;
use chartgate::template::origin::Origins;
use chartgate::template::string::Str;
use chartgate::template::trace::ScopeKind;

use super::{Bench, NAME};

const VALUES: &str = "
image: { repository: nginx, tag: '1.27', digest: '' }
global: {}
labels: { app: web, tier: front }
enabled: true
replicas: 3
ports: [80, 443]
text: 'at {{ .Values.image.tag }}!'
";

/// Renders and lists every piece as `text <- values | template text | decisions`.
fn explain(template: &str, helpers: &str) -> String {
    let mut bench = Bench::new();
    bench.add("h.tpl", helpers).expect("helpers parse");
    bench.add(NAME, template).expect("the template parses");
    let data = bench.data(&serde_yaml::from_str(VALUES).expect("values"));
    let mut session = bench.session();
    let text = session.execute(&bench.set, NAME, data).unwrap_or_else(|error| panic!("{error}"));
    show(&bench, &session, &text)
}

fn show(bench: &Bench, session: &Session, text: &Str) -> String {
    let mut shown = String::new();
    let mut covered = 0;
    for piece in text.pieces() {
        assert_eq!(piece.start, covered, "pieces leave no gap in {:?}", text.as_str());
        covered = piece.end;
        let at = piece.at.expect("a printed piece has a place");
        let written = &text.as_str()[piece.start as usize..piece.end as usize];
        let source = bench.sources.get(at.location.source);
        let from = source.slice(at.location.span);
        if at.verbatim {
            assert_eq!(written, from, "verbatim text is the template's");
        }
        let _ = write!(shown, "{written:?}");
        let _ = if at.verbatim { write!(shown, " text") } else { write!(shown, " by {from:?}") };
        names(bench, session, " <- ", &piece.origins, &mut shown);
        for scope in session.state.trace.chain(at.scope) {
            let kind = match &scope.kind {
                ScopeKind::File => continue,
                ScopeKind::If => "if".to_owned(),
                ScopeKind::With => "with".to_owned(),
                ScopeKind::Range => "range".to_owned(),
                ScopeKind::Template(name) => format!("template {name}"),
                ScopeKind::Include(name) => format!("include {name}"),
                ScopeKind::Tpl => "tpl".to_owned(),
            };
            let _ = write!(shown, "; {kind}");
            names(bench, session, " ", &scope.read, &mut shown);
        }
        shown.push('\n');
    }
    assert_eq!(covered as usize, text.len(), "pieces reach the end");
    shown
}

fn names(bench: &Bench, session: &Session, before: &str, origins: &Origins, shown: &mut String) {
    let name = |id| match session.state.ledger.absent(id) {
        Some(absent) => format!("no {}.{}", bench.paths[absent.map.0 as usize], absent.key),
        None => bench.paths[id.0 as usize].clone(),
    };
    let names: Vec<_> = origins.iter().map(name).collect();
    if !names.is_empty() {
        let _ = write!(shown, "{before}{}", names.join(", "));
    }
}

#[test]
fn text_and_values_are_told_apart() {
    insta::assert_snapshot!(explain("image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n", ""), @r##"
    "image: " text
    "nginx" by ".Values.image.repository" <- values.image.repository
    ":" text
    "1.27" by ".Values.image.tag" <- values.image.tag
    "\n" text
    "##);
}

#[test]
fn indented_includes_keep_the_inner_places_and_values() {
    let helpers = r#"{{ define "labels" -}}
app: {{ .Values.labels.app }}
tier: {{ .Values.labels.tier | quote }}
{{- end }}"#;
    insta::assert_snapshot!(explain("labels:\n  {{- include \"labels\" . | nindent 2 }}\n", helpers), @r##"
    "labels:" text
    "\n  " by "include \"labels\" . | nindent 2"
    "app: " text; include labels
    "web" by ".Values.labels.app" <- values.labels.app; include labels
    "\n" text; include labels
    "  " by "include \"labels\" . | nindent 2"
    "tier: " text; include labels
    "\"" by ".Values.labels.tier | quote"; include labels
    "front" by ".Values.labels.tier | quote" <- values.labels.tier; include labels
    "\"" by ".Values.labels.tier | quote"; include labels
    "\n" text
    "##);
}

#[test]
fn decisions_form_a_chain() {
    let template = "{{ if .Values.enabled }}{{ with .Values.image }}{{ .tag }}{{ end }}{{ range .Values.ports }}{{ . }}{{ end }}{{ end }}";
    insta::assert_snapshot!(explain(template, ""), @r##"
    "1.27" by ".tag" <- values.image.tag; with values.image; if values.enabled
    "80" by "." <- values.ports[0]; range values.ports; if values.enabled
    "443" by "." <- values.ports[1]; range values.ports; if values.enabled
    "##);
}

#[test]
fn printed_parts_keep_their_own_values() {
    let template = r#"{{ $ref := printf "%s:%s" .Values.image.repository .Values.image.tag }}{{ $ref | trunc 8 }}"#;
    insta::assert_snapshot!(explain(template, ""), @r##"
    "nginx" by "$ref | trunc 8" <- values.image.repository
    ":" by "$ref | trunc 8"
    "1." by "$ref | trunc 8" <- values.image.tag
    "##);
}

#[test]
fn fallbacks_show_the_key_that_could_be_set() {
    let template = "{{ or .Values.global.registry .Values.image.digest .Values.image.tag }}";
    insta::assert_snapshot!(explain(template, ""), @r##"
    "1.27" by "or .Values.global.registry .Values.image.digest .Values.image.tag" <- values.image.tag, values.image.digest, no values.global.registry
    "##);
}

#[test]
fn absent_keys_are_remembered_in_decisions() {
    insta::assert_snapshot!(explain("{{ if not .Values.image.pullPolicy }}Always{{ end }}", ""), @r##"
    "Always" text; if no values.image.pullPolicy
    "##);
}

#[test]
fn values_travel_through_variables_and_dicts() {
    let helpers = r#"{{ define "ref" }}{{ .image.repository }}@{{ .suffix }}{{ end }}"#;
    let template =
        r#"{{ $image := .Values.image }}{{ include "ref" (dict "image" $image "suffix" .Values.replicas) }}"#;
    insta::assert_snapshot!(explain(template, helpers), @r##"
    "nginx" by ".image.repository" <- values.image.repository; include ref
    "@" text; include ref
    "3" by ".suffix" <- values.replicas; include ref
    "##);
}

#[test]
fn templates_in_values_stand_at_the_call_of_tpl() {
    insta::assert_snapshot!(explain("<{{ tpl .Values.text . }}>", ""), @r##"
    "<" text
    "at " by "tpl .Values.text ." <- values.text; tpl
    "1.27" by "tpl .Values.text ." <- values.image.tag, values.text; tpl
    "!" by "tpl .Values.text ." <- values.text; tpl
    ">" text
    "##);
}

#[test]
fn maps_print_with_the_values_of_their_entries() {
    insta::assert_snapshot!(explain("{{ .Values.labels }}", ""), @r##"
    "map[app:" by ".Values.labels" <- values.labels
    "web" by ".Values.labels" <- values.labels.app
    " tier:" by ".Values.labels" <- values.labels
    "front" by ".Values.labels" <- values.labels.tier
    "]" by ".Values.labels" <- values.labels
    "##);
}

#[test]
fn errors_name_the_chain_of_calls() {
    let mut bench = Bench::new();
    bench.add("h.tpl", "{{ define \"inner\" }}\n{{ fail \"no\" }}{{ end }}").expect("helpers parse");
    bench.add(NAME, "a: {{ include \"inner\" . }}").expect("the template parses");
    let data = bench.data(&serde_yaml::Value::Null);
    let error = bench.session().execute(&bench.set, NAME, data).expect_err("it fails");
    let places: Vec<_> = error.at.iter().map(|at| bench.sources.get(at.source).slice(at.span).to_owned()).collect();
    assert_eq!(places, ["include \"inner\" .", "fail \"no\""]);
}
