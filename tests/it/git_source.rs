//! Repositories are found as git finds them, and a revision is read as a tree of its own.

use chartgate::source::git::{Error, Repository};
use chartgate::source::{Entry, EntryKind, FILE_LIMIT, LinkTarget, Tree};

use crate::git_repo::Repo;

fn repository(repo: &Repo) -> Repository {
    Repository::discover(repo.root()).expect("a repository").expect("one is there")
}

fn listed(entries: &[Entry]) -> Vec<String> {
    let kind = |kind: &EntryKind| match kind {
        EntryKind::File { size } => format!("{size}"),
        EntryKind::Linked { size, link, target: LinkTarget::Inside(target) } => format!("{size} {link} -> {target}"),
        EntryKind::BrokenLink { why } => why.to_string(),
        other => format!("{other:?}"),
    };
    entries.iter().map(|entry| format!("{}: {}", entry.path, kind(&entry.kind))).collect()
}

#[test]
fn a_repository_is_found_upwards_from_a_folder_and_from_a_file() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "").commit();
    for path in ["", "charts/a", "charts/a/Chart.yaml"] {
        let found = Repository::discover(&repo.root().join(path)).expect("readable").expect("a repository");
        assert_eq!(found.root(), Some(repo.root()), "{path}");
    }
}

#[test]
fn no_git_folder_anywhere_above_is_no_repository() {
    let nowhere = Repo::nowhere();
    assert!(Repository::discover(nowhere.root()).expect("readable").is_none());
}

#[test]
fn a_git_folder_that_is_not_one_is_an_error_and_not_silence() {
    for (what, content) in [("empty folder", None), ("file", Some("not a pointer")), ("lost", Some("gitdir: ../gone"))]
    {
        let nowhere = Repo::nowhere();
        match content {
            None => std::fs::create_dir(nowhere.root().join(".git")).expect("writable"),
            Some(content) => _ = nowhere.write(".git", content),
        }
        nowhere.write("charts/a/Chart.yaml", "name: a\n");
        let error = Repository::discover(&nowhere.root().join("charts/a")).expect_err(what);
        assert!(matches!(&error, Error::NotARepository { path, .. } if path.ends_with("/.git")), "{what}: {error}");
        assert!(error.failure().help.is_some(), "{what}");
    }
}

#[test]
fn a_repository_without_a_readable_head_is_an_error() {
    let repo = Repo::new();
    repo.write("a", "1").commit();
    repo.write(".git/HEAD", "garbage");
    Repository::discover(repo.root()).expect_err("HEAD is damaged");
}

#[test]
fn a_repository_whose_configuration_cannot_be_read_is_an_error() {
    let repo = Repo::new();
    repo.write("a", "1").commit();
    let config = repo.root().join(".git/config");
    std::fs::remove_file(&config).expect("it is there");
    Repository::discover(repo.root()).expect("git does without as well");
    std::fs::create_dir(&config).expect("it was removed");
    let error = Repository::discover(repo.root()).expect_err("git does not read a folder");
    assert!(error.to_string().contains(".git/config"), "{error}");
}

#[test]
fn worktrees_submodules_and_bare_clones_are_repositories() {
    let repo = Repo::new();
    let first = repo.chart("charts/a", "a", "1.0.0", "").commit();
    let worktree = repo.beside("worktree");
    repo.git(&["worktree", "add", "--quiet", "--detach", &worktree.display().to_string()]);
    let found = Repository::discover(&worktree.join("charts")).expect("readable").expect("a repository");
    assert_eq!(found.root(), Some(worktree.as_path()));
    assert_eq!(found.head().expect("readable").expect("a commit").id().to_string(), first);

    let outer = Repo::new();
    outer.git(&["submodule", "--quiet", "add", &repo.root().display().to_string(), "sub"]);
    outer.commit();
    let found = Repository::discover(&outer.root().join("sub/charts")).expect("readable").expect("a repository");
    assert_eq!(found.root(), Some(outer.root().join("sub").as_path()));

    let bare = repo.cloned(&["--bare"]);
    let found = Repository::open(bare.root()).expect("a repository");
    assert_eq!(found.root(), None);
    assert_eq!(found.commit("main").expect("a commit").id().to_string(), first);
}

#[test]
fn a_folder_that_is_no_git_folder_cannot_be_opened() {
    let nowhere = Repo::nowhere();
    for path in [nowhere.root().to_owned(), nowhere.root().join("absent")] {
        let error = Repository::open(&path).expect_err("nothing is there");
        assert!(matches!(error, Error::NotARepository { .. }), "{error}");
    }
}

#[test]
fn a_repository_of_another_user_names_the_setting_that_trusts_it() {
    let repo = Repo::new();
    repo.write("a", "1").commit();
    let given_away = std::os::unix::fs::chown(repo.root(), Some(12345), None).is_ok()
        && std::os::unix::fs::chown(repo.root().join(".git"), Some(12345), None).is_ok();
    // Only root can give files away.
    if given_away {
        let error = Repository::discover(repo.root()).expect_err("not trusted");
        assert!(matches!(error, Error::Untrusted { .. }), "{error}");
        let help = error.help().expect("help");
        assert!(
            help.contains(&format!("git config --global --add safe.directory {}", repo.root().display())),
            "{help}"
        );
    }
}

#[test]
fn commits_have_many_names_and_an_unknown_one_says_what_to_do() {
    let repo = Repo::new();
    let first = repo.write("a", "1").commit();
    let second = repo.write("a", "2").commit();
    repo.git(&["tag", "--annotate", "v1", "--message", "v1", &first]);
    let repository = repository(&repo);
    for (name, id) in [("HEAD", &second), ("main", &second), ("HEAD~1", &first), ("v1", &first), (&first[..9], &first)]
    {
        assert_eq!(&repository.commit(name).expect(name).id().to_string(), id, "{name}");
    }
    for name in ["nope", "HEAD~7", "HEAD:a", "", "0123456789012345678901234567890123456789", "a..b"] {
        let error = repository.commit(name).expect_err(name);
        assert_eq!(error, Error::UnknownRevision { name: name.to_owned(), shallow: false });
    }
    let help = repository.commit("origin/main").expect_err("no remote").help().expect("help");
    assert!(help.contains("git fetch origin main"), "{help}");
}

#[test]
fn a_revision_lists_the_asked_folder_and_reads_its_files() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").chart("charts/b", "b", "1.0.0", "").commit();
    let old = repository(&repo).commit("HEAD").expect("a commit");
    repo.write("charts/a/values.yaml", "x: 2\n");
    let paths = listed(&old.list("charts/a").expect("a folder"));
    let expected = ["charts/a/Chart.yaml: 38", "charts/a/templates/configmap.yaml: 16", "charts/a/values.yaml: 5"];
    assert_eq!(paths, expected);
    assert_eq!(old.read("charts/a/values.yaml", FILE_LIMIT).expect("a file"), b"x: 1\n");
    assert_eq!(old.paths_of("Chart.yaml").expect("readable"), ["charts/a/Chart.yaml", "charts/b/Chart.yaml"]);
    assert_eq!(old.list("").expect("the root").len(), 6);

    let message = |result: Result<Vec<u8>, _>| result.map_err(|error: chartgate::source::Error| error.to_string());
    assert_eq!(message(old.read("charts/a", 9)), Err("`charts/a` is a folder".to_owned()));
    assert_eq!(message(old.read("charts/c", 9)), Err("`charts/c` does not exist".to_owned()));
    assert_eq!(
        message(old.read("charts/a/values.yaml/x", 9)),
        Err("`charts/a/values.yaml/x` does not exist".to_owned())
    );
    assert_eq!(
        message(old.read("charts/a/values.yaml", 4)),
        Err("`charts/a/values.yaml` is larger than 4 bytes".to_owned())
    );
    assert_eq!(old.list("charts/a/values.yaml").expect_err("a file").to_string(), "`charts/a/values.yaml` is a file");
}

#[test]
fn links_of_a_revision_are_followed_inside_it() {
    let repo = Repo::new();
    repo.write("shared/a.txt", "aa").write("shared/deep/b.txt", "b").write("c/own", "");
    repo.link("c/file", "../shared/a.txt").link("c/folder", "../shared").link("c/again", "file");
    repo.link("c/gone", "nothing").link("c/out", "/etc/passwd").link("c/up", "../../elsewhere");
    repo.link("c/self", "self").link("c/loop", "../c").link("shared/deep/back", "..");
    repo.commit();
    let revision = repository(&repo).commit("HEAD").expect("a commit");
    // The links' targets on disk do not count.
    std::fs::remove_dir_all(repo.root().join("shared")).expect("it is there");
    let expected = [
        "c/again: 2 c/again -> shared/a.txt",
        "c/file: 2 c/file -> shared/a.txt",
        "c/folder/a.txt: 2 c/folder -> shared",
        "c/folder/deep/b.txt: 1 c/folder -> shared",
        "c/folder/deep/back: leads in a circle",
        "c/gone: leads to nothing",
        "c/loop: leads in a circle",
        "c/out: leads out of the repository or working directory",
        "c/own: 0",
        "c/self: leads in a circle",
        "c/up: leads out of the repository or working directory",
    ];
    let mut entries = listed(&revision.list("c").expect("a folder"));
    entries.sort();
    assert_eq!(entries, expected);
    assert_eq!(revision.read("c/folder/deep/b.txt", 9).expect("through a link"), b"b");
    assert_eq!(revision.blob_id("c/again"), revision.blob_id("shared/a.txt"));
}

#[test]
fn links_to_folders_of_links_do_not_multiply_without_end() {
    let repo = Repo::new();
    for level in 0..30 {
        for twin in ["a", "b"] {
            repo.link(&format!("d{level}/{twin}"), &format!("../d{}", level + 1));
        }
    }
    repo.write("d30/end", "").commit();
    let revision = repository(&repo).commit("HEAD").expect("a commit");
    let error = revision.list("d0").expect_err("a limit");
    assert!(error.to_string().contains("more than 20000 files"), "{error}");
}

#[test]
fn a_submodule_is_seen_as_one() {
    let inner = Repo::new();
    inner.write("a", "1").commit();
    let repo = Repo::new();
    repo.git(&["submodule", "--quiet", "add", &inner.root().display().to_string(), "charts/a/vendored"]);
    repo.commit();
    let revision = repository(&repo).commit("HEAD").expect("a commit");
    assert_eq!(listed(&revision.list("charts/a").expect("a folder")), ["charts/a/vendored: Submodule"]);
    assert_eq!(
        revision.read("charts/a/vendored", 9).expect_err("no file").to_string(),
        "`charts/a/vendored` is a submodule"
    );
}

#[test]
fn objects_that_a_partial_clone_left_out_are_named() {
    let repo = Repo::new();
    repo.write("a", "one").commit();
    repo.write("a", "two").commit();
    let partial = repo.cloned(&["--filter=blob:none"]);
    let old = repository(&partial).commit("HEAD~1").expect("commits are there");
    let error = old.read("a", 9).expect_err("the blob is not there");
    assert_eq!(error.to_string(), "cannot read `a`: `a` is missing in this partial clone");
    assert!(matches!(&old.list("").expect("folders are there")[0].kind, EntryKind::Unreadable { .. }));
}

#[test]
fn a_damaged_object_is_an_error() {
    let repo = Repo::new();
    repo.write("a", "one").commit();
    let blob = repo.git(&["rev-parse", "HEAD:a"]);
    let path = format!(".git/objects/{}/{}", &blob[..2], &blob[2..]);
    std::fs::remove_file(repo.root().join(&path)).expect("it is there");
    repo.write(&path, "garbage");
    let revision = repository(&repo).commit("HEAD").expect("a commit");
    revision.read("a", 9).expect_err("damaged");
}

#[test]
fn git_ignores_what_its_ignore_files_say_unless_it_is_tracked() {
    let repo = Repo::new();
    repo.write(".gitignore", "build/\n*.log\n!keep.log\n/tracked.log\n").write("sub/.gitignore", "local\n");
    repo.write("sub/tracked.log", "").git(&["add", "--force", "sub/tracked.log"]);
    repo.write("build/x", "").write(".git/info/exclude", "private\n");
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message", "a"]);
    let ignores = repository(&repo).ignores().expect("readable");
    let paths = ["build", "build/x", "a.log", "sub/a.log", "sub/local", "private", "sub/private/x", "sub/build/y/z"];
    for path in paths {
        assert_eq!(ignores.is_ignored(path, repo.root().join(path).is_dir()), Ok(true), "{path}");
    }
    for path in ["", "keep.log", "sub/tracked.log", "local", "sub", "buildx"] {
        assert_eq!(ignores.is_ignored(path, repo.root().join(path).is_dir()), Ok(false), "{path}");
    }
}

#[test]
fn an_ignore_file_that_is_no_file_is_an_error_and_not_opened() {
    for name in [".gitignore", "charts/.gitignore"] {
        let repo = Repo::new();
        repo.chart("charts/a", "a", "1.0.0", "").commit();
        let made =
            std::process::Command::new("mkfifo").arg(repo.root().join(name)).status().expect("mkfifo is installed");
        assert!(made.success());
        let error = repository(&repo).ignores().expect("readable").is_ignored("charts/x", true).expect_err(name);
        assert_eq!(error.to_string(), format!("cannot read `{name}`: it is not a regular file"));
    }
}

#[test]
fn submodules_are_what_the_index_says() {
    let (repo, inner) = (Repo::new(), Repo::new());
    inner.write("x", "").commit();
    repo.git(&["submodule", "--quiet", "add", &inner.root().display().to_string(), "sub"]);
    repo.write(".gitmodules", "[submodule \"a\"]\n\tpath = charts/a\n").chart("charts/a", "a", "1.0.0", "").commit();
    assert_eq!(repository(&repo).submodules().expect("readable").into_keys().collect::<Vec<_>>(), ["sub"]);
}

#[test]
fn a_folder_that_looks_like_a_git_folder_is_a_folder() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "").write("charts/a/HEAD", "ref: refs/heads/main\n");
    repo.write("charts/a/config", "[core]\n\tbare = true\n")
        .write("charts/a/objects/x", "")
        .write("charts/a/refs/x", "");
    repo.commit();
    let found = Repository::discover(&repo.root().join("charts/a")).expect("readable").expect("a repository");
    assert_eq!(found.root(), Some(repo.root()));
    let bare = repo.cloned(&["--bare"]);
    assert!(Repository::discover(bare.root()).expect("readable").is_none());
    assert!(Repository::discover_bare(&bare.root().join("refs")).expect("readable").is_some());
}

#[test]
fn the_first_parent_is_known_except_where_a_shallow_clone_ends() {
    let repo = Repo::new();
    let root = repo.write("a", "1").commit();
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    repo.write("b", "1").commit();
    repo.git(&["checkout", "--quiet", "main"]);
    let main = repo.write("a", "2").commit();
    repo.git(&["merge", "--quiet", "--no-ff", "--message", "merge", "side"]);
    let full = repository(&repo);
    let parent = |repository: &Repository, name: &str| {
        let commit = repository.commit(name).expect(name);
        repository.first_parent(&commit).map(|parent| parent.map(|parent| parent.id().to_string()))
    };
    assert_eq!(parent(&full, "HEAD"), Ok(Some(main.clone())));
    assert_eq!(parent(&full, "HEAD~1"), Ok(Some(root)));
    assert_eq!(parent(&full, "HEAD~2"), Ok(None));

    let clone = repo.cloned(&["--depth=2"]);
    let shallow = repository(&clone);
    assert_eq!(parent(&shallow, "HEAD"), Ok(Some(main)));
    let error = parent(&shallow, "HEAD~1").expect_err("the boundary");
    assert!(matches!(error, Error::Shallow { .. }), "{error}");
    assert!(error.help().is_some_and(|help| help.contains("fetch-depth: 0")));
}

#[test]
fn the_merge_base_is_found_across_merges_and_not_guessed_in_shallow_clones() {
    let repo = Repo::new();
    repo.write("a", "1").commit();
    let fork = repo.write("a", "2").commit();
    repo.git(&["checkout", "--quiet", "-b", "feature"]);
    repo.write("b", "1").commit();
    repo.git(&["checkout", "--quiet", "main"]);
    let merged = repo.write("a", "3").commit();
    repo.git(&["checkout", "--quiet", "feature"]);
    let base = |repository: &Repository| {
        let commit = |name: &str| repository.commit(name).expect("a commit");
        let base = repository.merge_base(&commit("origin/feature"), &commit("origin/main"));
        base.map(|base| base.map(|base| base.id().to_string()))
    };
    assert_eq!(base(&repository(&repo.cloned(&[]))), Ok(Some(fork.clone())));
    // Two commits deep, both branches reach the fork; one commit deep, they do not.
    assert_eq!(base(&repository(&repo.cloned(&["--depth=2", "--no-single-branch"]))), Ok(Some(fork)));
    let error = base(&repository(&repo.cloned(&["--depth=1", "--no-single-branch"]))).expect_err("cut off");
    assert!(matches!(error, Error::Shallow { .. }), "{error}");

    repo.git(&["merge", "--quiet", "--message", "merge", "main"]);
    repo.write("b", "2").commit();
    assert_eq!(base(&repository(&repo.cloned(&[]))), Ok(Some(merged)));
    repo.git(&["checkout", "--quiet", "--orphan", "other"]);
    repo.commit();
    let unrelated = repository(&repo);
    let commit = |name: &str| unrelated.commit(name).expect("a commit");
    assert!(unrelated.merge_base(&commit("other"), &commit("main")).expect("readable").is_none());
}
