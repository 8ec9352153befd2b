//! `WWW-Authenticate`: how a server wants to be shown who asks (RFC 9110, and the distribution project's token flow).

use std::collections::BTreeMap;

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// What a server wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password.
    Basic,
    /// A token that another address gives out.
    Bearer {
        /// The address.
        realm: String,
        /// For whom the token is to be.
        service: Option<String>,
    },
}

impl Challenge {
    /// The challenge of an answer; a token's where there are several.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let all: Vec<_> =
            headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| Self::parse(value.to_str().ok()?)).collect();
        all.iter().find(|challenge| matches!(challenge, Self::Bearer { .. })).or(all.first()).cloned()
    }

    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => Some(Self::Basic),
            "bearer" => {
                let mut parameters = parameters(rest);
                let realm = parameters.remove("realm")?;
                Some(Self::Bearer { realm, service: parameters.remove("service") })
            }
            _ => None,
        }
    }
}

/// `name="value"` pairs, names in lower case.
fn parameters(text: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    let mut rest = text.trim();
    while let Some((name, after)) = rest.split_once('=') {
        let (value, remaining) = value(after.trim_start());
        parameters.insert(name.trim_matches([' ', ',', '\t']).to_ascii_lowercase(), value);
        rest = remaining;
    }
    parameters
}

/// A quoted text or a word, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            letter => value.push(letter),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_as_servers_write_them() {
        let bearer = |realm: &str, service: Option<&str>| Challenge::Bearer {
            realm: realm.into(),
            service: service.map(Into::into),
        };
        let cases = [
            ("Basic realm=\"a, b\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                "Bearer realm=\"https://a/token\",service=\"a.b\",scope=\"repository:x/y:pull,push\"",
                Some(bearer("https://a/token", Some("a.b"))),
            ),
            ("bearer Realm=\"https://a\\\"b\", service=a", Some(bearer("https://a\"b", Some("a")))),
            ("Bearer service=\"a\"", None),
            ("Bearer realm=\"https://a", Some(bearer("https://a", None))),
            ("Negotiate", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Challenge::parse(text), expected, "{text}");
        }
    }
}
