//! Nothing in a checkout is executed, whatever its files and git configurations name, and nothing outside it is printed.

use std::path::{Path, PathBuf};

use crate::cli::program;
use crate::git_repo::Repo;

/// A repository with a chart whose folder is a git folder as well, as a pull request may bring it, and a program that must not run.
struct Hostile {
    repo: Repo,
    canary: PathBuf,
}

impl Hostile {
    fn new() -> Self {
        let repo = Repo::new();
        let canary = repo.beside("ran");
        let hostile = Self { repo, canary };
        hostile.repo.chart("charts/a", "a", "1.0.0", "a: 1\n").commit();
        hostile.repo.remote_branch("main", "HEAD").write("charts/a/.gitattributes", "* filter=x diff=x merge=x\n");
        hostile.repo.write(".gitattributes", "* filter=x diff=x\n").write("charts/a/values.yaml", "a: 2\n");
        hostile.embed();
        hostile.repo.write(".gitconfig-of-the-tree", hostile.configuration("")).commit();
        hostile.repo.write("charts/a/values.yaml", "a: 3\n");
        hostile
    }

    /// A configuration whose every program is the canary.
    fn configuration(&self, core: &str) -> String {
        let run = format!("touch {}", self.canary.display());
        format!(
            "[core]\n\trepositoryformatversion = 0\n{core}\tfsmonitor = {run}\n\tsshCommand = {run}\n\tpager = {run}\n\
             \thooksPath = {hooks}\n[filter \"x\"]\n\tclean = {run} && cat\n\tsmudge = {run} && cat\n\tprocess = {run}\n\
             \trequired = true\n[diff \"x\"]\n\ttextconv = {run}\n\tcommand = {run}\n[credential]\n\thelper = !{run}\n",
            hooks = self.repo.root().join("hooks").display(),
        )
    }

    /// Makes the chart's folder a git folder with a working tree of its own.
    fn embed(&self) {
        let folder = self.repo.root().join("charts/a");
        let git = |arguments: &[&str]| {
            let (folder, arguments) = (folder.display().to_string(), arguments.to_vec());
            let of_folder = [format!("--git-dir={folder}"), format!("--work-tree={folder}")];
            let all: Vec<&str> = of_folder.iter().map(String::as_str).chain(arguments).collect();
            self.repo.git(&all);
        };
        git(&["init", "--quiet", "--initial-branch=main"]);
        git(&["add", "--force", "Chart.yaml", "values.yaml", "templates"]);
        git(&["commit", "--quiet", "--message", "one"]);
        git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        std::fs::remove_dir_all(folder.join("hooks")).expect("git made it");
        self.repo.write("charts/a/config", self.configuration("\tbare = false\n\tworktree = .\n"));
    }

    fn run(&self, working_dir: &Path, arguments: &[&str]) -> String {
        let home = self.repo.beside("home");
        std::fs::create_dir_all(&home).expect("a folder can be made");
        let mut command = program();
        command.current_dir(working_dir).args(arguments).env("HOME", home);
        let output = command.output().expect("the program starts");
        assert!(output.status.code().is_some_and(|code| code < 4), "{arguments:?}: {output:?}");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }
}

/// Every command, each on one chart.
const COMMANDS: [&[&str]; 14] = [
    &["check"],
    &["check", "charts/a"],
    &["check", "--changed"],
    &["check", "--at", "HEAD"],
    &["check", "--base", "HEAD"],
    &["check", "--files", "charts/a/values.yaml"],
    &["changed"],
    &["diff", "charts/a"],
    &["images", "charts/a"],
    &["render", "charts/a"],
    &["package", "charts/a", "--destination", "out"],
    &["explain", "version-reused"],
    &["rules"],
    &["init"],
];

#[test]
fn no_program_of_a_checkout_is_run_by_any_command() {
    let hostile = Hostile::new();
    for arguments in COMMANDS {
        hostile.run(hostile.repo.root(), arguments);
        assert!(!hostile.canary.exists(), "`{}` runs it", arguments.join(" "));
    }
    let inside = hostile.repo.root().join("charts/a");
    for arguments in [&["check"][..], &["check", "."], &["changed"], &["diff"], &["check", "--at", "HEAD"]] {
        hostile.run(&inside, arguments);
        assert!(!hostile.canary.exists(), "`{}` in the chart runs it", arguments.join(" "));
    }
}

#[test]
fn no_program_that_the_configuration_of_the_repository_names_is_run_either() {
    let hostile = Hostile::new();
    let git = std::fs::read_to_string(hostile.repo.root().join(".git/config")).expect("git made it");
    let include = "[include]\n\tpath = ../.gitconfig-of-the-tree\n";
    hostile.repo.write(".git/config", format!("{git}{include}{}", hostile.configuration("\tbare = false\n")));
    for arguments in COMMANDS {
        hostile.run(hostile.repo.root(), arguments);
        assert!(!hostile.canary.exists(), "`{}` runs it", arguments.join(" "));
    }
}

/// A chart with every kind of link to a secret beside the repository, and to one that git keeps.
fn with_links(repo: &Repo) {
    let secret = repo.beside("secret");
    std::fs::write(&secret, "{THE-SECRET: [").expect("writable");
    repo.chart("charts/a", "a", "1.0.0", "a: 1\n").write("other/.git/config", "THE-SECRET");
    repo.write("charts/a/templates/x.yaml", "{{ fail (.Files.Get \"notes\") }}{{ fail (.Files.Get \"git\") }}");
    for name in ["values-prod.yaml", "notes", "values.schema.json", "crds/x.yaml", "artifacthub-pkg.yml"] {
        let up = "../".repeat(2 + name.matches('/').count());
        repo.link(&format!("charts/a/{name}"), &format!("{up}../secret"));
    }
    repo.link("charts/a/git", "../../other/.git/config").link("charts/b", "../../beside");
    repo.link("charts/.helmignore", "../../secret");
}

#[test]
fn nothing_outside_is_printed_with_a_repository_and_without_one_and_with_a_false_one() {
    let makes: [fn(&Repo); 3] = [
        |_| {},
        |repo| _ = repo.git(&["init", "--quiet", "--initial-branch=main"]),
        |repo| {
            repo.git(&["init", "--quiet", "--initial-branch=main"]);
            repo.write("charts/a/HEAD", "ref: refs/heads/main\n").write("charts/a/config", "[core]\n\tbare = true\n");
            repo.write("charts/a/objects/x", "").write("charts/a/refs/x", "");
        },
    ];
    for (index, make) in makes.into_iter().enumerate() {
        let hostile = Hostile { repo: Repo::nowhere(), canary: PathBuf::new() };
        with_links(&hostile.repo);
        make(&hostile.repo);
        let commands = [
            &["check", "charts/a"][..],
            &["check", "charts/a", "--format", "json"],
            &["check", "charts/a", "--values", "charts/a/values-prod.yaml"],
            &["render", "charts/a"],
            &["render", "charts/a", "--values", "charts/a/values-prod.yaml"],
            &["images", "charts/a"],
            &["diff", "charts/a", "--against", "charts/b"],
            &["package", "charts/a", "--destination", "out"],
        ];
        for arguments in commands {
            let said = hostile.run(hostile.repo.root(), arguments);
            assert!(!said.contains("THE-SECRET"), "{index}: `{}` prints {said}", arguments.join(" "));
        }
    }
}
