//! `file-unwanted`: a file that nobody means to publish is in the package.

use std::collections::BTreeSet;

use super::secrets;
use crate::chart::File;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::source::lfs;
use crate::text::Address;

/// What a file is whose name says that there are secrets in it.
const SECRET: &str = "made to hold secrets";
/// Names of files and folders that tools and systems leave behind.
const LEFT_BEHIND: [&str; 16] = [
    ".DS_Store",
    ".git",
    ".github",
    ".gitlab-ci.yml",
    ".idea",
    ".pytest_cache",
    ".svn",
    ".terraform",
    ".venv",
    ".vscode",
    "Thumbs.db",
    "__pycache__",
    "desktop.ini",
    "node_modules",
    ".hg",
    ".bzr",
];
/// Ends of names that editors and merges leave behind.
const ENDS: [&str; 6] = [".swp", ".swo", "~", ".orig", ".rej", ".bak"];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let name = context.chart.name().unwrap_or_default();
    let mut said = BTreeSet::new();
    if context.chart.packs_git {
        let what = "the repository itself: its history, and the token that CI may have left in `.git/config`";
        let args = [("path", ".git"), ("what", what)];
        findings
            .report(Label::new(context.start_of("Chart.yaml"), ""), ".git", &args)
            .help("name `.git/` in `.helmignore`, as `helm create` does");
    }
    for file in context.chart.files.iter().filter(|file| !file.path.starts_with("charts/")) {
        if is_pointer(context, file) {
            let args = [("path", file.path.as_str()), ("what", "the pointer of Git LFS in the place of its content")];
            findings
                .report(Label::new(context.start_of(&file.path), ""), format!("lfs {}", file.path), &args)
                .help("run `git lfs pull` before the chart is packaged; `actions/checkout` does with `lfs: true`");
        }
        let found = unwanted(&file.path, name).or_else(|| secrets::is_one(file).then_some((&*file.path, SECRET)));
        let Some((path, what)) = found else { continue };
        if said.insert(path.to_owned()) {
            let also =
                if what == SECRET { ", and have what it holds revoked where a version with it is out" } else { "" };
            let help = format!("name `{path}` in `.helmignore`{also}");
            findings
                .report(Label::new(context.start_of(&file.path), ""), path, &[("path", path), ("what", what)])
                .help(help);
        }
    }
}

/// Whether a file would be packaged as the pointer that git keeps of it; in a revision it is one rightly.
fn is_pointer(context: &Context<'_>, file: &File) -> bool {
    lfs::is_pointer(&file.data)
        && !matches!(context.chart.tree.address(&context.chart.folder), Address::Committed { .. })
}

/// The part of a path that should not be there, with what it is.
fn unwanted<'a>(path: &'a str, chart: &str) -> Option<(&'a str, &'static str)> {
    let mut end = 0;
    for part in path.split('/') {
        end += part.len();
        if LEFT_BEHIND.contains(&part) {
            return Some((&path[..end], "left behind by a tool"));
        }
        end += 1;
    }
    let last = path.rsplit('/').next().unwrap_or(path);
    if ENDS.iter().any(|suffix| last.ends_with(suffix) && last.len() > suffix.len()) {
        return Some((path, "a copy that an editor or a merge left behind"));
    }
    let is_package = !path.contains('/') && path.starts_with(&format!("{chart}-")) && path.ends_with(".tgz");
    is_package.then_some((path, "an earlier package of the chart"))
}
