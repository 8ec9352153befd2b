//! `chartgate bump`: every file that says the version says the new one, and nothing else is another.

use crate::cli::Sample;
use crate::git_repo::Repo;

/// A chart with a package file and a README that name its version, and a chart that takes it.
fn sample() -> Sample {
    let sample = Sample::new();
    sample.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.2.3 # released\n");
    sample.write("charts/a/artifacthub-pkg.yml", "version: '1.2.3'\nname: a\ndisplayName: A\n");
    sample.write("charts/a/README.md", "helm install a --version 1.2.3\nhelm upgrade a --version 1.2.3\n");
    sample.write(".chartgate.yaml", "rules: { package-version-mismatch: { params: { files: [{ file: README.md, regex: '--version (\\S+)' , optional: true }] } } }\n");
    let chart = |range: &str| {
        format!(
            "apiVersion: v2\nname: all\nversion: 1.0.0\ndependencies:\n  - name: a\n    version: \"{range}\" # ours\n    repository: file://../a\n"
        )
    };
    sample.write("charts/all/Chart.yaml", &chart("~1.2.0"));
    sample.write("charts/exact/Chart.yaml", &chart("1.2.3").replace("name: all", "name: exact"));
    sample.write("charts/wide/Chart.yaml", &chart("1.x").replace("name: all", "name: wide"));
    sample
}

#[test]
fn every_place_of_the_version_is_raised_and_layout_stays() {
    let sample = sample();
    let (code, out, err) = sample.run(&["bump", "charts/a", "minor"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.lines().all(|line| line.starts_with("note: ")), "{err}");
    assert_eq!(sample.read("charts/a/Chart.yaml"), "apiVersion: v2\nname: a\nversion: 1.3.0 # released\n");
    assert_eq!(sample.read("charts/a/artifacthub-pkg.yml"), "version: '1.3.0'\nname: a\ndisplayName: A\n");
    assert_eq!(sample.read("charts/a/README.md"), "helm install a --version 1.3.0\nhelm upgrade a --version 1.3.0\n");
    assert!(sample.read("charts/all/Chart.yaml").contains("version: \"~1.3.0\" # ours\n"));
    assert!(sample.read("charts/exact/Chart.yaml").contains("version: \"1.3.0\" # ours\n"));
    assert!(sample.read("charts/wide/Chart.yaml").contains("version: \"1.x\" # ours\n"));
    assert!(
        out.starts_with("charts/a/Chart.yaml:3:10: 1.2.3 → 1.3.0\n") && out.ends_with("a 1.2.3 → 1.3.0\n"),
        "{out}"
    );
}

#[test]
fn a_readme_that_names_the_version_names_the_new_one_and_keeps_others() {
    let sample = Sample::new();
    sample.write(
        "charts/good/README.md",
        "helm install good oci://x/good --version 1.0.0\n\nhelm upgrade good oci://x/good --version 0.9.0\n",
    );
    assert_eq!(sample.run(&["bump", "charts/good", "minor"]).0, 0);
    let raised = "helm install good oci://x/good --version 1.1.0\n\nhelm upgrade good oci://x/good --version 0.9.0\n";
    assert_eq!(sample.read("charts/good/README.md"), raised);
}

#[test]
fn a_range_that_holds_another_version_only_by_hand_is_said() {
    let sample = sample();
    let (code, _, err) = sample.run(&["bump", "charts/a", "major"]);
    assert_eq!(code, 1, "{err}");
    let left: Vec<&str> = err.lines().filter(|line| !line.starts_with("note: ")).collect();
    assert_eq!(left, ["left: `charts/wide`: its range `1.x` does not hold `2.0.0`: write another one by hand"]);
    assert!(sample.read("charts/a/Chart.yaml").contains("version: 2.0.0 # released"));
}

#[test]
fn locks_pin_the_new_version_with_the_digest_that_helm_would_write() {
    let sample = sample();
    assert_eq!(sample.run(&["deps", "--update", "charts/exact"]).0, 0);
    assert!(sample.read("charts/exact/Chart.lock").contains("version: 1.2.3"));
    let (code, _, err) = sample.run(&["bump", "charts/a", "patch"]);
    let note =
        "`charts/exact` has a package of `1.2.3` in `charts/`; `chartgate deps --update charts/exact` writes it anew";
    assert!(code == 0 && err.contains(note), "{code} {err}");
    assert!(sample.read("charts/exact/Chart.lock").contains("version: 1.2.4"));
    let (_, out, _) = sample.run(&["check", "charts/exact", "--select", "dependency-lock-outdated"]);
    assert!(out.starts_with("pass"), "{out}");
}

#[test]
fn diff_touches_nothing_and_a_read_only_file_stops_everything() {
    let sample = sample();
    let (code, out, _) = sample.run(&["bump", "charts/a", "patch", "--diff"]);
    assert_eq!((code, out.matches("diff --git").count()), (0, 4), "{out}");
    assert!(sample.read("charts/a/Chart.yaml").contains("1.2.3"));
    let path = sample.path().join("charts/a/README.md");
    let mut permissions = std::fs::metadata(&path).expect("it is there").permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).expect("it is ours");
    let (code, _, err) = sample.run(&["bump", "charts/a", "patch"]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("nothing was written") && err.contains("it is read-only"), "{err}");
    assert!(sample.read("charts/a/Chart.yaml").contains("1.2.3"));
}

#[test]
fn auto_raises_as_far_as_the_changes_call_for_and_no_further() {
    let repo = Repo::new();
    let write = |path: &str, text: &str| {
        let path = repo.root().join(path);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("writable");
        std::fs::write(path, text).expect("writable");
    };
    let run = |arguments: &[&str]| {
        let output = crate::cli::program().current_dir(repo.root()).args(arguments).output().expect("it starts");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    write("a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.2.3\n");
    write("a/values.yaml", "replicas: 1\n");
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=one"]);
    let (code, out) = run(&["bump", "a", "--against", "HEAD"]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("nothing to raise: nothing that is packaged differs"), "{out}");
    write("a/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    let (code, out) = run(&["bump", "a", "--against", "HEAD"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.ends_with("a 1.2.3 → 1.3.0\n"), "{out}");
    let (code, out) = run(&["bump", "a", "auto", "--against", "HEAD"]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("nothing to raise: `1.3.0` is far enough"), "{out}");
}

#[test]
fn auto_goes_from_one_pre_release_to_the_next() {
    let repo = Repo::new();
    write(&repo, "a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0-rc.1\n");
    write(&repo, "a/values.yaml", "replicas: 1\nsize: 2\n");
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=one"]);
    write(&repo, "a/values.yaml", "replicas: 1\n");
    let (_, out, _) = run(&repo, &["diff", "a", "--against", "HEAD"]);
    assert!(out.ends_with("1.0.0-rc.1 → 1.0.0-rc.2 or later; 1.0.0-rc.1 is not enough\n"), "{out}");
    let (_, out, _) =
        run(&repo, &["check", "a", "--base", "HEAD", "--select", "version-reused,version-step-too-small"]);
    assert!(out.contains("set `version: 1.0.0-rc.2`") && !out.contains("set `version: 1.0.0`"), "{out}");
    let (code, out, _) = run(&repo, &["bump", "a", "--against", "HEAD"]);
    assert!(code == Some(0) && out.ends_with("a 1.0.0-rc.1 → 1.0.0-rc.2\n"), "{out}");
    let (code, out, _) = run(&repo, &["bump", "a", "--against", "HEAD"]);
    assert!(code == Some(0) && out.starts_with("nothing to raise: `1.0.0-rc.2` is far enough"), "{out}");
    write(&repo, "a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n");
    repo.git(&["commit", "--quiet", "--all", "--message=two"]);
    write(&repo, "a/values.yaml", "{}\n");
    write(&repo, "a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 2.0.0-rc.1\n");
    let (code, out, _) = run(&repo, &["bump", "a", "--against", "HEAD"]);
    assert!(code == Some(0) && out.starts_with("nothing to raise: `2.0.0-rc.1` is far enough"), "{out}");
}

#[test]
fn a_reused_version_is_to_become_the_one_that_the_changes_call_for() {
    let repo = Repo::new();
    write(&repo, "a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 0.1.0\n");
    write(&repo, "a/values.yaml", "replicas: 1\nsize: 2\n");
    write(
        &repo,
        "a/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '{{ .Values.size }}'}\n",
    );
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=one"]);
    write(&repo, "a/values.yaml", "replicas: 1\n");
    write(&repo, "a/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    let (_, out, _) = run(&repo, &["check", "a", "--base", "HEAD"]);
    assert!(out.contains("set `version: 0.2.0`; what differs") && !out.contains("0.1.1"), "{out}");
}

#[test]
fn a_version_that_an_anchor_brings_elsewhere_is_left_alone() {
    let sample = Sample::new();
    let text = "apiVersion: v2\nname: a\nversion: &v 1.2.3\nappVersion: *v\n";
    sample.write("charts/a/Chart.yaml", text);
    let (code, out, err) = sample.run(&["bump", "charts/a", "minor"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("cannot be written over: the anchor `v` brings it to other places too"), "{err}");
    assert_eq!(sample.read("charts/a/Chart.yaml"), text);
    sample.write("charts/a/Chart.yaml", &text.replace("*v", "1.2.3"));
    assert_eq!(sample.run(&["bump", "charts/a", "minor"]).0, 0);
    assert!(sample.read("charts/a/Chart.yaml").contains("version: &v 1.3.0\nappVersion: 1.2.3\n"));
}

fn run(repo: &Repo, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = crate::cli::program().current_dir(repo.root()).args(arguments).output().expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A repository whose last commit released `a` and what takes it: `all` takes `a`, `top` takes `all`.
fn released() -> Repo {
    let repo = Repo::new();
    let taking = |name: &str, of: &str, range: &str| {
        format!(
            "apiVersion: v2\nname: {name}\nversion: 1.0.0\ndependencies:\n  - name: {of}\n    version: \"{range}\"\n    repository: file://../{of}\n"
        )
    };
    write(&repo, "a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.2.3\n");
    write(&repo, "a/values.yaml", "replicas: 1\n");
    write(&repo, "all/Chart.yaml", &taking("all", "a", "~1.2.0"));
    write(&repo, "top/Chart.yaml", &taking("top", "all", "1.0.0"));
    write(&repo, "wide/Chart.yaml", &taking("wide", "a", "1.x"));
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=one"]);
    repo
}

fn write(repo: &Repo, path: &str, text: &str) {
    let path = repo.root().join(path);
    std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("writable");
    std::fs::write(path, text).expect("writable");
}

fn read(repo: &Repo, path: &str) -> String {
    std::fs::read_to_string(repo.root().join(path)).expect("it is there")
}

#[test]
fn charts_that_have_other_content_by_a_new_range_are_raised_too() {
    let repo = released();
    write(&repo, "a/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    let (code, out, err) = run(&repo, &["bump", "a"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(read(&repo, "a/Chart.yaml").contains("version: 1.3.0\n"));
    assert!(read(&repo, "all/Chart.yaml").contains("version: 1.1.0\n"), "{out}{}", read(&repo, "all/Chart.yaml"));
    assert!(read(&repo, "all/Chart.yaml").contains("version: \"~1.3.0\"\n"));
    assert!(read(&repo, "top/Chart.yaml").contains("version: \"1.1.0\"\n"), "{out}{}", read(&repo, "top/Chart.yaml"));
    let wide = read(&repo, "wide/Chart.yaml");
    assert!(
        wide.contains("version: 1.1.0\n") && wide.contains("version: \"1.x\"\n"),
        "its range holds the new version: {wide}"
    );
    assert!(out.ends_with("a 1.2.3 → 1.3.0\nall 1.0.0 → 1.1.0\ntop 1.0.0 → 1.1.0\nwide 1.0.0 → 1.1.0\n"), "{out}");
    let reused = run(
        &repo,
        &["check", "--offline", "--select", "version-reused,version-step-too-small,dependency-constraint-invalid"],
    );
    assert_eq!(reused.0, Some(0), "{}{}", reused.1, reused.2);
}

#[test]
fn a_chart_above_that_was_raised_already_keeps_its_version() {
    let repo = released();
    write(&repo, "a/values.yaml", "replicas: 2\n");
    let all = read(&repo, "all/Chart.yaml").replace("version: 1.0.0", "version: 2.0.0-rc.1 # ours");
    write(&repo, "all/Chart.yaml", &all);
    let (code, out, err) = run(&repo, &["bump", "a", "minor"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert_eq!(read(&repo, "all/Chart.yaml"), all.replace("~1.2.0", "~1.3.0"));
    assert!(!out.contains("top"), "{out}");
}

#[test]
fn where_nobody_knows_what_went_out_the_charts_above_are_named() {
    let sample = sample();
    let (code, out, err) = sample.run(&["bump", "charts/a", "minor"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("note: `charts/exact` has other content now; `chartgate bump charts/exact patch` raises it from `1.0.0`, if that went out: "), "{err}");
    assert!(err.contains("note: `charts/wide` has other content now"), "its package holds the chart: {err}");
    assert_eq!(sample.run(&["bump", "charts/exact", "patch"]).0, 0);
}

#[test]
fn a_chart_that_is_taken_twice_is_written_over_twice() {
    let sample = sample();
    let twice = "apiVersion: v2\nname: twice\nversion: 1.0.0\ndependencies:\n  - {name: a, version: 1.2.3, repository: \"file://../a\"}\n  - {name: a, version: ^1.2.0, repository: \"file://../a\", alias: b}\n";
    sample.write("charts/twice/Chart.yaml", twice);
    assert_eq!(sample.run(&["deps", "--update", "charts/twice"]).0, 0);
    let (code, out, err) = sample.run(&["bump", "charts/a", "2"]);
    assert_eq!(code, 2, "{out}{err}");
    let (code, out, err) = sample.run(&["bump", "charts/a", "minor"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(sample.read("charts/twice/Chart.yaml"), twice.replace("1.2.3", "1.3.0"));
    assert_eq!(sample.read("charts/twice/Chart.lock").matches("version: 1.3.0").count(), 2);
    let (_, out, _) = sample.run(&["check", "charts/twice", "--select", "dependency-lock-outdated"]);
    assert!(out.starts_with("pass"), "{out}");
}

#[test]
fn a_chart_that_cannot_be_compared_is_raised_by_name() {
    let repo = released();
    let template = "{{ required \"name it\" .Values.name }}\n";
    write(&repo, "a/templates/a.yaml", template);
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=two"]);
    write(&repo, "a/values.yaml", "replicas: 2\n");
    let (code, _, err) = run(&repo, &["bump", "a", "--against", "HEAD"]);
    assert_eq!(code, Some(3), "{err}");
    let help = "  help: say how far: `chartgate bump a patch`, `minor` or `major`; what could be compared calls for `1.2.4` at least\n";
    assert!(err.ends_with(help), "{err}");
    assert_eq!(run(&repo, &["bump", "a", "patch"]).0, Some(1), "the charts above cannot be compared either");
    assert!(read(&repo, "a/Chart.yaml").contains("version: 1.2.4"));
}

#[test]
fn a_version_keeps_its_quotes_and_what_has_none_is_said() {
    let sample = Sample::new();
    let chart = |version: &str| format!("apiVersion: v2\nname: a\n{version}\n");
    for (version, expected) in [
        // With a `v` no range finds it in a registry.
        ("version: v1.2.3", "version: 1.3.0"),
        ("\"version\": '1.2.3'\t# x", "\"version\": '1.3.0'\t# x"),
        ("version: 1.2", "version: 1.3.0"),
        ("? version\n: 1.2.3", "? version\n: 1.3.0"),
    ] {
        sample.write("charts/a/Chart.yaml", &chart(version));
        assert_eq!(sample.run(&["bump", "charts/a", "minor"]).0, 0, "{version}");
        assert_eq!(sample.read("charts/a/Chart.yaml"), chart(expected));
    }
    for (version, why) in [
        ("version: >-\n  1.2.3", "cannot be written over: write it out on the line of its key first"),
        ("type: application", "`charts/a` has no version"),
        ("version: next", "cannot raise the version `next` of `charts/a`: it is no version"),
    ] {
        sample.write("charts/a/Chart.yaml", &chart(version));
        let (code, _, err) = sample.run(&["bump", "charts/a", "minor"]);
        assert!(code == 2 && err.contains(why), "{version}: {err}");
    }
}

/// A chart at the root of its repository that holds one in `charts/`, which holds another, and one that takes that by `file://`.
fn nested() -> Repo {
    let repo = Repo::new();
    let holding = |name: &str, of: &str, range: &str| {
        format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\ndependencies:\n  - name: {of}\n    version: {range}\n")
    };
    write(&repo, "Chart.yaml", &holding("top", "middle", "1.0.0"));
    write(&repo, "charts/middle/Chart.yaml", &holding("middle", "low", "~1.2.0"));
    write(&repo, "charts/middle/charts/low/Chart.yaml", "apiVersion: v2\nname: low\nversion: 1.2.3\n");
    write(&repo, "charts/middle/charts/low/values.yaml", "replicas: 1\n");
    let taking = "apiVersion: v2\nname: beside\nversion: 1.0.0\ndependencies:\n  - name: low\n    version: 1.2.3\n    repository: file://../low\n";
    write(&repo, "charts/middle/charts/beside/Chart.yaml", taking);
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=one"]);
    repo
}

#[test]
fn charts_that_hold_a_raised_one_are_raised_with_it() {
    let repo = nested();
    let low = "charts/middle/charts/low";
    write(&repo, &format!("{low}/values.yaml"), "replicas: 2\n");
    let (code, out, err) = run(&repo, &["bump", low]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(read(&repo, &format!("{low}/Chart.yaml")).contains("version: 1.2.4\n"), "{out}");
    let middle = read(&repo, "charts/middle/Chart.yaml");
    assert!(middle.contains("\nversion: 1.0.1\n") && middle.contains("    version: ~1.2.0\n"), "{middle}");
    let top = read(&repo, "Chart.yaml");
    assert!(top.contains("\nversion: 1.0.1\n") && top.contains("    version: 1.0.1\n"), "{top}");
    let beside = read(&repo, "charts/middle/charts/beside/Chart.yaml");
    assert!(beside.contains("\nversion: 1.0.1\n") && beside.contains("    version: 1.2.4\n"), "{beside}");
}

#[test]
fn a_chart_at_the_root_is_raised_where_only_one_that_it_holds_has_moved() {
    let repo = nested();
    let low = "charts/middle/charts/low/Chart.yaml";
    write(&repo, low, &read(&repo, low).replace("1.2.3", "1.2.9"));
    let (code, out, err) = run(&repo, &["bump", "."]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert_eq!(out, "Chart.yaml:3:10: 1.0.0 → 1.0.1\ntop 1.0.0 → 1.0.1\n");
}

#[cfg(unix)]
#[test]
fn a_chart_that_holds_another_through_a_link_is_raised_with_it() {
    let repo = Repo::new();
    write(&repo, "low/Chart.yaml", "apiVersion: v2\nname: low\nversion: 1.2.3\n");
    write(&repo, "top/Chart.yaml", "apiVersion: v2\nname: top\nversion: 1.0.0\n");
    repo.link("top/charts/low", "../../low");
    repo.commit();
    write(&repo, "low/values.yaml", "replicas: 2\n");
    let (code, out, err) = run(&repo, &["bump", "low"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(
        out.ends_with("low 1.2.3 → 1.3.0\ntop 1.0.0 → 1.1.0\n")
            || out.ends_with("low 1.2.3 → 1.2.4\ntop 1.0.0 → 1.0.1\n"),
        "{out}"
    );
}
