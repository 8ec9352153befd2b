//! What a regular expression costs: its compiled size, and the text that a search goes through.
//!
//! The crate's searches take time that grows with both. Small patterns, which nearly all are, cost next to nothing.

use std::sync::OnceLock;

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind};

use super::{Budget, Exceeded};

/// Sizes of compiled patterns, in bytes, that are told apart, and the steps of building one; the last is the largest there may be.
const SIZES: [(usize, usize); 5] =
    [(4 << 10, 16), (32 << 10, 512), (256 << 10, 8_000), (1 << 20, 40_000), (4 << 20, 160_000)];
/// Bytes of a text that a pattern of any size goes through fast.
const SHORT: usize = 256;
/// Bytes of memory in which a search keeps what it knows.
const CACHE: usize = 1 << 20;
/// Texts up to this size are charged as if every search went through all of it.
const WHOLE: usize = 1024;

/// The compiled size of a pattern, as far as its cost depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(usize);

/// Letters of a pattern as which a class of Unicode counts: it is read into hundreds of ranges.
const CLASS: usize = 64;
/// The longest pattern, by letters and classes: reading more takes longer than any search.
const LONGEST: usize = 32 << 10;
/// Letters that are read in next to no time, and the steps of reading each further one.
const BRIEF: usize = 1 << 10;
const LETTER: usize = 20;

/// How long a pattern is to read.
fn length(pattern: &str) -> usize {
    let classes = pattern
        .match_indices('\\')
        .filter(|(at, _)| pattern[at + 1..].starts_with(['p', 'P', 'w', 'W', 'd', 'D', 's', 'S']));
    pattern.len() + CLASS * classes.count()
}

/// Steps of reading a pattern, before it is known what it is compiled to.
pub fn reading(pattern: &str) -> usize {
    length(pattern).saturating_sub(BRIEF) * LETTER
}

/// Builds a pattern within the least bound on its size that it fits, and says which it was.
///
/// # Errors
/// What is wrong with the pattern; that it fits none of the bounds.
pub fn weighed<R>(
    pattern: &str,
    build: impl Fn(usize) -> Result<R, regex::Error>,
) -> Result<(R, Weight), regex::Error> {
    if length(pattern) > LONGEST {
        return Err(regex::Error::CompiledTooBig(LONGEST));
    }
    let mut last = Err(regex::Error::CompiledTooBig(0));
    for (index, (size, _)) in SIZES.into_iter().enumerate() {
        last = build(size).map(|pattern| (pattern, Weight(index)));
        if !matches!(last, Err(regex::Error::CompiledTooBig(_))) {
            break;
        }
    }
    last
}

impl Weight {
    /// Steps of building the pattern.
    pub fn building(self) -> usize {
        SIZES[self.0].1
    }

    /// Steps of one search through a text of so many bytes, where nothing more is known.
    pub fn searching(self, bytes: usize) -> usize {
        let slow = bytes.saturating_sub(SHORT).saturating_mul(SIZES[self.0].0 / SIZES[0].0);
        1 + bytes / 16 + slow
    }

    /// Takes the steps of one search.
    ///
    /// # Errors
    /// Where a budget has not as many left.
    pub fn search(self, bytes: usize, budget: &Budget) -> Result<(), Exceeded> {
        budget.spend(self.searching(bytes))
    }
}

/// Says how far searches for a pattern go through a text. That a match is found early says nothing: to know that it is the first
/// and the longest, the rest of the text may have to be read, and then each of a million matches reads it again.
#[derive(Debug)]
pub struct Reach {
    pattern: String,
    weight: Weight,
    /// Made when a long text asks for it; none where the pattern is too large for it.
    dfa: OnceLock<Option<DFA>>,
}

/// A [`Reach`] at work on one text.
#[derive(Debug)]
pub struct Reaching<'r> {
    reach: &'r Reach,
    cache: Option<Cache>,
    /// Whether the automaton takes too much memory: every search then costs what it may cost at worst.
    has_failed: bool,
}

impl Reach {
    /// That of a pattern in Rust's syntax, over bytes.
    pub fn new(pattern: String, weight: Weight) -> Self {
        Self { pattern, weight, dfa: OnceLock::new() }
    }

    fn dfa(&self) -> Option<&DFA> {
        self.dfa.get_or_init(|| dfa(&self.pattern, self.weight)).as_ref()
    }

    /// The same for searches through one text.
    pub fn start(&self) -> Reaching<'_> {
        Reaching { reach: self, cache: None, has_failed: false }
    }
}

fn dfa(pattern: &str, weight: Weight) -> Option<DFA> {
    let config = DFA::config()
        .match_kind(MatchKind::LeftmostFirst)
        .unicode_word_boundary(true)
        .cache_capacity(CACHE)
        .skip_cache_capacity_check(true)
        .minimum_cache_clear_count(Some(2));
    let size = SIZES[weight.0].0.saturating_mul(2);
    let thompson = thompson::Config::new().utf8(false).nfa_size_limit(Some(size));
    DFA::builder().configure(config).syntax(syntax::Config::new().utf8(false)).thompson(thompson).build(pattern).ok()
}

impl Reaching<'_> {
    /// Steps of the next search, which begins at `start`.
    pub fn steps(&mut self, text: &[u8], start: usize) -> usize {
        let rest = text.len().saturating_sub(start);
        if text.len() <= WHOLE {
            return 1 + rest / 64;
        }
        if let Some(bytes) = self.read(text, start) {
            return 1 + bytes / 64;
        }
        self.has_failed = true;
        self.reach.weight.searching(rest)
    }

    /// Bytes that the search reads; none where the automaton gives up.
    fn read(&mut self, text: &[u8], start: usize) -> Option<usize> {
        if self.has_failed {
            return None;
        }
        let dfa = self.reach.dfa()?;
        let cache = self.cache.get_or_insert_with(|| dfa.create_cache());
        let mut state = dfa.start_state_forward(cache, &Input::new(text).span(start..text.len())).ok()?;
        for (read, byte) in text.get(start..)?.iter().enumerate() {
            state = dfa.next_state(cache, state, *byte).ok()?;
            if state.is_dead() {
                return Some(read + 1);
            }
            if state.is_quit() {
                return None;
            }
        }
        Some(text.len() - start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(pattern: &str) -> Option<Weight> {
        let build = |size| regex::RegexBuilder::new(pattern).size_limit(size).build();
        weighed(pattern, build).ok().map(|(_, weight)| weight)
    }

    #[test]
    fn a_pattern_weighs_what_it_is_compiled_to() {
        assert_eq!(weight("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), Some(Weight(0)));
        assert!(weight(r"(\w{5}){5}") > Some(Weight(0)));
        assert_eq!(weight(r"((\w{99}){99}){99}"), None);
        assert_eq!(weight("("), None);
    }

    #[test]
    fn long_patterns_are_not_even_read() {
        let classes = |count: usize| r"\pL".repeat(count);
        assert_eq!((weight(&"(a?)".repeat(10_000)), weight(&classes(1_000))), (None, None));
        assert!(weight(&classes(10)) > Some(Weight(0)));
        assert_eq!((reading("^[a-z]+$"), reading(&"a".repeat(2_048))), (0, 20_480));
    }

    #[test]
    fn a_search_costs_what_it_reads_and_not_what_it_finds() {
        let text = "a".repeat(64_000);
        let steps = |pattern: &str| Reach::new(pattern.to_owned(), Weight(0)).start().steps(text.as_bytes(), 0);
        assert_eq!(steps("a"), 1);
        assert!(steps("a.*z|a") > 900, "the whole text has no z");
        assert!(steps("b") > 900);
    }

    #[test]
    fn a_pattern_that_needs_too_many_states_costs_the_worst() {
        let mut random = 1_u32;
        let mut letter = || {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            if random.is_multiple_of(2) { b'a' } else { b'b' }
        };
        let text: Vec<u8> = (0..100_000).map(|_| letter()).collect();
        let pattern = "[ab]*a[ab]{60}c";
        let weight = weight(pattern).expect("a pattern");
        let reach = Reach::new(pattern.to_owned(), weight);
        assert_eq!(reach.start().steps(&text, 0), weight.searching(text.len()));
    }
}
