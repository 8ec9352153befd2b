//! Texts parsed once, however many charts carry them under whatever names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Input, parse};
use crate::template::ast::{Tree, Unit};
use crate::template::error::Error;
use crate::template::funcs::Table;
use crate::template::limits::Limits;

/// Parsed texts by content, for one function table. Shared between threads.
#[derive(Debug, Default)]
pub struct Cache(Mutex<HashMap<Arc<str>, Arc<[Tree]>>>);

impl Cache {
    /// As [`parse`], but a text that was parsed before is only given its new name and source.
    ///
    /// # Errors
    /// As [`parse`]; texts that do not parse are parsed again each time.
    pub fn parse(&self, input: &Input, table: &Table, limits: &Limits) -> Result<Vec<Tree>, Error> {
        let known = self.texts().get(&input.text).cloned();
        if let Some(trees) = known.filter(|trees| !clashes(trees, &input.name)) {
            return Ok(renamed(&trees, input));
        }
        let trees = parse(input, table, limits)?;
        self.texts().insert(Arc::clone(&input.text), trees.clone().into());
        Ok(trees)
    }

    fn texts(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, Arc<[Tree]>>> {
        // A panic elsewhere leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// True if a text defines a template under its own old or new name, which parsing treats as a second definition.
fn clashes(trees: &[Tree], name: &str) -> bool {
    let own = trees.iter().filter(|tree| tree.name == tree.unit.name).count();
    own != 1 || trees.iter().any(|tree| *tree.name == *name && tree.name != tree.unit.name)
}

fn renamed(trees: &[Tree], input: &Input) -> Vec<Tree> {
    let Some(old) = trees.first().map(|tree| &tree.unit) else { return Vec::new() };
    let code = Arc::clone(&old.code);
    let Input { name, source, text } = input.clone();
    let unit = Arc::new(Unit { name, source, text, code });
    let name = |tree: &Tree| Arc::clone(if tree.name == old.name { &unit.name } else { &tree.name });
    trees.iter().map(|tree| Tree { name: name(tree), unit: Arc::clone(&unit), root: tree.root }).collect()
}
