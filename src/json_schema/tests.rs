//! What schemas may ask for, and what is a limit.

use serde_json::{Value as Json, json};

use super::*;

/// Whether Helm 4.3.1 takes values by schemas that lead back to themselves.
const CIRCLES: [(&str, &str, bool); 19] = [
    (r##"{"$ref":"#"}"##, r#"{"a":1}"#, false),
    (r##"{"allOf":[{"$ref":"#"}]}"##, r#"{"a":1}"#, false),
    (r##"{"properties":{"a":{"$ref":"#/properties/a"}}}"##, r#"{"a":1}"#, false),
    (r##"{"properties":{"a":{"$ref":"#/properties/a"}}}"##, r#"{"b":1}"#, true),
    (
        r##"{"properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
        r#"{"a":1}"#,
        false,
    ),
    (r##"{"anyOf":[{"type":"object"},{"$ref":"#"}]}"##, r#"{"a":1}"#, true),
    (r##"{"anyOf":[{"type":"string"},{"$ref":"#"}]}"##, r#"{"a":1}"#, false),
    (r##"{"not":{"$ref":"#"}}"##, r#"{"a":1}"#, true),
    (r##"{"$dynamicRef":"#"}"##, r#"{"a":1}"#, false),
    (r##"{"if":{"type":"string"},"then":{"$ref":"#"}}"##, r#"{"a":1}"#, true),
    (r##"{"if":{"type":"object"},"then":{"$ref":"#"}}"##, r#"{"a":1}"#, false),
    (r##"{"dependentSchemas":{"a":{"$ref":"#"}}}"##, r#"{"a":1}"#, false),
    (r##"{"dependentSchemas":{"b":{"$ref":"#"}}}"##, r#"{"a":1}"#, true),
    (r##"{"oneOf":[{"$ref":"#"},{"type":"object"}]}"##, r#"{"a":1}"#, true),
    (r##"{"properties":{"a":{"oneOf":[{"$ref":"#/properties/a"},{"type":"number"}]}}}"##, r#"{"a":1}"#, true),
    (r##"{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#","type":"string"}"##, r#"{"a":1}"#, false),
    (r##"{"properties":{"a":{"$ref":"#"}},"anyOf":[{"type":"object"},{"$ref":"#"}]}"##, r#"{"a":{"a":{}}}"#, true),
    (r##"{"properties":{"a":{"$ref":"#"}},"anyOf":[{"type":"object"},{"$ref":"#"}]}"##, r#"{"a":{"a":1}}"#, false),
    (r#"{"$id":"https://x.example/s","$ref":"https://x.example/s"}"#, r#"{"a":1}"#, false),
];

#[test]
fn a_schema_that_leads_back_to_itself_is_judged_as_helm_does() {
    for (text, value, is_taken) in CIRCLES {
        let parsed = serde_json::from_str(text).expect("JSON");
        let schema = Schema::of_helm(parsed, |pattern| Ok(pattern.to_owned())).expect("a schema");
        let value = serde_json::from_str(value).expect("JSON");
        assert_eq!(schema.accepts(&value, &budget(u64::MAX)), Ok(is_taken), "{text} {value}");
    }
}

#[test]
fn circles_that_double_at_each_turn_are_a_limit() {
    let definitions: serde_json::Map<String, Json> = (0..14)
        .map(|index| {
            let all: Vec<Json> = (0..14).map(|to| json!({ "$ref": format!("#/$defs/a{to}") })).collect();
            (format!("a{index}"), json!({ "anyOf": all }))
        })
        .collect();
    let text = json!({ "$ref": "#/$defs/a0", "$defs": definitions });
    let schema = Schema::of_helm(text, |pattern| Ok(pattern.to_owned())).expect("a schema");
    assert!(schema.accepts(&json!({}), &budget(u64::MAX)).is_err());
}

fn schema(schema: Json) -> Result<Schema, Refusal> {
    Schema::new(schema)
}

/// Definitions `a0` to `a<levels>`, each made of the next, and the last.
fn nest(levels: usize, level: impl Fn(&str) -> Json, last: Json) -> Json {
    let mut definitions: serde_json::Map<String, Json> =
        (0..levels).map(|index| (format!("a{index}"), level(&format!("#/$defs/a{}", index + 1)))).collect();
    definitions.insert(format!("a{levels}"), last);
    json!({ "$ref": "#/$defs/a0", "$defs": definitions })
}

#[test]
fn what_charts_ask_is_far_from_the_bounds() {
    let properties: serde_json::Map<String, Json> = (0..500)
        .map(|index| (format!("p{index}"), json!({ "type": "string", "pattern": "^[a-z]{1,63}$", "maxLength": 63 })))
        .collect();
    let values: serde_json::Map<String, Json> = (0..500).map(|index| (format!("p{index}"), json!("abc"))).collect();
    let whole = json!({ "properties": { "a": { "properties": properties, "additionalProperties": false } } });
    let budget = Budget::new(BUILDING, DEPTH);
    cost::building(&whole, &budget).expect("within the bounds");
    assert!(budget.spent() < BUILDING / 10, "{}", budget.spent());
    let budget = Budget::new(JUDGING, DEPTH);
    cost::judging(&whole, &json!({ "a": values }), &budget).expect("within the bounds");
    assert!(budget.spent() < JUDGING / 100, "{}", budget.spent());
}

#[test]
fn faults_are_found_and_their_words_are_short() {
    let schema = schema(json!({ "type": "object", "properties": { "a": { "type": "string" } } })).expect("a schema");
    assert_eq!(schema.accepts(&json!({ "a": "x" }), &budget(u64::MAX)), Ok(true));
    let value = json!({ "a": vec!["long"; 100_000] });
    let faults = schema.faults(&value, &budget(u64::MAX)).expect("within the bounds");
    let said: Vec<String> = faults.iter().map(said).collect();
    assert_eq!(said.len(), 1);
    assert!(said[0].len() < MESSAGE + 8 && said[0].ends_with('…'), "{}", said[0].len());
}

#[test]
fn a_schema_that_doubles_at_each_level_is_a_limit() {
    let doubles: [fn(&str) -> Json; 5] = [
        |next| json!({ "allOf": [{ "$ref": next }, { "$ref": next }] }),
        |next| json!({ "anyOf": [{ "$ref": next }, { "$ref": next }] }),
        |next| json!({ "oneOf": [{ "not": { "$ref": next } }, { "$ref": next }] }),
        |next| json!({ "if": { "$ref": next }, "then": { "$ref": next }, "else": { "$ref": next } }),
        |next| json!({ "dependentSchemas": { "a": { "$ref": next }, "b": { "$ref": next } } }),
    ];
    for level in doubles {
        let schema = schema(nest(40, level, json!({ "type": "object" }))).expect("small enough to be built");
        assert_eq!(schema.accepts(&json!({ "a": 1, "b": 2 }), &budget(u64::MAX)), Err(Exceeded::Steps(JUDGING)));
    }
    let by_field =
        nest(40, |next| json!({ "properties": { "a": { "$ref": next }, "b": { "$ref": next } } }), json!({}));
    let schema = schema(by_field).expect("small enough to be built");
    assert_eq!(
        schema.accepts(&json!({ "a": { "a": 1 }, "b": {} }), &budget(u64::MAX)),
        Ok(true),
        "as long as the value is small"
    );
}

#[test]
fn unevaluated_branches_are_a_limit_before_anything_is_built() {
    for keyword in UNEVALUATED_KEYWORDS {
        let level = |next: &str| json!({ keyword: false, "anyOf": [{ "$ref": next }, { "$ref": next }] });
        let refused = schema(nest(22, level, json!({ "properties": { "a": true } }))).map(|_| ());
        assert_eq!(refused, Err(Refusal::Exceeded(Exceeded::Steps(BUILDING))), "{keyword}");
    }
}

const UNEVALUATED_KEYWORDS: [&str; 2] = ["unevaluatedProperties", "unevaluatedItems"];

#[test]
fn long_chains_of_references_are_a_limit() {
    let chain = nest(2_000, |next| json!({ "$ref": next }), json!({ "type": "object" }));
    assert_eq!(schema(chain).map(|_| ()), Err(Refusal::Exceeded(Exceeded::Depth(DEPTH))));
    let circle = json!({ "$ref": "#/$defs/a", "$defs": { "a": { "properties": { "b": { "$ref": "#/$defs/a" } } } } });
    assert_eq!(schema(circle).expect("a schema").accepts(&json!({ "b": { "b": {} } }), &budget(u64::MAX)), Ok(true));
}

#[test]
fn hostile_patterns_are_a_limit() {
    let many: serde_json::Map<String, Json> =
        (0..500).map(|index| (format!("^(a{{1,200}}b{{1,200}}){{1,200}}{index}$"), json!(true))).collect();
    let refused = schema(json!({ "patternProperties": many })).map(|_| ());
    assert_eq!(refused, Err(Refusal::Exceeded(Exceeded::Steps(BUILDING))));
    let slow = schema(json!({ "items": { "pattern": "^([ab]{1,40}c?){1,40}$" } })).expect("a schema");
    assert_eq!(slow.accepts(&json!(vec!["ab".repeat(40_000); 20]), &budget(u64::MAX)), Err(Exceeded::Steps(JUDGING)));
}

#[test]
fn large_lists_cost_as_much_as_their_items() {
    let schema = schema(json!({ "contains": { "allOf": vec![json!({ "const": 1 }); 50] } })).expect("a schema");
    assert_eq!(schema.accepts(&json!(vec![0; 100]), &budget(u64::MAX)).map(|_| ()), Ok(()));
    assert_eq!(schema.accepts(&json!(vec![0; 100_000]), &budget(u64::MAX)), Err(Exceeded::Steps(JUDGING)));
}

#[test]
fn what_lies_elsewhere_is_not_fetched_and_a_name_is_any_value() {
    let elsewhere = schema(json!({ "$ref": "https://example.com/schema.json" })).map(|_| ());
    assert!(matches!(elsewhere, Err(Refusal::Elsewhere { .. })), "{elsewhere:?}");
    assert_eq!(schema(json!({ "$ref": "urn:a:b" })).expect("a schema").accepts(&json!(1), &budget(u64::MAX)), Ok(true));
    assert!(matches!(schema(json!({ "type": 1 })).map(|_| ()), Err(Refusal::Invalid { .. })));
}

#[test]
fn formats_are_those_of_helm_and_content_is_passed_over() {
    let of = |draft: &str, rest: &str, value: &str| {
        let text = format!(r#"{{"$schema":"{draft}",{rest}}}"#);
        let schema = Schema::of_helm(serde_json::from_str(&text).expect("JSON"), |pattern| Ok(pattern.to_owned()));
        schema.expect("a schema").accepts(&json!(value), &budget(u64::MAX)).expect("cheap")
    };
    let (older, newer) = ("http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema");
    for (format, right, wrong) in [
        ("uuid", "0f8fad5b-d9cb-469f-a165-70867728950e", "nope"),
        ("duration", "PT5M", "5m"),
        ("period", "2026-01-02T03:04:05Z/P1D", "P1D"),
        ("semver", "1.2.3-rc.1", "v1.2"),
        ("date", "2026-01-02", "today"),
    ] {
        let rest = format!(r#""format":"{format}""#);
        assert!(of(older, &rest, right) && !of(older, &rest, wrong), "{format}");
        assert!(of(newer, &rest, wrong), "Helm passes over {format} from 2019-09 on");
    }
    for draft in [older, newer] {
        let rest = r#""contentEncoding":"base64","contentMediaType":"application/json""#;
        assert!(of(draft, rest, "not base64!"), "{draft}");
    }
}
