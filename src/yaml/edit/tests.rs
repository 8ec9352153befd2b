//! Edits at every place where a file can be written.

use super::*;
use crate::text::{Address, Source, Sources, edit};
use crate::yaml::Document;

/// A file after an edit that is made of its root; none where there is no edit.
fn edited(file: &str, make: impl Fn(Writer<'_>, &Node) -> Option<Edit>) -> Option<String> {
    let source = Sources::new().add(Source::new("a.yaml", Address::Rendered, file));
    let root = Document::parse(source, file).expect("valid YAML").root;
    edit::apply(file, &[make(Writer::new(file), &root)?])
}

fn set(file: &str, text: &str) -> Option<String> {
    edited(file, |writer, root| writer.scalar(root.get("a")?, text))
}

#[test]
fn a_scalar_keeps_its_quotes_and_what_stands_behind_it() {
    for (file, text, expected) in [
        ("a: b # why\n", "c", "a: c # why\n"),
        ("a: b\r\nc: d\r\n", "1.10", "a: \"1.10\"\r\nc: d\r\n"),
        ("a: 'it''s'\n", "it's 2", "a: 'it''s 2'\n"),
        ("a: \"b\"\n", "c \"d\"", "a: \"c \\\"d\\\"\"\n"),
        ("a: b\n", "true", "a: \"true\"\n"),
        ("a: b\n", "x: y", "a: \"x: y\"\n"),
        ("a: b\n", "é ü", "a: é ü\n"),
        ("a:\nb: c\n", "x", "a: x\nb: c\n"),
        ("a: # d\nb: c\n", "x", "a: x # d\nb: c\n"),
        ("{a: , b: c}\n", "x", "{a: x , b: c}\n"),
        ("{a: b, c: d}\n", "x, y", "{a: \"x, y\", c: d}\n"),
        ("\u{feff}a: b\n", "c", "\u{feff}a: c\n"),
        ("{\"a\": null}", "sha256:0", "{\"a\": \"sha256:0\"}"),
    ] {
        assert_eq!(set(file, text).as_deref(), Some(expected), "{file}");
    }
}

#[test]
fn what_would_be_guessed_is_not_written() {
    for file in
        ["x: &x y\na: *x\n", "a: |\n  b\n", "a: '{{ .Values.b }}'\n", "a: >-\n  b\n", "a: [b]\n", "a: !!str 1\n"]
    {
        assert_eq!(set(file, "c").filter(|_| !file.contains("!!")), None, "{file}");
    }
    assert_eq!(set("a: b\n", "c\nd"), None);
}

#[test]
fn an_entry_is_added_at_the_end_of_its_mapping() {
    let add = |file: &str| edited(file, |writer, root| writer.entry(root.get("a")?, "k", "\"v\""));
    for (file, expected) in [
        ("a:\n  b: c # d\ne: f\n", "a:\n  b: c # d\n  k: \"v\"\ne: f\n"),
        (
            "a:\n  b:\n    c: |\n      text\n\n      more\n\n# about e\ne: f\n",
            "a:\n  b:\n    c: |\n      text\n\n      more\n  k: \"v\"\n\n# about e\ne: f\n",
        ),
        ("a:\n  b:\n  - c\n  - d\n", "a:\n  b:\n  - c\n  - d\n  k: \"v\"\n"),
        ("a:\n  b: c", "a:\n  b: c\n  k: \"v\""),
        ("a:\r\n  b: c\r\n", "a:\r\n  b: c\r\n  k: \"v\"\r\n"),
        ("a: {b: c}\n", "a: {b: c, k: \"v\"}\n"),
        ("a: {}\n", "a: {k: \"v\"}\n"),
        ("{\"a\": {}}", "{\"a\": {\"k\": \"v\"}}"),
        ("{\n  \"a\": {\"b\": 1}\n}\n", "{\n  \"a\": {\"b\": 1, \"k\": \"v\"}\n}\n"),
        ("a:\n  \"b\": c\n", "a:\n  \"b\": c\n  \"k\": \"v\"\n"),
        ("x: &x {y: z}\na:\n  b: c\n  <<: *x\nd: e\n", "x: &x {y: z}\na:\n  b: c\n  k: \"v\"\n  <<: *x\nd: e\n"),
    ] {
        assert_eq!(add(file).as_deref(), Some(expected), "{file}");
    }
}

#[test]
fn an_item_is_added_at_the_end_of_its_list() {
    let lines = ["k: v".to_owned(), "l: w".to_owned()];
    let add = |file: &str| edited(file, |writer, root| writer.item(root.get("a")?, &lines));
    for (file, expected) in [
        ("a:\n  - b: c\n    d: e\n\nf: g\n", "a:\n  - b: c\n    d: e\n  - k: v\n    l: w\n\nf: g\n"),
        ("a:\n- b\nf: g\n", "a:\n- b\n- k: v\n  l: w\nf: g\n"),
        ("a:\n- b", "a:\n- b\n- k: v\n  l: w"),
    ] {
        assert_eq!(add(file).as_deref(), Some(expected), "{file}");
    }
    assert_eq!(add("a: [b]\n"), None);
}

#[test]
fn an_entry_is_removed_with_its_lines_and_never_with_a_comment() {
    let remove = |file: &str| {
        edited(file, |writer, root| {
            let entries = &root.as_map()?.entries();
            writer.without(&entries[0])
        })
    };
    assert_eq!(remove("a:\n- b\n- c\nd: e\n").as_deref(), Some("d: e\n"));
    assert_eq!(remove("a: b # c\nd: e\n"), None);
    assert_eq!(remove("{a: b, d: e}\n"), None);
}

#[test]
fn lines_go_below_a_key_without_a_value() {
    let add = |file: &str| edited(file, |writer, root| writer.below(root.entry("a")?, &["k: v".to_owned()]));
    assert_eq!(add("a:\nb: c\n").as_deref(), Some("a:\n  k: v\nb: c\n"));
    assert_eq!(add("a: {}\n").as_deref(), Some("a:\n  k: v\n"));
    assert_eq!(add("a: b\n"), None);
}

mod generated {
    //! YAML of any layout: what is written is read back, and nothing else is another.

    use proptest::prelude::*;
    use serde_json::{Map, Value as Json};

    use super::*;
    use crate::yaml::Step;

    /// A value with a way to write it.
    #[derive(Debug, Clone)]
    enum Piece {
        Scalar(String, u8),
        List(Vec<Piece>, bool),
        Mapping(Vec<(String, Piece)>, bool),
    }

    fn piece() -> impl Strategy<Value = Piece> {
        let scalar =
            ("[a-z0-9 :#é'\"\\[\\]{},-]{0,12}", any::<u8>()).prop_map(|(text, style)| Piece::Scalar(text, style));
        scalar.prop_recursive(4, 24, 4, |inner| {
            let entries = prop::collection::vec(("[a-z]{1,6}", inner.clone()), 1..4);
            prop_oneof![
                (prop::collection::vec(inner, 1..4), any::<bool>()).prop_map(|(items, flow)| Piece::List(items, flow)),
                (entries, any::<bool>()).prop_map(|(entries, flow)| Piece::Mapping(entries, flow)),
            ]
        })
    }

    fn scalar(text: &str, style: u8) -> String {
        match style % 3 {
            0 => plain_or_quoted(text),
            1 => format!("'{}'", text.replace('\'', "''")),
            _ => quoted(text),
        }
    }

    fn flow(piece: &Piece) -> String {
        match piece {
            Piece::Scalar(text, style) => scalar(text, *style),
            Piece::List(items, _) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
            Piece::Mapping(entries, _) => {
                let entries = unique(entries).map(|(key, value)| format!("{}: {}", plain_or_quoted(key), flow(value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn unique(entries: &[(String, Piece)]) -> impl Iterator<Item = &(String, Piece)> {
        let is_first =
            |(index, (key, _)): &(usize, &(String, Piece))| entries[..*index].iter().all(|(known, _)| known != key);
        entries.iter().enumerate().filter(is_first).map(|(_, entry)| entry)
    }

    /// What follows a key or dash, the lines below it included; every other line has a comment.
    fn block(piece: &Piece, indent: usize, text: &mut String) {
        let comment = if text.len().is_multiple_of(2) { " # why: [so]" } else { "" };
        match piece {
            Piece::List(items, false) => {
                text.push_str(comment);
                for item in items {
                    text.extend(["\n", &" ".repeat(indent), "-"]);
                    block(item, indent + 2, text);
                }
            }
            Piece::Mapping(entries, false) => {
                text.push_str(comment);
                for (key, value) in unique(entries) {
                    text.extend(["\n", &" ".repeat(indent), &plain_or_quoted(key), ":"]);
                    block(value, indent + 2, text);
                }
            }
            inline => text.extend([" ", &flow(inline), comment]),
        }
    }

    fn file(piece: &Piece, is_crlf: bool) -> String {
        let mut text = "# top\nroot:".to_owned();
        block(piece, 2, &mut text);
        text.push_str("\nlast: end # of it\n");
        if is_crlf { text.replace('\n', "\r\n") } else { text }
    }

    fn scalars<'a>(node: &'a Node, path: &mut Vec<Step>, found: &mut Vec<(Vec<Step>, &'a Node)>) {
        if let Some(mapping) = node.as_map() {
            for (key, entry) in mapping.effective() {
                path.push(Step::Key(key.into_owned()));
                scalars(&entry.value, path, found);
                path.pop();
            }
        } else if let Some(items) = node.as_seq() {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                scalars(item, path, found);
                path.pop();
            }
        } else {
            found.push((path.clone(), node));
        }
    }

    fn set(json: &mut Json, path: &[Step], to: Json) {
        match path {
            [] => *json = to,
            [Step::Key(key), rest @ ..] => set(&mut json[key.as_str()], rest, to),
            [Step::Index(index), rest @ ..] => set(&mut json[*index], rest, to),
        }
    }

    fn read(text: &str) -> Node {
        let source = Sources::new().add(Source::new("a.yaml", Address::Rendered, text));
        Document::parse(source, text).unwrap_or_else(|error| panic!("{error}:\n{text}")).root
    }

    proptest! {
        #[test]
        fn a_scalar_is_written_wherever_it_stands(
            piece in piece(), pick in any::<prop::sample::Index>(), text in "[a-z0-9 :#é'\"\\[\\]{},\\\\-]{0,12}", crlf in any::<bool>()
        ) {
            let file = file(&piece, crlf);
            let root = read(&file);
            let mut found = vec![];
            scalars(&root, &mut vec![], &mut found);
            let (path, node) = &found[pick.index(found.len())];
            prop_assume!(!file[node.location.span.range()].contains("{{") && !text.contains("{{"));
            let edit = Writer::new(&file).scalar(node, &text).expect("each can be written");
            let after = edit::apply(&file, &[edit]).expect("it lies in the file");
            let mut expected = root.to_json();
            set(&mut expected, path, text.into());
            prop_assert_eq!(read(&after).to_json(), expected, "{}", after);
            prop_assert_eq!(after.matches('#').count() >= file.matches(" # why").count(), true);
        }

        #[test]
        fn an_entry_is_added_wherever_a_mapping_stands(piece in piece(), crlf in any::<bool>()) {
            let file = file(&Piece::Mapping(vec![("inner".to_owned(), piece)], false), crlf);
            let root = read(&file);
            let mapping = root.get("root").expect("it is there");
            let edit = Writer::new(&file).entry(mapping, "added key", "\"new\"").expect("there is a place");
            let after = edit::apply(&file, &[edit]).expect("it lies in the file");
            let mut expected = root.to_json();
            expected["root"].as_object_mut().map(|map: &mut Map<String, Json>| map.insert("added key".to_owned(), "new".into()));
            prop_assert_eq!(read(&after).to_json(), expected, "{}", after);
            prop_assert_eq!(after.replace(if crlf { "  added key: \"new\"\r\n" } else { "  added key: \"new\"\n" }, ""), file);
        }

        #[test]
        fn an_entry_is_removed_with_all_that_is_below_it(piece in piece()) {
            let file = file(&Piece::Mapping(vec![("gone".to_owned(), piece), ("stays".to_owned(), Piece::Scalar("x".to_owned(), 0))], false), false);
            let root = read(&file);
            let entry = root.get("root").and_then(|node| node.entry("gone")).expect("it is there");
            if let Some(edit) = Writer::new(&file).without(entry) {
                let after = edit::apply(&file, &[edit]).expect("it lies in the file");
                let mut expected = root.to_json();
                expected["root"].as_object_mut().map(|map: &mut Map<String, Json>| map.shift_remove("gone"));
                prop_assert_eq!(read(&after).to_json(), expected, "{}", after);
            }
        }
    }
}
