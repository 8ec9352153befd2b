//! `file-secret`: a token or a private key is in the package.

use std::sync::LazyLock;

use regex::Regex;

use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::{Location, Span};

/// Files that are looked into; larger ones are data.
const LARGEST: usize = 1 << 20;

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

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for file in
        context.chart.files.iter().filter(|file| !file.path.starts_with("charts/") && file.data.len() <= LARGEST)
    {
        let Ok(text) = std::str::from_utf8(&file.data) else { continue };
        if !BEGINNING.is_match(text) {
            continue;
        }
        for (what, shape) in SHAPES.iter() {
            for (index, found) in shape.find_iter(text).filter(|found| !is_example(found.as_str())).enumerate() {
                let Some(known) = context.text(&file.path) else { continue };
                let line = found.as_str().lines().next().unwrap_or_default().len();
                let place = Location::new(known.source, Span::new(found.start(), found.start() + line));
                let subject = format!("{} {what} {index}", file.path);
                findings.report(Label::new(place, ""), subject, &[("what", what), ("path", &file.path)]);
            }
        }
    }
}

/// Whether a text is made up: few letters, or one that says so.
fn is_example(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let body = lower.rsplit(['_', '-']).next().unwrap_or(&lower);
    let distinct: std::collections::BTreeSet<char> = body.chars().collect();
    ["example", "placeholder", "redacted", "dummy", "xxxx", "1234567890"].iter().any(|word| lower.contains(word))
        || (!text.starts_with("-----") && distinct.len() < 6)
}
