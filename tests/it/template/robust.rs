//! Hostile templates end as errors: no panic, no hang, no overflow of the stack.

use std::fmt::Write as _;

use chartgate::template::error::{Error, ErrorKind};
use chartgate::template::limits::{Exceeded, Limits};
use chartgate::template::string::Str;
use proptest::prelude::*;

use super::Bench;

fn render(template: &str) -> Result<Str, Error> {
    render_with(template, Limits::default())
}

fn render_with(template: &str, limits: Limits) -> Result<Str, Error> {
    let mut bench = Bench::new();
    bench.limits = limits;
    let values = serde_yaml::from_str("{ s: text, list: [1, a, null], map: { a: 1 } }").expect("values");
    bench.render(template, &values)
}

/// Asserts that a template passes a bound.
fn assert_exceeds(template: &str, bound: Exceeded) {
    // Unoptimised, the default number of steps takes half a minute.
    let limits = Limits { steps: 2_000_000, ..Limits::default() };
    let error = render_with(template, limits).expect_err("a bound is passed");
    assert_eq!(error.kind, ErrorKind::Exceeded(bound), "{}", &error.message[..error.message.len().min(300)]);
}

#[test]
fn parentheses_nested_a_hundred_thousand_deep_are_refused() {
    let template = format!("{{{{ {}1{} }}}}", "(".repeat(100_000), ")".repeat(100_000));
    assert_exceeds(&template, Exceeded::Depth);
}

#[test]
fn blocks_nested_a_hundred_thousand_deep_are_refused() {
    let template = format!("{}x{}", "{{ if true }}".repeat(100_000), "{{ end }}".repeat(100_000));
    assert_exceeds(&template, Exceeded::Depth);
}

#[test]
fn a_long_chain_of_else_if_is_refused_or_parsed() {
    let template = format!("{{{{ if false }}}}{}{{{{ end }}}}", "{{ else if false }}".repeat(100_000));
    assert_exceeds(&template, Exceeded::Depth);
}

#[test]
fn templates_that_call_themselves_end() {
    assert_exceeds(r#"{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}"#, Exceeded::Depth);
    assert_exceeds(r#"{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}"#, Exceeded::Depth);
    assert_exceeds(r#"{{ $t := "{{ tpl .t . }}" }}{{ tpl $t (dict "t" $t) }}"#, Exceeded::Depth);
}

#[test]
fn what_tpl_parses_is_bound_by_what_it_costs_and_not_by_its_length() {
    let dashboard = render_with(
        r#"{{ tpl (repeat 500000 "a dashboard ") . | len }}"#,
        Limits { steps: 1_500_000, ..Limits::default() },
    );
    assert_eq!(dashboard.expect("plain text is cheap").as_str(), "6000000");
    assert_exceeds(
        r#"{{ range until 100000 }}{{ tpl (print . (repeat 1000 "{{ 1 }}")) $ }}{{ end }}"#,
        Exceeded::Steps,
    );
}

#[test]
fn on_a_large_stack_helm_stops_at_a_thousand_includes_of_one_name() {
    let run = || {
        let limits = Limits::on_thread_of(16 << 20);
        render_with(r#"{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}"#, limits).map(drop)
    };
    let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(run).expect("a thread");
    let error = thread.join().expect("no panic").expect_err("it never ends");
    assert_eq!(error.kind, ErrorKind::Execute);
    assert!(error.message.ends_with("rendering template has a nested reference name: x: unable to execute template"));
    assert_eq!(error.message.matches("error calling include").count(), 1_002);
}

#[test]
fn loops_over_huge_numbers_end() {
    assert_exceeds("{{ range 9223372036854775807 }}{{ end }}", Exceeded::Steps);
    assert_exceeds("{{ range 99999 }}{{ range 99999 }}{{ end }}{{ end }}", Exceeded::Steps);
}

#[test]
fn huge_texts_are_refused_before_they_are_made() {
    assert_exceeds("{{ indent 999999999999 \"x\" }}", Exceeded::Text);
    assert_exceeds("{{ range 100000 }}{{ printf \"%1000000d\" 1 }}{{ end }}", Exceeded::Text);
    let doubling = "{{ $s := \"x\" }}{{ range 64 }}{{ $s = print $s $s }}{{ end }}";
    assert_exceeds(doubling, Exceeded::Text);
}

#[test]
fn functions_over_letters_cost_more_than_those_that_copy() {
    let text = format!(r#"(repeat 100 "{}")"#, "aB-".repeat(700));
    let run = |call: &str| {
        let template = format!("{{{{ {} | len }}}}", call.replace('T', &text));
        render_with(&template, Limits { steps: 10_000, ..Limits::default() })
    };
    for call in [
        "b32enc T",
        "clean T",
        "encryptAES \"k\" T",
        "printf \"%q\" T",
        "regexQuoteMeta T",
        "snakecase T",
        "title T",
        "toDate T T | print",
        "trimAll \"a\" T",
        "urlJoin (dict \"path\" T)",
        "urlquery T",
    ] {
        let error = run(call).expect_err(call);
        assert_eq!(error.kind, ErrorKind::Exceeded(Exceeded::Steps), "{call}: {}", error.message);
    }
    for call in ["b64enc T", "contains \"x\" T | print", "trimSuffix \"x\" T"] {
        assert!(run(call).is_ok(), "{call}");
    }
}

#[test]
fn variables_that_are_looked_for_behind_thousands_of_others_cost_that() {
    let mut declared = String::new();
    for index in 0..5_000 {
        let _ = write!(declared, "{{{{ $v{index} := 1 }}}}");
    }
    assert_exceeds(&format!("{declared}{{{{ range until 100000 }}}}{{{{ $v0 = 1 }}}}{{{{ end }}}}"), Exceeded::Steps);
}

#[test]
fn texts_of_nothing_but_delimiters_are_refused_or_parsed_soon() {
    assert_exceeds(&"{{.}}".repeat(1_000_000), Exceeded::Text);
    let (mut variables, mut defines) = (String::new(), String::new());
    for index in 0..50_000 {
        let _ = write!(variables, "{{{{$v{index}:=1}}}}");
        let _ = write!(defines, "{{{{define \"{index}\"}}}}{{{{end}}}}");
    }
    assert_exceeds(&variables, Exceeded::Text);
    assert!(render(&defines).is_ok());
}

#[test]
fn values_in_themselves_are_refused() {
    assert_exceeds("{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $d }}", Exceeded::Depth);
}

#[test]
fn values_nested_very_deep_are_dropped_without_recursion() {
    let text = render("{{ $l := list }}{{ range 200000 }}{{ $l = list $l }}{{ end }}done").expect("it renders");
    assert_eq!(text.as_str(), "done");
    let text = render("{{ $m := dict }}{{ range 200000 }}{{ $m = dict \"m\" $m }}{{ end }}done").expect("it renders");
    assert_eq!(text.as_str(), "done");
}

/// Fragments of which most templates are made, so that random ones are nearly right.
fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        Just("{{ "),
        Just("{{- "),
        Just(" }}"),
        Just(" -}}"),
        Just("if "),
        Just("else "),
        Just("end "),
        Just("range "),
        Just("with "),
        Just("define "),
        Just("\"x\" "),
        Just("template "),
        Just("block "),
        Just("$x "),
        Just(":= "),
        Just("= "),
        Just(", "),
        Just("| "),
        Just("("),
        Just(") "),
        Just(".a"),
        Just(".Values.s "),
        Just(".Values.list "),
        Just(". "),
        Just("nil "),
        Just("1.5 "),
        Just("'c' "),
        Just("`r` "),
        Just("printf "),
        Just("include "),
        Just("tpl "),
        Just("index "),
        Just("eq "),
        Just("break "),
        Just("continue "),
        Just("\n"),
        Just("text"),
        Just("é"),
        Just("/* c */"),
        Just("{{ if true }}"),
        Just("{{ end }}"),
        Just("{{ range .Values.list }}"),
        Just("{{ . }}"),
        Just("{{ else }}"),
    ];
    prop::collection::vec(fragment, 0..40).prop_map(|fragments| fragments.concat())
}

fn shown(bench: &Bench, template: &str) -> Option<Vec<(String, String)>> {
    let trees = bench.parse("t", template).ok()?;
    Some(trees.iter().map(|tree| (tree.name.to_string(), tree.unit.show(tree.root))).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(template in ".{0,200}") {
        let _ = Bench::new().parse("t", &template);
    }

    #[test]
    fn templates_of_random_fragments_render_or_fail(template in fragments()) {
        let _ = render(&template);
    }

    #[test]
    fn what_is_parsed_prints_as_itself(template in fragments()) {
        let bench = Bench::new();
        if let Some(first) = shown(&bench, &template) {
            let mut printed = String::new();
            let (main, defined) = first.split_last().expect("the text's own template");
            for (name, body) in defined {
                let _ = write!(printed, "{{{{define {name:?}}}}}{body}{{{{end}}}}");
            }
            printed.push_str(&main.1);
            let again = shown(&bench, &printed);
            prop_assert_eq!(again, Some(first));
        }
    }
}
