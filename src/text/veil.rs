//! User and password in addresses, tokens and keys, taken out of what is shown.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::token;

/// A line of what a key or a certificate is encoded as.
static ENCODED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^[\s"']*([A-Za-z0-9+/=]{48,})(?:\\n)?[\s"',]*$"#).expect("the pattern is fixed")
});

/// A text in which the user and password of every address, tokens and lines of keys are stars, byte by byte, so that places in it stay what they
/// are.
pub fn veiled(text: &str) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(text);
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        if let Some(length) = secret(&text[start..]) {
            shown.to_mut().replace_range(start..start + length, &"*".repeat(length));
        }
    }
    let tokens = token::find(text).into_iter().map(|token| token.range);
    let encoded = ENCODED.captures_iter(text).filter_map(|found| Some(found.get(1)?.range()));
    for range in tokens.chain(encoded) {
        let length = range.len();
        shown.to_mut().replace_range(range, &"*".repeat(length));
    }
    shown
}

/// An address without the user and password in it.
pub fn without_user(address: &str) -> String {
    let parted = address.split_once("://").and_then(|(scheme, rest)| Some((scheme, &rest[secret(rest)? + 1..])));
    parted.map_or_else(|| address.to_owned(), |(scheme, rest)| format!("{scheme}://{rest}"))
}

/// Bytes of user and password at the start of what follows `://`.
fn secret(rest: &str) -> Option<usize> {
    let end =
        rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`')).unwrap_or(rest.len());
    let authority = rest[..end].split(['/', '?', '#']).next().unwrap_or_default();
    if let Some(at) = authority.rfind('@') {
        return Some(at);
    }
    // A password with a slash in it: what follows the colon is no port.
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let is_split = !authority.starts_with('[') && authority.split_once(':').is_some_and(|(_, port)| !is_port(port));
    rest[..end].rfind('@').filter(|_| is_split)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_user_and_password_are_veiled() {
        let cases = [
            ("oci: oci://ann:s3cret@ghcr.io/x # why", "oci: oci://**********@ghcr.io/x # why"),
            ("\"https://ann@host\", https://b:c@host", "\"https://***@host\", https://***@host"),
            ("https://ann:s3/cr@t@host/x", "https://***********@host/x"),
            ("https://ä:p@host", "https://****@host"),
            ("https://host:8080/x@v1", "https://host:8080/x@v1"),
            ("oci://[::1]:5000/x@sha256:0", "oci://[::1]:5000/x@sha256:0"),
            ("mail ann@host, https://host and b@c", "mail ann@host, https://host and b@c"),
            ("://", "://"),
            ("token: ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5", "token: ****************************************"),
            (
                "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRv",
                "********************************************************",
            ),
            (
                "digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef",
                "digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef",
            ),
        ];
        for (text, shown) in cases {
            assert_eq!(veiled(text), shown);
            assert_eq!(veiled(text).len(), text.len());
        }
    }

    #[test]
    fn an_address_is_shown_without_user_and_password() {
        for (address, shown) in [
            ("https://ann:s3/cr@t@host/x", "https://host/x"),
            ("oci://ann@ghcr.io/x@sha256:0", "oci://ghcr.io/x@sha256:0"),
            ("https://host:8080/x@v1", "https://host:8080/x@v1"),
            ("file://../b", "file://../b"),
        ] {
            assert_eq!(without_user(address), shown);
        }
    }
}
