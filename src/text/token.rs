//! Tokens and private keys in texts: shapes that nothing else has, so that finding one is certain.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A token in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is, in words.
    pub what: &'static str,
    /// Where it stands, in bytes.
    pub range: Range<usize>,
}

/// Shapes that nothing else has, by what they are.
static SHAPES: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    let shapes = [
        (
            "a private key",
            r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n)*(?:[A-Za-z0-9+/=]{40,}(?:\s|\\n)*){2}",
        ),
        ("a token of GitHub", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b"),
        ("a token of GitLab", r"\bglpat-[A-Za-z0-9_-]{20}\b"),
        ("an access key of AWS", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
        ("a token of Slack", r"\bxox[abprs]-[0-9]{10,13}-[0-9A-Za-z-]{20,}\b"),
        ("an API key of Google", r"\bAIza[0-9A-Za-z_-]{35}\b"),
        ("a secret key of Stripe", r"\b[rs]k_live_[0-9A-Za-z]{24,}\b"),
        ("a token of npm", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("a token of PyPI", r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}\b"),
        ("a token of Docker Hub", r"\bdckr_pat_[A-Za-z0-9_-]{27}\b"),
    ];
    shapes.into_iter().map(|(what, shape)| (what, Regex::new(shape).expect("the pattern is fixed"))).collect()
});
/// What the shapes begin with, in one pass: most files have none of it, and are read no further.
static BEGINNING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("PRIVATE KEY|gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|xox[abprs]-|AIza|k_live_|npm_|pypi-|dckr_pat_")
        .expect("the pattern is fixed")
});

/// Every token of a text but those that are plainly made up, by kind.
pub fn find(text: &str) -> Vec<Token> {
    if !BEGINNING.is_match(text) {
        return vec![];
    }
    let of_shape = |(what, shape): &'static (&'static str, Regex)| {
        let found = shape.find_iter(text).filter(|found| !is_example(found.as_str()));
        found.map(|found| Token { what, range: found.range() }).collect::<Vec<_>>()
    };
    SHAPES.iter().flat_map(of_shape).collect()
}

/// Whether a text is made up: few letters, or one that says so.
fn is_example(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let body = lower.rsplit(['_', '-']).next().unwrap_or(&lower);
    let distinct: std::collections::BTreeSet<char> = body.chars().collect();
    ["example", "placeholder", "redacted", "dummy", "xxxx", "1234567890"].iter().any(|word| lower.contains(word))
        || (!text.starts_with("-----") && distinct.len() < 6)
}
