//! Loose semantic versions and their ranges, by the rules of github.com/Masterminds/semver 3.5.

use std::cmp::Ordering;
use std::fmt;

mod constraint;

pub use constraint::Constraints;

use crate::template::print::quote::quote;

/// A version such as `v1.2`, `1.2.3-rc.1+build`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// First number.
    pub major: u64,
    /// Second number, 0 where it is left out.
    pub minor: u64,
    /// Third number, 0 where it is left out.
    pub patch: u64,
    /// What stands after `-`.
    pub pre: String,
    /// What stands after `+`.
    pub metadata: String,
    /// The text it was read from.
    pub original: String,
}

const INVALID: &str = "invalid semantic version";

impl Version {
    /// Reads a version as Go's `NewVersion` does: a `v` before it, missing parts and leading zeros are fine.
    ///
    /// # Errors
    /// Masterminds' message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix('v').unwrap_or(text);
        let (rest, metadata) = rest.split_once('+').map_or((rest, None), |(rest, metadata)| (rest, Some(metadata)));
        let (numbers, pre) = rest.split_once('-').map_or((rest, None), |(numbers, pre)| (numbers, Some(pre)));
        let numbers: Vec<&str> = numbers.split('.').collect();
        let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let identifiers = [pre, metadata].into_iter().flatten().all(is_identifiers);
        if numbers.len() > 3 || !numbers.iter().all(digits) || !identifiers {
            return Err(INVALID.to_owned());
        }
        let number = |index: usize| numbers.get(index).map_or(Ok(0), |part| segment(part));
        let version = Self {
            major: number(0)?,
            minor: number(1)?,
            patch: number(2)?,
            pre: pre.unwrap_or_default().to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
            original: text.to_owned(),
        };
        check_pre(&version.pre)?;
        Ok(version)
    }

    /// Orders by precedence; build metadata does not count.
    pub fn compare(&self, other: &Self) -> Ordering {
        let numbers = (self.major, self.minor, self.patch).cmp(&(other.major, other.minor, other.patch));
        numbers.then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => compare_pre(&self.pre, &other.pre),
        })
    }

    /// The next patch version; for a pre-release its release.
    pub fn next_patch(&self) -> Self {
        let patch = if self.pre.is_empty() { self.patch.wrapping_add(1) } else { self.patch };
        self.with_numbers(self.major, self.minor, patch)
    }

    /// The next minor version.
    pub fn next_minor(&self) -> Self {
        self.with_numbers(self.major, self.minor.wrapping_add(1), 0)
    }

    /// The next major version.
    pub fn next_major(&self) -> Self {
        self.with_numbers(self.major.wrapping_add(1), 0, 0)
    }

    fn with_numbers(&self, major: u64, minor: u64, patch: u64) -> Self {
        let parts = Self { major, minor, patch, pre: String::new(), metadata: String::new(), original: String::new() };
        parts.named_after(self)
    }

    /// The version with another pre-release.
    ///
    /// # Errors
    /// Masterminds' message.
    pub fn with_pre(&self, pre: &str) -> Result<Self, String> {
        if !pre.is_empty() && !is_identifiers(pre) {
            return Err("invalid prerelease string".to_owned());
        }
        check_pre(pre)?;
        Ok(Self { pre: pre.to_owned(), ..self.clone() }.named_after(self))
    }

    /// The version with other build metadata.
    ///
    /// # Errors
    /// Masterminds' message.
    pub fn with_metadata(&self, metadata: &str) -> Result<Self, String> {
        if !metadata.is_empty() && !is_identifiers(metadata) {
            return Err("invalid metadata string".to_owned());
        }
        Ok(Self { metadata: metadata.to_owned(), ..self.clone() }.named_after(self))
    }

    fn named_after(self, other: &Self) -> Self {
        let prefix = if other.original.starts_with('v') { "v" } else { "" };
        Self { original: format!("{prefix}{self}"), ..self }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(formatter, "-{}", self.pre)?;
        }
        if self.metadata.is_empty() { Ok(()) } else { write!(formatter, "+{}", self.metadata) }
    }
}

fn segment(part: &str) -> Result<u64, String> {
    part.parse().map_err(|_| {
        let quoted = quote(part.as_bytes());
        format!("error parsing version segment: strconv.ParseUint: parsing {quoted}: value out of range")
    })
}

fn is_identifiers(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// Numbers in a pre-release have no leading zeros.
fn check_pre(pre: &str) -> Result<(), String> {
    let padded = |part: &str| part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit());
    if pre.split('.').any(padded) { Err("version segment starts with 0".to_owned()) } else { Ok(()) }
}

/// Pre-releases part by part: numbers before words, a missing part before any.
fn compare_pre(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (left, right) => compare_part(left.unwrap_or_default(), right.unwrap_or_default()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn compare_part(left: &str, right: &str) -> Ordering {
    if left.is_empty() || right.is_empty() {
        return left.len().cmp(&right.len());
    }
    match (left.parse::<u64>(), right.parse::<u64>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect("a version")
    }

    #[test]
    fn loose_versions_are_filled_up() {
        assert_eq!(version("v1").to_string(), "1.0.0");
        assert_eq!(version("1.02-rc.1+b").to_string(), "1.2.0-rc.1+b");
        for wrong in ["", "V1", "1.", "1.2.3.4", "1.2.3-", "a", "1.2.3-01", "99999999999999999999"] {
            assert!(Version::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn versions_are_ordered_by_precedence() {
        let ordered = ["1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-a", "1.0.0-a.1", "1.0.0", "1.0.1", "1.10.0"];
        for pair in ordered.windows(2) {
            assert_eq!(version(pair[0]).compare(&version(pair[1])), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn ranges_admit_what_masterminds_admits() {
        let cases = [
            (">=1.19-0", "1.36.0", true),
            (">=1.19", "1.36.0-gke.1", false),
            (">=1.19-0", "1.36.0-gke.1", true),
            ("^1.2", "1.9.0", true),
            ("^0.2.3", "0.3.0", false),
            ("~1.2", "1.3.0", false),
            ("1.x", "1.9.1", true),
            ("*", "3.0.0", true),
            (">1.2 <2 || >=3", "3.1.0", true),
            ("1.2 - 1.4", "1.4.9", true),
            ("!=1.2.x", "1.2.3", false),
            ("<=1.2", "1.2.9", true),
        ];
        for (range, candidate, expected) in cases {
            let range = Constraints::parse(range).expect("a range");
            assert_eq!(range.admits(&version(candidate)), expected, "{range:?} {candidate}");
        }
        assert_eq!(Constraints::parse("").unwrap_err(), "improper constraint: \"\"");
        assert!(Constraints::parse(">=").is_err());
    }
}
