//! "Did you mean": the nearest known word to an unknown one.

/// The candidate nearest to `word`, where one is near enough to be meant: at most a third of the letters differ.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).clamp(1, 5);
    let distance = |candidate: &str| strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase());
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_another_word_is_not() {
        let known = ["profiles", "published", "rules"];
        assert_eq!(nearest("profile", known), Some("profiles"));
        assert_eq!(nearest("Rules", known), Some("rules"));
        assert_eq!(nearest("pubilshed", known), Some("published"));
        assert_eq!(nearest("images", known), None);
        assert_eq!(nearest("x", ["y"]), None);
    }
}
