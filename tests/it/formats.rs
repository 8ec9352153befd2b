//! Every format says the same of one report, each in its own way.

use chartgate::finding::{
    ChartReport, ComparedWith, Failure, FailureKind, Finding, Fix, Label, PublishedState, Report, ReportedRule, Safety,
    Severity, Skipped, Status, UsedPolicy, Verdict,
};
use chartgate::report::{Format, Look, Screen, markdown, render};
use chartgate::text::edit::Edit;
use chartgate::text::{Address, Location, Source, SourceId, Sources, Span};

mod machine;

const CHART: &str = "apiVersion: v2\nname: agents\nversion: 1.2.3\nappVersion: 4.5.6\n";
const PACKAGE: &str = "# Artifact Hub\nversion: 1.2.2\nname: agents\n";
const VALUES: &str = "a: 1\nb: 2\nc: 3\nd: 4\nimage:\n  repository: ghcr.io/x/é, y\n  tag: latest\n";

struct Texts {
    sources: Sources,
    chart: SourceId,
    package: SourceId,
    values: SourceId,
}

impl Texts {
    fn new() -> Self {
        let sources = Sources::new();
        let add = |path: &str, text: &str| sources.add(Source::new(path, Address::Rendered, text));
        let chart = add("charts/agents/Chart.yaml", CHART);
        let package = add("charts/agents/artifacthub-pkg.yml", PACKAGE);
        let values = add("charts/agents/odd,name:100%.yaml", VALUES);
        Self { sources, chart, package, values }
    }

    fn at(&self, id: SourceId, words: &str) -> Location {
        let start = self.sources.get(id).text.find(words).expect("the text has these words");
        Location::new(id, Span::new(start, start + words.len()))
    }
}

fn finding(rule: &str, severity: Severity, message: &str, primary: Label) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        message: message.to_owned(),
        chart: Some("charts/agents".to_owned()),
        profile: None,
        primary,
        related: vec![],
        help: None,
        fix: None,
        status: Status::Open,
        fingerprint: "0123456789abcdef".to_owned(),
    }
}

fn mismatch(texts: &Texts) -> Finding {
    let at = texts.at(texts.package, "1.2.2");
    let message = "`version` is `1.2.2`, but the chart's is `1.2.3`";
    Finding {
        related: vec![Label::new(texts.at(texts.chart, "1.2.3"), "the chart's version")],
        help: Some("set it to `1.2.3`".to_owned()),
        fix: Some(Fix {
            title: "set `version` to `1.2.3`".to_owned(),
            safety: Safety::Safe,
            edits: vec![Edit::replacement(at, "1.2.3")],
            uncovers: false,
        }),
        ..finding("package-version-mismatch", Severity::Error, message, Label::new(at, "not the chart's"))
    }
}

fn floating(texts: &Texts, profile: &str) -> Finding {
    let message = "`ghcr.io/x/é:latest` can change\nwithout a new chart version, 100%";
    let label = Label::new(texts.at(texts.values, "latest"), "");
    Finding { profile: Some(profile.to_owned()), ..finding("image-tag-floating", Severity::Warning, message, label) }
}

fn report(texts: &Texts) -> Report {
    let suppressed = Finding {
        status: Status::Suppressed { by: "comment".to_owned(), reason: "tracked in #12".to_owned() },
        ..finding("image-digest-missing", Severity::Error, "no digest", Label::new(texts.at(texts.values, "image"), ""))
    };
    let block = texts.at(texts.values, "image:\n  repository: ghcr.io/x/é, y\n");
    let failure = Failure::new(FailureKind::Git, "the base `origin/main` cannot be resolved");
    let skipped = |rule: &str| Skipped { rule: rule.to_owned(), reason: "nothing published is configured".to_owned() };
    Report {
        verdict: Verdict::Fail,
        charts: vec![ChartReport {
            name: Some("agents".to_owned()),
            version: Some("1.2.3".to_owned()),
            path: "charts/agents".to_owned(),
            verdict: Verdict::Fail,
            published: PublishedState::Unknown,
            compared_with: vec![ComparedWith {
                place: "the merge-base `1a2b3c4d5e` with `origin/main`".to_owned(),
                version: Some("1.2.2".to_owned()),
                state: PublishedState::Different,
            }],
            fail_on: Some(Severity::Error),
        }],
        findings: vec![
            mismatch(texts),
            floating(texts, "default"),
            floating(texts, "prod"),
            finding("image-split", Severity::Info, "an image over two lines", Label::new(block, "here")),
            suppressed,
        ],
        failures: vec![failure.help("set `fetch-depth: 0`").at_path(".git")],
        skipped: vec![skipped("version-reused"), skipped("version-decreased")],
        rules: (0..12).map(rule).collect(),
        policies: vec![UsedPolicy {
            configuration: Some(".chartgate.yaml".to_owned()),
            revision: Some("origin/main".to_owned()),
        }],
        fail_on: Some(Severity::Error),
    }
}

fn rule(number: usize) -> ReportedRule {
    let id = if number == 0 { "package-version-mismatch".to_owned() } else { format!("rule-{number}") };
    let page = (number == 0).then(|| format!("https://example.org/{id}"));
    let (summary, remedy) = ("two versions differ".to_owned(), "Make them one.".to_owned());
    ReportedRule { id, summary, remedy, level: Severity::Error, page, is_of_change: false }
}

fn said(format: Format, report: &Report, texts: &Texts) -> String {
    let look = Look { screen: Screen::Plain, unicode: true, width: 100, quiet: false };
    render(format, report, &texts.sources, look).to_string()
}

#[test]
fn people_see_the_lines_of_every_file_that_takes_part() {
    let texts = Texts::new();
    insta::assert_snapshot!(said(Format::Human, &report(&texts), &texts));
}

#[test]
fn a_terminal_without_unicode_gets_ascii_and_one_with_links_gets_links() {
    let texts = Texts::new();
    let report = Report { failures: vec![], skipped: vec![], findings: vec![mismatch(&texts)], ..report(&texts) };
    let look = Look { screen: Screen::Plain, unicode: false, width: 100, quiet: true };
    let ascii = render(Format::Human, &report, &texts.sources, look).to_string();
    assert!(ascii.is_ascii(), "{ascii}");
    let linked = render(Format::Human, &report, &texts.sources, Look { screen: Screen::Links, ..look });
    let linked = linked.as_str();
    assert!(linked.contains("\u{1b}]8;;https://example.org/package-version-mismatch"), "{linked:?}");
}

#[test]
fn concise_is_one_line_a_finding() {
    let texts = Texts::new();
    insta::assert_snapshot!(said(Format::Concise, &report(&texts), &texts), @r"
    charts/agents/artifacthub-pkg.yml:2:10: error package-version-mismatch: `version` is `1.2.2`, but the chart's is `1.2.3`
    charts/agents/odd,name:100%.yaml:7:8: warning image-tag-floating: `ghcr.io/x/é:latest` can change without a new chart version, 100% (profiles `default`, `prod`)
    charts/agents/odd,name:100%.yaml:5:1: info image-split: an image over two lines
    .git: failure git: the base `origin/main` cannot be resolved
    note compared with the merge-base `1a2b3c4d5e` with `origin/main`
    note skipped version-reused, version-decreased: nothing published is configured
    note not counted: 1 suppressed by a comment
    note policy: `.chartgate.yaml` at `origin/main`
    ");
}

#[test]
fn github_gets_commands_that_nothing_in_a_message_can_break() {
    let texts = Texts::new();
    insta::assert_snapshot!(said(Format::Github, &report(&texts), &texts));
}

#[test]
fn the_summary_table_of_github_is_markdown_that_nothing_in_a_message_can_break() {
    let texts = Texts::new();
    let label = Label::new(texts.at(texts.chart, "agents"), "");
    let odd = finding("odd-cell", Severity::Error, "a | b\n<script> \\ &amp;", label);
    let report = Report { findings: vec![odd, floating(&texts, "prod")], ..report(&texts) };
    insta::assert_snapshot!(markdown::job_summary(&report, &texts.sources).to_string());
}

#[test]
fn a_summary_table_above_githubs_limit_is_cut_and_says_so() {
    let texts = Texts::new();
    let of_profile = |number: usize| Finding { message: format!("fault {number}"), ..floating(&texts, "prod") };
    let findings = (0..20_000).map(of_profile).collect();
    let text = markdown::job_summary(&Report { findings, ..report(&texts) }, &texts.sources).to_string();
    assert!(text.len() < 1024 * 1024 && text.contains("more, in the log"));
}

#[test]
fn what_a_comment_has_no_room_for_is_the_least_severe() {
    let texts = Texts::new();
    let warning = |number: usize| Finding { message: format!("image {number} floats"), ..floating(&texts, "prod") };
    let mut findings: Vec<Finding> = (0..2_000).map(warning).collect();
    findings.push(mismatch(&texts));
    let text = said(Format::Markdown, &Report { findings, ..report(&texts) }, &texts);
    assert_eq!(text.matches("| error |").count(), 1, "{text}");
    assert_eq!(text.matches("more, in the log").count(), 1, "notes have room of their own: {text}");
    assert!(text.contains("the merge-base `1a2b3c4d5e`") && text.contains("nothing published is configured"), "{text}");
    assert!(text.encode_utf16().count() < 65_536);
}

fn schema() -> jsonschema::Validator {
    let text = include_str!("../../docs/report.schema.json");
    let schema = serde_json::from_str(text).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is a schema")
}

#[test]
fn json_meets_the_schema_and_keeps_suppressed_findings() {
    let texts = Texts::new();
    let json: serde_json::Value =
        serde_json::from_str(&said(Format::Json, &report(&texts), &texts)).expect("it is JSON");
    let errors: Vec<_> = schema().iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(json["findings"][4]["suppressed"], serde_json::json!({ "by": "comment", "reason": "tracked in #12" }));
    insta::assert_snapshot!(serde_json::to_string_pretty(&json["findings"][0]).expect("it is JSON"));
}

#[test]
fn the_schema_refuses_what_the_report_does_not_have() {
    let texts = Texts::new();
    let mut json: serde_json::Value =
        serde_json::from_str(&said(Format::Json, &report(&texts), &texts)).expect("it is JSON");
    json["findings"][0]["surprise"] = true.into();
    assert!(!schema().is_valid(&json));
}

#[test]
fn all_formats_agree_on_the_number_of_findings() {
    let texts = Texts::new();
    let report = report(&texts);
    let json: serde_json::Value = serde_json::from_str(&said(Format::Json, &report, &texts)).expect("it is JSON");
    let findings = json["findings"].as_array().expect("a list");
    let open = findings.iter().filter(|finding| finding["suppressed"].is_null()).count();
    assert_eq!(open, 1 + 2 + 1);
    // For people the two profiles of one place are one finding.
    let open = open - 1;
    let lines = |text: String, found: &dyn Fn(&str) -> bool| text.lines().filter(|line| found(line)).count();
    let concise = |line: &str| !line.contains(": failure ") && !line.starts_with("note ");
    assert_eq!(lines(said(Format::Concise, &report, &texts), &concise), open);
    let github = |line: &str| line.starts_with("::") && !line.contains("title=failure");
    assert_eq!(lines(said(Format::Github, &report, &texts), &github), open);
    let row = |line: &str| ["| error |", "| warning |", "| info |"].iter().any(|start| line.starts_with(start));
    assert_eq!(lines(said(Format::Markdown, &report, &texts), &row), open);
    let human = said(Format::Human, &report, &texts);
    let last = human.lines().last().expect("a summary");
    assert_eq!(
        last,
        "fail: 1 error, 1 warning, 1 info, 1 failure (1 suppressed by a comment) in 1 chart by 12 rules of `.chartgate.yaml` at `origin/main`"
    );
}

#[test]
fn all_formats_but_gitlabs_say_what_charts_were_compared_with() {
    let texts = Texts::new();
    let report = report(&texts);
    for format in Format::ALL {
        let text = said(format, &report, &texts).replace("<code>", "").replace("</code>", "");
        let says = text.replace(['`', '\\'], "").contains("the merge-base 1a2b3c4d5e");
        // A code quality report is a list of issues, with no place for anything else.
        assert_eq!(says, format != Format::Gitlab, "{format}");
    }
}

#[test]
fn hostile_text_neither_steers_the_terminal_nor_floods_it() {
    let sources = Sources::new();
    let long = format!("a: {}\u{1b}[31mred\u{202e}{}\n", "x".repeat(100_000), "y".repeat(100_000));
    let id = sources.add(Source::new("a\u{1b}.yaml", Address::Rendered, long.as_str()));
    let offset = long.find('\u{1b}').expect("it is there");
    let label = Label::new(Location::new(id, Span::new(offset, offset + 3)), "bad\u{7}");
    let texts = Texts::new();
    let report = Report { findings: vec![finding("a-b", Severity::Error, "bad \u{1b}[0m", label)], ..report(&texts) };
    let look = Look { screen: Screen::Plain, unicode: true, width: 100, quiet: true };
    for format in [Format::Human, Format::Concise, Format::Github, Format::Markdown, Format::Json] {
        let text = render(format, &report, &sources, look).to_string();
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
        assert!(text.len() < 4000 && text.contains("100004"), "{text}");
    }
}

#[test]
fn a_label_anywhere_in_any_text_can_be_drawn() {
    let look = Look { screen: Screen::Plain, unicode: true, width: 100, quiet: true };
    let texts = Texts::new();
    for text in ["", "\n", "a", "a\n", "é\r\nb: ü\r\n\r\n", "a\n\n\n\n\n\n\n\nb\n\n", &"long ".repeat(60)] {
        let sources = Sources::new();
        let id = sources.add(Source::new("a.yaml", Address::Rendered, text));
        let offsets: Vec<_> = (0..=text.len())
            .filter(|offset| text.is_char_boundary(*offset))
            .step_by(text.len() / 12 + 1)
            .chain([text.len()])
            .collect();
        for (from, to) in
            offsets.iter().flat_map(|from| offsets.iter().map(move |to| (*from, *to))).filter(|(from, to)| from <= to)
        {
            let at = |start, end| Label::new(Location::new(id, Span::new(start, end)), "here");
            let found = Finding {
                related: vec![at(0, 0), at(text.len(), text.len())],
                ..finding("a-b", Severity::Error, "bad", at(from, to))
            };
            let shown = render(Format::Human, &Report { findings: vec![found], ..report(&texts) }, &sources, look);
            let shown = shown.as_str();
            let place = format!("[a.yaml:{}]", sources.start(at(from, to).location));
            assert!(
                shown.contains("[a.yaml:") && !shown.contains("Failed to read"),
                "{text:?} {from}..{to} {place}\n{shown}"
            );
        }
    }
}

#[test]
fn annotations_stay_within_what_github_shows_and_the_rest_is_in_the_log() {
    let texts = Texts::new();
    let fault = |number: usize| Finding { message: format!("fault {number}"), ..mismatch(&texts) };
    let report = Report { findings: (0..13).map(fault).collect(), failures: vec![], ..report(&texts) };
    let text = said(Format::Github, &report, &texts);
    assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 10);
    let plain =
        |line: &&str| line.starts_with("charts/agents/artifacthub-pkg.yml:2:10: error package-version-mismatch: ");
    assert_eq!(text.lines().filter(plain).count(), 3);
}

#[test]
fn what_is_left_out_of_a_long_line_is_marked() {
    let sources = Sources::new();
    let long = format!("{}here{}\n", "ab ".repeat(100), " cd".repeat(100));
    let id = sources.add(Source::new("a.yaml", Address::Rendered, long.as_str()));
    let label = Label::new(Location::new(id, Span::new(300, 304)), "");
    let texts = Texts::new();
    let report = Report { findings: vec![finding("a-b", Severity::Error, "bad", label)], ..report(&texts) };
    let look = Look { screen: Screen::Plain, unicode: true, width: 100, quiet: true };
    let text = render(Format::Human, &report, &sources, look).to_string();
    assert!(text.contains("[a.yaml:1:301]") && text.contains("…ab ab") && text.contains(" cd c…"), "{text}");
}
