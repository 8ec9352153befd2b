//! Versions as Helm reads them (Masterminds/semver, `NewVersion`): a leading `v` and missing parts are fine.

use std::cmp::Ordering;
use std::fmt;

/// A version; two that differ only in build metadata are equal, as precedence has it (SemVer 2, section 10).
#[derive(Debug, Clone)]
pub struct Version {
    /// Major, minor and patch; a part that is left out is 0.
    pub numbers: [u64; 3],
    /// What follows the hyphen; empty for a release.
    pub prerelease: String,
    /// What follows the plus sign.
    pub build: String,
}

impl Version {
    /// Reads a version; none where Helm would not take it for one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
        let (core, prerelease) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
        let mut numbers = [0; 3];
        for (position, part) in core.split('.').enumerate() {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            *numbers.get_mut(position)? = is_number.then(|| part.parse().ok()).flatten()?;
        }
        let is_sound = prerelease.is_none_or(|ids| are_identifiers(ids, true))
            && build.is_none_or(|ids| are_identifiers(ids, false));
        let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
        is_sound.then(|| Self { numbers, prerelease: text(prerelease), build: text(build) })
    }

    /// The version to release next: the next patch, or the next of a series of pre-releases.
    pub fn next(&self) -> Self {
        let [major, minor, patch] = self.numbers;
        if self.prerelease.is_empty() {
            return Self { numbers: [major, minor, patch.saturating_add(1)], build: String::new(), ..self.clone() };
        }
        let (before, last) = self.prerelease.rsplit_once('.').map_or(("", self.prerelease.as_str()), |split| split);
        let prerelease = match (before, last.parse::<u64>()) {
            (_, Err(_)) => format!("{}.1", self.prerelease),
            ("", Ok(number)) => number.saturating_add(1).to_string(),
            (before, Ok(number)) => format!("{before}.{}", number.saturating_add(1)),
        };
        Self { prerelease, build: String::new(), ..self.clone() }
    }
}

fn are_identifiers(text: &str, has_numbers: bool) -> bool {
    text.split('.').all(|id| {
        let is_word = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_padded = id.len() > 1 && id.starts_with('0') && id.bytes().all(|byte| byte.is_ascii_digit());
        is_word && !(has_numbers && is_padded)
    })
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(formatter, "{major}.{minor}.{patch}")?;
        if !self.prerelease.is_empty() {
            write!(formatter, "-{}", self.prerelease)?;
        }
        if !self.build.is_empty() {
            write!(formatter, "+{}", self.build)?;
        }
        Ok(())
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => by_identifiers(&self.prerelease, &other.prerelease),
        })
    }
}

/// Numbers by size and below words, words by their bytes, the longer list above its beginning (SemVer 2, section 11).
fn by_identifiers(left: &str, right: &str) -> Ordering {
    let key = |id: &str| {
        let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
        // Numbers without leading zeros compare by length first, however long they are.
        (!is_number, if is_number { id.len() } else { 0 }, id.to_owned())
    };
    left.split('.').map(key).cmp(right.split('.').map(key))
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect(text)
    }

    #[test]
    fn versions_are_read_as_helm_reads_them() {
        for (text, read) in [
            ("1.2.3", "1.2.3"),
            ("v1", "1.0.0"),
            ("1.2", "1.2.0"),
            ("01.02.003", "1.2.3"),
            ("1.2.3-rc.1+x.01", "1.2.3-rc.1+x.01"),
            ("1-a-b+c-d", "1.0.0-a-b+c-d"),
        ] {
            assert_eq!(version(text).to_string(), read);
        }
        for text in ["", "v", "1.2.3.4", "1.2.3_x", "1.2.3-01", "1.2.3-", "1.2.3+", "1..2", "latest", "1.2.x", " 1"] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
        assert!(Version::parse("99999999999999999999.0.0").is_none());
    }

    #[test]
    fn versions_are_ordered_by_precedence() {
        let ordered =
            ["0.9.9", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-a", "1.0.0-a.1", "1.0.0-a.b", "1.0.0", "1.0.1"];
        for (left, right) in ordered.iter().zip(&ordered[1..]) {
            assert!(version(left) < version(right), "{left} < {right}");
        }
        for (left, right) in [("1.0.0+a", "1.0.0+b"), ("v1.0.0", "1"), ("1.0.0-rc+1", "1.0.0-rc")] {
            assert_eq!(version(left), version(right));
        }
    }

    #[test]
    fn the_next_version_is_the_next_patch_or_the_next_pre_release() {
        let cases = [("1.2.3", "1.2.4"), ("1.2.3+a", "1.2.4"), ("v2", "2.0.1"), ("1.0.0-rc.9", "1.0.0-rc.10")];
        for (text, next) in cases.into_iter().chain([("1.0.0-rc", "1.0.0-rc.1"), ("1.0.0-7+a", "1.0.0-8")]) {
            assert_eq!(version(text).next().to_string(), next);
            assert!(version(text) < version(text).next());
        }
    }
}
