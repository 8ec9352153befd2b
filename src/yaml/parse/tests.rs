//! Texts as they are parsed, with places.

use crate::text::{Address, Source, Sources};
use crate::yaml::*;

fn parse(text: &str) -> (Sources, Result<Document, Error>) {
    let sources = Sources::new();
    let id = sources.add(Source::new("a.yaml", Address::Rendered, text));
    (sources, Document::parse(id, text))
}

fn at(sources: &Sources, location: Location) -> String {
    let source = sources.get(location.source);
    format!("{} `{}`", source.position(location.span.start), source.slice(location.span))
}

#[test]
fn keys_and_values_know_their_place() {
    let (sources, document) = parse("image:\n  tag: \"1.2\" # why\nlist:\n- a\n- {b: c}\nempty:\n");
    let root = document.expect("valid").root;
    let tag = root.get("image").and_then(|image| image.entry("tag")).expect("tag");
    assert_eq!(at(&sources, tag.location(Anchor::Value)), "2:8 `\"1.2\"`");
    assert_eq!(at(&sources, tag.location(Anchor::Key)), "2:3 `tag`");
    assert_eq!(at(&sources, tag.location(Anchor::Entry)), "2:3 `tag: \"1.2\"`");
    assert_eq!(at(&sources, root.get("image").expect("image").location), "2:3 `tag: \"1.2\"`");
    assert_eq!(at(&sources, root.get("list").expect("list").location), "4:3 `a\n- {b: c}`");
    assert!(root.get("empty").expect("empty").is_null());
}

#[test]
fn an_alias_and_a_merge_key_bring_the_anchored_values() {
    let (sources, document) = parse("base: &b {x: 1, z: 2}\nuse: *b\nmore:\n  <<: *b\n  z: 3\n");
    let root = document.expect("valid").root;
    assert_eq!(at(&sources, root.get("use").expect("use").location), "2:6 `*b`");
    let more = root.get("more").expect("more");
    assert_eq!(more.to_json(), serde_json::json!({"x": 1, "z": 3}));
    assert_eq!(at(&sources, more.get("x").expect("x").location), "1:14 `1`");
}

#[test]
fn of_a_repeated_key_the_last_counts_and_both_are_kept() {
    let (sources, document) = parse("a: 1\nb: 2\na: 3\n");
    let root = document.expect("valid").root;
    assert_eq!(root.to_json(), serde_json::json!({"a": 3, "b": 2}));
    let duplicates = root.as_map().expect("a mapping").duplicates();
    let places: Vec<_> = duplicates
        .iter()
        .map(|(void, winner)| (at(&sources, void.key.location), at(&sources, winner.key.location)))
        .collect();
    assert_eq!(places, [("1:1 `a`".to_owned(), "3:1 `a`".to_owned())]);
}

#[test]
fn yaml_inside_a_block_scalar_has_positions_in_the_file() {
    let (sources, document) = parse("annotations:\n  crds: |\n    - kind: É\n      name: x\n  flow: '- a: b'\n");
    let root = document.expect("valid").root;
    let annotations = root.get("annotations").expect("annotations");
    let text = sources.get(annotations.location.source).text.clone();
    let crds = embedded::documents(annotations.get("crds").expect("crds"), &text).expect("valid").remove(0).root;
    let item = &crds.as_seq().expect("a list")[0];
    assert_eq!(at(&sources, item.get("kind").expect("kind").location), "3:13 `É`");
    assert_eq!(at(&sources, item.get("name").expect("name").location), "4:13 `x`");
    let flow = embedded::documents(annotations.get("flow").expect("flow"), &text).expect("valid").remove(0).root;
    assert_eq!(at(&sources, flow.as_seq().expect("a list")[0].get("a").expect("a").location), "5:15 `b`");
}

#[test]
fn errors_say_where() {
    let cases = [
        ("a: b: c\n", 1),
        ("a:\n\t- b\n", 2),
        ("a: [1, 2\n", 1),
        ("a: *nowhere\n", 1),
        ("? [a]\n: b\n", 1),
        ("a: &x [*x]\n", 1),
        ("a: 1\n---\nb: 2\n", 3),
    ];
    for (text, line) in cases {
        let (sources, document) = parse(text);
        let error = document.expect_err(text);
        assert_eq!(sources.start(error.location).line, line, "{text}: {error}");
    }
}

#[test]
fn a_tab_stands_where_go_yaml_takes_it_and_nowhere_else() {
    let wrong =
        ["\ta: 1\n", "a:\n \tb: 1\n", "a:\n  \tb\n", "a:\n-\tb\n", "- \t- b\n", "\t\na: 1\n", "a: |\n  \tb\n  c\n"];
    for text in wrong.into_iter().chain(["a: 1\n\t# c\nb: 1\n", "a: 1\n\t\n"]) {
        let (_, document) = parse(text);
        assert!(document.is_err(), "{text:?}");
    }
    let right = ["a:\tb\n", "a\t: b\n", "a: 1 \t# c\n", "a: |\n  b\n  \tc\n", "a: {b:\t1,\tc: 2}\n"];
    for text in right.into_iter().chain(["---\t\na: 1\n", "a: 'b\tc'\t\nd: 1\n", "a: b\t- c\n"]) {
        let (_, document) = parse(text);
        assert!(document.is_ok(), "{text:?}: {document:?}");
    }
}

#[test]
fn deep_nesting_is_a_limit_and_not_a_crash() {
    for text in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
        let (_, document) = parse(&text);
        assert!(document.expect_err("too deep").is_limit);
    }
}

#[test]
fn billion_laughs_are_refused() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let previous = format!("*a{}, ", level - 1).repeat(10);
        text = format!("{text}a{level}: &a{level} [{previous}]\n");
    }
    let (_, document) = parse(&text);
    assert_eq!(document.expect_err("a bomb").message, "the document contains excessive aliasing");
}

#[test]
fn a_tab_in_brackets_is_white_space_and_one_before_the_first_letter_of_a_block_is_none() {
    let fine = [
        ("a: {\n\t\"b\": [\n\t\t1]\n\t}\n", serde_json::json!({"a": {"b": [1]}})),
        ("a:\n  b: \"x\n\ty\"\n", serde_json::json!({"a": {"b": "x y"}})),
        ("a:\n  b: \"x\ny\n\nz\"\nc: 'd\n e'\n", serde_json::json!({"a": {"b": "x y\nz"}, "c": "d e"})),
        ("a: !!binary aGk=\n", serde_json::json!({"a": "hi"})),
        ("a: |2\n  \tx\n", serde_json::json!({"a": "\tx\n"})),
        ("a: |\n  x\n  \ty\n", serde_json::json!({"a": "x\n\ty\n"})),
    ];
    for (text, wanted) in fine {
        assert_eq!(parse(text).1.map(|document| document.root.to_json()), Ok(wanted), "{text}");
    }
    let wrong = ["a: |\n  \tx\n", "a:\n- >-\n    \n    \tx\n", "a:\n\tb: {}\n", "a: \"x\n---\n\"\n"];
    // The apostrophe is a letter of the key.
    for text in wrong.into_iter().chain(["- ? |-\n    '\n  : a\n  b: |\n    \tx\n"]) {
        assert!(parse(text).1.is_err(), "{text}");
    }
}

#[test]
fn places_behind_a_line_that_goes_on_at_the_margin_are_those_of_the_file() {
    let (sources, document) = parse("a:\n  b: \"x\ny\"\n  c: d\n");
    let root = document.expect("valid").root;
    let inner = root.get("a").expect("it is there");
    assert_eq!(at(&sources, inner.get("b").expect("it is there").location), "2:6 `\"x\ny\"`");
    assert_eq!(at(&sources, inner.get("c").expect("it is there").location), "4:6 `d`");
}

#[test]
fn letters_that_end_a_line_to_yaml_end_it() {
    for text in ["# a\u{2028}b\nc: 1\n", "a: x\u{2029}y\nb: 1\n", "a: |\n  x\u{85}y\n"] {
        assert!(parse(text).1.is_err(), "{text:?}");
    }
    let (sources, document) = parse("a: \"x\u{2028}y\"\nb: c\n");
    let root = document.expect("valid").root;
    assert_eq!(root.to_json(), serde_json::json!({"a": "x y", "b": "c"}));
    assert_eq!(at(&sources, root.get("b").expect("it is there").location), "2:4 `c`");
}
