//! Scripts and Makefiles of the repository that pipelines run, and what is in them.

use std::collections::BTreeMap;

use super::command::{Callee, Does, read};
use super::{Act, Files, place, target, text};
use crate::source::join;
use crate::yaml::Node;

/// Scripts that run scripts that run scripts.
const DEEPEST: usize = 4;

/// What a script runs in.
#[derive(Debug, Clone, Default)]
pub(super) struct Setting {
    /// The folder.
    pub folder: String,
    /// Variables that the pipeline sets, by name.
    pub variables: BTreeMap<String, String>,
}

impl Setting {
    /// The same with more variables, which go before those there are.
    pub(super) fn with(&self, variables: Option<&Node>) -> Self {
        let mut all = self.variables.clone();
        let entries = variables.and_then(Node::as_map).map(|map| map.effective()).unwrap_or_default();
        let value = |node: &Node| node.scalar_text().or_else(|| text(node, "value")).map(str::to_owned);
        all.extend(entries.into_iter().filter_map(|(name, entry)| Some((name.into_owned(), value(&entry.value)?))));
        Self { folder: self.folder.clone(), variables: all }
    }
}

/// What a script in a pipeline does that matters, in order.
pub(super) fn acts(files: &Files<'_>, node: &Node, script: &str, setting: &Setting) -> Vec<Act> {
    let folder = setting.folder.as_str();
    let mut found = vec![];
    for does in read(script) {
        match does {
            Does::Judge(true) => found.push(Act::Gate),
            Does::Judge(false) => {}
            Does::Push(what, target) => {
                let program = what.split(' ').next().unwrap_or_default();
                let at = place(node, &what, files.sources);
                let at = if at == node.location { place(node, program, files.sources) } else { at };
                if let Some(target) = target {
                    target::note(files, node, &target, &setting.variables, at);
                }
                found.push(Act::Push(what, at));
            }
            Does::Run(callee) => {
                for does in inner(files, &callee, folder, DEEPEST) {
                    match does {
                        Does::Judge(true) => found.push(Act::Gate),
                        Does::Push(..) => {
                            let what = shown(&callee);
                            let at = place(node, &what, files.sources);
                            found.push(Act::Push(what, at));
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

fn shown(callee: &Callee) -> String {
    match callee {
        Callee::File(path) => path.clone(),
        Callee::Make(target, folder) if folder.is_empty() => format!("make {target}"),
        Callee::Make(target, folder) => format!("make -C {folder} {target}"),
    }
}

/// What a file or a target does, and what those do that it runs.
fn inner(files: &Files<'_>, callee: &Callee, folder: &str, depth: usize) -> Vec<Does> {
    let (text, folder) = match callee {
        Callee::File(path) => (inside(folder, path).and_then(|path| files.text(&path)), folder.to_owned()),
        Callee::Make(target, below) => {
            let folder = inside(folder, below).unwrap_or_default();
            let names = ["Makefile", "makefile", "GNUmakefile"];
            let text = names.iter().find_map(|name| files.text(&join(&folder, name)));
            (text.map(|text| recipe(&text, target, DEEPEST)), folder)
        }
    };
    let mut found = vec![];
    for does in text.map(|text| read(&text)).unwrap_or_default() {
        match does {
            Does::Run(callee) if depth > 0 => found.extend(inner(files, &callee, &folder, depth - 1)),
            Does::Run(_) => {}
            does => found.push(does),
        }
    }
    found
}

/// The path of a file that a command in a folder names; none where it leads out of the repository.
pub(super) fn inside(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The recipe of a target, behind those that it depends on.
fn recipe(makefile: &str, target: &str, depth: usize) -> String {
    let mut out = String::new();
    let mut is_in = false;
    for line in makefile.lines() {
        if let Some(command) = line.strip_prefix('\t') {
            if is_in {
                out.push_str(command.trim_start_matches(['@', '-', '+']));
                out.push('\n');
            }
            continue;
        }
        let Some((names, needed)) =
            line.split_once(':').filter(|(names, rest)| !names.contains('=') && !rest.starts_with('='))
        else {
            is_in &= line.trim().is_empty() || line.starts_with('#');
            continue;
        };
        is_in = names.split_whitespace().any(|name| name == target);
        if is_in && depth > 0 {
            for needed in needed.split_whitespace().filter(|needed| *needed != "|" && *needed != target) {
                out.push_str(&recipe(makefile, needed, depth - 1));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_has_those_of_what_it_needs_before_it() {
        let makefile = "CHART := web\n\ncheck:\n\tchartgate check\n\npush: check package\n\t@helm push x oci://r\n\npackage:\n\thelm package .\n";
        assert_eq!(recipe(makefile, "push", 3), "chartgate check\nhelm package .\nhelm push x oci://r\n");
        assert_eq!(recipe(makefile, "none", 3), "");
        assert_eq!(recipe("a: a b\n\tx\nb: a\n\ty\n", "a", 3).matches('x').count(), 2, "circles end");
    }

    #[test]
    fn paths_stay_in_the_repository() {
        assert_eq!(inside("deploy", "../hack/x.sh").as_deref(), Some("hack/x.sh"));
        assert_eq!(inside("", "../x.sh"), None);
    }
}
