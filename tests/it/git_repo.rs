//! Real git repositories in temporary folders, built by the real `git`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

/// A repository of its own, removed with the value.
pub(crate) struct Repo {
    folder: TempDir,
    root: PathBuf,
    /// Number of commits made: no two of them are the same, however fast they follow.
    commits: AtomicUsize,
}

impl Repo {
    /// An empty repository on branch `main`.
    pub(crate) fn new() -> Self {
        let repo = Self::nowhere();
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo
    }

    /// A folder without git.
    pub(crate) fn nowhere() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("the folder exists").join("repo");
        std::fs::create_dir(&root).expect("the folder is writable");
        Self { folder, root, commits: AtomicUsize::new(0) }
    }

    /// A clone with further arguments for `git clone`, as `--depth=1`.
    pub(crate) fn cloned(&self, arguments: &[&str]) -> Self {
        let clone = Self::nowhere();
        let url = format!("file://{}", self.root.display());
        // Both are needed for clones that leave something out.
        self.git(&["config", "uploadpack.allowFilter", "true"]);
        self.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let target = clone.root.display().to_string();
        clone.git(&[&["clone", "--quiet"], arguments, &[&url, &target]].concat());
        clone
    }

    /// The working tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path beside the working tree, for further clones and worktrees.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().expect("the folder exists").join(name)
    }

    /// Runs git in the working tree; gives what it printed, without the last line break.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(&self.root)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("HOME", "/nonexistent")])
            .envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.org")])
            .envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.org")])
            .args(["-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .output()
            .expect("git is installed");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {}: {errors}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("git prints UTF-8").trim_end().to_owned()
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder is writable");
        std::fs::write(path, text).expect("the file is writable");
        self
    }

    /// Writes a chart of three files.
    pub(crate) fn chart(&self, folder: &str, name: &str, version: &str, values: &str) -> &Self {
        self.write(&format!("{folder}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: {version}\n"));
        self.write(&format!("{folder}/values.yaml"), values);
        self.write(&format!("{folder}/templates/configmap.yaml"), "kind: ConfigMap\n")
    }

    /// Puts a symbolic link.
    pub(crate) fn link(&self, path: &str, target: &str) -> &Self {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("a link has a folder")).expect("the folder is writable");
        std::os::unix::fs::symlink(target, path).expect("the link can be made");
        self
    }

    /// Commits everything; gives the commit's id.
    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        let commit = self.commits.fetch_add(1, Ordering::Relaxed) + 1;
        self.git(&["commit", "--quiet", "--allow-empty", "--message", &format!("change {commit}")]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Lets `refs/remotes/origin/NAME` point to a revision, as a fetch would.
    pub(crate) fn remote_branch(&self, name: &str, revision: &str) -> &Self {
        self.git(&["update-ref", &format!("refs/remotes/origin/{name}"), revision]);
        self
    }
}
