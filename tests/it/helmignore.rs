//! `.helmignore` hides what Helm's own rules hide, which are not git's.

use chartgate::chart::ignore::Ignore;
use proptest::prelude::*;

fn hidden<'a>(patterns: &str, paths: &[&'a str]) -> Vec<&'a str> {
    let (ignore, errors) = Ignore::parse(patterns);
    assert_eq!(errors, [], "{patterns}");
    paths.iter().copied().filter(|path| ignore.excludes(path)).collect()
}

#[test]
fn a_name_without_a_slash_is_found_at_any_depth() {
    assert_eq!(hidden("*.md", &["a.md", "docs/b.md", "docs/c.txt"]), ["a.md", "docs/b.md"]);
}

#[test]
fn a_pattern_with_a_slash_is_matched_from_the_root_and_crosses_none() {
    let paths = ["a.md", "docs/a.md", "docs/deep/a.md"];
    assert_eq!(hidden("/a.md", &paths), ["a.md"]);
    assert_eq!(hidden("docs/*.md", &paths), ["docs/a.md"]);
    assert_eq!(hidden("*/*", &paths), ["docs/a.md", "docs/deep/a.md"]);
    assert_eq!(hidden("docs/deep", &paths), ["docs/deep/a.md"]);
}

#[test]
fn a_slash_at_the_end_hides_folders_alone() {
    assert_eq!(hidden("docs/", &["docs", "docs/a", "x/docs", "x/docs/a"]), ["docs/a", "x/docs/a"]);
}

#[test]
fn an_exclamation_mark_hides_everything_else() {
    assert_eq!(hidden("!*.yaml", &["a.yaml", "b.md", "d/c.yaml"]), ["b.md", "d/c.yaml"]);
    assert_eq!(hidden("a.*\n!a.yaml", &["a.yaml", "b.yaml"]), ["a.yaml", "b.yaml"]);
}

#[test]
fn hidden_files_in_templates_are_always_left_out() {
    assert_eq!(hidden("", &["templates/.a", "templates/a", ".a", "templates/b/.c"]), ["templates/.a"]);
}

#[test]
fn blanks_comments_and_line_ends_of_windows_do_not_count() {
    assert_eq!(hidden("# a\r\n\r\n  b  \r\n", &["# a", "a", "b"]), ["b"]);
}

#[test]
fn patterns_are_gos() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("?", &["a", "é", "ab"], &["a", "é"]),
        ("[a-c]x", &["ax", "dx", "-x"], &["ax"]),
        ("[^a-c]x", &["ax", "dx"], &["dx"]),
        ("[!a]", &["!", "a", "b"], &["!", "a"]),
        ("[\\]]", &["]", "\\"], &["]"]),
        ("\\*", &["*", "a"], &["*"]),
        ("a*b*c", &["abc", "axbxc", "axbx"], &["abc", "axbxc"]),
        ("[*]", &["*", "a"], &["*"]),
    ];
    for (pattern, paths, expected) in cases {
        assert_eq!(hidden(pattern, paths), *expected, "{pattern}");
    }
}

#[test]
fn a_pattern_that_helm_refuses_is_told_with_its_place_and_the_rest_is_read() {
    let (ignore, errors) = Ignore::parse("a\n  b/**\n[c\nd\\\n[]\n[e-]\ng\n");
    let told: Vec<_> = errors.iter().map(|error| (error.pattern.as_str(), error.span.range())).collect();
    assert_eq!(told, [("b/**", 4..8), ("[c", 9..11), ("d\\", 12..14), ("[]", 15..17), ("[e-]", 18..22)]);
    assert!(ignore.excludes("a") && ignore.excludes("g"));
}

/// What a pattern of stars, question marks and letters means, said as a regular expression.
fn as_regex(pattern: &str) -> regex::Regex {
    let parts = pattern.chars().map(|letter| match letter {
        '*' => "[^/]*".to_owned(),
        '?' => "[^/]".to_owned(),
        letter => regex::escape(&letter.to_string()),
    });
    regex::Regex::new(&format!("^{}$", parts.collect::<String>())).expect("a pattern")
}

proptest! {
    #[test]
    fn no_pattern_and_no_path_brings_it_down(patterns in ".{0,40}(\n.{0,20}){0,3}", path in "[^\n]{1,20}") {
        let (ignore, _) = Ignore::parse(&patterns);
        ignore.excludes(&path);
    }

    #[test]
    fn wildcards_match_as_the_same_pattern_does_as_an_expression(
        pattern in r"/[ab?]{0,3}(\*[ab?]{0,2}/?[ab?]){0,3}\*?", path in "[ab]{1,4}(/[ab]{1,3}){0,2}",
    ) {
        prop_assume!(pattern.len() > 1);
        let (ignore, errors) = Ignore::parse(&pattern);
        prop_assert_eq!(errors, []);
        prop_assert_eq!(ignore.matches(&path, false), as_regex(&pattern[1..]).is_match(&path));
    }

    #[test]
    fn a_negated_pattern_hides_just_what_the_pattern_does_not(
        pattern in r"\*?(([ab?]|\\[ab?\[]|\[\^?[ab](-[ab])?\])\*?){1,4}", path in "[ab]{1,4}",
    ) {
        prop_assert_eq!(Ignore::parse(&pattern).1, []);
        let negated = Ignore::parse(&format!("!{pattern}"));
        prop_assert_eq!(negated.1, []);
        prop_assert_ne!(Ignore::parse(&pattern).0.matches(&path, false), negated.0.matches(&path, false));
    }

    #[test]
    fn many_stars_take_no_time(stars in 1_usize..40) {
        let (ignore, _) = Ignore::parse(&format!("{}b", "a*".repeat(stars)));
        prop_assert!(!ignore.matches(&"a".repeat(2000), false));
    }
}

#[test]
fn more_patterns_than_are_read_are_a_failure_that_says_so() {
    let repo = crate::git_repo::Repo::nowhere();
    let patterns = |count| "*a*b?[0-9]\n".repeat(count);
    repo.chart("a", "a", "1.0.0", "").write("a/.helmignore", patterns(1_000));
    let check = |repo: &crate::git_repo::Repo| {
        let arguments = ["check", "a", "--offline", "--select", "version-invalid", "--format", "concise"];
        crate::package::run(repo.root(), &arguments)
    };
    assert_eq!(check(&repo).0, 0);
    repo.write("a/.helmignore", patterns(50_000));
    let (code, out, _) = check(&repo);
    assert!(code == 3 && out.contains("more than 1000 patterns"), "{code} {out}");
}

#[test]
fn patterns_that_take_too_long_on_many_files_are_a_failure_that_says_so() {
    let repo = crate::git_repo::Repo::nowhere();
    repo.write("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    let patterns: String = (0..400).map(|index| "*a".repeat(60) + &format!("x{index}\n")).collect();
    repo.write(".helmignore", patterns);
    for index in 0..200 {
        repo.write(&format!("f/{}{index}", "a".repeat(200)), "");
    }
    let output = crate::cli::program().current_dir(repo.root()).args(["check", "--format", "concise"]).output();
    let output = output.expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.code() == Some(3) && said.contains("`.helmignore` cannot be tried on every file"), "{said}");
    assert!(said.contains("10000000 steps"), "{said}");
}
