//! Judges an object against the schema of its version.

use super::Version;
use crate::budget::{Budget, Exceeded};
use crate::schema::{self, Custom, Judged};
use crate::yaml::Node;

/// What the API server would say of an object of a version. Group, version and kind are not looked at.
///
/// # Errors
/// Where schema and object cost more than is left.
pub fn judge(object: &Node, version: &Version, budget: &Budget) -> Result<Judged, Exceeded> {
    let custom = Custom { schema: version.schema.as_ref(), unknown: version.unknown, drops_status: version.has_status };
    schema::custom(object, custom, budget)
}

#[cfg(test)]
mod tests {
    use super::super::Crd;
    use super::*;
    use crate::schema::Violation;
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
        let found = judge(&object, &crd.versions[0], &schema::budget()).expect("within the limits");
        let shown = |violation: Violation| {
            let position = sources.start(violation.location);
            let help = violation.help.map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{position} {}{help}", violation.message)
        };
        found.violations.into_iter().map(shown).collect()
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
            ("{type: string, nullable: true, enum: [a, null]}", "null"),
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
        let cases: [(&str, &str, &[&str]); 25] = [
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
            (
                "{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {a: 1}}}",
                &["3:73 `spec.metadata.labels.a` is a number `1`, not a string (put it in quotes: `\"1\"`)"],
            ),
            ("{type: string, nullable: true, enum: [aa, bb]}", "null", &["3:7 `spec` is null, not one of `aa`, `bb`"]),
        ];
        for (schema, object, expected) in cases {
            assert_eq!(judged(schema, object), expected, "{schema} {object}");
        }
    }

    /// What a rule says of a spec, and what it is left to the API server for.
    fn ruled(schema: &str, object: &str) -> Vec<String> {
        let sources = Sources::new();
        let crd = crd(&sources, schema);
        let text = format!("apiVersion: x.io/v1\nkind: T\nmetadata: {{name: a}}\nspec: {object}\n");
        let (_, object) = parse(&sources, "example.yaml", &text);
        let judged = judge(&object, &crd.versions[0], &schema::budget()).expect("within the limits");
        let found = judged.violations.iter();
        let found = found.map(|violation| format!("{} {}", sources.start(violation.location), violation.message));
        found.chain(judged.unjudged.iter().map(|rule| format!("unjudged: {}", rule.reason))).collect()
    }

    #[test]
    fn rules_of_a_schema_are_evaluated_on_its_values() {
        let with = |fields: &str, rule: &str| {
            format!("{{type: object, properties: {{{fields}}}, x-kubernetes-validations: [{{{rule}}}]}}")
        };
        let number = "a: {type: integer}, b-c: {type: integer, default: 5}";
        let cases = [
            (with(number, "rule: 'self.a < 3'"), "{a: 2}", ""),
            // What the schema knows may be absent, and the API server takes the error for a refusal.
            (
                with(number, "rule: 'self.a < 3'"),
                "{b-c: 1}",
                "4:1 `spec` breaks a rule of its definition: `self.a < 3`: there is no key `a`; ask with `has(…)` first",
            ),
            (
                with(number, "rule: 'self.a < 3'"),
                "{a: 3}",
                "4:1 `spec` breaks a rule of its definition: `self.a < 3` does not hold",
            ),
            (
                with(number, "rule: 'self.a < 3', message: too much, fieldPath: .a"),
                "{a: 3}",
                "4:8 `spec` breaks a rule of its definition: too much",
            ),
            (
                with(
                    number,
                    "rule: 'self.a < self.b__dash__c', messageExpression: '\"at most \" + string(self.b__dash__c)'",
                ),
                "{a: 7}",
                "4:1 `spec` breaks a rule of its definition: at most 5",
            ),
            (with(number, "rule: '!has(self.a) || self.a > 3'"), "{}", ""),
            // A new object has no earlier one, and the word may be a value.
            (
                with(number, "optionalOldSelf: true, rule: '!oldSelf.hasValue() || self.a == oldSelf.value().a'"),
                "{a: 1}",
                "",
            ),
            (
                with("m: {type: string}", "optionalOldSelf: true, rule: 'oldSelf.hasValue() || self.m != \"oldSelf\"'"),
                "{m: oldSelf}",
                "4:1 `spec` breaks a rule of its definition: `oldSelf.hasValue() || self.m != \"oldSelf\"` does not hold",
            ),
            (
                with("ratio: {type: number}", "rule: 'self.ratio / 2.0 < 1.0'"),
                "{ratio: 3}",
                "4:1 `spec` breaks a rule of its definition: `self.ratio / 2.0 < 1.0` does not hold",
            ),
            (with("namespace: {type: string}", "rule: 'self.__namespace__ == \"x\"'"), "{namespace: x}", ""),
            (
                with("l: {type: array, items: {type: string}}", "rule: 'self.l.all(x, x.startsWith(\"a\"))'"),
                "{l: [a, ab]}",
                "",
            ),
            (
                with(
                    "m: {type: object, additionalProperties: {type: integer}}",
                    "rule: 'self.m.all(k, self.m[k] > 0)'",
                ),
                "{m: {a-b: 1}}",
                "",
            ),
        ];
        for (schema, object, expected) in cases {
            assert_eq!(ruled(&schema, object).join("\n"), expected, "{schema} {object}");
        }
    }

    #[test]
    fn rules_that_cannot_be_evaluated_refuse_nothing_and_are_said() {
        let with = |rule: &str| {
            format!(
                "{{type: object, properties: {{t: {{type: string, format: date-time}}, d: {{type: string, format: duration}}, a: {{type: string}}}}, x-kubernetes-validations: [{{rule: '{rule}'}}]}}"
            )
        };
        let cases = [
            ("self == oldSelf", "{a: x}", ""),
            ("isSorted(self.a)", "{a: x}", "unjudged: unknown name or method `isSorted`"),
            ("isURL(self.a)", "{a: \"https://a.io\"}", ""),
            (
                "url(self.a).getScheme() == \"https\"",
                "{a: \"http://a.io\"}",
                "4:1 `spec` breaks a rule of its definition: `url(self.a).getScheme() == \"https\"` does not hold",
            ),
            ("self.t < timestamp(\"2027-01-01T00:00:00Z\")", "{t: \"2026-01-01T00:00:00Z\"}", ""),
            (
                "self.d <= duration(\"1h\")",
                "{d: 61m}",
                "4:1 `spec` breaks a rule of its definition: `self.d <= duration(\"1h\")` does not hold",
            ),
            ("self.d <= duration(\"1h\")", "{d: 1 day}", "unjudged: `d` has the format `duration`"),
            ("self.missing > 1", "{a: x}", "unjudged: there is no key `missing`; ask with `has(…)` first"),
            ("self.t < \"2026\"", "{t: \"2026-01-01T00:00:00Z\"}", "unjudged: `<` does not take double and string"),
            ("self.a", "{a: x}", "unjudged: it is string, not true or false"),
            ("(((", "{a: x}", "unjudged: not an expression"),
            // What does not fit the schema is not asked.
            ("false", "{a: 1}", "4:11 `spec.a` is a number `1`, not a string"),
        ];
        for (rule, object, expected) in cases {
            let said = ruled(&with(rule), object).join("\n");
            assert!(said.starts_with(expected) && (said.is_empty() == expected.is_empty()), "{rule}: {said}");
        }
    }

    #[test]
    fn patterns_that_go_cannot_read_are_said() {
        let expected = "unjudged: it is a pattern that Go cannot read";
        assert_eq!(ruled("{type: string, pattern: '^(?=a)'}", "b"), [expected]);
    }

    #[test]
    fn rules_without_end_are_a_limit() {
        let list: Vec<_> = (0..2000).map(|index| index.to_string()).collect();
        let schema = "{type: array, items: {type: integer}, x-kubernetes-validations: [{rule: 'self.all(x, self.all(y, self.all(z, x + y + z >= 0)))'}]}";
        let said = ruled(schema, &format!("[{}]", list.join(", ")));
        assert_eq!(said, ["unjudged: the expression takes more than 200000 steps"]);
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
            ("kind: T\nmetadata: {name: a, labels: {b: 1}}\n", &["`metadata.labels.b` is a number `1`, not a string"]),
        ];
        for (text, expected) in cases {
            let found = judge(&parse(&sources, "example.yaml", text).1, &crd.versions[0], &schema::budget())
                .expect("within the limits");
            let messages: Vec<_> = found.violations.iter().map(|violation| violation.message.as_str()).collect();
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
            judge(&object(&nested), &crd(&sources, &deep).versions[0], &schema::budget()),
            Err(Exceeded::Depth(schema::DEPTH))
        );
        let deep = format!("{}{{type: object}}{}", "{not: ".repeat(400), "}".repeat(400));
        assert_eq!(
            judge(&object("1"), &crd(&sources, &deep).versions[0], &schema::budget()),
            Err(Exceeded::Depth(schema::DEPTH))
        );
        let fields: Vec<_> = (0..5000).map(|index| format!("f{index}: {{default: 1}}")).collect();
        let fields = fields.join(", ");
        let wide = format!("{{type: array, items: {{type: object, properties: {{{fields}}}}}}}");
        let items = format!("[{}]", "{f1: 1},".repeat(5000));
        assert_eq!(
            judge(&object(&items), &crd(&sources, &wide).versions[0], &schema::budget()),
            Err(Exceeded::Steps(schema::STEPS))
        );
    }
}
