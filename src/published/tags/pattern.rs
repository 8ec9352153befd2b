//! How release tags are written: a text with `{version}` in it, and `{name}` where several charts are tagged.

use semver::Version;

/// What stands for the chart's name.
const NAME: &str = "{name}";
/// What stands for its version.
const VERSION: &str = "{version}";

/// A pattern of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    after: String,
}

impl Pattern {
    /// Reads a pattern; none where the version does not stand in it exactly once.
    pub fn new(text: &str) -> Option<Self> {
        let (before, after) = text.split_once(VERSION)?;
        (!after.contains(VERSION)).then(|| Self { before: before.to_owned(), after: after.to_owned() })
    }

    /// What a text has in braces that stands for nothing; such a pattern fits no tag.
    pub fn unknown(text: &str) -> Option<&str> {
        let start = text
            .match_indices('{')
            .map(|(at, _)| at)
            .find(|at| !text[*at..].starts_with(NAME) && !text[*at..].starts_with(VERSION))?;
        let end = text[start..].find('}').map_or(text.len(), |length| start + length + 1);
        Some(&text[start..end])
    }

    /// Whether tags say which chart they are of.
    pub fn has_name(&self) -> bool {
        self.before.contains(NAME) || self.after.contains(NAME)
    }

    /// The tag of a release. A `v` that stands both in the pattern and before the version is written once.
    pub fn tag(&self, name: &str, version: &str) -> String {
        let (before, after) = self.around(name);
        let version = version.strip_prefix('v').filter(|_| before.ends_with('v')).unwrap_or(version);
        format!("{before}{version}{after}")
    }

    /// The version that a tag of a chart names; none where the tag is of another chart, or what would be the version is none by
    /// SemVer 2: tags such as `v1` move.
    pub fn version<'a>(&self, name: &str, tag: &'a str) -> Option<&'a str> {
        let (before, after) = self.around(name);
        let version = tag.strip_prefix(&before)?.strip_suffix(&after)?;
        Version::parse(version).is_ok().then_some(version)
    }

    fn around(&self, name: &str) -> (String, String) {
        (self.before.replace(NAME, name), self.after.replace(NAME, name))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn tags_are_written_and_read_by_the_pattern() {
        for (pattern, version, tag) in [
            ("{name}-{version}", "1.2.3", "web-1.2.3"),
            ("v{version}", "1.2.3", "v1.2.3"),
            ("v{version}", "v1.2.3", "v1.2.3"),
            ("charts/{name}/{version}", "1.2.3-rc.1+b", "charts/web/1.2.3-rc.1+b"),
            ("{version}-{name}", "1.2.3", "1.2.3-web"),
        ] {
            let pattern = Pattern::new(pattern).expect(pattern);
            assert_eq!(pattern.tag("web", version), tag);
            assert_eq!(pattern.version("web", tag), Some(version.trim_start_matches('v')));
        }
    }

    #[test]
    fn tags_of_others_and_tags_that_move_name_no_version() {
        let pattern = Pattern::new("{name}-{version}").expect("a pattern");
        for tag in ["web-v1.2.3", "web-1", "web-1.2", "web-1.2.3.4", "web-ui-1.2.3", "we-1.2.3", "v1.2.3", "web-", ""] {
            assert_eq!(pattern.version("web", tag), None, "{tag}");
        }
        assert!(pattern.has_name() && !Pattern::new("v{version}").expect("a pattern").has_name());
        assert_eq!(Pattern::unknown("{chart}-{version}"), Some("{chart}"));
        assert_eq!(Pattern::unknown("{name}/v{version}"), None);
        assert_eq!([Pattern::new("v1"), Pattern::new("{version}-{version}")], [None, None]);
    }
}
