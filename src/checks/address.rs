//! Addresses as `helm lint` judges them: request URLs, URLs of people, and e-mail addresses.

use std::sync::LazyLock;

use regex::{Regex, bytes};

/// Whether Go's `url.ParseRequestURI` takes a text and finds a scheme.
pub(super) fn is_request_url(text: &str) -> bool {
    static SCHEME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("^[A-Za-z][A-Za-z0-9+.-]*:(.+)$").expect("the pattern is fixed"));
    let Some(rest) = SCHEME.captures(text).and_then(|found| found.get(1)) else { return false };
    let rest = rest.as_str();
    let has_controls = text.bytes().any(|byte| byte < b' ' || byte == 0x7f);
    let Some(authority) = rest.strip_prefix("//") else { return !has_controls };
    let host = authority.split(['/', '?']).next().unwrap_or_default();
    !has_controls && is_host(host.rsplit_once('@').map_or(host, |(_, host)| host)) && are_escapes_whole(rest)
}

/// Whether a text may be the host of a URL, with or without a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, port),
        _ => (text, ""),
    };
    !host.contains([' ', '"', '<', '>', '^', '`', '{', '|', '}', '\\'])
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn are_escapes_whole(text: &str) -> bool {
    let is_hex = |text: &str| text.len() >= 2 && text.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
    text.split('%').skip(1).all(is_hex)
}

/// A letter or a digit of a host's name, letters beyond ASCII among them. Written as bytes: folding the case of all of Unicode and counting its
/// characters takes an expression longer to build than a chart to judge.
const LETTER: &str = r"(?:[a-zA-Z0-9]|[\xC2-\xF4][\x80-\xBF]+)";
/// The same with `-` and `_`, the inside of a label.
const INSIDE: &str = r"(?:[a-zA-Z0-9_-]|[\xC2-\xF4][\x80-\xBF]+)";

/// Whether govalidator's `IsURL` takes a text: a scheme in lower case or none, behind one a host of any name, and else one with a dot.
pub(super) fn is_url(text: &str) -> bool {
    static URL: LazyLock<bytes::Regex> = LazyLock::new(|| {
        let scheme = "(?:(?:ftp|tcp|udp|wss?|https?)://)?";
        let user = r"(?:\S+(?::\S*)?@)?";
        // A last label of one digit is none but in an address of numbers.
        let last = format!(r"(?:{LETTER}{{2,63}}|[a-zA-Z]|[\xC2-\xF4][\x80-\xBF]+)");
        let name = format!("(?:{LETTER}(?:{INSIDE}*{LETTER})?\\.)*{last}\\.?");
        let host = format!(r"(?:\[[0-9a-fA-F:.]+\]|[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}|{name})");
        let pattern = format!(r"(?-u)^{scheme}{user}{host}(?::[0-9]{{1,5}})?(?:[/?#]\S*)?$");
        bytes::Regex::new(&pattern).expect("the pattern is fixed")
    });
    // Without a scheme and a port a text is a path, and one without a dot names no host.
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let has_host = text.contains(':') || path.contains('.');
    text.len() > 3 && has_host && are_escapes_whole(text) && URL.is_match(text.as_bytes())
}

/// Whether a text reads like an e-mail address with a domain that has a dot.
pub(super) fn is_email(text: &str) -> bool {
    static EMAIL: LazyLock<bytes::Regex> = LazyLock::new(|| {
        const PLAIN: &str = r#"[^\s@"(),:;<>\[\\\].]+"#;
        let name = format!(r#"(?:{PLAIN}(?:\.{PLAIN})*|"[^"\r\n]+")"#);
        let label = format!("{LETTER}(?:(?:{INSIDE}|[~.])*{LETTER})?");
        let end = r"(?:[a-zA-Z]|[\xC2-\xF4][\x80-\xBF]+)";
        let last = format!("{end}(?:(?:{LETTER}|-)*{end})?");
        let pattern = format!(r"(?-u)^{name}@(?:{label}\.)+{last}\.?$");
        bytes::Regex::new(&pattern).expect("the pattern is fixed")
    });
    EMAIL.is_match(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{is_email, is_request_url, is_url};

    #[test]
    fn a_request_url_needs_a_scheme() {
        for fine in ["https://a.io/x", "http://localhost", "data:image/png;base64,AA", "oci://h:5000/a", "https://u@h/"]
        {
            assert!(is_request_url(fine), "{fine}");
        }
        for wrong in ["", "a.io/x", "/x", "https:", "http://a b/", "http://a:x/", "http://a/%zz", "://x"] {
            assert!(!is_request_url(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_url_of_a_person_may_lack_its_scheme() {
        for fine in [
            "https://github.com/ann",
            "github.com/ann",
            "http://localhost:8080",
            "https://a-b.example.org/?q=1",
            "http://gitlab/jo",
            "http://intranet",
            "localhost:8080",
            "localhost/x.html",
            "https://bücher.example/ß",
            "https://u:p@a.io",
            "http://[::1]/",
            "a.io:8080/x",
            "http://127.0.0.1",
            "ab.c",
        ] {
            assert!(is_url(fine), "{fine}");
        }
        for wrong in [
            "",
            "ann",
            "@ann",
            "https://",
            "not a url",
            "https://a b.io",
            "https://-a.io",
            "https://a..io",
            "v1.2.3",
            "localhost",
            "localhost/x",
            "HTTPS://GitHub.com",
            "https://a.io/100%",
        ] {
            assert!(!is_url(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_email_address_has_one_at_sign_and_a_domain() {
        for fine in [
            "ann@example.com",
            "a.b+c@sub.example.co.uk",
            "ann@exämple.de",
            "Ann@Example.COM",
            "äöü@a.io",
            "\"a b\"@a.io",
        ] {
            assert!(is_email(fine), "{fine}");
        }
        for wrong in
            ["", "ann", "ann@", "ann@localhost", "a@@b.io", "Ann <ann@example.com>", "a@b..io", "ann@example.com,"]
        {
            assert!(!is_email(wrong), "{wrong}");
        }
    }
}
