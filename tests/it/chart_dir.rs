//! A chart in a folder is loaded as Helm would package it, and everything wrong with it has a place.

use std::path::Path;
use std::sync::Arc;

use chartgate::chart::{Chart, Found, ProblemKind, discover, load};
use chartgate::source::dir::WorkingTree;
use chartgate::source::{BlobId, Dir, EntryKind, Error, LinkFault, Tree};
use chartgate::text::Sources;

use crate::git_repo::Repo;

const CHART: &str = "apiVersion: v2\nname: a\nversion: 1.0.0\n";

fn folder(root: &Path) -> Arc<dyn Tree> {
    Arc::new(Dir::folder(root).expect("a folder"))
}

/// A working tree in which git ignores `out` and knows a submodule at `c/empty`.
#[derive(Debug)]
struct Git;

impl WorkingTree for Git {
    fn is_ignored(&self, path: &str, _: bool) -> Result<bool, String> {
        Ok(path == "out")
    }

    fn is_submodule(&self, path: &str) -> Result<bool, String> {
        Ok(path == "c/empty")
    }

    fn commit(&self, _: &str) -> Option<String> {
        None
    }

    fn left_out(&self) -> Result<&[String], String> {
        Ok(&[])
    }

    fn content(&self, _: &str, _: &Path) -> Option<BlobId> {
        None
    }
}

fn repository(root: &Path) -> Arc<dyn Tree> {
    Arc::new(Dir::repository(root, Arc::new(Git)).expect("a folder"))
}

/// A chart `c` whose Chart.yaml is as given.
fn with_chart_yaml(text: impl AsRef<[u8]>) -> Repo {
    let repo = Repo::nowhere();
    repo.write("c/Chart.yaml", text);
    repo
}

fn problems(chart: &Chart, sources: &Sources) -> Vec<String> {
    let lines = chart.with_dependencies().into_iter().flat_map(|chart| &chart.problems).map(|problem| {
        let at = sources.start(problem.location);
        format!("{}:{at} {:?}: {}", sources.path(problem.location), problem.kind, problem.message)
    });
    lines.collect()
}

fn failures(chart: &Chart) -> Vec<String> {
    chart.failures.iter().map(|failure| format!("{}: {}", failure.kind, failure.message)).collect()
}

/// What loading the folder `c` of a folder finds wrong.
fn found(repo: &Repo) -> Vec<String> {
    let sources = Sources::new();
    let chart = load(&folder(repo.root()), "c", &sources);
    assert_eq!(failures(&chart), [""; 0]);
    problems(&chart, &sources)
}

fn packaged(chart: &Chart) -> Vec<&str> {
    chart.files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn the_files_are_those_that_helm_would_package() {
    let repo = with_chart_yaml(CHART);
    repo.write("c/.helmignore", "*.bak\n/docs/\n").write("c/values.yaml", "a: 1\n").write("c/x.bak", "");
    repo.write("c/docs/a.md", "").write("c/sub/docs/b.md", "").write("c/templates/.hidden", "");
    repo.write("c/templates/a.yaml", "\u{feff}kind: A\n").write("c/requirements.yaml", "").write("c/charts/_no/x", "");
    let chart = load(&folder(repo.root()), "c", &Sources::new());
    let expected = [".helmignore", "Chart.yaml", "sub/docs/b.md", "templates/a.yaml", "values.yaml"];
    assert_eq!(packaged(&chart), expected);
    assert_eq!(&*chart.file("templates/a.yaml").expect("packaged").data, b"kind: A\n");
    assert_eq!((chart.path.as_str(), chart.name(), chart.version()), ("c", Some("a"), Some("1.0.0")));
    assert_eq!(chart.problems, []);
}

#[test]
fn files_that_helmignore_hides_are_still_looked_at_where_the_gate_needs_them() {
    let repo = with_chart_yaml(CHART);
    repo.write("c/.helmignore", "values-*\nexamples/\nartifacthub-*\n").write("c/values-prod.yaml", "a: 1\n");
    repo.write("c/values.schema.yaml", "a: 1\n").write("c/examples/deep/a.yaml", "kind: A\n---\nkind: B\n");
    repo.write("c/artifacthub-pkg.yml", "name: a\n").write("artifacthub-repo.yml", "repositoryID: x\n");
    let chart = load(&folder(repo.root()), "c", &Sources::new());
    let paths = |files: &[chartgate::chart::YamlFile]| files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&chart.values_files), ["values-prod.yaml"]);
    assert_eq!(paths(&chart.examples), ["examples/deep/a.yaml"]);
    assert_eq!(chart.examples[0].documents.len(), 2);
    assert_eq!(chart.package.expect("there").path, "artifacthub-pkg.yml");
    assert_eq!(chart.repository.expect("there").path, "../artifacthub-repo.yml");
}

#[test]
fn a_template_kept_as_an_example_is_no_broken_yaml() {
    let repo = with_chart_yaml(CHART);
    repo.write("c/examples/a.yaml", "{{ if .x }}\nkind: A\n{{ end }}\n").write("c/examples/b.yaml", "kind: [\n");
    let sources = Sources::new();
    let chart = load(&folder(repo.root()), "c", &sources);
    let broken: Vec<_> = problems(&chart, &sources).iter().map(|line| line[..18].to_owned()).collect();
    assert_eq!(broken, ["c/examples/b.yaml:"]);
}

#[test]
fn a_folder_without_a_chart_yaml_is_an_invalid_chart() {
    let repo = Repo::nowhere();
    repo.write("c/values.yaml", "");
    assert_eq!(found(&repo), ["c/Chart.yaml:1:1 ChartInvalid: there is no Chart.yaml"]);
    std::fs::create_dir(repo.root().join("c/Chart.yaml")).expect("writable");
    assert_eq!(found(&repo), ["c/Chart.yaml:1:1 ChartInvalid: Chart.yaml is a folder, not a file"]);
    std::fs::remove_dir_all(repo.root().join("c")).expect("it is there");
    assert_eq!(found(&repo), ["c/Chart.yaml:1:1 ChartInvalid: `c` does not exist"]);
    repo.write("c/Chart.yaml", CHART).write("c/.helmignore", "/Chart.yaml\n");
    assert_eq!(found(&repo), ["c/Chart.yaml:1:1 ChartInvalid: `.helmignore` hides Chart.yaml"]);
}

#[test]
fn a_chart_yaml_that_helm_cannot_load_is_reported_where_it_goes_wrong() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "1:1 ChartInvalid: Chart.yaml is empty"),
        (b"# nothing\n", "1:1 ChartInvalid: Chart.yaml is empty"),
        (b"- a\n", "1:1 ChartInvalid: `Chart.yaml` holds a list, not a mapping"),
        (b"apiVersion: v2\nname: \xff\n", "2:7 ChartInvalid: `Chart.yaml` is not UTF-8 text"),
        (
            b"apiVersion: v2\nname: a\nversion: 1.0.0\n---\nname: b\n",
            "5:1 ChartInvalid: a second YAML document stands in Chart.yaml, which Helm does not read",
        ),
        (
            b"name: a\nversion: 1.0.0\nname: b\n",
            "1:1 YamlKeyDuplicate: `name` is set again on line 3, so this value is void",
        ),
        (
            b"name: a\nversion: 1.0.0\nannotations:\n  x: 1\n  y: 2\n  x: 3\n",
            "4:3 YamlKeyDuplicate: `annotations.x` is set again on line 6, so this value is void",
        ),
        (b"name: a\n", "1:1 ChartInvalid: Chart.yaml has no `version`"),
        (b"name: a/b\nversion: 1.0.0\n", "1:7 ChartInvalid: the name `a/b` has a `/` in it"),
        (b"name: a\nversion: one\n", "2:10 ChartInvalid: the version `one` is not a semantic version"),
        (b"name: [a]\nversion: 1.0.0\n", "1:7 ChartInvalid: `name` is a list, not a string"),
        (
            b"name: a\nversion: 1.0.0\ntype: job\n",
            "3:7 ChartInvalid: `type` is `job`, neither `application` nor `library`",
        ),
        (
            b"apiVersion: v4\nname: a\nversion: 1.0.0\n",
            "1:13 ChartInvalid: `apiVersion` is `v4`, neither `v1` nor `v2`",
        ),
        (b"name: a\nversion: 1.0.0\nmaintainers:\n-\n", "4:2 ChartInvalid: an entry of `maintainers` is empty"),
        (
            b"name: a\nversion: 1.0.0\ndependencies:\n- name: x\n- {name: y, alias: x}\n",
            "5:3 ChartInvalid: two dependencies have the name or alias `x`",
        ),
        (
            b"name: a\nversion: 1.0.0\ndependencies:\n- {name: y, alias: x.y}\n",
            "4:20 ChartInvalid: the alias `x.y` of a dependency has characters other than letters, digits, `_` and `-`",
        ),
    ];
    for (text, expected) in cases {
        let name = String::from_utf8_lossy(text);
        assert_eq!(found(&with_chart_yaml(text)), [format!("c/Chart.yaml:{expected}")], "{name}");
    }
    let tabs = found(&with_chart_yaml("name: a\nannotations:\n\tx: 1\n"));
    assert!(tabs.len() == 1 && tabs[0].starts_with("c/Chart.yaml:3:"), "{tabs:?}");
}

#[test]
fn what_helm_makes_a_string_or_nothing_is_no_problem() {
    let text =
        "name: 12\nversion: 1.2\nappVersion: 1.10\ndeprecated: yes\nannotations: {a: 1, b: null}\nkeywords:\n---\n";
    assert_eq!(found(&with_chart_yaml(text)), [""; 0]);
}

#[test]
fn too_deep_or_too_bulky_yaml_is_no_crash() {
    let repo = with_chart_yaml("[".repeat(100_000));
    let chart = load(&folder(repo.root()), "c", &Sources::new());
    assert_eq!(failures(&chart), ["limit: cannot read `c/Chart.yaml`: nested more than 500 levels deep"]);
    assert_eq!(chart.problems, []);
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let previous = format!("*a{}, ", level - 1).repeat(10);
        laughs = format!("{laughs}a{level}: &a{level} [{previous}]\n");
    }
    let found = found(&with_chart_yaml(laughs));
    assert!(
        found[0].ends_with("`Chart.yaml` is not valid YAML: the document contains excessive aliasing"),
        "{found:?}"
    );
}

#[test]
fn files_beside_chart_yaml_are_judged_by_what_helm_reads_them_into() {
    let cases: &[(&str, &str, &str)] = &[
        ("values.yaml", "- a\n", "1:1 YamlInvalid: `values.yaml` holds a list, not a mapping"),
        ("values.yaml", "a: 1\n---\nb\n", "3:1 YamlInvalid: `values.yaml` holds a string, not a mapping"),
        ("values.schema.json", "{\"a\": }", "1:7 YamlInvalid: `values.schema.json` is not valid JSON: expected value"),
        (
            "values.schema.json",
            "\u{feff}{}",
            "1:1 YamlInvalid: `values.schema.json` begins with a byte order mark, and `helm lint` refuses it",
        ),
        ("artifacthub-pkg.yml", "x\n", "1:1 YamlInvalid: `artifacthub-pkg.yml` holds a string, not a mapping"),
        ("Chart.lock", "dependencies: x\n", "1:15 YamlInvalid: `dependencies` is a string, not a list"),
        (
            "charts/README.md",
            "x\n",
            "1:1 ChartInvalid: `charts/README.md` is not a chart, and Helm takes everything in `charts/` for one",
        ),
        ("charts/b/x", "x\n", "1:1 ChartInvalid: there is no Chart.yaml"),
        (
            "charts/b.tgz",
            "x\n",
            "1:1 ArchiveInvalid: `c/charts/b.tgz` is not a chart archive: it is not compressed with gzip",
        ),
        (
            ".helmignore",
            "a\n  a/**/b\n",
            "2:3 HelmignoreInvalid: Helm refuses the pattern `a/**/b`: `**` is not supported by Helm",
        ),
        (".helmignore", "[a\n", "1:1 HelmignoreInvalid: Helm refuses the pattern `[a`: the pattern is malformed"),
    ];
    for (path, text, expected) in cases {
        let repo = with_chart_yaml(CHART);
        repo.write(&format!("c/{path}"), text);
        let found = found(&repo);
        let at = if path == &"charts/b/x" { "charts/b/Chart.yaml" } else { path };
        assert_eq!(found, [format!("c/{at}:{expected}")], "{path}: {text}");
    }
    let repo = with_chart_yaml(CHART);
    repo.write("c/crds/a.yaml", "a: [\n")
        .write("c/crds/b.json", "{\n\t\"a\": 1\n}\n")
        .write("c/crds/README.md", "a: [");
    let found = found(&repo);
    assert!(found.len() == 1 && found[0].contains("CrdInvalid: `crds/a.yaml` is not valid YAML"), "{found:?}");
}

#[test]
fn a_file_that_helm_finds_too_large_is_a_problem_unless_it_is_ignored() {
    let repo = with_chart_yaml(CHART);
    repo.write("c/big", vec![0; 5 * 1024 * 1024 + 1]).write("c/fits", vec![0; 5 * 1024 * 1024]);
    let message = "`big` has 5242881 bytes, more than the 5242880 that Helm takes in a file";
    assert_eq!(found(&repo), [format!("c/big:1:1 FileTooLarge: {message}")]);
    repo.write("c/.helmignore", "big\n");
    assert_eq!(found(&repo), [""; 0]);
}

#[test]
fn a_chart_that_is_too_large_in_all_is_a_problem_and_is_not_read_whole() {
    let repo = with_chart_yaml(CHART);
    let file = std::fs::File::create(repo.root().join("c/0")).expect("writable");
    file.set_len(5 * 1024 * 1024).expect("a sparse file");
    for number in 1..=20 {
        std::fs::hard_link(repo.root().join("c/0"), repo.root().join(format!("c/{number}"))).expect("writable");
    }
    let message = "the chart's files are larger than 104857600 bytes together";
    assert_eq!(found(&repo), [format!("c/Chart.yaml:1:1 FileTooLarge: {message}")]);
}

#[test]
fn links_are_followed_and_those_that_leave_the_chart_are_told() {
    let repo = with_chart_yaml(CHART);
    repo.write("shared/a.yaml", "a").write("shared/b.yaml", "b").write("c/own", "own");
    repo.link("c/templates", "../shared").link("c/README.md", "../shared/a.yaml").link("c/again", "own");
    let sources = Sources::new();
    let chart = load(&repository(repo.root()), "c", &sources);
    assert_eq!(packaged(&chart), ["Chart.yaml", "README.md", "again", "own", "templates/a.yaml", "templates/b.yaml"]);
    assert_eq!(&*chart.file("again").expect("packaged").data, b"own");
    let expected = [
        "c/README.md:1:1 SymlinkOutside: `README.md` is a link to `shared/a.yaml`, outside the chart, whose content is packaged",
        "c/templates:1:1 SymlinkOutside: `templates` is a link to `shared`, outside the chart, whose content is packaged",
    ];
    assert_eq!(problems(&chart, &sources), expected);
}

#[test]
fn links_that_cannot_be_followed_are_errors_and_none_is_followed_for_ever() {
    let repo = with_chart_yaml(CHART);
    repo.write("d/x", "");
    repo.link("c/gone", "nowhere").link("c/self", "self").link("c/up", "..").link("c/deep/there", "../../d");
    repo.link("d/back", "../c/deep").link("c/out", "/etc/hostname").link("c/git", "../.git/config");
    repo.write(".git/config", "");
    let sources = Sources::new();
    let chart = load(&repository(repo.root()), "c", &sources);
    assert_eq!(packaged(&chart), ["Chart.yaml", "deep/there/x"]);
    let expected = [
        "c/deep/there/back:1:1 SymlinkBroken: the link `deep/there/back` leads in a circle",
        "c/deep/there:1:1 SymlinkOutside: `deep/there` is a link to `d`, outside the chart, whose content is packaged",
        "c/git:1:1 SymlinkBroken: the link `git` leads into a `.git` folder",
        "c/gone:1:1 SymlinkBroken: the link `gone` leads to nothing",
        "c/out:1:1 SymlinkBroken: the link `out` leads out of the repository or working directory",
        "c/self:1:1 SymlinkBroken: the link `self` leads in a circle",
        "c/up:1:1 SymlinkBroken: the link `up` leads in a circle",
    ];
    assert_eq!(problems(&chart, &sources), expected);
    repo.write("c/.helmignore", "gone\nself\nup\nout\ngit\ndeep/\n");
    let sources = Sources::new();
    let chart = load(&repository(repo.root()), "c", &sources);
    // Helm resolves a link before it looks whether it is ignored.
    assert_eq!(problems(&chart, &sources), ["c/gone:1:1 SymlinkBroken: the link `gone` leads to nothing"]);
}

#[test]
fn links_that_double_at_every_step_end_at_a_limit() {
    let repo = with_chart_yaml(CHART);
    for level in 0..30 {
        repo.write(&format!("deep/{level}/x"), "");
        for name in ["a", "b"] {
            repo.link(&format!("deep/{level}/{name}"), &format!("../{}", level + 1));
        }
    }
    repo.write("deep/30/x", "").link("c/start", "../deep/0");
    let tree = folder(repo.root());
    assert!(matches!(tree.list("c"), Err(Error::TooMany { .. })));
}

#[test]
fn a_link_leads_no_further_than_the_boundary() {
    let repo = with_chart_yaml(CHART);
    std::fs::write(repo.beside("outside"), "text").expect("writable");
    repo.link("c/x", "../../outside");
    let message = "the link `x` leads out of the repository or working directory";
    assert_eq!(found(&repo), [format!("c/x:1:1 SymlinkBroken: {message}")]);
    let above = repo.root().parent().map(Path::to_path_buf);
    let wider: Arc<dyn Tree> = Arc::new(Dir::folder(repo.root()).expect("a folder").within(above));
    assert_eq!(wider.read("c/x", 9).as_deref(), Ok(&b"text"[..]));
}

#[test]
fn no_link_leads_into_what_git_keeps() {
    let repo = with_chart_yaml(CHART);
    repo.write("other/.git/config", "token").write(".GIT/config", "token").write(".git/config", "token");
    for (name, target) in
        [("a", "../other/.git/config"), ("b", "../other/.git"), ("d", "../.GIT/config"), ("e", "../.git")]
    {
        repo.link(&format!("c/{name}"), target);
    }
    for tree in [folder(repo.root()), repository(repo.root())] {
        let links = tree.list("c").expect("readable").into_iter().filter(|entry| entry.path != "c/Chart.yaml");
        let kinds: Vec<EntryKind> = links.map(|entry| entry.kind).collect();
        assert_eq!(kinds, vec![EntryKind::BrokenLink { why: LinkFault::Git }; 4]);
        for path in ["c/a", "c/b/config", "c/d", "other/.git/config", ".git/config", ".GIT/config"] {
            assert!(matches!(tree.read(path, 9), Err(Error::BrokenLink { .. })), "{path}");
        }
    }
}

#[test]
fn a_submodule_in_a_chart_is_a_failure() {
    let repo = with_chart_yaml(CHART);
    repo.write("c/files/lib/.git", "gitdir: elsewhere\n").write("c/files/lib/x", "");
    repo.write(".gitmodules", "[submodule \"a\"]\n\tpath = c/templates\n").write("c/templates/x.yaml", "");
    std::fs::create_dir(repo.root().join("c/empty")).expect("writable");
    let chart = load(&repository(repo.root()), "c", &Sources::new());
    let expected =
        ["git: the submodule `c/empty` is part of the chart", "git: the submodule `c/files/lib` is part of the chart"];
    assert_eq!(failures(&chart), expected);
    assert_eq!(packaged(&chart), ["Chart.yaml", "templates/x.yaml"], "`.gitmodules` can say what it likes");
}

#[test]
fn what_is_no_file_is_not_opened() {
    let repo = with_chart_yaml(CHART);
    let pipe = repo.root().join("c/pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is installed");
    assert!(made.success());
    let message = "`pipe` is a socket, pipe or device, with which Helm refuses the chart";
    assert_eq!(found(&repo), [format!("c/pipe:1:1 ChartInvalid: {message}")]);
    assert!(matches!(folder(repo.root()).read("c/pipe", 9), Err(Error::WrongKind { .. })));
}

#[test]
fn an_unreadable_file_is_a_failure_and_not_a_finding() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = with_chart_yaml(CHART);
    repo.write("c/values.yaml", "a: 1\n");
    let path = repo.root().join("c/values.yaml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("it is ours");
    if std::fs::read(&path).is_ok() {
        println!("skipped: this user may read every file");
        return;
    }
    let chart = load(&folder(repo.root()), "c", &Sources::new());
    assert_eq!(failures(&chart), ["read: cannot read `c/values.yaml`: Permission denied (os error 13)"]);
    assert_eq!(chart.problems, []);
}

#[test]
fn paths_lead_no_higher_than_the_root() {
    let repo = with_chart_yaml(CHART);
    std::fs::write(repo.beside("outside"), "text").expect("writable");
    for path in ["../outside", "/etc/hostname", "c/../../outside"] {
        assert!(matches!(folder(repo.root()).read(path, 9), Err(Error::NotFound { .. })), "{path}");
    }
}

fn charts(tree: &Arc<dyn Tree>, path: &str) -> Vec<String> {
    let name = |found| match found {
        Found::Folder(folder) => folder,
        Found::Archive(file) => format!("archive {file}"),
    };
    discover(tree.as_ref(), path).expect("readable").charts.into_iter().map(name).collect()
}

#[test]
fn charts_are_found_below_a_path_but_not_inside_another_charts_charts() {
    let repo = Repo::nowhere();
    for path in ["charts/a", "charts/a/charts/sub", "charts/a/tests/b", "charts/a/charts/sub/x", "other/c", "out/d"] {
        repo.write(&format!("{path}/Chart.yaml"), CHART);
    }
    repo.write("e/Chart.yaml/x", "").write("e.tgz", "").link("charts/linked", "../charts/a").link("f", "other/c");
    repo.write("plain/x", "");
    let tree = repository(repo.root());
    assert_eq!(charts(&tree, ""), ["charts/a", "charts/a/tests/b", "e", "other/c"]);
    assert_eq!(charts(&tree, "charts/a/charts"), ["charts/a/charts/sub", "charts/a/charts/sub/x"]);
    assert_eq!(charts(&tree, "charts/a/Chart.yaml"), ["charts/a"]);
    assert_eq!(charts(&tree, "out/d"), ["out/d"]);
    assert_eq!(charts(&tree, "f"), ["f"]);
    assert_eq!(charts(&tree, "e.tgz"), ["archive e.tgz"]);
    assert_eq!(charts(&tree, "plain"), [""; 0]);
    assert!(matches!(discover(tree.as_ref(), "nothing"), Err(Error::NotFound { .. })));
}

#[test]
fn a_chart_that_the_one_around_it_does_not_package_is_a_chart_of_its_own() {
    let repo = Repo::nowhere();
    for path in ["", "charts/a", "charts/b", "charts/_c", "charts/a/charts/d"] {
        repo.write(format!("{path}/Chart.yaml").trim_start_matches('/'), CHART);
    }
    let tree = folder(repo.root());
    assert_eq!(charts(&tree, ""), ["", "charts/_c"]);
    repo.write(".helmignore", "charts/a/\n");
    assert_eq!(charts(&tree, ""), ["", "charts/_c", "charts/a"]);
}

#[test]
fn what_could_not_be_looked_into_is_told() {
    let repo = with_chart_yaml(CHART);
    repo.write("sub/.git", "gitdir: elsewhere\n")
        .write("sub/Chart.yaml", CHART)
        .link("away", "..")
        .link("gone", "nothing");
    repo.write("c/charts/x/.git", "gitdir: elsewhere\n");
    let unseen = discover(repository(repo.root()).as_ref(), "").expect("readable").unseen;
    let paths: Vec<&str> = unseen.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, ["away", "sub"], "what lies in a chart is told when the chart is loaded");
}

#[test]
fn sub_charts_are_charts_and_what_they_ship_stands_where_helm_puts_it() {
    let repo = with_chart_yaml("apiVersion: v1\nname: a\nversion: 1.0.0\n");
    repo.write("c/requirements.yaml", "dependencies:\n- {name: b, version: 1.x, alias: bee}\n")
        .write("c/.helmignore", "*.md\n");
    repo.write("c/charts/folder/Chart.yaml", "name: b\nversion: 1.0.0\n").write("c/charts/folder/README.md", "");
    repo.write("c/charts/folder/charts/d/Chart.yaml", "name: d\nversion: 1.0.0\n").write("c/charts/x.prov", "");
    let chart = load(&folder(repo.root()), "c", &Sources::new());
    let expected = [
        ".helmignore",
        "Chart.yaml",
        "charts/b/Chart.yaml",
        "charts/b/charts/d/Chart.yaml",
        "charts/x.prov",
        "requirements.yaml",
    ];
    assert_eq!(packaged(&chart), expected);
    assert_eq!(chart.file("charts/b/charts/d/Chart.yaml").expect("there").shown, "c/charts/folder/charts/d/Chart.yaml");
    let names: Vec<_> = chart.with_dependencies().iter().map(|chart| chart.path.clone()).collect();
    assert_eq!(names, ["c", "c/charts/folder", "c/charts/folder/charts/d"]);
    let declared = chart.declared();
    assert_eq!((declared[0].name, declared[0].key(), declared[0].version), (Some("b"), Some("bee"), Some("1.x")));
    assert!(chart.problems.iter().all(|problem| problem.kind != ProblemKind::ChartInvalid));
}

#[test]
fn an_example_is_a_template_only_where_an_action_stands_outside_of_comments() {
    for (text, is_said) in [
        ("a: { b: 1\n# {{ c }}\n", true),
        ("a: { b: 1 # {{ c }}\n", true),
        ("a: {{ .Values.b }}\n", false),
        ("a: { b: 1\n", true),
    ] {
        let repo = with_chart_yaml(CHART);
        repo.write("c/examples/e.yaml", text);
        assert_eq!(!found(&repo).is_empty(), is_said, "{text}");
    }
}
