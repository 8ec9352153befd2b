//! Ranges: `>=1.2 <2 || ~3.1`, `1.2 - 1.4`, `1.x`, `^0.2`.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Version;
use crate::template::print::quote::quote;

const SPACE: &str = r"[\t\n\f\r ]";
/// A version in which `x`, `X` and `*` stand for any number; digits and letters mix, as in the original.
const VERSION: &str = concat!(
    r"v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?",
    r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?",
    r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
);
const OPERATOR: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

fn pattern(text: &str) -> Regex {
    let text = text.replace("SPACE", SPACE).replace("OPERATOR", OPERATOR).replace("VERSION", VERSION);
    Regex::new(&text).expect("a valid pattern")
}

static ONE: LazyLock<Regex> = LazyLock::new(|| pattern("^SPACE*(OPERATOR)SPACE*(VERSION)SPACE*$"));
static RANGE: LazyLock<Regex> = LazyLock::new(|| pattern(r"SPACE*(VERSION)SPACE+-SPACE+(VERSION)SPACE*"));
static EACH: LazyLock<Regex> = LazyLock::new(|| pattern("(OPERATOR)SPACE*(VERSION)"));
static ALL: LazyLock<Regex> = LazyLock::new(|| {
    pattern("^(SPACE*(OPERATOR)SPACE*(VERSION)SPACE*)((?:SPACE+|,SPACE*)(OPERATOR)SPACE*(VERSION)SPACE*)*$")
});

/// A range of versions: any of several groups, all of whose parts hold.
#[derive(Debug, Clone)]
pub struct Constraints(Vec<Group>);

#[derive(Debug, Clone)]
struct Group {
    parts: Vec<Constraint>,
    /// Pre-releases are admitted only where a part of the group names one.
    with_pre: bool,
}

/// How much of a version a part of a range leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Patch,
    Minor,
    Everything,
}

#[derive(Debug, Clone)]
struct Constraint {
    operator: Operator,
    version: Version,
    open: Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

impl Constraints {
    /// Reads a range as Go's `NewConstraint` does.
    ///
    /// # Errors
    /// Masterminds' message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let groups = with_ranges_rewritten(text);
        groups.split("||").map(Group::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the version lies in the range.
    pub fn admits(&self, version: &Version) -> bool {
        self.0.iter().any(|group| {
            (version.pre.is_empty() || group.with_pre) && group.parts.iter().all(|part| part.admits(version))
        })
    }
}

/// `1.2 - 1.4` becomes `>= 1.2, <= 1.4 `.
fn with_ranges_rewritten(text: &str) -> String {
    let mut out = text.to_owned();
    // A range has a hyphen by itself. Compiling the pattern takes longer than rendering a small chart.
    if !text.split([' ', '\t', '\n', '\x0c', '\r']).any(|word| word == "-") {
        return out;
    }
    for found in RANGE.captures_iter(text) {
        // Eight groups belong to the first version, so the second is the eleventh.
        let (low, high) = (&found[1], found.get(11).map_or("", |high| high.as_str()));
        out = out.replacen(&found[0], &format!(">= {low}, <= {high} "), 1);
    }
    out
}

impl Group {
    fn parse(text: &str) -> Result<Self, String> {
        // One part has one reading, and then the patterns for several would say the same.
        if let Some(found) = ONE.captures(text) {
            let part = Constraint::of(&found)?;
            return Ok(Self { with_pre: !part.version.pre.is_empty(), parts: vec![part] });
        }
        if !ALL.is_match(text) {
            return Err(format!("improper constraint: {}", quote(text.as_bytes())));
        }
        let parts = EACH.find_iter(text).map(|part| Constraint::parse(part.as_str())).collect::<Result<Vec<_>, _>>()?;
        let with_pre = parts.iter().any(|part| !part.version.pre.is_empty());
        Ok(Self { parts, with_pre })
    }
}

impl Constraint {
    fn parse(text: &str) -> Result<Self, String> {
        let found = ONE.captures(text).ok_or_else(|| format!("improper constraint: {}", quote(text.as_bytes())))?;
        Self::of(&found)
    }

    fn of(found: &Captures<'_>) -> Result<Self, String> {
        let group = |index: usize| found.get(index).map_or("", |group| group.as_str());
        let is_any = |part: &str| matches!(part.trim_start_matches('.'), "" | "x" | "X" | "*");
        let (major, minor, patch, pre) = (group(3), group(4), group(5), group(6));
        let (open, version) = if is_any(major) {
            (Open::Everything, format!("0.0.0{pre}"))
        } else if is_any(minor) {
            (Open::Minor, format!("{major}.0.0{pre}"))
        } else if is_any(patch) {
            (Open::Patch, format!("{major}{minor}.0{pre}"))
        } else {
            (Open::Nothing, group(2).to_owned())
        };
        let version = Version::parse(&version).map_err(|_| "constraint parser error".to_owned())?;
        Ok(Self { operator: Operator::of(group(1)), version, open })
    }

    fn admits(&self, version: &Version) -> bool {
        let order = version.compare(&self.version);
        match self.operator {
            Operator::Equal if self.open == Open::Nothing => order.is_eq(),
            Operator::Equal | Operator::Tilde => self.tilde(version, order),
            Operator::NotEqual => self.differs(version, order),
            Operator::Greater => self.exceeded_by(version, order),
            Operator::Less => order.is_lt(),
            Operator::GreaterEqual => order.is_ge(),
            Operator::LessEqual => self.reaches(version, order),
            Operator::Caret => self.caret(version, order),
        }
    }

    fn same_major(&self, version: &Version) -> bool {
        version.major == self.version.major
    }

    fn same_minor(&self, version: &Version) -> bool {
        version.minor == self.version.minor
    }

    fn tilde(&self, version: &Version, order: Ordering) -> bool {
        let from_zero = (self.version.major, self.version.minor, self.version.patch) == (0, 0, 0);
        let anything = from_zero && matches!(self.open, Open::Nothing | Open::Everything);
        let within = self.same_major(version) && (self.same_minor(version) || self.open == Open::Minor);
        order.is_ge() && (anything || within)
    }

    fn differs(&self, version: &Version, order: Ordering) -> bool {
        if self.open == Open::Nothing {
            return order.is_ne();
        }
        if !self.same_major(version) || (!self.same_minor(version) && self.open != Open::Minor) {
            return true;
        }
        match self.open {
            Open::Minor => false,
            Open::Patch => {
                (!version.pre.is_empty() || !self.version.pre.is_empty())
                    && super::compare_pre(&version.pre, &self.version.pre).is_ne()
            }
            Open::Nothing | Open::Everything => version.patch != self.version.patch || order.is_ne(),
        }
    }

    fn exceeded_by(&self, version: &Version, order: Ordering) -> bool {
        match (version.major.cmp(&self.version.major), self.open) {
            (_, Open::Nothing) => order.is_gt(),
            (Ordering::Greater, _) => true,
            (Ordering::Less, _) | (_, Open::Minor) => false,
            (_, Open::Patch) => version.minor > self.version.minor,
            (_, Open::Everything) => order.is_gt(),
        }
    }

    fn reaches(&self, version: &Version, order: Ordering) -> bool {
        if self.open == Open::Nothing {
            return order.is_le();
        }
        let beyond_minor = self.same_major(version) && version.minor > self.version.minor && self.open != Open::Minor;
        version.major <= self.version.major && !beyond_minor
    }

    fn caret(&self, version: &Version, order: Ordering) -> bool {
        if order.is_lt() {
            return false;
        }
        if self.version.major > 0 || self.open == Open::Minor {
            return self.same_major(version);
        }
        if version.major > 0 {
            return false;
        }
        if self.version.minor > 0 || self.open == Open::Patch {
            return self.same_minor(version);
        }
        version.minor == 0 && version.patch == self.version.patch
    }
}

impl Operator {
    fn of(text: &str) -> Self {
        match text {
            "!=" => Self::NotEqual,
            ">" => Self::Greater,
            "<" => Self::Less,
            ">=" | "=>" => Self::GreaterEqual,
            "<=" | "=<" => Self::LessEqual,
            "~" | "~>" => Self::Tilde,
            "^" => Self::Caret,
            _ => Self::Equal,
        }
    }
}
