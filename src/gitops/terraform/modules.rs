//! The modules of the repository: what each names, and which of them Terraform is run in.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::Expression;

use super::locals::Locals;
use super::overrides::Overrides;
use super::{is_hcl, unmarked};
use crate::gitops::files::{Files, Read};
use crate::gitops::path::{folder, join};
use crate::source::FILE_LIMIT;

/// What is known of modules.
#[derive(Default)]
pub(super) struct Modules {
    /// The locals of each that names any, by its folder, with the files that they rest on.
    pub(super) locals: BTreeMap<String, (Locals, Read)>,
    /// What is laid over the files of each, in the same way.
    pub(super) overrides: BTreeMap<String, (Overrides, Read)>,
    /// Which calls which.
    pub(super) calls: OnceCell<Calls>,
}

/// Which modules call which.
#[derive(Default)]
pub(super) struct Calls {
    /// The callers of each module by its folder.
    callers: BTreeMap<String, BTreeSet<String>>,
    /// A file that may call any, and cannot be read.
    unread: Option<String>,
}

/// The modules that Terraform is run in where it comes to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// The only one.
    One(String),
    /// So many.
    Many(usize),
    /// What this file says, which cannot be read.
    Unread(String),
}

impl Calls {
    /// Every call of a module of the repository.
    pub(super) fn of(files: &Files<'_>) -> Self {
        let mut calls = Self::default();
        for path in files.search.paths.iter().filter(|path| is_hcl(path)) {
            match calls_in(files, path) {
                Some(called) => {
                    for called in called {
                        calls.callers.entry(called).or_default().insert(folder(path).to_owned());
                    }
                }
                None => calls.unread = calls.unread.or_else(|| Some(path.clone())),
            }
        }
        calls
    }

    /// The roots of a module: itself, where nothing calls it.
    pub(super) fn roots(&self, module: &str) -> Roots {
        if let Some(path) = &self.unread {
            return Roots::Unread(path.clone());
        }
        let (mut open, mut seen, mut roots) = (vec![module], BTreeSet::new(), BTreeSet::new());
        while let Some(module) = open.pop() {
            if !seen.insert(module) {
                continue;
            }
            match self.callers.get(module) {
                Some(callers) => open.extend(callers.iter().map(String::as_str)),
                None => _ = roots.insert(module),
            }
        }
        match roots.len() {
            // Modules that call each other are run in by none.
            0 | 1 => Roots::One(roots.pop_first().unwrap_or(module).to_owned()),
            count => Roots::Many(count),
        }
    }
}

/// The folders of the modules that a file calls; none where it cannot be read.
fn calls_in(files: &Files<'_>, path: &str) -> Option<Vec<String>> {
    let text = String::from_utf8(files.search.tree.read(path, FILE_LIMIT).ok()?).ok()?;
    if !text.contains("module") {
        return Some(vec![]);
    }
    let body = hcl_edit::parser::parse_body(&unmarked(&text)).ok()?;
    let sources = body.get_blocks("module").filter_map(|block| {
        let source = block.body.get_attribute("source")?;
        if let Expression::String(text) = &source.value { Some(text.as_str().to_owned()) } else { None }
    });
    let local = sources.filter(|source| source.starts_with("./") || source.starts_with("../"));
    Some(local.filter_map(|source| join(folder(path), &source)).collect())
}
