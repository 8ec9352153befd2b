//! Steps from one version to the next, as Cargo reads semantic versions.

use std::fmt;

use crate::chart::Version;

/// How far a change reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Whoever upgrades gets a fix and nothing to do.
    #[default]
    Patch,
    /// There is something new to use.
    Minor,
    /// Somebody who upgrades may have to do something.
    Major,
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

impl Step {
    /// The least version after `old` that is this step away. Below 1.0.0 the first number that is not 0 is the one that breaks; what
    /// follows a pre-release promises nothing, so that the next one is enough.
    pub fn least(self, old: &Version) -> Version {
        let [major, minor, patch] = old.numbers;
        if !old.prerelease.is_empty() {
            return old.next();
        }
        let numbers = match (self, major, minor) {
            (Self::Major, 1.., _) => [major.saturating_add(1), 0, 0],
            (Self::Minor, 1.., _) | (Self::Major, 0, 1..) => [major, minor.saturating_add(1), 0],
            _ => [major, minor, patch.saturating_add(1)],
        };
        Version { numbers, prerelease: String::new(), build: String::new() }
    }

    /// Whether the step from `old` to `new` is this one or a larger one; a pre-release stands for the version that it prepares.
    pub fn is_met(self, old: &Version, new: &Version) -> bool {
        new > old && new.numbers >= self.least(old).numbers
    }

    /// The step between two versions, in the words of the numbers that changed.
    pub fn taken(old: &Version, new: &Version) -> Option<Self> {
        let changed = old.numbers.iter().zip(&new.numbers).position(|(old, new)| old != new);
        match changed {
            Some(0) => Some(Self::Major),
            Some(1) => Some(Self::Minor),
            Some(_) => Some(Self::Patch),
            None => (old != new).then_some(Self::Patch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect(text)
    }

    #[test]
    fn the_least_version_is_as_cargo_has_it() {
        let cases = [
            ("1.4.2", ["1.4.3", "1.5.0", "2.0.0"]),
            ("0.4.2", ["0.4.3", "0.4.3", "0.5.0"]),
            ("0.0.2", ["0.0.3", "0.0.3", "0.0.3"]),
            ("2.0.0-rc.1", ["2.0.0-rc.2", "2.0.0-rc.2", "2.0.0-rc.2"]),
        ];
        for (old, expected) in cases {
            let least = [Step::Patch, Step::Minor, Step::Major].map(|step| step.least(&version(old)).to_string());
            assert_eq!(least, expected, "{old}");
        }
    }

    #[test]
    fn a_pre_release_stands_for_the_version_that_it_prepares() {
        for (old, new, met) in [
            ("1.4.2", "2.0.0-rc.1", true),
            ("1.4.2", "1.5.0", false),
            ("0.4.2", "0.5.0", true),
            ("2.0.0-rc.1", "2.0.0-rc.2", true),
            ("2.0.0", "1.0.0", false),
            ("1.4.2", "1.4.2", false),
        ] {
            assert_eq!(Step::Major.is_met(&version(old), &version(new)), met, "{old} {new}");
        }
    }
}
