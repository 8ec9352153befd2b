//! Templates print and fail as Helm 4 recorded it in `testdata/template`, and know what they read.

use std::collections::BTreeMap;
use std::sync::Arc;

use chartgate::template::ast::Tree;
use chartgate::template::call::Random;
use chartgate::template::error::{Error, ErrorKind};
use chartgate::template::exec::{Session, Set};
use chartgate::template::funcs::Table;
use chartgate::template::limits::Limits;
use chartgate::template::origin::{OriginId, Origins};
use chartgate::template::parser::{Cache, Input, parse};
use chartgate::template::string::Str;
use chartgate::template::value::{Data, List, Map, Value};
use chartgate::text::{Address, Source, Sources};
use serde::Deserialize;

/// The template that tests execute.
const NAME: &str = "t/templates/a.yaml";

mod objects;
mod origins;
mod robust;

#[derive(Deserialize)]
struct Suite {
    values: serde_yaml::Value,
    #[serde(default)]
    helpers: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    template: String,
    output: Option<String>,
    error: Option<String>,
}

/// Sources, templates and values of one render.
struct Bench {
    sources: Sources,
    table: Arc<Table>,
    limits: Limits,
    set: Set,
    /// Paths of the values, by origin.
    paths: Vec<String>,
}

struct Zeros;

impl Random for Zeros {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

impl Bench {
    fn new() -> Self {
        let (sources, table) = (Sources::new(), Arc::new(Table::all()));
        // Tests run on threads of two megabytes, and unoptimised frames are large.
        Self { sources, table, limits: Limits::default(), set: Set::new(), paths: Vec::new() }
    }

    fn input(&self, name: &str, text: &str) -> Input {
        let source = self.sources.add(Source::new(name, Address::Rendered, text));
        Input { name: name.into(), source: Some(source), text: text.into() }
    }

    fn parse(&self, name: &str, text: &str) -> Result<Vec<Tree>, Error> {
        parse(&self.input(name, text), &self.table, &self.limits)
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let trees = self.parse(name, text)?;
        self.set.add(&trees);
        Ok(())
    }

    fn session(&self) -> Session {
        Session::new(Arc::clone(&self.table), self.limits.clone(), Box::new(Zeros), 0)
    }

    /// What a template prints for these values.
    fn render(&mut self, template: &str, values: &serde_yaml::Value) -> Result<Str, Error> {
        let data = self.data(values);
        self.add(NAME, template)?;
        self.session().execute(&self.set, NAME, data)
    }

    /// The data of a template, every entry with an origin named after its path.
    fn data(&mut self, values: &serde_yaml::Value) -> Value {
        let values = self.value(values, "values");
        let release = Map::from_iter([("Name", Value::from("rel")), ("Namespace", Value::from("ns"))]);
        Map::from_iter([("Values", values), ("Release", release.into()), ("Capabilities", objects::capabilities())])
            .into()
    }

    fn value(&mut self, plain: &serde_yaml::Value, path: &str) -> Value {
        let id = OriginId(u32::try_from(self.paths.len()).expect("few values"));
        self.paths.push(path.to_owned());
        let origins = Origins::one(id);
        let data = match plain {
            serde_yaml::Value::Null | serde_yaml::Value::Tagged(_) => Data::Nil,
            serde_yaml::Value::Bool(truth) => Data::Bool(*truth),
            serde_yaml::Value::Number(number) => Data::Float(number.as_f64().expect("a number")),
            serde_yaml::Value::String(text) => Data::String(text.as_str().into()),
            serde_yaml::Value::Sequence(items) => {
                let item = |(index, item)| self.value(item, &format!("{path}[{index}]"));
                Data::List(List::new(items.iter().enumerate().map(item).collect()))
            }
            serde_yaml::Value::Mapping(entries) => {
                let entries: BTreeMap<Arc<str>, Value> = entries
                    .iter()
                    .map(|(key, value)| {
                        let key = key.as_str().expect("a string key");
                        (Arc::from(key), self.value(value, &format!("{path}.{key}")))
                    })
                    .collect();
                Data::Map(Map::located(entries, Map::ANY, origins.clone()))
            }
        };
        Value::from(data).with_origins(origins)
    }
}

/// The error as Helm's engine rewords Go's.
fn helm_words(error: &Error) -> String {
    let message = &error.message;
    match &error.kind {
        ErrorKind::Refused(refusal) => {
            let place = message.split(": ").nth(1).unwrap_or_default();
            return format!("execution error at ({place}): {refusal}");
        }
        ErrorKind::Parse => {
            let tokens: Vec<_> = message.split(": ").collect();
            return format!("parse error at ({}): {}", tokens[1], tokens[tokens.len() - 1]);
        }
        _ => {}
    }
    let mut lines: Vec<String> = Vec::new();
    let mut rest = Some(message.as_str());
    while let Some(current) = rest {
        let (shown, inner) = one_error(current);
        let Some(shown) = shown else { return message.clone() };
        lines.push(shown);
        rest = inner;
    }
    lines.join("\n")
}

/// The outermost error of a message in Helm's layout, and the message inside it. `None` where Helm gives up.
fn one_error(message: &str) -> (Option<String>, Option<&str>) {
    let Some(rest) = message.strip_prefix("template: ") else { return (None, None) };
    if rest.starts_with("no template ") {
        return (Some(message.to_owned()), None);
    }
    let Some((place, rest)) = rest.split_once(": executing ") else { return (None, None) };
    let Some((name, rest)) = rest.split_once(" at <") else { return (None, None) };
    let Some((shown, text)) = rest.split_once(">: ") else { return (None, None) };
    let cut = text.find(" template:");
    // Whatever wraps another error is unwrapped once more, and only templates' own errors can be read then.
    let called = text.strip_prefix("error calling ").and_then(|call| call.split_once(": "));
    let inner = called.map(|(_, inner)| inner);
    let text = cut.map_or(text, |cut| &text[..cut]);
    (Some(format!("{place}\n  executing {name} at <{shown}>:\n    {text}")), inner)
}

fn check(suite: &str) {
    let path = format!("{}/testdata/template/{suite}.yaml", env!("CARGO_MANIFEST_DIR"));
    let suite: Suite = serde_yaml::from_str(&std::fs::read_to_string(path).expect("a suite")).expect("a suite");
    let mut wrong = Vec::new();
    for case in &suite.cases {
        let mut bench = Bench::new();
        // Helm parses files in descending order of their names.
        let parsed = bench.add(NAME, &case.template);
        bench.add("t/templates/_h.tpl", &suite.helpers).expect("helpers parse");
        let data = bench.data(&suite.values);
        let got = parsed.and_then(|()| bench.session().execute(&bench.set, NAME, data));
        let got = got.map(|text| text.as_str().into_owned()).map_err(|error| helm_words(&error));
        let expected = match (&case.output, &case.error) {
            (Some(output), _) => Ok(output.clone()),
            (None, error) => Err(error.clone().unwrap_or_default()),
        };
        if got != expected {
            wrong.push(format!("{}\n  helm: {expected:?}\n  here: {got:?}", case.template));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), suite.cases.len(), wrong.join("\n"));
}

#[test]
fn the_language_and_its_errors_are_helms() {
    check("language");
    check("places");
}

#[test]
fn values_print_as_go_prints_them() {
    check("print");
}

#[test]
fn objects_have_fields_and_methods() {
    check("objects");
}

#[test]
fn a_text_parsed_once_has_the_name_it_is_asked_for_under() {
    let bench = Bench::new();
    let cache = Cache::default();
    let text = "{{ define \"x\" }}1{{ end }}\n{{ .a.b.c }}";
    let names = |name: &str| {
        let trees = cache.parse(None, &bench.input(name, text), &bench.table, &bench.limits).expect("it parses");
        let mut set = Set::new();
        set.add(&trees);
        let error = bench.session().execute(&set, name, Map::new().into()).expect_err("a is nil");
        (trees.iter().map(|tree| tree.name.to_string()).collect::<Vec<_>>(), error.message)
    };
    let message = |name: &str| {
        format!("template: {name}:2:5: executing \"{name}\" at <.a.b.c>: nil pointer evaluating interface {{}}.b")
    };
    assert_eq!(names("one"), (vec!["x".to_owned(), "one".to_owned()], message("one")));
    assert_eq!(names("two"), (vec!["x".to_owned(), "two".to_owned()], message("two")));
    assert!(
        cache.parse(None, &bench.input("x", text), &bench.table, &bench.limits).is_err(),
        "`x` is defined twice then"
    );
}
