//! Texts parsed once, however many charts carry them under whatever names.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Input, parse};
use crate::template::ast::{Tree, Unit};
use crate::template::error::Error;
use crate::template::funcs::Table;
use crate::template::lexer::find_left;
use crate::template::limits::Limits;

/// Bytes at either end of a text that are hashed: templates that differ do so there or in their length, nearly always.
const HASHED: usize = 512;
/// Texts of one hash that are kept; whatever somebody makes look alike is parsed anew instead of being compared with one another.
const ALIKE: usize = 8;
/// Bytes of memory that the parsed texts may take; texts beyond that are parsed each time.
const LARGEST: usize = 32 << 20;

/// Texts that were offered once and are remembered; of those beyond none is kept.
const OFFERED: usize = 1 << 16;

/// Parsed texts by content, for one function table. Shared between threads.
#[derive(Debug, Default)]
pub struct Cache {
    texts: Mutex<Texts>,
}

#[derive(Debug, Default)]
struct Texts {
    known: HashMap<u64, Vec<Kept>>,
    weight: usize,
    /// Hashes of texts that were offered.
    offered: HashSet<u64>,
}

/// A parsed text.
#[derive(Debug)]
struct Kept {
    trees: Arc<[Tree]>,
    /// Whether somebody has asked for it since the last turn.
    is_used: bool,
}

impl Kept {
    fn text(&self) -> Option<&str> {
        self.trees.first().map(|tree| &*tree.unit.text)
    }

    fn weight(&self) -> usize {
        self.trees.first().map_or(0, |tree| tree.unit.weight())
    }
}

impl Texts {
    fn get(&mut self, hash: u64, text: &str) -> Option<Arc<[Tree]>> {
        let found = self.known.get_mut(&hash)?.iter_mut().find(|kept| kept.text() == Some(text))?;
        found.is_used = true;
        Some(Arc::clone(&found.trees))
    }

    fn keep(&mut self, hash: u64, trees: &[Tree]) {
        let kept = Kept { trees: trees.into(), is_used: true };
        let weight = kept.weight();
        let alike = self.known.entry(hash).or_default();
        if alike.len() < ALIKE && self.weight + weight <= LARGEST {
            alike.push(kept);
            self.weight += weight;
        }
    }

    fn turn(&mut self) {
        for alike in self.known.values_mut() {
            alike.retain_mut(|kept| std::mem::take(&mut kept.is_used));
        }
        self.known.retain(|_, alike| !alike.is_empty());
        self.weight = self.known.values().flatten().map(Kept::weight).sum();
    }

    /// Keeps a text that is offered for the second time: most are in one chart alone.
    fn offer(&mut self, hash: u64, trees: &[Tree]) {
        if self.offered.contains(&hash) {
            self.keep(hash, trees);
        } else if self.offered.len() < OFFERED {
            self.offered.insert(hash);
        }
    }
}

impl Cache {
    /// As [`parse`], but a text that was parsed before is only given its new name and source. Texts of several charts are looked for in `shared`, too.
    ///
    /// # Errors
    /// As [`parse`]; texts that do not parse are parsed again each time.
    pub fn parse(
        &self,
        shared: Option<&Self>,
        input: &Input,
        table: &Table,
        limits: &Limits,
    ) -> Result<Vec<Tree>, Error> {
        // A text without actions is parsed in the time of looking for one.
        if find_left(&input.text).is_none() {
            return parse(input, table, limits);
        }
        let hash = hash(input.text.as_bytes());
        let known = [Some(self), shared].into_iter().flatten().find_map(|cache| cache.texts().get(hash, &input.text));
        if let Some(trees) = known.filter(|trees| !clashes(trees, &input.name)) {
            return Ok(renamed(&trees, input));
        }
        let trees = parse(input, table, limits)?;
        self.texts().keep(hash, &trees);
        if let Some(shared) = shared {
            shared.texts().offer(hash, &trees);
        }
        Ok(trees)
    }

    /// Forgets what nobody has asked for since the last turn.
    pub fn turn(&self) {
        self.texts().turn();
    }

    fn texts(&self) -> std::sync::MutexGuard<'_, Texts> {
        // A panic elsewhere leaves the map whole.
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(text: &[u8]) -> u64 {
    let head = &text[..text.len().min(HASHED)];
    let tail = &text[text.len().saturating_sub(HASHED)..];
    let mut hasher = DefaultHasher::new();
    (text.len(), head, tail).hash(&mut hasher);
    hasher.finish()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asks_for_any_more_is_forgotten() {
        let (cache, table, limits) = (Cache::default(), Table::all(), Limits::default());
        let ask = |text: &str| {
            let input = Input { name: "a.yaml".into(), source: None, text: text.into() };
            assert!(cache.parse(None, &input, &table, &limits).is_ok());
        };
        let kept = || cache.texts().known.values().flatten().count();
        (1..=3).for_each(|letter| ask(&format!("a: {{{{ {letter} }}}}")));
        cache.turn();
        assert_eq!(kept(), 3, "all were asked for");
        ask("a: {{ 2 }}");
        cache.turn();
        assert_eq!(kept(), 1);
        cache.turn();
        assert_eq!((kept(), cache.texts().weight), (0, 0));
    }
}
