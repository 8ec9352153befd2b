//! The Helm whose renderings are followed: 4 (4.3), or 3 (3.19) where somebody says so; and wherein the two differ, named here alone.

/// A major version of Helm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Major {
    /// 3.19.
    Three,
    /// 4.3.
    #[default]
    Four,
}

/// Functions of templates that only 4 has.
const NEWER: [&str; 13] = [
    "durationDays",
    "durationHours",
    "durationMicroseconds",
    "durationMilliseconds",
    "durationMinutes",
    "durationNanoseconds",
    "durationRoundTo",
    "durationSeconds",
    "durationTruncateTo",
    "durationWeeks",
    "mustToDuration",
    "mustToToml",
    "mustToYaml",
];

impl Major {
    /// Reads `3` or `4`, with a `v` before it or without.
    pub fn read(text: &str) -> Option<Self> {
        match text.strip_prefix('v').unwrap_or(text) {
            "3" => Some(Self::Three),
            "4" => Some(Self::Four),
            _ => None,
        }
    }

    /// The number.
    pub fn number(self) -> u8 {
        match self {
            Self::Three => 3,
            Self::Four => 4,
        }
    }

    fn is_three(self) -> bool {
        self == Self::Three
    }

    /// The other one.
    pub fn other(self) -> Self {
        if self.is_three() { Self::Four } else { Self::Three }
    }

    /// Functions of templates that it lacks.
    pub fn lacks(self) -> &'static [&'static str] {
        if self.is_three() { &NEWER } else { &[] }
    }

    /// Whether nulls in the values of charts stay; else they are removed before anything is laid over them.
    pub fn keeps_nulls(self) -> bool {
        self.is_three()
    }

    /// Whether a null that is laid over nothing stays where mappings are merged; else only one over a value removes it.
    pub fn null_removes_null(self) -> bool {
        self.is_three()
    }

    /// Whether nothing but the first document of a values file counts; else all do, laid over each other.
    pub fn reads_first_document(self) -> bool {
        self.is_three()
    }

    /// Whether the sub-charts of a chart with several aliases are one chart, which the last alias has; else each alias has its own.
    pub fn shares_below_aliases(self) -> bool {
        self.is_three()
    }

    /// Whether `.Chart` is a struct, which JSON has under the keys of Chart.yaml; else a map of Go's field names.
    pub fn has_chart_struct(self) -> bool {
        self.is_three()
    }

    /// Whether `.Capabilities.KubeVersion.Version` leaves out what follows the numbers, as `-gke.1`.
    pub fn cuts_kube_version(self) -> bool {
        self.is_three()
    }

    /// What is one thing in 3 and another in 4, such as the names of Go types.
    pub fn pick<T>(self, three: T, four: T) -> T {
        if self.is_three() { three } else { four }
    }

    /// Whether white space before a separator belongs to none of the documents, and separators that follow each other to the next.
    pub fn trims_documents(self) -> bool {
        self.is_three()
    }

    /// Whether webhook configurations have a place in the order of installation; else they follow with all other kinds.
    pub fn orders_webhooks(self) -> bool {
        !self.is_three()
    }

    /// Whether a chart whose `apiVersion` it does not know is rendered all the same.
    pub fn takes_any_api_version(self) -> bool {
        self.is_three()
    }

    /// Whether errors of templates are shown a line for each call; else as Go has them.
    pub fn shows_calls_by_line(self) -> bool {
        !self.is_three()
    }

    /// Whether a `$ref` to a `urn:` is a schema that takes everything; else the schema is an invalid one.
    pub fn takes_urns(self) -> bool {
        !self.is_three()
    }

    /// The Kubernetes version that nobody named.
    pub fn kube_version(self) -> &'static str {
        self.pick("v1.34.0", "v1.37.0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_by_their_first_number() {
        let read = ["3", "v3", "4", "v4", "2", "3.19", ""].map(|text| Major::read(text).map(Major::number));
        assert_eq!(read, [Some(3), Some(3), Some(4), Some(4), None, None, None]);
        assert_eq!(Major::Three.other(), Major::Four);
    }
}
