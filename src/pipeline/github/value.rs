//! Values of GitHub's expressions, as far as they are known for a pull request.

use super::event::Event;

/// What a condition comes to for an event, from what surely keeps it away to what surely lets it through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    /// It does not hold.
    No,
    /// A step or a variable decides it, which may have asked for the event.
    Computed,
    /// It may hold: what decides it has nothing to do with the event.
    Open,
    /// It holds.
    Yes,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// None at all.
    Null,
    /// A boolean.
    Bool(bool),
    /// A text, or a number as it is written.
    Text(String),
    /// One of these.
    OneOf(Vec<String>),
    /// A list of these.
    List(Vec<String>),
    /// A text that begins and ends so, with a number or a name between.
    Around {
        /// What it begins with.
        start: &'static str,
        /// What it ends with.
        end: &'static str,
    },
    /// A text or an object that is not empty.
    Full,
    /// Something that the event does not decide.
    Open,
    /// What a step, a job or a variable of the environment says, which may have asked for the event.
    Computed,
}

/// What only other events have: `github.event.release`.
const FOREIGN: [&str; 16] = [
    "inputs",
    "release",
    "head_commit",
    "commits",
    "ref",
    "created",
    "deleted",
    "forced",
    "compare",
    "schedule",
    "workflow_run",
    "client_payload",
    "merge_group",
    "issue",
    "comment",
    "registry_package",
];

impl Value {
    /// A value that is as true as that.
    pub(super) fn of(truth: Truth) -> Self {
        match truth {
            Truth::No => Self::Bool(false),
            Truth::Computed => Self::Computed,
            Truth::Open => Self::Open,
            Truth::Yes => Self::Bool(true),
        }
    }

    /// What is known by a name, in small letters, for an event.
    pub(super) fn named(name: &str, event: &Event) -> Self {
        let (head, rest) = name.split_once('.').unwrap_or((name, ""));
        match head {
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            "null" | "inputs" => Self::Null,
            "github" => of_github(rest, event),
            "env" => Self::Computed,
            // How a job or a step ends is no matter of the event; what it puts out may be.
            "needs" | "steps" | "jobs" if name.contains(".outputs") => Self::Computed,
            _ if name.parse::<f64>().is_ok() => Self::Text(name.to_owned()),
            _ => Self::Open,
        }
    }

    /// The text, where it is one that is known.
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn truth(&self) -> Truth {
        match self {
            Self::Null | Self::Bool(false) => Truth::No,
            Self::Text(text) if text.is_empty() || text.parse() == Ok(0.0) => Truth::No,
            Self::Bool(true) | Self::Text(_) | Self::OneOf(_) | Self::List(_) | Self::Around { .. } | Self::Full => {
                Truth::Yes
            }
            Self::Open => Truth::Open,
            Self::Computed => Truth::Computed,
        }
    }

    /// Whether two values that are not known are the same.
    pub(super) fn unsure(&self, other: &Self) -> Truth {
        if *self == Self::Computed || *other == Self::Computed { Truth::Computed } else { Truth::Open }
    }

    /// Whether two values are the same; small and capital letters are.
    pub(super) fn equals(&self, other: &Self) -> Truth {
        let (known, other) = if other.text().is_some() { (other, self) } else { (self, other) };
        match (known, other) {
            (Self::Text(left), Self::Text(right)) => sure(left.eq_ignore_ascii_case(right)),
            (Self::Text(text), Self::OneOf(all)) => match all.iter().any(|one| one.eq_ignore_ascii_case(text)) {
                true if all.len() == 1 => Truth::Yes,
                true => Truth::Open,
                false => Truth::No,
            },
            (Self::Text(text), Self::Around { start, end }) => {
                let lower = text.to_ascii_lowercase();
                let is_long = lower.len() > start.len() + end.len();
                possible(is_long && lower.starts_with(start) && lower.ends_with(end))
            }
            (Self::Text(text), Self::Null) => sure(text.is_empty()),
            (Self::Text(text), Self::Full) => possible(!text.is_empty()),
            (Self::Bool(left), Self::Bool(right)) => sure(left == right),
            (Self::Null, Self::Null) => Truth::Yes,
            (Self::Null, Self::Bool(set)) | (Self::Bool(set), Self::Null) => sure(!set),
            (Self::Null, Self::Around { .. } | Self::Full | Self::OneOf(_))
            | (Self::Around { .. } | Self::Full | Self::OneOf(_), Self::Null) => Truth::No,
            (left, right) => left.unsure(right),
        }
    }
}

/// The other way round.
pub(super) fn not(truth: Truth) -> Truth {
    match truth {
        Truth::No => Truth::Yes,
        Truth::Yes => Truth::No,
        unsure => unsure,
    }
}

fn sure(is: bool) -> Truth {
    if is { Truth::Yes } else { Truth::No }
}

fn possible(is: bool) -> Truth {
    if is { Truth::Open } else { Truth::No }
}

fn of_github(name: &str, event: &Event) -> Value {
    let (head, rest) = name.split_once('.').unwrap_or((name, ""));
    match (head, event.is_of_target()) {
        ("event_name", _) => Value::Text(event.name.clone()),
        ("ref", false) => Value::Around { start: "refs/pull/", end: "/merge" },
        ("ref", true) => Value::Around { start: "refs/heads/", end: "" },
        ("ref_name", false) => Value::Around { start: "", end: "/merge" },
        ("ref_type", _) => Value::Text("branch".to_owned()),
        ("head_ref" | "base_ref", _) => Value::Full,
        ("event", _) => of_event(rest, event),
        _ => Value::Open,
    }
}

fn of_event(name: &str, event: &Event) -> Value {
    match name {
        "action" => Value::OneOf(event.actions.clone()),
        "pull_request" | "number" | "pull_request.number" => Value::Full,
        "pull_request.merged" => Value::Bool(false),
        "pull_request.merged_at" => Value::Null,
        "pull_request.state" => Value::Text("open".to_owned()),
        _ if FOREIGN.contains(&name.split('.').next().unwrap_or_default()) => Value::Null,
        _ => Value::Open,
    }
}

/// What a function makes of values.
pub(super) fn called(name: &str, given: &[Value]) -> Value {
    match (name, given) {
        ("success" | "always", []) => Value::Bool(true),
        // Who pushes where nothing was cancelled means to push.
        ("cancelled", []) => Value::Bool(false),
        ("failure", []) => Value::Open,
        ("contains", [whole, part]) => Value::of(has(whole, part, Part::Anywhere)),
        ("startswith", [whole, part]) => Value::of(has(whole, part, Part::Start)),
        ("endswith", [whole, part]) => Value::of(has(whole, part, Part::End)),
        ("fromjson", [Value::Text(text)]) => read(text),
        ("fromjson" | "tojson" | "format" | "join" | "hashfiles", given) => {
            if given.contains(&Value::Computed) {
                Value::Computed
            } else {
                Value::Open
            }
        }
        _ => Value::Computed,
    }
}

/// Where a text is looked for in another.
#[derive(Clone, Copy)]
enum Part {
    Anywhere,
    Start,
    End,
}

impl Part {
    fn is_there(self, whole: &str, part: &str) -> bool {
        match self {
            Self::Anywhere => whole.contains(part),
            Self::Start => whole.starts_with(part),
            Self::End => whole.ends_with(part),
        }
    }
}

fn has(whole: &Value, part: &Value, place: Part) -> Truth {
    let Some(text) = part.text().map(str::to_ascii_lowercase) else { return whole.unsure(part) };
    match whole {
        Value::Text(whole) => sure(place.is_there(&whole.to_ascii_lowercase(), &text)),
        Value::List(all) => sure(all.iter().any(|one| one.eq_ignore_ascii_case(&text))),
        Value::OneOf(all) => possible(all.iter().any(|one| place.is_there(&one.to_ascii_lowercase(), &text))),
        Value::Null => sure(text.is_empty()),
        Value::Around { start, end } => around((start, end), &text, place),
        other => other.unsure(part),
    }
}

/// Whether a part is in a text of which the middle is not known.
fn around((start, end): (&str, &str), text: &str, place: Part) -> Truth {
    // Between is a number, or the name of a branch, which no kind of reference stands in.
    let is_kind = || text.starts_with("refs/") || !end.is_empty() && !text.bytes().any(|byte| byte.is_ascii_digit());
    match place {
        Part::Start if start.starts_with(text) => Truth::Yes,
        Part::Start => possible(text.starts_with(start) && !(is_kind() && start.is_empty())),
        Part::End if end.ends_with(text) => Truth::Yes,
        Part::End => possible(text.ends_with(end) && !is_kind()),
        Part::Anywhere if start.contains(text) || end.contains(text) => Truth::Yes,
        Part::Anywhere => possible(!is_kind()),
    }
}

/// The value of a text of JSON.
fn read(text: &str) -> Value {
    let word = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Bool(set)) => Value::Bool(set),
        Ok(serde_json::Value::String(text)) => Value::Text(text),
        Ok(serde_json::Value::Array(items)) => {
            items.iter().map(word).collect::<Option<_>>().map_or(Value::Open, Value::List)
        }
        _ => Value::Open,
    }
}
