//! "Did you mean": the nearest known word to an unknown one.

use std::cell::Cell;

/// Letters of a word that somebody may have mistyped.
const LONGEST: usize = 64;
/// Pairs of words that are compared for one list of suggestions.
const PAIRS: usize = 500_000;

/// The candidate nearest to `word`, where one is near enough to be meant: at most a third of the letters differ. Long words mean themselves.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = word.chars().count();
    let allowed = (letters / 3).clamp(1, 5);
    let lower = word.to_lowercase();
    let near = |candidate: &'a str| {
        let others = candidate.chars().count();
        if letters > LONGEST || letters.abs_diff(others) > allowed {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        (distance <= allowed && distance < others).then_some((distance, candidate))
    };
    candidates.into_iter().filter_map(near).min().map(|(_, candidate)| candidate)
}

/// Suggestions for any number of words: once enough pairs were compared, there are no more.
#[derive(Debug)]
pub struct Suggest {
    left: Cell<usize>,
}

impl Default for Suggest {
    fn default() -> Self {
        Self { left: Cell::new(PAIRS) }
    }
}

impl Suggest {
    /// As [`nearest`].
    pub fn nearest<'a>(&self, word: &str, candidates: impl ExactSizeIterator<Item = &'a str>) -> Option<&'a str> {
        self.left.set(self.left.get().saturating_sub(candidates.len()));
        if self.left.get() == 0 { None } else { nearest(word, candidates) }
    }
}

/// The same where fewer letters differ and no other candidate is nearly as near: what can be put in its place.
pub fn only<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let meant = nearest(word, candidates.iter().copied())?;
    let distance = |other: &str| strsim::damerau_levenshtein(&word.to_lowercase(), &other.to_lowercase());
    let is_as_near = |other: &&str| *other != meant && distance(other) <= distance(meant) + 1;
    let letters = word.chars().count();
    let is_near = letters > 2 && distance(meant) <= (letters / 4).clamp(1, 3);
    let is_alone = word.eq_ignore_ascii_case(meant) || !candidates.iter().any(is_as_near);
    (is_near && is_alone).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::{nearest, only};

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_another_word_is_not() {
        let known = ["profiles", "published", "rules"];
        assert_eq!(nearest("profile", known), Some("profiles"));
        assert_eq!(nearest("Rules", known), Some("rules"));
        assert_eq!(nearest("pubilshed", known), Some("published"));
        assert_eq!(nearest("images", known), None);
        assert_eq!(nearest("x", ["y"]), None);
    }

    #[test]
    fn what_may_mean_two_words_is_put_in_place_of_none() {
        assert_eq!(only("versoin", ["version", "home"]), Some("version"));
        assert_eq!(only("pre-stall", ["pre-install", "post-install"]), Some("pre-install"));
        assert_eq!(only("pst-install", ["pre-install", "post-install"]), None);
        assert_eq!(only("HOME", ["home", "name"]), Some("home"));
    }
}
