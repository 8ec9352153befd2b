//! Judges an object against the schema of its version.

use super::Version;
use crate::budget::{Budget, Exceeded};
use crate::schema::{self, Custom, Violation};
use crate::yaml::Node;

/// What the API server would refuse in an object of a version, in the order of the file. Group, version and kind are not
/// looked at.
///
/// # Errors
/// Where schema and object cost more than is left.
pub fn violations(object: &Node, version: &Version, budget: &Budget) -> Result<Vec<Violation>, Exceeded> {
    let custom = Custom {
        schema: version.schema.as_ref(),
        keeps_unknown: version.keeps_unknown,
        drops_status: version.has_status,
    };
    schema::custom(object, custom, budget)
}

#[cfg(test)]
mod tests {
    use super::super::Crd;
    use super::*;
    use crate::text::{Address, Source, SourceId, Sources};
    use crate::yaml::Document;

    fn parse(sources: &Sources, name: &str, text: &str) -> (SourceId, Node) {
        let id = sources.add(Source::new(name, Address::Rendered, text));
        (id, Document::parse(id, text).expect("valid YAML").root)
    }

    /// A definition whose `spec` has this schema, in flow style.
    fn crd(sources: &Sources, spec: &str) -> Crd {
        let text = format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: x.io\n  names: {{kind: T}}\n  versions:\n  - name: v1\n    served: true\n    schema: {{openAPIV3Schema: {{type: object, properties: {{spec: {spec}}}}}}}\n"
        );
        Crd::read(&parse(sources, "crd.yaml", &text).1).expect("a definition")
    }

    fn judged(spec: &str, object: &str) -> Vec<String> {
        let sources = Sources::new();
        let crd = crd(&sources, spec);
        let text = format!("kind: T\nmetadata: {{name: a}}\nspec: {object}\n");
        let (_, object) = parse(&sources, "example.yaml", &text);
        let found = violations(&object, &crd.versions[0], &schema::budget()).expect("within the limits");
        let shown = |violation: Violation| {
            let position = sources.start(violation.location);
            let help = violation.help.map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{position} {}{help}", violation.message)
        };
        found.into_iter().map(shown).collect()
    }

    #[test]
    fn what_the_api_server_takes_is_silent() {
        let cases = [
            ("{type: object, properties: {a: {type: string}}}", "{a: x}"),
            ("{type: integer}", "1.0"),
            ("{type: number}", "1"),
            ("{x-kubernetes-int-or-string: true}", "80%"),
            ("{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}", "80"),
            ("{type: object, required: [a], properties: {a: {type: string, default: x}}}", "{}"),
            ("{type: object, default: {}, required: [a], properties: {a: {type: string, default: x}}}", "null"),
            ("{type: object, properties: {a: {type: string}}}", "{a: null}"),
            ("{type: object, properties: {a: {type: string, nullable: true}}}", "{a: null}"),
            ("{type: array, items: {type: string, nullable: true}}", "[null]"),
            ("{type: object, x-kubernetes-preserve-unknown-fields: true}", "{any: {thing: 1}}"),
            ("{type: object, additionalProperties: {type: string}}", "{any: thing}"),
            ("{type: object, additionalProperties: true}", "{any: {thing: 1}}"),
            ("{type: string, enum: [a, b]}", "a"),
            ("{type: integer, enum: [1]}", "1"),
            ("{type: string, pattern: '(?=x)'}", "a"),
            ("{type: string, format: int32}", "a"),
            (
                "{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {}}",
            ),
            ("{type: object, anyOf: [{required: [a]}, {required: [b]}], properties: {a: {}, b: {default: 1}}}", "{}"),
            (
                "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, properties: {k: {type: string}}}}",
                "[{k: a}, {k: b}]",
            ),
            ("{type: object, not: {required: [a]}}", "{}"),
        ];
        for (schema, object) in cases {
            assert_eq!(judged(schema, object), [""; 0], "{schema} {object}");
        }
    }

    #[test]
    fn what_the_api_server_refuses_is_named_with_its_place() {
        let cases: [(&str, &str, &[&str]); 23] = [
            ("{type: string}", "1", &["3:7 `spec` is a number `1`, not a string (put it in quotes: `\"1\"`)"]),
            ("{type: integer}", "1.5", &["3:7 `spec` is a number `1.5`, not a whole number"]),
            ("{type: object}", "[]", &["3:7 `spec` is a list, not a mapping"]),
            (
                "{x-kubernetes-int-or-string: true}",
                "true",
                &["3:7 `spec` is a boolean `true`, not a whole number or a string"],
            ),
            ("{type: array, items: {type: string}}", "[null]", &["3:8 `spec[0]` is null, not a string"]),
            ("{type: object, required: [a]}", "{}", &["3:1 required field `spec.a` is missing"]),
            (
                "{type: object, required: [a], properties: {a: {type: string}}}",
                "{a: null}",
                &["3:1 required field `spec.a` is missing"],
            ),
            (
                "{type: object, properties: {timeout: {type: string}}}",
                "{timeuot: x}",
                &["3:8 unknown field `spec.timeuot` (did you mean `timeout`?)"],
            ),
            (
                "{type: array, items: {type: object, properties: {a: {type: object}}}}",
                "[{a: {b: 1}}]",
                &[
                    "3:13 unknown field `spec[0].a.b` (remove it, or add it to the schema; the API server drops what the schema does not know)",
                ],
            ),
            ("{type: string, enum: [a, b]}", "c", &["3:7 `spec` is a string `c`, not one of `a`, `b`"]),
            ("{type: string, pattern: '^a+$'}", "b", &["3:7 `spec` is `b`, which does not match `^a+$`"]),
            ("{type: string, maxLength: 1, minLength: 1}", "bb", &["3:7 `spec` is 2 characters long, longer than 1"]),
            ("{type: string, format: date-time}", "'1'", &["3:7 `spec` is `1`, which is no `date-time`"]),
            ("{type: integer, minimum: 1}", "0", &["3:7 `spec` is `0`, which is less than 1"]),
            (
                "{type: number, maximum: 1, exclusiveMaximum: true}",
                "1",
                &["3:7 `spec` is `1`, which has to be less than 1"],
            ),
            ("{type: integer, multipleOf: 5}", "7", &["3:7 `spec` is `7`, which is no multiple of 5"]),
            ("{type: array, minItems: 1}", "[]", &["3:1 `spec` has 0 items, fewer than 1"]),
            (
                "{type: array, x-kubernetes-list-type: set, items: {type: string}}",
                "[a, a]",
                &["3:11 `spec[1]` repeats `a`"],
            ),
            (
                "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, properties: {k: {type: string}}}}",
                "[{k: a}, {k: a}]",
                &["3:16 `spec[1]` repeats `k: a`"],
            ),
            (
                "{type: object, oneOf: [{required: [a]}, {required: [b]}], properties: {a: {}, b: {}}}",
                "{a: 1, b: 2}",
                &[
                    "3:1 `spec` fits 2 alternatives of `oneOf`, exactly one is allowed (exactly one of `a`, `b` may be set)",
                ],
            ),
            (
                "{type: object, anyOf: [{required: [a]}, {required: [b]}]}",
                "{}",
                &["3:1 `spec` fits none of the 2 alternatives of `anyOf` (set one of `a`, `b`)"],
            ),
            (
                "{type: object, not: {required: [a]}, properties: {a: {}}}",
                "{a: 1}",
                &["3:1 `spec` is what the schema forbids with `not`"],
            ),
            (
                "{type: object, x-kubernetes-embedded-resource: true}",
                "{apiVersion: v1}",
                &["3:1 required field `spec.kind` is missing"],
            ),
        ];
        for (schema, object, expected) in cases {
            assert_eq!(judged(schema, object), expected, "{schema} {object}");
        }
    }

    #[test]
    fn metadata_needs_a_name_and_knows_its_fields() {
        let sources = Sources::new();
        let crd = crd(&sources, "{type: object}");
        let cases: [(&str, &[&str]); 6] = [
            ("kind: T\n", &["required field `metadata` is missing"]),
            ("kind: T\nmetadata: {}\n", &["`metadata` has neither `name` nor `generateName`"]),
            ("kind: T\nmetadata: {generateName: a-}\n", &[]),
            (
                "kind: T\nmetadata: {name: My_Thing}\n",
                &["`metadata.name` is `My_Thing`, which is no name of a Kubernetes object"],
            ),
            ("kind: T\nmetadata: {name: a, label: {}}\n", &["unknown field `metadata.label`"]),
            ("kind: T\nmetadata: {name: a, labels: {b: 1}}\n", &["`metadata.labels[\"b\"]` is a number, not a string"]),
        ];
        for (text, expected) in cases {
            let found = violations(&parse(&sources, "example.yaml", text).1, &crd.versions[0], &schema::budget())
                .expect("within the limits");
            let messages: Vec<_> = found.iter().map(|violation| violation.message.as_str()).collect();
            assert_eq!(messages, expected, "{text}");
        }
    }

    #[test]
    fn deep_and_wide_schemas_are_limits_and_neither_crash_nor_hang() {
        let sources = Sources::new();
        let object =
            |spec: &str| parse(&sources, "a.yaml", &format!("kind: T\nmetadata: {{name: a}}\nspec: {spec}\n")).1;
        let deep = format!("{}{{type: object}}{}", "{properties: {a: ".repeat(200), "}}".repeat(200));
        let nested = format!("{}1{}", "{a: ".repeat(400), "}".repeat(400));
        assert_eq!(
            violations(&object(&nested), &crd(&sources, &deep).versions[0], &schema::budget()),
            Err(Exceeded::Depth(schema::DEPTH))
        );
        let deep = format!("{}{{type: object}}{}", "{not: ".repeat(400), "}".repeat(400));
        assert_eq!(
            violations(&object("1"), &crd(&sources, &deep).versions[0], &schema::budget()),
            Err(Exceeded::Depth(schema::DEPTH))
        );
        let fields: Vec<_> = (0..5000).map(|index| format!("f{index}: {{default: 1}}")).collect();
        let fields = fields.join(", ");
        let wide = format!("{{type: array, items: {{type: object, properties: {{{fields}}}}}}}");
        let items = format!("[{}]", "{f1: 1},".repeat(5000));
        assert_eq!(
            violations(&object(&items), &crd(&sources, &wide).versions[0], &schema::budget()),
            Err(Exceeded::Steps(schema::STEPS))
        );
    }
}
