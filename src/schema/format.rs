//! The formats of strings that Kubernetes enforces in custom resources. Where go-openapi's notion is vague, the doubt is the
//! object's benefit.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::Regex;

use crate::kubernetes::Quantity;
use crate::template::go::duration;
use crate::template::go::url::Url;

mod cron;

/// Whether a text has a format. Formats that Kubernetes ignores hold for every text.
pub fn holds(format: &str, text: &str) -> bool {
    match format.replace('-', "").as_str() {
        "datetime" => matches(&DATE_TIME, text),
        "date" => matches(&DATE, text),
        "duration" => duration::parse(text).is_ok() || is_span(text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "mac" => matches(&MAC, text),
        "uuid" => matches(&UUID, text),
        "uuid3" | "uuid4" | "uuid5" => matches(&UUID, text) && is_of_version(text, &format[format.len() - 1..]),
        "bsonobjectid" => text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "hexcolor" => matches(&HEX_COLOR, text),
        "rgbcolor" => matches(&RGB_COLOR, text),
        "ssn" => matches(&SSN, text),
        "isbn" => is_isbn(text, 10) || is_isbn(text, 13),
        "isbn10" => is_isbn(text, 10),
        "isbn13" => is_isbn(text, 13),
        "creditcard" => (12..=19).contains(&text.bytes().filter(u8::is_ascii_digit).count()),
        "byte" => is_base64(text),
        "base64" => is_strict_base64(text),
        "quantity" => Quantity::parse(text).is_some(),
        "dnslabel" | "k8sshortname" => is_dns_label(text),
        "percent" => text
            .strip_suffix('%')
            .is_some_and(|share| share.bytes().all(|byte| byte.is_ascii_digit()) && !share.is_empty()),
        "portname" => is_port_name(text),
        "share" => text.strip_suffix('%').is_some_and(|share| share.parse::<u8>().is_ok_and(|share| share <= 100)),
        "subdomain" | "k8slongname" => is_subdomain(text),
        "qualifiedname" => is_qualified(text),
        "domainpath" => is_domain_path(text),
        "ip" => text.parse::<std::net::IpAddr>().is_ok(),
        "headername" => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
        "sysctl" => text.len() <= 253 && matches(&SYSCTL, text),
        "datakey" => is_data_key(text),
        "segment" => !text.is_empty() && ![".", ".."].contains(&text) && !text.contains(['/', '%']),
        "csidriver" => text.len() <= 63 && is_subdomain(&text.to_lowercase()),
        "iscsiname" => ["iqn", "eui", "naa"].iter().any(|kind| text.starts_with(kind)),
        "cron" => cron::is_schedule(text),
        "uri" => (text.starts_with('/') || matches(&SCHEME, text)) && Url::parse(text).is_ok(),
        "hostname" => !text.is_empty() && text.len() <= 255 && !text.contains([' ', '/', ':', '@', '\t', '\n']),
        "email" => text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty()),
        _ => true,
    }
}

/// What a text is that lacks one of the formats of Kubernetes' own fields, which are none in definitions of custom resources.
pub(super) fn words(format: &str) -> Option<&'static str> {
    Some(match format {
        "base64" => "not base64",
        "percent" => "no share such as `25%`",
        "share" => "no share up to `100%`",
        "subdomain" => "no name made of lower-case letters, digits, `-` and `.`, with a letter or digit at both ends",
        "qualified-name" => {
            "no name of letters, digits, `-`, `_` and `.`, 63 at most, with a domain and `/` before it or none"
        }
        "domain-path" => "no domain with a path behind it such as `example.com/controller`",
        "ip" => "no address such as `10.0.0.1`",
        "header-name" => "no name of a header: letters, digits and `-`",
        "sysctl" => "no name of a setting such as `net.core.somaxconn`",
        "data-key" => "no key of data: letters, digits, `-`, `_` and `.`, 253 at most",
        "segment" => "no part of a path: without `/` and `%`, and not `.` or `..`",
        "csi-driver" => "no name of a driver such as `csi.example.com`, 63 characters at most",
        "iscsi-name" => "no name of a target such as `iqn.2001-04.com.example:storage`",
        "quantity" => "no quantity such as `100m` or `1Gi`",
        "dns-label" => "not made of lower-case letters, digits and `-`, 63 at most",
        "port-name" => "no name of a port: lower-case letters, digits and `-`, at most 15 with a letter among them",
        "cron" => "no schedule of five fields such as `0 4 * * 1`",
        _ => return None,
    })
}

fn matches(pattern: &LazyLock<Result<Regex, regex::Error>>, text: &str) -> bool {
    pattern.as_ref().is_ok_and(|pattern| pattern.is_match(text))
}

type Compiled = LazyLock<Result<Regex, regex::Error>>;

static DATE: Compiled = LazyLock::new(|| Regex::new(r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"));
static DATE_TIME: Compiled = LazyLock::new(|| {
    Regex::new(concat!(
        r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]",
        r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+-][0-9]{2}:?[0-9]{2})$"
    ))
});
static SPAN: Compiled = LazyLock::new(|| Regex::new(r"[0-9]+\s*([A-Za-zµ]+)"));
static MAC: Compiled =
    LazyLock::new(|| Regex::new(r"^(?i)([0-9a-f]{2}([:-][0-9a-f]{2}){5,19}|[0-9a-f]{4}(\.[0-9a-f]{4}){2,9})$"));
static UUID: Compiled =
    LazyLock::new(|| Regex::new(r"^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$"));
static HEX_COLOR: Compiled = LazyLock::new(|| Regex::new(r"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"));
static RGB_COLOR: Compiled = LazyLock::new(|| Regex::new(r"^rgb\((\s*[0-9]{1,3}\s*,){2}\s*[0-9]{1,3}\s*\)$"));
static SSN: Compiled = LazyLock::new(|| Regex::new(r"^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$"));
static SCHEME: Compiled = LazyLock::new(|| Regex::new(r"^[A-Za-z][A-Za-z0-9+.-]*:\S"));

static SYSCTL: Compiled =
    LazyLock::new(|| Regex::new(r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"));

/// Whether one of the spans in a text has a unit that `strfmt.ParseDuration` knows; it looks no further.
fn is_span(text: &str) -> bool {
    const SHORT: [&str; 11] = ["ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk"];
    const LONG: [&str; 8] = ["nano", "micro", "milli", "sec", "min", "hour", "day", "week"];
    let is_unit = |unit: String| SHORT.contains(&unit.as_str()) || LONG.iter().any(|known| unit.starts_with(known));
    SPAN.as_ref().is_ok_and(|span| span.captures_iter(text).any(|found| is_unit(found[1].to_lowercase())))
}

/// Whether a UUID is one of a version, which its thirteenth digit says, and those of 4 and 5 of the usual variant.
fn is_of_version(uuid: &str, version: &str) -> bool {
    let digits: String = uuid.chars().filter(|letter| *letter != '-').collect::<String>().to_lowercase();
    let is_usual = version == "3" || digits[16..].starts_with(['8', '9', 'a', 'b']);
    digits[12..].starts_with(version) && is_usual
}

/// Whether a text is an ISBN of so many digits, the last of which checks the others.
fn is_isbn(text: &str, length: u32) -> bool {
    let digits: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
    let value = |(place, letter): (u32, char)| match letter {
        'X' if length == 10 && place == 9 => Some(10),
        letter => letter.to_digit(10),
    };
    let values: Option<Vec<u32>> = (0..).zip(digits.chars()).map(value).collect();
    let Some(values) = values.filter(|values| values.len() == length as usize) else { return false };
    let weight = |place: u32| if length == 10 { 10 - place } else { 1 + 2 * (place % 2) };
    let sum: u32 = (0..).zip(values).map(|(place, value)| weight(place) * value).sum();
    sum.is_multiple_of(if length == 10 { 11 } else { 10 })
}

/// Labels of DNS with dots between them, as Kubernetes takes them: however long each is.
fn is_subdomain(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(is_inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// `IsQualifiedName`: a name, with a domain before it or none.
fn is_qualified(text: &str) -> bool {
    let (domain, name) = text.split_once('/').map_or((None, text), |(domain, name)| (Some(domain), name));
    let is_end = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    domain.is_none_or(is_subdomain)
        && name.len() <= 63
        && name.bytes().all(is_inner)
        && is_end(name.chars().next())
        && is_end(name.chars().next_back())
}

/// `IsDomainPrefixedPath`.
fn is_domain_path(text: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
    text.split_once('/')
        .is_some_and(|(domain, path)| is_subdomain(domain) && !path.is_empty() && path.bytes().all(is_known))
}

/// `IsConfigMapKey`.
fn is_data_key(text: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.len() <= 253 && text.bytes().all(is_known) && text != "." && !text.starts_with("..")
}

/// A label of DNS (RFC 1123).
fn is_dns_label(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= 63 && text.bytes().all(is_inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// A name of a service as IANA has them (RFC 6335), in lower case.
fn is_port_name(text: &str) -> bool {
    let has_letter = text.bytes().any(|byte| byte.is_ascii_lowercase());
    is_dns_label(text) && text.len() <= 15 && has_letter && !text.contains("--")
}

/// Base64 as Go's standard encoding reads it: padded, line ends left aside.
fn is_strict_base64(text: &str) -> bool {
    let body: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let padding = body.iter().rev().take_while(|byte| **byte == b'=').count();
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    body.len().is_multiple_of(4) && padding <= 2 && body[..body.len() - padding].iter().all(known)
}

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
            ("duration", "1.5h"),
            ("duration", "2 Weeks 3 minutes"),
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
            ("base64", "aGVs\nbG8="),
            ("quantity", "1.5Gi"),
            ("quantity", "1e3"),
            ("quantity", "100m"),
            ("dns-label", "a-1"),
            ("port-name", "http-8080"),
            ("percent", "25%"),
            ("cron", "*/5 0-4,6 1 jan-mar sun"),
            ("cron", "@every 1h"),
            ("cron", "@every 1h30m"),
            ("share", "100%"),
            ("subdomain", "a.b-c.1"),
            ("qualified-name", "example.com/A_b.c"),
            ("qualified-name", "a"),
            ("ip", "::1"),
            ("domain-path", "example.com/a/b"),
            ("header-name", "X-Forwarded-For"),
            ("sysctl", "net.ipv4.ip_unprivileged_port_start"),
            ("sysctl", "net/core/somaxconn"),
            ("data-key", ".env"),
            ("segment", "system:a"),
            ("csi-driver", "CSI.example.com"),
            ("iscsi-name", "eui.0123456789abcdef"),
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
            ("duration", "1y"),
            ("duration", "3 months"),
            ("ipv4", "10.0.0.256"),
            ("ipv6", "10.0.0.1"),
            ("cidr", "10.0.0.0/33"),
            ("mac", "00:1b"),
            ("uuid", "x"),
            ("byte", "a b"),
            ("uri", "example"),
            ("hostname", "http://a"),
            ("email", "nobody"),
            ("base64", "aGVsbG8"),
            ("quantity", "1GB"),
            ("quantity", ""),
            ("dns-label", "A"),
            ("dns-label", "a-"),
            ("port-name", "a-name-that-is-too-long"),
            ("port-name", "8080"),
            ("percent", "1"),
            ("percent", "%"),
            ("cron", "* * * *"),
            ("cron", "60 * * * *"),
            ("cron", "0 0 * * 7"),
            ("cron", "@sometimes"),
            ("cron", "@every day"),
            ("share", "101%"),
            ("share", "1"),
            ("subdomain", "a_b"),
            ("subdomain", "a..b"),
            ("qualified-name", "a b"),
            ("qualified-name", "A/b"),
            ("ip", "1.2.3"),
            ("domain-path", "example"),
            ("domain-path", "example.com/{a}"),
            ("header-name", "a b"),
            ("sysctl", "Net.core"),
            ("data-key", "a/b"),
            ("data-key", "..a"),
            ("segment", "a/b"),
            ("csi-driver", "csi_driver"),
            ("iscsi-name", "target"),
        ];
        for (format, text) in bad {
            assert!(!holds(format, text), "{format} {text}");
        }
    }

    #[test]
    fn formats_of_numbers_and_colours_are_those_of_strfmt() {
        let good = [
            ("uuid3", "123e4567-e89b-32d3-a456-426614174000"),
            ("uuid4", "123e4567e89b42d3a456426614174000"),
            ("bsonobjectid", "507f1f77bcf86cd799439011"),
            ("hexcolor", "#FFF"),
            ("rgbcolor", "rgb(0, 10,255)"),
            ("ssn", "111-11-1111"),
            ("isbn", "0-306-40615-2"),
            ("isbn10", "080442957X"),
            ("isbn13", "978-0-306-40615-7"),
            ("creditcard", "4111-1111-1111-1111"),
            ("k8s-short-name", "a-1"),
            ("k8s-long-name", "a.b"),
        ];
        for (format, text) in good {
            assert!(holds(format, text), "{format} {text}");
        }
        let bad = [
            ("uuid3", "123e4567-e89b-42d3-a456-426614174000"),
            ("uuid4", "123e4567-e89b-12d3-a456-426614174000"),
            ("uuid5", "123e4567-e89b-52d3-7456-426614174000"),
            ("bsonobjectid", "507f"),
            ("hexcolor", "red"),
            ("rgbcolor", "rgb(1,2)"),
            ("ssn", "1-2-3"),
            ("isbn", "abc"),
            ("isbn10", "0306406153"),
            ("isbn13", "9780306406158"),
            ("creditcard", "abc"),
            ("k8s-short-name", "a.b"),
            ("k8s-long-name", "A"),
        ];
        for (format, text) in bad {
            assert!(!holds(format, text), "{format} {text}");
        }
    }
}
