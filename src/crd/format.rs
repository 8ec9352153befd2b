//! The formats of strings that Kubernetes enforces in custom resources. Where go-openapi's notion is vague, the doubt is the
//! object's benefit.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::Regex;

/// Whether a text has a format. Formats that Kubernetes ignores hold for every text.
pub(super) fn holds(format: &str, text: &str) -> bool {
    match format.replace('-', "").as_str() {
        "datetime" => matches(&DATE_TIME, text),
        "date" => matches(&DATE, text),
        "duration" => text == "0" || matches(&DURATION, text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "mac" => matches(&MAC, text),
        "uuid" | "uuid3" | "uuid4" | "uuid5" => matches(&UUID, text),
        "byte" => is_base64(text),
        "uri" => text.starts_with('/') || matches(&SCHEME, text),
        "hostname" => !text.is_empty() && text.len() <= 255 && !text.contains([' ', '/', ':', '@', '\t', '\n']),
        "email" => text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty()),
        _ => true,
    }
}

fn matches(pattern: &LazyLock<Result<Regex, regex::Error>>, text: &str) -> bool {
    pattern.as_ref().is_ok_and(|pattern| pattern.is_match(text))
}

type Pattern = LazyLock<Result<Regex, regex::Error>>;

static DATE: Pattern = LazyLock::new(|| Regex::new(r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"));
static DATE_TIME: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]",
        r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+-][0-9]{2}:?[0-9]{2})$"
    ))
});
static DURATION: Pattern = LazyLock::new(|| Regex::new(r"^[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*[a-zA-Zµμ]+\s*)+$"));
static MAC: Pattern =
    LazyLock::new(|| Regex::new(r"^(?i)([0-9a-f]{2}([:-][0-9a-f]{2}){5,19}|[0-9a-f]{4}(\.[0-9a-f]{4}){2,9})$"));
static UUID: Pattern =
    LazyLock::new(|| Regex::new(r"^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$"));
static SCHEME: Pattern = LazyLock::new(|| Regex::new(r"^[A-Za-z][A-Za-z0-9+.-]*:\S"));

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = if address.parse::<Ipv4Addr>().is_ok() {
        32
    } else if address.parse::<Ipv6Addr>().is_ok() {
        128
    } else {
        return false;
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'\n' | b'\r');
    padding <= 2 && body.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn formats_hold_for_what_kubernetes_takes() {
        let good = [
            ("date-time", "2026-01-31T23:59:59Z"),
            ("date-time", "2026-01-31t23:59:60.5+01:00"),
            ("date", "2026-01-31"),
            ("duration", "1h30m"),
            ("duration", "0"),
            ("duration", "1.5 days"),
            ("ipv4", "10.0.0.1"),
            ("ipv6", "::1"),
            ("cidr", "10.0.0.0/8"),
            ("mac", "00:1b:63:84:45:e6"),
            ("uuid", "123e4567-e89b-12d3-a456-426614174000"),
            ("byte", "aGVsbG8="),
            ("uri", "https://example.com"),
            ("hostname", "example.com"),
            ("email", "a@b"),
            ("int32", "any text"),
            ("nobody-knows", "any text"),
        ];
        for (format, text) in good {
            assert!(holds(format, text), "{format} {text}");
        }
        let bad = [
            ("date-time", "2026-01-31"),
            ("date-time", "2026-13-31T00:00:00Z"),
            ("date", "31.01.2026"),
            ("duration", "soon"),
            ("duration", "5"),
            ("ipv4", "10.0.0.256"),
            ("ipv6", "10.0.0.1"),
            ("cidr", "10.0.0.0/33"),
            ("mac", "00:1b"),
            ("uuid", "x"),
            ("byte", "a b"),
            ("uri", "example"),
            ("hostname", "http://a"),
            ("email", "nobody"),
        ];
        for (format, text) in bad {
            assert!(!holds(format, text), "{format} {text}");
        }
    }
}
