//! What the emitter writes, against what Helm writes.

use proptest::prelude::*;

use super::{Bounds, Error, Form, Input, Shape, to_yaml, to_yaml_pretty};
use crate::text::{Address, Source, Sources};
use crate::yaml::Document;

enum Sample {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'static str),
    List(Vec<Self>),
    Map(Vec<(&'static str, Self)>),
}

impl Input for Sample {
    fn inspect<R>(&self, _form: Form, see: impl FnOnce(Shape<'_, Self>) -> R) -> R {
        see(match self {
            Self::Null => Shape::Null,
            Self::Bool(value) => Shape::Bool(*value),
            Self::Int(value) => Shape::Int(*value),
            Self::Float(value) => Shape::Float(*value),
            Self::Text(text) => Shape::Text(text),
            Self::List(items) => Shape::List(items.iter().collect()),
            Self::Map(entries) => Shape::Map(entries.iter().map(|(key, value)| (*key, value)).collect()),
        })
    }
}

fn yaml(value: &Sample) -> String {
    to_yaml(value, Bounds::default(), |_, _| {}).expect("the sample is small")
}

fn text(text: &'static str) -> String {
    yaml(&Sample::Text(text))
}

#[test]
fn lists_stand_flush_with_their_key_and_indented_when_pretty() {
    let list = || Sample::List(vec![Sample::Int(1), Sample::Map(vec![("b", Sample::Null), ("a", Sample::Bool(true))])]);
    let value = Sample::Map(vec![("list", list()), ("none", Sample::List(vec![])), ("empty", Sample::Map(vec![]))]);
    assert_eq!(yaml(&value), "empty: {}\nlist:\n- 1\n- a: true\n  b: null\nnone: []\n");
    let pretty = to_yaml_pretty(&value, Bounds::default(), |_, _| {}).expect("the sample is small");
    assert_eq!(pretty, "empty: {}\nlist:\n  - 1\n  - a: true\n    b: null\nnone: []\n");
}

#[test]
fn keys_with_numbers_sort_by_the_number() {
    let value = Sample::Map(vec![
        ("k10", Sample::Int(1)),
        ("k9", Sample::Int(2)),
        ("_x", Sample::Int(3)),
        ("K", Sample::Int(4)),
    ]);
    assert_eq!(yaml(&value), "_x: 3\nK: 4\nk9: 2\nk10: 1\n");
}

#[test]
fn what_would_not_read_back_as_text_is_quoted() {
    for quoted in ["", "yes", "n", "null", "~", "12", "0x1F", "1_000", "1.5", "12:30", "2001-12-14", "1e3", ".inf"] {
        assert_eq!(text(quoted), format!("\"{quoted}\"\n"));
    }
    for single in [" a", "a ", "#a", "a: b", "- a", "*a", "@a", "a #b", "[a]", "---a", "%a"] {
        assert_eq!(text(single), format!("'{single}'\n"));
    }
    for plain in ["a", "a:b", "a#b", "-a", "ä", "2001-13-14", "1.2.3", "nope", "12:30:99"] {
        assert_eq!(text(plain), format!("{plain}\n"));
    }
    assert_eq!(text("tab\there"), "\"tab\\there\"\n");
    assert_eq!(text("😀"), "\"\\U0001F600\"\n");
}

#[test]
fn several_lines_become_a_block() {
    assert_eq!(text("a\nb"), "|-\n  a\n  b\n");
    assert_eq!(text("a\nb\n"), "|\n  a\n  b\n");
    assert_eq!(text("a\n\n"), "|+\n  a\n\n");
    assert_eq!(text(" a\n"), "|2\n   a\n");
    assert_eq!(text("a \nb"), "\"a \\nb\"\n");
}

#[test]
fn numbers_go_through_json() {
    let shown = |value| yaml(&Sample::Float(value));
    assert_eq!(shown(1e6), "1000000\n");
    assert_eq!(shown(1.5), "1.5\n");
    assert_eq!(shown(1e21), "1e+21\n");
    assert_eq!(shown(1_234_567.5), "1.2345675e+06\n");
    assert_eq!(shown(0.000_01), "1e-05\n");
    let pretty = to_yaml_pretty(&Sample::Float(1e6), Bounds::default(), |_, _| {});
    assert_eq!(pretty.as_deref(), Ok("1e+06\n"));
    let refused = to_yaml(&Sample::Float(f64::NAN), Bounds::default(), |_, _| {});
    assert!(matches!(refused, Err(Error::Unsupported(_))));
}

#[test]
fn long_text_folds_after_eighty_columns() {
    let words = "word ".repeat(30);
    let leaked: &'static str = Box::leak(words.trim_end().to_owned().into_boxed_str());
    let folded = text(leaked);
    assert_eq!(folded.lines().count(), 2);
    assert!(folded.lines().next().is_some_and(|line| line.len() == 84));
}

#[test]
fn every_scalar_is_reported_with_its_bytes() {
    let value = Sample::Map(vec![
        ("b", Sample::List(vec![Sample::Text("x y"), Sample::Text("1")])),
        ("a", Sample::Text("two\nlines")),
    ]);
    let mut ranges = vec![];
    let out = to_yaml(&value, Bounds::default(), |_, range| ranges.push(range)).expect("the sample is small");
    let leaves: Vec<&str> = ranges.into_iter().map(|range| &out[range]).collect();
    assert_eq!(leaves, ["|-\n  two\n  lines", "x y", "\"1\""]);
}

#[test]
fn nesting_and_size_are_bounded() {
    let mut deep = Sample::Null;
    for _ in 0..2000 {
        deep = Sample::List(vec![deep]);
    }
    assert_eq!(to_yaml(&deep, Bounds::default(), |_, _| {}), Err(Error::TooDeep(100)));
    let wide = Sample::List((0..1000).map(|_| Sample::Text("0123456789")).collect());
    let bounds = Bounds { bytes: 1000, ..Bounds::default() };
    assert_eq!(to_yaml(&wide, bounds, |_, _| {}), Err(Error::TooLarge(1000)));
}

fn texts() -> impl Strategy<Value = String> {
    // What Go-YAML does not carry over a round trip itself: next-line, line and paragraph separators, and `<<` as a key.
    let pieces =
        prop_oneof!["[ \\n\\t:#,\\-'\"\\\\a0]{0,6}", "[yYnN~0-9.:_+\\-eExob<]{0,6}", "(word ){0,30}", "\\PC{0,8}",];
    let is_kept = |text: &String| text != "<<" && !text.contains(['\u{85}', '\u{2028}', '\u{2029}']);
    pieces.prop_filter("Go-YAML changes these", is_kept)
}

fn values() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        texts().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            proptest::collection::vec((texts(), inner), 0..5)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(value in values()) {
        let source = Sources::new().add(Source::new("written", Address::Rendered, ""));
        for written in [to_yaml(&value, Bounds::default(), |_, _| {}), to_yaml_pretty(&value, Bounds::default(), |_, _| {})] {
            let Ok(text) = written else { continue };
            match Document::parse(source, &text) {
                Ok(read) => prop_assert_eq!(read.root.to_json(), value.clone(), "{}", text),
                // Go-YAML writes a block whose text begins with a tab so that it cannot read it either.
                Err(error) if error.message.starts_with("found a tab") => {}
                Err(error) => return Err(TestCaseError::fail(format!("{error}\n{text}"))),
            }
        }
    }
}
