//! Expressions of GitHub in a script.

/// The script with each expression as one word: `${{github.actor}}`.
pub(super) fn squeezed(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find("${{") {
        let Some(length) = rest[start..].find("}}") else { break };
        out.push_str(&rest[..start]);
        out.extend(rest[start..start + length].chars().filter(|letter| !letter.is_whitespace()));
        rest = &rest[start + length..];
    }
    out + rest
}

/// Whether a text has an expression, so that its value is known only when it is run.
pub(super) fn is_open(text: &str) -> bool {
    text.contains("${{")
}
