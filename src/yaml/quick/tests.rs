//! What is read quickly is what granit-parser's events give.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::text::{Address, Source, Sources};
use crate::yaml::offsets::OffsetMap;
use crate::yaml::parse::{Limits, from_events};

/// Pieces of lines: every indicator, in and out of its place.
const PIECES: [&str; 64] = [
    "a",
    "b: ",
    "c:",
    "key: value",
    "- ",
    "-",
    "- x",
    "- d: 1",
    "? ",
    ": ",
    ":",
    "#",
    " # note",
    "# note",
    "'",
    "''",
    "'s'",
    "'it''s'",
    "\"",
    "\"d\"",
    "\"\\n\"",
    "\"\\",
    "\\",
    "\\ ",
    "\"e\": ",
    "'f': ",
    "|",
    ">",
    "|-",
    ">+",
    "|2",
    ">1-",
    "k: |",
    "k: >-",
    "k: |+",
    "[",
    "]",
    "{",
    "}",
    ",",
    ", ",
    "[]",
    "{}",
    "[a, b]",
    "{g: h}",
    "[{i: j}, 'k']",
    "&x ",
    "*x",
    "!!str ",
    "<<: ",
    "---",
    "...",
    "%YAML 1.1",
    "\t",
    "  ",
    "~",
    "null",
    "1.10",
    "0x1F",
    "é",
    "text that goes on",
    "x: y: z",
    "@",
    "`",
];

fn text() -> impl Strategy<Value = String> {
    let line = (0..5_usize, vec(select(&PIECES[..]), 0..4), select(&["\n", "\n", "\n", " \n", "\n\n", ""][..]));
    let written =
        |(indent, pieces, end): (usize, Vec<&str>, &str)| format!("{}{}{end}", " ".repeat(indent), pieces.concat());
    vec(line.prop_map(written), 0..8).prop_map(|lines| lines.concat())
}

/// Whether the text was read quickly; then as granit-parser reads it.
fn is_quick(text: &str) -> bool {
    let source = Sources::new().add(Source::new("a.yaml", Address::Rendered, text));
    let offsets = OffsetMap::identity();
    let Some(documents) = super::documents(source, text, &offsets) else { return false };
    let expected = from_events(source, text, &offsets, Limits::default());
    let expected = expected.unwrap_or_else(|error| panic!("{error} in {text:?}"));
    assert_eq!(format!("{documents:#?}"), format!("{expected:#?}"), "{text:?}");
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_in_the_same_way_or_left_alone(text in text()) {
        is_quick(&text);
    }
}

#[test]
fn what_charts_are_written_in_is_read_quickly() {
    let texts = [
        "",
        "# only a comment\n",
        "# before\n---\n# inside\na: 1 # behind\n# after\n---\n# of none\n---\nb: 2\n# last",
        "a: plain text\n  that goes\n\n  on   # and ends\nb:\nc: ~\n",
        "a:\n- b: 1\n  c: 2\n-\n- - d\n  - e\nf:\n  - g\n",
        "a: |\n  one\n    two\n\n  three\n# after\nb: >-\n  one\n  two\n\n   more\n  three\n\n\nc: |+\n\n  x\n\nd: |2-\n    y\n",
        "a: 'it''s\n\n  folded'\nb: \"an \\\"escape\\\"\\n \\u00e9 \\\n  \\ over lines\"\n'c d': 1\n\"e\": 2\n",
        "a: {}\nb: []\nc: [a, \"b\", 1.5]\nd: {e: f, g: [h]}\ni: [\n    j,\n    k\n  ]\n",
        "a: http://x:80/y#z\nb: -1\nc: a-b\nd: é # ü\ntrue: yes\n",
        "{\n  \"a\": [1,\n\"b\"\n],\n\"c\": {}\n}\n",
        "- a\n- b: c\n",
        "  a: 1\n  b: 2\n",
    ];
    for text in texts {
        assert!(is_quick(text), "{text:?}");
    }
}

#[test]
fn what_is_not_plainly_right_is_left_alone() {
    let texts = [
        "a: b: c\n",
        "a: &x 1\nb: *x\n",
        "a: !!str 1\n",
        "<<: {a: 1}\n",
        "? a\n: b\n",
        "a:\n\tb: 1\n",
        "a: 1\r\n",
        "a: [1\n",
        "a: 'x\n",
        "a: 1\n b: 2\n",
        "a:\n  - b\n - c\n",
        "- a\nb: c\n",
        "a: 1\n...\n",
        "%YAML 1.1\n---\na: 1\n",
        "a: \u{2028}\n",
    ];
    for text in texts {
        assert!(!is_quick(text), "{text:?}");
    }
    assert!(!is_quick(&"- ".repeat(1000)), "deep nesting");
}
