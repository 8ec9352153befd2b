//! The modules of the repository: what each names, and which of them Terraform is run in.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::Expression;

use super::locals::Locals;
use crate::gitops::files::{Files, Read};
use crate::gitops::path::{folder, join};
use crate::source::FILE_LIMIT;

/// What is known of modules.
#[derive(Default)]
pub(super) struct Modules {
    /// The locals of each that names any, by its folder, with the files that they rest on.
    pub(super) locals: BTreeMap<String, (Locals, Read)>,
    /// Which calls which.
    pub(super) calls: OnceCell<Calls>,
}

/// The callers of each module by its folder.
#[derive(Default)]
pub(super) struct Calls(BTreeMap<String, BTreeSet<String>>);

/// The modules that Terraform is run in where it comes to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// The only one.
    One(String),
    /// So many.
    Many(usize),
}

impl Calls {
    /// Every call of a module of the repository. What cannot be read is said where it deploys a chart.
    pub(super) fn of(files: &Files<'_>) -> Self {
        let mut calls = Self::default();
        for path in files.search.paths.iter().filter(|path| path.ends_with(".tf")) {
            let read = files.search.tree.read(path, FILE_LIMIT).ok().and_then(|data| String::from_utf8(data).ok());
            let Some(text) = read.filter(|text| text.contains("module")) else { continue };
            let Ok(body) = hcl_edit::parser::parse_body(&text) else { continue };
            for block in body.get_blocks("module") {
                let source = block.body.get_attribute("source").and_then(|attribute| match &attribute.value {
                    Expression::String(text) => Some(text.as_str().to_owned()),
                    _ => None,
                });
                let local = source.filter(|source| source.starts_with("./") || source.starts_with("../"));
                if let Some(called) = local.and_then(|source| join(folder(path), &source)) {
                    calls.0.entry(called).or_default().insert(folder(path).to_owned());
                }
            }
        }
        calls
    }

    /// The roots of a module: itself, where nothing calls it.
    pub(super) fn roots(&self, module: &str) -> Roots {
        let (mut open, mut seen, mut roots) = (vec![module], BTreeSet::new(), BTreeSet::new());
        while let Some(module) = open.pop() {
            if !seen.insert(module) {
                continue;
            }
            match self.0.get(module) {
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
