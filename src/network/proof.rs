//! What shows who asks, and what of it an address may hold.

use std::fmt;

use reqwest::Url;

/// What shows who asks.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Proof {
    /// User and password.
    Password(String, String),
    /// A token.
    Token(String),
}

impl fmt::Debug for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Proof")
    }
}

/// User and password of a URL, which it then no longer has.
pub(super) fn take(url: &mut Url) -> Option<Proof> {
    let (user, password) = (url.username(), url.password());
    let proof = (!user.is_empty() || password.is_some())
        .then(|| Proof::Password(percent_decoded(user), percent_decoded(password.unwrap_or_default())));
    // Only URLs without a host refuse, and those have neither.
    _ = url.set_username("");
    _ = url.set_password(None);
    proof
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = vec![];
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
