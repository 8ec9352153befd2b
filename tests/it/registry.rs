//! Rule files load, and their mistakes have places.

use chartgate::checks;
use chartgate::rule::registry;
use chartgate::text::{Address, Source, Sources};

use crate::fixture::{Fixture, testdata};

/// What loading a user's rule says: places and words, or nothing.
fn mistakes(text: &str) -> Vec<String> {
    let sources = Sources::new();
    let source = sources.add(Source::new(".chartgate/rules/web-tag-floating.yaml", Address::Rendered, text));
    let errors = checks::registry().add(source, text, "web-tag-floating", "").err().unwrap_or_default();
    let line = |error: &chartgate::rule::read::Error| {
        let help = error.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}: {error}{help}", sources.start(error.location))
    };
    errors.iter().map(line).collect()
}

/// A rule whose lines from `target` on are given.
fn rule(rest: &str) -> String {
    format!("id: web-tag-floating\nsummary: a\nwhy: b\nremedy: c\nseverity: warning\ncategory: web\n{rest}")
}

#[test]
fn every_built_in_rule_loads() {
    assert!(checks::registry().iter().map(|rule| rule.id.as_str()).eq(registry::ids()));
}

#[test]
fn a_users_rule_loads() {
    let fine = "target: image\ndeny: image.tag == 'latest'\nmessage: '`{image}` moves'\n";
    assert_eq!(mistakes(&rule(fine)), [""; 0]);
}

/// What a user's rule says of a chart of another rule's fixtures.
fn said(rest: &str, fixture: &str) -> String {
    let text = rule(rest);
    let source = Sources::new().add(Source::new("rule.yaml", Address::Rendered, text.as_str()));
    let mut registry = checks::registry();
    registry.add(source, &text, "web-tag-floating", "").expect("the rule loads");
    let fixture = Fixture::load(&testdata().join("rules").join(fixture), None);
    let said = fixture.run(registry.get("web-tag-floating").expect("it was added"), false);
    assert!(said.failures.is_empty(), "{:?}", said.failures);
    said.findings.iter().map(|finding| fixture.describe(finding)).collect()
}

#[test]
fn a_users_rule_sees_the_objects_of_lists_and_no_list() {
    let deny = "target: manifest\nat: metadata.name\ndeny: true\nmessage: '{manifest.kind}/{manifest.metadata.name}'\n";
    let of = |name: &str, written: &str, columns: &str| {
        format!(
            "templates/lists.yaml:{written}: warning web-tag-floating: ConfigMap/release-name-{name}\n    profile: default\n    \
            related: rendered/web/templates/lists.yaml:{columns}: as rendered\n    help: c\n"
        )
    };
    let said = said(deny, "manifest-invalid/good-list");
    assert_eq!(said, of("plain", "7:16-7:29", "7:13-7:31") + &of("typed", "12:20-12:33", "12:17-12:35"));
}

#[test]
fn a_users_rule_on_rendered_objects_points_at_the_template() {
    let deny = "target: manifest\nat: metadata.name\ndeny: manifest.kind == 'Deployment' && !profile.production\nmessage: '{manifest.metadata.name} in {profile.name}'\n";
    let of = |name: &str, columns: &str| {
        format!(
            "templates/{name}.yaml:{columns}: warning web-tag-floating: {name} in default\n    profile: default\n    \
            related: rendered/web/templates/{name}.yaml:{columns}: as rendered\n    help: c\n"
        )
    };
    let expected = of("runner", "4:9-4:15") + &of("web", "4:9-4:12");
    assert_eq!(said(deny, "image-digest-missing/bad"), expected);
    let schema =
        "target: manifest\nschema: { properties: { metadata: { required: [labels] } } }\nmessage: '{problem}'\n";
    let expected = "templates/budget.yaml:4:1-4:9: warning web-tag-floating: no `labels`\n    profile: default\n    \
        related: rendered/web/templates/budget.yaml:3:1-3:9: as rendered\n    help: c\n";
    assert_eq!(said(schema, "api-removed/bad"), expected);
}

#[test]
fn every_mistake_in_a_rule_file_has_a_place_and_a_hint() {
    let cases = [
        ("target: image\ndney: 'true'\nmessage: m\n", "8:1: unknown key `dney` (did you mean `deny`?)"),
        ("target: imgae\ndeny: 'true'\nmessage: m\n", "7:9: unknown value `imgae` (did you mean `image`?)"),
        (
            "target: image\nmessage: m\n",
            "1:5: the rule does not say what it denies (write `deny`, an expression that is true where something is wrong)",
        ),
        (
            "target: image\ndeny: 'true'\nnative: true\nmessage: m\n",
            "9:1: a rule has one of `deny`, `schema` and `native` (make two rules of it)",
        ),
        (
            "target: image\nnative: true\nmessage: m\n",
            "8:9: only chartgate's own rules are native (write `deny`, an expression, or `schema`)",
        ),
        ("target: image\ndeny: imgae.tag == ''\nmessage: m\n", "8:7: unknown name `imgae` (did you mean `image`?)"),
        (
            "target: image\ndeny: |\n  image.tag == '' &&\n    imgae.tag == ''\nmessage: m\n",
            "10:5: unknown name `imgae` (did you mean `image`?)",
        ),
        ("target: image\ndeny: 'true'\nmessage: 'a {iamge} b'\n", "9:14: unknown name `iamge` (did you mean `image`?)"),
        ("target: image\ndeny: 'true'\nmessage: 'a {image b'\n", "9:13: `{` without `}`; write `{{` for a brace"),
        (
            "target: values\nparams: { a: { type: list, default: x, help: h } }\ndeny: 'true'\nmessage: m\n",
            "8:37: expected a list, found a string",
        ),
    ];
    for (rest, said) in cases {
        assert_eq!(mistakes(&rule(rest)), [said], "{rest}");
    }
}
