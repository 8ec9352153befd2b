//! Globs over `/`-separated paths: `*` stands for part of a name, `**` for any names.
//!
//! Only the last star is ever tried anew, so that the time grows with pattern times path, whatever stars there are.

use crate::budget::{Budget, Exceeded};

/// Whether a path matches a glob.
///
/// # Errors
/// Where the work is more than a budget has left.
pub fn matches(pattern: &str, path: &str, budget: &Budget) -> Result<bool, Exceeded> {
    budget.scan(pattern.len() + path.len())?;
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    fits(&pattern, &path, |part| *part == "**", |part, name| is_part(part, name, budget), budget)
}

fn is_part(part: &str, name: &str, budget: &Budget) -> Result<bool, Exceeded> {
    if !part.contains('*') {
        return Ok(part == name);
    }
    fits(part.as_bytes(), name.as_bytes(), |byte| *byte == b'*', |byte, other| Ok(byte == other), budget)
}

/// Whether items fit a pattern, one by one, but for its stars, which stand for any number of them.
fn fits<P, T>(
    pattern: &[P],
    items: &[T],
    is_star: impl Fn(&P) -> bool,
    is_match: impl Fn(&P, &T) -> Result<bool, Exceeded>,
    budget: &Budget,
) -> Result<bool, Exceeded> {
    let (mut at, mut item) = (0, 0);
    // Behind the last star, and how many items it and what comes before it stand for.
    let mut last: Option<(usize, usize)> = None;
    let mut rounds = 0;
    while item < items.len() {
        rounds += 1;
        if rounds % 8 == 0 {
            budget.spend(1)?;
        }
        match pattern.get(at) {
            Some(star) if is_star(star) => {
                at += 1;
                last = Some((at, item));
            }
            Some(one) if is_match(one, &items[item])? => {
                at += 1;
                item += 1;
            }
            _ => {
                let Some((behind, taken)) = last else { return Ok(false) };
                at = behind;
                item = taken + 1;
                last = Some((behind, item));
            }
        }
    }
    Ok(pattern[at..].iter().all(is_star))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, path: &str) -> bool {
        matches(pattern, path, &Budget::new(10_000, 1)).expect("within the limits")
    }

    #[test]
    fn one_star_stays_within_a_name_and_two_stand_for_names() {
        assert!(found("apps/*", "apps/web") && !found("apps/*", "apps/web/a") && !found("apps/*", "apps"));
        assert!(found("**", "a/b") && found("**/c", "a/b/c") && found("**/c", "c") && found("a/**/c", "a/c"));
        assert!(found("a*c", "abbc") && !found("a*c", "abb") && found("*a*b*", "xaxbx") && found("a**", "ab"));
        assert!(found("a/**/b/**/c", "a/x/b/y/b/z/c") && !found("a/**/b/d", "a/b/c"));
    }

    #[test]
    fn stars_cost_no_more_than_pattern_times_path() {
        let budget = Budget::new(1_000_000, 1);
        let (deep, long) = (["a"; 60].join("/"), "a".repeat(255));
        assert_eq!(matches(&"**/".repeat(30), &deep, &budget), Ok(false));
        assert_eq!(matches(&format!("{}none", "**/a/".repeat(20)), &deep, &budget), Ok(false));
        assert_eq!(matches(&format!("{}b", "*a".repeat(100)), &long, &budget), Ok(false));
        assert!(budget.spent() < 20_000, "{}", budget.spent());
    }

    #[test]
    fn many_globs_come_to_an_end() {
        let budget = Budget::new(1_000, 1);
        let all = (0..100_000).map(|_| matches(&"*a".repeat(100), &"a".repeat(200), &budget));
        assert_eq!(all.collect::<Result<Vec<_>, _>>().map(|_| ()), Err(Exceeded::Steps(1_000)));
    }
}
