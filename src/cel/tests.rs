//! Expressions, from their source to their value.

use super::*;

fn scope() -> Scope {
    let values = serde_json::json!({"b": 1, "a": {"tag": "1.2"}, "list": (0..1000).collect::<Vec<_>>()});
    BTreeMap::from([("values", from_json(&values))])
}

fn evaluated(source: &str) -> String {
    match Expression::compile(source, &["values"]) {
        Ok(expression) => match expression.evaluate(&scope(), &budget()) {
            Ok(value) => show(&value),
            Err(reason) => format!("no value: {reason}"),
        },
        Err(mistake) => format!("{}: {} {:?}", mistake.offset, mistake.message, mistake.help),
    }
}

#[test]
fn expressions_see_integers_as_int_and_mappings_in_the_order_of_keys() {
    let cases = [
        ("values.b == 1", "true"),
        ("values.map(k, k)", "[a, b, list]"),
        ("values.list.filter(x, x > 997)", "[998, 999]"),
        ("values.a.tag.startsWith('1') && values.a.tag.upperAscii() == '1.2'", "true"),
        ("values.?missing.orValue('none')", "none"),
        ("has(values.a.digest)", "false"),
        ("compareVersions('1.10.0', '1.9.0') > 0 && semver('1.2.3-rc.1').prerelease == 'rc.1'", "true"),
        ("isSemver('1.2')", "false"),
        ("quantity('500m') < quantity('1') && quantity('1Gi') == 1073741824.0 && !isQuantity('1GB')", "true"),
        ("imageRef('ghcr.io/a/b:c').tag", "c"),
        ("'v1.2'.find('[0-9.]+')", "1.2"),
        ("isDigest('sha256:abc')", "false"),
    ];
    for (source, value) in cases {
        assert_eq!(evaluated(source), value, "{source}");
    }
}

#[test]
fn lists_are_sets_and_values_get_names() {
    let cases = [
        ("sets.contains(['a', 'b'], ['b']) && !sets.contains(['a'], ['b'])", "true"),
        ("sets.equivalent([1, 2, 2], [2, 1]) && !sets.equivalent([1], [1, 2])", "true"),
        ("sets.intersects([1, 2], [2, 3]) && !sets.intersects([1], []) && sets.contains([], [])", "true"),
        ("cel.bind(n, values.b + 1, n * n)", "4"),
        ("[1, 2].map(x, cel.bind(y, x + 1, cel.bind(z, y * 2, z + x)))", "[5, 8]"),
        ("cel.bind(l, values.list, sets.intersects(l, [l.size() - 1]))", "true"),
        ("cel.bind(n, 1)", "0: unknown name `cel` None"),
    ];
    for (source, value) in cases {
        assert_eq!(evaluated(source), value, "{source}");
    }
    assert!(evaluated("cel.bind(n, 1, m)").contains("unknown name `m`"));
    assert!(evaluated("values.list.map(x, sets.contains(values.list, values.list))").contains("steps"));
}

#[test]
fn what_rules_of_definitions_call_is_what_the_api_server_says() {
    let cases = [
        (
            "duration('90m').getHours() == 1 && duration('90s').getMinutes() == 1 && duration('-1.5s').getSeconds() == -1",
            "true",
        ),
        ("duration('1h') > duration('59m') && duration('1m') + duration('1s') == duration('61s')", "true"),
        ("duration('1.5s').getMilliseconds() % 1000 == 500", "true"),
        ("timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-01T00:00:00.5Z')", "true"),
        ("timestamp('2026-01-01T02:00:00+02:00') == timestamp('2026-01-01T00:00:00Z')", "true"),
        (
            "isIP('10.0.0.1') && isIP('::1') && !isIP('10.0.0.01') && !isIP('::ffff:10.0.0.1') && !isIP('10.0.0.0/8')",
            "true",
        ),
        (
            "ip('::1').family() == 6 && ip('0.0.0.0').isUnspecified() && ip('2001:DB8:0::1') == ip('2001:db8::1')",
            "true",
        ),
        (
            "isCIDR('10.0.0.0/8') && isCIDR('::/0') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08') && !isCIDR('10.0.0.0')",
            "true",
        ),
        ("cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))", "true"),
        ("cidr('0.0.0.0/0').containsCIDR('10.0.0.0/8') && !cidr('10.0.0.0/8').containsCIDR(cidr('0.0.0.0/0'))", "true"),
        ("cidr('::/0').containsIP('10.0.0.1')", "false"),
        ("cidr('10.0.0.0/8').prefixLength()", "8"),
        ("isURL('https://a.io/x?y') && isURL('/x') && !isURL('a.io') && !isURL('') && !isURL('http://a b')", "true"),
        ("url('https://a.io:8443/x').getScheme() + ' ' + url('https://a.io:8443/x').getHost()", "https a.io:8443"),
        ("url('https://a.io:8443/x').getHostname() + ' ' + url('https://a.io:8443/x').getPort()", "a.io 8443"),
        ("url('http://[::1]:80/').getHostname()", "::1"),
        ("quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('1').compareTo(quantity('1000m')) == 0", "true"),
        ("quantity('-1').sign()", "-1"),
        ("semver('1.2.3').major() == 1 && semver('1.2.3').minor() == 2 && semver('1.2.3').patch() == 3", "true"),
        ("semver('1.2.3').isLessThan(semver('1.10.0')) && semver('2.0.0').isGreaterThan(semver('2.0.0-rc.1'))", "true"),
        ("semver('1.2.3+a').compareTo(semver('1.2.3+b'))", "0"),
        ("isSemver('v1.0') || isSemver('1.2.3.4') || isSemver('01.2.3', false)", "false"),
        ("isSemver('v1.0', true) && isSemver('01.01.01', true) && !isSemver('1.2-rc', true)", "true"),
        ("semver('v1.2', true) == semver('1.2.0') && semver('1', true).compareTo(semver('1.0.0')) == 0", "true"),
    ];
    for (source, value) in cases {
        assert_eq!(evaluated(source), value, "{source}");
    }
    for source in
        ["duration('1 day')", "timestamp('yesterday')", "ip('a')", "cidr('10.0.0.1')", "url('a.io')", "semver('v1')"]
    {
        assert!(evaluated(source).starts_with("no value: "), "{source}: {}", evaluated(source));
    }
}

#[test]
fn mistakes_point_into_the_expression_and_suggest() {
    let cases = [
        ("valeus.b == 1", "0: unknown name `valeus` Some(\"did you mean `values`?\")"),
        ("'é' == '' || valeus.b", "14: unknown name `valeus` Some(\"did you mean `values`?\")"),
        ("values.a.tag.startWith('1')", "13: unknown function `startWith` Some(\"did you mean `startsWith`?\")"),
        ("values.list.exists(x, y > 1)", "22: unknown name `y` None"),
    ];
    for (source, said) in cases {
        assert_eq!(evaluated(source), said, "{source}");
    }
    assert!(evaluated("values.b ==").starts_with("11: not an expression:"), "{}", evaluated("values.b =="));
}

#[test]
fn an_absent_key_and_a_wrong_type_have_no_value() {
    assert_eq!(evaluated("values.c"), "no value: there is no key `c`; ask with `has(…)` first");
    assert!(evaluated("values.b > 'a'").starts_with("no value: "), "{}", evaluated("values.b > 'a'"));
    let expression = Expression::compile("values.b", &["values"]).expect("compiles");
    assert_eq!(expression.holds(&scope(), &budget()), Err("`values.b` is int, not true or false".to_owned()));
}

#[test]
fn loops_and_growing_values_are_bounded() {
    let nested = "values.list.all(a, values.list.all(b, values.list.all(c, a + b + c >= 0)))";
    assert_eq!(evaluated(nested), "no value: the expression takes more than 200000 steps");
    let doubling = format!("['{}']{}", "x".repeat(64), ".map(a, a + a)".repeat(30));
    assert_eq!(evaluated(&doubling), "no value: the expression builds a value larger than 1048576");
}

#[test]
fn what_would_be_made_is_measured_before_it_is_there() {
    let text = format!("'{}'", "x".repeat(3_000));
    let too_large = "no value: the expression builds a value larger than 1048576";
    assert_eq!(evaluated(&format!("{text}.replace('x', {text}).size()")), too_large);
    assert_eq!(evaluated(&format!("{text}.replace('', {text}).size()")), too_large);
    assert_eq!(evaluated(&format!("{text}.replace('x', 'yy', 10).size()")), "3010");
    assert_eq!(evaluated("'abab'.replace('b', '')"), "aa");
}

#[test]
fn what_functions_read_and_lists_hold_is_counted() {
    let over = "no value: the expression takes more than 200000 steps";
    let hostile = [
        format!("values.list.all(a, values.list.all(b, '{}'.contains('z') || true))", "x".repeat(3_000)),
        format!("values.list.all(a, values.list.all(b, '{}'.matches('z') || true))", "x".repeat(3_000)),
        "values.list.map(a, values.list).map(a, a).map(a, a) == []".to_owned(),
        "values.list.map(a, [values, values, values]).size() > 0".to_owned(),
        "values.list.all(a, values.list == values.list)".to_owned(),
        "values.list.all(a, a in values.list)".to_owned(),
    ];
    for expression in hostile {
        assert_eq!(evaluated(&expression), over, "{expression}");
    }
}

#[test]
fn a_rule_has_one_budget_for_all_that_it_judges() {
    let expression = Expression::compile("values.list.all(x, x >= 0)", &["values"]).expect("compiles");
    let budget = Budget::new(10_000, 1);
    let ended = (0..100).map(|_| expression.evaluate(&scope(), &budget).map(|_| ())).find(Result::is_err);
    assert_eq!(ended, Some(Err("the rule takes more than 10000 steps".to_owned())));
}

#[test]
fn hostile_expressions_end_in_a_mistake_on_a_small_stack() {
    let hostile = || {
        for source in [
            "(".repeat(4000),
            format!("{}1{}", "(".repeat(4000), ")".repeat(4000)),
            "!".repeat(4000),
            "1+".repeat(4000),
            format!("{}1", "1+".repeat(3000)),
            format!("{}1", "1 ? 1 : ".repeat(900)),
            format!("values{}", ".a".repeat(4000)),
            format!("values{}", "[0]".repeat(2000)),
            format!("{}true", "true || ".repeat(900)),
            "x".repeat(100_000),
            format!("{}1", "-".repeat(4000)),
            "!".repeat(399) + "true",
            "1+".repeat(399) + "1",
            format!("'a'{}", ".trim()".repeat(195)),
            format!("'a'{}", ".replace('a', 'b')".repeat(130)),
            "1 ? 1 : ".repeat(199) + "1",
            format!("values{}", ".a".repeat(399)),
            format!("values{}", "[0]".repeat(399)),
            format!("{}1{}", "(".repeat(32), ")".repeat(32)),
            format!("{}true{}", "[1].all(x, ".repeat(16), ")".repeat(16)),
            "1 in ".repeat(1000) + "1",
            "\\'(".repeat(1000),
        ] {
            let _ = evaluated(&source);
        }
    };
    let thread = std::thread::Builder::new().stack_size(4 * 1024 * 1024).spawn(hostile).expect("a thread");
    thread.join().expect("no panic");
}
