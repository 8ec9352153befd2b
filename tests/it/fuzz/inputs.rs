//! What the fuzz targets try of the inputs around templates and YAML: archives, patterns, schemas, definitions, configurations, reports.

use std::sync::Arc;

use chartgate::chart::ignore::Ignore;
use chartgate::chart::load;
use chartgate::config::{self, RuleNames};
use chartgate::crd::{Crd, judge};
use chartgate::finding::{Failure, FailureKind, Finding, Label, Report, Severity, Status, Verdict};
use chartgate::json_schema::{self, Schema, said};
use chartgate::report::{Format, Look, Screen, render};
use chartgate::schema;
use chartgate::source::{Archive, EntryKind, FILE_LIMIT, Tree};
use chartgate::text::{Address, Location, Source, Sources, Span};
use chartgate::yaml::Document;

/// What stands before the first zero byte, and what behind it.
fn halves(data: &[u8]) -> (String, String) {
    let text = String::from_utf8_lossy(data);
    let (first, second) = text.split_once('\0').unwrap_or((&text, ""));
    (first.to_owned(), second.to_owned())
}

/// Packaged charts: whatever is unpacked is listed, can be read, and stays below the root.
pub(super) fn archive(data: &[u8]) {
    let Ok(archive) = Archive::from_bytes(data, "fuzz.tgz") else { return };
    let tree: Arc<dyn Tree> = Arc::new(archive);
    for entry in tree.list("").expect("an archive has a root") {
        assert!(entry.path.split('/').all(|part| !matches!(part, "" | "." | "..")), "{}", entry.path);
        if let EntryKind::File { size } = entry.kind {
            assert_eq!(tree.read(&entry.path, FILE_LIMIT).map(|data| data.len() as u64), Ok(size));
        }
    }
    load(&tree, "", &Sources::new());
}

/// `.helmignore`: every pattern decides every path, and errors lie in the text.
pub(super) fn helmignore(data: &[u8]) {
    let (patterns, path) = halves(data);
    let (ignore, errors) = Ignore::parse(&patterns);
    assert!(errors.iter().all(|error| patterns.get(error.span.range()).is_some()));
    ignore.excludes(&path);
}

/// JSON Schemas: a schema judges a value, is refused, or reaches a bound.
pub(super) fn schema(data: &[u8]) {
    let (schema, value) = halves(data);
    let (Ok(schema), Ok(value)) = (serde_json::from_str(&schema), serde_json::from_str(&value)) else { return };
    let Ok(schema) = Schema::new(schema) else { return };
    let Ok(faults) = schema.faults(&value, &json_schema::budget(100_000)) else { return };
    assert!(faults.iter().all(|fault| said(fault).len() < 8_192));
    assert_eq!(schema.accepts(&value, &json_schema::budget(100_000)), Ok(faults.is_empty()));
}

/// Definitions: an object is judged twice the same, or reaches a bound.
pub(super) fn crd(data: &[u8]) {
    let (definition, object) = halves(data);
    let sources = Sources::new();
    let parsed = |text: &str| {
        let id = sources.add(Source::new("fuzz", Address::Rendered, text));
        Document::parse_all(id, text).ok()?.into_iter().next()
    };
    let (Some(definition), Some(object)) = (parsed(&definition), parsed(&object)) else { return };
    let Ok(definition) = Crd::read(&definition.root) else { return };
    for version in &definition.versions {
        let judged = || judge(&object.root, version, &schema::budget());
        assert_eq!(judged(), judged());
    }
}

/// Configurations: read, or refused at places in the text.
pub(super) fn config(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let sources = Sources::new();
    let id = sources.add(Source::new(".chartgate.yaml", Address::Rendered, &*text));
    let names: RuleNames = ["image-tag-floating".to_owned()].into_iter().collect();
    if let Err(errors) = config::read(id, &text, "", &names) {
        assert!(!errors.is_empty());
        assert!(errors.iter().all(|error| !error.message.is_empty() && sources.start(error.at).line > 0));
    }
}

/// Reports: no format lets a control character through.
pub(super) fn report(data: &[u8]) {
    let (text, message) = halves(data);
    let sources = Sources::new();
    let id = sources.add(Source::new(message.as_str(), Address::Rendered, text.as_str()));
    let place = Location::new(id, Span::new(0, text.chars().next().map_or(0, char::len_utf8)));
    let finding = Finding {
        rule: "image-tag-floating".to_owned(),
        severity: Severity::Error,
        message: message.clone(),
        chart: Some(message.clone()),
        profile: Some(message.clone()),
        primary: Label::new(place, message.as_str()),
        related: vec![Label::new(place, message.as_str())],
        help: Some(message.clone()),
        fix: None,
        status: Status::Open,
        fingerprint: "0123456789abcdef".to_owned(),
    };
    let failure = Failure::new(FailureKind::Read, message.as_str()).at_path(message.as_str()).help(message.as_str());
    let report =
        Report { verdict: Verdict::Fail, findings: vec![finding], ..Report::of_nothing(vec![failure], vec![]) };
    let look = Look { screen: Screen::Plain, unicode: true, width: 80, quiet: false };
    for format in Format::ALL {
        let said = render(format, &report, &sources, look);
        // JSON is for programs: what is no ASCII stands in it as it is.
        let is_told = |letter: &char| letter.is_ascii() || format != Format::Json;
        let control =
            said.as_str().chars().filter(is_told).find(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'));
        assert_eq!(control, None, "{format}: {said}");
    }
}
