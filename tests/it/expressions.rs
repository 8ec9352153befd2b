//! Template functions against recorded Helm: every expression in `testdata/helm/expressions` prints what Helm 4 prints for it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chartgate::template::call::Random;
use chartgate::template::exec::{Session, Set};
use chartgate::template::funcs::Table;
use chartgate::template::go::base::decode64;
use chartgate::template::limits::Limits;
use chartgate::template::parser::Input;
use chartgate::template::value::Value;
use chartgate::template::{Error, ErrorKind};

const FOLDER: &str = "testdata/helm/expressions";

/// The same bytes every time.
struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(113);
            *byte = self.0;
        }
    }
}

fn parse(set: &mut Set, table: &Table, name: &str, text: &str) -> Result<(), Error> {
    let input = Input { name: name.into(), source: None, text: text.into() };
    set.parse(&input, table, &Limits::default())
}

/// What the expression prints, as a JSON string, or `error: …` from the failing expression on.
fn evaluate(table: &Arc<Table>, values: &str, expression: &str) -> String {
    let mut set = Set::new();
    let texts = [
        ("case", expression.to_owned()),
        ("file", r#"{{ include "case" (dict "Values" (fromYaml .)) | b64enc }}"#.to_owned()),
    ];
    for (name, text) in texts {
        if let Err(error) = parse(&mut set, table, name, &text) {
            let message = error.message.split_once(": ").map_or(&*error.message, |(_, rest)| rest);
            let message = message.split_once(": ").map_or(message, |(_, rest)| rest);
            return format!("error: {message}");
        }
    }
    let mut session = Session::new(Arc::clone(table), Limits::default(), Box::new(Counting(0)), 0);
    match session.execute(&set, "file", Value::from(values)) {
        Ok(text) => {
            let bytes = decode64(text.as_bytes()).expect("base64");
            let text = String::from_utf8_lossy(&bytes);
            // Recordings keep every character that JSON need not escape.
            serde_json::to_string(&text).expect("text is JSON")
        }
        Err(Error { kind: ErrorKind::Refused(message), .. }) => format!("error: {message}"),
        Err(error) => {
            let message = error.message.rsplit("executing \"case\" at ").next().unwrap_or_default();
            let words: Vec<&str> = message.lines().map(str::trim).collect();
            format!("error: {}", words.join(" "))
        }
    }
}

fn mismatches(path: &Path, table: &Arc<Table>, values: &str) -> (usize, Vec<String>) {
    let text = fs::read_to_string(path).expect("the file is readable");
    let mut expression = None;
    let (mut count, mut wrong) = (0, vec![]);
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let Some(recorded) = line.strip_prefix("    ") else {
            expression = Some(line);
            continue;
        };
        let expression = expression.take().expect("an expression stands above what is recorded");
        count += 1;
        let ours = evaluate(table, values, expression);
        if ours != recorded {
            wrong.push(format!("{expression}\n    Helm: {recorded}\n    ours: {ours}"));
        }
    }
    (count, wrong)
}

#[test]
fn expressions_print_what_helm_prints() {
    let table = Arc::new(Table::all());
    let values = fs::read_to_string(Path::new(FOLDER).join("values.yaml")).expect("the values are readable");
    let mut all_wrong = vec![];
    for entry in fs::read_dir(FOLDER).expect("the folder is readable") {
        let path = entry.expect("the folder is readable").path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let (count, wrong) = mismatches(&path, &table, &values);
            assert!(count > 0, "{} has no recorded expression", path.display());
            all_wrong.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", path.display())));
        }
    }
    assert!(all_wrong.is_empty(), "{} differ from Helm:\n{}", all_wrong.len(), all_wrong.join("\n"));
}

#[test]
fn the_functions_are_those_of_helm() {
    let recorded = fs::read_to_string("testdata/helm/functions.txt").expect("the names are readable");
    let recorded: Vec<&str> = recorded.lines().collect();
    let ours = Table::all().names();
    let missing: Vec<_> = recorded.iter().filter(|name| !ours.contains(name)).collect();
    let extra: Vec<_> = ours.iter().filter(|name| !recorded.contains(name)).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing: {missing:?}; unknown to Helm: {extra:?}");
}

/// Runs a text on a stack as small as limits allow: what they grant plus half a megabyte.
fn run_on_small_stack(text: &'static str) -> Result<String, ErrorKind> {
    let run = move || {
        let table = Arc::new(Table::all());
        let mut set = Set::new();
        parse(&mut set, &table, "file", text).map_err(|error| error.kind)?;
        let limits = Limits::default();
        let mut session = Session::new(table, limits, Box::new(Counting(0)), 0);
        session.execute(&set, "file", Value::NIL).map(|text| text.as_str().into_owned()).map_err(|error| error.kind)
    };
    let size = Limits::default().stack + (512 << 10);
    let thread = std::thread::Builder::new().stack_size(size).spawn(run).expect("a thread starts");
    thread.join().expect("nothing panics")
}

#[test]
fn giant_requests_end_before_anything_is_allocated() {
    let texts = [
        r#"{{ repeat 999999999999 "ab" }}"#,
        r#"{{ indent 99999999999 "a" }}"#,
        "{{ until 99999999999 }}",
        "{{ seq 1 99999999999 }}",
        "{{ untilStep -9223372036854775808 9223372036854775807 1 }}",
        "{{ randAlpha 99999999999 }}",
        "{{ randBytes 99999999999 }}",
        r#"{{ regexMatch "((((a{1000}){1000}){1000}){1000})" "a" }}"#,
        r#"{{ regexReplaceAll "" (repeat 60000 "a") (repeat 60000 "b") }}"#,
        r#"{{ replace "a" (repeat 60000 "b") (repeat 60000 "a") }}"#,
        r#"{{ wrapWith 1 (repeat 60000 "x") (repeat 60000 "a") }}"#,
    ];
    for text in texts {
        let result = run_on_small_stack(text);
        assert!(matches!(result, Err(ErrorKind::Exceeded(_))), "{text}: {result:?}");
    }
}

#[test]
fn values_that_contain_themselves_or_nest_deeply_end_as_errors() {
    let cycle = r#"{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $e := dict }}{{ $_ := set $e "a" $e }}"#;
    let deep = r#"{{ $d := dict }}{{ range until 3000 }}{{ $d = dict "a" (list $d) }}{{ end }}{{ $e := $d }}"#;
    let calls = [
        "{{ toYaml $d }}",
        "{{ toYamlPretty $d }}",
        "{{ toJson $d }}",
        "{{ toToml $d }}",
        "{{ deepCopy $d }}",
        "{{ toString $d }}",
    ];
    for text in calls.iter().flat_map(|call| [format!("{cycle}{call}"), format!("{deep}{call}")]) {
        let result = run_on_small_stack(text.clone().leak());
        assert!(matches!(result, Err(ErrorKind::Exceeded(_))), "{text}: {result:?}");
    }
    for open in [r#"{{ fromYaml (repeat 100000 "[") | len }}"#, r#"{{ fromJson (repeat 100000 "[") | len }}"#] {
        assert_eq!(run_on_small_stack(open), Ok("1".to_owned()), "the error stands in the map");
    }
}
